// Package trainer keeps what is known of those who teach: expertise, load, who is free and fits, and what cadres say of courses
// and their trainers.
package trainer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

const (
	maxBody = 300
	maxBio  = 500
)

// Service keeps trainers.
type Service struct {
	DB *store.DB
}

// Row is a trainer with expertise and load.
type Row struct {
	AccountID    uint64
	Name         string
	Body         string // said in the profile
	Bio          string
	Organisation string // of the main posting today
	Version      int
	Topics       []models.Topic `gorm:"-"`
	Load         Load           `gorm:"-"`
	Rating       Rating         `gorm:"-"`
}

// From says where the trainer comes from.
func (r Row) From() string {
	if r.Body != "" {
		return r.Body
	}
	return r.Organisation
}

// Load is what a trainer teaches in a year, by sessions and minutes; drafts count as planned, cancelled ones not.
type Load struct {
	Held, HeldMinutes       int // before today
	Planned, PlannedMinutes int // today and after
}

// Filter narrows the list.
type Filter struct {
	Text    string // words of the name
	TopicID uint64 // who knows it, the area above it, or a part of it
}

// trainers reads accounts that may teach. The office is that of the main posting on the day.
func trainers(db *gorm.DB, today models.Day) *gorm.DB {
	return db.Table("accounts").Joins("LEFT JOIN trainers ON trainers.account_id = accounts.id").
		Joins("LEFT JOIN postings ON postings.cadre_id = accounts.cadre_id AND postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, today, today).
		Joins("LEFT JOIN organisations ON organisations.id = postings.organisation_id").
		Where("accounts.disabled = ? AND EXISTS (SELECT 1 FROM grants WHERE grants.account_id = accounts.id AND grants.role = ?)", false, models.RoleTrainer).
		Select("accounts.id AS account_id, accounts.name, COALESCE(trainers.body, '') AS body, COALESCE(trainers.bio, '') AS bio," +
			" COALESCE(organisations.name, '') AS organisation, COALESCE(trainers.version, 0) AS version").
		Order("accounts.sort_key, accounts.id")
}

// List lists trainers by name, with expertise, this year's load and ratings. Five queries.
func (s *Service) List(ctx context.Context, f Filter) ([]Row, error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	var all []Row
	if err := trainers(db, today).Scan(&all).Error; err != nil {
		return nil, err
	}
	topics, err := s.fill(db, today, all)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(viet.Fold(f.Text))
	return slices.DeleteFunc(all, func(r Row) bool {
		name := viet.Fold(r.Name + " " + r.From())
		for _, w := range words {
			if !strings.Contains(name, w) {
				return true
			}
		}
		return f.TopicID != 0 && !knows(r.Topics, topics, f.TopicID)
	}), nil
}

// Get reads one trainer; an account that does not teach is not found.
func (s *Service) Get(ctx context.Context, accountID uint64) (*Row, error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	var rows []Row
	if err := trainers(db, today).Where("accounts.id = ?", accountID).Limit(1).Scan(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.NotFound("trainer")
	}
	if _, err := s.fill(db, today, rows); err != nil {
		return nil, err
	}
	return &rows[0], nil
}

// fill adds expertise, load and rating, and gives all topics.
func (s *Service) fill(db *gorm.DB, today models.Day, rows []Row) ([]models.Topic, error) {
	var topics []models.Topic
	if err := db.Order("code").Find(&topics).Error; err != nil {
		return nil, err
	}
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.AccountID
	}
	known, err := expertise(db, ids, topics)
	if err != nil {
		return nil, err
	}
	loads, err := loads(db, ids, today)
	if err != nil {
		return nil, err
	}
	ratings, err := ratingsOf(db, ids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		id := rows[i].AccountID
		rows[i].Topics, rows[i].Load, rows[i].Rating = known[id], loads[id], ratings[id]
	}
	return topics, nil
}

