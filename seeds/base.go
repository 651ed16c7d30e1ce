// Package seeds holds the data that every system starts with (base) and an invented province for trying it out (demo).
package seeds

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"taphuan/app/ledger"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

//go:embed base/plan.toml base/organisations.csv base/areas.csv
var baseFiles embed.FS

type planFile struct {
	Code, Decision, Root, Lead string
	Seat                       string // the area of the offices of the province
	From, To                   string
	ReportMonth                int `toml:"report_month"`
	ReportDay                  int `toml:"report_day"`
	Components                 []named
	Groups                     []groupFile
	CourseTypes                []typeFile `toml:"course_types"`
	Topics                     []topicFile
	names
}

type names struct {
	Vi string `toml:"name_vi"`
	En string `toml:"name_en"`
}

type named struct {
	Code string
	names
}

type levelFile struct{ Kind, Level, From, To string }

type groupFile struct {
	named
	ShortVi  string `toml:"short_vi"`
	ShortEn  string `toml:"short_en"`
	Target   int
	Aliases  []string
	Levels   []levelFile
	Expected []levelFile
}

type typeFile struct {
	named
	Components []string
}

type topicFile struct {
	named
	Parts []named
}

// Base writes the plan, its groups, topics and course types, and the organisation tree with lifetimes and successors.
// What is there already (by code) is left as it is, and the plan where there is any, so that running it twice changes nothing. It gives how many
// records it added.
func Base(ctx context.Context, db *store.DB) (added int, err error) {
	var p planFile
	b, err := baseFiles.ReadFile("base/plan.toml")
	if err != nil {
		return 0, err
	}
	if err := toml.Unmarshal(b, &p); err != nil {
		return 0, fmt.Errorf("base/plan.toml: %w", err)
	}
	orgs, err := rowsOf("base/organisations.csv")
	if err != nil {
		return 0, err
	}
	places, err := rowsOf("base/areas.csv")
	if err != nil {
		return 0, err
	}
	_, err = db.Write(ctx, store.By{Action: "seed"}, func(tx *store.Tx) (uint64, error) {
		added = 0
		n, err := seedOrganisations(tx, orgs)
		if err != nil {
			return 0, err
		}
		if err := seedAreas(tx, p.Seat); err != nil {
			return 0, err
		}
		if err := seedPlaces(tx, places); err != nil {
			return 0, err
		}
		m, err := seedPlan(tx, p)
		if err != nil {
			return 0, err
		}
		k, err := template.Seed(tx)
		added = n + m + k
		return 0, err
	})
	if err != nil {
		return 0, err
	}
	_, err = ledger.Ensure(ctx, db)
	return added, err
}

