package attendance

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Batch is what a device sends: people who came without being on the list, and changes of marks, of any sessions.
type Batch struct {
	DeviceID string // a UUID that the browser keeps; "" unknown
	WalkIns  []WalkInInput
	Marks    []MarkInput
}

// MarkInput is one change of a mark, as a client sends it.
type MarkInput struct {
	UID         string // a UUID of the client's own (version 7, so that they sort by time); "": one is made here
	SessionID   uint64
	EnrolmentID uint64           // who it is about, or
	WalkInUID   string           // the walk-in with this id
	Mark        models.MarkValue // MarkNone takes the mark back
	Note        string           // at most MaxNote letters
	MarkedAt    time.Time        // by the client's clock; zero: now, after all that is known of the person
	Offset      *time.Duration   // the server's clock minus the client's, as the client measured it; nil: MarkedAt stands as it is
	SeenAt      time.Time        // of the mark that the client showed when it marked, by the server's clock; zero: none
	Source      string           // SourceList where it is ""
	All         bool             // part of "all present": fills a blank only
	Refusal     *errs.Error      // why the mark could not be read; nil: it could
}

// Fate says what became of one mark or walk-in that was sent.
type Fate struct {
	UID     string
	Status  Status
	Refusal *errs.Error // why it was refused
}

// Why gives the code and the parameters of the refusal, of a refused field those of the field; "" where nothing was refused.
func (f Fate) Why() (string, errs.Params) {
	switch {
	case f.Refusal == nil:
		return "", nil
	case len(f.Refusal.Fields) > 0:
		return f.Refusal.Fields[0].Code, f.Refusal.Fields[0].Params
	}
	return f.Refusal.Code, f.Refusal.Params
}

// Status is what became of what was sent.
type Status string

// The statuses. Only what is refused stays with the client.
const (
	Stored   Status = "stored"
	Repeated Status = "repeated" // was known already, and changed nothing
	Held     Status = "held"     // came after the course had closed: kept for a coordinator, not applied
	Refused  Status = "refused"
)

// Outcome says what became of a batch.
type Outcome struct {
	Now      time.Time // the server's time, by which clients measure theirs
	WalkIns  []Fate    // as they were sent
	Marks    []Fate    // as they were sent
	Sessions []State   // what holds now in the sessions that the batch names and reaches
}

// State is what holds in a session.
type State struct {
	SessionID uint64
	Attended  int       // of Total, how many have been marked present or late
	Unmarked  int       // of Total, how many have no mark
	Total     int       // persons enrolled in the course
	Marks     []Current // of the persons that the batch is about, by enrolment
}

// Current is the mark that holds for a person.
type Current struct {
	EnrolmentID uint64
	Mark        models.MarkValue // MarkNone: none
	Note        string
	MarkedAt    *time.Time
	Disputed    bool // another source says otherwise, see models.MarkDispute
}

// Record stores what a device sends, in one transaction and a number of statements that grows with the sessions and not with the
// marks. Each mark is taken or refused by itself: one that is refused hinders no other. An event whose UID was seen before changes
// nothing; what holds afterwards depends on which events there are and not on the order in which they came (see current). Marks of
// a course that has closed are kept and do not count (Held). The first mark makes an open course a running one. What arrives while
// another batch is being written is written together with whatever else has come until then, so that a hall full of phones waits for
// one transaction and not for hundreds.
//
// It refuses, mark by mark: all after the first MaxMarks ("marks_too_many"), an id that is no UUID ("mark_uid") or was used for
// something else ("mark_uid_taken"), a mark that is none ("mark_unknown"), a long note ("mark_note"), text that is no UTF-8
// ("mark_utf8"), a time outside this century ("mark_time"), a session out of scope (not_found), a course that is not held
// ("attendance_course_draft", "…_cancelled"), a cancelled session ("session_cancelled"), a day that has not come
// ("session_not_yet"), a person who is not enrolled in the course ("mark_not_enrolled"), a walk-in that nobody entered
// ("walk_in_unknown"); and walk-ins as WalkInInput says.
func (s *Service) Record(ctx context.Context, actor access.Actor, b Batch) (Outcome, error) {
	return s.send(ctx, &sending{actor: actor, batch: b})
}

// send has a batch written together with whatever else waits.
func (s *Service) send(ctx context.Context, sent *sending) (Outcome, error) {
	sent.done = make(chan struct{})
	s.mu.Lock()
	s.waiting = append(s.waiting, sent)
	leads := !s.recording
	s.recording = true
	s.mu.Unlock()
	if leads {
		go s.recordWaiting(context.WithoutCancel(ctx)) // by itself: who leads waits for its own marks, not for those of all who come after
	}
	<-sent.done
	return sent.out, sent.err
}

// sending is a batch that waits to be written, then what became of it.
type sending struct {
	actor access.Actor
	batch Batch
	own   bool // the mark is about the sender, who has shown it (CheckIn): no permission is asked for
	done  chan struct{}
	out   Outcome
	err   error
}

