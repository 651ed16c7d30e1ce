package credential_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/credential"
	"taphuan/app/errs"
	"taphuan/app/proof"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// bench is a system with three certificates of one course.
type bench struct {
	t       *testing.T
	db      *store.DB
	address string // the public one
	badges  *credential.Service
	certs   *certificate.Service
	host    uint64
	course  uint64
	signs   uint64
}

func newBench(t *testing.T, db *store.DB) *bench {
	t.Helper()
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, db: db, address: "https://taphuan.example.vn"}
	public := func(context.Context) (string, error) { return b.address, nil }
	b.certs = &certificate.Service{DB: db, Templates: &template.Service{DB: db}, PublicURL: public}
	b.badges = &credential.Service{DB: db, Certificates: b.certs, Proofs: &proof.Service{DB: db, Keys: keys}, PublicURL: public}
	var org models.Organisation
	var typ models.CourseType
	var plan models.Plan
	read := db.Read(t.Context())
	b.must(read.Where("code = ?", "SO-VHTTDL").Take(&org).Error)
	b.must(read.Where("code = ?", "conference").Take(&typ).Error)
	b.must(read.Take(&plan).Error)
	b.host = org.ID
	day := models.MustDay("2026-11-20")
	_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		c := models.Course{PlanID: plan.ID, Code: "L1", Title: "Tập huấn", CourseTypeID: typ.ID, State: models.CourseClosed, HostID: org.ID, Capacity: 10, RulePercent: 80, FirstDay: day, LastDay: day, ClosedAt: &tx.Now}
		if err := tx.Create(&c).Error; err != nil {
			return 0, err
		}
		b.course = c.ID
		silent := tx.Now.AddDate(0, 0, -6)
		for _, name := range []string{"Nông Văn A", "Nông Văn B", "Nông Văn C"} {
			k := models.Cadre{FullName: name, BirthYear: 1980, Phone: "0912345678", Email: "nong@example.vn"}
			if err := tx.Create(&k).Error; err != nil {
				return 0, err
			}
			for _, x := range []any{
				&models.Posting{CadreID: k.ID, OrganisationID: org.ID, Title: "Chuyên viên", FromDay: models.MustDay("2024-01-01"), ToDay: models.Forever, Main: true},
				&models.Enrolment{CourseID: c.ID, CadreID: k.ID, State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeCompleted, DecidedAt: &silent},
				&models.Completion{CadreID: k.ID, CourseID: &c.ID, EffectiveDay: day, TotalMinutes: 480, AttendedMinutes: 480},
			} {
				if err := tx.Create(x).Error; err != nil {
					return 0, err
				}
			}
		}
		return 0, nil
	})
	b.must(err)
	b.must(b.certs.SaveIssuer(t.Context(), access.System(), models.Issuer{OrganisationID: org.ID, Name: org.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"}))
	b.must(b.certs.SaveSignatory(t.Context(), access.System(), models.Signatory{OrganisationID: org.ID, Name: "Hoàng Văn Thạch", Title: "Giám đốc"}))
	var s models.Signatory
	b.must(read.Take(&s).Error)
	b.signs = s.ID
	_, err = b.certs.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: b.course, SignatoryID: s.ID})
	b.must(err)
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) exec(sql string, values ...any) {
	b.t.Helper()
	_, err := b.db.Write(b.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Exec(sql, values...).Error })
	b.must(err)
}

func (b *bench) all() (out []models.Certificate) {
	b.t.Helper()
	b.must(b.db.Read(b.t.Context()).Order("id").Find(&out).Error)
	return out
}

func (b *bench) token(id uint64) string {
	b.t.Helper()
	f, err := b.badges.Of(b.t.Context(), access.System(), access.CertificateRead, id)
	b.must(err)
	return f.Token
}

// open checks a token with the published keys and gives its payload.
func (b *bench) open(token string, into any) string {
	b.t.Helper()
	keys, err := b.badges.Keys(b.t.Context())
	b.must(err)
	x, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	b.must(err)
	payload, err := x.Verify(keys)
	b.must(err)
	b.must(json.Unmarshal(payload, into))
	return string(payload)
}

