package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/proof"
	"taphuan/app/secret"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	layout "taphuan/app/template"
	"taphuan/models"
)

// issueCourse closes a course of so many people who were there, numbers their certificates, draws them, signs what their QR codes say and
// the documents themselves (ECDSA on P-256), and stores them, on a database that is durable. The yardstick draws as many bare pages on all
// processors with a plain signature over each, and inserts them in one transaction.
func issueCourse(ctx context.Context, e *env, size int) (pair, error) {
	return issueBy(ctx, e, size, models.SigningServer)
}

// issueOnPaper is the same where officials sign by hand: without signatures of documents on either side.
func issueOnPaper(ctx context.Context, e *env, size int) (pair, error) {
	return issueBy(ctx, e, size, models.SigningPaper)
}

func issueBy(ctx context.Context, e *env, size int, way models.Signing) (pair, error) {
	h, err := newHall(ctx, e, size)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: h.closeBoth}
	keys, err := secret.New(make([]byte, 32))
	if err != nil {
		return p, err
	}
	issuing := &certificate.Service{DB: h.db, Templates: &layout.Service{DB: h.db}, Proofs: &proof.Service{DB: h.db, Keys: keys}, Signing: &signing.Service{DB: h.db, Keys: keys},
		PublicURL: func(context.Context) (string, error) { return "https://example.vn", nil }}
	in := certificate.IssueInput{IssuerID: h.course.HostID}
	if err := issuing.SaveIssuer(ctx, access.System(), models.Issuer{OrganisationID: h.course.HostID, Name: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Symbol: "GCN"}); err != nil {
		return p, err
	}
	if err := issuing.SaveSignatory(ctx, access.System(), models.Signatory{OrganisationID: h.course.HostID, Name: "Hoàng Văn Thạch", Title: "Giám đốc"}); err != nil {
		return p, err
	}
	if err := h.db.Read(ctx).Model(&models.Signatory{}).Select("id").Scan(&in.SignatoryID).Error; err != nil {
		return p, err
	}
	plain, err := signature.NewDemoKey(now, "Sở Văn hóa, Thể thao và Du lịch")
	if err != nil {
		return p, err
	}
	if _, err := issuing.Signing.AddDemo(ctx); err != nil {
		return p, err
	}
	if err := issuing.SetSigning(ctx, access.System(), certificate.SigningInput{IssuerID: h.course.HostID, Signing: way}); err != nil {
		return p, err
	}
	if way != models.SigningServer {
		plain = nil
	}
	if _, err := h.sql.ExecContext(ctx, "CREATE TABLE plain_certificates (number BIGINT NOT NULL PRIMARY KEY, sha256 CHAR(64) NOT NULL UNIQUE, body LONGBLOB NOT NULL)"); err != nil {
		return p, err
	}
	life := &course.Service{DB: h.db}
	p.ours = side{before: func() (err error) {
		in.CourseID, err = h.over(ctx)
		return err
	}, run: func() error {
		if err := life.Close(ctx, access.System(), in.CourseID); err != nil {
			return err
		}
		n, err := issuing.Issue(ctx, access.System(), in)
		if err == nil && n != size {
			err = fmt.Errorf("%d certificates of %d people", n, size)
		}
		return err
	}}
	p.yardstick = side{before: h.empty(ctx, "plain_certificates"), run: func() error { return h.plainIssue(ctx, size, plain) }}
	return p, nil
}

// over makes another course of the hall's people, who were all there yesterday, and gives its id.
func (h *hall) over(ctx context.Context) (uint64, error) {
	yesterday := models.DayOf(now).AddDays(-1)
	return h.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		c := h.course
		c.ID, c.Code, c.FirstDay, c.LastDay = 0, uuid.NewString()[:12], yesterday, yesterday
		if err := tx.Create(&c).Error; err != nil {
			return 0, err
		}
		x := models.Session{CourseID: c.ID, Day: yesterday, StartMinute: 450, EndMinute: 690, Room: "Hội trường"}
		if err := tx.Create(&x).Error; err != nil {
			return 0, err
		}
		var seats []models.Enrolment
		if err := tx.Where("id IN ?", h.enrolled).Find(&seats).Error; err != nil {
			return 0, err
		}
		asked := now.AddDate(0, 0, -10) // about the spelling of the name
		for i := range seats {
			seats[i].ID, seats[i].CourseID, seats[i].DecidedAt = 0, c.ID, &asked
		}
		if err := tx.CreateInBatches(&seats, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		events := make([]models.MarkEvent, len(seats))
		for i, s := range seats {
			events[i] = models.MarkEvent{UID: uuid.NewString(), SessionID: x.ID, EnrolmentID: &s.ID, Mark: models.MarkPresent, MarkedAt: now, ReceivedAt: now, AccountID: h.account, Source: attendance.SourceList, State: models.EventApplied}
		}
		if err := tx.CreateInBatches(&events, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		marks := make([]models.Mark, len(seats))
		for i, s := range seats {
			marks[i] = models.Mark{SessionID: x.ID, EnrolmentID: s.ID, Mark: models.MarkPresent, MarkedAt: now, EventID: events[i].ID, AccountID: h.account}
		}
		return c.ID, tx.CreateInBatches(&marks, rowsAtOnce).Error
	})
}

