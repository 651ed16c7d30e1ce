package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/errs"
	"taphuan/app/mail"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testmail"
	"taphuan/models"
)

const secretWord = "mật khẩu của hộp thư 4711"

// post makes a service whose mails are all the same and whose log can be read.
func post(t *testing.T, db *store.DB, server *testmail.Server) (*mail.Service, *bytes.Buffer) {
	t.Helper()
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := &mail.Service{DB: db, Keys: keys, Log: slog.New(slog.NewTextHandler(&log, nil)), Makers: map[string]mail.Maker{
		"letter": func(_ context.Context, m models.Mail) (mail.Message, error) {
			return mail.Message{Text: "Kính gửi " + m.ToName + ",\nMời dự lớp.\n", HTML: "<p>Kính gửi <b>" + m.ToName + "</b></p>",
				Files: []mail.File{{Name: "giay-moi.pdf", ContentType: "application/pdf", Body: []byte("%PDF-1.7\n\x00\xff\r\n.\r\nhết")}}}, nil
		},
		"late": func(context.Context, models.Mail) (mail.Message, error) { return mail.Message{}, mail.ErrNotNeeded },
	}}
	if server != nil {
		s.TLS = server.TLS
	}
	return s, &log
}

func configure(t *testing.T, s *mail.Service, c mail.Config, password string) {
	t.Helper()
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	c.From, c.FromName = "taphuan@caobang.example.vn", "Sở Văn hóa, Thể thao và Du lịch"
	if err := s.Configure(t.Context(), store.By{}, c, password); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, db *store.DB, notes ...mail.Note) int {
	t.Helper()
	n, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		n, err := mail.Add(tx, notes...)
		return uint64(n), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func sendAll(t *testing.T, s *mail.Service) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.SendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func mails(t *testing.T, db *store.DB) []models.Mail {
	t.Helper()
	var out []models.Mail
	if err := db.Read(t.Context()).Order("id").Find(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAMailArrivesWholeWithBothBodiesAndItsFile(t *testing.T) {
	t.Parallel()
	for _, o := range []testmail.Options{{Security: "none"}, {Security: "starttls", User: "taphuan", Password: secretWord}, {Security: "tls", User: "taphuan", Password: secretWord}} {
		t.Run(o.Security, func(t *testing.T) {
			t.Parallel()
			server := testmail.Start(t, o)
			testdb.Each(t, func(t *testing.T, db *store.DB) {
				s, log := post(t, db, server)
				configure(t, s, mail.Config{Port: server.Port, Security: mail.Security(o.Security), User: o.User}, o.Password)
				key := strings.ReplaceAll(t.Name(), "/", ":")
				note := mail.Note{Kind: "letter", Key: key, To: "nong.thi.be@example.vn", ToName: "Nông Thị Bé, Phó Trưởng phòng <x@y>",
					Subject: "Giấy mời: Kiến thức và kỹ năng truyền thông về quyền con người " + key}
				if n := add(t, db, note, note) + add(t, db, note); n != 1 {
					t.Errorf("one cause wrote %d mails", n)
				}
				sendAll(t, s)
				sendAll(t, s)
				var got []testmail.Delivered
				for _, m := range server.Mails() {
					if m.Subject == note.Subject {
						got = append(got, m)
					}
				}
				row := mails(t, db)[0]
				if len(got) != 1 || row.State != models.MailSent || row.SentAt == nil {
					t.Fatalf("%d arrived, the outbox says %+v", len(got), row)
				}
				m := got[0]
				if len(m.To) != 1 || m.To[0].Address != note.To || m.To[0].Name != note.ToName {
					t.Errorf("to %v", m.To)
				}
				if from, err := m.Header.AddressList("From"); err != nil || from[0].Name != "Sở Văn hóa, Thể thao và Du lịch" || from[0].Address != "taphuan@caobang.example.vn" {
					t.Errorf("from %v %v", from, err)
				}
				if id := m.Header.Get("Message-Id"); id != "<"+row.UID+"@caobang.example.vn>" {
					t.Errorf("Message-ID %s", id)
				}
				if at, err := m.Header.Date(); err != nil || at.Unix() != db.Time().Unix() {
					t.Errorf("date %v %v", at, err)
				}
				if want := "Kính gửi " + note.ToName + ",\nMời dự lớp.\n"; strings.ReplaceAll(m.Text, "\r\n", "\n") != want {
					t.Errorf("text %q", m.Text)
				}
				if m.HTML != "<p>Kính gửi <b>"+note.ToName+"</b></p>" {
					t.Errorf("html %q", m.HTML)
				}
				if string(m.Files["giay-moi.pdf"]) != "%PDF-1.7\n\x00\xff\r\n.\r\nhết" || m.Types["giay-moi.pdf"] != "application/pdf" {
					t.Errorf("files %q %v", m.Files, m.Types)
				}
				if strings.Contains(log.String(), secretWord) {
					t.Error("the password is in the log")
				}
				var stored int64
				if err := db.Read(t.Context()).Model(&models.Setting{}).Where("value LIKE ?", "%"+secretWord+"%").Count(&stored).Error; err != nil || stored != 0 {
					t.Error("the password is in the database", err)
				}
			})
		})
	}
}

func TestNoHeaderCanBeInjected(t *testing.T) {
	t.Parallel()
	server := testmail.Start(t, testmail.Options{Security: "none"})
	db := testdb.Only(t, store.SQLite)
	s, _ := post(t, db, server)
	configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
	add(t, db, mail.Note{Kind: "letter", Key: "1", To: "a@example.vn", ToName: "Bé\r\nBcc: b@example.vn", Subject: "Mời\r\nBcc: c@example.vn\r\n\r\nthân"})
	for _, to := range []string{"a@example.vn\r\nBcc: b@example.vn", "Bé <a@example.vn>", "a@example.vn, b@example.vn", "a@@b.vn", "a b@c.vn", "", "a@localhost", "\"a\n\"@b.vn"} {
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			_, err := mail.Add(tx, mail.Note{Kind: "letter", Key: "2" + to, To: to})
			return 0, err
		})
		if !errs.Is(err, "invalid_email") {
			t.Errorf("%q: %v", to, err)
		}
	}
	sendAll(t, s)
	got := server.Mails()
	if len(got) != 1 || got[0].Header.Get("Bcc") != "" || got[0].Subject != "Mời  Bcc: c@example.vn    thân" || got[0].To[0].Name != "Bé  Bcc: b@example.vn" {
		t.Errorf("%d: %+v", len(got), got)
	}
}

func TestARefusalForGoodEndsAMailAndOneForNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := testmail.Start(t, testmail.Options{Security: "none"})
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, _ := post(t, db, server)
		configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
		add(t, db, mail.Note{Kind: "letter", Key: "1", To: "khongco@example.vn"}, mail.Note{Kind: "letter", Key: "2", To: "ban@example.vn"},
			mail.Note{Kind: "late", Key: "3", To: "a@example.vn"})
		sendAll(t, s)
		all := mails(t, db)
		if m := all[0]; m.State != models.MailFailed || !strings.Contains(m.Error, "550") || !strings.Contains(m.Error, "khong co hop thu nay") {
			t.Errorf("refused for good: %+v", m)
		}
		if m := all[1]; m.State != models.MailWaiting || m.Attempts != 1 || !m.NextAt.Equal(db.Time().Add(time.Minute)) || !strings.Contains(m.Error, "451") {
			t.Errorf("refused for now: %+v", m)
		}
		if all[2].State != models.MailDropped {
			t.Errorf("not needed any more: %+v", all[2])
		}
		now := db.Time()
		for range 20 {
			now = now.Add(9 * time.Hour)
			db.Now = func() time.Time { return now }
			sendAll(t, s)
		}
		if m := mails(t, db)[1]; m.State != models.MailFailed || m.Attempts != 12 {
			t.Errorf("after the last try: %+v", m)
		}
		n, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			n, err := mail.Retry(tx, []uint64{all[0].ID, all[2].ID}, map[uint64]string{all[0].ID: "co@example.vn"})
			return uint64(n), err
		})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		sendAll(t, s)
		if m := mails(t, db)[0]; m.State != models.MailSent || m.ToAddress != "co@example.vn" {
			t.Errorf("sent again: %+v", m)
		}
	})
}

