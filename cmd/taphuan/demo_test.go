package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/seeds"
)

func TestTheDemonstrationKeepsToAFileAndToLoopback(t *testing.T) {
	t.Parallel()
	const file, server = "sqlite:data/taphuan.db", "mysql://u:p@127.0.0.1:3306/taphuan"
	for _, x := range []struct {
		db, addr string
		allowed  bool
	}{
		{file, "127.0.0.1:8080", true}, {file, "localhost:8080", true}, {file, "[::1]:8080", true}, {file, "127.8.8.8:0", true},
		{file, ":8080", false}, {file, "0.0.0.0:8080", false}, {file, "[::]:8080", false}, {file, "10.0.0.7:8080", false},
		{file, "taphuan.example.vn:443", false}, {file, "localhost.example.vn:80", false}, {file, "8080", false}, {file, "", false},
		{server, "127.0.0.1:8080", false}, {"", "127.0.0.1:8080", false}, {"data/taphuan.db", "127.0.0.1:8080", false},
	} {
		if err := demoAllowed(x.db, x.addr); (err == nil) != x.allowed {
			t.Errorf("%s on %q: %v", x.db, x.addr, err)
		}
	}
}

func TestAnInterruptedDemonstrationLeavesNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p := &program{ctx: ctx, cli: &cli{DB: "sqlite:" + filepath.Join(dir, "taphuan.db")}}
	if err := p.prepareDemo("http://127.0.0.1:8080"); err == nil || !strings.Contains(err.Error(), "nothing of it was kept") {
		t.Error(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if f.Name() != "taphuan.key" {
			t.Error("left behind:", f.Name())
		}
	}
}

func TestTheTableOfAccountsNamesEverybodyAndThePassword(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := tellDemo(&b); err != nil {
		t.Fatal(err)
	}
	for _, a := range seeds.DemoAccounts {
		if !strings.Contains(b.String(), a.SignIn) || !strings.Contains(b.String(), string(a.Role)) {
			t.Errorf("%s is missing in\n%s", a.SignIn, b.String())
		}
	}
	if !strings.Contains(b.String(), seeds.DemoPassword) {
		t.Error("no password in", b.String())
	}
}
