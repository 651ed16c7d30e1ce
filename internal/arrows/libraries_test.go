package arrows

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var direct = regexp.MustCompile(`(?m)^\t([^ ]+) (v[^ \n]+)$`)

func TestEveryLibraryThatIsUsedDirectlyHasItsReasonAndItsVersionWrittenDown(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/decisions/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	all := ""
	for _, p := range pages {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	libraries := direct.FindAllStringSubmatch(string(mod), -1)
	if len(libraries) < 10 {
		t.Fatalf("only %d libraries found in go.mod", len(libraries))
	}
	for _, l := range libraries {
		if !strings.Contains(all, l[1]+" "+l[2]) {
			t.Errorf("no page of docs/decisions names %s %s", l[1], l[2])
		}
	}
	b, err := os.ReadFile("../../static/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var front struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(b, &front); err != nil {
		t.Fatal(err)
	}
	for _, deps := range []map[string]string{front.Dependencies, front.DevDependencies} {
		for name, version := range deps {
			if !strings.Contains(all, name+" "+version) {
				t.Errorf("no page of docs/decisions names %s %s", name, version)
			}
		}
	}
}

func TestEveryDecisionHasItsLineInTheListAndEveryLineItsPage(t *testing.T) {
	t.Parallel()
	const folder = "../../docs/decisions/"
	pages, err := filepath.Glob(folder + "*.md")
	if err != nil || len(pages) < 2 {
		t.Fatal(pages, err)
	}
	list, err := os.ReadFile(folder + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\| \[([a-z0-9-]+\.md)\]\(([a-z0-9-]+\.md)\) \| \S`).FindAllStringSubmatch(string(list), -1) {
		if m[1] != m[2] {
			t.Errorf("the line of %s leads to %s", m[1], m[2])
		}
		lines[m[2]]++
	}
	for _, p := range pages {
		name := filepath.Base(p)
		if name != "README.md" && lines[name] != 1 {
			t.Errorf("%s has %d lines", name, lines[name])
		}
		delete(lines, name)
	}
	for name := range lines {
		t.Errorf("a line leads to %s, which is not there", name)
	}
}
