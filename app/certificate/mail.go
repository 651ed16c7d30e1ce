package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/mail"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

const (
	kindMail   = "certificate"
	mailKey    = "certificate:" // and the certificate's id: each is mailed once, whoever asks how often
	mostMailed = 200 << 10      // bytes of a document that goes along
)

// Makers makes the mails of this package.
func (s *Service) Makers() map[string]mail.Maker {
	return map[string]mail.Maker{kindMail: s.makeMail}
}

// Mails says how far the mails of a course's certificates are.
type Mails struct {
	Ready   bool // a mail server is set
	Holders int  // of standing certificates
	Unasked int  // have an address, and no mail is written
	Waiting int
	Sent    int
	Failed  int      // were refused for good
	Without []string // who has no address, in the order of names
}

// Written is how many mails there are.
func (m Mails) Written() int { return m.Waiting + m.Sent + m.Failed }

type holder struct {
	ID        uint64
	Serial    string
	FullName  string
	Email     string
	MailState models.MailState
}

func holders(db *gorm.DB, courseID uint64) (all []holder, err error) {
	key := "'" + mailKey + "' || c.id"
	if db.Dialector.Name() == "mysql" {
		key = "CONCAT('" + mailKey + "', c.id)"
	}
	err = db.Table("certificates c").Joins("JOIN cadres k ON k.id = c.cadre_id").Joins("LEFT JOIN mails m ON m.unique_key = "+key).
		Where("c.course_id = ? AND c.state = ?", courseID, models.CertificateValid).
		Select("c.id, c.serial, k.full_name, k.email, COALESCE(m.state, '') AS mail_state").Order("k.sort_key, c.id").Scan(&all).Error
	return all, err
}

// Mails reads how far the mails of a course's certificates are. Whether the course is in scope was asked before.
func (s *Service) Mails(ctx context.Context, courseID uint64) (out Mails, err error) {
	if s.Mail != nil {
		cfg, err := s.Mail(ctx)
		if err != nil {
			return out, err
		}
		out.Ready = cfg.Ready()
	}
	all, err := holders(s.DB.Read(ctx), courseID)
	for _, h := range all {
		out.Holders++
		switch {
		case h.MailState == models.MailSent:
			out.Sent++
		case h.MailState == models.MailFailed:
			out.Failed++
		case h.MailState != "":
			out.Waiting++
		case h.Email == "":
			out.Without = append(out.Without, h.FullName)
		default:
			out.Unasked++
		}
	}
	return out, err
}

// MailAll writes a mail to each holder of a standing certificate of the course who has an address and was sent none, and gives how many. It
// refuses a course out of scope (not_found), and where no mail server is set ("mail_off") or nobody is left ("nobody_to_mail").
func (s *Service) MailAll(ctx context.Context, actor access.Actor, courseID uint64) (int, error) {
	cfg, err := s.Mail(ctx)
	if err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.CertificateIssue, courseID)
		if err != nil {
			return 0, err
		}
		if !cfg.Ready() {
			return 0, errs.Conflict("mail_off")
		}
		all, err := holders(tx.DB, c.ID)
		if err != nil {
			return 0, err
		}
		var notes []mail.Note
		for _, h := range all {
			if h.MailState == "" && mail.Address(h.Email) {
				notes = append(notes, mail.Note{Kind: kindMail, Key: fmt.Sprint(mailKey, h.ID), To: h.Email, ToName: h.FullName, Subject: "Giấy chứng nhận số " + h.Serial})
			}
		}
		if len(notes) == 0 {
			return 0, errs.Conflict("nobody_to_mail")
		}
		n, err := mail.Add(tx, notes...)
		if err != nil {
			return 0, err
		}
		if s.Wake != nil {
			tx.After(s.Wake)
		}
		return uint64(n), tx.Audit("certificate.mail", "course", c.ID, map[string]any{"count": n})
	})
	return int(n), err
}

// makeMail makes the mail of a certificate as things stand when it is sent: of one that does not stand any more none is needed. The
// document goes along to the address that the roster names, for many holders have no account.
func (s *Service) makeMail(ctx context.Context, m models.Mail) (mail.Message, error) {
	var c models.Certificate
	err := s.DB.Read(ctx).Where("id = ? AND state = ?", strings.TrimPrefix(m.UniqueKey, mailKey), models.CertificateValid).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return mail.Message{}, mail.ErrNotNeeded
	}
	if err != nil {
		return mail.Message{}, err
	}
	var snap template.Snapshot
	if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
		return mail.Message{}, err
	}
	pdf, name, err := s.PDF(ctx, access.System(), access.CertificateRead, c.ID)
	if err != nil {
		return mail.Message{}, err
	}
	person := snap.Field("honorific")
	pars := []string{"Kính gửi " + person + " " + snap.Name + ",",
		snap.Issuer + " đã cấp giấy chứng nhận số " + snap.Serial + " về việc hoàn thành “" + snap.CourseTitle + "”.",
		"Tra cứu giấy chứng nhận: " + snap.VerifyURL}
	base, err := s.publicURL(ctx)
	if err != nil {
		return mail.Message{}, err
	}
	pars = append(pars, "Mọi giấy chứng nhận của "+person+" nằm ở trang cá nhân, khi đã đăng nhập: "+base+"/my")
	var files []mail.File
	if len(pdf) <= mostMailed {
		pars = append(pars, "Văn bản được gửi kèm thư này.")
		files = []mail.File{{Name: name, ContentType: "application/pdf", Body: pdf}}
	}
	out := mail.Write(nil, nil, append(pars, "Trân trọng,", snap.Issuer))
	out.Files = files
	return out, nil
}
