package handlers_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/credential"
	"taphuan/app/file"
	"taphuan/app/history"
	"taphuan/app/proof"
	"taphuan/app/settings"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/handlers"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// world is a site in which everything that a path can name exists once, at an office where nobody of those who ask works, and
// in courses that none of them has a part in.
type world struct {
	t           *testing.T
	site        *testweb.Site
	home, other models.Organisation
	draft       models.Course // that nobody but the whole plan's people may see
	closed      models.Course // with a certificate
	ids         map[string]uint64
	accounts    int
	code        string // of the certificate
}

const (
	homeOffice  = "SO-VHTTDL"
	otherOffice = "SO-GDDT"
)

func newWorld(t *testing.T, site *testweb.Site) *world {
	t.Helper()
	w := &world{t: t, site: site, ids: map[string]uint64{}}
	read := site.DB.Read(t.Context())
	w.must(read.Where("code = ?", homeOffice).Take(&w.home).Error)
	w.must(read.Where("code = ?", otherOffice).Take(&w.other).Error)
	var p models.Plan
	var typ models.CourseType
	w.must(read.Take(&p).Error)
	w.must(read.Where("plan_id = ?", p.ID).Order("id").First(&typ).Error)
	cadre := models.Cadre{FullName: "Bế Thị Ngoài", BirthYear: 1985}
	w.create(&cadre)
	posting := models.Posting{CadreID: cadre.ID, OrganisationID: w.other.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true}
	w.create(&posting)
	leave := models.Leave{PostingID: posting.ID, Kind: models.LeaveStudy, FromDay: models.MustDay("2026-01-01"), ToDay: models.MustDay("2026-02-01")}
	w.create(&leave)
	day := models.MustDay("2026-11-20")
	w.draft = models.Course{PlanID: p.ID, Code: "NGOAI-1", Title: "Lớp đang soạn", CourseTypeID: typ.ID, State: models.CourseDraft, HostID: w.other.ID, Venue: "Cao Bằng",
		Capacity: 10, RulePercent: 80, FirstDay: day, LastDay: day, Version: 1}
	w.closed = w.draft
	w.closed.Code, w.closed.Title, w.closed.State, w.closed.ClosedAt = "NGOAI-2", "Lớp đã đóng", models.CourseClosed, new(site.DB.Time())
	w.create(&w.draft, &w.closed)
	session := models.Session{CourseID: w.draft.ID, Day: day, StartMinute: 450, EndMinute: 690, Room: "Hội trường"}
	enrolment := models.Enrolment{CourseID: w.draft.ID, CadreID: cadre.ID, OrganisationID: &w.other.ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
	completion := models.Completion{CadreID: cadre.ID, CourseID: &w.closed.ID, EffectiveDay: day, TotalMinutes: 240, AttendedMinutes: 240}
	job := models.Job{Kind: "roster.import", State: models.JobDone, Payload: "{}", Result: "{}"}
	silent := site.DB.Time().AddDate(0, 0, -6) // for as long nothing was said about the name that the certificate prints
	seat := models.Enrolment{CourseID: w.closed.ID, CadreID: cadre.ID, OrganisationID: &w.other.ID, State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeCompleted, DecidedAt: &silent}
	printed := models.Job{Kind: certificate.JobPrint, State: models.JobDone, Payload: "{}", Result: "{}"}
	w.create(&session, &enrolment, &seat, &completion, &job, &printed)
	w.create(&models.JobFile{JobID: printed.ID, Body: []byte("%PDF-1.7\n"), CreatedAt: site.DB.Time()})
	roster := models.RosterImport{FileName: "danh-sach.xlsx", EffectiveDay: day, State: models.ImportCancelled, File: []byte{}, Preview: []byte{}, JobID: &job.ID}
	w.create(&roster)
	house := models.Venue{Name: "Nhà văn hóa"}
	w.create(&house)
	room := models.Room{VenueID: house.ID, Name: "Hội trường", Capacity: 100}
	w.create(&room)
	asked := models.Proposal{PlanID: p.ID, OrganisationID: p.RootID, Ask: `{"organisation":"CB","groups":["QCN"],"course_type":"conference","host":"` + otherOffice + `","from":"2026-12-08","until":"2027-12-08","days":2,"each":1,"least":1,"most":9,"at_once":1,"attendance":90,"rooms":[` + strconv.FormatUint(room.ID, 10) + `]}`,
		Found: `{"goals":[{"group":"QCN","target":100,"denominator":1,"missing":1,"wanted":1,"asked":1}],"share":1000,"options":[{"aim":"days","invited":[1],"classes":[{"area":"Thành phố Cao Bằng","days":["2026-12-08"],"people":[` + strconv.FormatUint(cadre.ID, 10) + `]}]}]}`}
	w.create(&asked)
	w.setUpCertificates()
	signatory := w.signatory()
	teaches := site.Account(t, testweb.Account{Name: "Người dạy nơi khác", SignIn: "day", Role: models.RoleTrainer})
	service := &certificate.Service{DB: site.DB, Templates: &template.Service{DB: site.DB}, Proofs: &proof.Service{DB: site.DB, Keys: site.Server.Keys}, PublicURL: w.publicURL}
	w.must(service.SetSigning(t.Context(), access.System(), certificate.SigningInput{IssuerID: w.home.ID, Signing: models.SigningExternal}))
	if _, err := service.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: w.closed.ID, IssuerID: w.home.ID, SignatoryID: signatory}); err != nil {
		t.Fatal(err)
	}
	badges := &credential.Service{DB: site.DB, Proofs: service.Proofs, PublicURL: w.publicURL}
	w.must(badges.Set(t.Context(), store.By{}, true))
	w.must((&settings.Service{DB: site.DB}).SetOpen(t.Context(), store.By{}, true))
	var c models.Certificate
	w.must(read.Take(&c).Error)
	w.code = c.Code
	head := site.Account(t, testweb.Account{Name: "Thủ trưởng nơi khác", SignIn: "ngoai", Role: models.RoleHead, Organisation: otherOffice})
	var grant models.Grant
	w.must(read.Where("account_id = ?", head).Take(&grant).Error)
	recognition := w.recognition(cadre.ID)
	token := models.Token{AccountID: head, Name: "của người khác", TokenHash: "0"}
	w.create(&token)
	twin := models.Cadre{FullName: "Bế Thị Ngoài", BirthYear: 1985}
	w.create(&twin)
	test := models.Quiz{CourseID: w.draft.ID, Kind: models.QuizPost, Shows: models.ShowsPoints, Version: 1, OpensAt: new(site.DB.Time())}
	w.create(&test)
	question := models.QuizQuestion{QuizID: test.ID, Text: "Câu hỏi", Choices: []string{"Đúng", "Sai"}, Answer: 1, Points: 1}
	w.create(&question)
	scan := models.StoredFile{Name: "ky.pdf", ContentType: "application/pdf", Sha256: "0", SizeBytes: 9}
	sealed, err := site.Server.Keys.Seal("stored_file", "%PDF-1.7\n")
	w.must(err)
	scan.Body = sealed
	w.create(&scan)
	signed := models.SignedSheet{SessionID: session.ID, FileID: scan.ID, AccountID: head}
	w.create(&signed)
	paper := models.CertificateScan{CertificateID: c.ID, FileID: scan.ID}
	w.create(&paper)
	stray := models.WalkIn{UID: "01926f3e-7c00-7000-8000-000000000009", CourseID: w.draft.ID, SessionID: session.ID, Name: "Lục Văn Lạ", Office: "UBND xã", State: models.WalkInOpen, AccountID: head}
	w.create(&stray)
	picture := models.TemplatePicture{Name: "Dấu", SHA256: strings.Repeat("0", 64), ContentType: "image/png", Width: 1, Height: 1, Body: []byte{}}
	w.create(&picture)
	var shelf models.Template
	w.must(read.Order("id").First(&shelf).Error)
	book := models.Register{IssuerID: w.other.ID, Year: 2025, Symbol: "GCN-KHAC", NextNumber: 1}
	w.create(&book)
	w.must(service.CloseRegister(t.Context(), access.System(), book.ID))
	w.ids = map[string]uint64{"registers": book.ID, "templates": shelf.ID, "versions": 1, "pictures": picture.ID, "walk-ins": stray.ID, "signed-sheets": signed.ID, "quizzes": test.ID, "questions": question.ID, "twins": w.twins(cadre.ID, twin.ID), "accounts": head, "grants": grant.ID, "tokens": token.ID, "cadres": cadre.ID, "postings": posting.ID, "leaves": leave.ID,
		"organisations": w.other.ID, "coverage": w.other.ID, "courses": w.draft.ID, "sessions": session.ID, "enrolments": enrolment.ID, "nominations": enrolment.ID, "attendance": enrolment.ID,
		"certificates": c.ID, "issuers": w.home.ID, "keys": w.signingKey(), "certificate-scans": paper.ID, "signatories": signatory, "jobs": printed.ID, "completions": completion.ID, "recognitions": recognition, "trainers": teaches, "proposals": asked.ID, "venues": house.ID, "rooms": room.ID, "imports": roster.ID, "name-checks": enrolment.ID}
	return w
}

