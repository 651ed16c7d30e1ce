package certificate_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

var based = testdb.With("base", func(ctx context.Context, db *store.DB) error {
	_, err := seeds.Base(ctx, db)
	return err
})

const publicURL = "https://taphuan.example.vn/"

func service(db *store.DB) *certificate.Service {
	return &certificate.Service{DB: db, Templates: &template.Service{DB: db}, PublicURL: func(context.Context) (string, error) { return publicURL, nil }}
}

// world makes closed courses with people who completed them, an issuer and a signatory.
func world(t *testing.T, db *store.DB, courses, people int) (ids []uint64, host, signatory uint64) {
	t.Helper()
	ctx := context.Background()
	var org models.Organisation
	var typ models.CourseType
	var pl models.Plan
	for _, q := range []error{
		db.Read(ctx).Where("code = ?", "SO-VHTTDL").Take(&org).Error, db.Read(ctx).Where("code = ?", "conference").Take(&typ).Error, db.Read(ctx).Take(&pl).Error,
	} {
		if q != nil {
			t.Fatal(q)
		}
	}
	_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		ids = nil
		day := models.MustDay("2026-11-20")
		for i := range courses {
			c := models.Course{PlanID: pl.ID, Code: fmt.Sprintf("L%d", i), Title: "Tập huấn", CourseTypeID: typ.ID, State: models.CourseClosed, HostID: org.ID, Capacity: 10,
				RulePercent: 80, FirstDay: day, LastDay: day, ClosedAt: &tx.Now}
			if err := tx.Create(&c).Error; err != nil {
				return 0, err
			}
			ids = append(ids, c.ID)
			for j := range people {
				k := models.Cadre{FullName: fmt.Sprintf("Nông Văn %c", 'A'+j), BirthYear: 1980}
				if err := tx.Create(&k).Error; err != nil {
					return 0, err
				}
				if err := tx.Create(&models.Posting{CadreID: k.ID, OrganisationID: org.ID, Title: "Chuyên viên", FromDay: models.MustDay("2024-01-01"), ToDay: models.Forever, Main: true}).Error; err != nil {
					return 0, err
				}
				seat := tx.Now.AddDate(0, 0, -6) // and nobody has said a word about the name since
				if err := tx.Create(&models.Enrolment{CourseID: c.ID, CadreID: k.ID, State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeCompleted, DecidedAt: &seat}).Error; err != nil {
					return 0, err
				}
				if err := tx.Create(&models.Completion{CadreID: k.ID, CourseID: &c.ID, EffectiveDay: day, TotalMinutes: 480, AttendedMinutes: 480}).Error; err != nil {
					return 0, err
				}
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := service(db)
	if err := s.SaveIssuer(ctx, access.System(), models.Issuer{OrganisationID: org.ID, Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Name: org.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSignatory(ctx, access.System(), models.Signatory{OrganisationID: org.ID, Name: "Hoàng Văn Thạch", Title: "Giám đốc"}); err != nil {
		t.Fatal(err)
	}
	issuers, err := s.Issuers(ctx)
	if err != nil || len(issuers) != 1 || len(issuers[0].Signatories) != 1 {
		t.Fatal(issuers, err)
	}
	return ids, org.ID, issuers[0].Signatories[0].ID
}

func TestNoCertificateIsIssuedOfACourseThatIsOpenedAgainAtThatMoment(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const courses, people = 12, 2
		ids, _, sign := world(t, db, courses, people)
		s, life := service(db), &course.Service{DB: db}
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				n, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign})
				if (err != nil || n != people) && !errs.Is(err, "course_not_closed") {
					t.Errorf("issued %d: %v", n, err)
				}
			})
			all.Go(func() {
				if err := life.Reopen(t.Context(), access.System(), id, "bổ sung"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var opened, late int64
		db.Read(t.Context()).Table("audit_entries").Where("action = ?", "course.reopen").Count(&opened)
		err := db.Read(t.Context()).Table("audit_entries i").Joins("JOIN audit_entries o ON o.noun = i.noun AND o.noun_id = i.noun_id AND o.action = 'course.reopen'").
			Where("i.action = 'certificate.issue' AND i.id > o.id").Count(&late).Error
		if err != nil || opened != courses || late > 0 {
			t.Errorf("%d were opened, of %d certificates were issued afterwards: %v", opened, late, err)
		}
	}, based)
}

func TestThirtyTwoConcurrentIssuersLeaveNoGapAndNoRepeat(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const courses, people = 32, 3
		ids, _, sign := world(t, db, courses, people)
		s := service(db)
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() {
				// Every other issuer asks twice, as a double click does, and some fail on the way.
				if i%5 == 0 {
					if _, err := s.Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign + 99}); !errs.Is(err, "signatory_missing") {
						t.Errorf("wrong signatory: %v", err)
					}
				}
				n, err := s.Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign})
				if err != nil || n != people {
					t.Errorf("course %d: %d, %v", id, n, err)
				}
				if i%2 == 0 {
					if _, err := s.Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign}); !errs.Is(err, "nothing_to_issue") {
						t.Errorf("again: %v", err)
					}
				}
			})
		}
		wg.Wait()
		var numbers []int
		if err := db.Read(context.Background()).Model(&models.Certificate{}).Order("number").Pluck("number", &numbers).Error; err != nil {
			t.Fatal(err)
		}
		if len(numbers) != courses*people {
			t.Fatalf("%d certificates", len(numbers))
		}
		for i, n := range numbers {
			if n != i+1 {
				t.Fatalf("number %d stands where %d should", n, i+1)
			}
		}
	}, based)
}