// revoked says what the published list says of a certificate.
func (b *bench) revoked(id uint64) bool {
	b.t.Helper()
	var c credential.Credential
	b.open(b.token(id), &c)
	token, err := b.badges.StatusList(b.t.Context(), b.host, 0)
	b.must(err)
	var list credential.StatusList
	b.open(token, &list)
	if list.ID != c.Status.Credential || list.Issuer != c.Issuer.ID {
		b.t.Fatalf("the credential asks for %s of %s, the list is %s of %s", c.Status.Credential, c.Issuer.ID, list.ID, list.Issuer)
	}
	i, err := strconv.Atoi(c.Status.Index)
	b.must(err)
	return unpack(b.t, list.Subject.Encoded)[i/8]>>(7-i%8)&1 == 1
}

func TestCredentialsAreOffUntilTheyAreSwitchedOnUnderAPublicAddress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		id := b.all()[0].ID
		off := func(when string) {
			t.Helper()
			_, of := b.badges.Of(t.Context(), access.System(), access.CertificateRead, id)
			_, shared := b.badges.Shared(t.Context(), "x")
			_, issuer := b.badges.Issuer(t.Context(), b.host)
			_, achievement := b.badges.Achievement(t.Context(), b.course)
			_, keys := b.badges.Keys(t.Context())
			_, key := b.badges.Key(t.Context(), "x")
			_, list := b.badges.StatusList(t.Context(), b.host, 0)
			for i, err := range []error{of, shared, issuer, achievement, keys, key, list} {
				if !errs.Is(err, "not_found") {
					t.Errorf("%s, %d: %v", when, i, err)
				}
			}
		}
		off("at first")
		public := b.address
		b.address = ""
		if err := b.badges.Set(t.Context(), store.By{}, true); !errs.Is(err, "public_url_missing") {
			t.Error(err)
		}
		off("refused")
		b.address = public
		for range 2 { // a double click
			b.must(b.badges.Set(t.Context(), store.By{}, true))
		}
		first := b.token(id)
		// Another public address later does not change what credentials are called.
		b.address = "https://khac.example.vn"
		b.must(b.badges.Set(t.Context(), store.By{}, true))
		var c, again credential.Credential
		if before, after := b.open(first, &c), b.open(b.token(id), &again); before != after || !strings.HasPrefix(c.ID, public+"/") {
			t.Errorf("%s\n%s", before, after)
		}
		for range 2 {
			b.must(b.badges.Set(t.Context(), store.By{}, false))
		}
		off("off again")
		var said []string
		b.must(db.Read(t.Context()).Model(&models.AuditEntry{}).Where("action LIKE 'credential.%' OR action = 'proof_key.create'").Order("id").Pluck("action", &said).Error)
		if strings.Join(said, " ") != "proof_key.create credential.on credential.off" {
			t.Error(said)
		}
	}, testseed.Base)
}

func TestACredentialSaysWhatItsCertificateSaidWhateverChangesLater(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.must(b.badges.Set(t.Context(), store.By{}, true))
		c := b.all()[0]
		var before, after credential.Credential
		said := b.open(b.token(c.ID), &before)
		for _, secret := range []string{"0912345678", "nong@example.vn", "1980", "Chuyên viên"} {
			if strings.Contains(said, secret) {
				t.Errorf("the credential holds %q", secret)
			}
		}
		if before.Subject.Identifier[0].IdentityHash != "Nông Văn A" || before.Evidence[0].ID != "https://taphuan.example.vn/v/"+c.Code {
			t.Errorf("%+v", before)
		}
		b.exec("UPDATE cadres SET full_name = 'Khác'")
		b.exec("UPDATE issuers SET name = 'Khác', symbol = 'KHAC'")
		b.exec("UPDATE courses SET title = 'Khác'")
		// A key that signs no longer still vouches for what it signed.
		old := b.token(c.ID)
		if _, err := b.badges.Proofs.Rotate(t.Context(), store.By{}, models.ProofES256); err != nil {
			t.Fatal(err)
		}
		b.open(old, &after)
		fresh := b.token(c.ID)
		if now := b.open(fresh, &after); now != said {
			t.Errorf("%s\nwas\n%s", now, said)
		}
		if header(t, old) == header(t, fresh) {
			t.Error("the retired key signs on")
		}
		if p, err := b.badges.Issuer(t.Context(), b.host); err != nil || p.ID != before.Issuer.ID || p.Name != "Khác" {
			t.Errorf("%+v %v", p, err)
		}
		if a, err := b.badges.Achievement(t.Context(), b.course); err != nil || a.ID != before.Subject.Achievement.ID || a.Name != "Tập huấn" {
			t.Errorf("%+v %v", a, err)
		}
	}, testseed.Base)
}

