package handlers

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/i18n"
	"taphuan/models"
)

// How many characters of one value are shown: an act upon hundreds of people names them all. A cell of a workbook holds more.
const (
	maxFact = 400
	maxCell = 4000
)

// wholeID is a national id that somebody wrote into a reason or a note: no page of the audit gives it in full.
var wholeID = regexp.MustCompile(`\b\d{9}\b|\b(?:\d[ .]?){11}\d\b`)

// auditFact is one thing that an entry of the audit says, in words.
type auditFact struct{ Name, Text string }

func (f auditFact) String() string {
	if f.Name == "" {
		return f.Text
	}
	return f.Name + ": " + f.Text
}

// auditPosting is a posting as the audit keeps it.
type auditPosting struct {
	ID           uint64
	Organisation string // code
	Title        string
	Groups       []string
	Line         string
	From, To     models.Day
	Concurrent   bool
	EndReason    string `json:"end_reason"`
	Leaves       []struct {
		Kind     string
		From, To models.Day
	}
}

// auditChange is what became of postings.
type auditChange struct{ Before, After []auditPosting }

// auditLines says in words what the entries say. One query for all.
func (s *Server) auditLines(c *Ctx, rows []access.AuditRow, most int) ([]auditLine, error) {
	changes := make([]auditChange, len(rows))
	var codes []string
	for i, r := range rows {
		if strings.HasPrefix(r.AuditEntry.Action, "posting.") && json.Unmarshal([]byte(r.Detail), &changes[i]) == nil {
			for _, p := range slices.Concat(changes[i].Before, changes[i].After) {
				codes = append(codes, p.Organisation, p.Line)
			}
		}
	}
	names, err := s.roster.Names(c.Ctx(), codes)
	if err != nil {
		return nil, err
	}
	out := make([]auditLine, len(rows))
	for i, r := range rows {
		action := r.AuditEntry.Action
		out[i] = auditLine{AuditRow: r, Action: c.wordsOr("audit.action."+action, action), Thing: c.wordsOr("audit.noun."+r.Noun, r.Noun),
			Facts: append(c.postingFacts(changes[i], names), c.detailFacts(action, r.Detail)...)}
		for j := range out[i].Facts {
			f := &out[i].Facts[j]
			f.Text = wholeID.ReplaceAllStringFunc(f.Text, func(id string) string {
				id = strings.NewReplacer(" ", "", ".", "").Replace(id)
				return "…" + id[len(id)-4:]
			})
			if text := []rune(f.Text); len(text) > most {
				f.Text = string(text[:most]) + "…"
			}
		}
	}
	return out, nil
}

// postingFacts says of each posting what became of what.
func (c *Ctx) postingFacts(x auditChange, names map[string]string) []auditFact {
	before := map[uint64]auditPosting{}
	for _, p := range x.Before {
		before[p.ID] = p
	}
	var out []auditFact
	for _, p := range x.After {
		now := c.postingParts(p, names)
		was, ok := before[p.ID]
		if !ok {
			out = append(out, auditFact{c.T("audit.added"), joinParts(now, now)})
			continue
		}
		delete(before, p.ID)
		out = append(out, auditFact{c.T("audit.changed"), joinParts(c.postingParts(was, names), now)})
	}
	for _, p := range x.Before {
		if _, ok := before[p.ID]; ok {
			was := c.postingParts(p, names)
			out = append(out, auditFact{c.T("audit.removed"), joinParts(was, was)})
		}
	}
	return out
}

// postingParts are the things that a posting says, each in words.
func (c *Ctx) postingParts(p auditPosting, names map[string]string) [6]string {
	name := func(code string) string {
		if n := names[code]; n != "" {
			return n
		}
		return code
	}
	days := func(from, to models.Day) string {
		if to == 0 {
			return c.T("roster.since", "day", i18n.Day(c.Lang, from))
		}
		return c.T("roster.from_to", "from", i18n.Day(c.Lang, from), "to", i18n.Day(c.Lang, to.AddDays(-1)))
	}
	var leaves []string
	for _, l := range p.Leaves {
		leaves = append(leaves, c.wordsOr("posting.leave_kind."+l.Kind, l.Kind)+" "+days(l.From, l.To))
	}
	when := days(p.From, p.To)
	if p.Concurrent {
		when = c.T("roster.concurrent") + " " + when
	}
	if p.EndReason != "" {
		when += " (" + c.wordsOr("posting.reason."+p.EndReason, p.EndReason) + ")"
	}
	line := ""
	if p.Line != "" {
		line = c.T("roster.line", "name", name(p.Line))
	}
	return [6]string{name(p.Organisation), p.Title, strings.Join(p.Groups, " "), line, when, strings.Join(leaves, ", ")}
}

// joinParts writes what stayed once, and what changed as old → new.
func joinParts(was, now [6]string) string {
	var out []string
	for i := range now {
		switch {
		case was[i] != now[i]:
			out = append(out, becomes(was[i], now[i]))
		case now[i] != "":
			out = append(out, now[i])
		}
	}
	return strings.Join(out, " · ")
}

func becomes(was, now string) string {
	if was == "" {
		was = "–"
	}
	if now == "" {
		now = "–"
	}
	return was + " → " + now
}

// detailFacts says an entry's detail as names and values, sorted by name; what says nothing is left out, and postings are said apart.
func (c *Ctx) detailFacts(action, detail string) []auditFact {
	var v any
	if json.Unmarshal([]byte(detail), &v) != nil {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return []auditFact{{"", c.auditValue("", v)}}
	}
	if strings.HasPrefix(action, "posting.") {
		delete(m, "before")
		delete(m, "after")
	}
	var out []auditFact
	for k, v := range m {
		text := ""
		if pair, ok := v.([]any); ok && action == "cadre.update" && len(pair) == 2 { // old and new
			text = becomes(c.auditValue(k, pair[0]), c.auditValue(k, pair[1]))
		} else {
			text = c.auditValue(k, v)
		}
		if text != "" {
			out = append(out, auditFact{c.wordsOr("audit.fact."+k, k), text})
		}
	}
	slices.SortFunc(out, func(a, b auditFact) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// auditWords are where the words of values that are codes stand, by what they say.
var auditWords = map[string]string{"sex": "roster.sex_of.", "reason": "posting.reason.", "role": "role.", "signing": "signing.short.", "by": "audit.by.", "aim": "proposal.aim."}

// auditValue writes a value as people do: days as days, lists one after the other, codes in words.
func (c *Ctx) auditValue(key string, v any) string {
	switch x := v.(type) {
	case string:
		if day, err := models.ParseDay(x); err == nil && day != 0 {
			return i18n.Day(c.Lang, day)
		}
		if words := auditWords[key]; words != "" && x != "" {
			return c.wordsOr(words+x, x)
		}
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		if x {
			return c.T("ui.yes")
		}
		return c.T("ui.no")
	case []any:
		texts := make([]string, len(x))
		for i, y := range x {
			texts[i] = c.auditValue(key, y)
		}
		return strings.Join(texts, ", ")
	case map[string]any:
		var texts []string
		for k, y := range x {
			if text := c.auditValue(k, y); text != "" {
				texts = append(texts, c.wordsOr("audit.fact."+k, k)+" "+text)
			}
		}
		slices.Sort(texts)
		return "(" + strings.Join(texts, ", ") + ")"
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}
