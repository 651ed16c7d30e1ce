package certificate

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/namecheck"
	"taphuan/app/proof"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
	"taphuan/models/viet"
)

// IssueInput says under whose name a course's certificates are issued.
type IssueInput struct {
	CourseID    uint64 `json:"course_id"`
	IssuerID    uint64 `json:"issuer_id"` // organisation; 0: the course's host
	SignatoryID uint64 `json:"signatory_id"`
}

// source is what a certificate is made from, read in one query.
type source struct {
	CompletionID uint64
	CadreID      uint64
	CourseID     uint64
	FullName     string
	SortKey      string
	Sex          string
	BirthYear    int
	BirthDay     models.Day
	JobTitle     string
	OrgName      string
	CourseTitle  string
	TypeName     string
	TypeNameEn   string
	TemplateID   *uint64 // that the course has chosen
	Venue        string
	FirstDay     models.Day
	LastDay      models.Day
	Minutes      int
	CheckState   models.NameCheckState
	SeatAt       *time.Time // when they got the seat
	EnrolledAt   *time.Time
	CompletedAt  *time.Time // when the completion was recorded
}

// standing is how the name stands before it is printed.
func (x source) standing() namecheck.Standing {
	return namecheck.Standing{State: x.CheckState, Asked: namecheck.Asked(x.SeatAt, x.EnrolledAt, x.CompletedAt)}
}

// sources gives the completions that want, with the name and the posting of today's roster (the posting on the course's last day).
func sources(db *gorm.DB, want func(*gorm.DB) *gorm.DB) ([]source, error) {
	var out []source
	err := db.Table("completions").Scopes(want).
		Joins("JOIN cadres ON cadres.id = completions.cadre_id").
		Joins("JOIN courses ON courses.id = completions.course_id").
		Joins("JOIN course_types ON course_types.id = courses.course_type_id").
		Joins("LEFT JOIN postings ON postings.cadre_id = cadres.id AND postings.main = ? AND postings.from_day <= completions.effective_day AND postings.to_day > completions.effective_day", true).
		Joins("LEFT JOIN organisations ON organisations.id = postings.organisation_id").
		Joins("LEFT JOIN enrolments ON enrolments.course_id = completions.course_id AND enrolments.cadre_id = completions.cadre_id").
		Joins("LEFT JOIN name_checks ON name_checks.enrolment_id = enrolments.id").
		Where("completions.voided_at IS NULL").
		Select("completions.id AS completion_id, completions.cadre_id, completions.course_id, cadres.full_name, cadres.sort_key, cadres.sex, cadres.birth_year, cadres.birth_day, " +
			"COALESCE(postings.title, '') AS job_title, COALESCE(organisations.name, '') AS org_name, courses.title AS course_title, course_types.name_vi AS type_name, course_types.name_en AS type_name_en, courses.template_id, " +
			"courses.venue, courses.first_day, courses.last_day, completions.total_minutes AS minutes, " +
			"COALESCE(name_checks.state, '') AS check_state, enrolments.decided_at AS seat_at, enrolments.created_at AS enrolled_at, completions.created_at AS completed_at").
		Order("cadres.sort_key, completions.id").Scan(&out).Error
	return out, err
}

// Issue issues a certificate for each completion of a closed course that has none and whose name has been checked (namecheck.Standing),
// numbered without gaps in the order of names, in one transaction. It gives how many; the others wait for their day.
//
// It refuses: no public address ("public_url_missing"), a course out of scope (not_found) or not closed ("course_not_closed"),
// no issuer's details ("issuer_missing"), no such signatory of the issuer today ("signatory_missing"), nothing to issue
// ("nothing_to_issue"), nobody's name checked yet ("names_not_ready"), letters that the fonts lack ("glyph_missing"), a text too long for
// the template ("template_overflow"), a register that was signed off ("register_closed").
func (s *Service) Issue(ctx context.Context, actor access.Actor, in IssueInput) (int, error) {
	return s.issue(ctx, actor, in, nil)
}

