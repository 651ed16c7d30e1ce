package seeds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/models"
)

// demoCourse is a course of seeds/demo/courses.toml.
type demoCourse struct {
	Type, Title, Host, Venue, Room string
	Day                            string // a date, or days from today: "-1", "+9"
	Sessions                       string // a word a day: S the morning, C the afternoon
	Groups, From, Topics, Trainers []string
	Seats                          int
	Take                           float64  // share of those who could come
	Again                          *float64 // how much less likely somebody comes who has been in such a course; nil: 0.15
	Clerk                          string
	End                            models.CourseState // "": closed
	Issue                          *bool              // nil: certificates are issued, for types that bring training
	Star                           bool               // the cadre with an account takes part
	Quizzes                        bool               // there is one before and one after it
	Hall                           []string           // what happened there beside the list: "badges" scanned at the door, and what field names
	Nominations                    bool               // heads have put people forward, and nobody has decided
	Quota                          int                // how many each office may still nominate, until the week before the first day; 0: as many as it likes
	Why                            string             // of a cancellation
	Reopen                         string             // why it was opened again; "": it was not

	id       uint64
	first    models.Day
	last     models.Day
	sessions []models.Session
}

// Hours of the half-days.
const (
	morningStart, morningEnd     = 7*60 + 30, 11*60 + 15
	afternoonStart, afternoonEnd = 13*60 + 30, 16*60 + 45
)

// sessionTitles are what the half-days of a course type are about.
var sessionTitles = map[string][]string{
	"conference": {"Khai mạc; tổng quan về quyền con người", "Chính sách, pháp luật của Việt Nam về quyền con người", "Kỹ năng truyền thông về quyền con người", "Thảo luận nhóm, trình bày kết quả", "Thu hoạch và bế mạc"},
	"skills":     {"Khai mạc; nguyên tắc làm việc với thông tin", "Thực hành theo nhóm", "Xử lý tình huống trên mạng xã hội", "Nhận xét sản phẩm", "Hoàn thiện sản phẩm", "Trình bày và bế mạc"},
	"seminar":    {"Tham luận", "Thảo luận và kết luận"},
	"talk":       {"Trao đổi với chuyên gia"},
	"briefing":   {"Thông tin chuyên đề và trao đổi"},
}

func readDemoCourses() ([]*demoCourse, error) {
	var file struct{ Courses []*demoCourse }
	b, err := demoFiles.ReadFile("demo/courses.toml")
	if err != nil {
		return nil, err
	}
	md, err := toml.Decode(string(b), &file)
	if err != nil {
		return nil, fmt.Errorf("demo/courses.toml: %w", err)
	}
	if left := md.Undecoded(); len(left) > 0 {
		return nil, fmt.Errorf("demo/courses.toml: what is %s?", left[0])
	}
	return file.Courses, nil
}

// place sets the course's days.
func (c *demoCourse) place(today models.Day) error {
	if strings.HasPrefix(c.Day, "-") || strings.HasPrefix(c.Day, "+") {
		n, err := strconv.Atoi(c.Day)
		if err != nil {
			return fmt.Errorf("%s: day %q", c.Title, c.Day)
		}
		c.first = today.AddDays(n)
		// Away from today until no day is on a weekend; today's own class is held whatever the day.
		for step := 1; (n > 0 || n < -1) && c.onWeekend(); c.first = c.first.AddDays(step) {
			if n < 0 {
				step = -1
			}
		}
	} else {
		var err error
		if c.first, err = models.ParseDay(c.Day); err != nil {
			return err
		}
	}
	c.last = c.first.AddDays(len(strings.Fields(c.Sessions)) - 1)
	return nil
}

func (c *demoCourse) onWeekend() bool {
	for i := range strings.Fields(c.Sessions) {
		if d := c.first.AddDays(i).Weekday(); d == time.Saturday || d == time.Sunday {
			return true
		}
	}
	return false
}

// holdCourses notes what happens in every course.
func (w *world) holdCourses() error {
	list, err := readDemoCourses()
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := c.place(w.today); err != nil {
			return err
		}
		// A course with a date of its own is history, and must be over by today.
		if c.End == "" && c.last.AddDays(7) > w.today {
			continue
		}
		w.hold(c)
	}
	return nil
}

