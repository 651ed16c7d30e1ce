package enrolment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/models"
)

// Paper is the list of those whom an office puts forward for a course, as it is printed and signed. Its words are Vietnamese, as those of
// all administrative documents.
type Paper struct {
	Course   models.Course
	Superior string // of the office; "" for none
	Office   string
	Place    string
	Day      models.Day
	Sign     []string // the form of signing and the title, in capitals
	Signer   string   // "" where it is to be written by hand
	Rows     []PaperRow
	At       time.Time
}

// PaperRow is somebody on the list.
type PaperRow struct {
	Name, Title, Organisation, Groups, Note string
	BirthYear                               int
}

// NominationPaper gives the list of those nominated for a course: for heads of own cadres, in the name of the organisation with the code or
// the first that they head; for those who decide of everybody, in the name of the organisation with the code or the course's host. Who was
// refused or has withdrawn is not on it. It refuses courses and organisations out of scope with not_found.
func (s *Service) NominationPaper(ctx context.Context, actor access.Actor, courseID uint64, org string) (*Paper, error) {
	db := s.DB.Read(ctx)
	c, err := readCourse(db, actor, access.NominationRead, courseID, s.DB)
	if err != nil {
		return nil, err
	}
	out := &Paper{Course: c, At: s.DB.Time(), Day: models.DayOf(s.DB.Time())}
	office, err := paperOffice(db, actor, c, org)
	if err != nil {
		return nil, err
	}
	if err := out.head(ctx, s.DB, office, actor); err != nil {
		return nil, err
	}
	day := rosterDay(c, out.Day)
	q := rowsOf(db, day).Scopes(access.Enrolments(actor, access.NominationRead, out.At)).
		Where("enrolments.course_id = ? AND enrolments.source <> ? AND enrolments.state IN ?", c.ID, SourceCoordinator, inCourse)
	if org != "" {
		sql, args := access.Subtree("o.path", office.Path)
		q = q.Where(sql, args...)
	}
	var rows []Row
	if err := q.Select(rowColumns).Order("cadres.sort_key, cadres.id").Limit(MaxPeople).Scan(&rows).Error; err != nil {
		return nil, err
	}
	if err := addPositions(db, rows); err != nil {
		return nil, err
	}
	if err := addClashes(db, rows); err != nil {
		return nil, err
	}
	groups, err := groupsOn(db, rows, day)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, PaperRow{Name: r.Name, BirthYear: r.BirthYear, Title: r.Title, Organisation: r.Organisation, Groups: strings.Join(groups[r.CadreID], ", "), Note: noteOf(r)})
	}
	return out, nil
}

// noteOf is what the last column says of somebody.
func noteOf(r Row) string {
	switch {
	case r.State == models.EnrolmentEnrolled:
		return "Đã có chỗ"
	case r.State == models.EnrolmentWaiting:
		return "Chờ, thứ " + strconv.Itoa(r.Position)
	case len(r.Clashes) > 0:
		return "Trùng lịch lớp " + r.Clashes[0].Code
	}
	return ""
}

// paperOffice is the organisation in whose name the list is printed.
func paperOffice(db *gorm.DB, actor access.Actor, c models.Course, code string) (o models.Organisation, err error) {
	switch homes := actor.HomeOrganisations(); {
	case code != "":
		err = db.Scopes(store.Code("code", code)).Take(&o).Error
	case len(homes) > 0 && !actor.Whole(access.NominationRead):
		err = db.Take(&o, homes[0]).Error
	default:
		err = db.Take(&o, c.HostID).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !actor.ReachesPath(access.NominationRead, o.Path) {
		return o, errs.NotFound("organisation")
	}
	return o, err
}

// groupsOn gives the codes of the target groups that each has on the day, in the plan's order.
func groupsOn(db *gorm.DB, people []Row, day models.Day) (map[uint64][]string, error) {
	out := map[uint64][]string{}
	var ids []uint64
	for _, r := range people {
		ids = append(ids, r.CadreID)
	}
	for part := range slices.Chunk(ids, batch) {
		var rows []struct {
			CadreID uint64
			Code    string
		}
		err := db.Table("postings").Joins("JOIN organisations o ON o.id = postings.organisation_id").Joins("JOIN posting_groups pg ON pg.posting_id = postings.id").
			Joins("JOIN target_groups g ON g.id = pg.group_id").Select("DISTINCT postings.cadre_id, g.code, g.position").
			Where("postings.cadre_id IN ? AND postings.from_day <= ? AND postings.to_day > ? AND o.to_day > ?", part, day, day, day).
			Order("g.position, postings.cadre_id").Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.CadreID] = append(out[r.CadreID], r.Code)
		}
	}
	return out, nil
}