// issue is Issue, and tells how far it is; progress may be nil.
func (s *Service) issue(ctx context.Context, actor access.Actor, in IssueInput, progress job.Progress) (int, error) {
	base, err := s.publicURL(ctx)
	if err != nil {
		return 0, err
	}
	n, err := s.numbered(ctx, actor.By, func(tx *store.Tx, r *rehearsal) (uint64, error) {
		// Under the course's lock: of one that is being opened again none are issued.
		c, err := course.Lock(tx, actor, access.CertificateIssue, in.CourseID)
		if err != nil {
			return 0, err
		}
		if c.State != models.CourseClosed {
			return 0, errs.Conflict("course_not_closed")
		}
		issuerID := in.IssuerID
		if issuerID == 0 {
			issuerID = c.HostID
		}
		desk, err := s.openDesk(tx, r, base, issuerID, in.SignatoryID)
		if err != nil {
			return 0, err
		}
		desk.progress = progress
		// Read under the register's lock: two issuers of one course do not both see a completion without a certificate.
		all, err := sources(tx.DB, without(c.ID))
		if err != nil {
			return 0, err
		}
		if len(all) == 0 {
			return 0, errs.Conflict("nothing_to_issue")
		}
		list := ready(all, tx.Today)
		if len(list) == 0 {
			return 0, errs.Conflict("names_not_ready", errs.Params{"n": len(all)})
		}
		if err := desk.issue(list, nil); err != nil {
			return 0, err
		}
		return uint64(len(list)), tx.Audit("certificate.issue", "course", c.ID, map[string]any{"register": desk.register.ID, "from": desk.first, "count": len(list)})
	})
	return int(n), err
}

// without are the completions of a course that have no standing certificate.
func without(courseID uint64) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("completions.course_id = ? AND NOT EXISTS (SELECT 1 FROM certificates WHERE certificates.live_completion_id = completions.id)", courseID)
	}
}

// ready are those whose name may be printed on the day.
func ready(all []source, day models.Day) []source {
	var out []source
	for _, x := range all {
		if x.standing().Ready(day) {
			out = append(out, x)
		}
	}
	return out
}

func (s *Service) publicURL(ctx context.Context) (string, error) {
	base, err := s.PublicURL(ctx)
	if err != nil {
		return "", err
	}
	if base == "" {
		return "", errs.Conflict("public_url_missing")
	}
	return strings.TrimSuffix(base, "/"), nil
}

// desk issues under one register, whose row it has locked.
type desk struct {
	s         *Service
	tx        *store.Tx
	at        time.Time  // when all of it is issued
	rehearsed *rehearsal // nil: nothing was
	base      string
	issuer    models.Issuer
	signatory models.Signatory
	register  models.Register
	first     int
	prover    ed25519.PrivateKey // nil: QR codes hold the address alone
	progress  job.Progress       // told of each that was drawn; nil for nobody
}

func (s *Service) openDesk(tx *store.Tx, r *rehearsal, base string, issuerID, signatoryID uint64) (*desk, error) {
	d := &desk{s: s, tx: tx, base: base, at: tx.Now, rehearsed: r}
	if r != nil {
		d.at = r.at
	}
	err := tx.Where("organisation_id = ?", issuerID).Take(&d.issuer).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.Conflict("issuer_missing")
	}
	if err != nil {
		return nil, err
	}
	err = tx.Where("id = ? AND organisation_id = ? AND from_day <= ? AND to_day > ?", signatoryID, issuerID, tx.Today, tx.Today).Take(&d.signatory).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.OnField("signatory", "signatory_missing")
	}
	if err != nil {
		return nil, err
	}
	if s.Proofs != nil {
		if d.prover, err = s.Proofs.Signer(tx); err != nil {
			return nil, err
		}
	}
	year := tx.Today.Year()
	fresh := models.Register{IssuerID: issuerID, Year: year, Symbol: d.issuer.Symbol, NextNumber: 1}
	var there int64
	if err := tx.Model(&models.Register{}).Where("issuer_id = ? AND year = ?", issuerID, year).Count(&there).Error; err != nil {
		return nil, err
	}
	if there == 0 {
		// The first of the year; whoever is second waits here and finds it.
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
			return nil, err
		}
	}
	err = tx.Lock().Where("issuer_id = ? AND year = ?", issuerID, year).Take(&d.register).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.Conflict("register_symbol_taken", errs.Params{"symbol": d.issuer.Symbol})
	}
	if d.register.ClosedAt != nil {
		return nil, errs.Conflict("register_closed", errs.Params{"symbol": d.register.Symbol, "year": year})
	}
	d.first = d.register.NextNumber
	return d, err
}

