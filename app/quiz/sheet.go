package quiz

import (
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

// The columns of a workbook of questions.
const (
	columnText   = "text"
	columnPoints = "points"
	columnAnswer = "answer"
)

// Letters name the choices of a question in a workbook.
var Letters = [MostChoices]string{"A", "B", "C", "D", "E", "F"}

var questionColumns = []sheet.Extra{
	{Name: columnText, Words: []string{"cau hoi", "noi dung cau hoi"}, Needed: true},
	{Name: columnAnswer, Words: []string{"dap an dung", "phuong an dung", "tra loi dung"}, Needed: true},
	{Name: columnPoints, Words: []string{"diem"}},
	{Name: "A", Words: []string{"a"}, Needed: true}, {Name: "B", Words: []string{"b"}, Needed: true}, {Name: "C", Words: []string{"c"}},
	{Name: "D", Words: []string{"d"}}, {Name: "E", Words: []string{"e"}}, {Name: "F", Words: []string{"f"}},
}

// Left is a row of a workbook that is no question, with the reason: a code of a question's refusals, "quiz_letter" or "text_encoding".
type Left struct {
	Sheet, Column, Text, Value, Reason string
	Row                                int
	Params                             errs.Params
}

// Import adds the questions of a workbook, all or none: left are the rows that are no question, and then nothing was added. It refuses
// what Add refuses, a file that is missing ("file_missing"), too large ("file_too_large") or no workbook (the codes of sheet.Read), and one
// without a table of questions ("questions_not_found").
func (s *Service) Import(ctx context.Context, actor access.Actor, id uint64, file []byte) (added int, left []Left, err error) {
	switch {
	case len(file) == 0:
		return 0, nil, errs.OnField("file", "file_missing")
	case len(file) > roster.MaxUpload:
		return 0, nil, errs.OnField("file", "file_too_large")
	}
	records, _, err := s.Roster.ReadRecords(ctx, s.DB.Read(ctx), file, questionColumns)
	switch {
	case err != nil:
		return 0, nil, err
	case len(records) == 0:
		return 0, nil, errs.OnField("file", "questions_not_found")
	case len(records) > MaxQuestions:
		return 0, nil, errs.OnField("file", "quiz_full", errs.Params{"n": MaxQuestions})
	}
	var list []Question
	for _, r := range records {
		q, wrong := questionOf(r)
		if wrong != nil {
			left = append(left, *wrong)
			continue
		}
		list = append(list, q)
	}
	if len(left) > 0 {
		return 0, left, nil
	}
	return len(list), nil, s.Add(ctx, actor, id, list...)
}

// questionOf reads a row.
func questionOf(r sheet.Record) (Question, *Left) {
	said := map[string]sheet.Said{}
	for _, c := range r.Said {
		said[c.Name] = c
	}
	left := func(column, code string, params errs.Params) *Left {
		c := said[column]
		return &Left{Sheet: r.Sheet, Row: r.Row, Column: c.Column, Text: said[columnText].Text, Value: c.Text, Reason: code, Params: params}
	}
	for _, c := range r.Said {
		if c.Garbled {
			return Question{}, left(c.Name, string(sheet.TextEncoding), nil)
		}
	}
	q := Question{Text: said[columnText].Text, Points: 1}
	if p := said[columnPoints].Text; p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return q, left(columnPoints, "quiz_points", errs.Params{"n": MaxPoints})
		}
		q.Points = n
	}
	marked, ok := letters(said[columnAnswer].Text)
	if !ok {
		return q, left(columnAnswer, "quiz_letter", nil)
	}
	for i, l := range Letters {
		q.Choices = append(q.Choices, Choice{said[l].Text, marked[i]})
	}
	if _, err := q.row(0); err != nil {
		f := errs.As(err).Fields[0]
		at := map[string]string{"text": columnText, "points": columnPoints, "choices": columnAnswer}[f.Name]
		return q, left(at, f.Code, f.Params)
	}
	return q, nil
}

// letters reads "A", "a, C" or "AC".
func letters(s string) (marked [MostChoices]bool, ok bool) {
	for _, r := range strings.ToUpper(viet.NFC(s)) {
		switch {
		case r >= 'A' && r < 'A'+MostChoices:
			marked[r-'A'], ok = true, true
		case !strings.ContainsRune(" ,;.+&-/", r):
			return marked, false
		}
	}
	return marked, ok
}

// Marked writes the letters of the right choices: A, C.
func Marked(q models.QuizQuestion) string {
	var out []string
	for i := range q.Choices {
		if q.Answer&(1<<i) != 0 {
			out = append(out, Letters[i])
		}
	}
	return strings.Join(out, ", ")
}
