package attendance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/models"
	"taphuan/models/viet"
)

// blankRows are at the end of a sign-in sheet, for those who come without being on the list.
const blankRows = 15

// MostColumnName is how many letters the name of a further column of a sign-in sheet may have.
const MostColumnName = 30

// SignColumns are columns that a sign-in sheet has besides the usual ones.
type SignColumns struct {
	Materials, Allowance bool
	Free                 [2]string // names of columns of one's own; "" none
}

// titles gives the further columns. It refuses a name that is longer than MostColumnName ("sign_column") or has a letter that the paper
// lacks ("glyph_missing"), on "column1" or "column2".
func (x SignColumns) titles() ([]string, error) {
	var out []string
	var wrong errs.Fields
	if x.Materials {
		out = append(out, "Tài liệu")
	}
	if x.Allowance {
		out = append(out, "Phụ cấp")
	}
	for i, name := range x.Free {
		valid := utf8.ValidString(name)
		name = viet.NFC(name)
		field := fmt.Sprintf("column%d", i+1)
		if !valid || len([]rune(name)) > MostColumnName {
			wrong.Add(field, "sign_column", errs.Params{"n": MostColumnName})
		} else if err := paper.CheckGlyphs(name); err != nil {
			wrong.Add(field, errs.As(err).Code, errs.As(err).Params)
		} else if name != "" {
			out = append(out, name)
		}
	}
	return out, wrong.Err()
}

// signer is somebody on the sign-in sheet.
type signer struct {
	CadreID                   uint64
	Name, Title, Organisation string
	BirthYear                 int
	WalkIn                    bool   `gorm:"-"` // present without being enrolled
	Replaces                  string `gorm:"-"` // in whose place
	MakesUp                   bool   `gorm:"-"` // for a session of another course (học bù)
}

// said is what stands in the column of titles.
func (p signer) said() string {
	switch {
	case p.Replaces != "":
		return "Đi thay " + p.Replaces
	case p.WalkIn:
		return "Phát sinh"
	case p.MakesUp:
		return strings.TrimPrefix(p.Title+" (học bù)", " ")
	}
	return p.Title
}

// SignSheet gives the sign-in sheet of a session (danh sách ký nhận) for printing, with a column in which people say whether their name
// and title are written right, and the name under which it is saved. Those enrolled come first, by given name, then who is present
// without being enrolled, then blank rows. It refuses as SignColumns says; out of scope is not found.
func (s *Service) SignSheet(ctx context.Context, actor access.Actor, sessionID uint64, columns SignColumns) (pdf []byte, name string, err error) {
	c, x, _, err := s.place(ctx, actor, sessionID)
	if err != nil {
		return nil, "", err
	}
	pdf, err = s.signSheets(ctx, c, []models.Session{x}, columns)
	return pdf, fmt.Sprintf("danh-sach-ky-%s-%s.pdf", c.Code, x.Day), err
}

// SignSheets gives the sign-in sheets of all sessions of a course that were not cancelled, in one document. It refuses as SignSheet does,
// and a course without any ("course_no_session").
func (s *Service) SignSheets(ctx context.Context, actor access.Actor, courseID uint64, columns SignColumns) (pdf []byte, name string, err error) {
	c, err := s.readCourse(ctx, actor, byID(courseID))
	if err != nil {
		return nil, "", err
	}
	list, err := s.sessions(ctx, c.ID)
	if err != nil {
		return nil, "", err
	}
	list = slices.DeleteFunc(list, func(x models.Session) bool { return x.Cancelled })
	if len(list) == 0 {
		return nil, "", errs.Conflict("course_no_session")
	}
	pdf, err = s.signSheets(ctx, c, list, columns)
	return pdf, fmt.Sprintf("danh-sach-ky-%s.pdf", c.Code), err
}

