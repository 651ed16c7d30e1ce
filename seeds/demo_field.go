package seeds

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"taphuan/app/attendance"
	"taphuan/app/file"
	"taphuan/app/paper"
	"taphuan/models"
)

// field notes what happens in halls beside marking the list, where the course's file says so.
func (w *world) field(c *demoCourse) {
	for _, what := range c.Hall {
		switch what {
		case "walk-ins":
			w.on(c.first, afternoonEnd-20, func(ctx context.Context) error { return w.walkIns(ctx, c) })
		case "disputes":
			w.on(c.first, afternoonEnd-15, func(ctx context.Context) error { return w.disagree(ctx, c) })
		case "sheets":
			w.on(c.first, afternoonEnd+10, func(ctx context.Context) error { return w.signedSheet(ctx, c) })
		case "make-ups":
			w.on(c.first, afternoonEnd+20, func(ctx context.Context) error { return w.makeUp(ctx, c) })
		case "late":
			w.on(c.last.AddDays(3), 10*60, func(ctx context.Context) error { return w.late(ctx, c) })
		}
	}
}

// attendee is somebody of a course, with how many of its sessions they attended.
type attendee struct {
	ID       uint64 // of the enrolment
	CadreID  uint64
	NameKey  string
	FullName string
	Attended int
}

// people gives who is enrolled in a course, by name.
func (w *world) people(ctx context.Context, c *demoCourse) (list []attendee, err error) {
	err = w.db.Read(ctx).Table("enrolments").Joins("JOIN cadres ON cadres.id = enrolments.cadre_id").Where("enrolments.course_id = ? AND enrolments.state = ?", c.id, models.EnrolmentEnrolled).
		Select("enrolments.id, enrolments.cadre_id, cadres.name_key, cadres.full_name, (SELECT COUNT(*) FROM marks m WHERE m.enrolment_id = enrolments.id AND m.mark IN ('present', 'late')) AS attended").
		Order("cadres.sort_key, cadres.birth_year, enrolments.id").Scan(&list).Error
	return list, err
}

// phone is the device of an account; a second one differs.
func phone(account string, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+strconv.Itoa(n))).String()
}

// send records what an account's phone sends; a refusal is an error.
func (w *world) send(ctx context.Context, c *demoCourse, account string, b attendance.Batch) error {
	if b.DeviceID == "" {
		b.DeviceID = phone(account, 1)
	}
	out, err := w.attendance.Record(ctx, w.actors[account], b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Title, err)
	}
	for _, f := range append(out.WalkIns, out.Marks...) {
		if f.Refusal != nil {
			return fmt.Errorf("%s: %w", c.Title, f.Refusal)
		}
	}
	return nil
}