const batch = 100

// issue numbers, draws and records. replaces, when not nil, is the certificate that the only one of list takes the place of. All of
// list are of one course.
func (d *desk) issue(list []source, replaces *uint64) error {
	version, look, err := d.s.Templates.Choose(d.tx, list[0].TemplateID, d.issuer.TemplateID)
	if err != nil {
		return err
	}
	var topics []string
	if err := d.tx.Table("course_topics").Joins("JOIN topics ON topics.id = course_topics.topic_id").Where("course_topics.course_id = ?", list[0].CourseID).
		Order("topics.position, topics.id").Pluck("topics.name_vi", &topics).Error; err != nil {
		return err
	}
	number := d.register.NextNumber
	snaps := make([]template.Snapshot, len(list))
	for i, x := range list {
		snaps[i] = d.snapshot(x, number+i, d.code(i))
		snaps[i].TemplateVersionID, snaps[i].Topics = version, topics
		if snaps[i].Proof, err = d.proof(snaps[i]); err != nil {
			return err
		}
	}
	p, err := d.press(look)
	if err != nil {
		return err
	}
	papers, err := d.documents(p, snaps)
	if err != nil {
		return err
	}
	var certs []*models.Certificate
	for i, x := range list {
		snap := snaps[i]
		b, err := json.Marshal(snap)
		if err != nil {
			return err
		}
		c := &models.Certificate{RegisterID: d.register.ID, Number: number, Serial: snap.Serial, Code: snap.Code, CompletionID: x.CompletionID, LiveCompletionID: &x.CompletionID,
			CadreID: x.CadreID, CourseID: &x.CourseID, State: models.CertificateValid, Signing: d.issuer.Signing, TemplateVersionID: &version, Snapshot: string(b),
			PDFSha256: papers[i][0].SHA256, IssuedDay: d.tx.Today, IssuedAt: d.at, ReplacesID: replaces}
		if d.tx.By.AccountID != 0 {
			c.IssuedByID = &d.tx.By.AccountID
		}
		certs = append(certs, c)
		number++
	}
	if err := d.tx.CreateInBatches(certs, batch).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return errs.Conflict("nothing_to_issue") // somebody else issued them in another register in this moment
	} else if err != nil {
		return err
	}
	var documents []*models.CertificateDocument
	for i, c := range certs {
		for _, x := range papers[i] {
			x.CertificateID = c.ID
			documents = append(documents, x)
		}
	}
	if err := d.tx.CreateInBatches(documents, batch).Error; err != nil {
		return err
	}
	return d.tx.Model(&models.Register{}).Where("id = ?", d.register.ID).Update("next_number", number).Error
}

// code is that of the next certificate but i.
func (d *desk) code(i int) string {
	if d.rehearsed != nil && i < len(d.rehearsed.snaps) {
		return d.rehearsed.snaps[i].Code
	}
	return newCode()
}

func (d *desk) snapshot(x source, number int, code string) template.Snapshot {
	s := template.Snapshot{Serial: fmt.Sprintf("%04d/%d/%s", number, d.register.Year, d.register.Symbol), Code: code, VerifyURL: d.base + "/v/" + code,
		Superior: d.issuer.Superior, Issuer: d.issuer.Name, Place: d.issuer.Place, Name: x.FullName, Sex: x.Sex, Title: x.JobTitle, Organisation: x.OrgName,
		CourseID: x.CourseID, CourseType: x.TypeName, CourseTypeEn: x.TypeNameEn, CourseTitle: x.CourseTitle, From: x.FirstDay.String(), To: x.LastDay.String(), Minutes: x.Minutes, Venue: x.Venue,
		IssuedDay: d.tx.Today.String(), IssuedAt: d.at, SignForm: d.signatory.Form, SignFor: d.signatory.FormTitle, SignTitle: d.signatory.Title, SignName: d.signatory.Name}
	switch {
	case x.BirthDay != 0:
		s.Born = x.BirthDay.String()
	case x.BirthYear != 0:
		s.Born = fmt.Sprint(x.BirthYear)
	}
	return s
}

