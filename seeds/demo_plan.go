package seeds

import (
	"context"

	"taphuan/app/coverage"
	"taphuan/app/planning"
	"taphuan/models"
)

// planBeside has an administrator make a second plan: of the state agencies alone, whose people are to come again after a year or two, so that
// something expires. It is made on the day of loading; its ledger is built when the server has started.
func (w *world) planBeside(ctx context.Context) error {
	actor := w.actors["quantri"]
	s := &planning.Service{DB: w.db, Coverage: &coverage.Service{DB: w.db}, Wake: func() {}}
	in := planning.CopyInput{From: w.plan.Code, Code: "QLNN-2026-2028", NameVi: "Kế hoạch bồi dưỡng thường xuyên của khối cơ quan quản lý nhà nước, giai đoạn 2026 - 2028",
		NameEn: "Recurrent training plan of the state agencies, 2026 - 2028", Root: "CB-QLNN", First: models.MustDay("2026-01-01"), Last: models.MustDay("2028-12-31"), Carry: true}
	if _, err := s.Copy(ctx, actor, in); err != nil {
		return err
	}
	return s.Save(ctx, actor, in.Code, planning.Input{Expires: map[models.Component]*int{models.ComponentUpdate: new(12), models.ComponentTraining: new(24)}})
}
