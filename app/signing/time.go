package signing

import (
	"context"
	"crypto/x509"
	"net/url"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/signature"
	"taphuan/app/store"
	"taphuan/models"
)

// TimeSettings say which time-stamp service (RFC 3161) proves when a signature was there.
type TimeSettings struct {
	URL   string // "" for none
	Roots string // PEM: whom to trust; "": any service whose answer is sound in itself
}

// Names of the rows in settings.
const (
	nameTimeURL   = "time_stamp_url"
	nameTimeRoots = "time_stamp_roots"
)

// MaxRoots is how many bytes of certificates may be given.
const MaxRoots = 60_000

// Time reads which time-stamp service is set.
func (s *Service) Time(ctx context.Context) (TimeSettings, error) {
	return timeSettings(s.DB.Read(ctx))
}

func timeSettings(db *gorm.DB) (out TimeSettings, err error) {
	var rows []models.Setting
	err = db.Where("name IN ?", []string{nameTimeURL, nameTimeRoots}).Find(&rows).Error
	for _, r := range rows {
		switch r.Name {
		case nameTimeURL:
			out.URL = r.Value
		case nameTimeRoots:
			out.Roots = r.Value
		}
	}
	return out, err
}

// timeService gives the service that is set, nil for none.
func timeService(db *gorm.DB) (*signature.TimeService, error) {
	set, err := timeSettings(db)
	if err != nil || set.URL == "" {
		return nil, err
	}
	return set.service()
}

func (t TimeSettings) service() (*signature.TimeService, error) {
	roots, err := Roots(t.Roots)
	return &signature.TimeService{URL: t.URL, Roots: roots}, err
}

// Roots reads certificates in PEM, nil for none. It refuses what holds none, or anything beside ("roots_unreadable").
func Roots(text string) (*x509.CertPool, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if len(text) > MaxRoots || !pool.AppendCertsFromPEM([]byte(text)) {
		return nil, errs.Invalid("roots_unreadable")
	}
	return pool, nil
}

// SetTime sets the time-stamp service after it has answered; an empty address switches it off. It refuses an address that is none
// ("url_invalid" on "time_url"), certificates that are none ("roots_unreadable" on "time_roots"), and a service whose answer
// cannot be used, with what signature.TimeService.Stamp says, on "time_url".
func (s *Service) SetTime(ctx context.Context, by store.By, in TimeSettings) error {
	in.URL, in.Roots = strings.TrimSpace(in.URL), strings.TrimSpace(in.Roots)
	if u, err := url.Parse(in.URL); in.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(in.URL) > 500) {
		return errs.OnField("time_url", "url_invalid")
	}
	service, err := in.service()
	if err != nil {
		return errs.OnField("time_roots", errs.As(err).Code)
	}
	if in.URL != "" {
		if _, err := service.Stamp(ctx, []byte("taphuan")); err != nil {
			return errs.OnField("time_url", errs.As(err).Code)
		}
	}
	_, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		rows := []models.Setting{{Name: nameTimeURL, Value: in.URL, UpdatedAt: tx.Now}, {Name: nameTimeRoots, Value: in.Roots, UpdatedAt: tx.Now}}
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"})}).Create(&rows).Error
		if err != nil {
			return 0, err
		}
		return 0, tx.Audit("settings.update", "settings", 0, map[string]any{"time_stamp_url": in.URL, "roots": in.Roots != ""})
	})
	return err
}
