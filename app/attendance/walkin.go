package attendance

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// WalkInInput is somebody present who is not on the list. It is refused with "walk_in_uid", "walk_in_name" and "walk_in_office" (empty,
// longer than 100 letters, no UTF-8), "walk_in_birth_year" (not 0 and not of a person between 15 and 100 years), "walk_in_replaces" (nobody of
// the course), "walk_ins_too_many" after the first MaxWalkIns of a batch, "walk_in_uid_taken", and as marks of the session are, the day included.
// Capacity refuses nobody who is there.
type WalkInInput struct {
	UID        string // a UUID of the client's own
	SessionID  uint64
	Name       string
	Office     string
	BirthYear  int    // 0: not known
	ReplacesID uint64 // the enrolment in whose place they came (đi thay); 0: nobody's
	Refusal    *errs.Error
}

// MaxWalkIns is how many walk-ins one batch may carry.
const MaxWalkIns = 200

// most letters of a walk-in's name and office.
const mostWords = 100

func (w WalkInInput) check(i int, today models.Day) error {
	words := func(text string) bool {
		n := len([]rune(viet.NFC(text)))
		return n > 0 && n <= mostWords && strings.ToValidUTF8(text, "") == text
	}
	switch {
	case w.Refusal != nil:
		return w.Refusal
	case i >= MaxWalkIns:
		return errs.TooLarge("walk_ins_too_many", errs.Params{"n": MaxWalkIns})
	case !isUID(w.UID):
		return errs.Invalid("walk_in_uid")
	case !words(w.Name):
		return errs.OnField("name", "walk_in_name", errs.Params{"n": mostWords})
	case !words(w.Office):
		return errs.OnField("office", "walk_in_office", errs.Params{"n": mostWords})
	case w.BirthYear != 0 && (w.BirthYear < today.Year()-100 || w.BirthYear > today.Year()-15):
		return errs.OnField("birth_year", "walk_in_birth_year")
	}
	return nil
}

// enter adds the walk-ins of the batches.
func (r *recording) enter() error {
	r.walkIns = map[string]models.WalkIn{}
	var uids []string
	for _, x := range r.part {
		for _, w := range x.batch.WalkIns {
			uids = append(uids, strings.ToLower(w.UID))
		}
	}
	if err := r.findWalkIns(uids); err != nil {
		return err
	}
	for _, x := range r.part {
		for i, w := range x.batch.WalkIns {
			fate := &x.out.WalkIns[i]
			fate.UID = w.UID
			row, err := r.walkIn(x, i, w)
			old, known := r.walkIns[row.UID]
			switch {
			case err == nil && known && sameWalkIn(row, old):
				fate.Status = Repeated
				continue
			case err == nil && known:
				err = errs.Invalid("walk_in_uid_taken")
			case err == nil:
				fate.Status = Stored
				if err := r.tx.Create(&row).Error; err != nil {
					return err
				}
				r.walkIns[row.UID] = row
				err := r.tx.As(x.actor.By, func() error {
					return r.tx.Audit("walk_in.enter", "course", row.CourseID, map[string]any{"walk_in": row.ID})
				})
				if err != nil {
					return err
				}
				continue
			}
			if fate.Status, fate.Refusal = Refused, errs.As(err); fate.Refusal.Kind == errs.KindInternal {
				return err
			}
		}
	}
	return nil
}

// sameWalkIn says whether what was sent is what is known under its id, whoever sent it: a phone, or somebody else from that phone's file.
func sameWalkIn(a, b models.WalkIn) bool {
	return a.SessionID == b.SessionID && a.Name == b.Name && a.Office == b.Office && a.BirthYear == b.BirthYear
}

