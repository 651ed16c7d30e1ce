package history

import (
	"regexp"
	"strconv"
	"strings"

	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster/sheet"
	"taphuan/models"
	"taphuan/models/viet"
)

// The columns of the sheet of courses, and those of the attendance list beside the person.
const (
	columnCode     = "code"
	columnType     = "course_type"
	columnHost     = "host"
	columnVenue    = "venue"
	columnCapacity = "capacity"
	columnTopics   = "topics"
	columnGroups   = "groups"
	columnRule     = "rule_percent"
	columnMinScore = "min_score"
	columnDay      = "day"
	columnStart    = "start"
	columnEnd      = "end"
	columnAbout    = "about"
	columnRoom     = "room"

	columnCourse  = "course"
	columnSession = "session"
	columnMinutes = "minutes"
	columnPresent = "present"
	columnScore   = "score"
)

var courseColumns = []sheet.Extra{
	{Name: columnTitle, Words: []string{"ten lop", "ten hoi nghi", "ten khoa"}, Needed: true},
	{Name: columnCode, Words: []string{"so lop", "ma lop", "ma so"}},
	{Name: columnType, Words: []string{"loai", "loai hinh", "hinh thuc"}, Needed: true},
	{Name: columnHost, Words: []string{"co quan to chuc", "don vi to chuc", "co quan chu tri", "don vi chu tri"}, Needed: true, Office: true},
	{Name: columnVenue, Words: []string{"dia diem"}},
	{Name: columnCapacity, Words: []string{"so cho", "quy mo", "so nguoi"}},
	{Name: columnTopics, Words: []string{"noi dung"}},
	{Name: columnGroups, Words: []string{"doi tuong"}},
	{Name: columnRule, Words: []string{"ty le", "ti le"}},
	{Name: columnMinScore, Words: []string{"diem toi thieu", "diem dat"}},
	{Name: columnStart, Words: []string{"tu gio", "gio bat dau", "bat dau"}},
	{Name: columnEnd, Words: []string{"den gio", "gio ket thuc", "ket thuc"}},
	{Name: columnAbout, Words: []string{"ten buoi"}},
	{Name: columnRoom, Words: []string{"phong"}},
	{Name: columnDay, Words: []string{"ngay"}, Needed: true},
}

var listColumns = []sheet.Extra{
	{Name: columnSession, Words: []string{"buoi"}},
	{Name: columnMinutes, Words: []string{"so phut", "phut"}},
	{Name: columnPresent, Words: []string{"co mat", "diem danh", "tham du", "du lop"}},
	{Name: columnScore, Words: []string{"diem so", "diem kiem tra", "diem"}},
	{Name: columnCourse, Words: []string{"so lop", "ma lop", "ten lop", "lop"}},
}

// fault is the first thing that is wrong in a sheet, and where.
type fault struct {
	sheet, column, value string
	row                  int
	code                 string
	params               errs.Params
}

// draft is a course as its rows tell it.
type draft struct {
	course.Past
	sheet    string
	row      int
	rows     []map[string]sheet.Said // of the sessions; the first is that of the course too
	places   []int
	typeName string
	host     models.Organisation
	wrong    *fault
}

// no notes the first fault: at the cell of the name in the row of the session, -1 for the course's own.
func (d *draft) no(session int, name, code string, params errs.Params) {
	if d.wrong != nil {
		return
	}
	d.wrong = &fault{sheet: d.sheet, row: d.row, code: code, params: params}
	said := d.rows[0][name]
	if session >= 0 && session < len(d.rows) {
		d.wrong.row, said = d.places[session], d.rows[session][name]
	}
	d.wrong.column, d.wrong.value = said.Column, said.Text
}

// drafts reads the rows of courses: a row with a title begins a course, unless it bears the code of the one before; each row is a
// session. lost are rows before any title.
func drafts(records []sheet.Record) (out []*draft, lost []fault) {
	var d *draft
	for _, r := range records {
		said := map[string]sheet.Said{}
		for _, c := range r.Said {
			said[c.Name] = c
		}
		code := strings.ToUpper(said[columnCode].Text)
		if _, begins := said[columnTitle]; begins && (d == nil || code == "" || code != d.Code || r.Sheet != d.sheet) {
			d = &draft{sheet: r.Sheet, row: r.Row}
			d.Code, d.Title = code, said[columnTitle].Text
			out = append(out, d)
		}
		if d == nil || d.sheet != r.Sheet {
			lost = append(lost, fault{sheet: r.Sheet, row: r.Row, code: "past_title_missing"})
			continue
		}
		d.rows, d.places = append(d.rows, said), append(d.places, r.Row)
		for _, c := range r.Said {
			if c.Garbled {
				d.no(len(d.rows)-1, c.Name, string(sheet.TextEncoding), nil)
			}
		}
	}
	return out, lost
}