// plainIssue is the yardstick; without a key it signs nothing.
func (h *hall) plainIssue(ctx context.Context, size int, key *signature.Key) (err error) {
	bodies := make([][]byte, size)
	var g errgroup.Group
	g.SetLimit(2)
	for i := range bodies {
		g.Go(func() error {
			s := layout.Sample()
			s.Serial = fmt.Sprintf("%04d/2026/GCN", i+1)
			pdf, err := barePage(s)
			bodies[i] = pdf
			if err != nil || key == nil {
				return err
			}
			return plainCMS(pdf, key.Certificate, key.Private)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	tx, err := h.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO plain_certificates VALUES (?, ?, ?)")
	if err != nil {
		return err
	}
	for i, b := range bodies {
		sum := sha256.Sum256(append(strconv.AppendInt(nil, int64(i), 10), b...))
		if _, err := insert.ExecContext(ctx, i+1, hex.EncodeToString(sum[:]), b); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// mostResident is how large a process that writes an archive may become: 200 MiB.
const mostResident = 200 << 10 // KiB

// zipCertificates writes so many certificates into one archive, in a process of its own: what it holds in memory at most goes to standard
// error, and too much is refused. The yardstick writes the rows of one plain SELECT with archive/zip, in another such process.
func zipCertificates(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	if _, err := register(ctx, db, size); err != nil {
		return p, err
	}
	var url string
	if err := db.Read(ctx).Raw("SELECT DATABASE()").Scan(&url).Error; err != nil {
		return p, err
	}
	url = e.base + url
	alone := func(how string, most int) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			self := exec.CommandContext(ctx, "/proc/self/exe", "-zip", how, url)
			self.Stderr = os.Stderr
			out, err := self.Output()
			if err != nil {
				return 0, err
			}
			var documents, resident int
			var nanoseconds int64
			if _, err := fmt.Sscan(string(out), &nanoseconds, &documents, &resident); err != nil {
				return 0, err
			}
			fmt.Fprintf(os.Stderr, "  certificate/zip %d, %s: at most %d MiB resident\n", size, how, resident>>10)
			if documents != size || resident > most {
				return 0, fmt.Errorf("%d documents of %d with %d KiB resident", documents, size, resident)
			}
			return time.Duration(nanoseconds), nil
		}
	}
	p.ours, p.yardstick = side{took: alone("ours", mostResident)}, side{took: alone("plain", 1<<30)}
	return p, nil
}

// zipAlone is what the process of its own does: it prints nanoseconds, documents and the largest resident set in KiB.
func zipAlone(ctx context.Context, how, url string) error {
	db, err := store.Open(ctx, url, store.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	defer db.Close()
	write := zipOurs
	if how == "plain" {
		write = zipPlain
	}
	from := time.Now()
	n, err := write(ctx, db, io.Discard)
	if err != nil {
		return err
	}
	took := time.Since(from)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println(took.Nanoseconds(), n, strings.Fields(after)[0])
	return nil
}

func zipOurs(ctx context.Context, db *store.DB, w io.Writer) (int, error) {
	s := &certificate.Service{DB: db}
	a, err := s.Zip(ctx, access.System(), certificate.Filter{})
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(w, a)
	return a.Len(), err
}

func zipPlain(ctx context.Context, db *store.DB, w io.Writer) (n int, err error) {
	raw, err := pool(db)
	if err != nil {
		return 0, err
	}
	rows, err := raw.QueryContext(ctx, "SELECT c.serial, d.body FROM certificates c JOIN certificate_documents d ON d.certificate_id = c.id WHERE d.kind = 'copy' ORDER BY c.id")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	z := zip.NewWriter(w)
	for rows.Next() {
		var serial string
		var body sql.RawBytes
		if err := rows.Scan(&serial, &body); err != nil {
			return n, err
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(serial, "/", "-") + ".pdf", Method: zip.Store})
		if err != nil {
			return n, err
		}
		if _, err := f.Write(body); err != nil {
			return n, err
		}
		n++
	}
	return n, errors.Join(rows.Err(), z.Close())
}

// distinct is a document as each certificate has its own: the same page with another line behind its end.
func distinct(pdf []byte, i int) models.CertificateDocument {
	body := fmt.Appendf(bytes.Clone(pdf), "%%%d\n", i)
	sum, crc := sha256.Sum256(body), crc32.ChecksumIEEE(body)
	return models.CertificateDocument{Kind: models.DocumentCopy, SHA256: hex.EncodeToString(sum[:]), SizeBytes: int64(len(body)), CRC32: &crc, Body: body}
}