func TestRevokedAndReplacedCertificatesAreSetInTheStatusListAndNoOthers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.must(b.badges.Set(t.Context(), store.By{}, true))
		all := b.all()
		for _, c := range all {
			if b.revoked(c.ID) {
				t.Errorf("%s stands and is set", c.Serial)
			}
		}
		b.must(b.certs.Revoke(t.Context(), access.System(), all[0].ID, "cấp nhầm"))
		if _, err := b.certs.Replace(t.Context(), access.System(), all[1].ID, b.signs, "sai tên"); err != nil {
			t.Fatal(err)
		}
		for i, c := range b.all() {
			if want := i < 2; b.revoked(c.ID) != want {
				t.Errorf("%s (%s): %v", c.Serial, c.State, !want)
			}
		}
		token, err := b.badges.StatusList(t.Context(), b.host, 0)
		b.must(err)
		var list credential.StatusList
		b.open(token, &list)
		if list.ValidFrom != "2026-11-24T01:00:00Z" || list.ValidUntil != "2026-11-25T01:00:00Z" || list.Exp-list.Nbf != 86400 {
			t.Errorf("%+v", list)
		}
		for _, x := range [][2]uint64{{b.host, 1}, {b.host + 1, 0}, {0, 0}, {b.host, 1 << 62}, {1 << 62, 0}} {
			if _, err := b.badges.StatusList(t.Context(), x[0], x[1]); !errs.Is(err, "not_found") {
				t.Errorf("%v: %v", x, err)
			}
		}
	}, testseed.Base, testdb.At(func() time.Time { return now }))
}

func TestCredentialsAreForWhomTheCertificateIsFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.must(b.badges.Set(t.Context(), store.By{}, true))
		all := b.all()
		holder := access.Actor{CadreID: all[0].CadreID, Grants: []access.Grant{{Role: models.RoleCadre}}}
		if f, err := b.badges.Of(t.Context(), holder, access.OwnRead, all[0].ID); err != nil || f.Name != "giay-chung-nhan-0001-2026-GCN-QCN.jwt" {
			t.Errorf("%+v %v", f, err)
		}
		for _, id := range []uint64{all[1].ID, 987654321} {
			if _, err := b.badges.Of(t.Context(), holder, access.OwnRead, id); !errs.Is(err, "not_found") {
				t.Errorf("%d: %v", id, err)
			}
		}
		b.must(b.certs.Share(t.Context(), holder, all[0].ID))
		var link string
		b.must(db.Read(t.Context()).Model(&models.CertificateShare{}).Pluck("token", &link).Error)
		if _, err := b.badges.Shared(t.Context(), link); err != nil {
			t.Error(err)
		}
		for _, bad := range []string{"", "x", strings.ToLower(link), link + "é"} {
			if _, err := b.badges.Shared(t.Context(), bad); !errs.Is(err, "not_found") {
				t.Errorf("%q: %v", bad, err)
			}
		}
		b.must(b.certs.Revoke(t.Context(), access.System(), all[0].ID, "cấp nhầm"))
		if _, err := b.badges.Shared(t.Context(), link); !errs.Is(err, "not_found") {
			t.Error(err)
		}
		if _, err := b.badges.Of(t.Context(), holder, access.OwnRead, all[0].ID); err != nil {
			t.Error(err)
		}
	}, testseed.Base)
}

// unpack reads a list as the recommendation says: multibase, base64url, gzip.
func unpack(t *testing.T, encoded string) []byte {
	t.Helper()
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(encoded, "u"))
	if err != nil || encoded[0] != 'u' {
		t.Fatal(encoded, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	list, err := io.ReadAll(r)
	if err != nil || len(list) != 131072/8 {
		t.Fatal(len(list), err)
	}
	return list
}

func header(t *testing.T, token string) string {
	t.Helper()
	first, _, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
