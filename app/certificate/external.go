package certificate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
	"taphuan/models/viet"
)

// Outgoing is a certificate whose document is signed outside of the system.
type Outgoing struct {
	ID        uint64
	Serial    string
	Name, Org string
	State     models.CertificateState
	Signer    string // whose certificate has signed; "": it has not come back
	sent      entry  // the document that was sent out
	roots     string // who has to vouch for signers
}

// Waits says whether the signed document is still to come.
func (x Outgoing) Waits() bool { return x.Signer == "" && x.State == models.CertificateValid }

// sentOut are the documents that go out to be signed.
const sentOut = "JOIN certificate_documents d ON d.certificate_id = certificates.id AND d.kind = 'to_sign'"

// Outgoing reads the certificates of a course that are signed outside, in the order of their numbers. Out of scope is not found.
func (s *Service) Outgoing(ctx context.Context, actor access.Actor, courseID uint64) ([]Outgoing, error) {
	if _, err := s.course(ctx, actor, courseID); err != nil {
		return nil, err
	}
	var rows []struct {
		ID                      uint64
		State                   models.CertificateState
		Snapshot, Signer, Roots string
		Serial, Code            string
		IssuedAt                time.Time
		DocumentID              uint64
		SHA256                  string `gorm:"column:sha256"`
		SizeBytes               int64
		CRC32                   *uint32 `gorm:"column:crc32"`
	}
	err := s.listed(ctx, actor, access.CertificateIssue, Filter{CourseID: courseID}).Joins(sentOut).Joins("JOIN issuers ON issuers.organisation_id = registers.issuer_id").
		Select("certificates.id, certificates.state, certificates.snapshot, certificates.serial, certificates.code, certificates.issued_at, d.id AS document_id, d.sha256, d.size_bytes, d.crc32, " +
			"issuers.signature_roots AS roots, " + signer).
		Order("certificates.id").Scan(&rows).Error
	out := make([]Outgoing, len(rows))
	for i, r := range rows {
		var snap template.Snapshot
		if err := json.Unmarshal([]byte(r.Snapshot), &snap); err != nil {
			return nil, err
		}
		out[i] = Outgoing{ID: r.ID, Serial: r.Serial, Name: snap.Name, Org: snap.Organisation, State: r.State, Signer: r.Signer, roots: r.Roots,
			sent: entry{DocumentID: r.DocumentID, Serial: r.Serial, Code: r.Code, IssuedAt: r.IssuedAt, SHA256: r.SHA256, SizeBytes: r.SizeBytes, CRC32: r.CRC32}}
	}
	return out, err
}

// course reads a course whose certificates the actor may issue. Out of scope is not found.
func (s *Service) course(ctx context.Context, actor access.Actor, id uint64) (models.Course, error) {
	var c models.Course
	err := s.DB.Read(ctx).Scopes(access.Courses(actor, access.CertificateIssue, s.DB.Time())).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("course")
	}
	return c, err
}

// ToSign gives the documents of a course that are to be signed outside and have not come back, as one archive. It refuses with
// "nothing_to_sign" where there is none.
func (s *Service) ToSign(ctx context.Context, actor access.Actor, courseID uint64) (*Archive, error) {
	all, err := s.Outgoing(ctx, actor, courseID)
	if err != nil {
		return nil, err
	}
	a := &Archive{ctx: ctx, s: s}
	for _, x := range all {
		if x.Waits() {
			a.entries = append(a.entries, x.sent)
		}
	}
	if len(a.entries) == 0 {
		return nil, errs.Conflict("nothing_to_sign")
	}
	if err := s.count(ctx, a.entries); err != nil {
		return nil, err
	}
	a.layOut()
	return a, nil
}

// Returned says what became of a file that has come back.
type Returned struct {
	File          string
	CertificateID uint64 // 0: nobody's
	Serial        string
	Signer        string      // whose certificate signed it
	VouchedBy     string      // who vouches for that
	Refused       *errs.Error // nil: it was taken

	body []byte
}

// mostTries bounds how often files whose name says nothing are compared with what was sent out.
const mostTries = 3000

// TakeSigned takes documents back that were sent out of a course and have been signed, PDFs or ZIPs of them. Each is held to the document
// whose number its name says, else to all that wait. What is taken is kept beside what was sent out; nothing else changes. It gives
// what became of each file, in their order. Refusals of single files: what signature.TakeBack refuses, "signed_file_unknown",
// "signed_already", "certificate_ended", "signature_not_trusted". It refuses the whole: no file ("signed_files_missing"), too many or too
// large ones ("signed_files_many"), a course out of scope (not_found).
func (s *Service) TakeSigned(ctx context.Context, actor access.Actor, courseID uint64, files []file.Upload) ([]Returned, error) {
	all, err := s.Outgoing(ctx, actor, courseID)
	if err != nil {
		return nil, err
	}
	if files, err = unpack(files); err != nil {
		return nil, err
	}
	in := inbox{s: s, all: all, done: map[uint64]bool{}}
	entries := make([]entry, len(all))
	for i := range all {
		entries[i] = all[i].sent
		in.done[all[i].ID] = all[i].Signer != ""
	}
	if len(entries) > 0 {
		if in.sent, err = s.bodies(ctx, entries); err != nil {
			return nil, err
		}
	}
	out := make([]Returned, len(files))
	for i, f := range files {
		out[i] = in.open(f)
	}
	return out, s.keepSigned(ctx, actor, courseID, out)
}

