package invitation

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/badge"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/paper"
	"taphuan/models"
)

// Letters gives the letters of everybody in a course who has a seat and is in reach, one after the other in one file for printing;
// with paperOnly of those only who get no mail. It refuses courses out of scope (not_found) and "invitation_nobody_paper".
func (s *Service) Letters(ctx context.Context, actor access.Actor, courseID uint64, paperOnly bool) (pdf []byte, name string, err error) {
	which := everybody
	if paperOnly {
		which = onPaper
	}
	f, err := s.factsOf(ctx, access.Courses(actor, access.EnrolmentWrite, s.DB.Time()), courseID, which)
	if err != nil {
		return nil, "", err
	}
	if len(f.people) == 0 {
		return nil, "", errs.Conflict("invitation_nobody_paper")
	}
	pdf, err = render(f, s.DB.Time())
	return pdf, "giay-moi-" + f.course.Code + ".pdf", err
}

// Letter gives the letter of one person with a seat, whom the permission reaches; others are not found.
func (s *Service) Letter(ctx context.Context, actor access.Actor, p access.Permission, enrolmentID uint64) (pdf []byte, name string, err error) {
	var e models.Enrolment
	err = s.DB.Read(ctx).Scopes(access.Enrolments(actor, p, s.DB.Time())).Where("state = ?", models.EnrolmentEnrolled).Take(&e, enrolmentID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, "", errs.NotFound("enrolment")
	}
	if err != nil {
		return nil, "", err
	}
	f, err := s.factsOf(ctx, access.Courses(actor, p, s.DB.Time()), e.CourseID, only(e.ID))
	if err != nil {
		return nil, "", err
	}
	if len(f.people) == 0 {
		return nil, "", errs.NotFound("enrolment")
	}
	pdf, err = render(f, s.DB.Time())
	return pdf, "giay-moi-" + f.course.Code + "-" + strconv.FormatUint(e.ID, 10) + ".pdf", err
}

// The page: A4 upright with the margins of Nghị định 30/2020/NĐ-CP, in points.
const (
	left    = 30 * paper.Millimetre
	right   = 18 * paper.Millimetre
	top     = 20 * paper.Millimetre
	bottom  = 20 * paper.Millimetre
	width   = paper.A4Short - left - right
	size    = 13.5
	leading = size * 1.36
	indent  = 12.7 * paper.Millimetre
)

// sheet writes down a page and goes on to the next one.
type sheet struct {
	*paper.Doc
	y     float64 // the next line's top
	first int     // page on which the letter began
}

func render(f *facts, now time.Time) ([]byte, error) {
	d := &sheet{Doc: paper.New(paper.A4Short, paper.A4Long, paper.Info{Title: "Giấy mời: " + f.course.Title, Author: f.agency, Subject: f.course.Code, Created: now.UTC()})}
	for _, p := range f.people {
		d.letter(f, p)
	}
	return d.Bytes()
}

// room begins a new page unless so many points are left.
func (d *sheet) room(points float64) {
	if d.y+points <= d.H-bottom {
		return
	}
	d.Page()
	d.Ink(paper.Black)
	d.Line(paper.Regular, 13, left, top-4*paper.Millimetre, width, paper.Centre, strconv.Itoa(d.Pages()-d.first+1))
	d.y = top + 4*paper.Millimetre
}

// par sets a paragraph with its first line indented, in lines from x to the right margin.
func (d *sheet) par(font paper.Font, text string) {
	d.lines(font, size, left+indent, width-indent, paper.Left, text)
	d.y += 4
}

// lines sets text in lines of a box.
func (d *sheet) lines(font paper.Font, at, x, w float64, a paper.Align, text string) {
	for _, l := range d.Wrap(font, at, w, text) {
		d.room(at * 1.36)
		d.y += at * 1.36
		d.Line(font, at, x, d.y-at*0.3, w, a, l)
	}
}

// item sets a word in bold and what belongs to it beside.
func (d *sheet) item(label, text string) {
	if text == "" {
		return
	}
	d.room(leading)
	w := d.Width(paper.Bold, size, label+" ")
	d.Line(paper.Bold, size, left+indent, d.y+size*1.06, w, paper.Left, label)
	d.lines(paper.Regular, size, left+indent+w+3, width-indent-w-3, paper.Left, text)
	d.y += 4
}

func (d *sheet) letter(f *facts, p person) {
	d.Page()
	d.first = d.Pages()
	d.Ink(paper.Black)
	y := d.Heading(left, top+12, width, 12.5, f.superior, f.agency)
	number := f.letter.Number
	if number == "" {
		number = "        /GM-"
	}
	d.Line(paper.Regular, 12.5, left, y+8, width*0.46, paper.Centre, "Số: "+number)
	place := f.place
	if place == "" {
		place = "................"
	}
	d.Line(paper.Italic, 12.5, left+width*0.5, y+8, width*0.5, paper.Centre, place+", "+dateInWords(f.today))
	d.y = y + 34
	d.lines(paper.Bold, 15, left, width, paper.Centre, "GIẤY MỜI")
	d.lines(paper.Bold, 13.5, left+30, width-60, paper.Centre, "Dự "+lowerFirst(f.typeName)+" “"+f.course.Title+"”")
	d.Rule(left+width/2-45, d.y+5, left+width/2+45, d.y+5, 0.7)
	d.y += 18

	d.par(paper.Regular, f.agency+" trân trọng kính mời:")
	d.lines(paper.Bold, 15, left, width, paper.Centre, p.honorific()+" "+p.Name)
	d.lines(paper.Regular, size, left+20, width-40, paper.Centre, join(", ", p.Title, p.Organisation))
	d.y += 8
	d.par(paper.Regular, "Đến dự "+lowerFirst(f.typeName)+" “"+f.course.Title+"” do "+f.host+" tổ chức.")
	d.schedule(f)
	d.item("Địa điểm:", join(", ", sameRoom(f.sessions), f.course.Venue))
	if f.course.Link != "" {
		d.item("Trực tuyến:", f.course.Link)
	}
	d.item("Tài liệu, chuẩn bị:", f.letter.Documents)
	d.item("Liên hệ:", f.letter.Contact)
	d.reply(f, p)
	d.badge(f, p)
	d.room(leading + 4 + footHeight(f)) // a signature never stands alone on a page
	d.par(paper.Regular, "Rất mong "+p.honorific()+" đến dự đúng thời gian, thành phần./.")
	d.foot(f)
}

