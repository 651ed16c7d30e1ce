package history_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/history"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// covered is how many of a group are covered at the home office on a day.
func (w *world) covered(on string) int {
	w.t.Helper()
	rows, err := (&coverage.Service{DB: w.db}).Rows(w.t.Context(), access.System(), coverage.Query{Org: w.home.Code, Day: day(on)})
	w.must(err)
	for _, r := range rows {
		if r.Organisation == w.home.Code && r.Group == "QCN" {
			return r.Covered
		}
	}
	w.t.Fatal("no row of QCN")
	return 0
}

func TestRecognisedTrainingCountsFromItsLastDayOnceACoordinatorHasApprovedIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b := w.cadre("Nông Văn An", w.home), w.cadre("Bế Thị Bình", w.home)
		first := w.propose(w.head, training(), false, b, a, b)
		if n := w.covered("2026-11-24"); n != 0 {
			t.Fatalf("%d covered by what nobody has approved", n)
		}
		var all []uint64
		w.must(db.Read(t.Context()).Model(&models.Recognition{}).Order("id").Pluck("id", &all).Error)
		if len(all) != 2 || all[0] != first {
			t.Fatalf("recognitions %v, the first is %d", all, first)
		}
		w.must(w.s.Approve(t.Context(), w.coordinator, all))
		for on, want := range map[string]int{"2025-05-06": 0, "2025-05-07": 2, "2026-11-24": 2} {
			if got := w.covered(on); got != want {
				t.Errorf("on %s %d are covered, not %d", on, got, want)
			}
		}
		if n := w.count("completions", "course_id IS NULL AND recognition_id IN ?", all); n != 2 {
			t.Errorf("%d completions", n)
		}
		if err := w.s.Approve(t.Context(), w.coordinator, all[:1]); !errs.Is(err, "recognition_decided") {
			t.Errorf("approved twice: %v", err)
		}
		if n := w.count("certificates", "1 = 1"); n != 0 {
			t.Errorf("%d certificates of ours", n)
		}
	}, testseed.Base)
}

func TestARefusedPaperMayBeBroughtAgainAndAWithdrawnOneToo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.cadre("Nông Văn An", w.home)
		again := training()
		again.PaperNumber = " 12 / gcn-btp"
		for i, end := range []func(uint64) error{
			func(id uint64) error {
				return w.s.Refuse(t.Context(), w.coordinator, []uint64{id}, "Thiếu bản chụp")
			},
			func(id uint64) error { return w.s.Withdraw(t.Context(), w.head, []uint64{id}) },
		} {
			id := w.propose(w.head, training(), false, a)
			if _, err := w.s.Propose(t.Context(), w.head, []uint64{a}, again, nil, false); !errs.Is(err, "paper_already_used") {
				t.Errorf("%d: the same paper twice: %v", i, err)
			}
			w.must(end(id))
		}
		w.propose(w.coordinator, again, true, a)
		if n := w.covered("2025-05-07"); n != 1 {
			t.Errorf("%d covered", n)
		}
		d, err := w.s.Recognitions(t.Context(), w.head, history.Filter{})
		w.must(err)
		if d.Total.N != 3 || d.Counts[models.RecognitionRefused] != 1 || d.Counts[models.RecognitionWithdrawn] != 1 || d.Counts[models.RecognitionApproved] != 1 {
			t.Errorf("%d in all: %v", d.Total.N, d.Counts)
		}
	}, testseed.Base)
}

func TestTrainingThatCannotBeIsRefusedAtItsFieldAndNothingIsKept(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.cadre("Nông Văn An", w.home)
		for code, change := range map[string]func(*history.Training){
			"required":           func(x *history.Training) { x.Title = " " },
			"too_long":           func(x *history.Training) { x.Body = strings.Repeat("ạ", 301) },
			"day":                func(x *history.Training) { x.FirstDay = 0 },
			"days_reversed":      func(x *history.Training) { x.LastDay = x.FirstDay - 1 },
			"day_outside_plan":   func(x *history.Training) { x.FirstDay, x.LastDay = day("2022-12-30"), day("2022-12-31") },
			"training_in_future": func(x *history.Training) { x.LastDay = day("2026-11-25") },
			"component_missing":  func(x *history.Training) { x.Components = nil },
			"choice":             func(x *history.Training) { x.Components = []models.Component{"đầy đủ"} },
			"paper_missing":      func(x *history.Training) { x.PaperNumber = "\u00a0" },
		} {
			x := training()
			change(&x)
			if _, err := w.s.Propose(t.Context(), w.head, []uint64{a}, x, nil, false); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		for code, body := range map[string][]byte{
			"scan_not_understood": []byte("MZ\x90\x00 not a picture"),
			"scan_too_large":      append([]byte("%PDF-1.7\n"), make([]byte, file.MaxBytes)...),
		} {
			if _, err := w.s.Propose(t.Context(), w.head, []uint64{a}, training(), &file.Upload{Name: "giay.pdf", Body: body}, false); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		if n := w.count("recognitions", "1 = 1") + w.count("stored_files", "1 = 1"); n != 0 {
			t.Errorf("%d rows of what was refused", n)
		}
	}, testseed.Base)
}

