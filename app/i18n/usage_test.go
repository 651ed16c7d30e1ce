package i18n

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A code may be a word that only commands and logs see; those stand here with where.
var codesWithoutSentence = map[string]bool{}

var (
	keyForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// errorMakers are the functions of errs by which argument holds the code.
var errorMakers = map[string]int{"Invalid": 0, "Conflict": 0, "Forbidden": 0, "Unauthenticated": 0, "TooMany": 0, "TooLarge": 0, "OnField": 1}

// wordMakers are methods that take a key, by which argument holds it.
var wordMakers = map[string]int{"T": -1, "Text": -1, "Done": 1, "message": 0}

func TestEveryKeyAndErrorCodeInTheCodeHasWords(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join("..", "..")
	seen := 0
	for _, dir := range []string{"app", "models", "handlers", "views", "seeds", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				for _, key := range keysOf(call) {
					seen++
					if !c.Has(key) && !codesWithoutSentence[key] {
						t.Errorf("%s: there is no message %q", fset.Position(call.Pos()), key)
					}
				}
				return true
			})
			return nil
		})
		if err != nil && !strings.Contains(err.Error(), "no such file") {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("only %d keys were found in the code: does the test still read it?", seen)
	}
}

// keysOf gives the catalogue keys that a call stands on.
func keysOf(call *ast.CallExpr) []string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == "errs" {
		if i, ok := errorMakers[sel.Sel.Name]; ok {
			if code := literal(call, i); codeForm.MatchString(code) {
				return []string{"error." + code}
			}
		}
		return nil
	}
	if i, ok := wordMakers[sel.Sel.Name]; ok {
		if i >= 0 {
			if s := literal(call, i); sel.Sel.Name == "message" && codeForm.MatchString(s) {
				return []string{"error." + s}
			} else if keyForm.MatchString(s) {
				return []string{s}
			}
			return nil
		}
		for i := range min(2, len(call.Args)) {
			if s := literal(call, i); keyForm.MatchString(s) {
				return []string{s}
			}
		}
		return nil
	}
	// Fields.Add("capacity", "too_small", …): two literals, the second one a code.
	if sel.Sel.Name == "Add" && len(call.Args) >= 2 {
		if field, code := literal(call, 0), literal(call, 1); field != "" && codeForm.MatchString(code) {
			return []string{"error." + code}
		}
	}
	return nil
}

func literal(call *ast.CallExpr, i int) string {
	if i >= len(call.Args) {
		return ""
	}
	lit, ok := call.Args[i].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return fmt.Sprint(err)
	}
	return s
}
