package course

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
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

// Bounds of what a course may say.
const (
	maxTitle  = 300
	maxVenue  = 300
	maxLink   = 500
	maxNote   = 4000
	maxReason = 500
)

// MaxCapacity is more than any hall of the province holds.
const MaxCapacity = 2000

// Input is what a coordinator says of a course.
type Input struct {
	Title, Venue, Link, Note string
	CourseTypeID, HostID     uint64
	VenueID                  uint64 // 0: in words only, or nowhere
	Capacity, RulePercent    int
	MinScoreTenths           *int // nil: no score
	TopicIDs, GroupIDs       []uint64
	TemplateID               *uint64 // of its certificates; nil: as it is, 0: the issuer's
	Version                  int     // of the course that the form showed
}

func (in *Input) tidy() {
	in.Title, in.Venue, in.Link = viet.NFC(in.Title), viet.NFC(in.Venue), strings.TrimSpace(in.Link)
	lines := strings.Split(in.Note, "\n")
	for i, l := range lines {
		lines[i] = viet.NFC(l)
	}
	in.Note = strings.TrimSpace(strings.Join(lines, "\n"))
	slices.Sort(in.TopicIDs)
	slices.Sort(in.GroupIDs)
	in.TopicIDs, in.GroupIDs = slices.Compact(in.TopicIDs), slices.Compact(in.GroupIDs)
}

// check refuses what cannot be: fields by their names in forms and JSON.
func (in *Input) check(f *errs.Fields, p *plan.Plan) {
	text := func(name, s string, most int, required bool) {
		if s == "" && required {
			f.Add(name, "required")
		}
		if utf8.RuneCountInString(s) > most {
			f.Add(name, "too_long", errs.Params{"n": most})
		}
	}
	text("title", in.Title, maxTitle, true)
	text("venue", in.Venue, maxVenue, false)
	text("link", in.Link, maxLink, false)
	text("note", in.Note, maxNote, false)
	if u, err := url.Parse(in.Link); in.Link != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		f.Add("link", "invalid_url")
	}
	if p.CourseType(in.CourseTypeID) == nil {
		f.Add("course_type", "choice")
	}
	number := func(name string, n, least, most int) {
		if n < least {
			f.Add(name, "number_least", errs.Params{"n": least})
		} else if n > most {
			f.Add(name, "number_most", errs.Params{"n": most})
		}
	}
	number("capacity", in.Capacity, 1, MaxCapacity)
	number("rule_percent", in.RulePercent, 1, 100)
	if in.MinScoreTenths != nil {
		number("min_score", *in.MinScoreTenths, 1, 100)
	}
	for _, id := range in.TopicIDs {
		if !slices.ContainsFunc(p.Topics, func(t models.Topic) bool { return t.ID == id }) {
			f.Add("topics", "choice")
			break
		}
	}
	for _, id := range in.GroupIDs {
		if p.Group(id) == nil {
			f.Add("groups", "choice")
			break
		}
	}
}

func checkHost(tx *store.Tx, id uint64, f *errs.Fields) error {
	if id == 0 {
		f.Add("host", "required")
		return nil
	}
	var n int64
	err := tx.Model(&models.Organisation{}).Where("id = ? AND from_day <= ? AND to_day > ?", id, tx.Today, tx.Today).Count(&n).Error
	if err == nil && n == 0 {
		f.Add("host", "organisation_unknown")
	}
	return err
}

// Create makes a draft under the plan in force and gives it the next code of the year, such as 2026-014.
// It refuses missing and impossible fields.
func (s *Service) Create(ctx context.Context, actor access.Actor, in Input) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Draft(ctx, tx, in)
		return c.ID, err
	})
}

// Draft is Create within a transaction.
func Draft(ctx context.Context, tx *store.Tx, in Input) (models.Course, error) {
	in.tidy()
	c := models.Course{State: models.CourseDraft, Version: 1}
	p, err := plan.Current(ctx, tx.DB, tx.Today)
	if err != nil {
		return c, err
	}
	var f errs.Fields
	in.check(&f, p)
	if err := checkHost(tx, in.HostID, &f); err != nil {
		return c, err
	}
	if err := in.place(tx, models.Course{}, &f); err != nil {
		return c, err
	}
	if err := in.checkTemplate(tx, nil, &f); err != nil {
		return c, err
	}
	if err := f.Err(); err != nil {
		return c, err
	}
	c.PlanID = p.ID
	in.onto(&c)
	if tx.By.AccountID != 0 {
		c.CreatedByID = &tx.By.AccountID
	}
	if c.Code, err = nextCode(tx, p.ID, tx.Today.Year()); err != nil {
		return c, err
	}
	if err := tx.Create(&c).Error; err != nil {
		return c, err
	}
	if err := aim(tx, c.ID, in); err != nil {
		return c, err
	}
	return c, tx.Audit("course.create", "course", c.ID, map[string]any{"code": c.Code, "title": c.Title})
}

func (in *Input) onto(c *models.Course) {
	c.Title, c.Venue, c.Link, c.Note = in.Title, in.Venue, in.Link, in.Note
	c.CourseTypeID, c.HostID, c.VenueID = in.CourseTypeID, in.HostID, reference(in.VenueID)
	c.Capacity, c.RulePercent, c.MinScoreTenths = in.Capacity, in.RulePercent, in.MinScoreTenths
	if in.TemplateID != nil {
		c.TemplateID = reference(*in.TemplateID)
	}
}

