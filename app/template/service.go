package template

import (
	"context"
	"errors"
	"sync"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps templates.
type Service struct {
	DB *store.DB

	compiled sync.Map // of a version's id to its *Template: versions never change
	album    album    // for layouts that are being edited
}

// Standard is the code of the template that is used where neither course nor issuer has chosen one.
const Standard = "standard"

// Choose gives the newest version of the first template that is chosen, else of the standard one. It refuses with "template_missing" where
// there is none.
func (s *Service) Choose(tx *store.Tx, chosen ...*uint64) (versionID uint64, t *Template, err error) {
	want, value := "templates.code = ?", any(Standard)
	for _, id := range chosen {
		if id != nil {
			want, value = "templates.id = ?", *id
			break
		}
	}
	err = tx.Table("template_versions").Joins("JOIN templates ON templates.id = template_versions.template_id AND templates.version = template_versions.number").
		Where(want, value).Select("template_versions.id").Limit(1).Scan(&versionID).Error
	if err != nil {
		return 0, nil, err
	}
	if versionID == 0 {
		return 0, nil, errs.Conflict("template_missing")
	}
	t, err = s.Load(tx.DB, versionID)
	return versionID, t, err
}

// Coming gives the templates by their ids, and under 0 the standard one: what Choose would take now.
func (s *Service) Coming(ctx context.Context) (map[uint64]models.Template, error) {
	var rows []models.Template
	if err := s.DB.Read(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := map[uint64]models.Template{}
	for _, t := range rows {
		out[t.ID] = t
		if t.Code != nil && *t.Code == Standard {
			out[0] = t
		}
	}
	return out, nil
}

// Load gives a version ready to be drawn. It refuses a version that is not there with not_found.
func (s *Service) Load(db *gorm.DB, versionID uint64) (*Template, error) {
	if t, ok := s.compiled.Load(versionID); ok {
		return t.(*Template), nil
	}
	var v models.TemplateVersion
	err := db.Take(&v, versionID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("template")
	}
	if err != nil {
		return nil, err
	}
	l, err := read([]byte(v.Layout))
	if err != nil {
		return nil, errs.Internal("template version", err)
	}
	pictures, err := s.pictures(db, l)
	if err != nil {
		return nil, err
	}
	t, err := prepare(l, pictures, reduced)
	if err != nil {
		return nil, errs.Internal("template version", err)
	}
	s.compiled.Store(versionID, t)
	return t, nil
}

// pictures reads the pictures that the layout shows.
func (s *Service) pictures(db *gorm.DB, l Layout) (map[string]paper.Picture, error) {
	names := l.Images()
	if len(names) == 0 {
		return nil, nil
	}
	var rows []models.TemplatePicture
	if err := db.Where("sha256 IN ?", names).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := map[string]paper.Picture{}
	for _, r := range rows {
		out[r.SHA256] = paper.Picture{Width: r.Width, Height: r.Height, ContentType: r.ContentType, Body: r.Body}
	}
	return out, nil
}

// Seed adds the templates that come with the system where they are missing, and gives how many.
func Seed(tx *store.Tx) (int, error) {
	n := 0
	for _, x := range Shipped {
		var there int64
		if err := tx.Model(&models.Template{}).Where("code = ?", x.Code).Count(&there).Error; err != nil {
			return n, err
		}
		if there > 0 {
			continue
		}
		l, err := ShippedLayout(x.Code)
		if err != nil {
			return n, err
		}
		t := models.Template{Code: &x.Code, Name: x.Name, Version: 1}
		if err := tx.Create(&t).Error; err != nil {
			return n, err
		}
		v := models.TemplateVersion{TemplateID: t.ID, Number: 1, Layout: string(l.JSON())}
		if err := tx.Create(&v).Error; err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
