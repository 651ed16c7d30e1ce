package forecast

import (
	"encoding/csv"
	"io"
	"strconv"

	"taphuan/app/coverage"
	"taphuan/models"
)

// Row is where a target group is heading, as machines read it. Days and levels are null or missing where nothing can be told.
type Row struct {
	Organisation  string            `json:"organisation"`
	Group         string            `json:"group"`
	AsOf          models.Day        `json:"as_of"`
	TargetPercent int               `json:"target_percent"`
	Covered       int               `json:"covered"`
	Denominator   int               `json:"denominator"`
	Percent       *coverage.Percent `json:"percent"`
	Unreported    int               `json:"unreported"` // organisations that have said nothing yet: the denominator may grow
	Kind          Kind              `json:"kind"`       // "empty", "over", "met", "young", "idle", "day" or "not"
	Chance        *float64          `json:"chance"`     // of meeting the target in time, up to 1
	Relapse       *float64          `json:"relapse"`    // of falling below it again, once it is met
	Early         models.Day        `json:"early"`      // by which the target is met in one case of ten
	Middle        models.Day        `json:"middle"`     // in five
	Late          models.Day        `json:"late"`       // in nine
	Ahead         []RowMark         `json:"ahead"`      // the end of each quarter, the last of them the end of the plan
	Needed        RowNeed           `json:"needed"`
	Courses       []RowCourse       `json:"courses"` // to come
	Drafts        int               `json:"drafts"`  // courses that nobody has opened yet, which are not counted
}

// RowMark is what is expected at the end of a day.
type RowMark struct {
	Day    models.Day `json:"day"`
	Low    RowLevel   `json:"low"` // below it lies one case of ten
	Middle RowLevel   `json:"middle"`
	High   RowLevel   `json:"high"`
}

// RowLevel is a number of covered people, of so many.
type RowLevel struct {
	Covered     int `json:"covered"`
	Denominator int `json:"denominator"`
}

// RowNeed is what it takes to meet the target on the last day.
type RowNeed struct {
	Denominator int     `json:"denominator"` // then
	Goal        int     `json:"goal"`        // of them to be covered
	Leaving     int     `json:"leaving"`     // of the covered, until then
	More        int     `json:"more"`        // to be covered newly
	Quarters    float64 `json:"quarters"`    // that are left
	PerQuarter  float64 `json:"per_quarter"`
	LastYear    float64 `json:"last_year_per_quarter"`
}

// RowCourse is a course to come.
type RowCourse struct {
	CourseID uint64     `json:"course_id"`
	Course   string     `json:"course"`
	LastDay  models.Day `json:"last_day"`
	Enrolled int        `json:"enrolled"`
	Capacity int        `json:"capacity"`
	Gain     float64    `json:"gain"` // people of the group whom it should cover
}

func rowLevel(l Level) RowLevel { return RowLevel{l.Covered, l.People} }

// Rows gives a row for each group, in the plan's order.
func (f *Forecast) Rows() []Row {
	out := make([]Row, len(f.Groups))
	for i, g := range f.Groups {
		out[i] = f.row(g)
	}
	return out
}

func (f *Forecast) row(g Group) Row {
	o, n := g.Outlook, g.Need
	out := Row{Organisation: f.Top().Code, Group: g.Code, AsOf: f.Daily.Day, TargetPercent: g.TargetPercent, Covered: g.Figure.Covered, Denominator: g.Figure.Denominator,
		Percent: g.Figure.Percent(), Unreported: g.Figure.Unreported, Kind: g.Kind, Ahead: []RowMark{}, Courses: []RowCourse{}, Drafts: len(g.Drafts),
		Needed: RowNeed{n.People, n.Goal, n.Leaving, n.More, n.Quarters, n.PerQuarter, n.LastYear}}
	for _, x := range g.Planned {
		out.Courses = append(out.Courses, RowCourse{x.ID, x.Title, x.Day, x.Enrolled, x.Capacity, x.Gain})
	}
	if !g.Told() {
		return out
	}
	out.Chance, out.Relapse, out.Early, out.Middle, out.Late = &o.Reach, &o.Relapse, o.Early, o.Middle, o.Late
	for _, m := range o.Marks[1:] {
		out.Ahead = append(out.Ahead, RowMark{m.Day, rowLevel(m.Low), rowLevel(m.Mid), rowLevel(m.High)})
	}
	return out
}

// Columns are those of a row as a table: early, middle and late are days, the last four what is expected at the end and what it takes.
var Columns = []string{"organisation", "group", "as_of", "target_percent", "covered", "denominator", "percent", "kind", "chance", "early", "middle", "late",
	"end_low", "end_middle", "end_high", "needed_per_quarter"}

// Cells are the row's values under Columns, "" where nothing can be told.
func (r Row) Cells() []string {
	cells := []string{r.Organisation, r.Group, r.AsOf.String(), strconv.Itoa(r.TargetPercent), strconv.Itoa(r.Covered), strconv.Itoa(r.Denominator), "", string(r.Kind),
		"", r.Early.String(), r.Middle.String(), r.Late.String(), "", "", "", strconv.FormatFloat(r.Needed.PerQuarter, 'f', 1, 64)}
	if r.Percent != nil {
		cells[6] = r.Percent.String()
	}
	if r.Chance != nil {
		end := r.Ahead[len(r.Ahead)-1]
		cells[8] = strconv.FormatFloat(*r.Chance, 'f', 2, 64)
		for i, l := range []RowLevel{end.Low, end.Middle, end.High} {
			cells[12+i] = Level{l.Covered, l.Denominator}.Percent().String()
		}
	}
	return cells
}

// WriteCSV writes rows with a heading line.
func WriteCSV(w io.Writer, rows []Row) error {
	all := [][]string{Columns}
	for _, r := range rows {
		all = append(all, r.Cells())
	}
	return csv.NewWriter(w).WriteAll(all)
}
