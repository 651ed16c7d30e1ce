package certificate

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"taphuan/app/access"
	"taphuan/app/paper"
	"taphuan/models"
)

// RegisterPDF draws a register (sổ cấp giấy chứng nhận), in the order of columns that docs/decisions/registers.md tells, and gives the name
// under which it is saved. One that is unknown or out of scope is not_found.
func (s *Service) RegisterPDF(ctx context.Context, actor access.Actor, id uint64) (pdf []byte, name string, err error) {
	r, err := s.Register(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	issuer := models.Issuer{Name: r.IssuerName}
	if err := s.DB.Read(ctx).Where("organisation_id = ?", r.IssuerID).Limit(1).Find(&issuer).Error; err != nil {
		return nil, "", err
	}
	var rows [][]string
	err = s.EachEntry(ctx, r.Register, func(list []Entry) error {
		for _, e := range list {
			if e.Number <= r.Used() { // what is issued while this is read is not counted below
				rows = append(rows, registerCells(e))
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	d := paper.New(paper.A4Long, paper.A4Short, paper.Info{Title: fmt.Sprintf("Sổ cấp giấy chứng nhận năm %d, ký hiệu %s", r.Year, r.Symbol), Author: r.IssuerName, Created: s.DB.Time()})
	drawRegister(d, r, issuer, rows, models.DayOf(s.DB.Time()))
	pdf, err = d.Bytes()
	return pdf, r.FileName() + ".pdf", err
}

// FileName is under which a register is saved, without an extension.
func (r RegisterRow) FileName() string {
	return "so-cap-giay-chung-nhan-" + strconv.Itoa(r.Year) + "-" + fileWord.Replace(r.Symbol)
}

var fileWord = strings.NewReplacer("/", "-", `\`, "-", " ", "-")

// Measures of a register on paper, in points.
const (
	bookMargin = 12 * paper.Millimetre
	bookWidth  = paper.A4Long - 2*bookMargin
	bookBottom = paper.A4Short - 16*paper.Millimetre
	bookClose  = 150.0 // of the closing lines
)

// registerColumns are a register's columns on paper; the one for what is signed by hand takes what is left.
var registerColumns = []paper.Column{{Head: "STT", Width: 28, Align: paper.Centre}, {Head: "Họ và tên", Width: 92}, {Head: "Ngày, tháng, năm sinh", Width: 56, Align: paper.Centre}, {Head: "Chức vụ, cơ\u00a0quan, đơn\u00a0vị", Width: 112},
	{Head: "Lớp, hội nghị; thời gian", Width: 142}, {Head: "Số vào sổ", Width: 76}, {Head: "Ngày cấp; người ký", Width: 86}, {Head: "Người nhận ký, ghi\u00a0rõ họ\u00a0tên", Width: 72}, {Head: "Ghi chú", Width: bookWidth - 664}}

func registerCells(e Entry) []string {
	x := e.Says
	held := x.Field("from")
	if x.To != x.From {
		held += " - " + x.Field("to")
	}
	received := "\u00a0"
	if e.ReceivedDay != 0 {
		received = e.ReceivedBy + ", " + slashed(e.ReceivedDay)
	}
	cells := []string{strconv.Itoa(e.Number), x.Name, x.Field("born"), joined(", ", x.Title, x.Organisation), joined("; ", x.CourseTitle, held), e.Serial, joined("; ", slashed(e.IssuedDay), x.SignName), received, registerNote(e)}
	for i := range cells {
		cells[i] = printable(cells[i])
	}
	return cells
}

// registerNote is what the last column says: in whose place a certificate was issued, and how it ended.
func registerNote(e Entry) string {
	var said []string
	if e.Replaces != "" {
		said = append(said, "Thay giấy số "+e.Replaces+".")
	}
	if e.EndedDay != 0 {
		how := "Thu hồi"
		if e.State == models.CertificateReplaced {
			how = "Thay bằng giấy số " + e.ReplacedBy
		}
		how += " ngày " + slashed(e.EndedDay)
		if e.Late {
			how += " (sau khi khóa sổ)"
		}
		if e.EndedBy != "" {
			how += ", người thực hiện: " + e.EndedBy
		}
		said = append(said, how+". Lý do: "+e.EndReason)
	}
	return strings.Join(said, " ")
}

func drawRegister(d *paper.Doc, r RegisterRow, issuer models.Issuer, rows [][]string, today models.Day) {
	next := func() float64 { d.Page(); return bookMargin }
	y := d.Heading(bookMargin, next()+10, bookWidth, 12, issuer.Superior, r.IssuerName) + 26
	d.Line(paper.Bold, 14, bookMargin, y, bookWidth, paper.Centre, "SỔ CẤP GIẤY CHỨNG NHẬN")
	d.Line(paper.Bold, 12, bookMargin, y+18, bookWidth, paper.Centre, fmt.Sprintf("Năm %d, ký hiệu %s", r.Year, r.Symbol))
	t := paper.Table{X: bookMargin, Size: 10, Bottom: bookBottom, Next: next, Columns: registerColumns}
	y = t.Draw(d, y+30, rows)
	if y+bookClose > bookBottom {
		y = next()
	}
	y += 20
	for _, text := range closingLines(r, today) {
		for _, line := range d.Wrap(paper.Regular, 11.5, bookWidth, printable(text)) {
			d.Line(paper.Regular, 11.5, bookMargin, y, bookWidth, paper.Left, line)
			y += 15
		}
	}
	half := bookWidth / 2
	d.Line(paper.Italic, 12, bookMargin+half, y+12, half, paper.Centre, joined(", ", issuer.Place, "ngày ….. tháng ….. năm ………"))
	for i, who := range []string{"NGƯỜI LẬP SỔ", "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"} {
		d.Line(paper.Bold, 12, bookMargin+float64(i)*half, y+30, half, paper.Centre, who)
	}
	d.Line(paper.Italic, 11, bookMargin, y+45, half, paper.Centre, "(Ký, ghi rõ họ tên)")
	d.Line(paper.Italic, 11, bookMargin+half, y+45, half, paper.Centre, "(Ký, ghi rõ họ tên, đóng dấu)")
	d.Number()
}

// closingLines count what stands in a register, and say what was signed off.
func closingLines(r RegisterRow, today models.Day) []string {
	count := fmt.Sprintf("Tính đến ngày %s, sổ có %d giấy chứng nhận", slashed(today), r.Used())
	if r.Used() > 0 {
		count += fmt.Sprintf(", từ số 1 đến số %d: %d giấy còn giá trị, %d giấy đã thay thế, %d giấy đã thu hồi", r.Used(), r.Standing(), r.Replaced, r.Revoked)
	}
	if r.ClosedAt == nil {
		return []string{count + ".", "Sổ chưa khóa."}
	}
	closed := "Sổ đã khóa ngày " + slashed(models.DayOf(*r.ClosedAt))
	if r.ClosedBy != "" {
		closed += ", người khóa sổ: " + r.ClosedBy
	}
	return []string{count + ".", closed + ".", "Mã băm SHA-256 khi khóa sổ: " + r.ClosedSHA256}
}

// printable is the text with a dot for each letter that the fonts lack: a reason that somebody typed must not keep a register from being printed.
func printable(text string) string {
	if paper.CheckGlyphs(text) == nil {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if paper.CheckGlyphs(string(r)) != nil {
			return '•'
		}
		return r
	}, text)
}

// joined puts what is said of the parts together.
func joined(between string, parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, between)
}

// slashed gives "24/11/2026".
func slashed(day models.Day) string {
	year, month, of := day.Date()
	return fmt.Sprintf("%02d/%02d/%d", of, month, year)
}