func expertise(db *gorm.DB, ids []uint64, topics []models.Topic) (map[uint64][]models.Topic, error) {
	out := map[uint64][]models.Topic{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []models.TrainerTopic
	if err := db.Where("account_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	has := map[models.TrainerTopic]bool{}
	for _, r := range rows {
		has[r] = true
	}
	for _, id := range ids {
		for _, t := range topics {
			if has[models.TrainerTopic{AccountID: id, TopicID: t.ID}] {
				out[id] = append(out[id], t)
			}
		}
	}
	return out, nil
}

// knows says whether expertise reaches a topic: the topic, the area above it, or a part of it.
func knows(known, all []models.Topic, topic uint64) bool {
	var parent uint64
	for _, t := range all {
		if t.ID == topic && t.ParentID != nil {
			parent = *t.ParentID
		}
	}
	return slices.ContainsFunc(known, func(t models.Topic) bool {
		return t.ID == topic || t.ID == parent || t.ParentID != nil && *t.ParentID == topic
	})
}

func loads(db *gorm.DB, ids []uint64, today models.Day) (map[uint64]Load, error) {
	out := map[uint64]Load{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		AccountID  uint64
		Past       bool
		N, Minutes int
	}
	err := db.Table("course_staff").Joins("JOIN courses ON courses.id = course_staff.course_id").Joins("JOIN course_sessions ON course_sessions.course_id = courses.id").
		Where("course_staff.role = ? AND course_staff.account_id IN ? AND courses.state <> ? AND course_sessions.cancelled = ?", models.StaffTrainer, ids, models.CourseCancelled, false).
		Where("course_sessions.day BETWEEN ? AND ?", models.NewDay(today.Year(), 1, 1), models.NewDay(today.Year(), 12, 31)).
		Select("course_staff.account_id, course_sessions.day < ? AS past, COUNT(*) AS n, SUM(course_sessions.end_minute - course_sessions.start_minute) AS minutes", today).
		Group("course_staff.account_id, past").Scan(&rows).Error
	for _, r := range rows {
		l := out[r.AccountID]
		if r.Past {
			l.Held, l.HeldMinutes = r.N, r.Minutes
		} else {
			l.Planned, l.PlannedMinutes = r.N, r.Minutes
		}
		out[r.AccountID] = l
	}
	return out, err
}

// Input is what is said of a trainer.
type Input struct {
	Body, Bio string
	TopicIDs  []uint64
	Version   int // of the profile that the form showed; 0 where there was none
}

// Save writes what is said of a trainer: by those who keep courses, and by the trainer. It refuses an account that does not teach
// with not_found, topics that the plan has not ("choice"), too long texts, and a form of an older version ("trainer_changed").
func (s *Service) Save(ctx context.Context, actor access.Actor, accountID uint64, in Input) error {
	if _, err := s.Get(ctx, accountID); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var a models.Account // its lock keeps two first profiles apart
		if err := tx.Lock().Select("id").Take(&a, accountID).Error; err != nil {
			return 0, err
		}
		t := models.Trainer{AccountID: accountID}
		err := tx.Take(&t, accountID).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, err
		}
		if in.Version != t.Version {
			return 0, errs.Conflict("trainer_changed")
		}
		p, err := plan.Current(ctx, tx.DB, tx.Today)
		if err != nil {
			return 0, err
		}
		if err := in.check(p); err != nil {
			return 0, err
		}
		t.AccountID, t.Body, t.Bio, t.Version = accountID, in.Body, in.Bio, t.Version+1
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&t).Error; err != nil {
			return 0, err
		}
		if err := tx.Where("account_id = ?", accountID).Delete(&models.TrainerTopic{}).Error; err != nil {
			return 0, err
		}
		rows := make([]models.TrainerTopic, len(in.TopicIDs))
		for i, id := range in.TopicIDs {
			rows[i] = models.TrainerTopic{AccountID: accountID, TopicID: id}
		}
		if len(rows) > 0 {
			if err := tx.Create(&rows).Error; err != nil {
				return 0, err
			}
		}
		return accountID, tx.Audit("trainer.save", "account", accountID, map[string]any{"body": t.Body, "topics": in.TopicIDs})
	})
	return err
}

func (in *Input) check(p *plan.Plan) error {
	in.Body, in.Bio = viet.NFC(in.Body), viet.NFC(in.Bio)
	slices.Sort(in.TopicIDs)
	in.TopicIDs = slices.Compact(in.TopicIDs)
	var f errs.Fields
	if utf8.RuneCountInString(in.Body) > maxBody {
		f.Add("body", "too_long", errs.Params{"n": maxBody})
	}
	if utf8.RuneCountInString(in.Bio) > maxBio {
		f.Add("bio", "too_long", errs.Params{"n": maxBio})
	}
	for _, id := range in.TopicIDs {
		if !slices.ContainsFunc(p.Topics, func(t models.Topic) bool { return t.ID == id }) {
			f.Add("topics", "choice")
			break
		}
	}
	return f.Err()
}
