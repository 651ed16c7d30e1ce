package attendance

import "taphuan/models"

// The sources of mark events.
const (
	SourceList   = "list"    // one person's mark, from the list or the API
	SourceAll    = "all"     // "all present": fills what is blank and gives way to every mark of a person's own
	SourceGrid   = "grid"    // the table of many sessions
	SourceBadge  = "badge"   // a badge that was scanned at the door
	SourceScreen = "screen"  // the person's own phone, by the code on the hall's screen
	SourceSheet  = "sheet"   // typed from a signed sheet, or its workbook
	SourceImport = "import"  // came in with a course of the past
	SourceMakeUp = "make_up" // an equivalent session of another course (học bù)
)

// Flags say why the time of an event is not to be believed. It counts as it is all the same.
const (
	FlagAhead  = "clock_ahead"  // by more than five minutes after it arrived
	FlagBefore = "clock_before" // before the day of the session
)

// current gives the event that makes the current mark of one person in one session, -1 for none. It depends on which events
// there are and not on their order: the latest MarkedAt, then the greater UID, wins among the person's own marks and among
// those of "all present"; an own mark stands against "all present" whenever that was pressed, since it fills blanks only. Only
// where the own mark was taken back before "all present" was pressed is there a blank to fill.
func current(events []models.MarkEvent) int {
	own, all := -1, -1
	for i, e := range events {
		if e.State != models.EventApplied {
			continue
		}
		if e.Source == SourceAll {
			if all < 0 || after(e, events[all]) {
				all = i
			}
		} else if own < 0 || after(e, events[own]) {
			own = i
		}
	}
	switch {
	case all < 0:
		return own
	case own < 0:
		return all
	case events[own].Mark == models.MarkNone && after(events[all], events[own]):
		return all
	}
	return own
}

// after says whether a was made after b.
func after(a, b models.MarkEvent) bool {
	if !a.MarkedAt.Equal(b.MarkedAt) {
		return a.MarkedAt.After(b.MarkedAt)
	}
	return a.UID > b.UID
}

// stream is where an event came from: what one source says later replaces what it said before.
type stream struct{ source, device string }

// streamOf gives the stream of an event. The list, "all present" and the grid of one device are one, as one person holds it; badges
// scanned at a door are another, whatever device scanned them, as are a person's own phone and the paper.
func streamOf(e models.MarkEvent) stream {
	switch e.Source {
	case SourceList, SourceAll, SourceGrid:
		return stream{SourceList, e.DeviceID}
	}
	return stream{source: e.Source}
}

// disputed says whether another source or device than that of the event at holds says something else of the person, and whoever made
// that event had not seen it. It gives the other's event, -1 where nobody disagrees. Like current it does not depend on the order.
func disputed(events []models.MarkEvent, holds int) int {
	if holds < 0 || events[holds].Source == SourceAll {
		return -1
	}
	h := events[holds]
	last := map[stream]int{}
	for i, e := range events {
		if e.State != models.EventApplied || e.Source == SourceAll {
			continue
		}
		if j, ok := last[streamOf(e)]; !ok || after(e, events[j]) {
			last[streamOf(e)] = i
		}
	}
	other := -1
	for s, i := range last {
		e := events[i]
		if s == streamOf(h) || e.Mark == h.Mark || e.Mark == models.MarkNone || h.SeenAt != nil && !e.MarkedAt.After(*h.SeenAt) {
			continue
		}
		if other < 0 || after(e, events[other]) {
			other = i
		}
	}
	return other
}
