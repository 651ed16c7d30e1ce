package certificate

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
	"taphuan/models/viet"
)

// IssuerRow is an issuer with its signatories of today.
type IssuerRow struct {
	models.Issuer
	Code        string
	Signatories []models.Signatory `gorm:"-"`
}

// Issuers lists who may issue, with signatories; two queries.
func (s *Service) Issuers(ctx context.Context) ([]IssuerRow, error) {
	db := s.DB.Read(ctx)
	var out []IssuerRow
	err := db.Table("issuers").Joins("JOIN organisations ON organisations.id = issuers.organisation_id").Select("issuers.*, organisations.code").
		Order("organisations.path").Scan(&out).Error
	if err != nil {
		return nil, err
	}
	var signs []models.Signatory
	today := models.DayOf(s.DB.Time())
	if err := db.Where("from_day <= ? AND to_day > ?", today, today).Order("id").Find(&signs).Error; err != nil {
		return nil, err
	}
	for i := range out {
		for _, x := range signs {
			if x.OrganisationID == out[i].OrganisationID {
				out[i].Signatories = append(out[i].Signatories, x)
			}
		}
	}
	return out, nil
}

// SaveIssuer sets how an organisation stands on certificates; certificates that were issued do not change, and a register that
// was begun keeps its symbol. It refuses missing fields ("required"), letters that the fonts lack, an unknown organisation, and a template
// that there is not or that is not used any more, unless it was the issuer's before ("choice").
func (s *Service) SaveIssuer(ctx context.Context, actor access.Actor, in models.Issuer) error {
	in.Superior, in.Name, in.Place, in.Symbol = viet.NFC(in.Superior), viet.NFC(in.Name), viet.NFC(in.Place), viet.NFC(in.Symbol)
	var f errs.Fields
	line(&f, "superior", in.Superior, 120, false)
	line(&f, "name", in.Name, 120, true)
	line(&f, "place", in.Place, 60, true)
	line(&f, "symbol", in.Symbol, 40, true)
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var n int64
		if err := tx.Model(&models.Organisation{}).Where("id = ?", in.OrganisationID).Count(&n).Error; err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errs.NotFound("organisation")
		}
		if err := tx.Model(&models.Issuer{}).Where("symbol = ? AND organisation_id <> ?", in.Symbol, in.OrganisationID).Count(&n).Error; err != nil {
			return 0, err
		}
		if n > 0 {
			return 0, errs.OnField("symbol", "register_symbol_taken", errs.Params{"symbol": in.Symbol})
		}
		if err := checkTemplate(tx, in); err != nil {
			return 0, err
		}
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "organisation_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"superior", "name", "place", "symbol", "template_id", "updated_at"})}).Create(&in).Error
		if err != nil {
			return 0, err
		}
		return in.OrganisationID, tx.Audit("issuer.save", "organisation", in.OrganisationID, map[string]any{"superior": in.Superior, "name": in.Name, "place": in.Place, "symbol": in.Symbol, "template": in.TemplateID})
	})
	return err
}

func checkTemplate(tx *store.Tx, in models.Issuer) error {
	if in.TemplateID == nil {
		return nil
	}
	var before models.Issuer // of a new one nothing
	if err := tx.Where("organisation_id = ?", in.OrganisationID).Find(&before).Error; err != nil {
		return err
	}
	may, err := template.MayChoose(tx, *in.TemplateID, before.TemplateID)
	if err == nil && !may {
		err = errs.OnField("template_id", "choice")
	}
	return err
}

// Forms of signing (Nghị định 30/2020/NĐ-CP): none, on behalf of a superior, of a collective, by order, by authority.
var Forms = []string{"", "KT.", "TM.", "TL.", "TUQ."}

// SaveSignatory adds a signatory of an issuer from today on. It refuses missing fields, an unknown form ("choice") and letters
// that the fonts lack.
func (s *Service) SaveSignatory(ctx context.Context, actor access.Actor, in models.Signatory) error {
	in.Name, in.Title, in.FormTitle = viet.NFC(in.Name), viet.NFC(in.Title), viet.NFC(in.FormTitle)
	var f errs.Fields
	line(&f, "sign_name", in.Name, 80, true)
	line(&f, "sign_title", in.Title, 120, true)
	line(&f, "form_title", in.FormTitle, 120, in.Form != "")
	if !slices.Contains(Forms, in.Form) {
		f.Add("form", "choice")
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		in.FromDay, in.ToDay = tx.Today, models.Forever
		var n int64
		if err := tx.Model(&models.Issuer{}).Where("organisation_id = ?", in.OrganisationID).Count(&n).Error; err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errs.Conflict("issuer_missing")
		}
		if err := tx.Create(&in).Error; err != nil {
			return 0, err
		}
		return in.ID, tx.Audit("signatory.add", "organisation", in.OrganisationID, map[string]any{"name": in.Name, "title": in.Title, "form": in.Form, "form_title": in.FormTitle})
	})
	return err
}

// EndSignatory lets a signatory sign no more from today on.
func (s *Service) EndSignatory(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q := tx.Model(&models.Signatory{}).Where("id = ? AND to_day > ?", id, tx.Today).Update("to_day", tx.Today)
		if q.Error != nil {
			return 0, q.Error
		}
		if q.RowsAffected == 0 {
			return 0, errs.NotFound("signatory")
		}
		return id, tx.Audit("signatory.end", "signatory", id, nil)
	})
	return err
}

func line(f *errs.Fields, field, text string, most int, required bool) {
	switch {
	case text == "" && required:
		f.Add(field, "required")
	case len([]rune(text)) > most:
		f.Add(field, "too_long", errs.Params{"n": most})
	default:
		if err := paper.CheckGlyphs(text); err != nil {
			f.Add(field, "glyph_missing", errs.As(err).Params)
		}
	}
}
