package invitation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/badge"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/invitation"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestThoseWithASeatAreInvitedOnceByMailOrOnPaper(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4, 3, true)
		if l := w.list("uninvited"); l.Total != 3 || l.Counts != (invitation.Counts{Seats: 3, Uninvited: 3}) {
			t.Errorf("before: %+v", l.Counts)
		}
		if r := w.invite(); r != (invitation.Result{Mailed: 2, Paper: 1}) {
			t.Errorf("invited %+v", r)
		}
		if _, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, nil); !errs.Is(err, "invitation_nobody") {
			t.Errorf("a second time: %v", err)
		}
		if r, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, []uint64{w.seats[0].ID, w.seats[3].ID, w.seats[0].ID}); err != nil || r.Mailed+r.Paper != 0 {
			t.Errorf("by name a second time, and one who waits: %+v %v", r, err)
		}
		if _, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, []uint64{987654321}); !errs.Is(err, "not_found") {
			t.Errorf("nobody there: %v", err)
		}
		w.sweep()
		got := w.server.Mails()
		if want := []string{"canbo0@example.vn Giấy mời: " + w.course.Title, "canbo2@example.vn Giấy mời: " + w.course.Title}; !slices.Equal(w.subjects(), want) {
			t.Fatalf("sent %q", w.subjects())
		}
		for _, part := range []string{"Kính gửi Bà Nông Thị Bé, Phó Trưởng phòng Quản lý văn hóa, " + w.org.Name, "“" + w.course.Title + "”", "Thứ Ba, 01/12/2026, 07 giờ 30 – 11 giờ 15, Hội trường A, Trung tâm Hội nghị tỉnh"} {
			if !strings.Contains(got[0].Text, part) || !strings.Contains(got[0].HTML, part) {
				t.Errorf("the mail does not say %q:\n%s\n%s", part, got[0].Text, got[0].HTML)
			}
		}
		pdf, _, err := w.invites.Letter(t.Context(), access.System(), access.NominationRead, w.seats[0].ID)
		w.must(err)
		if got[0].Types["giay-moi.pdf"] != "application/pdf" || textOf(t, got[0].Files["giay-moi.pdf"]) != textOf(t, pdf) {
			t.Errorf("the letter in the mail is not the letter: %v", got[0].Types)
		}
		ics, _, err := w.invites.OwnCalendar(t.Context(), w.cadre(0), w.seats[0].ID)
		w.must(err)
		if got[0].Types["lich.ics"] != "text/calendar" || !bytes.Equal(got[0].Files["lich.ics"], ics) {
			t.Errorf("the calendar in the mail is not the calendar: %v", got[0].Types)
		}
		l := w.list("")
		if l.Counts != (invitation.Counts{Seats: 3, Paper: 1, Silent: 3}) || l.Rows[0].MailState != models.MailSent || l.Rows[1].Via != models.ViaPaper {
			t.Errorf("after: %+v %+v", l.Counts, l.Rows)
		}
	}, based)
}

func TestWithoutAMailServerEverybodyIsInvitedOnPaper(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3, 3, false)
		if r := w.invite(); r != (invitation.Result{Paper: 3}) {
			t.Errorf("%+v", r)
		}
		w.sweep()
		var n int64
		w.must(db.Read(t.Context()).Model(&models.Mail{}).Count(&n).Error)
		if n != 0 {
			t.Errorf("%d mails were written", n)
		}
	}, based)
}

func TestInvitingRefusesCoursesThatCannotBeInvitedTo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, false)
		for state, code := range map[models.CourseState]string{models.CourseDraft: "enrolment_draft", models.CourseClosed: "enrolment_closed", models.CourseCancelled: "enrolment_cancelled"} {
			w.set(&models.Course{}, w.course.ID, map[string]any{"state": state})
			if _, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, nil); !errs.Is(err, code) {
				t.Errorf("%s: %v", state, err)
			}
		}
		w.set(&models.Course{}, w.course.ID, map[string]any{"state": models.CourseOpen})
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Where("course_id = ?", w.course.ID).Delete(&models.Session{}).Error
		})
		w.must(err)
		if _, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, nil); !errs.Is(err, "invitation_no_session") {
			t.Errorf("no session: %v", err)
		}
		head := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: w.org.ID, Path: w.org.Path}}}
		if _, err := w.invites.Invite(t.Context(), head, w.course.ID, nil); !errs.Is(err, "not_found") {
			t.Errorf("a head: %v", err)
		}
	}, based)
}

