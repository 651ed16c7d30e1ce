package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"

	"taphuan/app/errs"
	"taphuan/models"
)

// timeout bounds each conversation with the mail server.
const timeout = 20 * time.Second

// Message is what a mail says.
type Message struct {
	Text  string
	HTML  string
	Files []File
}

// File is an attachment.
type File struct {
	Name, ContentType string
	Body              []byte
}

// SendDue sends the mails whose turn it is, as many as one connection carries, and says whether there may be more. Without a mail
// server it does nothing. It runs in any number of processes.
func (s *Service) SendDue(ctx context.Context) (more bool, err error) {
	s.init()
	cfg, sealed, err := s.open(ctx)
	if err != nil || !cfg.Ready() {
		return false, err
	}
	rows, err := s.claim(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	client, err := s.connect(ctx, cfg, sealed)
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Warn("mail server", "host", cfg.Host, "error", reason(err))
		}
		return false, s.putOff(ctx, rows, err)
	}
	defer client.Close()
	for _, m := range rows {
		if ctx.Err() != nil {
			if err := s.release(ctx, m); err != nil {
				return false, err
			}
			continue
		}
		if err := s.deliver(ctx, client, cfg, m); err != nil {
			return false, err
		}
	}
	return true, nil
}

// putOff lets all of them wait: nobody could be spoken to, or this process ends.
func (s *Service) putOff(ctx context.Context, rows []models.Mail, why error) error {
	for _, m := range rows {
		back := s.release
		if ctx.Err() == nil {
			back = func(ctx context.Context, m models.Mail) error { return s.postpone(ctx, m, why) }
		}
		if err := back(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// connect signs in at the mail server.
func (s *Service) connect(ctx context.Context, cfg Config, sealed string) (*gomail.Client, error) {
	opts := []gomail.Option{gomail.WithPort(cfg.Port), gomail.WithTimeout(timeout)}
	switch cfg.Security {
	case SecurityTLS:
		opts = append(opts, gomail.WithSSL())
	case SecurityStartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.TLS != nil {
		t := s.TLS.Clone()
		t.ServerName = cfg.Host
		opts = append(opts, gomail.WithTLSConfig(t))
	}
	if cfg.User != "" {
		password, err := s.password(sealed)
		if err != nil {
			return nil, err
		}
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(cfg.User), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(cfg.Host, opts...)
	if err != nil {
		return nil, err
	}
	return client, client.DialWithContext(ctx)
}

// deliver sends one claimed mail and writes what became of it.
func (s *Service) deliver(ctx context.Context, client *gomail.Client, cfg Config, m models.Mail) error {
	make, ok := s.Makers[m.Kind]
	if !ok {
		return s.postpone(ctx, m, fmt.Errorf("nobody makes mails of kind %s", m.Kind))
	}
	text, err := make(ctx, m)
	if errors.Is(err, ErrNotNeeded) {
		return s.settle(ctx, m, map[string]any{"state": models.MailDropped, "error": ""})
	}
	if err != nil && ctx.Err() != nil {
		return s.release(ctx, m) // whatever it broke with, it broke because this process ends
	}
	if err != nil {
		s.Log.Error("mail", "id", m.ID, "kind", m.Kind, "error", err)
		return s.postpone(ctx, m, err)
	}
	msg, err := build(cfg, m, text, s.DB.Time())
	if err != nil {
		return s.settle(ctx, m, map[string]any{"state": models.MailFailed, "error": reason(err)})
	}
	switch err := client.Send(msg); {
	case err == nil:
		return s.settle(ctx, m, map[string]any{"state": models.MailSent, "error": ""})
	case forGood(err):
		return s.settle(ctx, m, map[string]any{"state": models.MailFailed, "error": reason(plain(err))})
	default:
		return s.postpone(ctx, m, plain(err))
	}
}

// forGood says whether the server refused this recipient or this mail with a permanent code. What it refuses of us all (the
// sign-in, the sender) is tried again: somebody may put it right.
func forGood(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && !e.IsTemp() && e.ErrorCode() >= 500 &&
		(e.Reason == gomail.ErrSMTPRcptTo || e.Reason == gomail.ErrSMTPData || e.Reason == gomail.ErrSMTPDataClose)
}

// plain is what the server answered, without whom it concerns: that stands beside it.
func plain(err error) error {
	text, _, _ := strings.Cut(err.Error(), ", affected recipient(s)")
	return errors.New(text)
}

// build makes the message as it travels. Addresses and names are encoded by the library; line breaks were taken out before.
func build(cfg Config, m models.Mail, text Message, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(oneLine(cfg.FromName, 200), cfg.From); err != nil {
		return nil, err
	}
	if err := msg.AddToFormat(oneLine(m.ToName, 200), m.ToAddress); err != nil {
		return nil, err
	}
	msg.Subject(oneLine(m.Subject, 500))
	msg.SetDateWithValue(now.In(models.Zone))
	msg.SetMessageIDWithValue(m.UID + "@" + cfg.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, text.Text)
	if text.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, text.HTML)
	}
	for _, f := range text.Files {
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Body), gomail.WithFileContentType(gomail.ContentType(f.ContentType))); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// Try sends one mail at once, to see whether the settings are right. It refuses when nothing is set ("mail_off"), what is no address
// ("invalid_email", on the field "mail_to"), and tells what the server said ("mail_refused").
func (s *Service) Try(ctx context.Context, to, subject, text string) error {
	cfg, sealed, err := s.open(ctx)
	switch {
	case err != nil:
		return err
	case !cfg.Ready():
		return errs.Conflict("mail_off")
	case !Address(to):
		return errs.OnField("mail_to", "invalid_email")
	}
	client, err := s.connect(ctx, cfg, sealed)
	if err != nil {
		return errs.Conflict("mail_refused", errs.Params{"reason": reason(plain(err))})
	}
	defer client.Close()
	msg, err := build(cfg, models.Mail{ToAddress: to, Subject: subject, UID: uuid.NewString()}, Message{Text: text}, s.DB.Time())
	if err != nil {
		return err
	}
	if err := client.Send(msg); err != nil {
		return errs.Conflict("mail_refused", errs.Params{"reason": reason(plain(err))})
	}
	return nil
}