// signingKey is the demonstration key.
func (w *world) signingKey() uint64 {
	w.t.Helper()
	_, err := (&signing.Service{DB: w.site.DB, Keys: w.site.Server.Keys}).AddDemo(w.t.Context())
	w.must(err)
	var k models.SigningKey
	w.must(w.site.DB.Read(w.t.Context()).Take(&k).Error)
	return k.ID
}

// recognition proposes training elsewhere of a cadre, with a scan.
func (w *world) recognition(cadreID uint64) uint64 {
	w.t.Helper()
	h := &history.Service{DB: w.site.DB, Files: &file.Service{DB: w.site.DB, Keys: w.site.Server.Keys}}
	id, err := h.Propose(w.t.Context(), access.System(), []uint64{cadreID}, history.Training{Title: "Tập huấn của Bộ", Body: "Bộ Tư pháp", FirstDay: models.MustDay("2025-05-05"),
		LastDay: models.MustDay("2025-05-06"), PaperNumber: "12/GCN-BTP", Components: []models.Component{models.ComponentUpdate}}, &file.Upload{Name: "giay.pdf", Body: []byte("%PDF-1.7\n")}, false)
	w.must(err)
	return id
}

// path puts the world's things in the place of a route's parameters; "" where it has none of a kind.
func (w *world) path(r handlers.Route) string {
	missing := false
	if file, of := strings.CutPrefix(r.Path, "/courses/:id/"); of && (file == "certificates.zip" || file == "to-sign.zip" || file == "receipts.pdf") { // a draft has none
		return "/courses/" + strconv.FormatUint(w.closed.ID, 10) + "/" + file
	}
	path := param.ReplaceAllStringFunc(r.Path, func(s string) string {
		m := param.FindStringSubmatch(s)
		if m[2] == "code" && m[1] == "organisations" {
			return m[1] + "/" + w.other.Code
		}
		if m[2] == "code" && m[1] == "plans" {
			return m[1] + "/CB-QCN-2023-2028"
		}
		if m[2] == "code" {
			return m[1] + "/" + w.code
		}
		noun := m[1]
		id, ok := w.ids[noun]
		missing = missing || !ok
		return noun + "/" + strconv.FormatUint(id, 10)
	})
	if missing {
		return ""
	}
	return path
}

