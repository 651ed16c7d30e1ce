package seeds

import (
	"context"

	"taphuan/app/file"
	"taphuan/app/history"
	"taphuan/models"
)

// elsewhere is training that ministries held for some people of an office.
var elsewhere = []struct {
	office, by string
	from, n    int // of the office's list, by name
	decided    models.RecognitionState
	reason     string
	training   history.Training
}{
	{"SO-TP", "thutruong", 1, 3, models.RecognitionApproved, "", history.Training{Title: "Bồi dưỡng kiến thức về quyền con người cho cán bộ ngành tư pháp", Body: "Bộ Tư pháp", PaperNumber: "218/GCN-BTP",
		FirstDay: models.MustDay("2026-03-10"), LastDay: models.MustDay("2026-03-12"), Components: []models.Component{models.ComponentUpdate, models.ComponentTraining}}},
	{"X-DAMTHUY", "chutich", 0, 1, models.RecognitionRefused, "Giấy xác nhận không ghi thời gian và nội dung tập huấn.", history.Training{Title: "Hội nghị phổ biến pháp luật", Body: "Hội Luật gia tỉnh", PaperNumber: "15/XN-HLG",
		FirstDay: models.MustDay("2026-06-04"), LastDay: models.MustDay("2026-06-04"), Components: []models.Component{models.ComponentUpdate}}},
	{"SO-TP", "thutruong", 6, 2, models.RecognitionProposed, "", history.Training{Title: "Tập huấn truyền thông đối ngoại về quyền con người năm 2026", Body: "Bộ Ngoại giao", PaperNumber: "77/GCN-BNG",
		FirstDay: models.MustDay("2026-09-15"), LastDay: models.MustDay("2026-09-17"), Components: []models.Component{models.ComponentUpdate, models.ComponentTraining}}},
}

// recognise has heads propose training elsewhere for recognition; a coordinator has decided some of it, and some waits.
func (w *world) recognise(ctx context.Context) error {
	s := &history.Service{DB: w.db, Files: &file.Service{DB: w.db, Keys: w.keys}, Roster: w.roster}
	for _, x := range elsewhere {
		var cadres []uint64
		err := w.db.Read(ctx).Model(&models.Posting{}).Joins("JOIN cadres ON cadres.id = postings.cadre_id").
			Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ? AND cadre_id <> ?", w.orgs[x.office].ID, true, w.today, w.today, w.star).
			Order("cadres.sort_key, cadres.id").Offset(x.from).Limit(x.n).Pluck("cadre_id", &cadres).Error
		if err != nil || len(cadres) == 0 {
			return err // a small office
		}
		if _, err := s.Propose(ctx, w.actors[x.by], cadres, x.training, nil, false); err != nil {
			return err
		}
		var ids []uint64
		if err := w.db.Read(ctx).Model(&models.Recognition{}).Where("paper_number = ?", x.training.PaperNumber).Order("id").Pluck("id", &ids).Error; err != nil {
			return err
		}
		switch x.decided {
		case models.RecognitionApproved:
			err = s.Approve(ctx, w.actors["dieuphoi"], ids)
		case models.RecognitionRefused:
			err = s.Refuse(ctx, w.actors["dieuphoi"], ids, x.reason)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
