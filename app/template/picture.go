package template

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// MaxPictures is how many pictures are kept.
const MaxPictures = 200

// PictureRow is a picture in the library, without its content.
type PictureRow struct {
	ID          uint64
	Name        string
	SHA256      string `gorm:"column:sha256"`
	ContentType string
	Width       int // pixels
	Height      int
	Versions    int64 // that show it
}

// Pictures gives the library by name.
func (s *Service) Pictures(ctx context.Context) ([]PictureRow, error) {
	var out []PictureRow
	err := s.DB.Read(ctx).Table("template_pictures").
		Select("id, name, sha256, content_type, width, height, (SELECT COUNT(*) FROM template_version_pictures WHERE template_version_pictures.picture_id = template_pictures.id) AS versions").
		Order("name, id").Scan(&out).Error
	return out, err
}

// Picture gives one with its content. It refuses with not_found.
func (s *Service) Picture(ctx context.Context, id uint64) (models.TemplatePicture, error) {
	var p models.TemplatePicture
	err := s.DB.Read(ctx).Take(&p, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("picture")
	}
	return p, err
}

// AddPicture takes a picture into the library; one that is there already is not kept twice. It refuses a name that is missing or too long,
// what paper.ReadPicture refuses, and more than MaxPictures ("template_pictures").
func (s *Service) AddPicture(ctx context.Context, actor access.Actor, name string, body []byte) (uint64, error) {
	row, err := readPicture(name, body)
	if err != nil {
		return 0, err
	}
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) { return addPicture(tx, row) })
}

func readPicture(name string, body []byte) (models.TemplatePicture, error) {
	row := models.TemplatePicture{Name: viet.NFC(name)}
	var wrong errs.Fields
	if n := utf8.RuneCountInString(row.Name); n == 0 {
		wrong.Add("name", "required")
	} else if n > MaxName {
		wrong.Add("name", "too_long", errs.Params{"n": MaxName})
	}
	if len(body) == 0 {
		wrong.Add("picture", "required")
	}
	if err := wrong.Err(); err != nil {
		return row, err
	}
	p, err := paper.ReadPicture(body)
	if err != nil {
		return row, err
	}
	sum := sha256.Sum256(p.Body)
	row.SHA256, row.ContentType, row.Width, row.Height, row.Body = hex.EncodeToString(sum[:]), p.ContentType, p.Width, p.Height, p.Body
	return row, nil
}

func addPicture(tx *store.Tx, row models.TemplatePicture) (uint64, error) {
	var there []uint64
	if err := tx.Model(&models.TemplatePicture{}).Where("sha256 = ?", row.SHA256).Pluck("id", &there).Error; err != nil || len(there) > 0 {
		return append(there, 0)[0], err
	}
	var n int64
	if err := tx.Model(&models.TemplatePicture{}).Count(&n).Error; err != nil {
		return 0, err
	}
	if n >= MaxPictures {
		return 0, errs.Conflict("template_pictures", errs.Params{"n": MaxPictures})
	}
	if tx.By.AccountID != 0 {
		row.AccountID = &tx.By.AccountID
	}
	if err := tx.Create(&row).Error; err != nil {
		return 0, err
	}
	return row.ID, tx.Audit("template.picture_add", "template_picture", row.ID, map[string]any{"picture": row.Name})
}

// RemovePicture takes a picture out of the library. It refuses one that a version shows ("picture_used"): what was issued by it can be
// drawn again for ever.
func (s *Service) RemovePicture(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var p models.TemplatePicture
		err := tx.Lock().Select("id, name").Take(&p, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("picture")
		}
		if err != nil {
			return 0, err
		}
		var n int64
		if err := tx.Model(&models.TemplateVersionPicture{}).Where("picture_id = ?", id).Count(&n).Error; err != nil {
			return 0, err
		}
		if n > 0 {
			return 0, errs.Conflict("picture_used", errs.Params{"name": p.Name})
		}
		err = tx.Delete(&models.TemplatePicture{ID: id}).Error
		if errors.Is(err, gorm.ErrForeignKeyViolated) {
			return 0, errs.Conflict("picture_used", errs.Params{"name": p.Name})
		}
		if err != nil {
			return 0, err
		}
		return id, tx.Audit("template.picture_remove", "template_picture", id, map[string]any{"picture": p.Name})
	})
	return err
}
