package certificate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"taphuan/app/paper"
)

// Snapshot is what a certificate says, frozen when it is issued. Days are "2026-11-24".
type Snapshot struct {
	Version      int       `json:"version"` // of the layout that renders it
	Serial       string    `json:"serial"`  // "0042/2026/GCN-QCN"
	Code         string    `json:"code"`
	VerifyURL    string    `json:"verify_url"` // what the QR code opens
	Superior     string    `json:"superior"`   // agency above the issuer, "" for none
	Issuer       string    `json:"issuer"`
	Place        string    `json:"place"`
	Name         string    `json:"name"`
	Sex          string    `json:"sex"`  // "male", "female", "" unknown
	Born         string    `json:"born"` // "1980-05-04", "1980" or ""
	Title        string    `json:"title"`
	Organisation string    `json:"organisation"`
	CourseID     uint64    `json:"course_id"`
	CourseType   string    `json:"course_type"`
	CourseTitle  string    `json:"course_title"`
	From         string    `json:"from"`
	To           string    `json:"to"`
	Minutes      int       `json:"minutes"` // of all sessions that were held
	Venue        string    `json:"venue"`
	IssuedDay    string    `json:"issued_day"`
	IssuedAt     time.Time `json:"issued_at"`
	SignForm     string    `json:"sign_form"`  // "", "KT.", "TM.", "TL.", "TUQ."
	SignFor      string    `json:"sign_for"`   // whom the form names: "GIÁM ĐỐC"
	SignTitle    string    `json:"sign_title"` // the signatory's own title
	SignName     string    `json:"sign_name"`
}

// SnapshotVersion is the layout that new certificates get.
const SnapshotVersion = 1

// Render draws the certificate: A4 landscape, one page. The same snapshot gives the same bytes. It refuses letters that the
// fonts lack with "glyph_missing".
func Render(s Snapshot) ([]byte, error) {
	d := draw(s)
	return d.Bytes()
}

// The zones of the page, in points from the top.
const (
	headY    = 74  // first base line of the heading
	titleY   = 174 // GIẤY CHỨNG NHẬN
	middleY  = 188 // the text begins below
	bottomY  = 436 // the place and date, the number and the QR code begin here
	inset    = 74  // left and right
	qrSide   = 74.0
	signSize = 13.0
)

// block is some lines of the middle part.
type block struct {
	font        paper.Font
	most, least float64 // points
	maxLines    int
	space       float64 // above, in points at full size
	ink         paper.Colour
	text        string
}

func draw(s Snapshot) *paper.Doc {
	d := paper.New(paper.A4Long, paper.A4Short, paper.Info{
		Title: "Giấy chứng nhận số " + s.Serial, Author: s.Issuer, Subject: s.CourseTitle, Created: s.IssuedAt.UTC(),
	})
	d.Page()
	d.Frame(26)
	w := d.W - 2*inset
	d.Heading(inset, headY, w, 13, s.Superior, s.Issuer)
	d.Ink(paper.Indigo)
	d.Spaced(paper.Bold, 36, inset, titleY, w, 2.2, "GIẤY CHỨNG NHẬN")
	middle(d, s, inset+18, w-36)
	register(d, s)
	signature(d, s)
	return d
}

func middle(d *paper.Doc, s Snapshot, x, w float64) {
	blocks := []block{
		{paper.Bold, 13.5, 10, 2, 12, paper.Black, strings.ToUpper(s.certifier())},
		{paper.Italic, 14, 12, 1, 4, paper.Black, "chứng nhận"},
		{paper.Bold, 28, 15, 1, 12, paper.Indigo, s.honorific() + " " + s.Name},
		{paper.Regular, 14, 10, 2, 7, paper.Black, s.person()},
		{paper.Italic, 14, 12, 1, 9, paper.Black, "đã hoàn thành " + lowerFirst(s.CourseType)},
		{paper.Bold, 18, 10.5, 3, 5, paper.Black, "“" + s.CourseTitle + "”"},
		{paper.Regular, 13.5, 10, 2, 8, paper.Black, s.held()},
	}
	type set struct {
		block
		size  float64
		lines []string
	}
	room := float64(bottomY - middleY - 14)
	var sets []set
	for tighten := 1.0; ; tighten -= 0.05 {
		sets = sets[:0]
		height := 0.0
		for _, b := range blocks {
			if b.text == "" {
				continue
			}
			size, lines := d.Fit(b.font, b.most*tighten, min(b.least, b.most*tighten), w, b.maxLines, b.text)
			sets = append(sets, set{b, size, lines})
			height += b.space*tighten + float64(len(lines))*size*1.26
		}
		if height <= room || tighten < 0.5 {
			y := middleY + max(0, (room-height)*0.4)
			for _, b := range sets {
				y += b.space * tighten
				d.Ink(b.ink)
				for _, l := range b.lines {
					y += b.size * 1.26
					d.Line(b.font, b.size, x, y-b.size*0.28, w, paper.Centre, l)
				}
			}
			return
		}
	}
}