// walkIn checks one walk-in against its session.
func (r *recording) walkIn(by *sending, i int, w WalkInInput) (models.WalkIn, error) {
	x := r.sessions[w.SessionID]
	row := models.WalkIn{UID: strings.ToLower(w.UID), CourseID: x.CourseID, SessionID: x.ID, Name: viet.NFC(w.Name), Office: viet.NFC(w.Office), BirthYear: w.BirthYear,
		State: models.WalkInOpen, AccountID: by.actor.AccountID, CreatedAt: r.tx.Now, UpdatedAt: r.tx.Now}
	if err := w.check(i, r.tx.Today); err != nil {
		return row, err
	}
	if !r.may(by, x.ID) {
		return row, errs.NotFound("session")
	}
	if why := r.refusals[x.ID]; why != nil && !errs.Is(why, "attendance_course_closed") {
		return row, why
	}
	if w.ReplacesID == 0 {
		return row, nil
	}
	var n int64
	if err := r.tx.Model(&models.Enrolment{}).Where("id = ? AND course_id = ?", w.ReplacesID, x.CourseID).Count(&n).Error; err != nil {
		return row, err
	}
	if n == 0 {
		return row, errs.OnField("replaces_enrolment_id", "walk_in_replaces")
	}
	row.ReplacesID = &w.ReplacesID
	return row, nil
}

// findWalkIns reads the walk-ins with the ids.
func (r *recording) findWalkIns(uids []string) error {
	uids = slices.DeleteFunc(uids, func(u string) bool { return !isUID(u) })
	for part := range slices.Chunk(uids, 500) {
		var list []models.WalkIn
		if err := r.tx.Where("uid IN ?", part).Find(&list).Error; err != nil {
			return err
		}
		for _, w := range list {
			r.walkIns[w.UID] = w
		}
	}
	return nil
}

// Present is a walk-in with the mark of a session, or with how many sessions they attended.
type Present struct {
	models.WalkIn
	Replaces string // name of the person in whose place they came; "" nobody's
	Cadre    string // name of the cadre whom they were matched to
	CadreID  uint64
	Mark     models.MarkValue // in the session that was asked for
	Note     string
	MarkedAt *time.Time // when it was marked or taken back; nil: never
	Attended int        // sessions
}

// WalkIns reads who came to a course without being enrolled, by given name: two queries. Those who were entered by mistake are left out
// where a session is asked for. Out of scope is not found.
func (s *Service) WalkIns(ctx context.Context, actor access.Actor, courseID uint64) ([]Present, error) {
	if _, err := s.readCourse(ctx, actor, byID(courseID)); err != nil {
		return nil, err
	}
	return s.walkIns(ctx, courseID, 0)
}

func (s *Service) walkIns(ctx context.Context, courseID, sessionID uint64) ([]Present, error) {
	db := s.DB.Read(ctx)
	var list []Present
	q := db.Table("walk_ins w").Joins("LEFT JOIN enrolments r ON r.id = w.replaces_id").Joins("LEFT JOIN cadres rc ON rc.id = r.cadre_id").
		Joins("LEFT JOIN enrolments e ON e.id = w.enrolment_id").Joins("LEFT JOIN cadres c ON c.id = e.cadre_id").Where("w.course_id = ?", courseID)
	if sessionID != 0 {
		q = q.Where("w.state IN ?", []models.WalkInState{models.WalkInOpen, models.WalkInGuest})
	}
	err := q.Select("w.*, COALESCE(rc.full_name, '') AS replaces, COALESCE(c.full_name, '') AS cadre, COALESCE(c.id, 0) AS cadre_id").Order("w.sort_key, w.id").Scan(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var events []models.MarkEvent
	err = db.Table("mark_events").Joins("JOIN walk_ins w ON w.id = mark_events.walk_in_id").Where("w.course_id = ?", courseID).Select("mark_events.*").Scan(&events).Error
	if err != nil {
		return nil, err
	}
	type cell struct{ person, session uint64 }
	cells := map[cell][]models.MarkEvent{}
	for _, e := range events {
		k := cell{*e.WalkInID, e.SessionID}
		cells[k] = append(cells[k], e)
	}
	at := make(map[uint64]*Present, len(list))
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	for k, of := range cells {
		p, i := at[k.person], current(of)
		if p == nil || i < 0 {
			continue
		}
		if of[i].Mark.Attended() {
			p.Attended++
		}
		if k.session != sessionID {
			continue
		}
		p.MarkedAt = &of[i].MarkedAt
		if of[i].Mark != models.MarkNone {
			p.Mark, p.Note = of[i].Mark, of[i].Note
		}
	}
	return list, nil
}

// Match says that a walk-in is the cadre, who gets an enrolment where there is none, over the capacity if need be, and their marks with
// it. It refuses a walk-in or a cadre out of scope (not_found), one that is matched already ("walk_in_matched") and a course that is
// not held ("attendance_course_…").
func (s *Service) Match(ctx context.Context, actor access.Actor, walkInID, cadreID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := enrolment.LockCadres(tx, cadreID); err != nil {
			return 0, err
		}
		c, w, err := lockWalkIn(tx, actor, walkInID)
		if err != nil {
			return 0, err
		}
		if w.State == models.WalkInMatched {
			return 0, errs.Conflict("walk_in_matched")
		}
		e, err := enrolment.Arrive(tx, actor, c, cadreID)
		if err != nil {
			return 0, err
		}
		w.EnrolmentID, w.State = &e.ID, models.WalkInMatched
		return w.ID, decideWalkIn(tx, c, w, e.ID, map[string]any{"walk_in": w.ID, "cadre": cadreID})
	})
	return err
}