// schedule says when: one session in a line, several in a list. A room that holds them all stands with the venue.
func (d *sheet) schedule(f *facts) {
	if len(f.sessions) == 1 {
		x := f.sessions[0]
		d.item("Thời gian:", "Từ "+hours(x.StartMinute)+" đến "+hours(x.EndMinute)+", "+i18n.LongDay(i18n.VI, x.Day))
		return
	}
	const at, step = 13, 13 * 1.36
	d.room(leading + step)
	d.Line(paper.Bold, size, left+indent, d.y+size*1.06, width, paper.Left, "Thời gian:")
	d.y += leading
	same := sameRoom(f.sessions) != ""
	for _, x := range f.sessions {
		text := i18n.LongDay(i18n.VI, x.Day) + ", " + hours(x.StartMinute) + " – " + hours(x.EndMinute)
		if !same {
			text += suffix(", ", x.Room)
		}
		text += suffix(": ", x.Title)
		d.room(step)
		d.Line(paper.Regular, at, left, d.y+at*1.06, 12, paper.Left, "-")
		d.lines(paper.Regular, at, left+12, width-12, paper.Left, text)
	}
	d.y += 4
}

// sameRoom is the room of all sessions, or nothing where they differ.
func sameRoom(sessions []models.Session) string {
	if len(sessions) == 0 {
		return ""
	}
	for _, x := range sessions {
		if x.Room != sessions[0].Room {
			return ""
		}
	}
	return sessions[0].Room
}

// reply asks for a reply, beside the code that opens the page for it where the system has a public address.
func (d *sheet) reply(f *facts, p person) {
	text := "Đề nghị " + p.honorific() + " xác nhận tham dự trước khi lớp bắt đầu. Nếu không dự được, đề nghị báo lý do và có thể giới thiệu người dự thay."
	d.beside(f.link(fmt.Sprintf("/my/enrolments/%d", p.ID)), func(w float64) {
		d.lines(paper.Regular, size, left+indent, w, paper.Left, text)
	}, "Quét mã để đăng nhập, mở trang của lớp và trả lời.")
}

// badge gives the personal code, beside the code that is scanned at the door.
func (d *sheet) badge(f *facts, p person) {
	const label = "Mã dự lớp: "
	d.beside(f.link(badge.Path+badge.Token(f.keys, p.ID)), func(w float64) {
		d.room(leading)
		d.y += leading
		d.Line(paper.Regular, size, left+indent, d.y-size*0.3, w, paper.Left, label)
		d.Line(paper.Bold, size, left+indent+d.Width(paper.Regular, size, label), d.y-size*0.3, w, paper.Left, badge.Code(f.keys, p.ID))
	}, "Mang theo giấy mời: mã được quét ở cửa hội trường. Cũng có thể quét mã trên màn hình của hội trường bằng điện thoại rồi nhập mã dự lớp này.")
}

// beside sets text beside the QR code of a link, with what scanning does beneath; without a link the text alone.
func (d *sheet) beside(link string, text func(width float64), scan string) {
	const side = 62.0
	if link == "" {
		text(width - indent)
		d.y += 4
		return
	}
	d.room(side + 10)
	y := d.y
	d.QR(left+width-side, y+2, side, link)
	d.Ink(paper.Black)
	text(width - indent - side - 12)
	d.lines(paper.Italic, 11, left+indent, width-indent-side-12, paper.Left, scan)
	d.y = max(d.y, y+side+4) + 4
}

// foot sets the recipients at the left and the signature at the right; they stay together.
func (d *sheet) foot(f *facts) {
	d.room(footHeight(f))
	y := d.y + 16
	d.Line(paper.BoldItalic, 12, left, y, width/2, paper.Left, "Nơi nhận:")
	d.Line(paper.Regular, 11, left, y+15, width/2, paper.Left, "- Như trên;")
	d.Line(paper.Regular, 11, left, y+29, width/2, paper.Left, "- Lưu: VT.")
	x, w := left+width*0.48, width*0.52
	for _, l := range signLines(f.signatory) {
		at, lines := d.Fit(paper.Bold, 13, 10, w, 2, l)
		for _, line := range lines {
			d.Line(paper.Bold, at, x, y, w, paper.Centre, line)
			y += at * 1.25
		}
	}
	at, lines := d.Fit(paper.Bold, 13.5, 10, w, 1, f.signatory.Name)
	for _, line := range lines {
		d.Line(paper.Bold, at, x, y+64, w, paper.Centre, line)
	}
	d.y = y + 72
}

// footHeight is what recipients and signature need.
func footHeight(f *facts) float64 { return 84 + 16.25*float64(len(signLines(f.signatory))) }