func TestASenderThatDiesOrFindsNoServerLosesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		server := testmail.Start(t, testmail.Options{Security: "none"})
		s, _ := post(t, db, server)
		configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
		server.Stop()
		add(t, db, mail.Note{Kind: "letter", Key: "1", To: "a@example.vn"}, mail.Note{Kind: "letter", Key: "2", To: "b@example.vn"})
		sendAll(t, s)
		for _, m := range mails(t, db) {
			if m.State != models.MailWaiting || m.Attempts != 1 || m.Error == "" {
				t.Errorf("no server: %+v", m)
			}
		}
		// A sender that was killed between taking a mail and saying what became of it.
		uids := []string{mails(t, db)[0].UID, mails(t, db)[1].UID}
		now := db.Time()
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Mail{}).Where("1 = 1").Updates(map[string]any{"state": models.MailSending, "leased_by": "dead", "lease_until": now.Add(time.Minute)}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		again := testmail.Start(t, testmail.Options{Security: "none"})
		configure(t, s, mail.Config{Port: again.Port, Security: mail.SecurityNone}, "")
		sendAll(t, s)
		if n := len(again.Mails()); n != 0 {
			t.Fatalf("%d were sent while another process had them", n)
		}
		db.Now = func() time.Time { return now.Add(time.Minute + time.Second) }
		other, _ := post(t, db, again)
		var both sync.WaitGroup
		for _, x := range []*mail.Service{s, other} {
			both.Go(func() {
				for range 3 {
					if _, err := x.SendDue(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		var ids []string
		for _, m := range again.Mails() {
			ids = append(ids, strings.TrimSuffix(strings.TrimPrefix(m.Header.Get("Message-Id"), "<"), "@caobang.example.vn>"))
		}
		if len(ids) != 2 || ids[0] == ids[1] || !strings.Contains(fmt.Sprint(uids), ids[0]) || !strings.Contains(fmt.Sprint(uids), ids[1]) {
			t.Errorf("sent %v of %v", ids, uids)
		}
		for _, m := range mails(t, db) {
			if m.State != models.MailSent {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestSettingsOfMailRefuseWhatWouldHarmAndKeepThePasswordToThemselves(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, _ := post(t, db, nil)
		if c, err := s.Config(t.Context()); err != nil || c.Ready() {
			t.Errorf("a new system sends mail: %+v %v", c, err)
		}
		if err := s.Try(t.Context(), "a@example.vn", "", ""); !errs.Is(err, "mail_off") {
			t.Errorf("without a server: %v", err)
		}
		good := mail.Config{Host: "Mail.Example.vn", Port: 587, Security: mail.SecurityStartTLS, User: "u", From: "a@example.vn"}
		if err := s.Configure(t.Context(), store.By{}, good, secretWord); err != nil {
			t.Fatal(err)
		}
		for code, change := range map[string]func(*mail.Config){
			"mail_host":           func(c *mail.Config) { c.Host = "a b" },
			"mail_port":           func(c *mail.Config) { c.Port = 0 },
			"choice":              func(c *mail.Config) { c.Security = "perhaps" },
			"invalid_email":       func(c *mail.Config) { c.From = "a@example.vn\nBcc: b@example.vn" },
			"required":            func(c *mail.Config) { c.From = "" },
			"mail_password_clear": func(c *mail.Config) { c.Security = mail.SecurityNone },
			"mail_password_again": func(c *mail.Config) { c.Host = "elsewhere.example.vn" },
			"too_long":            func(c *mail.Config) { c.FromName = strings.Repeat("ơ", 201) },
		} {
			c := good
			change(&c)
			if err := s.Configure(t.Context(), store.By{}, c, ""); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		got, err := s.Config(t.Context())
		if err != nil || got.Host != "mail.example.vn" || !got.HasPassword {
			t.Errorf("%+v %v", got, err)
		}
		if strings.Contains(fmt.Sprintf("%+v", got), secretWord) {
			t.Error("the settings show the password")
		}
		good.User = ""
		if err := s.Configure(t.Context(), store.By{}, good, ""); err != nil {
			t.Fatal(err)
		}
		if got, err = s.Config(t.Context()); err != nil || got.HasPassword {
			t.Errorf("a password without a user stays: %+v %v", got, err)
		}
	})
}

func TestAMailThatWasBeingMadeWhenItsProcessEndedIsGivenBackAndNoError(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		server := testmail.Start(t, testmail.Options{Security: "none"})
		s, log := post(t, db, server)
		configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
		letter := s.Makers["letter"]
		ctx, end := context.WithCancel(t.Context())
		s.Makers["letter"] = func(ctx context.Context, m models.Mail) (mail.Message, error) {
			end()
			return mail.Message{}, errors.New("interrupted (9)") // as SQLite calls it
		}
		add(t, db, mail.Note{Kind: "letter", Key: "1", To: "a@example.vn"}, mail.Note{Kind: "letter", Key: "2", To: "b@example.vn"})
		if _, err := s.SendDue(ctx); err != nil {
			t.Error(err)
		}
		for _, m := range mails(t, db) {
			if m.State != models.MailWaiting || m.Attempts != 0 || m.Error != "" || !m.NextAt.Equal(db.Time()) {
				t.Errorf("%+v", m)
			}
		}
		if log.Len() > 0 {
			t.Error(log.String())
		}
		s.Makers["letter"] = letter
		sendAll(t, s)
		if n := len(server.Mails()); n != 2 {
			t.Errorf("%d mails arrived", n)
		}
	})
}