// fill reads what the rows say against the plan and its organisations, and notes the first fault.
func (d *draft) fill(p *plan.Plan, hosts map[string]models.Organisation) {
	said := d.rows[0]
	text := func(name string) string { return said[name].Text }
	d.Venue, d.RulePercent = text(columnVenue), 80
	d.typed(p, text(columnType))
	host := hosts[said[columnHost].Office]
	if host.ID == 0 {
		host = hosts[strings.ToUpper(said[columnHost].Text)]
	}
	d.HostID, d.host = host.ID, host
	if host.ID == 0 {
		d.no(-1, columnHost, "host_unknown", nil)
	}
	d.TopicIDs = d.choices(columnTopics, "topic_unknown", func(said string) uint64 {
		for _, t := range p.Topics {
			if names(said, t.Code, t.NameVi, t.NameEn) {
				return t.ID
			}
		}
		return 0
	})
	d.GroupIDs = d.choices(columnGroups, "group_unknown", func(said string) uint64 {
		for _, g := range p.Groups {
			if names(said, append(strings.Split(g.Aliases, "\n"), g.Code, g.NameVi, g.NameEn, g.ShortVi, g.ShortEn)...) {
				return g.ID
			}
		}
		return 0
	})
	d.number(columnCapacity, &d.Capacity)
	d.percent(text(columnRule))
	if s := text(columnMinScore); s != "" {
		n, ok := tenths(s)
		if !ok {
			d.no(-1, columnMinScore, "score_range", nil)
		}
		d.MinScoreTenths = &n
	}
	for i, row := range d.rows {
		d.session(i, row)
	}
}

func (d *draft) typed(p *plan.Plan, said string) {
	for _, t := range p.CourseTypes {
		if names(said, t.Code, t.NameVi, t.NameEn) {
			d.CourseTypeID, d.typeName = t.ID, t.NameVi
			return
		}
	}
	d.no(-1, columnType, "course_type_unknown", nil)
}

// choices reads a cell that names several things.
func (d *draft) choices(column, code string, find func(string) uint64) (ids []uint64) {
	whole := d.rows[0][column].Text
	if whole == "" {
		return nil
	}
	if id := find(whole); id != 0 {
		return []uint64{id} // a name may hold a semicolon
	}
	for s := range strings.FieldsFuncSeq(whole, func(r rune) bool { return r == ';' || r == '\n' }) {
		if strings.TrimSpace(s) == "" {
			continue
		}
		id := find(s)
		if id == 0 {
			d.no(-1, column, code, errs.Params{"value": strings.TrimSpace(s)})
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

func (d *draft) number(column string, into *int) {
	s := d.rows[0][column].Text
	if s == "" {
		return
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		d.no(-1, column, "number", nil)
	} else if n < 1 {
		d.no(-1, column, "number_least", errs.Params{"n": 1})
	}
	*into = n
}

// percent reads 80, 80% and what Excel makes of a percentage, 0.8.
func (d *draft) percent(s string) {
	if s = strings.TrimSpace(strings.TrimSuffix(s, "%")); s == "" {
		return
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err == nil && 0 < x && x < 1 {
		x *= 100
	}
	if d.RulePercent = int(x + 0.5); err != nil {
		d.no(-1, columnRule, "number", nil)
	}
}

func (d *draft) session(i int, row map[string]sheet.Said) {
	s := course.SessionInput{Title: row[columnAbout].Text, Room: row[columnRoom].Text}
	if s.Day.UnmarshalText([]byte(row[columnDay].Text)) != nil || s.Day == 0 {
		s.Day = 0
		d.no(i, columnDay, "day", nil)
	}
	var ok bool
	if s.StartMinute, ok = clock(row[columnStart].Text); !ok {
		d.no(i, columnStart, "session_clock", nil)
	}
	if s.EndMinute, ok = clock(row[columnEnd].Text); !ok {
		d.no(i, columnEnd, "session_clock", nil)
	}
	d.Sessions = append(d.Sessions, s)
}

// names says whether the text is one of the names, without regard to case and tones.
func names(said string, list ...string) bool {
	said = viet.Fold(strings.TrimSpace(said))
	for _, x := range list {
		if x != "" && viet.Fold(x) == said {
			return true
		}
	}
	return false
}

var clockForm = regexp.MustCompile(`^(\d{1,2})\s*[:hg.]\s*(\d{2})?(?::\d{2})?$`)

// clock reads 07:30, 7h30 and 7h as minutes after midnight.
func clock(s string) (int, bool) {
	m := clockForm.FindStringSubmatch(strings.ToLower(strings.TrimSuffix(s, "p")))
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	n, _ := strconv.Atoi("0" + m[2])
	return h*60 + n, h <= 24 && n < 60
}

// tenths reads a score out of ten, with one decimal at most.
func tenths(s string) (int, bool) {
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	n := int(x*10 + 0.5)
	return n, err == nil && x >= 0 && x <= 10 && float64(n)/10-x < 1e-9 && x-float64(n)/10 < 1e-9
}

// words of an attendance list.
var markWords = map[models.MarkValue][]string{
	models.MarkPresent: {"x", "co mat", "co", "c", "1", "+", "✓", "√", "du", "co du", "present"},
	models.MarkLate:    {"muon", "m", "di muon", "den muon", "tre", "late"},
	models.MarkExcused: {"p", "phep", "co phep", "vang co phep", "vp", "excused"},
	models.MarkAbsent:  {"0", "-", "k", "kp", "khong", "vang", "vang mat", "khong phep", "vang khong phep", "khong du", "absent"},
}

// markOf reads a cell of an attendance list; an empty one is no mark.
func markOf(s string) (models.MarkValue, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return models.MarkNone, true
	}
	for m, list := range markWords {
		if names(s, list...) {
			return m, true
		}
	}
	return models.MarkNone, false
}
