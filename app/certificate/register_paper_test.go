package certificate_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/internal/testdb"
)

// TestARegisterOnPaperSaysWhatStandsInItAndHowItEnded keeps the documents for a look where TAPHUAN_SCREENSHOTS says so.
func TestARegisterOnPaperSaysWhatStandsInItAndHowItEnded(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var c clock
		c.set("2026-11-24T01:00:00Z")
		db := testdb.Open(t, url, testdb.At(c.now))
		s, r, list := ended(t, db, &c)
		_, _, err := s.RegisterPDF(t.Context(), access.System(), r.ID+7)
		if err == nil {
			t.Error("a register that is not there is drawn")
		}
		print := func() string {
			pdf, name, err := s.RegisterPDF(t.Context(), access.System(), r.ID)
			if err != nil || name != "so-cap-giay-chung-nhan-2026-GCN-QCN.pdf" {
				t.Fatal(name, err)
			}
			if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
				if err := os.WriteFile(fmt.Sprintf("%s/register-%s-%v.pdf", dir, db.Dialect, only(t, s).ClosedAt != nil), pdf, 0o600); err != nil {
					t.Error(err)
				}
			}
			if !bytes.Equal(pdf, again(t, func() ([]byte, string, error) { return s.RegisterPDF(t.Context(), access.System(), r.ID) })) {
				t.Error("drawn again it is another")
			}
			return textOf(t, pdf)
		}
		open := print()
		for _, want := range []string{"SỔ CẤP GIẤY CHỨNG NHẬN", "Năm 2026, ký hiệu GCN-QCN", "Nông Văn A", "Sổ chưa khóa.", "Trang 1/1",
			"Tính đến ngày 01/01/2027, sổ có 6 giấy chứng nhận, từ số 1 đến số 6: 4 giấy còn giá trị, 1 giấy đã thay thế, 1 giấy đã thu hồi."} {
			if !strings.Contains(open, want) {
				t.Errorf("%q is not in %s", want, open)
			}
		}
		if err := s.CloseRegister(t.Context(), access.System(), r.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Revoke(t.Context(), access.System(), list[4].ID, "Nhầm 😀"); err != nil { // a letter that the fonts lack
			t.Fatal(err)
		}
		closed := print()
		for _, want := range []string{"Sổ đã khóa ngày 01/01/2027.", "Mã băm SHA-256 khi khóa sổ: " + only(t, s).ClosedSHA256, "2 giấy đã thu hồi", "Nhầm •"} {
			if !strings.Contains(closed, want) {
				t.Errorf("%q is not in %s", want, closed)
			}
		}
	}, based)
}

func again(t *testing.T, draw func() ([]byte, string, error)) []byte {
	t.Helper()
	b, _, err := draw()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
