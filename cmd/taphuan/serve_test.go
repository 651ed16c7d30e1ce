package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
)

func TestAServerThatIsToldToEndAnswersWhatItHasBegun(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	begun := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- serve(ctx, door{l: l, h: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-ctx.Done() // told to end while this request runs
			// Once the server has stopped listening, nobody new gets in, and this one is still answered.
			for {
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					break
				}
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			if _, err := io.WriteString(w, "xong"); err != nil {
				t.Error(err)
			}
		})})
	}()
	go func() { <-begun; end() }()
	res, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil || string(b) != "xong" {
		t.Errorf("%q %v", b, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestABadDatabaseIsRefusedInPlainWordsWithoutThePassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rubbish := filepath.Join(dir, "rubbish.db")
	if err := os.WriteFile(rubbish, []byte("no database\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"foo:bar": "sqlite:PATH", "sqlite:": "needs a path", "sqlite:" + dir: "is a directory", "sqlite:" + rubbish: "not a database", "sqlite:/proc/none/t.db": "/proc/none",
		"mysql://u:geheim@127.0.0.1:1/x": "cannot open the mysql database x at 127.0.0.1:1", "mysql://u:ge%heim@127.0.0.1:1/x": "not a database URL", "mysql://u:geheim@/": "not a database URL",
	} {
		p := &program{ctx: context.Background(), cli: &cli{DB: url}}
		_, err := p.open()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "heim") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestOnMariaDBAKeyFileMustBeGivenAndBesideSQLiteItIsMadeForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	p := &program{ctx: context.Background(), cli: &cli{}}
	if _, err := p.keys(testdb.Only(t, store.MySQL)); err == nil || !strings.Contains(err.Error(), "TAPHUAN_KEY_FILE") {
		t.Errorf("on MariaDB without a key file: %v", err)
	}
	p.cli.DB = "sqlite:" + filepath.Join(t.TempDir(), "data", "t.db")
	db, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.keys(db); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(db.Path()))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if i, err := f.Info(); err != nil || i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v %v", f.Name(), i.Mode(), err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestAKeyOfQRCodesIsRotatedAndTheOldOneStays(t *testing.T) {
	t.Parallel()
	p := &program{ctx: context.Background(), cli: &cli{DB: "sqlite:" + filepath.Join(t.TempDir(), "t.db")}}
	for want := range 3 {
		db, proofs, err := p.proofs()
		if err != nil {
			t.Fatal(err)
		}
		all, err := proofs.Public(p.ctx)
		if err != nil || len(all) != want {
			t.Fatalf("%d keys, want %d: %v", len(all), want, err)
		}
		for i, k := range all {
			if (k.RetiredAt == nil) != (i == want-1) {
				t.Errorf("of %d keys, the %dth: %+v", want, i+1, k)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := (&proofKeyRotateCmd{}).Run(p); err != nil {
			t.Fatal(err)
		}
		if err := (&proofKeyListCmd{}).Run(p); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // badges have keys of their own
		if err := (&proofKeyRotateCmd{Badges: true}).Run(p); err != nil {
			t.Fatal(err)
		}
	}
	db, proofs, err := p.proofs()
	if err != nil {
		t.Fatal(err)
	}
	all, err := proofs.All(p.ctx)
	if err != nil || len(all) != 5 || all[2].RetiredAt != nil || all[3].RetiredAt == nil || all[4].RetiredAt != nil {
		t.Errorf("%+v %v", all, err)
	}
	if badges, err := proofs.CredentialKeys(p.ctx); err != nil || len(badges) != 2 {
		t.Errorf("%+v %v", badges, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
