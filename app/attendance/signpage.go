package attendance

import (
	"fmt"
	"strconv"
	"strings"

	"taphuan/app/i18n"
	"taphuan/app/paper"
	"taphuan/models"
)

// Measures of the sheet, in points.
const (
	signMargin = 15 * paper.Millimetre
	signRow    = 27.0
	signHead   = 30.0
	signWidth  = paper.A4Long - 2*signMargin
	signBottom = paper.A4Short - 15*paper.Millimetre
	signFoot   = 62.0 // what stands under the last row
)

// signColumns are the columns with their share of the width; further ones stand between "Ký nhận" and the spelling.
var signColumns = []signColumn{
	{"TT", 0.04}, {"Họ và tên", 0.19}, {"Năm sinh", 0.06}, {"Chức vụ", 0.16}, {"Cơ quan, đơn vị", 0.2}, {"Ký nhận", 0.15}, {"Họ tên, chức vụ đúng: ký / sửa lại", 0.2},
}

type signColumn struct {
	title string
	share float64
}

// columnsWith gives the columns with further ones, whose room the wide ones give up.
func columnsWith(further []string) []signColumn {
	const each = 0.085
	left := 1.0
	for _, c := range signColumns[:3:3] {
		left -= c.share
	}
	shrink := (left - each*float64(len(further))) / left
	var out []signColumn
	for i, c := range signColumns {
		if i >= 3 {
			c.share *= shrink
		}
		if i == len(signColumns)-1 {
			for _, title := range further {
				out = append(out, signColumn{title, each})
			}
		}
		out = append(out, c)
	}
	return out
}

type signPage struct {
	*paper.Doc
	course           models.Course
	session          models.Session
	superior, agency string
	link             string
	columns          []signColumn
	y                float64
	before, pages    int // of the sheets before, and of this one
}

func (d *signPage) draw(people []signer) {
	rows := len(people) + blankRows
	const first = 196.0 // where the table begins on the first page
	d.before, d.pages = d.before+d.pages, pagesOf(rows, first)
	d.Page()
	d.heading(people)
	d.y = first
	d.tableHead()
	for i := range rows {
		if last := i == rows-1; d.y+signRow > signBottom || last && d.y+signRow+signFoot > signBottom {
			d.Page()
			d.y = signMargin
			d.tableHead()
		}
		var p signer
		if i < len(people) {
			p = people[i]
		}
		d.row(i+1, p)
	}
	d.foot()
}

// pagesOf counts the pages that so many rows take.
func pagesOf(rows int, first float64) int {
	n, y := 1, first+signHead
	for i := range rows {
		if last := i == rows-1; y+signRow > signBottom || last && y+signRow+signFoot > signBottom {
			n, y = n+1, signMargin+signHead
		}
		y += signRow
	}
	return n
}

func (d *signPage) heading(people []signer) {
	d.Ink(paper.Black)
	y := d.Heading(signMargin, signMargin+12, signWidth, 12.5, d.superior, d.agency)
	d.Line(paper.Bold, 15, signMargin, y+24, signWidth, paper.Centre, "DANH SÁCH KÝ NHẬN")
	size, lines := d.Fit(paper.Bold, 13, 10, signWidth-160, 2, d.course.Title)
	y += 42
	for _, l := range lines {
		d.Line(paper.Bold, size, signMargin, y, signWidth, paper.Centre, l)
		y += size * 1.3
	}
	when := i18n.Clock(d.session.StartMinute) + "–" + i18n.Clock(d.session.EndMinute) + ", " + i18n.LongDay(i18n.VI, d.session.Day)
	where := strings.Trim(d.session.Room+", "+d.course.Venue, ", ")
	_, lines = d.Fit(paper.Regular, 12, 12, signWidth-160, 1, when+". "+where)
	for _, l := range lines {
		d.Line(paper.Regular, 12, signMargin, y+2, signWidth, paper.Centre, l)
		y += 15
	}
	d.Line(paper.Italic, 11, signMargin, 188, signWidth/2, paper.Left, d.counted(people))
	if d.link != "" {
		d.QR(signMargin+signWidth-62, 128, 62, d.link)
		d.Ink(paper.Black)
	}
}

// counted says how many are on the list.
func (d *signPage) counted(people []signer) string {
	walkIns, guests := 0, 0
	for _, p := range people {
		if p.WalkIn {
			walkIns++
		}
		if p.MakesUp {
			guests++
		}
	}
	text := fmt.Sprintf("%s · %d người trong danh sách", d.course.Code, len(people)-walkIns)
	if walkIns > 0 {
		text += fmt.Sprintf(", %d người tham dự phát sinh", walkIns)
	}
	if guests > 0 {
		text += fmt.Sprintf(", %d người học bù", guests)
	}
	return text
}

// tableHead repeats the head of the table and says the page.
func (d *signPage) tableHead() {
	d.Ink(paper.Black)
	x := signMargin
	d.Rule(x, d.y, x+signWidth, d.y, 0.8)
	for _, c := range d.columns {
		w := c.share * signWidth
		d.cell(paper.Bold, x, w, signHead, paper.Centre, 11, c.title)
		x += w
	}
	d.y += signHead
	d.bars(signHead)
	d.Line(paper.Regular, 10, signMargin, paper.A4Short-22, signWidth, paper.Right, fmt.Sprintf("Trang %d/%d", d.Pages()-d.before, d.pages))
}

func (d *signPage) row(n int, p signer) {
	born := ""
	if p.BirthYear != 0 {
		born = strconv.Itoa(p.BirthYear)
	}
	x := signMargin
	for i, text := range []string{strconv.Itoa(n), p.Name, born, p.said(), p.Organisation} {
		w := d.columns[i].share * signWidth
		align, font := paper.Left, paper.Regular
		if i == 0 || i == 2 {
			align = paper.Centre
		}
		if i == 1 {
			font = paper.Bold
		}
		d.cell(font, x, w, signRow, align, 11.5, text)
		x += w
	}
	d.y += signRow
	d.bars(signRow)
}

// bars closes a row of the height that ends at y.
func (d *signPage) bars(height float64) {
	d.Rule(signMargin, d.y, signMargin+signWidth, d.y, 0.5)
	x := signMargin
	d.Rule(x, d.y-height, x, d.y, 0.5)
	for _, c := range d.columns {
		x += c.share * signWidth
		d.Rule(x, d.y-height, x, d.y, 0.5)
	}
}

// cell sets text in the middle of a cell, in at most two lines, smaller where it must be.
func (d *signPage) cell(font paper.Font, x, w, h float64, a paper.Align, most float64, text string) {
	if text == "" {
		return
	}
	size, lines := d.Fit(font, most, most-1.5, w-8, 1, text)
	if len(lines) > 1 {
		size, lines = d.Fit(font, most-1.5, 6.5, w-8, 2, text)
	}
	y := d.y + (h-float64(len(lines))*size*1.15)/2 + size*0.88
	for _, l := range lines {
		d.Line(font, size, x+4, y, w-8, a, l)
		y += size * 1.15
	}
}

func (d *signPage) foot() {
	y := d.y + 20
	d.Line(paper.Bold, 12, signMargin, y, signWidth/2, paper.Centre, "NGƯỜI LẬP DANH SÁCH")
	d.Line(paper.Bold, 12, signMargin+signWidth/2, y, signWidth/2, paper.Centre, "XÁC NHẬN CỦA BAN TỔ CHỨC")
	for i := range 2 {
		d.Line(paper.Italic, 10.5, signMargin+float64(i)*signWidth/2, y+14, signWidth/2, paper.Centre, "(Ký, ghi rõ họ tên)")
	}
}
