package access

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/models"
)

// Scope is a condition on the rows of one noun, applied with db.Scopes. What is out of scope is answered as if it did not exist.
type Scope = func(*gorm.DB) *gorm.DB

// AfterClosing is how long trainers and clerks still reach their course after it was closed.
const AfterClosing = 30 * 24 * time.Hour

// anyOf joins conditions by OR inside one pair of brackets; none at all is "nothing".
type anyOf struct {
	sql  []string
	args []any
	all  bool
}

func (c *anyOf) add(sql string, args ...any) {
	c.sql = append(c.sql, "("+sql+")")
	c.args = append(c.args, args...)
}

// posted adds that the cadre has a present or future posting at or below the organisation with the path, or in its professional line.
func (c *anyOf) posted(cadre, path string, today models.Day) {
	sql, args := Subtree("o.path", path)
	line, lineArgs := Subtree("l.path", path)
	c.add("EXISTS (SELECT 1 FROM postings p JOIN organisations o ON o.id = p.organisation_id LEFT JOIN organisations l ON l.id = p.line_id"+
		" WHERE p.cadre_id = "+cadre+" AND p.to_day > ? AND (("+sql+") OR ("+line+")))", append(append([]any{today}, args...), lineArgs...)...)
}

func (c *anyOf) scope(db *gorm.DB) *gorm.DB {
	switch {
	case c.all:
		return db
	case len(c.sql) == 0:
		return db.Where("1 = 0")
	}
	return db.Where("("+strings.Join(c.sql, " OR ")+")", c.args...)
}

// Subtree is the condition that an organisation's path lies at or below another's; column is the path's column.
// Paths are prefixes of those below them, so the range can use the index on both engines.
func Subtree(column, path string) (string, []any) {
	return column + " >= ? AND " + column + " < ?", []any{path, path + "~"}
}

// Organisations limits the organisations table to what the permission reaches.
func Organisations(a Actor, p Permission) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, path := range a.paths(p) {
		sql, args := Subtree("organisations.path", path)
		c.add(sql, args...)
	}
	return c.scope
}

// Cadres limits the cadres table: everybody for those who see the whole plan, present and future postings in scope (and in the
// professional line) for heads, oneself for cadres. A record that was merged into another is nobody's.
func Cadres(a Actor, p Permission, today models.Day) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, path := range a.paths(p) {
		c.posted("cadres.id", path, today)
	}
	if p == OwnRead && a.Has(models.RoleCadre) && a.CadreID != 0 {
		c.add("cadres.id = ?", a.CadreID)
	}
	return func(db *gorm.DB) *gorm.DB { return c.scope(db).Where("cadres.merged_into_id IS NULL") }
}

// FindCadres is Cadres of a head for a search among everybody: in place of looking each cadre up, it joins those in scope, so that an
// office pays for its own. Apply it to the query first, since what follows is joined to those whom it leaves.
func FindCadres(a Actor, p Permission, today models.Day) Scope {
	var in []string
	var args []any
	for _, path := range a.paths(p) {
		for _, at := range []string{"organisation_id", "line_id"} {
			sql, some := Subtree("o.path", path)
			in = append(in, "SELECT p.cadre_id FROM organisations o JOIN postings p ON p."+at+" = o.id WHERE p.to_day > ? AND "+sql)
			args = append(append(args, today), some...)
		}
	}
	return func(db *gorm.DB) *gorm.DB {
		switch {
		case a.Whole(p):
			return db.Where("cadres.merged_into_id IS NULL")
		case len(in) == 0:
			return db.Where("1 = 0")
		}
		return db.Where("cadres.merged_into_id IS NULL").Joins("JOIN ("+strings.Join(in, " UNION ")+") reach ON reach.cadre_id = cadres.id", args...)
	}
}

// Postings limits the postings table to those at organisations that the permission reaches and to those in their professional
// line; the query must join organisations. It is for lists of a day: whoever stands in one need not be open to the actor today.
func Postings(a Actor, p Permission) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, path := range a.paths(p) {
		sql, args := Subtree("organisations.path", path)
		line, lineArgs := Subtree("l.path", path)
		c.add("("+sql+") OR EXISTS (SELECT 1 FROM organisations l WHERE l.id = postings.line_id AND "+line+")", append(args, lineArgs...)...)
	}
	return c.scope
}

// Courses limits the courses table: all for those who see the whole plan, all but drafts for heads, own courses until 30 days
// after closing for trainers and clerks, courses with an own enrolment for cadres.
func Courses(a Actor, p Permission, now time.Time) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, g := range a.Grants {
		if !roleMay(g.Role, p) {
			continue
		}
		switch g.Role {
		case models.RoleHead:
			c.add("courses.state <> ?", models.CourseDraft)
		case models.RoleTrainer, models.RoleClerk:
			c.add("EXISTS (SELECT 1 FROM course_staff cs WHERE cs.course_id = courses.id AND cs.account_id = ? AND cs.role = ?)"+
				" AND (courses.closed_at IS NULL OR courses.closed_at > ?)", a.AccountID, string(g.Role), now.UTC().Add(-AfterClosing))
		case models.RoleCadre:
			if a.CadreID != 0 {
				c.add("courses.state <> ? AND EXISTS (SELECT 1 FROM enrolments e WHERE e.course_id = courses.id AND e.cadre_id = ?)", models.CourseDraft, a.CadreID)
			}
		}
	}
	return c.scope
}

// Enrolments limits the enrolments table: all for those who see the whole plan, cadres with a present or future posting in scope (and
// in the professional line) for heads, own courses until 30 days after closing for trainers and clerks, own ones for cadres.
func Enrolments(a Actor, p Permission, now time.Time) Scope {
	c := anyOf{all: a.Whole(p)}
	today := models.DayOf(now)
	for _, path := range a.paths(p) {
		c.posted("enrolments.cadre_id", path, today)
	}
	for _, g := range a.Grants {
		if (g.Role == models.RoleTrainer || g.Role == models.RoleClerk) && roleMay(g.Role, p) {
			c.add("EXISTS (SELECT 1 FROM course_staff cs JOIN courses sc ON sc.id = cs.course_id WHERE cs.course_id = enrolments.course_id AND cs.account_id = ? AND cs.role = ?"+
				" AND (sc.closed_at IS NULL OR sc.closed_at > ?))", a.AccountID, string(g.Role), now.UTC().Add(-AfterClosing))
		}
	}
	if p == OwnRead && a.Has(models.RoleCadre) && a.CadreID != 0 {
		c.add("enrolments.cadre_id = ?", a.CadreID)
	}
	return c.scope
}

// Certificates limits the certificates table: all for those who see the whole plan, cadres with a present or future posting in
// scope (and in the professional line) for heads, own ones for cadres.
func Certificates(a Actor, p Permission, today models.Day) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, path := range a.paths(p) {
		c.posted("certificates.cadre_id", path, today)
	}
	if p == OwnRead && a.Has(models.RoleCadre) && a.CadreID != 0 {
		c.add("certificates.cadre_id = ?", a.CadreID)
	}
	return c.scope
}
