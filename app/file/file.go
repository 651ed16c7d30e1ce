// Package file keeps documents that people hand in, such as the scan of a paper: what they are is told by their content, and they
// are sealed at rest, since names and personal numbers stand in them. Who may read one is for the noun that it belongs to.
package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	_ "image/jpeg" // pictures are recognised by their own readers
	_ "image/png"
	"path"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// MaxBytes is how large a document may be.
const MaxBytes = 10 << 20

// maxName is how many characters of a name are kept.
const maxName = 200

const purpose = "stored_file"

// extensions are those under which a document of each kind is given out.
var extensions = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// Service keeps documents.
type Service struct {
	DB   *store.DB
	Keys *secret.Keys
}

// Upload is a document as it comes in; Body nil means that none came.
type Upload struct {
	Name string
	Body []byte
}

// Check tells what the document is. It refuses one larger than MaxBytes ("scan_too_large") and one that is neither PDF nor JPEG nor
// PNG ("scan_not_understood"), whatever its name says.
func Check(body []byte) (contentType string, err error) {
	switch {
	case len(body) > MaxBytes:
		return "", errs.OnField("scan", "scan_too_large", errs.Params{"n": MaxBytes >> 20})
	case bytes.HasPrefix(body, []byte("%PDF-1.")), bytes.HasPrefix(body, []byte("%PDF-2.")):
		return "application/pdf", nil
	}
	if _, format, err := image.DecodeConfig(bytes.NewReader(body)); err == nil && (format == "jpeg" || format == "png") {
		return "image/" + format, nil
	}
	return "", errs.OnField("scan", "scan_not_understood")
}

// Add keeps a document within the transaction and gives its id. It refuses as Check does.
func (s *Service) Add(tx *store.Tx, u Upload) (uint64, error) {
	contentType, err := Check(u.Body)
	if err != nil {
		return 0, err
	}
	sealed, err := s.Keys.Seal(purpose, string(u.Body))
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(u.Body)
	f := models.StoredFile{Name: nameOf(u.Name, contentType), ContentType: contentType, Sha256: hex.EncodeToString(sum[:]), SizeBytes: len(u.Body), Body: sealed}
	if tx.By.AccountID != 0 {
		f.AccountID = &tx.By.AccountID
	}
	err = tx.Create(&f).Error
	return f.ID, err
}

// nameOf is the name without folders, with the ending that the content asks for.
func nameOf(name, contentType string) string {
	name = path.Base(strings.ReplaceAll(viet.NFC(name), `\`, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	if strings.Trim(name, "./ ") == "" {
		name = "ban-chup"
	}
	return name + extensions[contentType]
}

// Get reads a document with its content. It refuses with not_found; the caller has asked whether the reader may see it.
func (s *Service) Get(ctx context.Context, id uint64) (models.StoredFile, error) {
	var f models.StoredFile
	err := s.DB.Read(ctx).Take(&f, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return f, errs.NotFound("file")
	}
	if err != nil {
		return f, err
	}
	body, err := s.Keys.Open(purpose, f.Body)
	f.Body = []byte(body)
	return f, err
}
