package planning

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// CopyInput is a new plan that is made from another.
type CopyInput struct {
	From     string // code of the plan that is copied
	Code     string
	NameVi   string
	NameEn   string
	Decision string
	Root     string     // code of the organisation whose tree it covers
	First    models.Day // of the period
	Last     models.Day // of the period, included
	Carry    bool       // who is in a group of the old plan, and what was declared of it, holds in the group of the same code
}

// Bounds of a new plan.
const (
	maxCode   = 40
	maxName   = 300
	maxShort  = 200
	maxTopic  = 1000
	maxYears  = 10
	firstYear = 2000
	lastYear  = 2100
)

var codePattern = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]*$`)

func (in *CopyInput) check() errs.Fields {
	in.Code, in.NameVi, in.NameEn, in.Decision = strings.ToUpper(strings.TrimSpace(in.Code)), viet.NFC(in.NameVi), viet.NFC(in.NameEn), viet.NFC(in.Decision)
	var f errs.Fields
	switch {
	case in.Code == "":
		f.Add("code", "required")
	case len(in.Code) > maxCode || !codePattern.MatchString(in.Code):
		f.Add("code", "plan_code")
	}
	for _, x := range []struct {
		name, text string
		required   bool
		most       int
	}{{"name_vi", in.NameVi, true, maxName}, {"name_en", in.NameEn, false, maxName}, {"decision", in.Decision, false, maxShort}} {
		if x.required && x.text == "" {
			f.Add(x.name, "required")
		}
		if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.name, "too_long", errs.Params{"n": x.most})
		}
	}
	checkPeriod(&f, in.First, in.Last)
	return f
}

// checkPeriod refuses a period that a plan cannot have, both days included.
func checkPeriod(f *errs.Fields, first, last models.Day) {
	sane := true
	for _, x := range []struct {
		name string
		day  models.Day
	}{{"first", first}, {"last", last}} {
		if x.day == 0 {
			f.Add(x.name, "required")
			sane = false
		} else if y := x.day.Year(); y < firstYear || y > lastYear {
			f.Add(x.name, "plan_years", errs.Params{"from": strconv.Itoa(firstYear), "to": strconv.Itoa(lastYear)})
			sane = false
		}
	}
	months := maxYears * 12
	switch {
	case !sane:
	case last < first:
		f.Add("last", "plan_period")
	case last >= plan.Expiry(first, &months):
		f.Add("last", "plan_period_long", errs.Params{"n": maxYears})
	}
}

// Copy makes a plan from another: its components, groups with their levels and where they are expected, course types and topics, under a code, a
// name, a period and a root of its own. Periods may overlap: plans stand side by side. With Carry whoever is in a group, and what was declared of
// it, counts in the new plan too. It refuses what is missing or no code ("plan_code"), a code that a plan has ("plan_code_taken"), a last day
// before the first ("plan_period"), years that no plan is of ("plan_years"), more than ten ("plan_period_long"), a root that is none ("organisation_unknown") or not there in
// the period ("plan_root_period"), and an unknown plan with not_found.
func (s *Service) Copy(ctx context.Context, actor access.Actor, in CopyInput) (uint64, error) {
	f := in.check()
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		f := f
		var of models.Plan
		err := tx.Scopes(store.Code("code", in.From)).Take(&of).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("plan")
		}
		if err != nil {
			return 0, err
		}
		old, err := plan.OfID(ctx, tx.DB, of.ID)
		if err != nil {
			return 0, err
		}
		var root models.Organisation
		err = tx.Scopes(store.Code("code", in.Root)).Take(&root).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			f.Add("root", "organisation_unknown")
		case err != nil:
			return 0, err
		case in.First != 0 && in.Last != 0 && (root.ToDay <= in.First || root.FromDay > in.Last):
			f.Add("root", "plan_root_period", errs.Params{"name": root.Name})
		}
		var n int64
		if err := tx.Model(&models.Plan{}).Scopes(store.Code("code", in.Code)).Count(&n).Error; err != nil {
			return 0, err
		}
		if n > 0 {
			f.Add("code", "plan_code_taken")
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		p := models.Plan{Code: in.Code, NameVi: in.NameVi, NameEn: in.NameEn, Decision: in.Decision, RootID: root.ID, FromDay: in.First, ToDay: in.Last + 1,
			ReportMonth: old.ReportMonth, ReportDay: old.ReportDay}
		if err := leadOf(tx, old.LeadID, root, &p); err != nil {
			return 0, err
		}
		if err := tx.Create(&p).Error; err != nil {
			return 0, err
		}
		if err := copyParts(tx, old, p.ID); err != nil {
			return 0, err
		}
		if in.Carry {
			if err := carry(tx, old.ID, p); err != nil {
				return 0, err
			}
		}
		if err := s.rebuild(tx, p.ID); err != nil {
			return 0, err
		}
		return p.ID, tx.Audit("plan.create", "plan", p.ID, map[string]any{"plan": p.Code, "from": old.Code, "root": root.Code, "first": in.First, "last": in.Last, "carry": in.Carry})
	})
}

// leadOf keeps the lead of the old plan where it lies in the tree of the new one.
func leadOf(tx *store.Tx, lead *uint64, root models.Organisation, p *models.Plan) error {
	if lead == nil {
		return nil
	}
	var o models.Organisation
	if err := tx.Take(&o, *lead).Error; err != nil {
		return err
	}
	if strings.HasPrefix(o.Path, root.Path) {
		p.LeadID = lead
	}
	return nil
}

// copyParts writes what hangs on a plan for another one.
func copyParts(tx *store.Tx, old *plan.Plan, id uint64) error {
	var rows []any
	for _, c := range old.Components {
		c.PlanID = id
		rows = append(rows, &c)
	}
	for _, row := range rows {
		if err := tx.Create(row).Error; err != nil {
			return err
		}
	}
	for _, g := range old.Groups {
		was := g.ID
		g.ID, g.PlanID = 0, id
		if err := tx.Create(&g).Error; err != nil {
			return err
		}
		for _, l := range old.Levels {
			if l.GroupID == was {
				l.GroupID = g.ID
				if err := tx.Create(&l).Error; err != nil {
					return err
				}
			}
		}
		for _, e := range old.Expected {
			if e.GroupID == was {
				e.GroupID = g.ID
				if err := tx.Create(&e).Error; err != nil {
					return err
				}
			}
		}
	}
	for _, t := range old.CourseTypes {
		components := old.TypeComponents[t.ID]
		t.ID, t.PlanID = 0, id
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		for _, c := range components {
			if err := tx.Create(&models.CourseTypeComponent{CourseTypeID: t.ID, Component: c}).Error; err != nil {
				return err
			}
		}
	}
	return copyTopics(tx, old.Topics, id)
}

// copyTopics writes topics; parents stand before their parts.
func copyTopics(tx *store.Tx, topics []models.Topic, id uint64) error {
	fresh := map[uint64]uint64{}
	for len(fresh) < len(topics) {
		wrote := len(fresh)
		for _, t := range topics {
			was := t.ID
			if fresh[was] != 0 || t.ParentID != nil && fresh[*t.ParentID] == 0 {
				continue
			}
			if t.ParentID != nil {
				t.ParentID = new(fresh[*t.ParentID])
			}
			t.ID, t.PlanID = 0, id
			if err := tx.Create(&t).Error; err != nil {
				return err
			}
			fresh[was] = t.ID
		}
		if len(fresh) == wrote {
			return errs.Internal("topics", errors.New("a topic's parent is none of the plan's"))
		}
	}
	return nil
}

// carry lets postings of the new plan's period, and declarations, that name a group of the old plan name the new one's of the same code too.
func carry(tx *store.Tx, old uint64, p models.Plan) error {
	const groups = " JOIN target_groups og ON og.id = x.group_id AND og.plan_id = ? JOIN target_groups ng ON ng.plan_id = ? AND ng.code = og.code"
	err := tx.Exec("INSERT INTO posting_groups (posting_id, group_id) SELECT x.posting_id, ng.id FROM posting_groups x"+groups+
		" JOIN postings p ON p.id = x.posting_id WHERE p.to_day > ? AND p.from_day < ?", old, p.ID, p.FromDay, p.ToDay).Error
	if err != nil {
		return err
	}
	return tx.Exec("INSERT INTO headcounts (organisation_id, group_id, effective_day, declared, covered, account_id, created_at)"+
		" SELECT x.organisation_id, ng.id, x.effective_day, x.declared, x.covered, x.account_id, x.created_at FROM headcounts x"+groups+
		" WHERE x.effective_day < ? ORDER BY x.id", old, p.ID, p.ToDay).Error
}
