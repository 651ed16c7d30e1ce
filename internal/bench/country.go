package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"gorm.io/gorm"

	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
	"taphuan/seeds"
)

// country is an invented country of so many cadres, a hundred an organisation: 34 provinces of communes of offices, four groups, six years.
// A third of the cadres were transferred once, a tenth have left, one in fifty serves at a second place. Courses of about 150 people of one
// province have brought most of them what the plan asks for. Offices declare headcounts twice. One in fifty belongs to the professional line of
// an office of the province.
type country struct {
	db    *store.DB
	plan  *plan.Plan
	root  models.Organisation
	head  models.Organisation // an office
	size  int
	build time.Duration // of the first ledger
	end   func() error
}

const provinces = 34

// both is what most completions bring.
var both = models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)

// country gives the country of a size, made once a run.
func (e *env) country(ctx context.Context, size int) (*country, error) {
	if c := e.countries[size]; c != nil {
		return c, nil
	}
	db, end, err := e.database(ctx)
	if err != nil {
		return nil, err
	}
	c := &country{db: db, size: size, end: end}
	from := time.Now()
	if err := c.fill(ctx); err != nil {
		return nil, errors.Join(err, end())
	}
	filled := time.Now()
	if err := ledger.Build(ctx, db); err != nil {
		return nil, errors.Join(err, end())
	}
	c.build = time.Since(filled)
	if err := analyse(ctx, db); err != nil {
		return nil, errors.Join(err, end())
	}
	var rows int64
	if err := db.Read(ctx).Model(&models.CoverageChange{}).Count(&rows).Error; err != nil {
		return nil, errors.Join(err, end())
	}
	fmt.Fprintf(os.Stderr, "  country of %d: filled in %s; its ledger has %d rows\n", size, duration(filled.Sub(from)), rows)
	if e.countries == nil {
		e.countries = map[int]*country{}
	}
	e.countries[size] = c
	return c, nil
}

func (e *env) close() (err error) {
	for _, c := range e.countries {
		err = errors.Join(err, c.end())
	}
	return err
}

func (c *country) fill(ctx context.Context) error {
	if _, err := seeds.Base(ctx, c.db); err != nil {
		return err
	}
	var err error
	if c.plan, err = plan.Current(ctx, c.db.Read(ctx), models.DayOf(now)); err != nil {
		return err
	}
	return c.db.Read(ctx).Connection(func(one *gorm.DB) error {
		g := one.Session(&gorm.Session{})
		for _, s := range []string{"SET SESSION foreign_key_checks = 0", "SET SESSION unique_checks = 0"} {
			if err := g.Exec(s).Error; err != nil {
				return err
			}
		}
		offices, err := c.organisations(g)
		if err != nil {
			return err
		}
		if err := c.people(g, offices); err != nil {
			return err
		}
		c.plan, err = plan.Current(ctx, c.db.Read(ctx), models.DayOf(now))
		return err
	})
}

// load writes rows by long statements.
type load struct {
	g    *gorm.DB
	head string
	b    []byte
	err  error
}

func into(g *gorm.DB, table, columns string) *load {
	return &load{g: g, head: "INSERT INTO " + table + " (" + columns + ") VALUES "}
}

func (l *load) row(values ...any) {
	if len(l.b) == 0 {
		l.b = append(l.b, l.head...)
	} else {
		l.b = append(l.b, ',')
	}
	for i, v := range values {
		l.b = append(l.b, "(,"[min(i, 1)])
		switch v := v.(type) {
		case int:
			l.b = strconv.AppendInt(l.b, int64(v), 10)
		case models.Day:
			l.b = append(append(append(l.b, '\''), v.String()...), '\'')
		case string: // of ours, without quotes
			l.b = append(append(append(l.b, '\''), v...), '\'')
		case nil:
			l.b = append(l.b, "NULL"...)
		}
	}
	if l.b = append(l.b, ')'); len(l.b) > 1<<20 {
		l.flush()
	}
}

func (l *load) flush() {
	if len(l.b) > 0 && l.err == nil {
		l.err = l.g.Exec(string(l.b)).Error
	}
	l.b = l.b[:0]
}

const recorded = "2026-11-01 00:00:00"

