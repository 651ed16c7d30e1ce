package seeds_test

import (
	"bytes"
	"testing"
	"time"

	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/seeds"
)

func demoKeys(t *testing.T) *secret.Keys {
	k, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestDemo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		at := time.Now()
		loaded, err := seeds.Demo(t.Context(), db, demoKeys(t), "http://127.0.0.1:8080")
		t.Log(time.Since(at), loaded)
		if err != nil {
			t.Fatal(err)
		}
	}, testseed.Base)
}
