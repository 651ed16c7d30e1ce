package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	sqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/models"
)

// By is who acts. The zero By is the system itself (the command line, a job).
type By struct {
	AccountID uint64
	Key       string // the request's own id, made by the client; "" for none
	Action    string // what was asked for, such as "POST /courses"; a key is good for one action
	RequestID string // in logs and the audit
}

// Tx is a writing transaction.
type Tx struct {
	*gorm.DB
	Now   time.Time  // the one timestamp of the transaction, UTC
	Today models.Day // the local day of Now
	By    By

	after []func()
	last  []func() error
	kept  map[any]any
}

// Keep gives what the transaction keeps under the key; the first time it is made, together with what is to be done at the end of the
// transaction, before the commit (nil for nothing).
func (tx *Tx) Keep(key any, make func() (kept any, last func() error, err error)) (any, error) {
	if kept, ok := tx.kept[key]; ok {
		return kept, nil
	}
	kept, last, err := make()
	if err != nil {
		return nil, err
	}
	if tx.kept == nil {
		tx.kept = map[any]any{}
	}
	tx.kept[key] = kept
	if last != nil {
		tx.last = append(tx.last, last)
	}
	return kept, nil
}

// After notes what is to happen once the transaction has been committed: mails, notices, a wake-up of the job runner.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Lock makes the next query lock the rows that it reads until the end of the transaction.
// SQLite needs none: it has one writer.
func (tx *Tx) Lock() *gorm.DB { return tx.Clauses(clause.Locking{Strength: "UPDATE"}) }

// As runs fn with another actor: where one transaction carries out what several asked for.
func (tx *Tx) As(by By, fn func() error) error {
	was := tx.By
	tx.By = by
	defer func() { tx.By = was }()
	return fn()
}

// Audit records that the actor did the action (such as "course.close") to the noun; detail becomes JSON and holds no secrets.
func (tx *Tx) Audit(action, noun string, id uint64, detail any) error {
	e := models.AuditEntry{At: tx.Now, Action: action, Noun: noun, NounID: id, RequestID: tx.By.RequestID}
	if tx.By.AccountID != 0 {
		e.AccountID = &tx.By.AccountID
	}
	if detail != nil {
		b, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("audit detail: %w", err)
		}
		e.Detail = string(b)
	}
	return tx.Create(&e).Error
}

const maxAttempts = 12

// Write runs fn in one transaction and gives what fn refers to (the id of what it made or changed).
//
// The whole is repeated when the database asks for it (deadlock or certification failure 1213, lock time-out, busy), and once
// when a foreign key refuses: what was read has been deleted since, or referred to, and fn says so when it reads again. So fn
// must have no effects but through tx and must set, not add to, variables outside. If by.Key was used before by the same
// account, fn is not run and the first run's reference is given: a request that arrives twice happens once. A key that was
// used for another action is refused with "request_key_reused". A second write of one request under its key would silently do
// nothing: it fails with ErrSecondWrite (see OneRequest).
func (db *DB) Write(ctx context.Context, by By, fn func(tx *Tx) (uint64, error)) (uint64, error) {
	spent, err := spend(ctx, by)
	if err != nil {
		return 0, err
	}
	ref, err := db.attempts(ctx, by, fn)
	if err == nil {
		spent()
	}
	return ref, err
}

func (db *DB) attempts(ctx context.Context, by By, fn func(tx *Tx) (uint64, error)) (uint64, error) {
	var ref uint64
	var err error
	for attempt := range maxAttempts {
		var after []func()
		ref, after, err = db.once(ctx, by, fn)
		if err == nil {
			for _, f := range after {
				f()
			}
			return ref, nil
		}
		if errors.Is(err, errRepeated) {
			return db.firstRun(ctx, by)
		}
		if !retryable(err) && (attempt > 0 || !errors.Is(err, gorm.ErrForeignKeyViolated)) {
			return 0, err
		}
		pause := time.Duration(1+rand.IntN(4<<min(attempt, 7))) * time.Millisecond
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(pause):
		}
	}
	return 0, errs.Internal(fmt.Sprintf("gave up after %d attempts", maxAttempts), err)
}

var errRepeated = errors.New("request key used before")

func (db *DB) once(ctx context.Context, by By, fn func(tx *Tx) (uint64, error)) (ref uint64, after []func(), err error) {
	now := db.Time()
	opts := &sql.TxOptions{}
	if db.Dialect == MySQL {
		// Locks are explicit; a read view from before a lock was had would be stale.
		opts.Isolation = sql.LevelReadCommitted
	}
	err = db.write.WithContext(ctx).Transaction(func(g *gorm.DB) error {
		tx := &Tx{DB: g, Now: now, Today: models.DayOf(now), By: by}
		if by.Key != "" {
			k := models.RequestKey{AccountID: by.AccountID, RequestKey: by.Key, Action: by.Action, CreatedAt: now}
			if err := g.Create(&k).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
				return errRepeated
			} else if err != nil {
				return err
			}
		}
		var err error
		if ref, err = fn(tx); err != nil {
			return err
		}
		for _, f := range tx.last {
			if err := f(); err != nil {
				return err
			}
		}
		if by.Key != "" && ref != 0 {
			q := g.Model(&models.RequestKey{}).Where("account_id = ? AND request_key = ?", by.AccountID, by.Key)
			if err := q.Update("ref", ref).Error; err != nil {
				return err
			}
		}
		after = tx.after
		return nil
	}, opts)
	return ref, after, err
}

func (db *DB) firstRun(ctx context.Context, by By) (uint64, error) {
	var k models.RequestKey
	err := db.Read(ctx).Where("account_id = ? AND request_key = ?", by.AccountID, by.Key).Take(&k).Error
	if err != nil {
		return 0, errs.Internal("request key", err)
	}
	if k.Action != by.Action {
		return 0, errs.Conflict("request_key_reused")
	}
	return k.Ref, nil
}

// retryable says whether the database rolled the transaction back and asks to run it again.
func retryable(err error) bool {
	var m *sqldriver.MySQLError
	if errors.As(err, &m) {
		// 1213 deadlock or certification failure, 1205 lock wait time-out, 1020 record changed since last read
		return m.Number == 1213 || m.Number == 1205 || m.Number == 1020
	}
	s := err.Error()
	return strings.Contains(s, "SQLITE_BUSY") || strings.Contains(s, "database is locked")
}
