package template_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// refused says how an error refuses: FIELD CODE, or CODE.
func refused(err error) string {
	var e *errs.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Name + " " + e.Fields[0].Code
	}
	return e.Code
}

// shelf is a service with the templates that come with the system.
func shelf(t *testing.T, f func(t *testing.T, s *template.Service, standard template.Row)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &template.Service{DB: db}
		rows, err := s.List(t.Context())
		if err != nil || len(rows) != len(template.Shipped) || !rows[0].Standard() {
			t.Fatalf("%+v, %v", rows, err)
		}
		f(t, s, rows[0])
	}, testseed.Base)
}

func layoutOf(t *testing.T, s *template.Service, id uint64) template.Layout {
	t.Helper()
	_, l, err := s.Version(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// seal is a small picture of a round stamp, another one for each shade.
func seal(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			if d := (x-20)*(x-20) + (y-20)*(y-20); d < 400 && d > 300 {
				img.Set(x, y, color.NRGBA{R: shade, A: 0xff})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSavingMakesANewVersionAndLeavesTheOldOneAsItWas(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		before, l, err := s.Version(ctx, standard.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		old, err := s.Load(s.DB.Read(ctx), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		want, err := old.Draw(template.Sample(), template.Copy)
		if err != nil {
			t.Fatal(err)
		}
		l.Elements[2].Text = "GIẤY KHEN"
		n, err := s.Save(ctx, who, template.Draft{TemplateID: standard.ID, Base: 1, Layout: l, Note: " đổi tên  giấy "})
		if err != nil || n != 2 {
			t.Fatal(n, err)
		}
		// A service that has compiled nothing yet reads what is kept.
		fresh := &template.Service{DB: s.DB}
		again, err := fresh.Load(s.DB.Read(ctx), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Draw(template.Sample(), template.Copy); err != nil || !bytes.Equal(got, want) {
			t.Errorf("what was issued by version 1 is drawn differently after version 2: %v", err)
		}
		history, err := s.History(ctx, standard.ID)
		if err != nil || len(history) != 2 || history[0].Number != 2 || history[0].Note != "đổi tên giấy" {
			t.Errorf("%+v, %v", history, err)
		}
		if got := layoutOf(t, s, standard.ID); got.Elements[2].Text != "GIẤY KHEN" {
			t.Errorf("the newest says %q", got.Elements[2].Text)
		}
		if _, _, err := s.Version(ctx, standard.ID, 3); refused(err) != "not_found" {
			t.Errorf("version 3: %v", err)
		}
	})
}

func TestOfTwoWhoSaveAtOnceTheSecondIsToldAndNothingIsLost(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		l := layoutOf(t, s, standard.ID)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var got []string
		for i := range 4 {
			mine := template.Layout{Page: l.Page, Elements: slices.Clone(l.Elements)}
			mine.Elements[2].Text = "GIẤY " + strings.Repeat("A", i+1)
			wg.Go(func() {
				_, err := s.Save(t.Context(), access.System(), template.Draft{TemplateID: standard.ID, Base: 1, Layout: mine})
				mu.Lock()
				defer mu.Unlock()
				got = append(got, refused(err))
			})
		}
		wg.Wait()
		slices.Sort(got)
		if want := []string{"", "template_changed", "template_changed", "template_changed"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		now := layoutOf(t, s, standard.ID)
		if _, err := s.Save(t.Context(), access.System(), template.Draft{TemplateID: standard.ID, Base: 2, Layout: now}); refused(err) != "template_unchanged" {
			t.Errorf("the same again: %v", err)
		}
	})
}

func TestALayoutThatCouldNotMakeACertificateIsNotKept(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		for want, spoil := range map[string]func(l *template.Layout){
			"elements.2 template_field_unknown": func(l *template.Layout) { l.Elements[2].Text = "{luong}" },
			"elements.2 glyph_missing":          func(l *template.Layout) { l.Elements[2].Text = "證書" },
			"elements.2 template_overflow":      func(l *template.Layout) { l.Elements[2].Text, l.Elements[2].W, l.Elements[2].Spacing = "{name}", 20, 0 },
			"elements.2 template_outside":       func(l *template.Layout) { l.Elements[2].X = 200 },
			"elements template_qr_needed":       func(l *template.Layout) { l.Elements[4] = l.Elements[2] },
			"elements.2 template_picture_unknown": func(l *template.Layout) {
				l.Elements[2] = template.Element{Kind: template.Image, X: 10, Y: 10, W: 20, H: 20, Image: strings.Repeat("0", 64)}
			},
		} {
			l := layoutOf(t, s, standard.ID)
			spoil(&l)
			if _, err := s.Save(t.Context(), access.System(), template.Draft{TemplateID: standard.ID, Base: 1, Layout: l}); refused(err) != want {
				t.Errorf("got %q, want %q", refused(err), want)
			}
		}
		if history, err := s.History(t.Context(), standard.ID); err != nil || len(history) != 1 {
			t.Errorf("%+v, %v", history, err)
		}
	})
}

func TestTemplatesAreCopiedRenamedAndPutAway(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		id, err := s.Copy(ctx, who, standard.ID, "  Mẫu của  Sở ")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Get(ctx, id); err != nil || r.Name != "Mẫu của Sở" || r.Version != 1 || r.Code != nil {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := s.Copy(ctx, who, standard.ID, "Mẫu của Sở"); refused(err) != "name template_name_taken" {
			t.Errorf("the name again: %v", err)
		}
		if err := s.Rename(ctx, who, id, strings.Repeat("a", template.MaxName+1)); refused(err) != "name too_long" {
			t.Errorf("a long name: %v", err)
		}
		if err := s.Archive(ctx, who, standard.ID, true); refused(err) != "template_standard" {
			t.Errorf("the standard one: %v", err)
		}
		if err := s.Archive(ctx, who, id, true); err != nil {
			t.Fatal(err)
		}
		offered := func(chosen *uint64) bool {
			all, err := s.Options(ctx, chosen)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(all, func(o template.Option) bool { return o.ID == id })
		}
		if offered(nil) || !offered(&id) {
			t.Error("a template that was put away is offered to whoever has chosen it, and to nobody else")
		}
		if err := s.Archive(ctx, who, id, false); err != nil || !offered(nil) {
			t.Errorf("taken out again: %v", err)
		}
		if err := s.Rename(ctx, who, 987654321, "x"); refused(err) != "not_found" {
			t.Errorf("none: %v", err)
		}
	})
}

// withSeal is the standard layout with a picture of a seal.
func withSeal(l template.Layout, sha string) template.Layout {
	l.Elements = append(slices.Clone(l.Elements), template.Element{Kind: template.Image, X: 200, Y: 160, W: 30, H: 30, Image: sha, Seal: true})
	return l
}

func TestAPictureIsKeptOnceAndForAsLongAsAVersionShowsIt(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		id, err := s.AddPicture(ctx, who, "Dấu", seal(t, 0xc0))
		if err != nil {
			t.Fatal(err)
		}
		if same, err := s.AddPicture(ctx, who, "Dấu khác", seal(t, 0xc0)); err != nil || same != id {
			t.Errorf("the same picture again: %d, %v", same, err)
		}
		spare, err := s.AddPicture(ctx, who, "Biểu trưng", seal(t, 0x40))
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Picture(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Save(ctx, who, template.Draft{TemplateID: standard.ID, Base: 1, Layout: withSeal(layoutOf(t, s, standard.ID), p.SHA256)}); err != nil {
			t.Fatal(err)
		}
		if err := s.RemovePicture(ctx, who, id); refused(err) != "picture_used" {
			t.Errorf("one that is shown: %v", err)
		}
		if err := s.RemovePicture(ctx, who, spare); err != nil {
			t.Error(err)
		}
		all, err := s.Pictures(ctx)
		if err != nil || len(all) != 1 || all[0].Versions != 1 || all[0].Width != 40 {
			t.Errorf("%+v, %v", all, err)
		}
		for want, f := range map[string]func() error{
			"name required":                  func() error { _, err := s.AddPicture(ctx, who, " ", seal(t, 1)); return err },
			"picture required":               func() error { _, err := s.AddPicture(ctx, who, "x", nil); return err },
			"picture picture_not_understood": func() error { _, err := s.AddPicture(ctx, who, "x", []byte("<svg/>")); return err },
			"not_found":                      func() error { return s.RemovePicture(ctx, who, spare) },
		} {
			if got := refused(f()); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func TestATemplateGoesToAnotherSystemWithItsPictures(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		id, err := s.AddPicture(ctx, who, "Dấu", seal(t, 0xc0))
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Picture(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		from, err := s.Create(ctx, who, "Mẫu có dấu", withSeal(layoutOf(t, s, standard.ID), p.SHA256))
		if err != nil {
			t.Fatal(err)
		}
		name, body, err := s.Export(ctx, from, 0)
		if err != nil || name != "Mẫu có dấu" {
			t.Fatal(name, err)
		}
		there := &template.Service{DB: testdb.Only(t, store.SQLite, testseed.Base)}
		to, err := there.Import(ctx, who, "", body)
		if err != nil {
			t.Fatal(err)
		}
		v, l, err := there.Version(ctx, to, 1)
		if err != nil || len(l.Images()) != 1 {
			t.Fatalf("%+v, %v", l.Images(), err)
		}
		look, err := there.Load(there.DB.Read(ctx), v.ID)
		if err != nil {
			t.Fatal(err)
		}
		here, err := s.Try(ctx, layoutOf(t, s, from))
		if err != nil {
			t.Fatal(err)
		}
		a, errA := here.Draw(template.Sample(), template.Signed)
		b, errB := look.Draw(template.Sample(), template.Signed)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("it is drawn differently there: %v %v", errA, errB)
		}
		for want, file := range map[string]string{
			"template_json_broken":     "%PDF-1.7",
			"template_json_name":       `{"name":"x"}`,
			"template_json_value":      `{"name":"x","layout":{"page":"portrait","elements":[{"kind":"line","x":1e400}]}}`,
			"template_not_understood":  `[]`,
			"name required":            string(layoutOf(t, s, standard.ID).JSON()),
			"name template_name_taken": string(body),
		} {
			if _, err := there.Import(ctx, who, "", []byte(file)); refused(err) != want {
				t.Errorf("got %q, want %q", refused(err), want)
			}
		}
		if _, err := there.Import(ctx, who, "", make([]byte, template.MaxFile+1)); refused(err) != "file template_file_large" {
			t.Errorf("a large file: %v", err)
		}
		var n int64
		if err := there.DB.Read(ctx).Model(&models.TemplatePicture{}).Count(&n).Error; err != nil || n != 1 {
			t.Errorf("%d pictures, %v", n, err)
		}
	})
}

func TestAnImportThatFailsLeavesNoPicturesBehind(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		bring := func(name string, pictures map[string][]byte, l template.Layout) error {
			type picture struct {
				Name   string `json:"name"`
				SHA256 string `json:"sha256"`
				Body   []byte `json:"body"`
			}
			file := map[string]any{"name": name, "layout": json.RawMessage(l.JSON())}
			var all []picture
			for sha, body := range pictures {
				all = append(all, picture{"Dấu", sha, body})
			}
			file["pictures"] = all
			b, err := json.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Import(ctx, who, "", b)
			return err
		}
		first, second := strings.Repeat("1", 64), strings.Repeat("2", 64)
		sealed := withSeal(layoutOf(t, s, standard.ID), first)
		both := withSeal(sealed, second)
		for want, err := range map[string]error{
			"name template_name_taken":            bring(standard.Name, map[string][]byte{first: seal(t, 0xc0)}, sealed),
			"elements.9 template_picture_unknown": bring("Mẫu thiếu ảnh", map[string][]byte{first: seal(t, 0xc0)}, both),
			"picture picture_not_understood":      bring("Mẫu có SVG", map[string][]byte{first: seal(t, 0xc0), second: []byte("<svg onload='alert(1)'/>")}, both),
		} {
			if got := refused(err); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if all, err := s.Pictures(ctx); err != nil || len(all) != 0 {
			t.Errorf("pictures were kept: %+v, %v", all, err)
		}
		// What the layout does not show is not taken in at all, not even to say that it is no picture.
		if err := bring("Mẫu có ảnh", map[string][]byte{first: seal(t, 0xc0), second: []byte("<svg/>")}, sealed); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Pictures(ctx); err != nil || len(all) != 1 || all[0].Versions != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestPicturesThatWouldMakeEveryCertificateHeavyAreRefused(t *testing.T) {
	t.Parallel()
	shelf(t, func(t *testing.T, s *template.Service, standard template.Row) {
		ctx, who := t.Context(), access.System()
		noise := image.NewNRGBA(image.Rect(0, 0, 350, 350)) // that no compression makes smaller
		x := uint32(1)
		for i := range noise.Pix {
			x = x*1664525 + 1013904223
			noise.Pix[i] = byte(x >> 24)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, noise); err != nil {
			t.Fatal(err)
		}
		id, err := s.AddPicture(ctx, who, "Nhiễu", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Picture(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		l := withSeal(layoutOf(t, s, standard.ID), p.SHA256)
		look, err := s.Try(ctx, l)
		if refused(err) != "elements template_pictures_heavy" || look == nil {
			t.Errorf("it is %v, and can be looked at: %v", err, look != nil)
		}
		l.Elements[len(l.Elements)-1].W = 15 // small, it has fewer pixels
		if _, err := s.Create(ctx, who, "Mẫu ảnh nhỏ", l); err != nil {
			t.Errorf("the same one drawn small: %v", err)
		}
	})
}
