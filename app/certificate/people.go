package certificate

import (
	"context"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/page"
	"taphuan/models"
)

// Person is somebody who completed a course of ours, with the certificate that stands for it or without one.
type Person struct {
	CompletionID  uint64
	CadreID       uint64
	Name          string
	SortKey       string
	Organisation  string // where they work today, "" for nowhere
	CourseID      uint64
	Course        string
	Day           models.Day // of the completion
	CertificateID uint64     // 0: none stands
	Serial        string
}

// PersonFilter narrows the list of people; zero fields do not.
type PersonFilter struct {
	Text  string // words of the name
	State string // "has" or "missing" a certificate
}

var peopleOrders = page.List[Person]{Default: "name", Size: PageSize, Orders: map[string]page.Order[Person]{
	"name": {{Column: "cadres.sort_key", Of: func(p Person) any { return p.SortKey }}, {Column: "completions.id", Of: func(p Person) any { return p.CompletionID }}},
	"day":  {{Column: "completions.effective_day", Of: func(p Person) any { return p.Day }}, {Column: "completions.id", Of: func(p Person) any { return p.CompletionID }}},
}}

// People lists who in the actor's scope completed a course, and whether a certificate of it stands; two queries.
func (s *Service) People(ctx context.Context, actor access.Actor, f PersonFilter, ask page.Ask) (*page.Page[Person], error) {
	q := s.people(ctx, actor, f)
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	found, err := peopleOrders.Read(q.Select(personColumns), ask, total)
	return &found, err
}

// EachPerson gives all whom People would list to f, sorted so.
func (s *Service) EachPerson(ctx context.Context, actor access.Actor, f PersonFilter, sort string, each func([]Person) error) error {
	return peopleOrders.Each(s.people(ctx, actor, f).Select(personColumns), sort, each)
}

const personColumns = "completions.id AS completion_id, cadres.id AS cadre_id, cadres.full_name AS name, cadres.sort_key, COALESCE(organisations.name, '') AS organisation, " +
	"courses.id AS course_id, courses.title AS course, completions.effective_day AS day, COALESCE(certificates.id, 0) AS certificate_id, COALESCE(certificates.serial, '') AS serial"

func (s *Service) people(ctx context.Context, actor access.Actor, f PersonFilter) *gorm.DB {
	today := models.DayOf(s.DB.Time())
	q := s.DB.Read(ctx).Table("completions").Joins("JOIN cadres ON cadres.id = completions.cadre_id").Joins("JOIN courses ON courses.id = completions.course_id").
		Joins("LEFT JOIN certificates ON certificates.live_completion_id = completions.id").
		Joins("LEFT JOIN postings ON postings.cadre_id = cadres.id AND postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, today, today).
		Joins("LEFT JOIN organisations ON organisations.id = postings.organisation_id").
		Where("completions.voided_at IS NULL").Scopes(access.Cadres(actor, access.CertificateRead, today), nameWords(f.Text))
	switch f.State {
	case "has":
		q = q.Where("certificates.id IS NOT NULL")
	case "missing":
		q = q.Where("certificates.id IS NULL")
	}
	return q.Session(&gorm.Session{})
}
