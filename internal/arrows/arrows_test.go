// Package arrows holds the tests of the shape of the house itself: who may import whom, and that nothing comes from elsewhere.
// docs/architecture.md says why; the tables below are the same page in a form that fails.
package arrows

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "taphuan/"

// arrows: what a folder at the top may import of the others. cmd and internal stand above everything.
var arrows = map[string][]string{
	"handlers": {"views", "static", "app", "models"},
	"views":    {"static", "app", "models"},
	"seeds":    {"app", "models"},
	"app":      {"models"},
	"static":   {},
	"models":   {},
}

// layers of app, from the ground up: a package imports packages of lower layers only. Those of one layer do not know each other.
var layers = [][]string{
	{"errs"},
	{"authority", "bucket", "config", "i18n", "page", "paper", "picture", "secret", "signature", "store", "workbook"},
	{"badge", "plan"},
	{"access", "file", "job", "proof", "settings", "signing"},
	{"ledger"},
	{"mail", "roster", "template"},
	{"course", "coverage", "home", "venue"},
	{"enrolment", "forecast", "identity", "planning", "trainer"},
	{"attendance", "invitation", "namecheck", "proposal", "quiz"},
	{"certificate", "history"},
	{"credential"},
}

// coverageReads are all that coverage may know of the layers above the ground.
var coverageReads = []string{"access", "ledger", "page", "plan", "roster"}

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// inner gives the path of a package of ours without the module, and whether it is one.
func inner(path string) (string, bool) { return strings.CutPrefix(path, module) }

func top(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func TestFoldersImportOnlyAlongTheArrows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from, _ := inner(p.ImportPath)
		may, bound := arrows[top(from)]
		if !bound {
			if f := top(from); f != "cmd" && f != "internal" {
				t.Errorf("folder %s is not on the page: docs/architecture.md says what folders there are", f)
			}
			continue
		}
		for _, i := range p.Imports {
			to, ours := inner(i)
			if ours && top(to) != top(from) && !slices.Contains(may, top(to)) {
				t.Errorf("%s imports %s; it may import %v only", from, to, may)
			}
		}
	}
}

func TestTheCoreKnowsNoWebAndModelsKnowNoApp(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from, _ := inner(p.ImportPath)
		if top(from) != "app" && top(from) != "models" {
			continue
		}
		for _, d := range p.Deps {
			to, ours := inner(d)
			// A library may bring html/template along; the core itself does not import it.
			web := strings.HasPrefix(d, "github.com/gin-gonic/") || d == "html/template" && slices.Contains(p.Imports, d) || ours && (top(to) == "handlers" || top(to) == "views")
			if web || top(from) == "models" && ours && top(to) == "app" {
				t.Errorf("%s depends on %s", from, d)
			}
		}
	}
}

func TestPackagesOfAppImportEachOtherOneWay(t *testing.T) {
	t.Parallel()
	layer := map[string]int{}
	for n, names := range layers {
		for _, name := range names {
			layer[name] = n
		}
	}
	for _, p := range packages(t) {
		from, ok := strings.CutPrefix(p.ImportPath, module+"app/")
		if !ok {
			continue
		}
		from = top(from)
		if _, known := layer[from]; !known {
			t.Errorf("app/%s has no layer here: say where it stands, here and in docs/architecture.md", from)
			continue
		}
		for _, i := range p.Imports {
			to, ours := strings.CutPrefix(i, module+"app/")
			if !ours || top(to) == from {
				continue
			}
			to = top(to)
			if layer[to] >= layer[from] {
				t.Errorf("app/%s imports app/%s, which stands no lower", from, to)
			}
			if from == "coverage" && layer[to] > 1 && !slices.Contains(coverageReads, to) {
				t.Errorf("app/coverage imports app/%s; beside the ground it reads %v only", to, coverageReads)
			}
		}
	}
}

func TestPackagesAreNamedForWhatTheyHold(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, word := range []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib", "pkg"} {
			if slices.Contains(strings.Split(p.ImportPath, "/"), word) {
				t.Errorf("%s: %q says nothing", p.ImportPath, word)
			}
		}
	}
}

// Test harnesses are not part of the product.
func TestTheProductImportsNoHarness(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from, _ := inner(p.ImportPath)
		if top(from) == "internal" {
			continue
		}
		for _, i := range p.Imports {
			if to, ours := inner(i); ours && top(to) == "internal" {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
}

// made are the folders whose content nobody writes by hand, relative to the root.
var made = []string{".git", ".cache", "bin", "data", "static/node_modules", "static/dist"}

// written gives the files of the project that people write.
func written(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root(t), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root(t), path)
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains(made, filepath.ToSlash(name)):
			return filepath.SkipDir
		case e.Type().IsRegular():
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var (
	// what makes a browser or a tool fetch something from a host
	loads = regexp.MustCompile(`(?i)(?:\b(?:src|srcset|href|action|poster)\s*=\s*["']?|url\(\s*["']?|@import\s+["']?|\bfrom\s+["']|\bimport\s*\(?\s*["']|\bfetch\(\s*["'` + "`" + `]|new\s+(?:WebSocket|EventSource|Worker|URL)\(\s*["'` + "`" + `])((?:https?:|wss?:)?//[^"'\s)>]+)`)
	// hosts that registries and distributors of code answer under
	registries = regexp.MustCompile(`(?i)\b(?:registry|proxy|sum|pypi|deb|cdn|unpkg|jsdelivr|fonts)\.(?:[a-z0-9-]+\.)*(?:org|com|net|io|dev)\b|\b(?:unpkg\.com|cdnjs\.cloudflare\.com|esm\.sh)\b`)
	// a lock file says what and which, never where
	resolved = regexp.MustCompile(`"resolved"\s*:\s*"https?:`)
)

// namespaces are names that look like addresses and are never fetched.
var namespaces = []string{"http://www.w3.org/", "https://www.w3.org/"}

func TestNothingIsLoadedFromAnotherHost(t *testing.T) {
	t.Parallel()
	for _, name := range written(t) {
		ext := filepath.Ext(name)
		if slices.Contains([]string{".png", ".jpg", ".ico", ".woff2", ".ttf", ".xlsx", ".pdf", ".sum", ".db"}, ext) || strings.HasPrefix(name, "internal/arrows/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			if ext != ".md" && ext != ".go" || strings.Contains(line, "<script") || strings.Contains(line, "<link") {
				for _, m := range loads.FindAllStringSubmatch(line, -1) {
					if !slices.ContainsFunc(namespaces, func(ns string) bool { return strings.HasPrefix(m[1], ns) }) {
						t.Errorf("%s:%d loads %s", name, n+1, m[1])
					}
				}
			}
			if m := registries.FindString(line); m != "" {
				t.Errorf("%s:%d names the host %s", name, n+1, m)
			}
			if resolved.MatchString(line) {
				t.Errorf("%s:%d says which host a package comes from; npm config set omit-lockfile-registry-resolved writes lock files without", name, n+1)
			}
		}
	}
}
