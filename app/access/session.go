package access

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"gorm.io/gorm/clause"

	"taphuan/app/store"
	"taphuan/models"
)

// How long a sign-in lasts.
const (
	SessionLifetime = 7 * 24 * time.Hour // at most, however busy
	IdleNormal      = 12 * time.Hour     // without a request
	IdleShared      = 5 * time.Minute    // without a request, on a shared computer (máy dùng chung)
)

// Idle gives how long a sign-in stays without a request.
func Idle(shared bool) time.Duration {
	if shared {
		return IdleShared
	}
	return IdleNormal
}

// IdleStep says what a request means for an idle sign-in: whether it has ended, and else whether the time of the last
// request is to be written anew. It is written at most ten times per idle span (at least every 30 s), not on every request.
func IdleStep(seen, now time.Time, shared bool) (ended, touch bool) {
	gone := now.Sub(seen)
	limit := Idle(shared)
	return gone > limit, gone > limit/10
}

// SessionStore keeps web sessions in the table sign_ins. Use it with HashTokenInStore, so that the table holds no token that
// a browser could present.
type SessionStore struct {
	db      *store.DB
	cleaned atomic.Int64 // when this process last removed expired rows, Unix seconds
}

var (
	_ scs.CtxStore = (*SessionStore)(nil)
	_ scs.Store    = (*SessionStore)(nil)
)

// cleanEvery is how often one process removes expired sign-ins, cleanBatch how many at most at a time.
const (
	cleanEvery = 10 * time.Minute
	cleanBatch = 500
)

// NewSessionStore makes the store.
func NewSessionStore(db *store.DB) *SessionStore { return &SessionStore{db: db} }

// FindCtx gives the data of a session that has not expired.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var rows []struct {
		Data []byte
		ID   *uint64
		Row  accountRow `gorm:"embedded"`
	}
	err := s.db.Read(ctx).Table("sign_ins s").Select("s.data, a.id, "+accountColumns).
		Joins("LEFT JOIN accounts a ON a.id = s.account_id AND a.disabled = ?", false).Joins(accountGrants).
		Where("s.token_hash = ? AND s.expires_at > ?", token, s.db.Time()).Order("g.id").Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	if m, ok := ctx.Value(foundKey{}).(*found); ok && rows[0].ID != nil {
		m.id = *rows[0].ID
		for _, r := range rows {
			m.rows = append(m.rows, r.Row)
		}
	}
	return rows[0].Data, true, nil
}

type foundKey struct{}

// found is the account that was found with a session.
type found struct {
	id   uint64
	rows []accountRow
}

// take gives the account's rows once: whoever loads it again wants what holds by then.
func (f *found) take() []accountRow {
	rows := f.rows
	f.id, f.rows = 0, nil
	return rows
}

// WithAccounts is a context in which the first Load of an account whose session was found in it takes no statement.
func WithAccounts(ctx context.Context) context.Context {
	return context.WithValue(ctx, foundKey{}, &found{})
}

// CommitCtx writes a session, new or known, and now and then removes some that have expired.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	// scs reckons with the system's clock, the table with the database's.
	row := models.SignIn{TokenHash: token, AccountID: accountOf(data), Data: data, ExpiresAt: s.db.Time().Add(time.Until(expiry)).Truncate(time.Microsecond)}
	_, err := s.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "token_hash"}},
			DoUpdates: clause.AssignmentColumns([]string{"account_id", "data", "expires_at"}),
		}).Create(&row).Error
	})
	if err != nil {
		return err
	}
	now, last := s.db.Time().Unix(), s.cleaned.Load()
	if now-last >= int64(cleanEvery/time.Second) && s.cleaned.CompareAndSwap(last, now) {
		return s.clean(ctx)
	}
	return nil
}

// SessionAccount is the key under which a session holds the id of its account, in decimal digits.
const SessionAccount = "account"

// accountOf gives the account that a session's data names, nil for none.
func accountOf(data []byte) *uint64 {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return nil
	}
	text, _ := values[SessionAccount].(string)
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return nil
	}
	return &id
}

// keepKeys is how long a request's own id is remembered: nobody repeats a request later than that.
const keepKeys = 30 * 24 * time.Hour

// clean removes expired sign-ins, a batch of them, and what is remembered of requests and of failed sign-ins that matter no more.
func (s *SessionStore) clean(ctx context.Context) error {
	_, err := s.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Where("created_at < ?", tx.Now.Add(-keepKeys)).Delete(&models.RequestKey{}).Error; err != nil {
			return 0, err
		}
		return 0, tx.Where("last_at < ?", tx.Now.Add(-forgetFailure)).Delete(&models.SignInFailure{}).Error
	})
	if err != nil {
		return err
	}
	var old []string
	q := s.db.Read(ctx).Model(&models.SignIn{}).Where("expires_at <= ?", s.db.Time())
	if err := q.Order("expires_at").Limit(cleanBatch).Pluck("token_hash", &old).Error; err != nil || len(old) == 0 {
		return err
	}
	_, err = s.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("token_hash IN ? AND expires_at <= ?", old, tx.Now).Delete(&models.SignIn{}).Error
	})
	return err
}

// DeleteCtx ends a session; one that is not there is no error.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("token_hash = ?", token).Delete(&models.SignIn{}).Error
	})
	return err
}

// Find is FindCtx for callers without a context.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
