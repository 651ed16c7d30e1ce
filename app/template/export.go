package template

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// MaxFile is what a template that is brought from another system may weigh, its pictures included.
const MaxFile = 8 << 20

// file is a template on its way to another system: whole, with its pictures.
type file struct {
	Name     string          `json:"name"`
	Layout   json.RawMessage `json:"layout"`
	Pictures []filePicture   `json:"pictures,omitempty"`
}

type filePicture struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Body   []byte `json:"body"`
}

// Export gives a version as a file that Import takes; number 0 is the newest. It refuses with not_found.
func (s *Service) Export(ctx context.Context, id uint64, number int) (name string, body []byte, err error) {
	t, err := s.Get(ctx, id)
	if err != nil {
		return "", nil, err
	}
	_, l, err := s.Version(ctx, id, number)
	if err != nil {
		return "", nil, err
	}
	f := file{Name: t.Name, Layout: l.JSON()}
	if names := l.Images(); len(names) > 0 {
		var rows []models.TemplatePicture
		if err := s.DB.Read(ctx).Where("sha256 IN ?", names).Order("id").Find(&rows).Error; err != nil {
			return "", nil, err
		}
		for _, r := range rows {
			f.Pictures = append(f.Pictures, filePicture{r.Name, r.SHA256, r.Body})
		}
	}
	body, err = json.MarshalIndent(f, "", " ")
	return t.Name, body, err
}

// Import makes a template out of such a file, or of a bare layout; name "" takes the file's. The pictures that the layout shows are read as
// uploaded ones are, and kept with the template or not at all. It refuses what is no such file (as Parse does), one that is too
// large ("template_file_large"), and what Create and AddPicture refuse.
func (s *Service) Import(ctx context.Context, actor access.Actor, name string, body []byte) (uint64, error) {
	if len(body) > MaxFile {
		return 0, errs.OnField("file", "template_file_large", errs.Params{"n": MaxFile >> 20})
	}
	var f file
	if err := json.Unmarshal(body, &f); err != nil {
		return 0, misread(err)
	}
	if f.Layout == nil {
		f.Layout = body
	}
	if strings.TrimSpace(name) == "" {
		name = f.Name
	}
	l, err := Parse(f.Layout)
	if err != nil {
		return 0, err
	}
	pictures, err := l.adopt(f.Pictures)
	if err != nil {
		return 0, err
	}
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		for _, p := range pictures {
			if _, err := addPicture(tx, p); err != nil {
				return 0, err
			}
		}
		return s.create(tx, name, l)
	})
}

// adopt reads those of a file's pictures that the layout shows, each once, and lets the layout name them as they are kept here.
func (l Layout) adopt(brought []filePicture) ([]models.TemplatePicture, error) {
	var out []models.TemplatePicture
	known := map[string]string{}
	shown := l.Images()
	for _, p := range brought {
		if known[p.SHA256] != "" || !slices.Contains(shown, p.SHA256) {
			continue
		}
		row, err := readPicture(p.Name, p.Body)
		if err != nil {
			return nil, err
		}
		known[p.SHA256] = row.SHA256
		out = append(out, row)
	}
	for i, e := range l.Elements {
		if here := known[e.Image]; here != "" {
			l.Elements[i].Image = here
		}
	}
	return out, nil
}