// proof is the signed statement behind the address in the QR code.
func (d *desk) proof(s template.Snapshot) (string, error) {
	if d.prover == nil {
		return "", nil
	}
	return proof.Sign(proof.Statement{Serial: s.Serial, Name: s.Name, Course: s.CourseTitle, Issuer: s.Issuer, Issued: d.tx.Today, Minutes: s.Minutes}, d.prover)
}

// Revoke ends a certificate; its number is never used again and its completion stays. It refuses an empty reason
// ("reason_missing") and a certificate that does not stand ("certificate_ended").
func (s *Service) Revoke(ctx context.Context, actor access.Actor, id uint64, reason string) error {
	reason = viet.NFC(reason)
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := end(tx, actor, id, models.CertificateRevoked, reason); err != nil {
			return 0, err
		}
		return id, tx.Audit("certificate.revoke", "certificate", id, map[string]any{"reason": reason})
	})
	return err
}

// Replace issues a corrected certificate with a new number, with what the roster says now, in the place of one that stands; it
// gives the new one's id. It refuses as Revoke and Issue do.
func (s *Service) Replace(ctx context.Context, actor access.Actor, id, signatoryID uint64, reason string) (uint64, error) {
	reason = viet.NFC(reason)
	base, err := s.publicURL(ctx)
	if err != nil {
		return 0, err
	}
	return s.numbered(ctx, actor.By, func(tx *store.Tx, r *rehearsal) (uint64, error) {
		old, err := end(tx, actor, id, models.CertificateReplaced, reason)
		if err != nil {
			return 0, err
		}
		var reg models.Register
		if err := tx.Take(&reg, old.RegisterID).Error; err != nil {
			return 0, err
		}
		desk, err := s.openDesk(tx, r, base, reg.IssuerID, signatoryID)
		if err != nil {
			return 0, err
		}
		list, err := sources(tx.DB, func(q *gorm.DB) *gorm.DB { return q.Where("completions.id = ?", old.CompletionID) })
		if err != nil {
			return 0, err
		}
		if len(list) == 0 {
			return 0, errs.Conflict("nothing_to_issue")
		}
		if err := desk.issue(list[:1], &old.ID); err != nil {
			return 0, err
		}
		var fresh models.Certificate
		if err := tx.Select("id").Where("live_completion_id = ?", old.CompletionID).Take(&fresh).Error; err != nil {
			return 0, err
		}
		return fresh.ID, tx.Audit("certificate.replace", "certificate", id, map[string]any{"reason": reason, "replaced_by": fresh.ID})
	})
}

func end(tx *store.Tx, actor access.Actor, id uint64, state models.CertificateState, reason string) (models.Certificate, error) {
	var c models.Certificate
	if reason == "" {
		return c, errs.OnField("reason", "reason_missing")
	}
	if len([]rune(reason)) > 500 {
		return c, errs.OnField("reason", "too_long", errs.Params{"n": 500})
	}
	err := tx.Scopes(access.Certificates(actor, access.CertificateIssue, tx.Today)).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("certificate")
	}
	if err != nil {
		return c, err
	}
	// The register before the certificate: whoever signs it off meanwhile does so before this or after it.
	var r models.Register
	if err := tx.Lock().Take(&r, c.RegisterID).Error; err != nil {
		return c, err
	}
	if err := tx.Lock().Take(&c, id).Error; err != nil {
		return c, err
	}
	if c.State != models.CertificateValid {
		return c, errs.Conflict("certificate_ended")
	}
	set := map[string]any{"state": state, "live_completion_id": nil, "ended_at": endedAt(r, tx.Now), "end_reason": reason}
	if tx.By.AccountID != 0 {
		set["ended_by_id"] = tx.By.AccountID
	}
	return c, tx.Model(&models.Certificate{}).Where("id = ?", id).Updates(set).Error
}
