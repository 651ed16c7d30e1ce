package identity_test

import (
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// seek runs the job that seeks likely twins.
func (w *world) seek() {
	w.t.Helper()
	_, err := w.Roster.Kinds()[roster.JobTwins](ctx, models.Job{}, func(int, int) {})
	must(w.t, err)
}

// reason gives why two stand in the queue, "" where they do not.
func (w *world) reason(a, b uint64) models.TwinReason {
	w.t.Helper()
	var p models.TwinPair
	must(w.t, w.DB.Read(ctx).Where("cadre_a_id = ? AND cadre_b_id = ?", min(a, b), max(a, b)).Limit(1).Find(&p).Error)
	return p.Reason
}

func TestLikelyTwinsAreFoundAndOthersAreLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type who struct{ name, born, id string }
		for i, x := range []struct {
			what string
			a, b who
			want models.TwinReason
		}{
			{"one name and year, no ids", who{"Nông Văn Hòa", "1980", ""}, who{"NÔNG VĂN HOÀ", "1980-05-12", ""}, models.TwinSameName},
			{"one name, and one says no birth", who{"Đàm Thị Lan", "", ""}, who{"Đàm Thị Lan", "1975", "004175000001"}, models.TwinSameName},
			{"one name, other years", who{"Bế Văn Ba", "1980", ""}, who{"Bế Văn Ba", "1981", ""}, ""},
			{"names that only fold alike", who{"Lý Thị Hoa", "1982", ""}, who{"Lý Thị Hóa", "1982", ""}, ""},
			{"one name and year, and two ids", who{"Hoàng Văn Nam", "1983", "004083000101"}, who{"Hoàng Văn Nam", "1983", "004083000999"}, ""},
			{"one name and day, and two ids", who{"Triệu Văn Tư", "1984-01-02", "004084000101"}, who{"Triệu Văn Tư", "1984-01-02", "004084000999"}, models.TwinSameName},
			{"a digit and the name", who{"Ma Thị Năm", "1985", "004185000123"}, who{"Ma Thị Năm", "1986", "004185000128"}, models.TwinIDTypo},
			{"neighbours and the day", who{"Lục Văn Sáu", "1987-07-07", "004087001234"}, who{"Lục Văn Sáo", "1987-07-07", "004087001324"}, models.TwinIDTypo},
			{"an old card's digit and the name", who{"Chu Văn Bảy", "1970", "080123456"}, who{"Chu Văn Bảy", "1971", "080123457"}, models.TwinIDTypo},
			{"a digit and the year alone", who{"Vi Văn Tám", "1988", "004088005555"}, who{"Phùng Văn Chín", "1988", "004088005556"}, ""},
			{"two digits and the name", who{"Hà Văn Mười", "1989", "004089007711"}, who{"Hà Văn Mười", "1989", "004089007722"}, ""},
		} {
			a, b := w.cadre(x.a.name, x.a.born, x.a.id), w.cadre(x.b.name, x.b.born, x.b.id)
			if i%2 == 1 { // whichever came first
				a, b = b, a
			}
			w.seek()
			if got := w.reason(a, b); got != x.want {
				t.Errorf("%s: %q, want %q", x.what, got, x.want)
			}
		}
	})
}

func TestAPairThatWasDecidedStaysDecidedWhenTwinsAreSoughtAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
		w.seek()
		pair, _ := w.pair(a, b, a)
		must(t, w.Distinct(ctx, access.System(), pair))
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Cadre{}).Where("id > 0").UpdateColumn("twins_sought", false).Error
		})
		must(t, err)
		w.seek()
		var p models.TwinPair
		must(t, w.DB.Read(ctx).Take(&p, pair).Error)
		if p.State != models.TwinDistinct {
			t.Errorf("%+v", p)
		}
		must(t, w.Reopen(ctx, access.System(), pair))
		must(t, w.DB.Read(ctx).Take(&p, pair).Error)
		if p.State != models.TwinOpen {
			t.Errorf("%+v", p)
		}
	})
}

func TestSeekingTwinsGrowsWithTheNewOnesAndNotWithTheRoster(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		few := func(n int) int {
			var cs []*models.Cadre
			w.n++
			for i := range n {
				cs = append(cs, &models.Cadre{FullName: fmt.Sprintf("Người %d Thứ %d", w.n, i), BirthYear: 1980})
			}
			w.create(cs)
			return testdb.CountQueries(w.DB, w.seek)
		}
		first := few(10)
		if many := few(1000) - first; many > 10*first {
			t.Errorf("%d statements for 10 people, %d more for 1000", first, many)
		}
		if again := few(10); again != first {
			t.Errorf("%d statements for 10 people, %d where there are a thousand others", first, again)
		}
	})
}

func TestACorrectedSpellingOrIDHasTwinsSoughtAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		an, on := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn Ơn", "1980", "")
		lan, lam := w.cadre("Lê Thị Lan", "1975", "004175000001"), w.cadre("Lê Thị Lan", "1976", "004175000999")
		w.seek()
		if a, b := w.reason(an, on), w.reason(lan, lam); a != "" || b != "" {
			t.Fatalf("before anything is corrected: %q, %q", a, b)
		}
		waiting := func() (n int64) {
			t.Helper()
			must(t, w.DB.Read(ctx).Model(&models.Job{}).Where("kind = ? AND state = ?", roster.JobTwins, models.JobWaiting).Count(&n).Error)
			return n
		}
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Where("kind = ?", roster.JobTwins).Delete(&models.Job{}).Error
		})
		must(t, err)
		respell := func(name string) {
			t.Helper()
			_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, roster.Respell(tx, access.System(), on, day("2026-11-24"), name, "")
			})
			must(t, err)
		}
		respell("NÔNG VĂN ƠN") // the same name
		if n := waiting(); n != 0 {
			t.Errorf("%d jobs for a name that is the same", n)
		}
		respell("Nông Văn An")
		if n := waiting(); n != 1 {
			t.Errorf("%d jobs for another name", n)
		}
		w.seek()
		if got := w.reason(an, on); got != models.TwinSameName {
			t.Errorf("after the name was corrected: %q", got)
		}
		var c models.Cadre
		must(t, w.DB.Read(ctx).Take(&c, lam).Error)
		_, err = w.Roster.UpdateCadre(ctx, access.System(), lam, roster.CadreInput{Typed: roster.Typed{Name: c.FullName, Born: "1976", NationalID: "004175000002"}, Sex: c.Sex, Version: roster.Version(c)})
		must(t, err)
		w.seek()
		if got := w.reason(lan, lam); got != models.TwinIDTypo {
			t.Errorf("after the id was corrected: %q", got)
		}
	})
}
