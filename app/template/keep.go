package template

import (
	"bytes"
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// The bounds of a template's words, in characters, and of what its pictures add to each certificate, in bytes.
const (
	MaxName   = 120
	MaxNote   = 200
	MaxWeight = 400 << 10
)

// Row is a template in the list.
type Row struct {
	models.Template
	SavedAt      time.Time // its newest version
	SavedBy      string    // "" for the system
	Certificates int64     // issued by any of its versions
	Courses      int64     // that chose it
	Issuers      int64     // that chose it
}

// Standard says whether this is the template of whoever chose none.
func (r Row) Standard() bool { return r.Code != nil && *r.Code == Standard }

// List gives all templates by name, those in use before the archived ones.
func (s *Service) List(ctx context.Context) ([]Row, error) {
	return s.rows(ctx, func(q *gorm.DB) *gorm.DB { return q.Order("templates.archived_at IS NOT NULL, templates.id") })
}

// Get gives one template. It refuses with not_found.
func (s *Service) Get(ctx context.Context, id uint64) (Row, error) {
	rows, err := s.rows(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("templates.id = ?", id) })
	if err == nil && len(rows) == 0 {
		err = errs.NotFound("template")
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

func (s *Service) rows(ctx context.Context, want func(*gorm.DB) *gorm.DB) ([]Row, error) {
	var out []Row
	err := s.DB.Read(ctx).Table("templates").Scopes(want).
		Joins("JOIN template_versions ON template_versions.template_id = templates.id AND template_versions.number = templates.version").
		Joins("LEFT JOIN accounts ON accounts.id = template_versions.account_id").
		Select("templates.*, template_versions.created_at AS saved_at, COALESCE(accounts.name, '') AS saved_by, " +
			"(SELECT COUNT(*) FROM certificates JOIN template_versions v ON v.id = certificates.template_version_id WHERE v.template_id = templates.id) AS certificates, " +
			"(SELECT COUNT(*) FROM courses WHERE courses.template_id = templates.id) AS courses, " +
			"(SELECT COUNT(*) FROM issuers WHERE issuers.template_id = templates.id) AS issuers").
		Scan(&out).Error
	return out, err
}

// Version is a version in the history of a template.
type Version struct {
	models.TemplateVersion
	By           string // "" for the system
	Certificates int64
}

// History gives the versions of a template without their layouts, newest first.
func (s *Service) History(ctx context.Context, id uint64) ([]Version, error) {
	var out []Version
	err := s.DB.Read(ctx).Table("template_versions").Joins("LEFT JOIN accounts ON accounts.id = template_versions.account_id").
		Where("template_versions.template_id = ?", id).
		Select("template_versions.id, template_versions.template_id, template_versions.number, template_versions.note, template_versions.created_at, COALESCE(accounts.name, '') AS `by`, " +
			"(SELECT COUNT(*) FROM certificates WHERE certificates.template_version_id = template_versions.id) AS certificates").
		Order("template_versions.number DESC").Scan(&out).Error
	return out, err
}

// Version gives one version of a template with its layout; number 0 is the newest. It refuses with not_found.
func (s *Service) Version(ctx context.Context, id uint64, number int) (models.TemplateVersion, Layout, error) {
	q := s.DB.Read(ctx).Where("template_versions.template_id = ?", id)
	if number > 0 {
		q = q.Where("template_versions.number = ?", number)
	}
	return version(q)
}

func version(q *gorm.DB) (models.TemplateVersion, Layout, error) {
	var v models.TemplateVersion
	err := q.Order("template_versions.number DESC").Take(&v).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return v, Layout{}, errs.NotFound("template")
	}
	if err != nil {
		return v, Layout{}, err
	}
	l, err := read([]byte(v.Layout))
	if err != nil {
		err = errs.Internal("template version", err)
	}
	return v, l, err
}

// Try makes a layout ready to be drawn and says whether it may be kept. A layout that cannot be drawn at all is refused by Check or for
// its pictures, and there is no template; one whose pictures would make every certificate a heavy file ("template_pictures_heavy") or in
// which the longest texts do not fit ("template_overflow") can be looked at all the same.
func (s *Service) Try(ctx context.Context, l Layout) (*Template, error) {
	return s.try(s.DB.Read(ctx), l)
}

func (s *Service) try(db *gorm.DB, l Layout) (*Template, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	pictures, err := s.pictures(db, l)
	if err != nil {
		return nil, err
	}
	t, err := prepare(l, pictures, s.album.reduced)
	if err != nil {
		return nil, err
	}
	if t.weight() > MaxWeight {
		return t, errs.OnField("elements", "template_pictures_heavy", errs.Params{"n": MaxWeight >> 10})
	}
	return t, t.Fits(Longest())
}

// Create makes a template out of a layout. It refuses a name that is missing, too long or another's ("template_name_taken") and a layout
// that Try refuses.
func (s *Service) Create(ctx context.Context, actor access.Actor, name string, l Layout) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) { return s.create(tx, name, l) })
}

func (s *Service) create(tx *store.Tx, name string, l Layout) (uint64, error) {
	name, err := freeName(tx, name, 0)
	if err != nil {
		return 0, err
	}
	t := models.Template{Name: name, Version: 1}
	if err := tx.Create(&t).Error; err != nil {
		return 0, err
	}
	if err := s.write(tx, t.ID, 1, l, ""); err != nil {
		return 0, err
	}
	return t.ID, tx.Audit("template.create", "template", t.ID, map[string]any{"template": t.Name})
}

// Copy makes a template of the newest version of another one. It refuses as Create does, and with not_found.
func (s *Service) Copy(ctx context.Context, actor access.Actor, from uint64, name string) (uint64, error) {
	_, l, err := s.Version(ctx, from, 0)
	if err != nil {
		return 0, err
	}
	return s.Create(ctx, actor, name, l)
}

