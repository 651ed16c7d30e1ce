package testdb

import (
	"bytes"
	"fmt"
	"testing"

	"taphuan/app/store"
)

// Dump gives everything that stands in the tables, one value after the other, for tests of what must not stand there.
func Dump(t testing.TB, db *store.DB) []byte {
	t.Helper()
	read := db.Read(t.Context())
	tables, err := read.Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, name := range tables {
		var rows []map[string]any
		if err := read.Table(name).Find(&rows).Error; err != nil {
			t.Fatal(name, err)
		}
		for _, r := range rows {
			for _, v := range r {
				switch v := v.(type) {
				case []byte:
					out.Write(v)
				default:
					fmt.Fprint(&out, v)
				}
				out.WriteByte('\n')
			}
		}
	}
	return out.Bytes()
}
