//go:build pictures

package pictures

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestTour walks through the demonstration province as each role and leaves the pictures of the README in the folder that
// TAPHUAN_PICTURES names.
func TestTour(t *testing.T) {
	folder := os.Getenv("TAPHUAN_PICTURES")
	if folder == "" {
		t.Fatal("TAPHUAN_PICTURES names no folder")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	x := begin(t)
	x.folder = folder
	t.Run("trainer", x.trainer)
	t.Run("head", x.head)
	t.Run("cadre", x.cadre)
	t.Run("coordinator", x.coordinator)
}

// take keeps a picture of what the window shows.
func (x *tour) take(t *testing.T, b *testweb.Tab, name string) {
	t.Helper()
	x.keep(t, b.Picture(false), name)
}

func (x *tour) keep(t *testing.T, png []byte, name string) {
	t.Helper()
	out, err := small(png)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(x.folder, name+".png"), out, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (x *tour) trainer(t *testing.T) {
	b := x.as(t, "giangvien")
	b.Phone()
	b.Go("/")
	x.take(t, b, "trainer-phone")
	session := x.session(t)
	x.mark(t, session)
	b.Go(fmt.Sprintf("/sessions/%d/attendance", session))
	testweb.Eval[bool](b, `document.querySelector(".att-list").scrollIntoView() === undefined`) // the names are below what else the page offers
	x.take(t, b, "attendance-phone")
}

// mark has the clerk mark most of the hall, so that the picture shows a session under way.
func (x *tour) mark(t *testing.T, session uint64) {
	t.Helper()
	ctx := t.Context()
	account, err := (&access.Service{DB: x.site.DB, Keys: x.site.Keys}).Find(ctx, "thuky")
	if err != nil {
		t.Fatal(err)
	}
	var ids []uint64
	err = x.site.DB.Read(ctx).Raw("SELECT e.id FROM enrolments e JOIN course_sessions s ON s.course_id = e.course_id JOIN cadres c ON c.id = e.cadre_id WHERE s.id = ? AND e.state = 'enrolled' ORDER BY c.sort_key, e.id", session).Scan(&ids).Error
	if err != nil {
		t.Fatal(err)
	}
	clerk := access.System()
	clerk.AccountID = account.ID
	var marks []attendance.MarkInput
	for i, id := range ids {
		switch {
		case i == 2:
			marks = append(marks, attendance.MarkInput{EnrolmentID: id, Mark: models.MarkLate})
		case i%4 != 3 || i > 60:
			marks = append(marks, attendance.MarkInput{EnrolmentID: id, Mark: models.MarkPresent})
		}
	}
	if _, err := (&attendance.Service{DB: x.site.DB}).Save(ctx, clerk, session, marks); err != nil {
		t.Fatal(err)
	}
}

func (x *tour) head(t *testing.T) {
	b := x.as(t, "thutruong")
	b.Go("/coverage")
	x.take(t, b, "coverage")
	b.Go("/coverage/missing?group=QCN")
	x.take(t, b, "missing")
}

func (x *tour) cadre(t *testing.T) {
	b := x.as(t, "canbo")
	b.Go("/my")
	x.take(t, b, "my")
	pdf, _ := b.Download("Tải PDF")
	x.keep(t, page(t, pdf), "certificate")
	var code string
	if err := x.site.DB.Read(t.Context()).Raw("SELECT code FROM certificates WHERE state = 'valid' AND cadre_id = (SELECT cadre_id FROM accounts WHERE cadre_id IS NOT NULL ORDER BY id LIMIT 1) ORDER BY id DESC").Scan(&code).Error; err != nil {
		t.Fatal(err)
	}
	public := testweb.Browse(t, x.site.URL)
	public.Phone()
	public.Go("/v/" + code)
	x.take(t, public, "check-phone")
}

func (x *tour) coordinator(t *testing.T) {
	b := x.as(t, "dieuphoi")
	x.take(t, b, "province")
	b.Go(fmt.Sprintf("/imports/%d", x.id(t, "SELECT MAX(id) FROM roster_imports")))
	b.Click("Chưa nhận được")
	x.take(t, b, "import")
	b.Go(fmt.Sprintf("/courses/%d", x.id(t, "SELECT MIN(id) FROM courses WHERE state = 'running'")))
	x.take(t, b, "course")
}

// page draws the first page of a PDF.
func page(t *testing.T, pdf []byte) []byte {
	t.Helper()
	cmd := exec.Command("pdftoppm", "-png", "-r", "80", "-f", "1", "-l", "1", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	png, err := cmd.Output()
	if err != nil {
		t.Fatal(err, errs.String())
	}
	return png
}
