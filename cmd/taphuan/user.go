package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Make an account or give an existing one another role; prints a one-time password for a new one."`
	List     userListCmd     `cmd:"" help:"List the accounts."`
	Password userPasswordCmd `cmd:"" help:"Set a new password: prints a one-time one that must be changed."`
}

// accounts opens the database and the service of accounts; the caller closes the database.
func (p *program) accounts() (*store.DB, *access.Service, error) {
	db, err := p.ready()
	if err != nil {
		return nil, nil, err
	}
	keys, err := p.keys(db)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, &access.Service{DB: db, Keys: keys}, nil
}

// roleNames are the roles as the shell names them.
var roleNames = map[string]models.Role{"admin": models.RoleAdministrator, "administrator": models.RoleAdministrator, "coordinator": models.RoleCoordinator,
	"head": models.RoleHead, "trainer": models.RoleTrainer, "clerk": models.RoleClerk, "cadre": models.RoleCadre}

type userAddCmd struct {
	Name          string `arg:"" help:"Sign-in name: a mobile number, an e-mail or a given name such as hung.nv."`
	Role          string `required:"" enum:"admin,administrator,coordinator,head,trainer,clerk,cadre" help:"admin, coordinator, head, trainer, clerk or cadre."`
	Org           string `help:"Code of the organisation that a head heads."`
	Cadre         uint64 `help:"Id of the cadre whose account it is."`
	FullName      string `help:"Name that pages show (the cadre's, or else the sign-in name)."`
	PasswordStdin bool   `help:"Read a final password from standard input, instead of printing a one-time one."`
}

func (c *userAddCmd) Run(p *program) (err error) {
	password, err := readPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	db, accounts, err := p.accounts()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	role := roleNames[c.Role]
	var org models.Organisation
	if c.Org != "" {
		if err := db.Read(p.ctx).Scopes(store.Code("code", c.Org)).Limit(1).Find(&org).Error; err != nil {
			return err
		}
		if org.ID == 0 {
			return errs.OnField("org", "organisation_unknown")
		}
	}
	a, err := accounts.Find(p.ctx, c.Name)
	made := errs.Is(err, "not_found")
	switch {
	case made:
		full := c.FullName
		if full == "" && c.Cadre == 0 {
			full = c.Name
		}
		if a.ID, err = accounts.Create(p.ctx, access.System(), access.NewAccount{Name: full, SignInNames: []string{c.Name}, CadreID: c.Cadre, Role: role, OrganisationID: org.ID}); err != nil {
			return err
		}
	case err != nil:
		return err
	case c.Cadre != 0 && (a.CadreID == nil || *a.CadreID != c.Cadre):
		return errs.OnField("cadre", "account_of_another_cadre", errs.Params{"name": c.Name})
	}
	if err := accounts.Grant(p.ctx, access.System(), a.ID, role, org.ID); err != nil {
		return err
	}
	if !made && password == "" {
		fmt.Printf("%s has the role %s\n", c.Name, role)
		return nil
	}
	return setPassword(p, accounts, a.ID, c.Name, password)
}

// setPassword sets the password, or a one-time one that it prints where there is none.
func setPassword(p *program, accounts *access.Service, id uint64, name, password string) error {
	once, err := accounts.ResetPassword(p.ctx, access.System(), id, password)
	if err != nil {
		return err
	}
	if password == "" {
		fmt.Printf("%s signs in once with: %s\n", name, once)
		return nil
	}
	if err := accounts.WeakPassword(p.ctx, id, password); err != nil {
		var e *errs.Error
		if errors.As(err, &e) && len(e.Fields) > 0 {
			fmt.Fprintf(os.Stderr, "taphuan: warning: the password of %s is weak (%s)\n", name, e.Fields[0].Code)
		}
	}
	fmt.Printf("%s signs in with the password given\n", name)
	return nil
}

// readPassword reads one line from standard input where it is wanted; it refuses an empty one.
func readPassword(wanted bool) (string, error) {
	if !wanted {
		return "", nil
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errs.OnField("password", "required")
	}
	return line, nil
}

type userListCmd struct {
	Search string `help:"A piece of a name."`
}

func (c *userListCmd) Run(p *program) (err error) {
	db, accounts, err := p.accounts()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSIGN-IN NAMES\tNAME\tROLES\tSTATE")
	err = accounts.Each(p.ctx, access.System(), access.AccountFilter{Text: c.Search}, "", func(rows []access.AccountRow) error {
		for _, r := range rows {
			var names, roles []string
			for _, n := range r.SignInNames {
				names = append(names, n.Name)
			}
			for _, g := range r.Grants {
				role := string(g.Role)
				if g.Organisation != "" {
					role += " (" + g.Organisation + ")"
				}
				roles = append(roles, role)
			}
			state := "active"
			switch {
			case r.Disabled:
				state = "disabled"
			case r.PasswordHash == "":
				state = "no password"
			case r.MustChange:
				state = "one-time password"
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", r.ID, strings.Join(names, ", "), r.Name, strings.Join(roles, ", "), state)
		}
		return nil
	})
	return errors.Join(err, w.Flush())
}

type userPasswordCmd struct {
	Name          string `arg:"" help:"Sign-in name, or #ID."`
	PasswordStdin bool   `help:"Read a final password from standard input, instead of printing a one-time one."`
}

func (c *userPasswordCmd) Run(p *program) (err error) {
	password, err := readPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	db, accounts, err := p.accounts()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a, err := accounts.Find(p.ctx, c.Name)
	if err != nil {
		return err
	}
	return setPassword(p, accounts, a.ID, c.Name, password)
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a personal access token for the API and print it."`
}

type tokenCreateCmd struct {
	User string `required:"" help:"Sign-in name, or #ID."`
	Name string `help:"What the token is for." default:"command line"`
	Days int    `help:"Days until it ends; 0: it works until it is revoked." default:"0"`
}

func (c *tokenCreateCmd) Run(p *program) (err error) {
	db, accounts, err := p.accounts()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a, err := accounts.Find(p.ctx, c.User)
	if err != nil {
		return err
	}
	if c.Days < 0 {
		return errs.OnField("days", "number_least", errs.Params{"n": 0})
	}
	in := access.NewToken{For: a.ID, Name: c.Name}
	if c.Days > 0 {
		in.LastDay = models.DayOf(db.Time()).AddDays(c.Days)
	}
	token, err := accounts.CreateToken(p.ctx, access.System(), in)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}
