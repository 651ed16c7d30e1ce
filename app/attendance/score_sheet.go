package attendance

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/roster/sheet"
	"taphuan/models"
	"taphuan/models/viet"
)

// The columns of a workbook of scores.
const (
	columnName   = "name"
	columnPlace  = "enrolment"
	columnBorn   = "born"
	columnOffice = "office"
	columnScore  = "score"
)

var scoreColumns = []sheet.Extra{
	{Name: columnName, Words: []string{"ho va ten", "ho ten"}, Needed: true},
	{Name: columnPlace, Words: []string{"ma ghi danh"}},
	{Name: columnBorn, Words: []string{"nam sinh", "ngay sinh"}},
	{Name: columnOffice, Words: []string{"co quan", "don vi"}, Office: true},
	{Name: "marks", Words: []string{"diem danh"}}, // is no score
	{Name: columnScore, Words: []string{"diem so", "diem kiem tra", "diem"}, Needed: true},
}

// ScoreLeft is a row of a workbook that cannot be taken, with the reason: "score_range", "score_nobody", "score_several",
// "score_twice", "score_another" or "text_encoding".
type ScoreLeft struct {
	Sheet, Column, Name, Value, Reason string
	Row                                int
}

// ScoreSheet is what a workbook of scores says of the people of a course.
type ScoreSheet struct {
	Scores map[uint64]int // tenths of a point, by enrolment
	Left   []ScoreLeft
	Blank  int // rows without a score, which change nothing
}

// ReadScores reads a workbook of scores, the filled-in list of the course or one like it, and changes nothing. Who is who is looked for
// among those enrolled only: by the code that the list bears, if the name agrees with it, else by name, and where several bear it by
// birth year and office.
//
// It refuses what SaveScores refuses of a course, a file that is missing ("file_missing"), too large ("file_too_large") or no workbook
// (the codes of sheet.Read), one without columns of names and scores ("scores_not_found"), and too many rows ("too_many_rows").
func (s *Service) ReadScores(ctx context.Context, actor access.Actor, courseID uint64, file []byte) (*ScoreSheet, error) {
	c, err := s.readCourse(ctx, actor, byID(courseID))
	if err != nil {
		return nil, err
	}
	if err := scoreRefusal(c); err != nil {
		return nil, err
	}
	switch {
	case len(file) == 0:
		return nil, errs.OnField("file", "file_missing")
	case len(file) > roster.MaxUpload:
		return nil, errs.OnField("file", "file_too_large")
	}
	records, _, err := s.Roster.ReadRecords(ctx, s.DB.Read(ctx), file, scoreColumns)
	switch {
	case err != nil:
		return nil, err
	case len(records) == 0:
		return nil, errs.OnField("file", "scores_not_found")
	case len(records) > 2*MaxMarks:
		return nil, errs.OnField("file", "too_many_rows", errs.Params{"max": 2 * MaxMarks})
	}
	people, err := s.scored(ctx, courseID)
	if err != nil {
		return nil, err
	}
	out := &ScoreSheet{Scores: map[uint64]int{}}
	for _, r := range records {
		out.take(r, people)
	}
	return out, nil
}

// take reads a row: a score of somebody, nothing, or why it cannot be taken.
func (x *ScoreSheet) take(r sheet.Record, people []scoredPerson) {
	said := map[string]sheet.Said{}
	for _, c := range r.Said {
		said[c.Name] = c
	}
	name, score := said[columnName], said[columnScore]
	if name.Text == "" && !name.Garbled {
		return // a line of a total or a signature
	}
	left := func(at sheet.Said, reason string) {
		x.Left = append(x.Left, ScoreLeft{Sheet: r.Sheet, Row: r.Row, Column: at.Column, Name: name.Text, Value: at.Text, Reason: reason})
	}
	if name.Garbled {
		left(name, string(sheet.TextEncoding))
		return
	}
	id, reason := whose(said, people)
	if reason != "" {
		left(name, reason)
		return
	}
	v, ok := ReadTenths(score.Text)
	switch _, twice := x.Scores[id]; {
	case !ok:
		left(score, "score_range")
	case v == nil:
		x.Blank++
	case twice:
		left(name, "score_twice")
	default:
		x.Scores[id] = *v
	}
}

