package attendance

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
)

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

// together writes batches in one transaction and tells who waits for them, come what may. Where that fails each is written by itself, so
// that one which cannot be written takes no other's marks along.
func (s *Service) together(ctx context.Context, part []*sending) {
	defer func() {
		for _, x := range part {
			close(x.done)
		}
	}()
	err := s.record(ctx, part, false)
	for i, failed := 0, 0; err != nil && i < len(part); i++ {
		if failed > 1 { // it is not theirs: the database, say, is away
			part[i].err = err
		} else if part[i].err = s.record(ctx, part[i:i+1], false); part[i].err != nil {
			failed++
		}
	}
}

// record writes batches in one transaction; strict refuses the whole with the first refusal.
func (s *Service) record(ctx context.Context, part []*sending, strict bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errs.Internal("marks", fmt.Errorf("%v\n%s", p, debug.Stack()))
		}
	}()
	// An id that another course uses at this moment is known the next time.
	for range 3 {
		_, err = s.DB.Write(ctx, store.By{AccountID: part[0].actor.AccountID, RequestID: part[0].actor.RequestID}, func(tx *store.Tx) (uint64, error) {
			return 0, recordIn(tx, part, strict)
		})
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			break
		}
	}
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