// inbox is where signed files come in.
type inbox struct {
	s     *Service
	all   []Outgoing
	sent  [][]byte
	done  map[uint64]bool // have come back, by certificate
	tries int
}

// open says whose document a file is, and whether it can be taken.
func (in *inbox) open(f file.Upload) Returned {
	r := Returned{File: path.Base(f.Name)}
	i := in.whose(f)
	if i < 0 {
		r.Refused = errs.Invalid("signed_file_unknown")
		if _, err := signature.Verify(f.Body); err != nil {
			r.Refused = errs.As(err)
		}
		return r
	}
	x := in.all[i]
	r.CertificateID, r.Serial = x.ID, x.Serial
	sig, err := signature.TakeBack(in.sent[i], f.Body, in.s.DB.Time())
	if err == nil {
		err = in.fits(x, sig)
	}
	if err != nil {
		r.Refused = errs.As(err)
		return r
	}
	in.done[x.ID] = true
	r.Signer, r.VouchedBy, r.body = signing.Short(signature.Who(sig.Certificate.Subject)), signature.Who(sig.Certificate.Issuer), f.Body
	return r
}

// whose gives the document that a file is, -1 for none: by the number in its name, by its first bytes, by what it says.
func (in *inbox) whose(f file.Upload) int {
	name := viet.NFC(f.Name) // some systems take letters and marks apart
	best, length := -1, 0
	for i, x := range in.all {
		if n := number(x.Serial); strings.Contains(name, n) && len(n) > length {
			best, length = i, len(n)
		}
	}
	if best >= 0 && (bytes.HasPrefix(f.Body, in.sent[best]) || signature.SameContent(in.sent[best], f.Body) == nil) {
		return best
	}
	for i := range in.sent {
		if bytes.HasPrefix(f.Body, in.sent[i]) {
			return i
		}
	}
	if best >= 0 { // its name says whose it is: that it says something else is for TakeBack to say
		return best
	}
	for i := range in.sent {
		if in.tries++; in.tries > mostTries {
			return -1
		}
		if signature.SameContent(in.sent[i], f.Body) == nil {
			return i
		}
	}
	return -1
}

// fits refuses what cannot be taken although its signature stands.
func (in *inbox) fits(x Outgoing, sig *signature.Signature) error {
	switch {
	case x.State != models.CertificateValid:
		return errs.Conflict("certificate_ended")
	case in.done[x.ID]:
		return errs.Conflict("signed_already")
	}
	pool, err := signing.Roots(x.roots)
	if err != nil || pool == nil {
		return err
	}
	if why := sig.Trust(pool, sig.At(in.s.DB.Time())); why != nil {
		return &errs.Error{Kind: errs.KindInvalid, Code: "signature_not_trusted", Params: errs.Params{"subject": signature.Who(sig.Certificate.Subject)}, Err: why}
	}
	return nil
}

// keepSigned keeps what was taken, all in one transaction. Of what has come back or ended in the meantime it says so.
func (s *Service) keepSigned(ctx context.Context, actor access.Actor, courseID uint64, all []Returned) error {
	var ids []uint64
	for _, r := range all {
		if r.Refused == nil {
			ids = append(ids, r.CertificateID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var late map[uint64]*errs.Error
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		late = map[uint64]*errs.Error{}
		var held []models.Certificate
		var signed []uint64
		if err := tx.Lock().Select("id", "state").Where("id IN ?", ids).Order("id").Find(&held).Error; err != nil {
			return 0, err
		}
		if err := tx.Model(&models.CertificateDocument{}).Where("certificate_id IN ? AND kind = ?", ids, models.DocumentSigned).Pluck("certificate_id", &signed).Error; err != nil {
			return 0, err
		}
		for _, id := range signed {
			late[id] = errs.Conflict("signed_already")
		}
		for _, c := range held {
			if c.State != models.CertificateValid {
				late[c.ID] = errs.Conflict("certificate_ended")
			}
		}
		var documents []*models.CertificateDocument
		var serials []string
		for _, r := range all {
			if r.Refused != nil || late[r.CertificateID] != nil {
				continue
			}
			d := document(models.DocumentSigned, r.body)
			d.CertificateID, d.Signer = r.CertificateID, r.Signer
			documents, serials = append(documents, d), append(serials, r.Serial)
		}
		if len(documents) == 0 {
			return 0, nil
		}
		if err := tx.CreateInBatches(documents, batch).Error; err != nil {
			return 0, err
		}
		return courseID, tx.Audit("certificate.signed_back", "course", courseID, map[string]any{"count": len(serials), "serials": serials})
	})
	for i := range all {
		if why := late[all[i].CertificateID]; why != nil && all[i].Refused == nil {
			all[i].Refused = why
		}
	}
	return err
}

// number is a certificate's number as file names have it.
func number(serial string) string { return strings.NewReplacer("/", "-", " ", "-").Replace(serial) }