// LockPlan locks the plan's row until the end: whoever gives a course its code holds this lock, and so does whoever deletes the plan. It refuses
// a plan that is not there any more with not_found.
func LockPlan(tx *store.Tx, planID uint64) error {
	var lock models.Plan
	err := tx.Lock().Select("id").Take(&lock, planID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return errs.NotFound("plan")
	}
	return err
}

// nextCode gives the year and the next number in it. The plan's row is locked, so that two who create at the same time get two
// numbers.
func nextCode(tx *store.Tx, planID uint64, inYear int) (string, error) {
	if err := LockPlan(tx, planID); err != nil {
		return "", err
	}
	year := fmt.Sprintf("%d-", inYear)
	var last []string
	err := tx.Model(&models.Course{}).Where("code LIKE ?", year+"%").Order("LENGTH(code) DESC, code DESC").Limit(1).Pluck("code", &last).Error
	if err != nil {
		return "", err
	}
	n := 0
	for _, code := range last {
		if n, err = strconv.Atoi(strings.TrimPrefix(code, year)); err != nil {
			return "", errs.Internal("course code "+code, err)
		}
	}
	return fmt.Sprintf("%s%03d", year, n+1), nil
}

// aim writes the course's topics and target groups anew.
func aim(tx *store.Tx, id uint64, in Input) error {
	if err := tx.Where("course_id = ?", id).Delete(&models.CourseTopic{}).Error; err != nil {
		return err
	}
	if err := tx.Where("course_id = ?", id).Delete(&models.CourseGroup{}).Error; err != nil {
		return err
	}
	topics, groups := make([]models.CourseTopic, len(in.TopicIDs)), make([]models.CourseGroup, len(in.GroupIDs))
	for i, t := range in.TopicIDs {
		topics[i] = models.CourseTopic{CourseID: id, TopicID: t}
	}
	for i, g := range in.GroupIDs {
		groups[i] = models.CourseGroup{CourseID: id, GroupID: g}
	}
	if len(topics) > 0 {
		if err := tx.Create(&topics).Error; err != nil {
			return err
		}
	}
	if len(groups) > 0 {
		return tx.Create(&groups).Error
	}
	return nil
}

// Update changes what a course says. A larger capacity moves the waiting list up.
//
// It refuses a form of an older version ("course_changed"), a cancelled course ("course_ended"), fewer seats than are taken
// ("course_capacity_taken"), a change of what closing decided by ("course_decided": type, capacity, rule and least score of a
// closed course), and what Create refuses.
func (s *Service) Update(ctx context.Context, actor access.Actor, id uint64, in Input) error {
	in.tidy()
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Lock(tx, actor, access.CourseWrite, id)
		if err != nil {
			return 0, err
		}
		if c.State == models.CourseCancelled {
			return 0, errs.Conflict("course_ended")
		}
		if in.Version != c.Version {
			return 0, errs.Conflict("course_changed")
		}
		p, err := plan.OfID(ctx, tx.DB, c.PlanID)
		if err != nil {
			return 0, err
		}
		var f errs.Fields
		in.check(&f, p)
		if in.HostID != c.HostID { // a host that has ended since stays
			if err := checkHost(tx, in.HostID, &f); err != nil {
				return 0, err
			}
		}
		if c.State == models.CourseClosed {
			in.checkDecided(&f, c)
		}
		if err := in.place(tx, c, &f); err != nil {
			return 0, err
		}
		if err := in.checkTemplate(tx, c.TemplateID, &f); err != nil {
			return 0, err
		}
		free, err := FreeSeats(tx, c)
		if err != nil {
			return 0, err
		}
		if taken := c.Capacity - free; in.Capacity < taken {
			f.Add("capacity", "course_capacity_taken", errs.Params{"n": taken})
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		grew, was := in.Capacity > c.Capacity, c.VenueID
		in.onto(&c)
		if err := moved(tx, c, was); err != nil {
			return 0, err
		}
		c.Version++
		if err := tx.Save(&c).Error; err != nil {
			return 0, err
		}
		if err := aim(tx, id, in); err != nil {
			return 0, err
		}
		if err := tx.Audit("course.update", "course", id, map[string]any{"title": c.Title, "capacity": c.Capacity, "rule_percent": c.RulePercent, "version": c.Version}); err != nil {
			return 0, err
		}
		if grew && c.State != models.CourseClosed {
			if _, err := FillSeats(tx, c); err != nil {
				return 0, err
			}
		}
		return id, nil
	})
	return err
}

func (in *Input) checkDecided(f *errs.Fields, c models.Course) {
	score := func(p *int) int {
		if p == nil {
			return 0
		}
		return *p
	}
	for _, x := range []struct {
		field   string
		changed bool
	}{
		{"course_type", in.CourseTypeID != c.CourseTypeID}, {"capacity", in.Capacity != c.Capacity},
		{"rule_percent", in.RulePercent != c.RulePercent}, {"min_score", score(in.MinScoreTenths) != score(c.MinScoreTenths)},
	} {
		if x.changed {
			f.Add(x.field, "course_decided")
		}
	}
}
