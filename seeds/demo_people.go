package seeds

import (
	"context"
	"fmt"

	"taphuan/app/access"
	"taphuan/app/roster"
	"taphuan/models"
)

// DemoPassword is the password of all accounts of the demonstration that have one.
const DemoPassword = "thac-ban-gioc"

// DemoAccount is an account of the demonstration.
type DemoAccount struct {
	SignIn       string
	Role         models.Role
	Name         string
	Organisation string // code: what a head heads, or the cadre's office
	Look         string // what to look at first, in English
}

// DemoAccounts are the accounts that visitors sign in with, all under DemoPassword.
var DemoAccounts = []DemoAccount{
	{"giangvien", models.RoleTrainer, "Nông Thị Bích Vân", "", "today's session: mark attendance, best on a phone"},
	{"thutruong", models.RoleHead, "Đàm Quốc Khánh", "SO-TP", "coverage of the Department of Justice, and who is missing"},
	{"canbo", models.RoleCadre, "", "SO-TP", "a cadre's classes and certificates to download"},
	{"dieuphoi", models.RoleCoordinator, "Hoàng Thị Mai Hương", "", "the province: coverage, an import to confirm, a class to close"},
	{"chutich", models.RoleHead, "Lương Văn Tuyên", "X-DAMTHUY", "a commune: nominates its people, declares its headcount"},
	{"thuky", models.RoleClerk, "Bế Thị Hồng Nhung", "", "the same session from the registration desk"},
	{"quantri", models.RoleAdministrator, "Triệu Minh Đức", "", "accounts, settings, issuers, the audit"},
}

// extras are accounts without a password: they teach, keep lists and head offices, and make the lists look like a province's.
var extras = []DemoAccount{
	{"khanh.nq", models.RoleTrainer, "Nguyễn Quốc Khánh", "", ""},
	{"lien.ht", models.RoleTrainer, "Hà Thị Liên", "", ""},
	{"tung.lx", models.RoleTrainer, "Lý Xuân Tùng", "", ""},
	{"hien.dt", models.RoleTrainer, "Đinh Thị Hiền", "", ""},
	{"giang.mt", models.RoleClerk, "Mã Trường Giang", "", ""},
	{"yen.vh", models.RoleClerk, "Vi Hải Yến", "", ""},
	{"thuy.nt", models.RoleCoordinator, "Nguyễn Thị Thúy", "", ""},
	{"dao.lt", models.RoleHead, "Lục Thị Đào", "HLHPN", ""},
	{"bao.ht", models.RoleHead, "Hứa Thế Bảo", "SO-YT", ""},
	{"son.td", models.RoleHead, "Tô Đình Sơn", "MTTQ", ""},
	{"chien.nv", models.RoleHead, "Nông Văn Chiến", "X-TRUNGKHANH", ""},
	{"nga.ht", models.RoleHead, "Hoàng Thị Nga", "X-THUCPHAN", ""},
	{"hung.bv", models.RoleHead, "Bế Văn Hùng", "BAO-PTTH", ""},
}

