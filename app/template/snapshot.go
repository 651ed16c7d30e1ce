package template

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Snapshot is what a certificate says, frozen when it is issued. Days are "2026-11-24".
type Snapshot struct {
	TemplateVersionID uint64    `json:"template_version_id"`
	Serial            string    `json:"serial"` // "0042/2026/GCN-QCN"
	Code              string    `json:"code"`
	VerifyURL         string    `json:"verify_url"`      // the public page
	Proof             string    `json:"proof,omitempty"` // the signed statement that the QR code carries behind the address, in digits
	Superior          string    `json:"superior"`        // agency above the issuer, "" for none
	Issuer            string    `json:"issuer"`
	Place             string    `json:"place"`
	Name              string    `json:"name"`
	Sex               string    `json:"sex"`  // "male", "female", "" unknown
	Born              string    `json:"born"` // "1980-05-04", "1980" or ""
	Title             string    `json:"title"`
	Organisation      string    `json:"organisation"`
	CourseID          uint64    `json:"course_id"`
	CourseType        string    `json:"course_type"`
	CourseTypeEn      string    `json:"course_type_en,omitempty"`
	CourseTitle       string    `json:"course_title"`
	Topics            []string  `json:"topics,omitempty"`
	From              string    `json:"from"`
	To                string    `json:"to"`
	Minutes           int       `json:"minutes"` // of all sessions that were held
	Venue             string    `json:"venue"`
	IssuedDay         string    `json:"issued_day"`
	IssuedAt          time.Time `json:"issued_at"`
	SignForm          string    `json:"sign_form"`  // "", "KT.", "TM.", "TL.", "TUQ."
	SignFor           string    `json:"sign_for"`   // whom the form names: "GIÁM ĐỐC"
	SignTitle         string    `json:"sign_title"` // the signatory's own title
	SignName          string    `json:"sign_name"`
}

// QRText is what the QR code holds: the address of the public page and, behind a "#" that no server sees, the signed statement.
func (s Snapshot) QRText() string {
	if s.Proof == "" {
		return s.VerifyURL
	}
	return s.VerifyURL + "#" + s.Proof
}

// Fields are what a text of a layout may name, in the order in which the designer offers them.
var Fields = []string{"name", "honorific", "honorific_en", "person", "born", "title", "organisation", "course_type", "course_type_en", "course_title", "topics", "held", "held_en", "from", "to",
	"hours", "hours_en", "venue", "certifier", "superior", "issuer", "place", "issued_date", "issued_date_en", "issued_day", "sign_as", "sign_title", "sign_name", "serial", "code", "verify_place"}

// Field gives what a field says, "" where the certificate says nothing of it.
func (s Snapshot) Field(name string) string {
	switch name {
	case "name":
		return s.Name
	case "honorific":
		return s.honorific("Ông", "Bà")
	case "honorific_en":
		return s.honorific("Mr", "Ms")
	case "person":
		return s.person()
	case "born":
		return dayMonthYear(s.Born)
	case "title":
		return s.Title
	case "organisation":
		return s.Organisation
	case "course_type":
		return s.CourseType
	case "course_type_en":
		return s.CourseTypeEn
	case "course_title":
		return s.CourseTitle
	case "topics":
		return strings.Join(s.Topics, "; ")
	case "held":
		return s.held()
	case "held_en":
		return s.heldEn()
	case "from":
		return dayMonthYear(s.From)
	case "to":
		return dayMonthYear(s.To)
	case "hours":
		return strings.Replace(hours(s.Minutes), ".", ",", 1) + "\u00a0giờ" // which stay together in one line
	case "hours_en":
		return hoursEn(s.Minutes)
	case "venue":
		return s.Venue
	case "certifier":
		return s.certifier()
	case "superior":
		return s.Superior
	case "issuer":
		return s.Issuer
	case "place":
		return s.Place
	case "issued_date":
		return dateInWords(s.IssuedDay)
	case "issued_date_en":
		return dateEn(s.IssuedDay)
	case "issued_day":
		return dayMonthYear(s.IssuedDay)
	case "sign_as":
		if s.SignForm == "" {
			return ""
		}
		return s.SignForm + " " + strings.ToUpper(s.SignFor)
	case "sign_title":
		return s.SignTitle
	case "sign_name":
		return s.SignName
	case "serial":
		return s.Serial
	case "code":
		return GroupCode(s.Code)
	case "verify_place":
		place := strings.TrimPrefix(strings.TrimPrefix(s.VerifyURL, "https://"), "http://")
		return strings.TrimSuffix(place, "/"+s.Code)
	}
	panic("template: no such field: " + name) // split lets no other name through
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

func (s Snapshot) honorific(man, woman string) string {
	switch s.Sex {
	case "male":
		return man
	case "female":
		return woman
	}
	return man + "/" + woman
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
	b.WriteString("; thời lượng " + s.Field("hours"))
	if s.Venue != "" {
		b.WriteString("; tại " + s.Venue)
	}
	return b.String()
}

func (s Snapshot) heldEn() string {
	if s.From == s.To {
		return "on " + dateEn(s.From) + ", " + hoursEn(s.Minutes)
	}
	return "from " + dateEn(s.From) + " to " + dateEn(s.To) + ", " + hoursEn(s.Minutes)
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
	return strings.TrimSuffix(strconv.FormatFloat(float64(minutes)/60, 'f', 1, 64), ".0")
}

func hoursEn(minutes int) string {
	if h := hours(minutes); h != "1" {
		return h + "\u00a0hours"
	}
	return "1\u00a0hour"
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

func dateEn(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format("2 January 2006")
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
