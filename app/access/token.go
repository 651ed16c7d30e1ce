package access

import (
	"context"
	"encoding/base32"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// TokenPrefix begins every personal access token, so that one that got lost is recognised.
const TokenPrefix = "tph_"

const (
	tokenBytes    = 25 // 200 bits
	maxTokenName  = 120
	tokensAtATime = 20 // that one account may hold
)

// NewToken says what personal access token to make.
type NewToken struct {
	For     uint64     // the account, for the shell; 0: the actor's own
	Name    string     // what it is for
	LastDay models.Day // the last local day on which it works; no day: until it is revoked
}

// CreateToken makes a personal access token and gives it; only its keyed hash is kept. It refuses a missing
// name ("required") or a long one ("too_long"), a last day that is over ("day_is_past"), too many tokens ("tokens_too_many"), and a
// request that arrives a second time ("token_shown_once"), since the token cannot be shown again.
func (s *Service) CreateToken(ctx context.Context, actor Actor, in NewToken) (plain string, err error) {
	b := make([]byte, tokenBytes)
	if _, err := io.ReadFull(s.random(), b); err != nil {
		return "", errs.Internal("random numbers", err)
	}
	fresh := TokenPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(b))
	in.Name = viet.NFC(in.Name)
	if in.For == 0 {
		in.For = actor.AccountID
	}
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var f errs.Fields
		switch n := utf8.RuneCountInString(in.Name); {
		case n == 0:
			f.Add("name", "required")
		case n > maxTokenName:
			f.Add("name", "too_long", errs.Params{"n": maxTokenName})
		}
		t := models.Token{AccountID: in.For, Name: in.Name, TokenHash: s.Keys.Hash("token", fresh)}
		if in.LastDay != 0 && in.LastDay != models.Forever {
			if in.LastDay < tx.Today {
				f.Add("last_day", "day_is_past")
			}
			end := in.LastDay.AddDays(1).At(0).UTC()
			t.ExpiresAt = &end
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		if _, err := lockAccount(tx, in.For); err != nil {
			return 0, err
		}
		var n int64
		if err := tx.Model(&models.Token{}).Where("account_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", in.For, tx.Now).
			Count(&n).Error; err != nil {
			return 0, err
		}
		if n >= tokensAtATime {
			return 0, errs.Conflict("tokens_too_many", errs.Params{"n": tokensAtATime})
		}
		if err := tx.Create(&t).Error; err != nil {
			return 0, err
		}
		plain = fresh
		return t.ID, tx.Audit("token.create", "token", t.ID, map[string]any{"name": in.Name})
	})
	switch {
	case err != nil:
		return "", err
	case plain == "":
		return "", errs.Conflict("token_shown_once")
	}
	return plain, nil
}

// Tokens gives the actor's own tokens that still work, newest first.
func (s *Service) Tokens(ctx context.Context, actor Actor) ([]models.Token, error) {
	var ts []models.Token
	err := s.DB.Read(ctx).Where("account_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", actor.AccountID, s.DB.Time()).
		Order("id DESC").Limit(tokensAtATime).Find(&ts).Error
	return ts, err
}

// RevokeToken ends one of the actor's own tokens; another's is not_found.
func (s *Service) RevokeToken(ctx context.Context, actor Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		r := tx.Model(&models.Token{}).Where("id = ? AND account_id = ? AND revoked_at IS NULL", id, actor.AccountID).Update("revoked_at", tx.Now)
		if r.Error != nil {
			return 0, r.Error
		}
		if r.RowsAffected == 0 {
			return 0, errs.NotFound("token")
		}
		return id, tx.Audit("token.revoke", "token", id, nil)
	})
	return err
}

// ByToken gives the actor of a personal access token, in two queries; once a day it notes that the token was used. It refuses a token that is
// unknown, revoked, expired or of a disabled account with "token_wrong".
func (s *Service) ByToken(ctx context.Context, token string) (Actor, error) {
	if !strings.HasPrefix(token, TokenPrefix) {
		return Actor{}, errs.Unauthenticated("token_wrong")
	}
	var t models.Token
	err := s.DB.Read(ctx).Where("token_hash = ? AND revoked_at IS NULL", s.Keys.Hash("token", token)).Take(&t).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Actor{}, errs.Unauthenticated("token_wrong")
	}
	if err != nil {
		return Actor{}, errs.Internal("token", err)
	}
	now := s.DB.Time()
	if t.ExpiresAt != nil && !now.Before(*t.ExpiresAt) {
		return Actor{}, errs.Unauthenticated("token_wrong")
	}
	a, err := s.load(ctx, t.AccountID)
	if errs.Is(err, "signed_out") {
		return Actor{}, errs.Unauthenticated("token_wrong")
	}
	if err != nil {
		return Actor{}, err
	}
	if t.LastUsedAt == nil || models.DayOf(*t.LastUsedAt) != models.DayOf(now) {
		_, err := s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Token{}).Where("id = ?", t.ID).Update("last_used_at", tx.Now).Error
		})
		if err != nil {
			return Actor{}, errs.Internal("token", err)
		}
	}
	return a.Actor, nil
}
