package mail_test

import (
	"bufio"
	"os"
	"os/exec"
	"testing"
	"time"

	"taphuan/app/mail"
	"taphuan/internal/testdb"
	"taphuan/internal/testmail"
	"taphuan/models"
)

const senderOf = "TAPHUAN_TEST_SENDER_OF" // the database whose mails the process sends, and then it ends

// TestHelperSender is no test: run by the next one, it is a process of its own that sends what is due.
func TestHelperSender(t *testing.T) {
	url := os.Getenv(senderOf)
	if url == "" {
		return
	}
	db := testdb.Open(t, url)
	s, _ := post(t, db, nil)
	sendAll(t, s)
}

// TestASenderThatIsKilledAfterSendingSendsASecondTimeUnderTheSameName kills a process after the server has delivered its mail and before it
// could note it: the one moment at which a mail goes out twice, under one Message-ID.
func TestASenderThatIsKilledAfterSendingSendsASecondTimeUnderTheSameName(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		db := testdb.Open(t, url)
		server := testmail.Start(t, testmail.Options{Security: "none"})
		s, _ := post(t, db, server)
		configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
		add(t, db, mail.Note{Kind: "letter", Key: "1", To: "cham@example.vn"}, mail.Note{Kind: "letter", Key: "2", To: "sau@example.vn"})
		process := exec.Command(os.Args[0], "-test.run=^TestHelperSender$", "-test.v")
		process.Env = append(os.Environ(), senderOf+"="+url)
		out, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		process.Stderr = process.Stdout
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		said := make(chan string)
		go func() {
			text := ""
			for lines := bufio.NewScanner(out); lines.Scan(); {
				text += lines.Text() + "\n"
			}
			said <- text
		}()
		for len(server.Mails()) == 0 { // it waits for the server's word, for as long as the server lives
			select {
			case text := <-said:
				t.Fatalf("the sender ended: %s", text)
			case <-time.After(10 * time.Millisecond):
			}
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-said
		_ = process.Wait() // killed
		for _, m := range mails(t, db) {
			if m.State != models.MailSending || m.SentAt != nil {
				t.Errorf("after the kill: %+v", m)
			}
		}
		// Until its lease is over another process leaves the mails alone; then it sends both.
		sendAll(t, s)
		if n := len(server.Mails()); n != 1 {
			t.Errorf("%d mails within the lease", n)
		}
		now := db.Time().Add(11 * time.Minute)
		db.Now = func() time.Time { return now }
		sendAll(t, s)
		sendAll(t, s)
		got := server.Mails()
		if len(got) != 3 {
			t.Fatalf("%d mails arrived", len(got))
		}
		ids := map[string]int{}
		for _, m := range got {
			ids[m.To[0].Address+m.Header.Get("Message-Id")]++
		}
		rows := mails(t, db)
		if len(ids) != 2 || ids["cham@example.vn<"+rows[0].UID+"@caobang.example.vn>"] != 2 {
			t.Errorf("arrived %v", ids)
		}
		for _, m := range rows {
			if m.State != models.MailSent || m.Attempts != 2 {
				t.Errorf("%+v", m)
			}
		}
	})
}

// TestAnHourWithoutAServerDelaysAndLosesNothing looks at the outbox every fifteen seconds of an hour in which no server answers, starts anew
// in the middle of it, and lets the server come back.
func TestAnHourWithoutAServerDelaysAndLosesNothing(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		db := testdb.Open(t, url)
		server := testmail.Start(t, testmail.Options{Security: "none"})
		s, _ := post(t, db, server)
		configure(t, s, mail.Config{Port: server.Port, Security: mail.SecurityNone}, "")
		server.Stop()
		add(t, db, mail.Note{Kind: "letter", Key: "1", To: "a@example.vn"}, mail.Note{Kind: "letter", Key: "2", To: "b@example.vn"})
		begin := db.Time()
		for at := time.Duration(0); at <= time.Hour; at += 15 * time.Second {
			now := begin.Add(at)
			if at == 30*time.Minute { // a restart: nothing is kept in memory
				db = testdb.Open(t, url)
				s, _ = post(t, db, server)
			}
			db.Now = func() time.Time { return now }
			sendAll(t, s)
		}
		for _, m := range mails(t, db) { // at once, after 1, 6 and 21 minutes; the next try is after 81
			if m.State != models.MailWaiting || m.Attempts != 4 || !m.NextAt.Equal(begin.Add(81*time.Minute)) || m.Error == "" {
				t.Errorf("after an hour: %+v", m)
			}
		}
		again := testmail.Start(t, testmail.Options{Security: "none"})
		configure(t, s, mail.Config{Port: again.Port, Security: mail.SecurityNone}, "")
		for at := time.Hour; at <= 2*time.Hour; at += 15 * time.Second {
			now := begin.Add(at)
			db.Now = func() time.Time { return now }
			sendAll(t, s)
		}
		to := map[string]int{}
		for _, m := range again.Mails() {
			to[m.To[0].Address]++
		}
		if len(to) != 2 || to["a@example.vn"] != 1 || to["b@example.vn"] != 1 {
			t.Errorf("arrived %v", to)
		}
	})
}