// organisations makes the tree beside that of the base data and gives the offices of each province; the plan is the country's from here on.
func (c *country) organisations(g *gorm.DB) ([provinces][]int, error) {
	var offices [provinces][]int
	var last int
	if err := g.Raw("SELECT MAX(id) FROM organisations").Row().Scan(&last); err != nil {
		return offices, err
	}
	l := into(g, "organisations", "id, code, name, kind, level, parent_id, path, depth, from_day, to_day, search, created_at, updated_at, short_name, note")
	paths := map[int]string{}
	add := func(kind models.Kind, level models.Level, parent, depth int) int {
		last++
		paths[last] = paths[parent] + models.PathPart(uint64(last))
		code := "Q" + strconv.Itoa(last)
		var above any
		if parent != 0 {
			above = parent
		}
		l.row(last, code, "Cơ quan "+code, string(kind), string(level), above, paths[last], depth, models.MustDay("1976-01-01"), models.Forever, "co quan "+code, recorded, recorded, "", "")
		return last
	}
	root := add(models.KindCountry, models.LevelCountry, 0, 0)
	communes := max(c.size/100/provinces/6, 1)
	for p := range provinces {
		province := add(models.KindProvince, models.LevelProvince, root, 1)
		for range communes {
			commune := add(models.KindDistrict, models.LevelDistrict, province, 2)
			for range 5 {
				offices[p] = append(offices[p], add(models.KindStateAgency, models.LevelProvince, commune, 3))
			}
		}
	}
	if l.flush(); l.err != nil {
		return offices, l.err
	}
	if err := g.Exec("UPDATE plans SET root_id = ?", root).Error; err != nil {
		return offices, err
	}
	h := into(g, "headcounts", "organisation_id, group_id, effective_day, declared, created_at")
	r := rand.New(rand.NewPCG(uint64(c.size), 7))
	for _, list := range offices {
		for _, o := range list {
			for _, x := range c.plan.Groups {
				for y := range 2 {
					h.row(o, int(x.ID), models.NewDay(2023+2*y, 1, 1), 20+r.IntN(15), recorded)
				}
			}
		}
	}
	if h.flush(); h.err != nil {
		return offices, h.err
	}
	if err := g.Take(&c.root, root).Error; err != nil {
		return offices, err
	}
	return offices, g.Take(&c.head, offices[11][0]).Error
}

func (c *country) people(g *gorm.DB, offices [provinces][]int) error {
	r := rand.New(rand.NewPCG(uint64(c.size), 11))
	type name struct{ full, key, sort, search string }
	var names []name
	for range 2000 {
		n := fullName(r)
		names = append(names, name{n, viet.Key(n), viet.SortKey(n), viet.Fold(n)})
	}
	cadres := into(g, "cadres", "id, full_name, name_key, sort_key, search, sex, birth_year, created_at, updated_at")
	postings := into(g, "postings", "id, cadre_id, organisation_id, title, from_day, to_day, main, end_reason, created_at, updated_at, line_id")
	groups := into(g, "posting_groups", "posting_id, group_id")
	completions := into(g, "completions", "id, cadre_id, effective_day, components, attended_minutes, total_minutes, created_at")
	first, last, today := c.plan.FromDay, c.plan.ToDay, models.DayOf(now)
	posting, completion := 0, 0
	var line any
	post := func(cadre, office int, from, to models.Day, main int, in []int) {
		posting++
		reason := ""
		if to != models.Forever {
			reason = "retired"
		}
		postings.row(posting, cadre, office, "Chuyên viên", from, to, main, reason, recorded, recorded, line)
		for _, x := range in {
			groups.row(posting, int(c.plan.Groups[x].ID))
		}
	}
	var courses [provinces][]models.Day
	for p := range courses {
		for range max(c.size*5/4/150/provinces, 2) {
			courses[p] = append(courses[p], first+models.Day(r.IntN(int(today-first))))
		}
	}
	for id := 1; id <= c.size; id++ {
		n, p := names[r.IntN(len(names))], r.IntN(provinces)
		cadres.row(id, n.full, n.key, n.sort, n.search, "", 1965+r.IntN(40), recorded, recorded)
		office := func() int { return offices[p][r.IntN(len(offices[p]))] }
		from := first - models.Day(r.IntN(4000))
		if r.IntN(4) == 0 {
			from = first + models.Day(r.IntN(int(today-first)))
		}
		to := models.Forever
		if r.IntN(10) == 0 {
			to = max(from, first) + 1 + models.Day(r.IntN(int(last-max(from, first))))
		}
		if line = nil; id%50 == 0 {
			line = offices[p][1]
		}
		in := []int{r.IntN(4)}
		if r.IntN(5) == 0 {
			in = append(in, (in[0]+1)%4)
		}
		at := office()
		if moved := from + 30 + models.Day(r.IntN(2500)); r.IntN(3) == 0 && moved < min(to, last) {
			post(id, at, from, moved, 1, in)
			from, at = moved, office()
		}
		post(id, at, from, to, 1, in)
		if r.IntN(50) == 0 {
			post(id, office(), from, to, 0, []int{r.IntN(4)})
		}
		for range r.IntN(3) {
			completion++
			on, brings := courses[p][r.IntN(len(courses[p]))], models.ComponentUpdate.Set()
			if r.IntN(4) > 0 {
				brings = both
			}
			completions.row(completion, id, on, int(brings), 480, 480, recorded)
		}
	}
	for _, l := range []*load{cadres, postings, groups, completions} {
		if l.flush(); l.err != nil {
			return l.err
		}
	}
	return nil
}
