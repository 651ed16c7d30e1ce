package attendance

import "taphuan/models"

// current gives the event that makes the current mark of one person in one session, -1 for none. It depends on which events
// there are and not on their order: the latest MarkedAt, then the greater UID, wins among the person's own marks and among
// those of "all present"; an own mark stands against "all present" whenever that was pressed, since it fills blanks only. Only
// where the own mark was taken back before "all present" was pressed is there a blank to fill.
func current(events []models.MarkEvent) int {
	own, all := -1, -1
	for i, e := range events {
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