// walkIns lets four people come to the first session who are not on its list: a cadre, whom the coordinator finds, a guest, one whom
// nobody has decided on, and one who comes in another's place.
func (w *world) walkIns(ctx context.Context, c *demoCourse) error {
	people, err := w.people(ctx, c)
	if err != nil {
		return err
	}
	in := map[uint64]bool{}
	for _, p := range people {
		in[p.CadreID] = true
	}
	could, err := w.candidates(ctx, c)
	if err != nil {
		return err
	}
	list := []attendance.WalkInInput{
		{Name: "Vàng A Pó", Office: "Ban Quản lý Công viên địa chất Non nước Cao Bằng", BirthYear: 1979},
		{Name: "Nông Thị Lệ", Office: "UBND xã Minh Khai", BirthYear: 1988},
		{Name: "Hoàng Văn Thức", Office: "Trung tâm Văn hóa và Truyền thông", BirthYear: 1991},
	}
	for _, p := range people {
		if p.Attended == 0 && list[2].ReplacesID == 0 {
			list[2].ReplacesID = p.ID
		}
	}
	var found models.Cadre
	for _, x := range could {
		if !in[x.ID] {
			if err := w.db.Read(ctx).Take(&found, x.ID).Error; err != nil {
				return err
			}
			list = append(list, attendance.WalkInInput{Name: found.FullName, Office: w.orgs[x.Code].Name, BirthYear: found.BirthYear})
			break
		}
	}
	b := attendance.Batch{}
	for i := range list {
		s := c.sessions[0]
		list[i].UID, list[i].SessionID = uuid.Must(uuid.NewV7()).String(), s.ID
		b.Marks = append(b.Marks, attendance.MarkInput{SessionID: s.ID, WalkInUID: list[i].UID, Mark: models.MarkPresent, MarkedAt: s.Day.At(s.StartMinute + 15 + i), Offset: new(time.Duration)})
	}
	b.WalkIns = list
	if err := w.send(ctx, c, c.Clerk, b); err != nil {
		return err
	}
	boss := w.actors["dieuphoi"]
	waiting, err := w.attendance.WalkIns(ctx, boss, c.id)
	if err != nil {
		return err
	}
	for _, x := range waiting {
		switch {
		case x.UID == list[0].UID:
			err = w.attendance.Keep(ctx, boss, x.ID, models.WalkInGuest)
		case found.ID != 0 && x.UID == list[3].UID:
			err = w.attendance.Match(ctx, boss, x.ID, found.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// disagree has the trainer mark somebody absent whose badge was scanned at the door, without having seen that.
func (w *world) disagree(ctx context.Context, c *demoCourse) error {
	people, err := w.people(ctx, c)
	if err != nil {
		return err
	}
	s := c.sessions[1]
	for _, p := range people {
		if p.Attended == 2 && p.CadreID != w.star {
			return w.send(ctx, c, c.Trainers[0], attendance.Batch{Marks: []attendance.MarkInput{{SessionID: s.ID, EnrolmentID: p.ID, Mark: models.MarkAbsent,
				Note: "Không có mặt khi thảo luận nhóm", MarkedAt: s.Day.At(s.StartMinute + 90), Offset: new(time.Duration)}}})
		}
	}
	return nil
}

// late lets the marks of a phone that lay in a drawer arrive when the course has closed.
func (w *world) late(ctx context.Context, c *demoCourse) error {
	people, err := w.people(ctx, c)
	if err != nil {
		return err
	}
	s := c.sessions[len(c.sessions)-1]
	b := attendance.Batch{DeviceID: phone(c.Trainers[0], 2)}
	for _, p := range people {
		if p.Attended < len(c.sessions) && len(b.Marks) < 3 {
			b.Marks = append(b.Marks, attendance.MarkInput{SessionID: s.ID, EnrolmentID: p.ID, Mark: models.MarkLate, MarkedAt: s.Day.At(s.StartMinute + 40), Offset: new(time.Duration)})
		}
	}
	return w.send(ctx, c, c.Trainers[0], b)
}

// makeUp has somebody who missed a session of another running course make it up in the first of this one.
func (w *world) makeUp(ctx context.Context, c *demoCourse) error {
	var missed struct {
		ID, SessionID uint64
		Mark          models.MarkValue
	}
	err := w.db.Read(ctx).Table("enrolments e").Joins("JOIN courses k ON k.id = e.course_id").Joins("JOIN course_sessions s ON s.course_id = k.id").
		Joins("JOIN marks m ON m.session_id = s.id AND m.enrolment_id = e.id").Joins("JOIN enrolments here ON here.cadre_id = e.cadre_id AND here.course_id = ?", c.id).
		Joins("JOIN marks there ON there.session_id = ? AND there.enrolment_id = here.id AND there.mark = ?", c.sessions[0].ID, models.MarkPresent).
		Where("k.state = ? AND k.id <> ? AND e.state = ? AND e.cadre_id <> ?", models.CourseRunning, c.id, models.EnrolmentEnrolled, w.star).
		Order("CASE WHEN m.mark = 'excused' THEN 0 ELSE 1 END, s.day DESC, s.start_minute DESC, e.id").Select("e.id, s.id AS session_id, m.mark").Limit(1).Scan(&missed).Error
	if err != nil || missed.ID == 0 {
		return err // nobody is in both
	}
	boss := w.actors["dieuphoi"]
	if missed.Mark.Attended() {
		_, err := w.attendance.Save(ctx, boss, missed.SessionID, []attendance.MarkInput{{EnrolmentID: missed.ID, Mark: models.MarkExcused, Note: "Họp đột xuất ở cơ quan, xin học bù"}})
		if err != nil {
			return err
		}
	}
	return w.attendance.MakeUp(ctx, boss, attendance.MakeUpInput{EnrolmentID: missed.ID, SessionID: missed.SessionID, RefSessionID: c.sessions[0].ID})
}

// reopen opens a closed course again because a signed sheet came late, and keeps that sheet.
func (w *world) reopen(ctx context.Context, c *demoCourse) error {
	if err := w.courses.Reopen(ctx, w.actors["dieuphoi"], c.id, c.Reopen); err != nil {
		return fmt.Errorf("%s: %w", c.Title, err)
	}
	return w.signedSheet(ctx, c)
}

// signedSheet hands in the scan of a sheet that those who attended the first session have signed.
func (w *world) signedSheet(ctx context.Context, c *demoCourse) error {
	people, err := w.people(ctx, c)
	if err != nil {
		return err
	}
	s := c.sessions[0]
	d := paper.New(paper.A4Short, paper.A4Long, paper.Info{Title: "Phiếu ký tên đã ký", Created: w.clock})
	y := 0.0
	for i, p := range people {
		if i%26 == 0 {
			d.Page()
			d.Ink(paper.Black)
			d.Line(paper.Bold, 13, 50, 60, d.W-100, paper.Centre, "DANH SÁCH KÝ TÊN, NGÀY "+s.Day.At(0).Format("02/01/2006"))
			y = 100
		}
		d.Ink(paper.Black)
		d.Line(paper.Regular, 12, 50, y, 30, paper.Right, strconv.Itoa(i+1))
		d.Line(paper.Regular, 12, 95, y, 260, paper.Left, p.FullName)
		d.Rule(50, y+8, d.W-50, y+8, 0.5)
		if p.Attended > 0 {
			d.Ink(paper.Indigo)
			sign(d, 370, y, p.NameKey)
		}
		y += 27
	}
	scan, err := d.Bytes()
	if err != nil {
		return err
	}
	return w.attendance.Attach(ctx, w.actors[c.Clerk], s.ID, file.Upload{Name: "phieu-ky-ten-buoi-1.pdf", Body: scan})
}

// sign draws somebody's signature: a line of loops that are theirs.
func sign(d *paper.Doc, x, y float64, who string) {
	r := chance("chữ ký", who)
	px, py := x, y
	for range 14 + r.IntN(8) {
		nx, ny := px+8*r.Float64()-1, y-12*r.Float64()+3
		d.Rule(px, py, nx, ny, 0.9)
		px, py = nx, ny
	}
}
