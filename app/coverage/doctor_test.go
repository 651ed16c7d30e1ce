package coverage_test

import (
	"testing"

	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
)

func TestTheDoctorFindsWhateverWasSpoiltAndALedgerThatIsBuiltAnewIsSound(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(8)
		w.store(t, db)
		testdb.Ledger(t, db)
		for _, spoil := range []string{
			"UPDATE coverage_changes SET covered = covered + 1 WHERE tier = 0",
			"DELETE FROM coverage_changes WHERE tier = 2",
			"UPDATE coverage_standings SET covered = covered + 1 WHERE group_id = 2",
			"UPDATE coverage_standings SET path = REPLACE(path, '/', '/z')",
			"UPDATE coverage_standings SET organisation_id = organisation_id + 1",
			"DELETE FROM coverage_standings WHERE day = '2024-01-01'",
		} {
			check := func(when string, sick bool) {
				t.Helper()
				differences, rows, err := ledger.Check(t.Context(), db)
				if err != nil || rows == 0 || (len(differences) > 0) != sick {
					t.Errorf("%s, %s: %d rows, %d differ: %v", spoil, when, rows, len(differences), err)
				}
			}
			check("before", false)
			if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				q := tx.Exec(spoil)
				if q.RowsAffected == 0 {
					t.Errorf("%s: spoils nothing", spoil)
				}
				return 0, q.Error
			}); err != nil {
				t.Fatal(spoil, err)
			}
			check("spoilt", true)
			if err := ledger.Build(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			check("built anew", false)
		}
	})
}
