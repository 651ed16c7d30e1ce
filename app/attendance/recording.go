package attendance

import (
	"maps"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// recording are batches on their way into the log.
type recording struct {
	tx      *store.Tx
	part    []*sending
	entries []*entry

	sessions map[uint64]models.Session
	courses  map[uint64]*models.Course
	refusals map[uint64]error           // why a session takes no marks
	reached  map[string]map[uint64]bool // the courses that an actor may write, by standing
	walkIns  map[string]models.WalkIn   // those that the batches name, by uid
}

// entry is one mark on its way.
type entry struct {
	models.MarkEvent
	by     *sending
	walkIn string // uid
	fate   *Fate
}

func (e *entry) refuse(err error) {
	if e.left() {
		e.fate.Status, e.fate.Refusal = Refused, errs.As(err)
	}
}

// left says whether the mark may still be stored.
func (e *entry) left() bool { return e.fate.Status == "" }

// may says whether the account of a batch may write the session.
func (r *recording) may(by *sending, session uint64) bool {
	x, ok := r.sessions[session]
	return ok && (by.own || r.reached[by.standing()][x.CourseID])
}

// read checks what can be checked without the database.
func (r *recording) read() {
	for _, x := range r.part {
		x.out = Outcome{Now: r.tx.Now, WalkIns: make([]Fate, len(x.batch.WalkIns)), Marks: make([]Fate, len(x.batch.Marks))}
		device := strings.ToLower(x.batch.DeviceID)
		if !isUID(device) {
			device = ""
		}
		for i, m := range x.batch.Marks {
			e := &entry{by: x, walkIn: strings.ToLower(m.WalkInUID), fate: &x.out.Marks[i]}
			var err error
			e.MarkEvent, err = toEvent(m)
			e.SessionID, e.DeviceID, e.AccountID, e.ReceivedAt = m.SessionID, device, x.actor.AccountID, r.tx.Now
			e.fate.UID = e.UID
			switch {
			case m.Refusal != nil:
				e.refuse(m.Refusal)
			case err != nil:
				e.refuse(err)
			case i >= MaxMarks:
				e.refuse(errs.TooLarge("marks_too_many", errs.Params{"n": MaxMarks}))
			}
			r.entries = append(r.entries, e)
		}
	}
}

// reach locks the courses of the sessions that the batches name, asks which of them each actor may write, and refuses what cannot be
// marked.
func (r *recording) reach() error {
	named := map[uint64]bool{}
	for _, e := range r.entries {
		if e.left() {
			named[e.SessionID] = true
		}
	}
	for _, x := range r.part {
		for _, w := range x.batch.WalkIns {
			named[w.SessionID] = true
		}
	}
	if err := r.lock(named); err != nil {
		return err
	}
	if err := r.scope(); err != nil {
		return err
	}
	for _, e := range r.entries {
		why := r.refusals[e.SessionID]
		switch {
		case !r.may(e.by, e.SessionID):
			e.refuse(errs.NotFound("session"))
		case errs.Is(why, "attendance_course_closed") && !e.by.own:
			e.State = models.EventHeld
		case why != nil:
			e.refuse(why)
		}
		switch {
		case e.MarkedAt.IsZero():
		case e.MarkedAt.After(r.tx.Now.Add(ahead)):
			e.Flag = FlagAhead
		case e.MarkedAt.Before(r.sessions[e.SessionID].Day.At(0)):
			e.Flag = FlagBefore
		}
	}
	return nil
}

// lock locks the courses of sessions and reads both.
func (r *recording) lock(named map[uint64]bool) error {
	r.sessions, r.courses, r.refusals = map[uint64]models.Session{}, map[uint64]*models.Course{}, map[uint64]error{}
	of := map[uint64]bool{}
	for part := range slices.Chunk(sorted(named), 500) {
		var some []uint64
		if err := r.tx.Model(&models.Session{}).Where("id IN ?", part).Distinct().Pluck("course_id", &some).Error; err != nil {
			return err
		}
		for _, id := range some {
			of[id] = true
		}
	}
	for part := range slices.Chunk(sorted(of), 500) {
		list, err := course.LockAll(r.tx, part)
		if err != nil {
			return err
		}
		for _, c := range list {
			r.courses[c.ID] = &c
		}
	}
	for part := range slices.Chunk(sorted(named), 500) {
		var list []models.Session // read under the lock: one may have gone away while it was awaited
		if err := r.tx.Where("id IN ?", part).Find(&list).Error; err != nil {
			return err
		}
		for _, x := range list {
			if c := r.courses[x.CourseID]; c != nil {
				r.sessions[x.ID], r.refusals[x.ID] = x, refusal(*c, x, r.tx.Today)
			}
		}
	}
	return nil
}

// scope asks which of the courses each actor may write: one query an account.
func (r *recording) scope() error {
	r.reached = map[string]map[uint64]bool{}
	ids := slices.Sorted(maps.Keys(r.courses))
	for _, x := range r.part {
		if x.own || r.reached[x.standing()] != nil || len(ids) == 0 {
			continue
		}
		mine := map[uint64]bool{}
		for part := range slices.Chunk(ids, 500) {
			var some []uint64
			err := r.tx.Model(&models.Course{}).Scopes(access.Courses(x.actor, access.AttendanceWrite, r.tx.Now)).Where("courses.id IN ?", part).Pluck("courses.id", &some).Error
			if err != nil {
				return err
			}
			for _, id := range some {
				mine[id] = true
			}
		}
		r.reached[x.standing()] = mine
	}
	return nil
}

// people finds the enrolments and walk-ins that the marks are about.
func (r *recording) people() error {
	who, uids := map[uint64]bool{}, map[string]bool{}
	for _, e := range r.entries {
		switch {
		case !e.left():
		case e.EnrolmentID != nil:
			who[*e.EnrolmentID] = true
		default:
			if _, ok := r.walkIns[e.walkIn]; !ok {
				uids[e.walkIn] = true
			}
		}
	}
	enrolled := make(map[uint64]uint64, len(who))
	for part := range slices.Chunk(sorted(who), 500) {
		var rows []struct{ ID, CourseID uint64 }
		err := r.tx.Model(&models.Enrolment{}).Where("id IN ? AND state = ?", part, models.EnrolmentEnrolled).Select("id", "course_id").Scan(&rows).Error
		if err != nil {
			return err
		}
		for _, x := range rows {
			enrolled[x.ID] = x.CourseID
		}
	}
	if err := r.findWalkIns(slices.Sorted(maps.Keys(uids))); err != nil {
		return err
	}
	for _, e := range r.entries {
		in := r.sessions[e.SessionID].CourseID
		if !e.left() {
			continue
		}
		if e.EnrolmentID != nil {
			if enrolled[*e.EnrolmentID] != in {
				e.refuse(errs.Invalid("mark_not_enrolled"))
			}
			continue
		}
		w, ok := r.walkIns[e.walkIn]
		if !ok || w.CourseID != in {
			e.refuse(errs.Invalid("walk_in_unknown"))
			continue
		}
		e.WalkInID = &w.ID
	}
	return nil
}

// known settles the marks whose ids were seen before.
func (r *recording) known() error {
	var uids []string
	for _, e := range r.entries {
		if e.left() {
			uids = append(uids, e.UID)
		}
	}
	seen := make(map[string]models.MarkEvent, len(uids))
	for part := range slices.Chunk(uids, 500) {
		var rows []models.MarkEvent
		if err := r.tx.Select("uid", "session_id", "enrolment_id", "walk_in_id", "mark", "note").Where("uid IN ?", part).Find(&rows).Error; err != nil {
			return err
		}
		for _, x := range rows {
			seen[x.UID] = x
		}
	}
	for _, e := range r.entries {
		if !e.left() {
			continue
		}
		x, ok := seen[e.UID]
		switch {
		case !ok:
			seen[e.UID] = e.MarkEvent
		case x.SessionID == e.SessionID && equal(x.EnrolmentID, e.EnrolmentID) && equal(x.WalkInID, e.WalkInID) && x.Mark == e.Mark && x.Note == e.Note:
			e.fate.Status = Repeated // its time as it came first: a phone may have measured another offset since
		default:
			e.refuse(errs.Invalid("mark_uid_taken"))
		}
	}
	return nil
}

func equal(a, b *uint64) bool { return a == b || a != nil && b != nil && *a == *b }

// add writes what is left into the log, derives what holds, session by session, and tells each batch about its own people.
func (r *recording) add() error {
	fresh, first := map[uint64][]models.MarkEvent{}, map[uint64]*sending{}
	who := map[uint64]map[uint64]bool{}
	about := map[*sending]map[uint64]map[uint64]bool{} // batch, session, enrolment
	for _, x := range r.part {
		about[x] = map[uint64]map[uint64]bool{}
		for _, w := range x.batch.WalkIns {
			if r.may(x, w.SessionID) {
				about[x][w.SessionID], who[w.SessionID] = map[uint64]bool{}, map[uint64]bool{}
			}
		}
	}
	for _, e := range r.entries {
		if !r.may(e.by, e.SessionID) {
			continue
		}
		if about[e.by][e.SessionID] == nil {
			about[e.by][e.SessionID] = map[uint64]bool{}
		}
		if who[e.SessionID] == nil {
			who[e.SessionID] = map[uint64]bool{}
		}
		if e.fate.Status == Refused {
			continue
		}
		id := e.EnrolmentID
		if id == nil {
			id = r.walkIns[e.walkIn].EnrolmentID
		}
		if id != nil {
			who[e.SessionID][*id], about[e.by][e.SessionID][*id] = true, true
		}
		if e.left() {
			fresh[e.SessionID] = append(fresh[e.SessionID], e.MarkEvent)
			if e.fate.Status = Stored; e.State == models.EventHeld {
				e.fate.Status = Held
			}
			if first[e.SessionID] == nil {
				first[e.SessionID] = e.by
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(who)) {
		state := State{SessionID: id}
		x := r.sessions[id]
		c := r.courses[x.CourseID]
		add := func() error { return write(r.tx, c, x, fresh[id], sorted(who[id]), &state) }
		if by := first[id]; by != nil {
			if err := r.tx.As(by.actor.By, add); err != nil {
				return err
			}
		} else if err := add(); err != nil {
			return err
		}
		// Figures are for who marks others.
		if slices.ContainsFunc(r.part, func(x *sending) bool { return !x.own && about[x][id] != nil }) {
			if err := count(r.tx.DB, c.ID, &state); err != nil {
				return err
			}
		}
		for _, x := range r.part {
			if mine, ok := about[x][id]; ok {
				own := state
				own.Marks = slices.DeleteFunc(slices.Clone(state.Marks), func(m Current) bool { return !mine[m.EnrolmentID] })
				x.out.Sessions = append(x.out.Sessions, own)
			}
		}
	}
	return nil
}