func (w *world) set(model any, id uint64, values map[string]any) {
	w.t.Helper()
	_, err := w.db.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(model).Where("id = ?", id).Updates(values).Error
	})
	w.must(err)
}

func TestALetterSaysWhatTheCourseAndItsHostSay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2, 2, false)
		w.create(&models.Issuer{OrganisationID: w.org.ID, Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Name: w.org.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"})
		sign := models.Signatory{OrganisationID: w.org.ID, Name: "Sầm Việt An", Title: "Phó Giám đốc", Form: "KT.", FormTitle: "Giám đốc", FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever}
		w.create(&sign)
		w.must((&settings.Service{DB: db}).Set(t.Context(), store.By{}, settings.Settings{PublicURL: "https://taphuan.example.vn"}))
		letter := invitation.Letter{Number: "412/GM-SVHTTDL", Documents: "Sổ ghi chép", Contact: "Bà Lục Thị Hà, 0206 3852 111", SignatoryID: sign.ID}
		w.must(w.invites.SaveLetter(t.Context(), access.System(), w.course.ID, letter))
		if err := w.invites.SaveLetter(t.Context(), access.System(), w.course.ID, letter); !errs.Is(err, "invitation_changed") {
			t.Errorf("a form of an older version: %v", err)
		}
		letter.Version, letter.SignatoryID = 1, sign.ID+99
		if err := w.invites.SaveLetter(t.Context(), access.System(), w.course.ID, letter); !errs.Is(err, "signatory_missing") {
			t.Errorf("nobody signs: %v", err)
		}
		letter.SignatoryID, letter.Contact = sign.ID, strings.Repeat("ơ", 501)
		if err := w.invites.SaveLetter(t.Context(), access.System(), w.course.ID, letter); !errs.Is(err, "too_long") {
			t.Errorf("too long: %v", err)
		}
		pdf, name, err := w.invites.Letters(t.Context(), access.System(), w.course.ID, false)
		w.must(err)
		text := textOf(t, pdf)
		for _, want := range []string{"TỈNH CAO BẰNG", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 412/GM-SVHTTDL", "Cao Bằng, ngày 24 tháng 11 năm 2026", "GIẤY MỜI", "Bà Nông Thị Bé",
			"Phó Trưởng phòng Quản lý văn hóa, " + w.org.Name, "Thứ Ba, 01/12/2026, 13 giờ 30 – 16 giờ 45", "Hội trường A, Trung tâm Hội nghị tỉnh, phường Thục Phán", "Sổ ghi chép", "Bà Lục Thị Hà, 0206 3852 111",
			"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Sầm Việt An", "Nơi nhận:", "Bà Hoàng Văn Cường"} {
			if !strings.Contains(text, want) {
				t.Errorf("the letters do not say %q:\n%s", want, text)
			}
		}
		if n := strings.Count(text, "GIẤY MỜI"); n != 2 || name != "giay-moi-2026-007.pdf" {
			t.Errorf("%d letters in %s", n, name)
		}
		codes := strings.Fields(qrOf(t, pdf))
		slices.Sort(codes)
		if want := []string{"https://taphuan.example.vn/b/" + badge.Token(w.invites.Keys, w.seats[0].ID), fmt.Sprintf("https://taphuan.example.vn/my/enrolments/%d", w.seats[0].ID)}; !slices.Equal(codes, want) {
			t.Errorf("the codes say %q, not %q", codes, want)
		}
		if want := "Mã dự lớp: " + badge.Code(w.invites.Keys, w.seats[0].ID); !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q", want)
		}
		if _, _, err := w.invites.Letters(t.Context(), access.System(), w.course.ID, true); !errs.Is(err, "invitation_nobody_paper") {
			t.Errorf("nobody is invited on paper: %v", err)
		}
		var second models.Session
		w.must(db.Read(t.Context()).Where("course_id = ? AND start_minute = ?", w.course.ID, 810).Take(&second).Error)
		w.set(&models.Session{}, second.ID, map[string]any{"cancelled": true})
		pdf, _, err = w.invites.Letters(t.Context(), access.System(), w.course.ID, false)
		w.must(err)
		if text := textOf(t, pdf); !strings.Contains(text, "01/12/2026 Địa điểm: Hội trường A, Trung tâm Hội nghị tỉnh") {
			t.Errorf("the room of a single session does not stand with the venue:\n%s", text)
		}
	}, based)
}