// whose finds the enrolment that a row means, or says why none: "score_another", "score_nobody", "score_several".
func whose(said map[string]sheet.Said, people []scoredPerson) (uint64, string) {
	key := viet.Key(said[columnName].Text)
	if code := said[columnPlace].Text; code != "" {
		for _, p := range people {
			if strconv.FormatUint(p.ID, 10) == code {
				if viet.Key(p.FullName) != key {
					return 0, "score_another"
				}
				return p.ID, ""
			}
		}
		return 0, "score_nobody"
	}
	found := keep(people, func(p scoredPerson) bool { return viet.Key(p.FullName) == key })
	if born := said[columnBorn].Text; born != "" {
		found = keep(found, func(p scoredPerson) bool {
			return p.BirthYear == 0 || strings.Contains(born, strconv.Itoa(p.BirthYear))
		})
	}
	if office := said[columnOffice]; len(found) > 1 && office.Text != "" {
		found = keep(found, func(p scoredPerson) bool {
			text := viet.Fold(office.Text)
			return office.Office != "" && p.Code == office.Office || text == viet.Fold(p.Office) || text == viet.Fold(p.ShortName)
		})
	}
	switch len(found) {
	case 0:
		return 0, "score_nobody"
	case 1:
		return found[0].ID, ""
	}
	return 0, "score_several"
}

func keep(list []scoredPerson, good func(scoredPerson) bool) (out []scoredPerson) {
	for _, p := range list {
		if good(p) {
			out = append(out, p)
		}
	}
	return out
}

// scoredPerson is somebody enrolled, as a workbook of scores names them.
type scoredPerson struct {
	ID                                uint64
	FullName, Code, Office, ShortName string
	BirthYear                         int
}

func (s *Service) scored(ctx context.Context, courseID uint64) (list []scoredPerson, err error) {
	err = s.DB.Read(ctx).Table("enrolments e").Joins("JOIN cadres c ON c.id = e.cadre_id").Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
		Select("e.id, c.full_name, c.birth_year, COALESCE(o.code, '') AS code, COALESCE(o.name, '') AS office, COALESCE(o.short_name, '') AS short_name").Scan(&list).Error
	return list, err
}

// ScoreLine is a line of the list that is filled in: somebody enrolled, with the score there is.
type ScoreLine struct {
	EnrolmentID  uint64
	Name, Office string
	BirthYear    int
	Tenths       *int
}

// ScoreList reads the list of a course to fill scores in, by given name. Out of scope is not found.
func (s *Service) ScoreList(ctx context.Context, actor access.Actor, courseID uint64) (models.Course, []ScoreLine, error) {
	c, err := s.readCourse(ctx, actor, byID(courseID))
	if err != nil {
		return c, nil, err
	}
	people, err := s.people(ctx, courseID)
	if err != nil {
		return c, nil, err
	}
	about, err := s.scored(ctx, courseID)
	at := make(map[uint64]scoredPerson, len(about))
	for _, p := range about {
		at[p.ID] = p
	}
	var out []ScoreLine
	for _, p := range people {
		x := at[p.EnrolmentID]
		out = append(out, ScoreLine{p.EnrolmentID, p.Name, cmp.Or(x.Office, p.Office), x.BirthYear, p.Score})
	}
	return c, out, err
}

// ReadTenths reads points from 0 to 10 with at most one decimal, after a comma or a point, as tenths of a point; "" is none.
func ReadTenths(s string) (*int, bool) {
	if s == "" {
		return nil, true
	}
	whole, part, _ := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
	part = strings.TrimRight(part, "0")
	if len(whole) == 0 || len(whole) > 2 || len(part) > 1 || strings.Trim(whole+part, "0123456789") != "" {
		return nil, false
	}
	v, err := strconv.Atoi(whole + cmp.Or(part, "0"))
	if err != nil || v > MostTenths {
		return nil, false
	}
	return &v, true
}
