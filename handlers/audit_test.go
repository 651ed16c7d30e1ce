package handlers_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/i18n"
)

var audited = regexp.MustCompile(`\.Audit\((?:"([a-z_]+\.[a-z_]+)"|[^,]+), "([a-z_]+)"`)

// named are the actions that the code keeps in a name before it records them.
var named = regexp.MustCompile(`(?:act[A-Za-z]*|, set) :?= "([a-z_]+\.[a-z_]+)"`)

// TestTheAuditSaysInWordsWhatIsRecorded looks for each action that the code records by name, and for each noun.
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
			if !words.Has("audit.noun." + m[2]) {
				t.Errorf("%s records something of %s, and no catalogue has audit.noun.%[2]s", path, m[2])
			}
			if m[1] != "" && !words.Has("audit.action."+m[1]) {
				t.Errorf("%s records %s, and no catalogue has audit.action.%[2]s", path, m[1])
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(b), -1) {
			if !words.Has("audit.action." + m[1]) {
				t.Errorf("%s records %s, and no catalogue has audit.action.%[2]s", path, m[1])
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Error(found, err)
	}
}