// standing is the account with its rights: two of one account may differ in these.
func (x *sending) standing() string { return fmt.Sprint(x.actor.AccountID, x.actor.Grants) }

// recordWaiting writes what waits until nothing does, each time as much as one transaction may hold.
func (s *Service) recordWaiting(ctx context.Context) {
	for {
		s.mu.Lock()
		n, marks := 0, 0
		for ; n < len(s.waiting); n++ {
			if marks += len(s.waiting[n].batch.Marks); n > 0 && marks > MaxMarks {
				break
			}
		}
		part := slices.Clone(s.waiting[:n])
		s.waiting = slices.Delete(s.waiting, 0, n)
		s.recording = n > 0
		s.mu.Unlock()
		if n == 0 {
			return
		}
		s.together(ctx, part)
	}
}

// together writes batches in one transaction and tells who waits for them, come what may.
func (s *Service) together(ctx context.Context, part []*sending) {
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = errs.Internal("marks", fmt.Errorf("%v\n%s", p, debug.Stack()))
		}
		for _, x := range part {
			x.err = err
			close(x.done)
		}
	}()
	err = s.record(ctx, part, false)
}

// record writes batches in one transaction; strict refuses the whole with the first refusal.
func (s *Service) record(ctx context.Context, part []*sending, strict bool) error {
	_, err := s.DB.Write(ctx, store.By{AccountID: part[0].actor.AccountID, RequestID: part[0].actor.RequestID}, func(tx *store.Tx) (uint64, error) {
		return 0, recordIn(tx, part, strict)
	})
	return err
}

// recordIn writes batches within a transaction as record does.
func recordIn(tx *store.Tx, part []*sending, strict bool) error {
	r := recording{tx: tx, part: part}
	r.read()
	for _, step := range []func() error{r.reach, r.enter, r.people, r.known, r.add} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, e := range r.entries {
		if strict && e.fate.Refusal != nil {
			return e.fate.Refusal
		}
		if strict && e.fate.Status == Held {
			return errs.Conflict("attendance_course_closed")
		}
	}
	return nil
}

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

// century are the times that a mark may bear; a clock that is further off says nothing.
var century = [2]time.Time{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}

// toEvent checks a mark by itself.
func toEvent(m MarkInput) (models.MarkEvent, error) {
	e := models.MarkEvent{UID: strings.ToLower(m.UID), Mark: m.Mark, Source: m.Source, State: models.EventApplied}
	if m.EnrolmentID != 0 {
		e.EnrolmentID = &m.EnrolmentID
	}
	switch {
	case m.All:
		e.Source = SourceAll
	case e.Source == "":
		e.Source = SourceList
	}
	if !m.MarkedAt.IsZero() {
		e.MarkedAt = m.MarkedAt
		if m.Offset != nil {
			e.DeviceAt, e.OffsetMS = utc(m.MarkedAt), new(m.Offset.Milliseconds())
			e.MarkedAt = m.MarkedAt.Add(time.Duration(*e.OffsetMS) * time.Millisecond)
		}
		e.MarkedAt = *utc(e.MarkedAt)
		if e.MarkedAt.Before(century[0]) || !e.MarkedAt.Before(century[1]) || e.DeviceAt != nil && (e.DeviceAt.Before(century[0]) || !e.DeviceAt.Before(century[1])) {
			return e, errs.Invalid("mark_time")
		}
	}
	if !m.SeenAt.IsZero() && m.SeenAt.After(century[0]) && m.SeenAt.Before(century[1]) {
		e.SeenAt = utc(m.SeenAt)
	}
	if e.UID == "" {
		e.UID = newUID()
	} else if !isUID(e.UID) {
		e.UID = m.UID
		return e, errs.Invalid("mark_uid")
	}
	if !utf8.ValidString(m.Note) {
		return e, errs.Invalid("mark_utf8")
	}
	e.Note = viet.NFC(m.Note)
	switch {
	case m.Mark != models.MarkNone && !slices.Contains(Marks, m.Mark), m.All && m.Mark != models.MarkPresent:
		return e, errs.Invalid("mark_unknown")
	case len([]rune(e.Note)) > MaxNote:
		return e, errs.OnField("note", "mark_note", errs.Params{"n": MaxNote})
	case m.EnrolmentID == 0 && m.WalkInUID == "":
		return e, errs.Invalid("mark_not_enrolled")
	case m.EnrolmentID != 0 && m.WalkInUID != "":
		return e, errs.Invalid("walk_in_unknown")
	}
	return e, nil
}

func utc(t time.Time) *time.Time { return new(t.UTC().Truncate(time.Microsecond)) }

// newUID makes the id of an event.
func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func isUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

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
		if err := r.tx.Select("uid", "session_id", "enrolment_id", "walk_in_id", "mark").Where("uid IN ?", part).Find(&rows).Error; err != nil {
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
		case x.SessionID == e.SessionID && equal(x.EnrolmentID, e.EnrolmentID) && equal(x.WalkInID, e.WalkInID) && x.Mark == e.Mark:
			e.fate.Status = Repeated
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
