// Package certificate issues certificates, numbers them in registers, draws them and answers whether one stands.
package certificate

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/job"
	"taphuan/app/mail"
	"taphuan/app/picture"
	"taphuan/app/proof"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// Service issues and finds certificates.
type Service struct {
	DB        *store.DB
	Templates *template.Service
	Pictures  *picture.Renderer // draws documents for chats and phones
	Signing   *signing.Service  // for issuers who let the system sign; nil: none can
	Proofs    *proof.Service    // signs what QR codes say; nil: they hold the address alone
	Files     *file.Service     // of scans
	Bucket    Bucket            // keeps documents outside of the database; nil: they stay in it
	// PublicURL gives the public address that an administrator set, "" when none was.
	PublicURL func(ctx context.Context) (string, error)
	Jobs      *job.Runner                                    // does long work, woken when there is some; nil leaves it to others
	Mail      func(ctx context.Context) (mail.Config, error) // of the mail server
	Wake      func()                                         // looks at the outbox at once; nil does not

	stamping sync.Mutex // held while time-stamps are asked for
}

// crockford is an alphabet without letters that are read as another (I, L, O, U).
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newCode makes a certificate's code: 80 random bits, 16 letters.
func newCode() string {
	b := make([]byte, 10)
	rand.Read(b) // never fails
	return crockford.EncodeToString(b)
}

// asTyped takes out what people put into a code, and puts right what they take for each other.
var asTyped = strings.NewReplacer("-", "", "\u2010", "", "\u2011", "", "\u2013", "", "\u2014", "", " ", "", "\u00a0", "", "O", "0", "I", "1", "L", "1")

// NormalCode gives a code as it is kept, from however it was typed: small letters, hyphens and the dashes that
// keyboards make of them, spaces, O for 0, I and L for 1. What cannot be a code gives "".
func NormalCode(typed string) string {
	if len(typed) > 40 {
		return ""
	}
	s := asTyped.Replace(strings.ToUpper(strings.TrimSpace(typed)))
	if len(s) != 16 {
		return ""
	}
	if _, err := crockford.DecodeString(s); err != nil {
		return ""
	}
	return s
}

// Row is a certificate in a list.
type Row struct {
	ID        uint64
	Serial    string
	Code      string
	State     models.CertificateState
	IssuedDay models.Day
	CadreID   uint64
	CourseID  uint64
	Name      string // as the certificate says
	Org       string
	Course    string
	EndReason string
	EndedDay  models.Day
	EndedBy   string // who ended it, only of a single one
	Signing   models.Signing
	Signer    string // whose certificate signed the document, only of a single one and of own ones
	Demo      bool   // and that is for trying out
}

func toRows(rows []listed) ([]Row, error) {
	out := make([]Row, len(rows))
	for i, c := range rows {
		var snap template.Snapshot
		if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
			return nil, err
		}
		out[i] = Row{ID: c.ID, Serial: c.Serial, Code: c.Code, State: c.State, IssuedDay: c.IssuedDay, CadreID: c.CadreID,
			Name: snap.Name, Org: snap.Organisation, Course: snap.CourseTitle, EndReason: c.EndReason, EndedBy: c.EndedBy, Signing: c.Signing, Signer: c.Signer, Demo: demo(c.Signer)}
		if c.CourseID != nil {
			out[i].CourseID = *c.CourseID
		}
		if c.EndedAt != nil {
			out[i].EndedDay = models.DayOf(*c.EndedAt)
		}
	}
	return out, nil
}

// Get reads one certificate in the actor's scope; out of it is not found.
func (s *Service) Get(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (Row, error) {
	var c listed
	err := s.DB.Read(ctx).Table("certificates").Joins("LEFT JOIN accounts ON accounts.id = certificates.ended_by_id").Select("certificates.*, COALESCE(accounts.name, '') AS ended_by, "+signer).
		Scopes(access.Certificates(actor, p, models.DayOf(s.DB.Time()))).Where("certificates.id = ?", id).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Row{}, errs.NotFound("certificate")
	}
	if err != nil {
		return Row{}, err
	}
	rows, err := toRows([]listed{c})
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}