// textOf reads a document with Poppler.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, pdf)
	return strings.Join(strings.Fields(string(out)), " ")
}

// qrOf reads the codes of the first page, a line each.
func qrOf(t *testing.T, pdf []byte) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("pdftoppm", "-png", "-r", "150", "-f", "1", "-l", "1", "-", filepath.Join(dir, "page"))
	cmd.Stdin = bytes.NewReader(pdf)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	if err != nil || len(pages) != 1 {
		t.Fatal(pages, err)
	}
	out, err := exec.Command("zbarimg", "-q", "--raw", pages[0]).Output()
	if err != nil {
		t.Fatal("no code: ", err)
	}
	return strings.TrimSpace(string(out))
}

// keep leaves the document in the folder that TAPHUAN_SCREENSHOTS names, for somebody to look at.
func keep(t *testing.T, pdf []byte) {
	t.Helper()
	if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// event is what another program reads of a calendar file.
type event struct {
	UID, Summary, Location, Description, Start, End, Status string
	Sequence                                                int
}

// eventsOf opens a calendar file in python3-icalendar.
func eventsOf(t *testing.T, file []byte) []event {
	t.Helper()
	const script = `
import json, sys
from icalendar import Calendar
cal = Calendar.from_ical(sys.stdin.buffer.read())
assert cal["VERSION"] == "2.0" and cal["PRODID"], cal
out = []
for e in cal.walk("VEVENT"):
    assert not e.errors, e.errors
    out.append({"UID": str(e["UID"]), "Summary": str(e["SUMMARY"]), "Location": str(e.get("LOCATION", "")), "Description": str(e.get("DESCRIPTION", "")),
        "Start": e["DTSTART"].dt.isoformat(), "End": e["DTEND"].dt.isoformat(), "Status": str(e["STATUS"]), "Sequence": int(e["SEQUENCE"])})
json.dump(out, sys.stdout)
`
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = bytes.NewReader(file)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v %s\n%s", err, said.String(), file)
	}
	var events []event
	if err := json.Unmarshal(out, &events); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(file), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	return events
}

func TestACalendarOpensInAnotherProgramAndFollowsTheCourse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, false)
		w.invite()
		read := func() []event {
			t.Helper()
			file, name, err := w.invites.Calendar(t.Context(), access.System(), access.CourseRead, w.course.ID)
			w.must(err)
			if name != "lich-2026-007.ics" {
				t.Errorf("it is called %s", name)
			}
			return eventsOf(t, file)
		}
		first := read()
		if len(first) != 2 || first[0].Start != "2026-12-01T00:30:00+00:00" || first[0].End != "2026-12-01T04:15:00+00:00" || first[0].Summary != w.course.Title || first[0].Status != "CONFIRMED" ||
			first[0].Location != "Hội trường A, Trung tâm Hội nghị tỉnh, phường Thục Phán" || !strings.Contains(first[0].Description, "\nKhai mạc; tổng quan, chính sách\n") || first[0].UID == first[1].UID {
			t.Errorf("%+v", first)
		}
		var sessions []models.Session
		w.must(db.Read(t.Context()).Order("id").Find(&sessions).Error)
		w.at(models.DayOf(db.Time()), 9*60)
		w.must(w.courses().UpdateSession(t.Context(), access.System(), sessions[0].ID, course.SessionInput{Day: sessions[0].Day.AddDays(1), StartMinute: 480, EndMinute: 660}))
		w.must(w.courses().DeleteSession(t.Context(), access.System(), sessions[1].ID))
		second := read()
		if len(second) != 2 || second[0].UID != first[0].UID || second[0].Start != "2026-12-02T01:00:00+00:00" || second[0].Sequence != first[0].Sequence+1 ||
			second[1].UID != first[1].UID || second[1].Status != "CANCELLED" || second[1].Sequence != first[1].Sequence+1 {
			t.Errorf("after the change: %+v", second)
		}
		w.at(models.DayOf(db.Time()), 10*60)
		w.sweep()
		if again := read(); !slices.Equal(again, second) {
			t.Errorf("after the sweep: %+v", again)
		}
		w.must(w.courses().Cancel(t.Context(), access.System(), w.course.ID, "Bão lũ"))
		for _, e := range read() {
			if e.Status != "CANCELLED" || e.Sequence != second[0].Sequence+1 {
				t.Errorf("cancelled: %+v", e)
			}
		}
	}, based)
}