// hold notes what happens in a course: planned six weeks ahead, opened, filled, marked, closed, certified.
func (w *world) hold(c *demoCourse) {
	// Not earlier than the year of the course, whose number it bears, and not later than so many days ago.
	newYear := models.NewDay(c.first.Year(), 1, 2)
	ahead := func(n, atMost int) models.Day {
		return min(max(c.first.AddDays(-n), newYear), w.today.AddDays(-atMost))
	}
	w.on(ahead(42, 9), 9*60, func(ctx context.Context) error { return w.draft(ctx, c) })
	if c.End == models.CourseDraft {
		return
	}
	w.on(ahead(35, 8), 10*60, func(ctx context.Context) error { return w.open(ctx, c) })
	w.on(ahead(16, 5), 10*60, func(ctx context.Context) error { return w.fill(ctx, c) })
	if c.Nominations {
		w.on(ahead(12, 1), 15*60, func(ctx context.Context) error { return w.nominate(ctx, c) })
	}
	if c.Quota > 0 {
		w.on(ahead(12, 1), 16*60, func(ctx context.Context) error { return w.limit(ctx, c) })
	}
	switch c.End {
	case models.CourseOpen:
		if c.Quizzes {
			w.on(w.today.AddDays(-1), 8*60, func(ctx context.Context) error { return w.quizzed(ctx, c, models.QuizPre, true) })
		}
		return
	case models.CourseCancelled:
		w.on(c.first.AddDays(-3), 16*60, func(ctx context.Context) error {
			return w.courses.Cancel(ctx, w.actors["dieuphoi"], c.id, c.Why)
		})
		return
	}
	day, n := c.first, 0
	for _, halves := range strings.Fields(c.Sessions) {
		last := morningStart
		if strings.HasSuffix(halves, "C") {
			last = afternoonStart
		}
		from, to := n, n+len(halves)
		if day < w.today { // today's are for the visitor to mark
			w.on(day, last+20, func(ctx context.Context) error { return w.mark(ctx, c, from, to) })
		}
		day, n = day.AddDays(1), to
	}
	w.field(c)
	if c.Quizzes {
		w.on(c.first, morningStart+30, func(ctx context.Context) error { return w.quizzed(ctx, c, models.QuizPre, false) })
		if last := min(c.last, w.today.AddDays(-1)); last >= c.first {
			w.on(last, afternoonEnd+5, func(ctx context.Context) error { return w.quizzed(ctx, c, models.QuizPost, c.End != "") })
		}
	}
	if c.End != "" {
		return
	}
	w.on(c.last.AddDays(2), 9*60, func(ctx context.Context) error { return w.close(ctx, c) })
	if c.Reopen != "" {
		w.on(w.today.AddDays(-2), 9*60, func(ctx context.Context) error { return w.reopen(ctx, c) })
	}
	if c.last > w.today.AddDays(-150) {
		w.on(c.last.AddDays(4), 10*60, func(ctx context.Context) error { return w.commented(ctx, c) })
	}
	certified := c.Type == "conference" || c.Type == "skills"
	if c.Issue != nil {
		certified = *c.Issue
	}
	if certified {
		w.on(c.last.AddDays(5), 9*60, func(ctx context.Context) error { return w.issue(ctx, c) })
	}
}

// draft makes the course with its sessions and staff.
func (w *world) draft(ctx context.Context, c *demoCourse) error {
	boss := w.actors["dieuphoi"]
	in := course.Input{Title: c.Title, Venue: c.Venue, HostID: w.orgs[c.Host].ID, VenueID: w.venues[c.Venue].id, Capacity: c.Seats, RulePercent: 80}
	for _, t := range w.plan.CourseTypes {
		if t.Code == c.Type {
			in.CourseTypeID = t.ID
		}
	}
	for _, t := range w.plan.Topics {
		if slices.Contains(c.Topics, t.Code) {
			in.TopicIDs = append(in.TopicIDs, t.ID)
		}
	}
	for _, g := range w.plan.Groups {
		if slices.Contains(c.Groups, g.Code) {
			in.GroupIDs = append(in.GroupIDs, g.ID)
		}
	}
	var err error
	if c.id, err = w.courses.Create(ctx, boss, in); err != nil {
		return fmt.Errorf("%s: %w", c.Title, err)
	}
	day, n := c.first, 0
	for _, halves := range strings.Fields(c.Sessions) {
		for _, half := range halves {
			s := course.SessionInput{Day: day, StartMinute: morningStart, EndMinute: morningEnd, Room: c.Room}
			w.venues[c.Venue].choose(c, &s)
			if half == 'C' {
				s.StartMinute, s.EndMinute = afternoonStart, afternoonEnd
			}
			if titles := sessionTitles[c.Type]; n < len(titles) {
				s.Title = titles[n]
			}
			id, err := w.courses.AddSession(ctx, boss, c.id, s)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Title, err)
			}
			c.sessions = append(c.sessions, models.Session{ID: id, Day: day, StartMinute: s.StartMinute})
			n++
		}
		day = day.AddDays(1)
	}
	for _, name := range c.Trainers {
		if err := w.courses.AddStaff(ctx, boss, c.id, w.actors[name].AccountID, models.StaffTrainer); err != nil {
			return fmt.Errorf("%s: trainer %s: %w", c.Title, name, err)
		}
	}
	if c.Clerk != "" {
		if err := w.courses.AddStaff(ctx, boss, c.id, w.actors[c.Clerk].AccountID, models.StaffClerk); err != nil {
			return fmt.Errorf("%s: clerk %s: %w", c.Title, c.Clerk, err)
		}
	}
	return nil
}