// head fills in the letterhead and who signs: as certificates of the office say where it issues some, else as far as is known.
func (p *Paper) head(ctx context.Context, db *store.DB, office models.Organisation, actor access.Actor) error {
	p.Office, p.Sign = office.Name, []string{"THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"}
	for _, kind := range []string{"xã ", "phường ", "thị trấn "} {
		if _, name, ok := strings.Cut(office.Name, kind); ok && office.Level == models.LevelCommune {
			p.Place = name
		}
	}
	read := db.Read(ctx)
	var issuers []models.Issuer
	if err := read.Where("organisation_id = ?", office.ID).Limit(1).Find(&issuers).Error; err != nil {
		return err
	}
	for _, i := range issuers {
		p.Superior, p.Office, p.Place = i.Superior, i.Name, i.Place
	}
	if len(issuers) == 0 && office.Kind == models.KindStateAgency && office.Level == models.LevelProvince {
		set, err := (&settings.Service{DB: db}).Get(ctx)
		if err != nil {
			return err
		}
		p.Superior = set.IssuerParent
	}
	if p.Place == "" {
		var root models.Organisation
		if err := read.Where("parent_id IS NULL").Order("id").Take(&root).Error; err != nil {
			return err
		}
		p.Place = strings.TrimPrefix(root.Name, "Tỉnh ")
	}
	var signs []models.Signatory
	if err := read.Where("organisation_id = ? AND from_day <= ? AND to_day > ?", office.ID, p.Day, p.Day).Order("id").Limit(1).Find(&signs).Error; err != nil {
		return err
	}
	switch {
	case len(signs) == 0:
		if slices.Contains(actor.HomeOrganisations(), office.ID) {
			p.Signer = actor.Name
		}
	case signs[0].Form != "":
		p.Sign, p.Signer = []string{signs[0].Form + " " + strings.ToUpper(signs[0].FormTitle), strings.ToUpper(signs[0].Title)}, signs[0].Name
	default:
		p.Sign, p.Signer = []string{strings.ToUpper(signs[0].Title)}, signs[0].Name
	}
	return nil
}

// The margins of Nghị định 30/2020/NĐ-CP, Appendix I: 20 to 25 mm above and below, 30 to 35 left, 15 to 20 right.
const (
	paperTop    = 22 * paper.Millimetre
	paperBottom = paper.A4Long - 22*paper.Millimetre
	paperLeft   = 30 * paper.Millimetre
	paperWidth  = paper.A4Short - paperLeft - 15*paper.Millimetre
	signHeight  = 150.0 // of the closing lines with room for signature and seal
)

// PDF draws the list on A4 in the layout of administrative documents. It refuses letters that the fonts lack ("glyph_missing").
func (p *Paper) PDF() ([]byte, error) { return p.draw().Bytes() }