// openAccounts makes everybody's account but the cadre's own, which follows when the cadre is on the roster.
func (w *world) openAccounts(ctx context.Context) error {
	for _, list := range [][]DemoAccount{DemoAccounts, extras} {
		for _, a := range list {
			if a.Role == models.RoleCadre {
				continue
			}
			if err := w.openAccount(ctx, a, 0, a.Look != ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) openAccount(ctx context.Context, a DemoAccount, cadre uint64, withPassword bool) error {
	in := access.NewAccount{Name: a.Name, SignInNames: []string{a.SignIn}, CadreID: cadre, Role: a.Role}
	if withPassword {
		in.Password = DemoPassword
	}
	if a.Role == models.RoleHead {
		in.OrganisationID = w.orgs[a.Organisation].ID
	}
	id, err := w.access.Create(ctx, access.System(), in)
	if err != nil {
		return fmt.Errorf("account %s: %w", a.SignIn, err)
	}
	who, err := w.access.Load(ctx, id, 0)
	if err != nil {
		return fmt.Errorf("account %s: %w", a.SignIn, err)
	}
	w.actors[a.SignIn] = who.Actor
	return nil
}

// openCadre gives the first cadre of the office, by name, the cadre's account.
func (w *world) openCadre(ctx context.Context) error {
	for _, a := range DemoAccounts {
		if a.Role != models.RoleCadre {
			continue
		}
		var c models.Cadre
		err := w.db.Read(ctx).Joins("JOIN postings ON postings.cadre_id = cadres.id").Where("postings.organisation_id = ?", w.orgs[a.Organisation].ID).
			Order("cadres.sort_key").Take(&c).Error
		if err != nil {
			return fmt.Errorf("account %s: %w", a.SignIn, err)
		}
		w.star = c.ID
		if err := w.openAccount(ctx, a, c.ID, true); err != nil {
			return err
		}
	}
	return nil
}

// declarations are the rounds in which offices declared their headcounts.
var declarations = []struct {
	effective, came string
	level           models.Level
	groups          []string
}{
	{"2024-01-01", "2024-01-15", models.LevelDistrict, []string{"QCN", "TTTT", "CTXH"}},
	{"2025-07-01", "2025-07-15", models.LevelCommune, []string{"CTXH"}},
	{"2026-01-01", "2025-12-24", models.LevelProvince, []string{"QCN", "TTTT", "TTDN", "CTXH"}},
	{"2026-01-01", "2025-12-25", models.LevelCommune, []string{"QCN", "TTTT"}},
}

// declare lets offices say how many people they have, at three dates: most say what their list says, some more, some nothing.
func (w *world) declare(ctx context.Context, day models.Day, level models.Level, groups ...string) error {
	listed, err := w.onRoster(ctx, day)
	if err != nil {
		return err
	}
	var all []roster.HeadcountInput
	for _, o := range w.inOrder {
		if o.Level != level || o.Kind.IsTotal() || !o.ExistsOn(day) {
			continue
		}
		for _, code := range groups {
			g := w.plan.GroupByCode(code)
			if g == nil || !w.expected(g.ID, o, day) || !w.plan.GroupAllowed(g.ID, o.Level, day) {
				continue
			}
			r := chance("headcount", o.Code, code)
			have := listed[[2]uint64{o.ID, g.ID}]
			n := have
			switch x := r.Float64(); {
			case x < 0.12:
				continue // says nothing
			case x < 0.30:
				n = have + 1 + r.IntN(2) // more than the list names
			}
			if have == 0 {
				if r.Float64() < 0.7 {
					continue
				}
				n = 2 + r.IntN(3)
			}
			all = append(all, roster.HeadcountInput{Organisation: o.Code, Group: code, Effective: day, Declared: &n})
		}
	}
	return w.roster.DeclareHeadcounts(ctx, w.actors["dieuphoi"], all)
}

func (w *world) expected(group uint64, o models.Organisation, day models.Day) bool {
	for _, e := range w.plan.Expected {
		if e.GroupID == group && e.Kind == o.Kind && e.Level == o.Level && e.FromDay <= day && day < e.ToDay {
			return true
		}
	}
	return false
}

// onRoster counts who stands on each organisation's roster with each group on a day.
func (w *world) onRoster(ctx context.Context, day models.Day) (map[[2]uint64]int, error) {
	var rows []struct {
		OrganisationID, GroupID uint64
		N                       int
	}
	err := w.db.Read(ctx).Model(&models.Posting{}).Joins("JOIN posting_groups ON posting_groups.posting_id = postings.id").
		Where("postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, day, day).
		Group("postings.organisation_id, posting_groups.group_id").Select("postings.organisation_id, posting_groups.group_id, COUNT(*) AS n").Scan(&rows).Error
	out := make(map[[2]uint64]int, len(rows))
	for _, r := range rows {
		out[[2]uint64{r.OrganisationID, r.GroupID}] = r.N
	}
	return out, err
}