func TestAHeadProposesForOwnCadresOnlyAndDecidesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		own, foreign := w.cadre("Nông Văn An", w.home), w.cadre("Bế Thị Bình", w.other)
		if _, err := w.s.Propose(t.Context(), w.head, []uint64{own, foreign}, training(), nil, false); !errs.Is(err, "not_found") {
			t.Errorf("for somebody elsewhere: %v", err)
		}
		if _, err := w.s.Propose(t.Context(), w.head, []uint64{own}, training(), nil, true); !errs.Is(err, "forbidden") {
			t.Errorf("a head approved: %v", err)
		}
		id := w.propose(w.coordinator, training(), false, foreign)
		if _, err := w.s.Recognition(t.Context(), w.head, id); !errs.Is(err, "not_found") {
			t.Errorf("another's recognition: %v", err)
		}
		if err := w.s.Withdraw(t.Context(), w.head, []uint64{id}); !errs.Is(err, "not_found") {
			t.Errorf("another's recognition withdrawn: %v", err)
		}
		if err := w.s.Approve(t.Context(), w.head, []uint64{id}); !errs.Is(err, "not_found") {
			t.Errorf("a head approved: %v", err)
		}
	}, testseed.Base)
}

func TestAScanIsWhatItsContentSaysIsSealedAtRestAndComesBackAsItWas(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.cadre("Nông Văn An", w.home)
		var picture bytes.Buffer
		w.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
		id, err := w.s.Propose(t.Context(), w.head, []uint64{a}, training(), &file.Upload{Name: `C:\quét\giấy chứng nhận.exe`, Body: picture.Bytes()}, false)
		w.must(err)
		var stored models.StoredFile
		w.must(db.Read(t.Context()).Take(&stored).Error)
		if bytes.Contains(stored.Body, []byte("PNG")) {
			t.Error("the scan lies open in the database")
		}
		f, err := w.s.Scan(t.Context(), w.head, id)
		w.must(err)
		if f.ContentType != "image/png" || f.Name != "giấy chứng nhận.png" || !bytes.Equal(f.Body, picture.Bytes()) {
			t.Errorf("%s, %s, %d bytes", f.Name, f.ContentType, len(f.Body))
		}
	}, testseed.Base)
}

func TestTwoWhoApproveAtOnceMakeOneCompletion(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		id := w.propose(w.head, training(), false, w.cadre("Nông Văn An", w.home))
		var wg sync.WaitGroup
		var results [4]error
		for i := range results {
			wg.Go(func() { results[i] = w.s.Approve(t.Context(), w.coordinator, []uint64{id}) })
		}
		wg.Wait()
		done := 0
		for _, err := range results {
			if err == nil {
				done++
			} else if !errs.Is(err, "recognition_decided") {
				t.Error(err)
			}
		}
		if n := w.count("completions", "recognition_id = ?", id); done != 1 || n != 1 {
			t.Errorf("%d approvals made %d completions", done, n)
		}
	}, testseed.Base)
}

