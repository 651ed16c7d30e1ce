package history

import (
	"context"

	"taphuan/app/access"
	"taphuan/models"
)

// Person is somebody who can be put forward for recognition.
type Person struct {
	ID           uint64
	Name         string
	BirthYear    int
	JobTitle     string
	Organisation string // of the main posting today, "" for none
}

// MaxFound is how many people a search shows; more words find fewer.
const MaxFound = 30

// People gives the chosen cadres in scope and, where words are said, the first others whose name has them all, both by name.
func (s *Service) People(ctx context.Context, actor access.Actor, ids []uint64, text string) (picked, found []Person, err error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	read := func(into *[]Person, where string, limit int) error {
		q := withOffice(db.Table("cadres").Scopes(access.Cadres(actor, access.CompletionPropose, today)), today)
		if where == "" {
			q = named(q, text)
			if len(ids) > 0 {
				q = q.Where("cadres.id NOT IN ?", ids)
			}
		} else {
			q = q.Where(where, ids)
		}
		return q.Select("cadres.id, cadres.full_name AS name, cadres.birth_year, COALESCE(p.title, '') AS job_title, COALESCE(o.name, '') AS organisation").
			Order("cadres.sort_key, cadres.id").Limit(limit).Scan(into).Error
	}
	if len(ids) > 0 {
		ids = ids[:min(len(ids), MaxPeople)]
		if err := read(&picked, "cadres.id IN ?", MaxPeople); err != nil {
			return nil, nil, err
		}
	}
	if text != "" {
		err = read(&found, "", MaxFound)
	}
	return picked, found, err
}
