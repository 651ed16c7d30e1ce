// Package settings keeps what administrators set for the whole system: its public address and the issuer's name.
// Nothing is cached: every process reads the database.
package settings

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Settings are all settings at once; zero values are "not set yet".
type Settings struct {
	PublicURL    string // under which people outside reach the system, such as https://taphuan.caobang.gov.vn; no slash at the end
	Internal     bool   // the address is for an inner network only and may be http or one that is reached from there alone
	IssuerParent string // the body above the issuer, upper line of letterheads
	IssuerName   string // who issues certificates and slips, lower line
	UpdatedAt    time.Time
}

// Names of the rows.
const (
	namePublicURL    = "public_url"
	nameInternal     = "public_url_internal"
	nameIssuerParent = "issuer_parent"
	nameIssuerName   = "issuer_name"
)

const (
	maxURL  = 200
	maxLine = 200
)

// Service reads and writes settings.
type Service struct{ DB *store.DB }

// Get reads the settings, in one query.
func (s *Service) Get(ctx context.Context) (Settings, error) {
	var rows []models.Setting
	if err := s.DB.Read(ctx).Where("name IN ?", []string{namePublicURL, nameInternal, nameIssuerParent, nameIssuerName}).Find(&rows).Error; err != nil {
		return Settings{}, errs.Internal("settings", err)
	}
	var out Settings
	for _, r := range rows {
		switch r.Name {
		case namePublicURL:
			out.PublicURL = r.Value
		case nameInternal:
			out.Internal = r.Value == "true"
		case nameIssuerParent:
			out.IssuerParent = r.Value
		case nameIssuerName:
			out.IssuerName = r.Value
		}
		if r.UpdatedAt.After(out.UpdatedAt) {
			out.UpdatedAt = r.UpdatedAt
		}
	}
	return out, nil
}

// Set writes all settings. It refuses an address that is none or has more than scheme, host and path ("url_invalid"), one without https
// that is not said to be internal ("url_not_https"), one that is not reached from everywhere and not said to be internal ("url_not_public"), and lines that are too long ("too_long").
func (s *Service) Set(ctx context.Context, by store.By, in Settings) error {
	var f errs.Fields
	address, code := normalURL(in.PublicURL, in.Internal)
	if code != "" {
		f.Add("public_url", code)
	}
	in.PublicURL = address
	in.IssuerParent, in.IssuerName = viet.NFC(in.IssuerParent), viet.NFC(in.IssuerName)
	if utf8.RuneCountInString(in.IssuerParent) > maxLine {
		f.Add("issuer_parent", "too_long", errs.Params{"n": maxLine})
	}
	if utf8.RuneCountInString(in.IssuerName) > maxLine {
		f.Add("issuer_name", "too_long", errs.Params{"n": maxLine})
	}
	if err := f.Err(); err != nil {
		return err
	}
	internal := "false"
	if in.Internal {
		internal = "true"
	}
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		rows := []models.Setting{{Name: namePublicURL, Value: in.PublicURL}, {Name: nameInternal, Value: internal},
			{Name: nameIssuerParent, Value: in.IssuerParent}, {Name: nameIssuerName, Value: in.IssuerName}}
		for i := range rows {
			rows[i].UpdatedAt = tx.Now
		}
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"})}).
			Create(&rows).Error
		if err != nil {
			return 0, err
		}
		return 0, tx.Audit("settings.update", "settings", 0, map[string]any{"public_url": in.PublicURL, "internal": in.Internal,
			"issuer_parent": in.IssuerParent, "issuer_name": in.IssuerName})
	})
	return err
}

// normalURL gives the address as it is kept, or the code of its refusal; "" stays "".
func normalURL(typed string, internal bool) (address, code string) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", ""
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || len(typed) > maxURL ||
		(u.Scheme != "https" && u.Scheme != "http") {
		return typed, "url_invalid"
	}
	if u.Scheme == "http" && !internal {
		return typed, "url_not_https"
	}
	host := strings.ToLower(u.Hostname())
	if !internal && !everywhere(host) {
		return typed, "url_not_public"
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), ""
}

// innerNames end names that are resolved in inner networks only (RFC 2606, RFC 6761, RFC 6762, RFC 8375, ICANN's resolution on .internal).
var innerNames = []string{".local", ".localhost", ".internal", ".home.arpa", ".lan", ".test", ".invalid", ".onion"}

// everywhere says whether a host can be one that is reached from everywhere: not this machine, not a private network, not a bare name.
func everywhere(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared.Contains(ip)
	}
	last := host[strings.LastIndex(host, ".")+1:]
	if last == host || last == "" || '0' <= last[0] && last[0] <= '9' { // 127.1 and 0x7f.1.1.1 are addresses too, and no top domain begins so
		return false
	}
	return !slices.ContainsFunc(innerNames, func(end string) bool { return strings.HasSuffix(host, end) })
}

// shared are addresses behind a provider's translation (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// ForPaper gives the public address for what is printed and lasts, "" for none. It refuses one that is not reached from everywhere and not
// said to be internal ("url_not_public").
func (s Settings) ForPaper() (string, error) {
	if u, err := url.Parse(s.PublicURL); s.PublicURL != "" && !s.Internal && (err != nil || !everywhere(strings.ToLower(u.Hostname()))) {
		return "", errs.Conflict("url_not_public")
	}
	return s.PublicURL, nil
}

// Link gives the public address of a local path; without a public address, the path itself.
func (s Settings) Link(path string) string { return s.PublicURL + path }

// nameOpen is the setting that publishes figures of coverage for anyone.
const nameOpen = "open_figures"

// Open says whether anyone may see figures of coverage (coverage.Open). Nobody may until an administrator says so.
func (s *Service) Open(ctx context.Context) (bool, error) {
	var n int64
	err := s.DB.Read(ctx).Model(&models.Setting{}).Where("name = ? AND value = ?", nameOpen, "true").Count(&n).Error
	return n > 0, err
}

// SetOpen publishes the figures or takes them back; where they are so already nothing happens.
func (s *Service) SetOpen(ctx context.Context, by store.By, on bool) error {
	value, action := "false", "open_figures.off"
	if on {
		value, action = "true", "open_figures.on"
	}
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		// Two at once wait for each other here.
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&models.Setting{Name: nameOpen, Value: "false", UpdatedAt: tx.Now}).Error; err != nil {
			return 0, err
		}
		var now models.Setting
		if err := tx.Lock().Where("name = ?", nameOpen).Take(&now).Error; err != nil {
			return 0, err
		}
		if now.Value == value {
			return 0, nil
		}
		if err := tx.Model(&now).Updates(map[string]any{"value": value, "updated_at": tx.Now}).Error; err != nil {
			return 0, err
		}
		return 0, tx.Audit(action, "settings", 0, nil)
	})
	return err
}
