// Package enrolment gives cadres their places in courses: enrolling, nomination and approval, capacity, the waiting list.
//
// Whatever changes who has a place takes the course's row lock first (course.Lock), so capacity holds however many write at once;
// docs/decisions/enrolment.md says how.
package enrolment

import (
	"slices"
	"unicode/utf8"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Service enrols.
type Service struct {
	DB *store.DB
}

// MaxPeople is how many cadres one request may name.
const MaxPeople = 2000

// PageSize is how many rows a page of a list shows.
const PageSize = 50

// maxReason is how many characters a reason may have.
const maxReason = 500

// Result says what a request did, in people.
type Result struct {
	Enrolled int // have a seat now
	Waiting  int // are on the waiting list now
	Already  int // were left as they were
	Changed  int // were nominated, refused or withdrawn, by what was asked for

	// Of those who got a seat by a request that invites: by mail, or with a letter that is to be printed.
	Mailed, Paper int
}

// A result is kept with the request key as one number, 12 bits a figure, so that a repeated request answers as the first did.
const (
	resultBits = 12
	resultMask = 1<<resultBits - 1
	resultMark = 1 << 62 // no result is 0, which would not be kept
)

// ref packs the figures. Who is invited by mail is one more than said, so that 0 is nobody invited; what gives places and invites changes
// nothing else, so that who is invited on paper stands where that would.
func (r Result) ref() uint64 {
	other, invited := r.Changed, 0
	if r.Mailed+r.Paper > 0 {
		other, invited = r.Paper, r.Mailed+1
	}
	ref := uint64(resultMark)
	for i, n := range []int{r.Enrolled, r.Waiting, r.Already, other, invited} {
		ref |= uint64(min(n, resultMask)) << (i * resultBits)
	}
	return ref
}

func resultOf(ref uint64) Result {
	at := func(i int) int { return int(ref >> (i * resultBits) & resultMask) }
	r := Result{Enrolled: at(0), Waiting: at(1), Already: at(2)}
	if at(4) > 0 {
		r.Mailed, r.Paper = at(4)-1, at(3)
	} else {
		r.Changed = at(3)
	}
	return r
}

// people checks a list of ids: each once, somebody, and not more than a request may name. It refuses with "nobody_chosen" and
// "too_many_chosen".
func people(ids []uint64) ([]uint64, error) {
	seen := make(map[uint64]bool, len(ids))
	out := make([]uint64, 0, min(len(ids), MaxPeople+1))
	for _, id := range ids {
		if id == 0 || seen[id] {
			continue
		}
		if len(out) == MaxPeople {
			return nil, errs.Invalid("too_many_chosen", errs.Params{"n": MaxPeople})
		}
		seen[id] = true
		out = append(out, id)
	}
	if len(out) == 0 {
		return nil, errs.Invalid("nobody_chosen")
	}
	return out, nil
}

// reasonOf checks a reason. It refuses none with "reason_missing" and a long one with "too_long", both on the field.
func reasonOf(text string) (string, error) {
	text = viet.NFC(text)
	switch {
	case text == "":
		return "", errs.OnField("reason", "reason_missing")
	case utf8.RuneCountInString(text) > maxReason:
		return "", errs.OnField("reason", "too_long", errs.Params{"n": maxReason})
	}
	return text, nil
}

// takesPart refuses where nobody's place may change: drafts ("enrolment_draft"), closed and cancelled courses
// ("enrolment_closed", "enrolment_cancelled").
func takesPart(c models.Course, _ models.Day) error {
	switch c.State {
	case models.CourseOpen, models.CourseRunning:
		return nil
	case models.CourseClosed:
		return errs.Conflict("enrolment_closed")
	case models.CourseCancelled:
		return errs.Conflict("enrolment_cancelled")
	}
	return errs.Conflict("enrolment_draft")
}

// nominates refuses where heads change nothing any more, not even by taking somebody back: the course must be open and its first day
// still to come ("nomination_closed").
func nominates(c models.Course, today models.Day) error {
	if err := takesPart(c, today); err != nil {
		return err
	}
	if c.State != models.CourseOpen || c.FirstDay != 0 && c.FirstDay <= today {
		return errs.Conflict("nomination_closed")
	}
	return nil
}

// takesNominations refuses where heads may put nobody forward: as nominates does, and after the course's deadline, whose day still counts
// ("nomination_deadline_passed").
func takesNominations(c models.Course, today models.Day) error {
	if err := nominates(c, today); err != nil {
		return err
	}
	if c.NominationDeadline != 0 && c.NominationDeadline < today {
		return errs.Conflict("nomination_deadline_passed", errs.Params{"day": c.NominationDeadline})
	}
	return nil
}

// rosterDay is the day whose roster a course draws from: today, or its first day where that is still to come.
func rosterDay(c models.Course, today models.Day) models.Day { return max(today, c.FirstDay) }

// listDay is the day whose postings a course's list shows: the roster's day, or its last day once it is over.
func listDay(c models.Course, today models.Day) models.Day {
	if c.LastDay != 0 && c.LastDay < today {
		return c.LastDay
	}
	return rosterDay(c, today)
}

// totals are the kinds of organisations at which nobody is posted.
var totals = models.Totals

// inCourse are the states of those who take part or may come to.
var inCourse = []models.EnrolmentState{models.EnrolmentNominated, models.EnrolmentEnrolled, models.EnrolmentWaiting}

// has says whether the state is one of those who take part or may come to.
func has(s models.EnrolmentState) bool { return slices.Contains(inCourse, s) }
