package main

import (
	"testing"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestTheCommandLineFailsWhenARegisterThatWasSignedOffWasChanged(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		db := testdb.Open(t, url)
		change := func(f func(tx *gorm.DB) error) {
			if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, f(tx.DB) }); err != nil {
				t.Fatal(err)
			}
		}
		var o models.Organisation
		if err := db.Read(t.Context()).Where("code = ?", "SO-TP").Take(&o).Error; err != nil {
			t.Fatal(err)
		}
		r := models.Register{IssuerID: o.ID, Year: 2025, Symbol: "GCN-STP", NextNumber: 1}
		change(func(tx *gorm.DB) error { return tx.Create(&r).Error })
		if err := (&certificate.Service{DB: db}).CloseRegister(t.Context(), access.System(), r.ID); err != nil {
			t.Fatal(err)
		}
		p := &program{ctx: t.Context(), cli: &cli{DB: url, KeyFile: t.TempDir() + "/key"}}
		if err := (&registersCmd{}).Run(p); err != nil {
			t.Errorf("as it was signed off: %v", err)
		}
		change(func(tx *gorm.DB) error { return tx.Model(&r).Update("symbol", "GCN-STQ").Error })
		if err := (&registersCmd{}).Run(p); err == nil {
			t.Error("its symbol was changed, and the command is content")
		}
	}, testseed.Base)
}
