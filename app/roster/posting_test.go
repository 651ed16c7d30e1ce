package roster_test

import (
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// headOf is the actor who heads the organisation.
func headOf(t *testing.T, db *store.DB, code string) access.Actor {
	o := placeAt(t, db, code).Organisation
	return access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: o.ID, Path: o.Path}}}
}

func TestHeadsChangeWhatIsTheirsAndNothingElse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &roster.Service{DB: db, Keys: testKeys(t)}
		here, there := newCadre(t, db, "Lò Thị Hoa"), newCadre(t, db, "Lò Thị Huệ")
		for id, from := range map[uint64][2]string{here: {"SO-NV", "SO-TP"}, there: {"SO-TP", "SO-TP"}} {
			err := change(db, id, func(h *roster.History) error {
				h.Hire(placeAt(t, db, from[0]), day("2024-01-01"), day("2025-01-01"))
				h.Hire(placeAt(t, db, from[1]), day("2025-01-01"), 0)
				h.AddConcurrent(placeAt(t, db, "SO-NV"), day("2026-01-01"), 0)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		head := headOf(t, db, "SO-TP")
		var ids []uint64 // here's postings: at SO-NV, at SO-TP, beside at SO-NV
		if err := db.Read(t.Context()).Model(&models.Posting{}).Where("cadre_id = ?", here).Order("from_day").Pluck("id", &ids).Error; err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			says string
			in   roster.ChangeInput
			code string
		}{
			{"a transfer to an office elsewhere", roster.ChangeInput{Kind: roster.ChangeTransfer, Organisation: "SO-NV", Title: "X", From: day("2026-05-01")}, "not_found"},
			{"an office that is none", roster.ChangeInput{Kind: roster.ChangeTransfer, Organisation: "không có", Title: "X", From: day("2026-05-01")}, "not_found"},
			{"no office", roster.ChangeInput{Kind: roster.ChangeTransfer, Title: "X", From: day("2026-05-01")}, "required"},
			{"a posting elsewhere", roster.ChangeInput{Kind: roster.ChangeRemove, PostingID: ids[0], Note: "nhầm"}, "not_found"},
			{"a posting of nobody", roster.ChangeInput{Kind: roster.ChangeRemove, PostingID: 987654321, Note: "nhầm"}, "not_found"},
			{"a boundary with an office elsewhere", roster.ChangeInput{Kind: roster.ChangeCorrect, PostingID: ids[1], Organisation: "SO-TP", Title: "X", From: day("2025-02-01"), Note: "nhầm"}, "other_office_concerned"},
			{"an end that takes a posting elsewhere along", roster.ChangeInput{Kind: roster.ChangeEnd, PostingID: ids[1], To: day("2026-05-01"), Reason: models.EndRetired}, "other_office_concerned"},
			{"a correction without a word", roster.ChangeInput{Kind: roster.ChangeRemove, PostingID: ids[1]}, "change_note_missing"},
			{"no such kind", roster.ChangeInput{Kind: "promote"}, "choice"},
			{"no such group", roster.ChangeInput{Kind: roster.ChangeDuty, PostingID: ids[1], Title: "X", Groups: []string{"Đ"}, From: day("2026-05-01")}, "unknown_target_group"},
			{"a group of another level", roster.ChangeInput{Kind: roster.ChangeConcurrent, Organisation: "SO-TP", Title: "X", Groups: []string{"CTXH"}, From: day("2026-05-01"), Line: "CB"}, "organisation_is_total"},
			{"a line that ended", roster.ChangeInput{Kind: roster.ChangeDuty, PostingID: ids[1], Title: "X", From: day("2026-05-01"), Line: "SO-LDTBXH"}, "line_not_active"},
			{"a line that is none", roster.ChangeInput{Kind: roster.ChangeDuty, PostingID: ids[1], Title: "X", From: day("2026-05-01"), Line: "KHONG-CO"}, "choice"},
			{"an old page", roster.ChangeInput{Kind: roster.ChangeDuty, Version: -1, PostingID: ids[1], Title: "X", From: day("2026-05-01")}, "history_changed"},
		} {
			if x.in.Version == 0 {
				x.in.Version = 1
			}
			before := inWords(t, db, here)
			_, preview := s.PreviewChange(t.Context(), head, here, x.in)
			if err := s.Change(t.Context(), head, here, x.in); !errs.Is(err, x.code) || !errs.Is(preview, x.code) {
				t.Errorf("%s: %v, in the preview %v, not %s", x.says, err, preview, x.code)
			}
			if after := inWords(t, db, here); after != before {
				t.Errorf("%s: %s", x.says, after)
			}
		}
		in := roster.ChangeInput{Kind: roster.ChangeDuty, Version: 1, PostingID: ids[1], Title: "Phó  phòng", Groups: []string{"QCN"}, Line: "HLHPN", From: day("2026-05-01"), Note: "QĐ 7"}
		if p, err := s.PreviewChange(t.Context(), head, here, in); err != nil || p.First != day("2026-05-01") || len(p.After) != len(p.Before)+1 {
			t.Errorf("%+v, %v", p, err)
		}
		if err := s.Change(t.Context(), head, here, in); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(t.Context(), head, here, in); !errs.Is(err, "history_changed") {
			t.Errorf("from a second tab: %v", err)
		}
		if err := s.Change(t.Context(), headOf(t, db, "SO-YT"), there, in); !errs.Is(err, "not_found") {
			t.Errorf("a head of elsewhere: %v", err)
		}
		var e models.AuditEntry
		if err := db.Read(t.Context()).Where("action = ?", "posting.change").Take(&e).Error; err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"after":[{"id":%d,"organisation":"SO-TP","title":"Chuyên viên","from":"2025-01-01","to":"2026-05-01"},{"organisation":"SO-TP","title":"Phó phòng","groups":["QCN"],"line":"HLHPN","from":"2026-05-01","to":null}],`+
			`"before":[{"id":%d,"organisation":"SO-TP","title":"Chuyên viên","from":"2025-01-01","to":null}],"name":"Lò Thị Hoa","note":"QĐ 7"}`, ids[1], ids[1])
		if e.Detail != want || e.NounID != here {
			t.Errorf("the audit says\n%s, not\n%s", e.Detail, want)
		}
	}, based)
}

func TestTheOnlyPostingGoesWithTheCadreUnlessSomethingElseSpeaksOfBoth(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &roster.Service{DB: db, Keys: testKeys(t)}
		for name, kept := range map[string]bool{"Mã Thị Nhầm": false, "Mã Thị Thật": true} {
			id, _, err := s.Hire(t.Context(), access.System(), roster.HireInput{Typed: roster.Typed{Name: name}, ChangeInput: roster.ChangeInput{Organisation: "SO-TP", Title: "X", From: day("2026-01-01")}})
			if err != nil {
				t.Fatal(err)
			}
			var p models.Posting
			_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				if kept {
					if err := tx.Create(&models.Completion{CadreID: id, EffectiveDay: day("2026-02-01")}).Error; err != nil {
						return 0, err
					}
				}
				return 0, tx.Take(&p, "cadre_id = ?", id).Error
			})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Change(t.Context(), access.System(), id, roster.ChangeInput{Kind: roster.ChangeRemove, PostingID: p.ID, Note: "ghi nhầm"})
			var n int64
			if err := db.Read(t.Context()).Model(&models.Cadre{}).Where("id = ?", id).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			if kept && (!errs.Is(err, "last_posting") || n != 1) || !kept && (err != nil || n != 0) {
				t.Errorf("%s: %v, %d left", name, err, n)
			}
		}
	}, based)
}

func TestWhoIsHiredIsLookedForFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &roster.Service{DB: db, Keys: testKeys(t)}
		coordinator, head := access.System(), headOf(t, db, "X-HOAAN")
		hire := func(name, born, number, org, from string) roster.HireInput {
			return roster.HireInput{Typed: roster.Typed{Name: name, Born: born, NationalID: number}, ChangeInput: roster.ChangeInput{Organisation: org, Title: "Chuyên viên", From: day(from)}}
		}
		for _, in := range []roster.HireInput{
			hire("Đàm Văn Đức", "1980-05-04", "004080000011", "SO-TP", "2024-01-01"),
			hire("Triệu Thị Mỵ", "1985", "", "UBND-HOAAN", "2024-01-01"), // unplaced since the district ended
			hire("Vi Thị Bích", "1990", "", "SO-NV", "2024-01-01"),
		} {
			if _, _, err := s.Hire(t.Context(), coordinator, in); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range []struct {
			says  string
			actor access.Actor
			in    roster.HireInput
			known int
			here  bool
			code  string
		}{
			{"the same id, another spelling", coordinator, hire("Đàm Đức", "4/5/1980", "004080000011", "SO-NV", "2026-01-01"), 1, true, ""},
			{"the same id, another person", coordinator, hire("Lý Văn Khác", "1970", "004080000011", "SO-NV", "2026-01-01"), 0, false, "national_id_of_another_person"},
			{"the same id, out of the head's sight", head, hire("Đàm Văn Đức", "1980", "004080000011", "X-HOAAN", "2026-01-01"), 0, false, "national_id_elsewhere"},
			{"the same name and birth elsewhere", coordinator, hire("đàm văn đức", "1980", "", "SO-NV", "2026-01-01"), 1, true, ""},
			{"the same, out of the head's sight", head, hire("Đàm Văn Đức", "1980", "", "X-HOAAN", "2026-01-01"), 0, false, ""},
			{"the same name, another birth", coordinator, hire("Đàm Văn Đức", "1981", "", "SO-NV", "2026-01-01"), 0, false, ""},
			{"another id", coordinator, hire("Đàm Văn Đức", "1980", "004080000012", "SO-NV", "2026-01-01"), 0, false, ""},
			{"from the district before", head, hire("Triệu Thị Mỵ", "", "", "X-HOAAN", "2026-01-01"), 1, false, ""},
			{"nobody is born tomorrow", coordinator, hire("Đàm Văn Đức", "2999", "", "SO-NV", "2026-01-01"), 0, false, "birth_date_in_future"},
			{"an office elsewhere", head, hire("Ai Đó", "", "", "SO-NV", "2026-01-01"), 0, false, "not_found"},
			{"an office that has ended", coordinator, hire("Ai Đó", "", "", "SO-TTTT", "2026-01-01"), 0, false, "organisation_not_active"},
		} {
			p, known, err := s.PreviewHire(t.Context(), x.actor, x.in)
			switch {
			case x.code != "":
				if !errs.Is(err, x.code) {
					t.Errorf("%s: %v", x.says, err)
				}
			case err != nil || len(known) != x.known || x.known > 0 && known[0].Here != x.here || (p == nil) != (x.known > 0):
				t.Errorf("%s: %+v, %+v, %v", x.says, p, known, err)
			case x.known > 0:
				if _, _, err := s.Hire(t.Context(), x.actor, x.in); !errs.Is(err, "known_person") {
					t.Errorf("%s: hired all the same: %v", x.says, err)
				}
			}
		}
		// A head takes who came from the district; somebody else of the same name is a yes away, but never with the same id.
		_, known, err := s.PreviewHire(t.Context(), head, hire("Triệu Thị Mỵ", "1985", "", "X-HOAAN", "2026-01-01"))
		if err != nil || len(known) != 1 {
			t.Fatal(known, err)
		}
		in := roster.ChangeInput{Kind: roster.ChangeHire, Version: known[0].HistoryVersion, Organisation: "X-HOAAN", Title: "Chuyên viên", From: day("2025-07-01")}
		if err := s.Change(t.Context(), head, known[0].ID, in); err != nil {
			t.Error(err)
		}
		if got := inWords(t, db, known[0].ID); got != "UBND-HOAAN 2024-01-01–2025-07-01 organisation_ended; X-HOAAN 2025-07-01–" {
			t.Error(got)
		}
		var bich models.Cadre
		if err := db.Read(t.Context()).Take(&bich, "full_name = ?", "Vi Thị Bích").Error; err != nil {
			t.Fatal(err)
		}
		if err := s.Change(t.Context(), head, bich.ID, in); !errs.Is(err, "not_found") {
			t.Errorf("somebody of another office: %v", err)
		}
		again := hire("Đàm Văn Đức", "1980", "", "SO-NV", "2026-01-01")
		again.New = true
		if _, _, err := s.Hire(t.Context(), coordinator, again); err != nil {
			t.Error(err)
		}
		again.NationalID = "004080000011"
		if _, _, err := s.Hire(t.Context(), coordinator, again); !errs.Is(err, "known_person") {
			t.Errorf("a second person with one id: %v", err)
		}
	}, based)
}