func (p *Paper) draw() *paper.Doc {
	d := paper.New(paper.A4Short, paper.A4Long, paper.Info{Title: "Danh sách cử cán bộ tham dự " + p.Course.Code, Author: p.Office, Subject: p.Course.Title, Created: p.At})
	next := func() float64 { d.Page(); return paperTop }
	y := next()
	y = d.Heading(paperLeft, y+10, paperWidth, 12.5, p.Superior, p.Office)
	right := paperWidth * 0.5
	d.Line(paper.Italic, 13, paperLeft+paperWidth-right, y+10, right, paper.Centre, p.Place+", "+dayInWords(p.Day))
	y = p.title(d, y+44)
	t := paper.Table{X: paperLeft, Size: 11, Bottom: paperBottom, Next: next, Columns: []paper.Column{
		{Head: "STT", Width: 30, Align: paper.Centre}, {Head: "Họ và tên", Width: 104}, {Head: "Năm sinh", Width: 38, Align: paper.Centre}, {Head: "Chức vụ", Width: 92},
		{Head: "Đơn vị", Width: 106}, {Head: "Nhóm", Width: 46, Align: paper.Centre}, {Head: "Ghi chú", Width: paperWidth - 416}}}
	y = t.Draw(d, y, p.cells())
	if y+signHeight > paperBottom {
		y = next()
	}
	p.sign(d, y+22)
	d.Number()
	return d
}

func (p *Paper) title(d *paper.Doc, y float64) float64 {
	set := func(f paper.Font, size, least float64, text string) {
		size, lines := d.Fit(f, size, least, paperWidth-20, 3, text)
		for _, l := range lines {
			d.Line(f, size, paperLeft+10, y, paperWidth-20, paper.Centre, l)
			y += size * 1.28
		}
	}
	set(paper.Bold, 14, 14, "DANH SÁCH CỬ CÁN BỘ THAM DỰ")
	set(paper.Bold, 13, 10.5, p.Course.Title)
	d.Rule(paperLeft+paperWidth*0.38, y-8, paperLeft+paperWidth*0.62, y-8, 0.7)
	y += 10
	set(paper.Italic, 12.5, 10, p.when())
	return y + 6
}

func (p *Paper) when() string {
	var text string
	switch c := p.Course; {
	case c.FirstDay == 0:
	case c.FirstDay == c.LastDay:
		text = "Ngày " + dayMonthYear(c.FirstDay)
	default:
		text = "Từ ngày " + dayMonthYear(c.FirstDay) + " đến ngày " + dayMonthYear(c.LastDay)
	}
	switch {
	case p.Course.Venue == "":
		return text
	case text == "":
		return "Tại " + p.Course.Venue
	}
	return text + ", tại " + p.Course.Venue
}

func (p *Paper) cells() [][]string {
	out := make([][]string, len(p.Rows))
	for i, r := range p.Rows {
		born := ""
		if r.BirthYear != 0 {
			born = strconv.Itoa(r.BirthYear)
		}
		out[i] = []string{strconv.Itoa(i + 1), r.Name, born, r.Title, r.Organisation, r.Groups, r.Note}
	}
	return out
}

func (p *Paper) sign(d *paper.Doc, y float64) {
	d.Ink(paper.Black)
	d.Line(paper.Italic, 12.5, paperLeft, y, paperWidth, paper.Left, fmt.Sprintf("Danh sách này có %d người.", len(p.Rows)))
	w := paperWidth * 0.5
	x := paperLeft + paperWidth - w
	y += 22
	for _, text := range p.Sign {
		size, lines := d.Fit(paper.Bold, 13, 10, w, 2, text)
		for _, l := range lines {
			d.Line(paper.Bold, size, x, y, w, paper.Centre, l)
			y += size * 1.25
		}
	}
	if p.Signer != "" {
		size, lines := d.Fit(paper.Bold, 13, 9, w, 1, p.Signer)
		d.Line(paper.Bold, size, x, y+72, w, paper.Centre, strings.Join(lines, " "))
	}
}

// dayMonthYear gives "24/11/2026".
func dayMonthYear(d models.Day) string {
	y, m, day := d.Date()
	return fmt.Sprintf("%02d/%02d/%d", day, m, y)
}

// dayInWords gives "ngày 24 tháng 11 năm 2026"; days below 10 and months 1 and 2 have two digits, as the decree asks.
func dayInWords(d models.Day) string {
	y, m, day := d.Date()
	month := strconv.Itoa(int(m))
	if m < 3 {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", day, month, y)
}