// candidate is a cadre whom a course is meant for.
type candidate struct {
	ID             uint64
	NameKey        string
	Code           string // of the office
	OrganisationID uint64
	Trained        bool // has been in such a course before
}

// candidates gives the cadres of the course's groups in the places it is for, on its first day, in the order of names.
func (w *world) candidates(ctx context.Context, c *demoCourse) ([]candidate, error) {
	places := map[uint64]bool{}
	for _, code := range c.From {
		o, ok := w.orgs[code]
		if !ok {
			return nil, fmt.Errorf("%s: no organisation %s", c.Title, code)
		}
		tops := []models.Organisation{o}
		if !o.ExistsOn(c.first) {
			tops = w.heirs[o.ID]
		}
		for _, t := range tops {
			for _, x := range w.inOrder {
				if strings.HasPrefix(x.Path, t.Path) {
					places[x.ID] = true
				}
			}
		}
	}
	var rows []candidate
	err := w.db.Read(ctx).Table("cadres").Joins("JOIN postings p ON p.cadre_id = cadres.id").Joins("JOIN organisations o ON o.id = p.organisation_id").
		Where("p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, c.first, c.first).
		Where("EXISTS (SELECT 1 FROM posting_groups pg JOIN target_groups g ON g.id = pg.group_id WHERE pg.posting_id = p.id AND g.code IN ?)", c.Groups).
		Select("cadres.id, cadres.name_key, o.code, p.organisation_id, EXISTS (SELECT 1 FROM enrolments e JOIN courses k ON k.id = e.course_id WHERE e.cadre_id = cadres.id AND e.outcome = ? AND k.course_type_id = ?) AS trained",
			models.OutcomeCompleted, w.typeID(c.Type)).
		Order("cadres.sort_key, cadres.birth_year, cadres.id").Scan(&rows).Error
	var out []candidate
	for _, r := range rows {
		if places[r.OrganisationID] {
			out = append(out, r)
		}
	}
	return out, err
}

func (w *world) typeID(code string) uint64 {
	for _, t := range w.plan.CourseTypes {
		if t.Code == code {
			return t.ID
		}
	}
	return 0
}

// keen is how readily an office sends its people: a few never do, a few always, the others differ.
func keen(office string) float64 {
	r := chance("keen", office)
	switch x := r.Float64(); {
	case x < 0.05:
		return 0
	case x < 0.11:
		return 3
	default:
		return 0.4 + 0.95*r.Float64()
	}
}

// fill enrols those whom their offices send; who is too many goes on the waiting list.
func (w *world) fill(ctx context.Context, c *demoCourse) error {
	list, err := w.candidates(ctx, c)
	if err != nil || c.Take == 0 {
		return err
	}
	again := 0.15
	if c.Again != nil {
		again = *c.Again
	}
	var ids []uint64
	office := map[uint64]string{}
	for i, x := range list {
		p := c.Take * keen(x.Code)
		if x.Trained {
			p *= again
		}
		office[x.ID] = x.Code
		if chance("goes", c.Title, x.NameKey, strconv.Itoa(i)).Float64() < p || c.Star && x.ID == w.star {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 0 {
		return fmt.Errorf("%s: nobody comes", c.Title)
	}
	r := chance("order", c.Title)
	r.Shuffle(len(ids), func(a, b int) { ids[a], ids[b] = ids[b], ids[a] })
	if i := slices.Index(ids, w.star); i > 0 {
		ids[0], ids[i] = ids[i], ids[0] // never on the waiting list
	}
	// Heads with an account put their people forward, and the coordinator approves; the others are enrolled from letters.
	rest := ids[:0:0]
	put := map[string][]uint64{}
	for _, id := range ids {
		if h := w.headOf(office[id]); h != "" && c.first.Year() >= 2026 && c.first > models.DayOf(w.db.Time()) {
			put[h] = append(put[h], id)
		} else {
			rest = append(rest, id)
		}
	}
	for _, h := range slices.Sorted(maps.Keys(put)) {
		if _, err := w.enrolments.Nominate(ctx, w.actors[h], c.id, put[h]); err != nil {
			return fmt.Errorf("%s: %s nominates: %w", c.Title, h, err)
		}
	}
	boss := w.actors["dieuphoi"]
	var nominated []uint64
	err = w.db.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.id, models.EnrolmentNominated).Order("id").Pluck("id", &nominated).Error
	if err != nil {
		return err
	}
	if len(nominated) > 0 {
		if _, err := w.enrolments.Approve(ctx, boss, nominated, enrolment.DespiteClash); err != nil {
			return fmt.Errorf("%s: approving: %w", c.Title, err)
		}
	}
	_, err = w.enrolments.Enrol(ctx, boss, c.id, rest, enrolment.DespiteClash)
	return err
}

// headOf gives the sign-in name of the account that heads the office, "" for none.
func (w *world) headOf(office string) string {
	for _, a := range slices.Concat(DemoAccounts, extras) {
		if _, there := w.actors[a.SignIn]; there && a.Role == models.RoleHead && a.Organisation == office {
			return a.SignIn
		}
	}
	return ""
}

// limit sets how many offices may nominate and until when; the two that visitors head have quotas of their own, with people left to nominate.
func (w *world) limit(ctx context.Context, c *demoCourse) error {
	boss := w.actors["dieuphoi"]
	d, err := w.courses.Get(ctx, boss, access.EnrolmentWrite, c.id)
	if err != nil {
		return err
	}
	in := enrolment.QuotaInput{Version: d.Version, Deadline: c.first.AddDays(-7), Each: &c.Quota, Seats: map[string]int{}}
	for _, a := range DemoAccounts {
		if a.Role == models.RoleHead {
			in.Seats[a.Organisation] = 2 * c.Quota
		}
	}
	return w.enrolments.SetQuotas(ctx, boss, c.id, in)
}

// nominate has every head with an account put some people forward; nobody has decided yet.
func (w *world) nominate(ctx context.Context, c *demoCourse) error {
	list, err := w.candidates(ctx, c)
	if err != nil {
		return err
	}
	var taken []uint64
	err = w.db.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ?", c.id).Pluck("cadre_id", &taken).Error
	if err != nil {
		return err
	}
	for _, a := range slices.Concat(DemoAccounts, extras) {
		if a.Role != models.RoleHead {
			continue
		}
		var ids []uint64
		for _, x := range list {
			if len(ids) < 3 && strings.HasPrefix(w.orgs[x.Code].Path, w.orgs[a.Organisation].Path) && !x.Trained && !slices.Contains(taken, x.ID) {
				ids = append(ids, x.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := w.enrolments.Nominate(ctx, w.actors[a.SignIn], c.id, ids); err != nil {
			return fmt.Errorf("%s: %s nominates: %w", c.Title, a.SignIn, err)
		}
	}
	return nil
}

// mark records the sessions of a day, as a phone sends them: exceptions one by one, everybody else at once. At a door that scans badges
// those who are there have theirs scanned.
func (w *world) mark(ctx context.Context, c *demoCourse, from, to int) error {
	list, err := w.people(ctx, c)
	if err != nil {
		return err
	}
	var marks []attendance.MarkInput
	for n := from; n < to; n++ {
		x := c.sessions[n]
		begins := x.Day.At(x.StartMinute)
		for i, p := range list {
			m := attendance.MarkInput{SessionID: x.ID, EnrolmentID: p.ID, MarkedAt: begins.Add(12 * time.Minute), Offset: new(time.Duration)}
			who := []string{c.Title, p.NameKey, strconv.Itoa(i)}
			m.Mark = c.presence(who, n)
			switch {
			case p.CadreID != w.star && m.Mark != models.MarkPresent:
				m.Note = excuse(m.Mark, who, n)
			case slices.Contains(c.Hall, "badges"):
				m.Mark, m.Source, m.MarkedAt = models.MarkPresent, attendance.SourceBadge, begins.Add(time.Duration(2*i-900)*time.Second)
			default:
				m.Mark, m.All = models.MarkPresent, true
			}
			marks = append(marks, m)
		}
	}
	who := c.Trainers[0]
	if c.Clerk != "" && from%4 == 0 {
		who = c.Clerk
	}
	return w.send(ctx, c, who, attendance.Batch{Marks: marks})
}

// presence is how somebody attends a session, by chance.
func (c *demoCourse) presence(who []string, n int) models.MarkValue {
	leaves := chance(append(who, "leaves")...).Float64() < 0.045 // called away after the first session, or never came
	r := chance(append(who, "session", strconv.Itoa(n))...)
	if leaves && (n > 0 || len(c.sessions) == 1) {
		if r.IntN(3) == 0 {
			return models.MarkAbsent
		}
		return models.MarkExcused
	}
	switch x := r.Float64(); {
	case x < 0.035:
		return models.MarkLate
	case x < 0.048:
		return models.MarkExcused
	case x < 0.055:
		return models.MarkAbsent
	}
	return models.MarkPresent
}

func excuse(m models.MarkValue, who []string, n int) string {
	if m != models.MarkExcused {
		return ""
	}
	words := []string{"Họp đột xuất ở cơ quan", "Đi cơ sở theo phân công", "Nghỉ ốm", "Việc gia đình", ""}
	return words[chance(append(who, "excuse", strconv.Itoa(n))...).IntN(len(words))]
}

func (w *world) open(ctx context.Context, c *demoCourse) error {
	return w.courses.Open(ctx, w.actors["dieuphoi"], c.id)
}

func (w *world) close(ctx context.Context, c *demoCourse) error {
	if err := w.courses.Close(ctx, w.actors["dieuphoi"], c.id); err != nil {
		return fmt.Errorf("%s: closing: %w", c.Title, err)
	}
	return nil
}

func (w *world) issue(ctx context.Context, c *demoCourse) error {
	issuer := "SO-VHTTDL"
	if models.DayOf(w.clock) < w.orgs["SO-TTTT"].ToDay {
		issuer = "SO-TTTT"
	}
	_, err := w.certificates.Issue(ctx, w.actors["dieuphoi"], certificate.IssueInput{CourseID: c.id, IssuerID: w.orgs[issuer].ID, SignatoryID: w.signs[issuer]})
	if err != nil {
		return fmt.Errorf("%s: certificates: %w", c.Title, err)
	}
	return nil
}

// mend takes back one certificate and replaces another, as happens.
func (w *world) mend(ctx context.Context) error {
	boss := w.actors["dieuphoi"]
	find := func(year, skip int) (models.Certificate, error) {
		var x models.Certificate
		err := w.db.Read(ctx).Joins("JOIN registers ON registers.id = certificates.register_id").
			Where("registers.year = ? AND certificates.state = ? AND certificates.cadre_id <> ?", year, models.CertificateValid, w.star).
			Order("certificates.number").Offset(skip).Take(&x).Error
		return x, err
	}
	year := w.today.Year()
	x, err := find(min(year, 2026), 11)
	if err != nil {
		return err
	}
	if err := w.certificates.Revoke(ctx, boss, x.ID, "Cấp nhầm: học viên mới dự một phần chương trình."); err != nil {
		return err
	}
	if x, err = find(min(year, 2026), 23); err != nil {
		return err
	}
	if _, err = w.certificates.Replace(ctx, boss, x.ID, w.signs["SO-VHTTDL"], "Bản đã trao bị ướt, không đọc được; cấp bản thay thế."); err != nil {
		return err
	}
	if err := w.handOver(ctx); err != nil {
		return err
	}
	// And one holder lets others see a certificate.
	own, err := w.certificates.Owned(ctx, w.actors["canbo"])
	if err != nil || len(own) == 0 {
		return err
	}
	return w.certificates.Share(ctx, w.actors["canbo"], own[0].ID)
}

// handOver records that the certificates on paper of one course were received, but for those of two who did not come.
func (w *world) handOver(ctx context.Context) error {
	var all []models.Certificate
	err := w.db.Read(ctx).Select("id", "issued_day").Where("signing = ? AND state = ? AND course_id = (SELECT MIN(course_id) FROM certificates WHERE signing = ?)", models.SigningPaper, models.CertificateValid, models.SigningPaper).
		Order("number").Find(&all).Error
	if err != nil || len(all) < 3 {
		return err
	}
	in := certificate.HandoverInput{Day: all[0].IssuedDay, GivenBy: "Lục Thị Văn Thư"}
	for _, c := range all[:len(all)-2] {
		in.IDs = append(in.IDs, c.ID)
	}
	_, err = w.certificates.HandOver(ctx, w.actors["dieuphoi"], in)
	return err
}