// register sets the number, the QR code and the short code at the bottom left.
func register(d *paper.Doc, s Snapshot) {
	x, y := float64(inset), float64(bottomY)+4
	d.QR(x-4, y, qrSide, s.VerifyURL)
	tx, tw := x+qrSide+8, 210.0
	line := func(y float64, f paper.Font, size float64, ink paper.Colour, text string) {
		d.Ink(ink)
		size, lines := d.Fit(f, size, 6.5, tw, 1, text)
		for i, l := range lines {
			d.Line(f, size, tx, y+float64(i)*size*1.2, tw, paper.Left, l)
		}
	}
	line(y+17, paper.Regular, 11.5, paper.Black, "Số vào sổ: "+s.Serial)
	line(y+34, paper.Regular, 9.5, paper.Grey, "Tra cứu bằng mã QR hoặc tại")
	line(y+46, paper.Regular, 9.5, paper.Grey, s.verifyPlace())
	d.Ink(paper.Black)
	d.Line(paper.Bold, 10.5, x, y+qrSide+11, qrSide+tw, paper.Left, "Mã: "+GroupCode(s.Code))
}

// signature sets place and date, form of signing, title and name at the bottom right, with room for signature and seal.
func signature(d *paper.Doc, s Snapshot) {
	w := 310.0
	x := d.W - inset - w
	d.Ink(paper.Black)
	y := float64(bottomY) + 8
	size, lines := d.Fit(paper.Italic, signSize, 9, w, 1, s.Place+", "+dateInWords(s.IssuedDay))
	d.Line(paper.Italic, size, x, y, w, paper.Centre, strings.Join(lines, " "))
	y += 17
	// Signature and seal need their room: long titles are set smaller before they take a second line.
	for _, text := range s.signLines() {
		size, lines := d.Fit(paper.Bold, signSize, 10, w, 1, text)
		if len(lines) > 1 {
			size, lines = d.Fit(paper.Bold, 10.5, 8, w, 2, text)
		}
		for _, l := range lines {
			d.Line(paper.Bold, size, x, y, w, paper.Centre, l)
			y += size * 1.22
		}
	}
	size, lines = d.Fit(paper.Bold, 14, 9, w, 1, s.SignName)
	d.Line(paper.Bold, size, x, paper.A4Short-66, w, paper.Centre, strings.Join(lines, " "))
}

func (s Snapshot) signLines() []string {
	if s.SignForm == "" {
		return []string{strings.ToUpper(s.SignTitle)}
	}
	return []string{s.SignForm + " " + strings.ToUpper(s.SignFor), strings.ToUpper(s.SignTitle)}
}

// certifier names who certifies: the title in whose name it is signed, with the agency.
func (s Snapshot) certifier() string {
	title := s.SignTitle
	if s.SignForm == "KT." && s.SignFor != "" {
		title = s.SignFor
	}
	if s.SignForm == "TM." || s.SignForm == "TL." || s.SignForm == "TUQ." {
		return s.Issuer
	}
	if strings.Contains(strings.ToLower(title), strings.ToLower(s.Issuer)) {
		return title
	}
	return title + " " + s.Issuer
}

func (s Snapshot) honorific() string {
	switch s.Sex {
	case "male":
		return "Ông"
	case "female":
		return "Bà"
	}
	return "Ông/Bà"
}

func (s Snapshot) person() string {
	var parts []string
	switch {
	case len(s.Born) == 10:
		parts = append(parts, "sinh ngày "+dayMonthYear(s.Born))
	case s.Born != "":
		parts = append(parts, "sinh năm "+s.Born)
	}
	if s.Title != "" {
		parts = append(parts, "chức vụ: "+s.Title)
	}
	if s.Organisation != "" {
		parts = append(parts, s.Organisation)
	}
	return upperFirst(strings.Join(parts, ", "))
}

func (s Snapshot) held() string {
	var b strings.Builder
	if s.From == s.To {
		b.WriteString("Ngày " + dayMonthYear(s.From))
	} else {
		b.WriteString("Từ ngày " + dayMonthYear(s.From) + " đến ngày " + dayMonthYear(s.To))
	}
	b.WriteString("; thời lượng " + hours(s.Minutes))
	if s.Venue != "" {
		b.WriteString("; tại " + s.Venue)
	}
	return b.String()
}

func (s Snapshot) verifyPlace() string {
	place := strings.TrimPrefix(strings.TrimPrefix(s.VerifyURL, "https://"), "http://")
	return strings.TrimSuffix(place, "/"+s.Code)
}

// GroupCode writes a certificate's code in groups of four, as people read it out.
func GroupCode(code string) string {
	var parts []string
	for len(code) > 4 {
		parts = append(parts, code[:4])
		code = code[4:]
	}
	return strings.Join(append(parts, code), "-")
}

func hours(minutes int) string {
	h := strconv.FormatFloat(float64(minutes)/60, 'f', 1, 64)
	h = strings.TrimSuffix(h, ".0")
	return strings.Replace(h, ".", ",", 1) + " giờ"
}

// dayMonthYear gives "24/11/2026" for "2026-11-24".
func dayMonthYear(iso string) string {
	if len(iso) != 10 {
		return iso
	}
	return iso[8:] + "/" + iso[5:7] + "/" + iso[:4]
}

// dateInWords gives "ngày 24 tháng 11 năm 2026"; days below 10 and months 1 and 2 have two digits, as the decree asks.
func dateInWords(iso string) string {
	if len(iso) != 10 {
		return iso
	}
	month := iso[5:7]
	if m, err := strconv.Atoi(month); err == nil && m > 2 {
		month = strconv.Itoa(m)
	}
	return fmt.Sprintf("ngày %s tháng %s năm %s", iso[8:], month, iso[:4])
}

func lowerFirst(s string) string { return first(s, strings.ToLower) }
func upperFirst(s string) string { return first(s, strings.ToUpper) }

func first(s string, f func(string) string) string {
	for i := range s {
		if i > 0 {
			return f(s[:i]) + s[i:]
		}
	}
	return f(s)
}