// Rename gives a template another name. It refuses a name as Create does.
func (s *Service) Rename(ctx context.Context, actor access.Actor, id uint64, name string) error {
	return s.change(ctx, actor, id, "template.rename", func(tx *store.Tx, t *models.Template) (err error) {
		t.Name, err = freeName(tx, name, id)
		return err
	})
}

// Archive says that a template is offered no more, or is again; courses and issuers that chose it keep it. It refuses the standard one
// ("template_standard").
func (s *Service) Archive(ctx context.Context, actor access.Actor, id uint64, archived bool) error {
	action := "template.archive"
	if !archived {
		action = "template.unarchive"
	}
	return s.change(ctx, actor, id, action, func(tx *store.Tx, t *models.Template) error {
		if archived && t.Code != nil && *t.Code == Standard {
			return errs.Conflict("template_standard")
		}
		t.ArchivedAt = nil
		if archived {
			t.ArchivedAt = &tx.Now
		}
		return nil
	})
}

func (s *Service) change(ctx context.Context, actor access.Actor, id uint64, action string, do func(*store.Tx, *models.Template) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		t, err := lock(tx, id)
		if err == nil {
			err = do(tx, &t)
		}
		if err == nil {
			err = tx.Save(&t).Error
		}
		if err != nil {
			return 0, err
		}
		return id, tx.Audit(action, "template", id, map[string]any{"template": t.Name})
	})
	return err
}

// Draft is what somebody wants to save as the next version.
type Draft struct {
	TemplateID uint64
	Base       int // number of the version that was being edited
	Layout     Layout
	Note       string // what changed
}

// Save keeps a layout as a new version; those before it stay as they are. It refuses a base that is not the newest any more
// ("template_changed", with the newest number), a layout that is the newest one's ("template_unchanged") and one that Try refuses.
func (s *Service) Save(ctx context.Context, actor access.Actor, d Draft) (int, error) {
	note := viet.NFC(d.Note)
	if utf8.RuneCountInString(note) > MaxNote {
		return 0, errs.OnField("note", "too_long", errs.Params{"n": MaxNote})
	}
	if err := d.Layout.Check(); err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		t, err := lock(tx, d.TemplateID)
		if err != nil {
			return 0, err
		}
		if t.Version != d.Base {
			return 0, errs.Conflict("template_changed", errs.Params{"number": t.Version})
		}
		_, newest, err := version(tx.Where("template_versions.template_id = ?", t.ID))
		if err != nil {
			return 0, err
		}
		if bytes.Equal(newest.JSON(), d.Layout.JSON()) {
			return 0, errs.Conflict("template_unchanged")
		}
		t.Version++
		if err := s.write(tx, t.ID, t.Version, d.Layout, note); err != nil {
			return 0, err
		}
		if err := tx.Save(&t).Error; err != nil {
			return 0, err
		}
		return uint64(t.Version), tx.Audit("template.save", "template", t.ID, map[string]any{"template": t.Name, "version": t.Version, "note": note})
	})
	return int(n), err
}

// write adds a version with the pictures that it shows.
func (s *Service) write(tx *store.Tx, id uint64, number int, l Layout, note string) error {
	if _, err := s.try(tx.DB, l); err != nil {
		return err
	}
	v := models.TemplateVersion{TemplateID: id, Number: number, Layout: string(l.JSON()), Note: note}
	if tx.By.AccountID != 0 {
		v.AccountID = &tx.By.AccountID
	}
	if err := tx.Create(&v).Error; err != nil {
		return err
	}
	var shown []models.TemplateVersionPicture
	names := l.Images()
	if len(names) == 0 {
		return nil
	}
	if err := tx.Table("template_pictures").Where("sha256 IN ?", names).Order("id").Select("? AS template_version_id, id AS picture_id", v.ID).Scan(&shown).Error; err != nil {
		return err
	}
	return tx.Create(&shown).Error
}

func lock(tx *store.Tx, id uint64) (models.Template, error) {
	var t models.Template
	err := tx.Lock().Take(&t, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("template")
	}
	return t, err
}

func freeName(tx *store.Tx, name string, but uint64) (string, error) {
	name = viet.NFC(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", errs.OnField("name", "required")
	case n > MaxName:
		return "", errs.OnField("name", "too_long", errs.Params{"n": MaxName})
	}
	var there int64
	if err := tx.Model(&models.Template{}).Where("name = ? AND id <> ?", name, but).Count(&there).Error; err != nil {
		return "", err
	}
	if there > 0 {
		return "", errs.OnField("name", "template_name_taken")
	}
	return name, nil
}

// MayChoose says whether somebody whose choice so far is before may choose the template of that id: one that is in use, or the one they
// have. 0 chooses none.
func MayChoose(tx *store.Tx, id uint64, before *uint64) (bool, error) {
	if id == 0 || before != nil && *before == id {
		return true, nil
	}
	var n int64
	err := tx.Model(&models.Template{}).Where("id = ? AND archived_at IS NULL", id).Count(&n).Error
	return n > 0, err
}

// Option is a template that a course or an issuer can choose.
type Option struct {
	ID   uint64
	Name string
}

// Options are the templates to choose from: those in use, and the one that is chosen.
func (s *Service) Options(ctx context.Context, chosen *uint64) ([]Option, error) {
	var out []Option
	q := s.DB.Read(ctx).Model(&models.Template{}).Where("archived_at IS NULL")
	if chosen != nil {
		q = q.Or("id = ?", *chosen)
	}
	return out, q.Order("id").Select("id, name").Scan(&out).Error
}