// as makes an account of a role at the home office: a head heads it, a cadre works there.
func (w *world) as(role models.Role) *asker {
	w.t.Helper()
	w.accounts++
	a := testweb.Account{Name: "Lý Thị Thử", SignIn: string(role) + ".w" + strconv.Itoa(w.accounts), Role: role}
	switch role {
	case models.RoleHead:
		a.Organisation = w.home.Code
	case models.RoleCadre:
		a.CadreID = w.cadre("Lý Thị Thử")
	}
	return as(w.t, w.site, a)
}

// cadre makes somebody who works at the home office.
func (w *world) cadre(name string) uint64 {
	w.t.Helper()
	c := models.Cadre{FullName: name, BirthYear: 1990}
	w.create(&c)
	w.create(&models.Posting{CadreID: c.ID, OrganisationID: w.home.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true})
	return c.ID
}

// setUpCertificates sets what issuing needs: a public address, an issuer and somebody who signs.
func (w *world) setUpCertificates() {
	w.t.Helper()
	ctx := w.t.Context()
	w.must((&settings.Service{DB: w.site.DB}).Set(ctx, store.By{}, settings.Settings{PublicURL: "https://taphuan.example.vn"}))
	c := &certificate.Service{DB: w.site.DB, Templates: &template.Service{DB: w.site.DB}, PublicURL: w.publicURL}
	w.must(c.SaveIssuer(ctx, access.System(), models.Issuer{OrganisationID: w.home.ID, Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Name: w.home.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"}))
	w.must(c.SaveSignatory(ctx, access.System(), models.Signatory{OrganisationID: w.home.ID, Name: "Hoàng Văn Thạch", Title: "Giám đốc"}))
}

func (w *world) publicURL(context.Context) (string, error) { return "https://taphuan.example.vn", nil }

func (w *world) signatory() uint64 {
	w.t.Helper()
	var s models.Signatory
	w.must(w.site.DB.Read(w.t.Context()).Take(&s).Error)
	return s.ID
}

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.site.DB.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
