package certificate_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/proof"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// proofs keeps keys under a key file of its own.
func proofs(t *testing.T, db *store.DB) *proof.Service {
	t.Helper()
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &proof.Service{DB: db, Keys: keys}
}

func TestEachQRCodeCarriesAStatementThatThePublishedKeysVouchFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		ids, _, sign := world(t, db, 2, 2)
		s := service(db)
		s.Proofs = proofs(t, db)
		for i, id := range ids {
			if _, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign}); err != nil {
				t.Fatal(err)
			}
			if i == 0 { // what was signed before stays good
				if _, err := s.Proofs.Rotate(ctx, store.By{}, models.ProofEd25519); err != nil {
					t.Fatal(err)
				}
			}
		}
		public, err := s.Proofs.Public(ctx)
		if err != nil || len(public) != 2 || public[0].RetiredAt == nil || public[1].RetiredAt != nil || len(public[0].Sealed)+len(public[1].Sealed) != 0 {
			t.Fatalf("%+v %v", public, err)
		}
		published := []ed25519.PublicKey{public[0].Public, public[1].Public}
		var all []models.Certificate
		if err := db.Read(ctx).Find(&all).Error; err != nil || len(all) != 4 {
			t.Fatal(len(all), err)
		}
		for _, c := range all {
			var snap template.Snapshot
			if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
				t.Fatal(err)
			}
			address, digits, _ := strings.Cut(snap.QRText(), "#")
			got, err := proof.Read(digits, published)
			want := proof.Statement{Serial: c.Serial, Name: snap.Name, Course: "Tập huấn", Issuer: snap.Issuer, Issued: c.IssuedDay, Minutes: 480}
			if err != nil || got != want || address != "https://taphuan.example.vn/v/"+c.Code {
				t.Errorf("%s: %+v %v", address, got, err)
			}
			first := c.CourseID != nil && *c.CourseID == ids[0]
			if _, err := proof.Read(digits, published[:1]); (err == nil) != first {
				t.Errorf("%s was signed with another key than was current: %v", c.Serial, err)
			}
		}
	}, based, testdb.At(fixed))
}