func (s *Service) signSheets(ctx context.Context, c models.Course, list []models.Session, columns SignColumns) ([]byte, error) {
	further, err := columns.titles()
	if err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	var host models.Organisation
	var issuer []models.Issuer
	for _, q := range []*gorm.DB{db.Take(&host, c.HostID), db.Where("organisation_id = ?", c.HostID).Limit(1).Find(&issuer)} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	page := signPage{course: c, agency: host.Name, columns: columnsWith(further)}
	if len(issuer) == 1 {
		page.superior, page.agency = issuer[0].Superior, issuer[0].Name
	}
	base := ""
	if s.PublicURL != nil {
		if base, err = s.PublicURL(ctx); err != nil {
			return nil, err
		}
	}
	page.Doc = paper.New(paper.A4Long, paper.A4Short, paper.Info{Title: "Danh sách ký nhận: " + c.Title, Author: page.agency, Subject: c.Code, Created: s.DB.Time()})
	for _, x := range list {
		people, err := s.signers(ctx, x)
		if err != nil {
			return nil, err
		}
		if page.session = x; base != "" {
			page.link = strings.TrimSuffix(base, "/") + fmt.Sprintf("/sessions/%d/attendance", x.ID)
		}
		page.draw(people)
	}
	return page.Bytes()
}

// signers reads who signs for a session: three queries, and one more where there are walk-ins.
func (s *Service) signers(ctx context.Context, x models.Session) (people []signer, err error) {
	db := s.DB.Read(ctx)
	err = db.Table("enrolments e").Joins("JOIN cadres ON cadres.id = e.cadre_id").
		Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, x.Day, x.Day).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Where("e.course_id = ? AND e.state = ?", x.CourseID, models.EnrolmentEnrolled).
		Select("cadres.id AS cadre_id, cadres.full_name AS name, cadres.birth_year, COALESCE(p.title, '') AS title, COALESCE(o.name, '') AS organisation").
		Order("cadres.sort_key, e.id").Scan(&people).Error
	if err != nil {
		return nil, err
	}
	var guests []uint64
	err = db.Table("mark_events v").Joins("JOIN marks m ON m.event_id = v.id").Joins("JOIN enrolments e ON e.id = m.enrolment_id").
		Where("v.ref_session_id = ? AND v.source = ?", x.ID, SourceMakeUp).Pluck("e.cadre_id", &guests).Error
	if err != nil {
		return nil, err
	}
	for i := range people {
		people[i].MakesUp = slices.Contains(guests, people[i].CadreID)
	}
	walkIns, err := s.walkIns(ctx, x.CourseID, x.ID)
	for _, w := range walkIns {
		if w.Mark.Attended() {
			people = append(people, signer{Name: w.Name, Organisation: w.Office, BirthYear: w.BirthYear, WalkIn: true, Replaces: w.Replaces})
		}
	}
	return people, err
}

// SignPage is what there is to choose for a sign-in sheet, and what has come back signed.
type SignPage struct {
	Course   models.Course
	Session  models.Session
	Sessions []models.Session // of the course that were not cancelled
	Heads    []string         // of the columns
	Signed   []Signed         // of the session
	Refusal  *errs.Error      // why nothing can be handed in; nil: it can
	Wrong    error            // of the further columns
}

// SignPage reads what can be printed for a session and which signed sheets there are. Out of scope is not found.
func (s *Service) SignPage(ctx context.Context, actor access.Actor, sessionID uint64, columns SignColumns) (*SignPage, error) {
	c, x, all, err := s.place(ctx, actor, sessionID)
	if err != nil {
		return nil, err
	}
	out := &SignPage{Course: c, Session: x, Sessions: slices.DeleteFunc(all, func(x models.Session) bool { return x.Cancelled })}
	if why := refusal(c, x, models.DayOf(s.DB.Time())); !errs.Is(why, "attendance_course_closed") {
		out.Refusal = errs.As(why)
	}
	further, wrong := columns.titles()
	out.Wrong = wrong
	for _, h := range columnsWith(further) {
		out.Heads = append(out.Heads, h.title)
	}
	list, err := s.SignedSheets(ctx, actor, c.ID)
	out.Signed = slices.DeleteFunc(list, func(f Signed) bool { return f.SessionID != x.ID })
	return out, err
}
