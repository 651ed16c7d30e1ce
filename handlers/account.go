package handlers

import (
	"strings"

	"taphuan/app/access"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

// ownAccountData is what somebody's own account page shows.
type ownAccountData struct {
	access.AccountDetail
	Tokens   []models.Token
	Fresh    string // a token that was made just now, shown once
	Form     tokenForm
	Language string
}

type tokenForm struct {
	Name    string     `form:"name" binding:"max=120"`
	LastDay models.Day `form:"last_day"`
}

func (s *Server) ownAccountData(c *Ctx) (ownAccountData, error) {
	var d ownAccountData
	var err error
	if d.AccountDetail, err = s.access.Own(c.Ctx(), c.Actor); err != nil {
		return d, err
	}
	d.Language = c.Lang
	d.Tokens, err = s.access.Tokens(c.Ctx(), c.Actor)
	return d, err
}

// ownAccount shows one's own account: who one is in the system, language, sign-ins, tokens.
func (s *Server) ownAccount(c *Ctx) error {
	d, err := s.ownAccountData(c)
	if err != nil {
		return err
	}
	return c.Page("account/own", d)
}

// ownLanguage keeps the chosen language with the account, so that it holds on other devices too.
func (s *Server) ownLanguage(c *Ctx) error {
	lang := i18n.Lang(c.PostForm("language"))
	if err := s.access.SetLanguage(c.Ctx(), c.Actor, lang); err != nil {
		return err
	}
	c.setCookie(langCookie, lang)
	c.Lang = lang
	return c.Done("/account", "account.saved")
}

// signOutEverywhere ends all other sign-ins of one's own account.
func (s *Server) signOutEverywhere(c *Ctx) error {
	epoch, err := s.access.SignOutEverywhere(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	if err := c.goOn(epoch); err != nil {
		return err
	}
	return c.Done("/account", "account.signed_out_everywhere")
}

// tokenCreate makes a personal access token and shows it on the spot: it is kept nowhere in clear.
func (s *Server) tokenCreate(c *Ctx) error {
	var f tokenForm
	bad := c.BindForm(&f)
	var plain string
	if bad == nil {
		plain, bad = s.access.CreateToken(c.Ctx(), c.Actor, access.NewToken{Name: f.Name, LastDay: f.LastDay})
	}
	d, err := s.ownAccountData(c)
	if err != nil {
		return err
	}
	d.Form, d.Fresh = f, plain
	if bad != nil {
		return c.Invalid("account/own", d, bad)
	}
	d.Form = tokenForm{}
	return c.Page("account/own", d)
}

// tokenRevoke ends one of one's own tokens.
func (s *Server) tokenRevoke(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.access.RevokeToken(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return c.Done("/account", "account.token.revoked")
}

type accountFilterForm struct {
	Text  string `form:"q" binding:"max=200"`
	Role  string `form:"role" binding:"max=40"`
	State string `form:"state" binding:"max=40"`
	page.Ask
}

func (f accountFilterForm) filter() access.AccountFilter {
	return access.AccountFilter{Text: f.Text, Role: models.Role(f.Role), State: f.State}
}

type accountListData struct {
	*page.Page[access.AccountRow]
	ticked
	Filter accountFilterForm
	Roles  []views.Option
	May    bool // create and change
}

func (c *Ctx) roleOptions() []views.Option {
	var out []views.Option
	for _, r := range models.Roles {
		out = append(out, views.Option{Value: r, Label: c.T("role." + string(r))})
	}
	return out
}

// accountList lists the accounts in scope.
func (s *Server) accountList(c *Ctx) error {
	d, err := s.accountListData(c)
	if err != nil {
		return err
	}
	return c.Page("account/list", d)
}

func (s *Server) accountListData(c *Ctx) (accountListData, error) {
	d := accountListData{Roles: c.roleOptions(), May: c.Actor.May(access.AccountWrite)}
	err := c.bindQuery(&d.Filter)
	if err == nil {
		d.Page, err = s.access.List(c.Ctx(), c.Actor, d.Filter.filter(), d.Filter.Ask)
	}
	return d, err
}

// accountSheet gives the list of accounts as a workbook: all that the filter finds, or the ticked ones.
func (s *Server) accountSheet(c *Ctx) error {
	var f struct {
		accountFilterForm
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	filter := f.filter()
	var err error
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("account.list"), Title: c.T("account.list"), Columns: []workbook.Column{{Head: c.T("account.name")}, {Head: c.T("account.sign_in_names"), Kind: workbook.Code, Width: 30},
		{Head: c.T("account.roles"), Width: 50}, {Head: c.T("account.state.name"), Width: 18}}}
	return c.Sheet("tai-khoan", sheet, func(row workbook.Row) error {
		return s.access.Each(c.Ctx(), c.Actor, filter, f.Sort, func(rows []access.AccountRow) error {
			for _, r := range rows {
				names, roles := make([]string, len(r.SignInNames)), make([]string, len(r.Grants))
				for i, n := range r.SignInNames {
					names[i] = n.Name
				}
				for i, g := range r.Grants {
					if roles[i] = c.T("role." + string(g.Role)); g.Organisation != "" {
						roles[i] += ": " + g.Organisation
					}
				}
				state := "active"
				if r.Disabled {
					state = "disabled"
				} else if r.PasswordHash == "" {
					state = "no_password"
				}
				if err := row(r.Name, strings.Join(names, ", "), strings.Join(roles, "; "), c.T("account.state."+state)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type accountForm struct {
	Name     string   `form:"name" binding:"max=200"`
	SignIn   []string `form:"sign_in" binding:"max=10,dive,max=190"`
	CadreID  uint64   `form:"cadre_id"`
	Role     string   `form:"role" binding:"max=40"`
	Org      uint64   `form:"org"`
	Language string   `form:"language" binding:"max=2"`
}

type accountNewData struct {
	Form  accountForm
	Roles []views.Option
	Orgs  []views.Option
}

func (s *Server) accountNewData(c *Ctx, f accountForm) (accountNewData, error) {
	orgs, err := s.organisationOptions(c, access.AccountWrite)
	return accountNewData{Form: f, Roles: c.roleOptions(), Orgs: orgs}, err
}

// organisationOptions are the organisations that exist today as far as the permission reaches, as a tree for a field of type org.
func (s *Server) organisationOptions(c *Ctx, p access.Permission) ([]views.Option, error) {
	list, err := s.roster.Organisations(c.Ctx(), c.Actor, p, c.Today())
	if err != nil {
		return nil, err
	}
	out := make([]views.Option, len(list))
	for i, o := range list {
		out[i] = views.Option{Value: o.ID, Label: o.Name, Depth: o.Depth - list[0].Depth}
	}
	return out, nil
}

// accountNew shows the form for an account.
func (s *Server) accountNew(c *Ctx) error {
	var f accountForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	d, err := s.accountNewData(c, f)
	if err != nil {
		return err
	}
	return c.Page("account/new", d)
}

// accountCreate makes an account with its first role; the password comes by slip.
func (s *Server) accountCreate(c *Ctx) error {
	var f accountForm
	bad := c.BindForm(&f)
	var id uint64
	if bad == nil {
		id, bad = s.access.Create(c.Ctx(), c.Actor, access.NewAccount{Name: f.Name, SignInNames: f.SignIn, CadreID: f.CadreID, Language: f.Language,
			Role: models.Role(f.Role), OrganisationID: f.Org})
	}
	if bad != nil {
		d, err := s.accountNewData(c, f)
		if err != nil {
			return err
		}
		return c.Invalid("account/new", d, bad)
	}
	return c.Done(accountPath(id), "account.created")
}

type accountShowData struct {
	access.AccountDetail
	Form  accountForm
	Roles []views.Option
	Orgs  []views.Option
	May   bool // change
	Slip  bool // make a slip
	Self  bool
}

func (s *Server) accountShowData(c *Ctx) (accountShowData, error) {
	var d accountShowData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.AccountDetail, err = s.access.Get(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	d.May, d.Self = c.Actor.May(access.AccountWrite), id == c.Actor.AccountID
	d.Slip = c.Actor.May(access.AccountSlip) && !d.Beyond && !d.Disabled
	d.Form = accountForm{Name: d.Name, Language: d.Language}
	for _, n := range d.SignInNames {
		d.Form.SignIn = append(d.Form.SignIn, n.Name)
	}
	if d.May {
		d.Roles = c.roleOptions()
		d.Orgs, err = s.organisationOptions(c, access.AccountWrite)
	}
	return d, err
}

// accountShow shows an account in scope.
func (s *Server) accountShow(c *Ctx) error {
	d, err := s.accountShowData(c)
	if err != nil {
		return err
	}
	return c.Page("account/show", d)
}

// accountChange runs a change of the account in the path and shows its page again, with the refusal or with the message.
func (s *Server) accountChange(c *Ctx, message string, f *accountForm, change func(id uint64) error) error {
	d, err := s.accountShowData(c)
	if err != nil {
		return err
	}
	var bad error
	if f != nil {
		bad = c.BindForm(f)
	}
	if bad == nil {
		bad = change(d.ID)
	}
	if bad != nil {
		if f != nil {
			if f.Name == "" {
				f.Name = d.Form.Name
			}
			if len(f.SignIn) == 0 {
				f.SignIn = d.Form.SignIn
			}
			d.Form = *f
		}
		return c.Invalid("account/show", d, bad)
	}
	return c.Done(accountPath(d.ID), message)
}

// accountUpdate changes name, sign-in names and language.
func (s *Server) accountUpdate(c *Ctx) error {
	var f accountForm
	return s.accountChange(c, "account.saved", &f, func(id uint64) error {
		return s.access.Update(c.Ctx(), c.Actor, id, access.AccountChange{Name: &f.Name, SignInNames: &f.SignIn, Language: &f.Language})
	})
}

func (s *Server) accountSetDisabled(c *Ctx, disabled bool, message string) error {
	return s.accountChange(c, message, nil, func(id uint64) error {
		return s.access.Update(c.Ctx(), c.Actor, id, access.AccountChange{Disabled: &disabled})
	})
}

// accountDisable ends an account's sign-ins and lets it in no more.
func (s *Server) accountDisable(c *Ctx) error {
	return s.accountSetDisabled(c, true, "account.disabled_done")
}

// accountEnable lets an account in again.
func (s *Server) accountEnable(c *Ctx) error {
	return s.accountSetDisabled(c, false, "account.enabled_done")
}

// accountGrant gives an account a role.
func (s *Server) accountGrant(c *Ctx) error {
	var f accountForm
	return s.accountChange(c, "account.saved", &f, func(id uint64) error {
		return s.access.Grant(c.Ctx(), c.Actor, id, models.Role(f.Role), f.Org)
	})
}

// accountRevoke takes a role from an account.
func (s *Server) accountRevoke(c *Ctx) error {
	grant, err := c.ID("grant")
	if err != nil {
		return err
	}
	return s.accountChange(c, "account.saved", nil, func(id uint64) error {
		return s.access.Revoke(c.Ctx(), c.Actor, id, grant)
	})
}
