package identity

import (
	"slices"

	"taphuan/app/roster"
	"taphuan/models"
)

// Span is days [From, To).
type Span struct{ From, To models.Day }

// Cut says what of a posting of the record that is given up goes along to the one that is kept.
type Cut struct {
	roster.HistoryPosting
	Stays []Span // in order; none: it is wholly overlaid
}

// Span is the days of the posting as it is.
func (c Cut) Span() Span { return Span{c.FromDay, c.ToDay} }

// Whole says whether the posting goes along as it is.
func (c Cut) Whole() bool {
	return len(c.Stays) == 1 && c.Stays[0] == Span{c.FromDay, c.ToDay}
}

// cuts says, of each posting of the record that is given up, what goes along: where main postings overlap, those of the kept record
// win; so do they at one organisation, where nobody is posted twice.
func cuts(kept, gone *roster.History) []Cut {
	out := make([]Cut, len(gone.Postings))
	for i, p := range gone.Postings {
		out[i] = Cut{HistoryPosting: *p, Stays: []Span{{p.FromDay, p.ToDay}}}
		for _, k := range kept.Postings {
			if p.Main && k.Main || p.OrganisationID == k.OrganisationID {
				out[i].Stays = without(out[i].Stays, Span{k.FromDay, k.ToDay})
			}
		}
	}
	return out
}

// without takes the days of x out of the spans.
func without(spans []Span, x Span) []Span {
	var out []Span
	for _, s := range spans {
		if x.To <= s.From || s.To <= x.From {
			out = append(out, s)
			continue
		}
		if s.From < x.From {
			out = append(out, Span{s.From, x.From})
		}
		if x.To < s.To {
			out = append(out, Span{x.To, s.To})
		}
	}
	return out
}

// pieces are the postings that go along, with groups and with leaves as far as they lie within.
func (c Cut) pieces() []*roster.HistoryPosting {
	var out []*roster.HistoryPosting
	for _, s := range c.Stays {
		p := &roster.HistoryPosting{Posting: models.Posting{OrganisationID: c.OrganisationID, Title: c.Title, FromDay: s.From, ToDay: s.To,
			Main: c.Main, LineID: c.LineID, EndReason: c.EndReason}, Groups: slices.Clone(c.Groups)}
		if s.To < c.ToDay {
			p.EndReason = models.EndTransferred
		}
		for _, l := range c.Leaves {
			if l.FromDay < s.To && l.ToDay > s.From {
				p.Leaves = append(p.Leaves, models.Leave{Kind: l.Kind, FromDay: max(l.FromDay, s.From), ToDay: min(l.ToDay, s.To)})
			}
		}
		out = append(out, p)
	}
	return out
}
