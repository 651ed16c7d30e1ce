package enrolment_test

import (
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/models"
)

func TestWhoCannotBePutForwardForADraftIsToldAndTheOthersAre(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		draft, busy := w.course(2), w.course(10)
		w.set(draft, map[string]any{"state": models.CourseDraft})
		k := w.cadres(7, "SO-TP")
		good, clashing, away, unplaced, also, full := k[0], k[1], k[2], k[3], k[4], k[5]
		w.write(func(tx *store.Tx) error {
			for _, c := range []models.Course{draft, busy} {
				if err := tx.Create(&models.Session{CourseID: c.ID, Day: c.FirstDay, StartMinute: 480, EndMinute: 600}).Error; err != nil {
					return err
				}
			}
			var p models.Posting
			if err := tx.Where("cadre_id = ?", away).Take(&p).Error; err != nil {
				return err
			}
			if err := tx.Create(&models.Leave{PostingID: p.ID, Kind: models.LeaveStudy, FromDay: models.MustDay("2026-11-01"), ToDay: models.MustDay("2027-02-01")}).Error; err != nil {
				return err
			}
			return tx.Model(&models.Posting{}).Where("cadre_id = ?", unplaced).UpdateColumn("to_day", models.MustDay("2026-11-01")).Error
		})
		_, err := w.Enrol(ctx, access.System(), busy.ID, []uint64{clashing})
		must(t, err)
		var told []enrolment.Refused
		w.write(func(tx *store.Tx) error {
			told, err = enrolment.PutForward(tx, access.System(), draft.ID, []uint64{good, clashing, away, unplaced, 987654, also, full})
			return err
		})
		want := map[uint64]string{clashing: "nomination_clash", away: "nomination_away", unplaced: "nomination_unplaced", 987654: "not_found", full: "nomination_full"}
		for _, r := range told {
			if want[r.CadreID] != r.Code {
				t.Errorf("%d: %s, want %s", r.CadreID, r.Code, want[r.CadreID])
			}
		}
		if len(told) != len(want) {
			t.Errorf("%d are told, want %d", len(told), len(want))
		}
		for _, id := range []uint64{good, also} {
			if e := w.enrolment(draft, id); e.State != models.EnrolmentNominated || e.OrganisationID == nil {
				t.Errorf("%+v", e)
			}
		}
		_, err = w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			_, err := enrolment.PutForward(tx, access.System(), busy.ID, []uint64{good})
			return 0, err
		})
		refused(t, err, "course_step")
	})
}
