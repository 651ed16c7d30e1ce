package seeds

import (
	"context"

	"taphuan/app/template"
	"taphuan/models"
)

// sealDay is when the office began to put its seal on what it signs digitally.
const sealDay = "2026-06-01"

// sealTemplate makes the office's own template: the standard one with a seal, which is invented and says so.
func (w *world) sealTemplate(ctx context.Context) error {
	who, l := w.actors["dieuphoi"], letterheads[1]
	body, err := demoFiles.ReadFile("demo/seal.png")
	if err != nil {
		return err
	}
	templates := w.certificates.Templates
	seal, err := templates.AddPicture(ctx, who, "Con dấu mẫu (trình diễn)", body)
	if err != nil {
		return err
	}
	p, err := templates.Picture(ctx, seal)
	if err != nil {
		return err
	}
	layout, err := template.ShippedLayout(template.Standard)
	if err != nil {
		return err
	}
	layout.Elements = append(layout.Elements, template.Element{Kind: template.Image, X: 178, Y: 158.5, W: 29, H: 29, Image: p.SHA256, Seal: true})
	id, err := templates.Create(ctx, who, "Mẫu của Sở, có dấu", layout)
	if err != nil {
		return err
	}
	return w.certificates.SaveIssuer(ctx, who, models.Issuer{OrganisationID: w.orgs[l.org].ID, Superior: l.superior, Name: l.name, Place: "Cao Bằng", Symbol: l.symbol, TemplateID: &id})
}
