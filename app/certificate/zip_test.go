package certificate

import (
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMoreThanTheOldFormatHolds lays out 66,000 documents behind 6 GB of others, in a file with holes, and has other programs read it.
func TestMoreThanTheOldFormatHolds(t *testing.T) {
	t.Parallel()
	letter := crc32.ChecksumIEEE([]byte("x"))
	a := &Archive{}
	for i := range 66_003 {
		e := entry{Serial: fmt.Sprintf("%04d/2026/SỔ-ĐB", i), IssuedAt: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), SizeBytes: 1, CRC32: &letter}
		if i < 3 {
			e.SizeBytes = 2 << 30
		}
		a.entries = append(a.entries, e)
	}
	a.layOut()
	file := filepath.Join(t.TempDir(), "large.zip")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	var small []byte // what follows the large ones
	for i, e := range a.entries {
		if i < 3 {
			if _, err := f.WriteAt(e.header(), a.starts[i]); err != nil {
				t.Fatal(err)
			}
			continue
		}
		small = append(append(small, e.header()...), 'x')
	}
	if _, err := f.WriteAt(append(small, a.tail...), a.starts[3]); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("python3", "-c", `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
names = z.namelist()
assert len(names) == 66003, len(names)
for n in names[3:9] + names[-3:]:
    assert z.read(n) == b"x", n
print(names[-1])`, file).CombinedOutput()
	if want := "giay-chung-nhan-66002-2026-SỔ-ĐB.pdf"; err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("%v: %s", err, out)
	}
	last := a.entries[len(a.entries)-1].name
	for _, program := range [][]string{{"unzip", "-tqq", file, last}, {"7zz", "t", file, last}} {
		if out, err := exec.Command(program[0], program[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", program, err, out)
		}
	}
}