// rowsOf reads a table of the base data: each row by the names in the first.
func rowsOf(file string) ([]map[string]string, error) {
	b, err := baseFiles.ReadFile(file)
	if err != nil {
		return nil, err
	}
	recs, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var out []map[string]string
	for _, r := range recs[1:] {
		m := map[string]string{}
		for i, h := range recs[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out, nil
}

func seedOrganisations(tx *store.Tx, rows []map[string]string) (added int, err error) {
	known := map[string]models.Organisation{}
	var all []models.Organisation
	if err := tx.Find(&all).Error; err != nil {
		return 0, err
	}
	for _, o := range all {
		known[o.Code] = o
	}
	isNew := map[string]bool{}
	for _, r := range rows {
		if _, ok := known[r["code"]]; ok {
			continue
		}
		o := models.Organisation{Code: r["code"], Name: r["name"], Kind: models.Kind(r["kind"]), Level: models.Level(r["level"]), Note: r["note"]}
		if o.FromDay, o.ToDay, err = lifetime(r["from"], r["to"]); err != nil {
			return 0, fmt.Errorf("organisation %s: %w", o.Code, err)
		}
		var parent *models.Organisation
		if r["parent"] != "" {
			x, ok := known[r["parent"]]
			if !ok {
				return 0, fmt.Errorf("organisation %s: parent %s stands below it or nowhere", o.Code, r["parent"])
			}
			parent = &x
		}
		if err := roster.AddOrganisation(tx, &o, parent); err != nil {
			return 0, fmt.Errorf("organisation %s: %w", o.Code, err)
		}
		known[o.Code], isNew[o.Code] = o, true
		added++
	}
	for _, r := range rows {
		if !isNew[r["code"]] || r["successors"] == "" {
			continue
		}
		for _, s := range strings.Split(r["successors"], "|") {
			to, ok := known[s]
			if !ok {
				return 0, fmt.Errorf("organisation %s: no successor %s", r["code"], s)
			}
			if err := tx.Create(&models.OrganisationSuccessor{OrganisationID: known[r["code"]].ID, SuccessorID: to.ID}).Error; err != nil {
				return 0, err
			}
		}
	}
	return added, nil
}

// seedAreas says where the offices lie that do not know it yet: a district's in the district, a commune in the one that it
// was formed from, the province's at the seat.
func seedAreas(tx *store.Tx, seat string) error {
	totals := models.Totals
	for _, rule := range []string{
		"SELECT d.id FROM organisations d WHERE d.id = o.parent_id AND d.kind = 'district'",
		"SELECT MIN(d.id) FROM organisation_successors s JOIN organisations d ON d.id = s.organisation_id AND d.kind = 'district' WHERE s.successor_id = o.id",
		"SELECT d.id FROM organisations d WHERE d.code = ? AND o.level = 'province'",
	} {
		q := tx.Table("organisations AS o").Where("o.area_id IS NULL AND o.kind NOT IN ?", totals)
		args := []any{seat}[:strings.Count(rule, "?")]
		var found []struct{ ID, Area *uint64 }
		if err := q.Select("o.id, ("+rule+") AS area", args...).Scan(&found).Error; err != nil {
			return err
		}
		in := map[uint64][]uint64{}
		for _, f := range found {
			if f.Area != nil {
				in[*f.Area] = append(in[*f.Area], *f.ID)
			}
		}
		for area, ids := range in {
			if err := tx.Model(&models.Organisation{}).Where("id IN ?", ids).UpdateColumn("area_id", area).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// seedPlaces says about where the towns of the areas lie, of those of which nobody has said it.
func seedPlaces(tx *store.Tx, rows []map[string]string) error {
	for _, r := range rows {
		var at models.Place
		if _, err := fmt.Sscan(r["latitude"], &at.Latitude); err != nil {
			return fmt.Errorf("place of %s: %w", r["code"], err)
		}
		if _, err := fmt.Sscan(r["longitude"], &at.Longitude); err != nil {
			return fmt.Errorf("place of %s: %w", r["code"], err)
		}
		err := tx.Model(&models.Organisation{}).Where("code = ? AND latitude IS NULL AND longitude IS NULL", r["code"]).
			UpdateColumns(map[string]any{"latitude": at.Latitude, "longitude": at.Longitude}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// lifetime reads a from and a to; an empty from is the first day there is a record of (the year 1900), an empty to Forever.
func lifetime(from, to string) (models.Day, models.Day, error) {
	f, err := models.ParseDay(from)
	if err != nil {
		return 0, 0, err
	}
	t, err := models.ParseDay(to)
	if err != nil {
		return 0, 0, err
	}
	if f == 0 {
		f = models.MustDay("1900-01-01")
	}
	if t == 0 {
		t = models.Forever
	}
	return f, t, nil
}

func seedPlan(tx *store.Tx, p planFile) (added int, err error) {
	var plans int64
	if err := tx.Model(&models.Plan{}).Count(&plans).Error; err != nil || plans > 0 {
		return 0, err // a plan is seeded as a whole, and does not come back where it was deleted beside another
	}
	var root, lead models.Organisation
	if err := tx.Where("code = ?", p.Root).Take(&root).Error; err != nil {
		return 0, fmt.Errorf("plan root %s: %w", p.Root, err)
	}
	if err := tx.Where("code = ?", p.Lead).Take(&lead).Error; err != nil {
		return 0, fmt.Errorf("plan lead %s: %w", p.Lead, err)
	}
	plan := models.Plan{Code: p.Code, NameVi: p.Vi, NameEn: p.En, Decision: p.Decision, RootID: root.ID, LeadID: &lead.ID,
		ReportMonth: p.ReportMonth, ReportDay: p.ReportDay}
	if plan.FromDay, plan.ToDay, err = lifetime(p.From, p.To); err != nil {
		return 0, err
	}
	create := func(v any) error {
		added++
		return tx.Create(v).Error
	}
	if err := create(&plan); err != nil {
		return 0, err
	}
	for i, c := range p.Components {
		if err := create(&models.PlanComponent{PlanID: plan.ID, Component: models.Component(c.Code), NameVi: c.Vi, NameEn: c.En, Position: i + 1}); err != nil {
			return 0, err
		}
	}
	for i, g := range p.Groups {
		row := models.TargetGroup{PlanID: plan.ID, Code: g.Code, NameVi: g.Vi, NameEn: g.En, ShortVi: g.ShortVi, ShortEn: g.ShortEn,
			TargetPercent: g.Target, Position: i + 1, Aliases: strings.Join(g.Aliases, "\n")}
		if err := create(&row); err != nil {
			return 0, err
		}
		for _, l := range g.Levels {
			from, to, err := lifetime(l.From, l.To)
			if err != nil {
				return 0, err
			}
			if err := create(&models.TargetGroupLevel{GroupID: row.ID, Level: models.Level(l.Level), FromDay: from, ToDay: to}); err != nil {
				return 0, err
			}
		}
		for _, l := range g.Expected {
			from, to, err := lifetime(l.From, l.To)
			if err != nil {
				return 0, err
			}
			if err := create(&models.ExpectedGroup{GroupID: row.ID, Kind: models.Kind(l.Kind), Level: models.Level(l.Level), FromDay: from, ToDay: to}); err != nil {
				return 0, err
			}
		}
	}
	for i, c := range p.CourseTypes {
		row := models.CourseType{PlanID: plan.ID, Code: c.Code, NameVi: c.Vi, NameEn: c.En, Position: i + 1}
		if err := create(&row); err != nil {
			return 0, err
		}
		for _, x := range c.Components {
			if err := create(&models.CourseTypeComponent{CourseTypeID: row.ID, Component: models.Component(x)}); err != nil {
				return 0, err
			}
		}
	}
	for i, c := range p.Topics {
		row := models.Topic{PlanID: plan.ID, Code: c.Code, NameVi: c.Vi, NameEn: c.En, Position: i + 1}
		if err := create(&row); err != nil {
			return 0, err
		}
		for j, x := range c.Parts {
			if err := create(&models.Topic{PlanID: plan.ID, ParentID: &row.ID, Code: x.Code, NameVi: x.Vi, NameEn: x.En, Position: j + 1}); err != nil {
				return 0, err
			}
		}
	}
	return added, nil
}
