package proposal_test

import (
	"testing"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/proposal"
	"taphuan/app/store"
	"taphuan/models"
)

func TestAProposalNamesNoGroupThatIsTakenAwayWhileItIsWorkedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Create(&models.TargetGroup{PlanID: w.plan.ID, Code: "BCV", NameVi: "Báo cáo viên", ShortVi: "Báo cáo viên", TargetPercent: 80, Position: 90}).Error
		})
		must(t, err)
		gone := false
		look := func(g *gorm.DB) { // it is gone by the time the plan can be locked
			_, row := g.Statement.Dest.(*models.Plan)
			if _, lock := g.Statement.Clauses["FOR"]; row && lock && !gone {
				gone = true
				must(t, g.Session(&gorm.Session{NewDB: true}).Exec("DELETE FROM target_groups WHERE code = 'BCV'").Error)
			}
		}
		for _, pool := range w.DB.Pools() {
			must(t, pool.Callback().Query().Before("gorm:query").Register("test:gone", look))
		}
		_, err = w.Propose(ctx, access.System(), w.ask(func(a *proposal.Ask) { a.Groups = []string{"BCV", "QCN"} }))
		if e := errs.As(err); !gone || e == nil || len(e.Fields) != 1 || e.Fields[0].Name != "groups" {
			t.Errorf("gone: %v; %v", gone, err)
		}
		var kept int64
		if must(t, w.DB.Read(ctx).Model(&models.Proposal{}).Count(&kept).Error); kept != 0 {
			t.Errorf("%d proposals are kept", kept)
		}
	})
}
