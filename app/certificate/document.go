package certificate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/template"
	"taphuan/models"
)

// renditions are the documents that are kept when a certificate is issued, by how it is signed. The hash of the first stands in the
// register.
var renditions = map[models.Signing][]struct {
	kind models.DocumentKind
	as   template.Rendition
}{
	models.SigningPaper:    {{models.DocumentCopy, template.Copy}},
	models.SigningExternal: {{models.DocumentToSign, template.Signed}, {models.DocumentCopy, template.Copy}},
	models.SigningServer:   {{models.DocumentSigned, template.Signed}},
}

// mostAsked is how many signatures a time-stamp service is asked for at once.
const mostAsked = 8

// press makes the documents of certificates that one issuer issues in one look.
type press struct {
	signing  models.Signing
	look     *template.Template
	pen      *signing.Pen // signs, nil where nothing is signed here
	progress job.Progress // told of each that was drawn; nil for nobody
}

// press refuses as signing.Service.Pen does where the issuer lets the system sign.
func (d *desk) press(look *template.Template) (press, error) {
	p := press{signing: d.issuer.Signing, look: look, progress: d.progress}
	if p.signing != models.SigningServer {
		return p, nil
	}
	if d.s.Signing == nil {
		return p, errs.Conflict("signing_key_missing")
	}
	var err error
	p.pen, err = d.s.Signing.Pen(d.tx, d.issuer.OrganisationID, d.signatory.ID)
	return p, err
}

// same says whether the other signs alike; what is drawn, and by which version of the template, stands in the snapshots.
func (p press) same(o press) bool {
	return p.signing == o.signing && (p.pen == nil) == (o.pen == nil) && (p.pen == nil || p.pen.KeyID == o.pen.KeyID)
}

// print makes the documents of each certificate on all processors. It refuses as signature.Sign does; then there is none.
func (p press) print(ctx context.Context, snaps []template.Snapshot) ([][]*models.CertificateDocument, error) {
	out := make([][]*models.CertificateDocument, len(snaps))
	g, ctx := errgroup.WithContext(ctx)
	var drawn atomic.Int64
	g.SetLimit(runtime.GOMAXPROCS(0))
	if p.pen != nil && p.pen.Stamps() {
		g.SetLimit(mostAsked)
	}
	for i := range snaps {
		g.Go(func() error {
			for _, r := range renditions[p.signing] {
				pdf, err := p.look.Draw(snaps[i], r.as)
				if err != nil {
					return err
				}
				x, err := p.finish(ctx, r.kind, pdf, snaps[i])
				if err != nil {
					return err
				}
				out[i] = append(out[i], x)
			}
			if p.progress != nil {
				p.progress(int(drawn.Add(1)), len(snaps))
			}
			return ctx.Err()
		})
	}
	return out, g.Wait()
}

// finish signs what is to be signed here, and says of every document in which language it is.
func (p press) finish(ctx context.Context, kind models.DocumentKind, pdf []byte, snap template.Snapshot) (*models.CertificateDocument, error) {
	if kind != models.DocumentSigned {
		pdf, err := signature.Finish(pdf, "")
		if err != nil {
			return nil, err
		}
		return document(kind, pdf), nil
	}
	pdf, err := p.pen.Sign(ctx, pdf, signature.Options{At: snap.IssuedAt, Reason: "Cấp giấy chứng nhận số " + snap.Serial, Location: snap.Place})
	if err != nil {
		return nil, err
	}
	x := document(kind, pdf)
	x.Signer = p.pen.Subject()
	return x, nil
}

func document(kind models.DocumentKind, pdf []byte) *models.CertificateDocument {
	sum, crc := sha256.Sum256(pdf), crc32.ChecksumIEEE(pdf)
	return &models.CertificateDocument{Kind: kind, SHA256: hex.EncodeToString(sum[:]), SizeBytes: int64(len(pdf)), CRC32: &crc, Body: pdf}
}

// given is a condition on certificate_documents d: the document that a holder downloads, which is the signed one as soon as there is one.
const given = "(d.kind = 'signed' OR d.kind = 'copy' AND NOT EXISTS (SELECT 1 FROM certificate_documents s WHERE s.certificate_id = d.certificate_id AND s.kind = 'signed'))"

// PDF gives the exact document that was issued, and the name under which it is saved: the signed one, else the copy to look up. It refuses
// as fetch does.
func (s *Service) PDF(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (pdf []byte, name string, err error) {
	var found struct {
		models.CertificateDocument
		Serial string
	}
	q := s.DB.Read(ctx).Table("certificates").Joins("JOIN certificate_documents d ON d.certificate_id = certificates.id AND "+given).Select("certificates.serial, d.id, d.sha256, d.body").
		Scopes(access.Certificates(actor, p, models.DayOf(s.DB.Time()))).Where("certificates.id = ?", id).Limit(1).Scan(&found)
	if q.Error != nil {
		return nil, "", q.Error
	}
	if q.RowsAffected == 0 {
		return nil, "", errs.NotFound("certificate")
	}
	if err := s.fetch(ctx, &found.CertificateDocument); err != nil {
		return nil, "", err
	}
	return found.Body, fileName(found.Serial), nil
}

func fileName(serial string) string {
	return "giay-chung-nhan-" + number(serial) + ".pdf"
}