func TestVoidingUndoesACompletionFromItsOwnDate(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.cadre("Nông Văn An", w.home)
		w.propose(w.coordinator, training(), true, a)
		list, err := w.s.OfCadre(t.Context(), w.head, a)
		w.must(err)
		if len(list) != 1 || !list[0].Recognised() || list[0].Course != training().Title || list[0].PaperNumber != "12/GCN-BTP" || len(list[0].Components.List()) != 2 {
			t.Fatalf("the cadre's completions: %+v", list)
		}
		id := list[0].ID
		if err := w.s.Void(t.Context(), w.head, []uint64{id}, "Nhầm"); !errs.Is(err, "not_found") {
			t.Errorf("a head voided: %v", err)
		}
		if err := w.s.Void(t.Context(), w.coordinator, []uint64{id}, " "); !errs.Is(err, "reason_missing") {
			t.Errorf("voided without a reason: %v", err)
		}
		w.must(w.s.Void(t.Context(), w.coordinator, []uint64{id}, "Giấy không đúng"))
		if n := w.covered("2025-05-07") + w.covered("2026-11-24"); n != 0 {
			t.Errorf("a voided completion covers on %d of two days", n)
		}
		if err := w.s.Void(t.Context(), w.coordinator, []uint64{id}, "Giấy không đúng"); !errs.Is(err, "completion_voided") {
			t.Errorf("voided twice: %v", err)
		}
		w.must(w.s.Restore(t.Context(), w.coordinator, []uint64{id}))
		if n := w.covered("2025-05-07"); n != 1 {
			t.Errorf("a restored completion covers %d", n)
		}
		if err := w.s.Restore(t.Context(), w.coordinator, []uint64{id}); !errs.Is(err, "completion_not_voided") {
			t.Errorf("restored twice: %v", err)
		}
		for _, action := range []string{"recognition.propose", "recognition.approve", "completion.void", "completion.restore"} {
			if n := w.count("audit_entries", "action = ? AND account_id IS NOT NULL", action); n != 1 {
				t.Errorf("%s stands %d times in the audit", action, n)
			}
		}
	}, testseed.Base)
}

func TestAScanIsAttachedLaterReplacedUntilTheDecisionAndOnlyAddedAfterIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b, c := w.cadre("Nông Văn An", w.home), w.cadre("Bế Thị Bình", w.home), w.cadre("Lý Văn Ngoài", w.other)
		first := w.propose(w.head, training(), false, a, a, b)
		away := w.propose(w.coordinator, training(), false, c, c)
		pdf := func(name string) *file.Upload { return &file.Upload{Name: name, Body: []byte("%PDF-1.7\n" + name)} }
		rows := func() (out []models.Recognition) {
			t.Helper()
			w.must(db.Read(t.Context()).Order("id").Find(&out).Error)
			return out
		}
		attach := func(actor access.Actor, id, instead uint64, scan *file.Upload, others bool, code string) {
			t.Helper()
			_, err := w.s.Attach(t.Context(), actor, id, instead, scan, others)
			if code == "" && err != nil || code != "" && !errs.Is(err, code) {
				t.Fatalf("%v, not %q", err, code)
			}
		}
		attach(w.head, away, 0, pdf("x.pdf"), false, "not_found")
		attach(w.head, first, 0, nil, false, "scan_missing")
		attach(w.head, first, 0, &file.Upload{Name: "x.pdf", Body: []byte("no scan")}, false, "scan_not_understood")
		if n, err := w.s.Attach(t.Context(), w.head, first, 0, pdf("giay.pdf"), true); err != nil || n != 2 {
			t.Fatalf("the scan of one paper goes to %d: %v", n, err)
		}
		r := rows()
		if r[0].FileID == nil || r[1].FileID == nil || *r[0].FileID != *r[1].FileID || r[2].FileID != nil {
			t.Fatalf("scans of %+v", r)
		}
		attach(w.head, first, 0, pdf("cu.pdf"), false, "stale")
		attach(w.head, first, *r[0].FileID, pdf("moi.pdf"), false, "")
		if n := w.count("stored_files", "name LIKE '%pdf'"); n != 2 {
			t.Errorf("%d scans while the first is another's still", n)
		}
		attach(w.head, r[1].ID, *r[1].FileID, pdf("moi-2.pdf"), false, "")
		if n := w.count("stored_files", "name = 'giay.pdf'"); n != 0 {
			t.Errorf("%d scans that nothing leads to", n)
		}
		r = rows()
		w.must(w.s.Approve(t.Context(), w.coordinator, []uint64{first, away}))
		w.must(w.s.Refuse(t.Context(), w.coordinator, []uint64{r[1].ID}, "Không đủ nội dung"))
		attach(w.head, first, *r[0].FileID, pdf("sau.pdf"), false, "scan_stays")
		attach(w.head, r[1].ID, *r[1].FileID, pdf("sau.pdf"), false, "scan_closed")
		attach(w.coordinator, away, 0, pdf("bo-sung.pdf"), false, "")
		if got, err := w.s.Scan(t.Context(), w.coordinator, away); err != nil || string(got.Body) != "%PDF-1.7\nbo-sung.pdf" {
			t.Errorf("%q, %v", got.Body, err)
		}
		if n := w.count("audit_entries", "action = 'recognition.scan'"); n != 4 {
			t.Errorf("%d entries in the audit", n)
		}
	}, testseed.Base)
}
