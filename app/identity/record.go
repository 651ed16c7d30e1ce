package identity

import (
	"encoding/json"
	"slices"

	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
)

const purposeMerge = "cadre_merge"

// record is what it takes to undo a merge, and to tell whether something has changed since.
type record struct {
	Kept, Gone   models.Cadre // as they were
	KeptVersion  string       // of the data as the merge left them
	GoneVersion  string
	KeptPostings []savedPosting // as they were
	GonePostings []savedPosting
	After        []savedPosting      // of the kept record, as the merge left them
	Moved        map[string][]uint64 // "table.column": the rows that went along
	Gave         []savedPlace        // places that gave way, where both were in one course
	Accounts     []savedAccount
}

// savedPosting is a posting with its days as numbers: JSON has one word for no day and for ever.
type savedPosting struct {
	models.Posting
	Days   [2]int32
	Groups []uint64
	Leaves []savedLeave
}

type savedLeave struct {
	models.Leave
	Days [2]int32
}

// savedPlace is an empty place in a course as it was before it gave way to the other.
type savedPlace struct {
	Way         models.Enrolment
	Other       uint64
	CourseState models.CourseState
}

type savedAccount struct {
	ID       uint64
	CadreID  uint64
	Disabled bool
}

func savePostings(h []*roster.HistoryPosting) []savedPosting {
	out := make([]savedPosting, len(h))
	for i, p := range h {
		out[i] = savedPosting{Posting: p.Posting, Days: [2]int32{int32(p.FromDay), int32(p.ToDay)}, Groups: slices.Clone(p.Groups)}
		for _, l := range p.Leaves {
			out[i].Leaves = append(out[i].Leaves, savedLeave{l, [2]int32{int32(l.FromDay), int32(l.ToDay)}})
		}
	}
	return out
}

// restored gives the postings as they were saved, with their ids.
func restored(saved []savedPosting) []*roster.HistoryPosting {
	out := make([]*roster.HistoryPosting, len(saved))
	for i, s := range saved {
		p := &roster.HistoryPosting{Posting: s.Posting, Groups: slices.Clone(s.Groups)}
		p.FromDay, p.ToDay = models.Day(s.Days[0]), models.Day(s.Days[1])
		for _, l := range s.Leaves {
			x := l.Leave
			x.FromDay, x.ToDay = models.Day(l.Days[0]), models.Day(l.Days[1])
			p.Leaves = append(p.Leaves, x)
		}
		out[i] = p
	}
	return out
}

// samePostings says whether two lists say the same of the same postings.
func samePostings(a, b []savedPosting) bool {
	line := func(p savedPosting) uint64 {
		if p.LineID == nil {
			return 0
		}
		return *p.LineID
	}
	byID := func(x, y savedPosting) int { return int(x.ID) - int(y.ID) }
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, byID)
	slices.SortFunc(b, byID)
	return slices.EqualFunc(a, b, func(x, y savedPosting) bool {
		return x.ID == y.ID && x.OrganisationID == y.OrganisationID && x.Title == y.Title && x.Days == y.Days && x.Main == y.Main && x.EndReason == y.EndReason &&
			line(x) == line(y) && slices.Equal(x.Groups, y.Groups) && slices.EqualFunc(x.Leaves, y.Leaves, func(k, l savedLeave) bool {
			return k.ID == l.ID && k.Kind == l.Kind && k.Days == l.Days
		})
	})
}

func (s *Service) seal(r *record) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return s.Keys.Seal(purposeMerge, string(b))
}

func (s *Service) open(sealed []byte) (*record, error) {
	text, err := s.Keys.Open(purposeMerge, sealed)
	if err != nil {
		return nil, errs.Internal("record of a merge", err)
	}
	r := &record{}
	return r, json.Unmarshal([]byte(text), r)
}