// Unmatch takes a match back, so that the walk-in's marks are their own again; an enrolment that the match had made is withdrawn. It
// refuses as Match does, and a walk-in that is not matched ("walk_in_not_matched").
func (s *Service) Unmatch(ctx context.Context, actor access.Actor, walkInID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, w, err := lockWalkIn(tx, actor, walkInID)
		if err != nil {
			return 0, err
		}
		if w.State != models.WalkInMatched {
			return 0, errs.Conflict("walk_in_not_matched")
		}
		was := *w.EnrolmentID
		w.EnrolmentID, w.State = nil, models.WalkInOpen
		if err := decideWalkIn(tx, c, w, was, map[string]any{"walk_in": w.ID, "enrolment": was}); err != nil {
			return 0, err
		}
		return w.ID, leave(tx, was)
	})
	return err
}

// leave withdraws an enrolment that a match had made and that nothing else speaks for.
func leave(tx *store.Tx, enrolmentID uint64) error {
	return tx.Model(&models.Enrolment{}).Where("id = ? AND source = ?", enrolmentID, enrolment.SourceWalkIn).
		Where("NOT EXISTS (SELECT 1 FROM walk_ins w WHERE w.enrolment_id = enrolments.id)").
		Where("NOT EXISTS (SELECT 1 FROM mark_events v WHERE v.enrolment_id = enrolments.id)").
		Updates(map[string]any{"state": models.EnrolmentWithdrawn, "decided_at": tx.Now, "updated_at": tx.Now}).Error
}

// Keep leaves a walk-in as a guest, or as one that was entered by mistake, or as open again. It refuses as Unmatch does, and a walk-in
// that is matched ("walk_in_matched").
func (s *Service) Keep(ctx context.Context, actor access.Actor, walkInID uint64, as models.WalkInState) error {
	if as != models.WalkInGuest && as != models.WalkInMistake && as != models.WalkInOpen {
		return errs.Invalid("walk_in_state")
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, w, err := lockWalkIn(tx, actor, walkInID)
		if err != nil {
			return 0, err
		}
		if w.State == models.WalkInMatched {
			return 0, errs.Conflict("walk_in_matched")
		}
		w.State = as
		return w.ID, decideWalkIn(tx, c, w, 0, map[string]any{"walk_in": w.ID, "as": as})
	})
	return err
}

// lockWalkIn locks the course of a walk-in and reads both.
func lockWalkIn(tx *store.Tx, actor access.Actor, id uint64) (c models.Course, w models.WalkIn, err error) {
	err = tx.Take(&w, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, w, errs.NotFound("walk_in")
	}
	if err != nil {
		return c, w, err
	}
	if c, err = course.Lock(tx, actor, access.EnrolmentWrite, w.CourseID); err != nil {
		return c, w, err
	}
	if err := tx.Take(&w, id).Error; err != nil {
		return c, w, err
	}
	return c, w, refusal(c, models.Session{}, 0)
}

// decideWalkIn writes what was decided of a walk-in and derives the marks of the enrolment that it concerns anew, 0 for none.
func decideWalkIn(tx *store.Tx, c models.Course, w models.WalkIn, enrolmentID uint64, detail any) error {
	w.UpdatedAt, w.DecidedByID = tx.Now, nil
	if tx.By.AccountID != 0 {
		w.DecidedByID = &tx.By.AccountID
	}
	err := tx.Model(&w).Select("state", "enrolment_id", "decided_by_id", "updated_at").Updates(&w).Error
	if err != nil {
		return err
	}
	if enrolmentID != 0 {
		if err := rederive(tx, c.ID, enrolmentID); err != nil {
			return err
		}
	}
	return tx.Audit("walk_in."+string(w.State), "course", c.ID, detail)
}

