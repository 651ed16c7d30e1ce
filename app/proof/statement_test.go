package proof

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"taphuan/models"
)

func usual() Statement {
	return Statement{Serial: "0042/2026/GCN-QCN", Name: "Nông Thị Thanh Huyền", Course: "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026",
		Issuer: "Sở Văn hóa, Thể thao và Du lịch", Issued: models.MustDay("2026-11-24"), Minutes: 960}
}

func key(t testing.TB) (ed25519.PrivateKey, []ed25519.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private, []ed25519.PublicKey{public}
}

func TestAStatementIsReadAsItWasSigned(t *testing.T) {
	t.Parallel()
	private, keys := key(t)
	far := usual()
	far.Serial, far.Name, far.Issuer, far.Course = "12345/2041/CC-Ж", "Y Êban Ńƙ", "Trung tâm ䷀", "Lớp không có trong bộ từ"
	far.Issued, far.Minutes = models.MustDay("2199-12-31"), 70000
	for _, want := range []Statement{usual(), far} {
		digits, err := Sign(want, private)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Read(digits, keys); err != nil || got != want {
			t.Errorf("%+v %v", got, err)
		}
	}
}

func TestAUsualStatementFitsASmallCode(t *testing.T) {
	t.Parallel()
	private, _ := key(t)
	digits, err := Sign(usual(), private)
	if err != nil {
		t.Fatal(err)
	}
	other := usual()
	other.Name, other.Course = "Đàm Quốc Việt Trưởng", "Kỹ năng phát ngôn và xử lý khủng hoảng trên mạng xã hội cho lãnh đạo cấp phòng năm 2027"
	more, err := Sign(other, private)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(digits), len(more))
	if len(digits) > 320 || len(more) > 420 {
		t.Errorf("%d and %d digits", len(digits), len(more))
	}
}

func TestLongTitlesAreCutWithAMark(t *testing.T) {
	t.Parallel()
	private, keys := key(t)
	s := usual()
	s.Course, s.Issuer = strings.Repeat("quyền con người ", 20), strings.Repeat("Ủy ban ", 20)
	digits, err := Sign(s, private)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(digits, keys)
	if err != nil || !strings.HasSuffix(got.Course, "…") || len([]rune(got.Course)) > maxCourse || !strings.HasSuffix(got.Issuer, "…") || got.Name != s.Name {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAnyChangedDigitIsForged(t *testing.T) {
	t.Parallel()
	private, keys := key(t)
	digits, err := Sign(usual(), private)
	if err != nil {
		t.Fatal(err)
	}
	for i := range digits {
		b := []byte(digits)
		b[i] = '0' + (b[i]-'0'+1)%10
		if s, err := Read(string(b), keys); !errors.Is(err, ErrForged) {
			t.Fatalf("digit %d: %+v %v", i, s, err)
		}
	}
	_, strangers := key(t)
	for name, x := range map[string]string{"another's": digits, "none": "", "a nought": "0" + digits, "letters": "x" + digits, "endless": strings.Repeat("9", 1<<20), "signed": "-1"} {
		if _, err := Read(x, strangers); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSharedWordsNeverChange(t *testing.T) {
	t.Parallel()
	// What was printed is read with them: whoever wants other words makes a version 2 beside this one.
	if got := checksum(Words); got != wordsChecksum {
		t.Errorf("the words of version 1 were changed: %s", got)
	}
}

func FuzzRead(f *testing.F) {
	private, keys := key(f)
	digits, err := Sign(usual(), private)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(digits)
	f.Add("1")
	f.Add("")
	f.Fuzz(func(t *testing.T, digits string) {
		s, err := Read(digits, keys)
		if err == nil && s != usual() {
			t.Errorf("%q states %+v", digits, s)
		}
	})
}

// FuzzParse reads what a key might have signed: the texts come from outside, and no form of them may break the reader.
func FuzzParse(f *testing.F) {
	text, err := deflate("a\nb\nc\nd")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append([]byte{1, 2}, text...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parse(b); err == nil && (s.Issued < firstDay || s.Minutes < 0 || len(s.Serial)+len(s.Name)+len(s.Course)+len(s.Issuer) > maxText) {
			t.Errorf("%+v", s)
		}
	})
}

const wordsChecksum = "dfee1a186f68fb07261f576a39453be01078f8343546ff48c86e575fb9d862cb"

func checksum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