func TestACertificateIsFrozenFoundByItsCodeRevokedAndReplaced(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		ids, _, sign := world(t, db, 1, 2)
		s := service(db)
		if _, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		list, err := s.List(ctx, access.System(), access.CertificateRead, certificate.Filter{CourseID: ids[0]}, page.Ask{})
		if err != nil || list.Total.N != 2 {
			t.Fatal(list, err)
		}
		row := list.Rows[1] // number 1
		if row.Serial != "0001/2026/GCN-QCN" || row.Name != "Nông Văn A" {
			t.Errorf("%+v", row)
		}
		before, _, err := s.PDF(ctx, access.System(), access.CertificateRead, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		var c models.Certificate
		if err := db.Read(ctx).Take(&c, row.ID).Error; err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(before); c.PDFSha256 != hex.EncodeToString(sum[:]) {
			t.Error("the register's hash is not that of the document")
		}
		_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			k := models.Cadre{ID: row.CadreID}
			if err := tx.Take(&k).Error; err != nil {
				return 0, err
			}
			k.FullName = "Nông Văn Ánh"
			return 0, tx.Save(&k).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		after, name, err := s.PDF(ctx, access.System(), access.CertificateRead, row.ID)
		if err != nil || !bytes.Equal(before, after) || name != "giay-chung-nhan-0001-2026-GCN-QCN.pdf" {
			t.Errorf("renaming the cadre changed what was issued, %q %v", name, err)
		}
		typed := template.GroupCode(row.Code)
		v, err := s.Verify(ctx, " "+typed[:5]+" "+typed[5:])
		if err != nil || v.State != models.CertificateValid || v.Snapshot.Name != "Nông Văn A" || v.Snapshot.VerifyURL != "https://taphuan.example.vn/v/"+row.Code {
			t.Errorf("%+v %v", v, err)
		}
		if err := s.Revoke(ctx, access.System(), row.ID, " "); !errs.Is(err, "reason_missing") {
			t.Errorf("no reason: %v", err)
		}
		fresh, err := s.Replace(ctx, access.System(), row.ID, sign, "Sai tên")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Revoke(ctx, access.System(), row.ID, "Sai"); !errs.Is(err, "certificate_ended") {
			t.Errorf("revoking what was replaced: %v", err)
		}
		got, err := s.Get(ctx, access.System(), access.CertificateRead, fresh)
		if err != nil || got.Serial != "0003/2026/GCN-QCN" || got.Name != "Nông Văn Ánh" {
			t.Errorf("%+v %v", got, err)
		}
		if v, err = s.Verify(ctx, row.Code); err != nil || v.State != models.CertificateReplaced || v.EndedDay == 0 {
			t.Errorf("the replaced one: %+v %v", v, err)
		}
		if err := s.Revoke(ctx, access.System(), fresh, "Cấp nhầm"); err != nil {
			t.Fatal(err)
		}
		if v, err = s.Verify(ctx, got.Code); err != nil || v.State != models.CertificateRevoked || v.Reason != "Cấp nhầm" {
			t.Errorf("the revoked one: %+v %v", v, err)
		}
		// Revoking leaves the completion, so a certificate can be issued again, with a new number.
		if n, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil || n != 1 {
			t.Errorf("again: %d %v", n, err)
		}
	}, based, testdb.At(fixed))
}

func TestUnknownAndImpossibleCodesAreNotFound(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for _, code := range []string{"", "x", "K7WM4PQZ9TXC2HRB", "../../etc", "K7WM-4PQZ-9TXC-2HR!", string(make([]byte, 4000))} {
			if _, err := service(db).Verify(context.Background(), code); !errs.Is(err, "not_found") {
				t.Errorf("%q: %v", code, err)
			}
		}
	})
}

func TestNothingIsIssuedBeforeThePublicAddressIsSet(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ids, _, sign := world(t, db, 1, 1)
		s := service(db)
		s.PublicURL = func(context.Context) (string, error) { return "", nil }
		if _, err := s.Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); !errs.Is(err, "public_url_missing") {
			t.Errorf("got %v", err)
		}
		var n int64
		if err := db.Read(context.Background()).Model(&models.Register{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("a register was begun: %d %v", n, err)
		}
	}, based)
}
