package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestSealedTextOpensOnlyWithItsKeyAndPurpose(t *testing.T) {
	t.Parallel()
	k, err := New(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.Seal("national_id", "004085001234")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("national_id", s); err != nil || got != "004085001234" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := other.Open("national_id", s); err == nil {
		t.Error("another key opened it")
	}
	if _, err := k.Open("phone", s); err == nil {
		t.Error("another purpose opened it")
	}
	s[len(s)-1] ^= 1
	if _, err := k.Open("national_id", s); err == nil {
		t.Error("changed text opened")
	}
	if k.Hash("a", "x") == k.Hash("b", "x") || k.Hash("a", "x") == other.Hash("a", "x") || k.Hash("a", "x") != k.Hash("a", "x") {
		t.Error("hashes are not keyed by purpose and key")
	}
}

func TestProcessesThatStartAtOnceShareOneKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "k")
	var wg sync.WaitGroup
	hashes := make([]string, 8)
	for i := range hashes {
		wg.Go(func() {
			k, err := LoadOrCreate(path)
			if err != nil {
				t.Error(err)
				return
			}
			hashes[i] = k.Hash("p", "x")
		})
	}
	wg.Wait()
	for _, h := range hashes {
		if h != hashes[0] {
			t.Fatal("two keys were made")
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil {
		t.Error("a key file that others may read was taken")
	}
}
