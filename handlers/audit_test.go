package handlers_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/i18n"
)

var audited = regexp.MustCompile(`\.Audit\("([a-z_.]+)", "([a-z_]+)"`)

// TestTheAuditSaysInWordsWhatIsRecorded looks for each action that the code records by name.
func TestTheAuditSaysInWordsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	words, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	app := os.DirFS("../app")
	err = fs.WalkDir(app, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := fs.ReadFile(app, path)
		if err != nil {
			return err
		}
		for _, m := range audited.FindAllStringSubmatch(string(b), -1) {
			found++
			for _, key := range []string{"audit.action." + m[1], "audit.noun." + m[2]} {
				if !words.Has(key) {
					t.Errorf("%s records %s of %s, and no catalogue has %s", path, m[1], m[2], key)
				}
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Error(found, err)
	}
}
