package certificate_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// numbers gives the numbers of each register in order.
func numbers(t *testing.T, db *store.DB) map[string][]int {
	t.Helper()
	var rows []struct {
		Symbol string
		Year   int
		Number int
	}
	err := db.Read(context.Background()).Table("certificates c").Joins("JOIN registers r ON r.id = c.register_id").Select("r.symbol, r.year, c.number").Order("c.number").Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]int{}
	for _, r := range rows {
		key := fmt.Sprintf("%s/%d", r.Symbol, r.Year)
		out[key] = append(out[key], r.Number)
	}
	return out
}

func withoutGap(t *testing.T, what string, got []int, want int) {
	t.Helper()
	if len(got) != want {
		t.Errorf("%s: %d certificates, not %d", what, len(got), want)
	}
	for i, n := range got {
		if n != i+1 {
			t.Errorf("%s: number %d stands where %d should", what, n, i+1)
			return
		}
	}
}

// secondIssuer makes another organisation an issuer with somebody who signs.
func secondIssuer(t *testing.T, db *store.DB) (issuer, signatory uint64) {
	t.Helper()
	ctx := context.Background()
	var o models.Organisation
	if err := db.Read(ctx).Where("code = ?", "SO-TP").Take(&o).Error; err != nil {
		t.Fatal(err)
	}
	s := service(db)
	if err := s.SaveIssuer(ctx, access.System(), models.Issuer{OrganisationID: o.ID, Name: o.Name, Place: "Cao Bằng", Symbol: "GCN-STP"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSignatory(ctx, access.System(), models.Signatory{OrganisationID: o.ID, Name: "Lục Thị Thắng", Title: "Giám đốc"}); err != nil {
		t.Fatal(err)
	}
	var g models.Signatory
	if err := db.Read(ctx).Where("organisation_id = ?", o.ID).Take(&g).Error; err != nil {
		t.Fatal(err)
	}
	return o.ID, g.ID
}

func TestTwoRegistersCountEachForItselfWhoeverIssuesAtOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const courses, people = 16, 2
		ids, host, sign := world(t, db, courses, people)
		other, otherSign := secondIssuer(t, db)
		var wg sync.WaitGroup
		for i, id := range ids {
			in := certificate.IssueInput{CourseID: id, IssuerID: host, SignatoryID: sign}
			if i%2 == 1 {
				in.IssuerID, in.SignatoryID = other, otherSign
			}
			wg.Go(func() {
				if n, err := service(db).Issue(context.Background(), access.System(), in); err != nil || n != people {
					t.Errorf("%d, %v", n, err)
				}
			})
		}
		wg.Wait()
		got := numbers(t, db)
		withoutGap(t, "the first register", got["GCN-QCN/2026"], courses*people/2)
		withoutGap(t, "the second register", got["GCN-STP/2026"], courses*people/2)
	}, based)
}

// TestAnIssuerThatIsKilledLeavesNoGap ends issuers in the middle of their work, as a process that is killed or a connection
// that is cut does, while others go on.
func TestAnIssuerThatIsKilledLeavesNoGap(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const courses, people = 12, 3
		ids, _, sign := world(t, db, courses, people)
		var killed atomic.Int32
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() {
				in := certificate.IssueInput{CourseID: id, SignatoryID: sign}
				if i%3 == 0 {
					ctx, kill := context.WithCancel(context.Background())
					s := service(db)
					_, err := s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
						if err := tx.Model(&models.Register{}).Where("1 = 1").Update("next_number", 853).Error; err != nil {
							return 0, err
						}
						kill() // with the number taken and nothing committed
						return 0, nil
					})
					if err != nil {
						killed.Add(1)
					}
				}
				if n, err := service(db).Issue(context.Background(), access.System(), in); err != nil || n != people {
					t.Errorf("%d, %v", n, err)
				}
			})
		}
		wg.Wait()
		if killed.Load() == 0 {
			t.Error("nobody was killed")
		}
		withoutGap(t, "the register", numbers(t, db)["GCN-QCN/2026"], courses*people)
	}, based)
}

func TestARegistersYearTurnsAtLocalMidnight(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var at atomic.Int64
		at.Store(time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC).UnixMicro()) // a second before midnight in Cao Bằng
		db := testdb.Open(t, url, testdb.At(func() time.Time { return time.UnixMicro(at.Load()) }))
		ids, _, sign := world(t, db, 3, 2)
		for i, id := range ids {
			if i == 1 {
				at.Add(time.Second.Microseconds())
			}
			if _, err := service(db).Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign}); err != nil {
				t.Fatal(err)
			}
		}
		got := numbers(t, db)
		withoutGap(t, "the old year", got["GCN-QCN/2026"], 2)
		withoutGap(t, "the new year", got["GCN-QCN/2027"], 4)
		var c models.Certificate
		if err := db.Read(context.Background()).Order("id DESC").First(&c).Error; err != nil {
			t.Fatal(err)
		}
		if c.IssuedDay.String() != "2027-01-01" || c.Serial != "0004/2027/GCN-QCN" {
			t.Errorf("%s on %s", c.Serial, c.IssuedDay)
		}
	}, based)
}