// rederive works out the marks of one enrolment in every session of the course anew.
func rederive(tx *store.Tx, courseID uint64, ids ...uint64) error {
	var list []models.Session
	if err := tx.Where("course_id = ?", courseID).Order("id").Find(&list).Error; err != nil {
		return err
	}
	who := make(map[uint64]bool, len(ids))
	for _, id := range ids {
		who[id] = true
	}
	for _, x := range list {
		if err := derive(tx, x, slices.Sorted(maps.Keys(who)), new(State)); err != nil {
			return err
		}
	}
	return nil
}

// Candidate is a cadre who may be the walk-in.
type Candidate struct {
	CadreID   uint64
	Name      string
	BirthYear int // 0: not known
	Office    string
	Likely    bool // the year of birth agrees
	Enrolled  bool // has a seat in the course
}

// Candidates gives, for each walk-in nobody has decided on, the cadres in scope who bear the same name, those first whose year of birth
// agrees; others are left out where it differs by more than one. One query.
func (s *Service) Candidates(ctx context.Context, actor access.Actor, courseID uint64, list []Present) (map[uint64][]Candidate, error) {
	keys := map[string]bool{}
	for _, w := range list {
		if w.State == models.WalkInOpen || w.State == models.WalkInGuest {
			keys[viet.Key(w.Name)] = true
		}
	}
	out := map[uint64][]Candidate{}
	today := models.DayOf(s.DB.Time())
	byKey := map[string][]Candidate{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(keys)), 500) {
		var rows []struct {
			Candidate
			NameKey string
		}
		err := s.DB.Read(ctx).Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.EnrolmentWrite, today)).
			Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, today, today).
			Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
			Joins("LEFT JOIN enrolments e ON e.cadre_id = cadres.id AND e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
			Where("cadres.name_key IN ? AND cadres.merged_into_id IS NULL", part).
			Select("cadres.id AS cadre_id, cadres.full_name AS name, cadres.birth_year, cadres.name_key, COALESCE(o.name, '') AS office, e.id IS NOT NULL AS enrolled").
			Order("cadres.sort_key, cadres.birth_year, cadres.id").Limit(1000).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			byKey[r.NameKey] = append(byKey[r.NameKey], r.Candidate)
		}
	}
	for _, w := range list {
		for _, c := range byKey[viet.Key(w.Name)] {
			off := c.BirthYear - w.BirthYear
			if w.BirthYear != 0 && c.BirthYear != 0 && (off < -1 || off > 1) {
				continue
			}
			c.Likely = w.BirthYear != 0 && off == 0
			out[w.ID] = append(out[w.ID], c)
		}
		slices.SortStableFunc(out[w.ID], func(a, b Candidate) int {
			switch {
			case a.Likely == b.Likely:
				return 0
			case a.Likely:
				return -1
			}
			return 1
		})
	}
	return out, nil
}

// MaxFound is how many cadres a search for a walk-in gives.
const MaxFound = 20

// Search gives cadres in scope whose name holds the words, in any order and without regard to tones, at most MaxFound.
func (s *Service) Search(ctx context.Context, actor access.Actor, courseID uint64, text string) ([]Candidate, error) {
	today := models.DayOf(s.DB.Time())
	words := strings.Fields(viet.Fold(text))
	if len(words) == 0 {
		return nil, nil
	}
	q := s.DB.Read(ctx).Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.EnrolmentWrite, today)).
		Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, today, today).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Joins("LEFT JOIN enrolments e ON e.cadre_id = cadres.id AND e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
		Where("cadres.merged_into_id IS NULL")
	plain := strings.NewReplacer("%", "", "_", "", `\\`, "")
	for _, w := range words[:min(len(words), 6)] {
		q = q.Where("cadres.search LIKE ?", "%"+plain.Replace(w)+"%")
	}
	var list []Candidate
	err := q.Select("cadres.id AS cadre_id, cadres.full_name AS name, cadres.birth_year, COALESCE(o.name, '') AS office, e.id IS NOT NULL AS enrolled").
		Order("cadres.sort_key, cadres.birth_year, cadres.id").Limit(MaxFound).Scan(&list).Error
	return list, err
}
