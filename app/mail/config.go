// Package mail is the outbox: mails are rows, written in the transaction of their cause, and sent by SMTP in the background.
// docs/decisions/mail.md says what is promised of them.
package mail

import (
	"context"
	"encoding/base64"
	"net"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Security is how the connection to the mail server is kept from others.
type Security string

// The kinds of security.
const (
	SecurityNone     Security = "none"
	SecurityStartTLS Security = "starttls"
	SecurityTLS      Security = "tls"
)

// Config says through which server mails go out, and from whom. The password is kept apart and never shown.
type Config struct {
	Host        string // "": no mail goes out
	Port        int
	Security    Security
	User        string
	HasPassword bool
	From        string // address
	FromName    string
	UpdatedAt   time.Time
}

// Ready says whether mails can go out.
func (c Config) Ready() bool { return c.Host != "" && c.From != "" }

// domain is that of the sender, for Message-IDs.
func (c Config) domain() string { return c.From[strings.LastIndexByte(c.From, '@')+1:] }

// Names of the rows in settings.
const (
	nameHost     = "mail_host"
	namePort     = "mail_port"
	nameSecurity = "mail_security"
	nameUser     = "mail_user"
	namePassword = "mail_password" // sealed
	nameFrom     = "mail_from"
	nameFromName = "mail_from_name"
)

var allNames = []string{nameHost, namePort, nameSecurity, nameUser, namePassword, nameFrom, nameFromName}

const purposePassword = "mail_password"

// Config reads the settings of mail, in one query.
func (s *Service) Config(ctx context.Context) (Config, error) {
	c, _, err := s.open(ctx)
	return c, err
}

// open reads the settings with the sealed password.
func (s *Service) open(ctx context.Context) (c Config, sealed string, err error) {
	var rows []models.Setting
	if err := s.DB.Read(ctx).Where("name IN ?", allNames).Find(&rows).Error; err != nil {
		return c, "", err
	}
	c.Port, c.Security = 587, SecurityStartTLS
	for _, r := range rows {
		switch r.Name {
		case nameHost:
			c.Host = r.Value
		case namePort:
			if c.Port, err = strconv.Atoi(r.Value); err != nil {
				return c, "", errs.Internal("mail port", err)
			}
		case nameSecurity:
			c.Security = Security(r.Value)
		case nameUser:
			c.User = r.Value
		case namePassword:
			sealed, c.HasPassword = r.Value, r.Value != ""
		case nameFrom:
			c.From = r.Value
		case nameFromName:
			c.FromName = r.Value
		}
		if r.UpdatedAt.After(c.UpdatedAt) {
			c.UpdatedAt = r.UpdatedAt
		}
	}
	return c, sealed, nil
}

func (s *Service) password(sealed string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", errs.Internal("mail password", err)
	}
	return s.Keys.Open(purposePassword, b)
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// Configure sets through which server mails go out; no host means that none do. An empty password keeps the one there is.
//
// It refuses a host that is no name or address ("mail_host"), impossible ports ("mail_port"), an unknown security ("choice"), a
// sender that is no address ("invalid_email"), a password that would cross the network in the clear ("mail_password_clear"), and
// another server or user with the old password ("mail_password_again"), which would hand it to a stranger.
func (s *Service) Configure(ctx context.Context, by store.By, in Config, password string) error {
	in.Host, in.User, in.From = strings.ToLower(strings.TrimSpace(in.Host)), strings.TrimSpace(in.User), strings.TrimSpace(in.From)
	in.FromName = viet.NFC(in.FromName)
	was, sealed, err := s.open(ctx)
	if err != nil {
		return err
	}
	if err := in.check(was, password); err != nil {
		return err
	}
	switch {
	case in.User == "":
		sealed = ""
	case password != "":
		b, err := s.Keys.Seal(purposePassword, password)
		if err != nil {
			return err
		}
		sealed = base64.StdEncoding.EncodeToString(b)
	}
	_, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		rows := []models.Setting{{Name: nameHost, Value: in.Host}, {Name: namePort, Value: strconv.Itoa(in.Port)}, {Name: nameSecurity, Value: string(in.Security)},
			{Name: nameUser, Value: in.User}, {Name: namePassword, Value: sealed}, {Name: nameFrom, Value: in.From}, {Name: nameFromName, Value: in.FromName}}
		for i := range rows {
			rows[i].UpdatedAt = tx.Now
		}
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"})}).Create(&rows).Error
		if err != nil {
			return 0, err
		}
		return 0, tx.Audit("settings.mail", "settings", 0, map[string]any{"host": in.Host, "port": in.Port, "security": in.Security, "user": in.User, "from": in.From,
			"from_name": in.FromName, "password_changed": password != ""})
	})
	return err
}

func (c Config) check(was Config, password string) error {
	var f errs.Fields
	for name, text := range map[string]string{"mail_user": c.User, "mail_from_name": c.FromName, "mail_host": c.Host} {
		if utf8.RuneCountInString(text) > 200 {
			f.Add(name, "too_long", errs.Params{"n": 200})
		}
	}
	switch c.Security {
	case SecurityNone, SecurityStartTLS, SecurityTLS:
	default:
		f.Add("mail_security", "choice")
	}
	if c.Port < 1 || c.Port > 65535 {
		f.Add("mail_port", "mail_port")
	}
	if c.Host != "" && !hostForm.MatchString(c.Host) && net.ParseIP(c.Host) == nil {
		f.Add("mail_host", "mail_host")
	}
	switch {
	case c.Host != "" && c.From == "":
		f.Add("mail_from", "required")
	case c.From != "" && !Address(c.From):
		f.Add("mail_from", "invalid_email")
	}
	if c.User != "" && c.Security == SecurityNone && !loopback(c.Host) {
		f.Add("mail_security", "mail_password_clear")
	}
	if c.User != "" && was.HasPassword && password == "" && (c.Host != was.Host || c.Port != was.Port || c.User != was.User || c.Security != was.Security) {
		f.Add("mail_password", "mail_password_again")
	}
	return f.Err()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Address says whether mail can go to the text: one plain address, nothing around it, no line breaks.
func Address(text string) bool {
	if len(text) > 254 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	a, err := netmail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == "" && strings.Contains(text[strings.LastIndexByte(text, '@')+1:], ".")
}
