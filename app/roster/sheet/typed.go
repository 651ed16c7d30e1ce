package sheet

import (
	"taphuan/app/errs"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
)

// Typed is what somebody types of one person into a form. It is read by the rules by which rosters are.
type Typed struct {
	Name       string
	Born       string // YYYY-MM-DD, YYYY or ""
	NationalID string // 12 digits, or 9 of an old card, or ""
	Phone      string
	Email      string
}

const maxTypedName = 200

// Read gives what was typed as rosters hold it. It refuses, each at its field, what a roster's row would be refused for: "missing_name",
// "invalid_birth_date", "birth_date_in_future", "invalid_national_id", "invalid_phone", "invalid_email"; and a name of more than 200
// characters ("too_long"). The fields are name, born, national_id, phone and email.
func (t Typed) Read(today models.Day) (Typed, errs.Fields) {
	var f errs.Fields
	out := Typed{Name: personName(clean(t.Name))}
	switch n := len([]rune(out.Name)); {
	case n == 0:
		f.Add("name", string(MissingName))
	case n > maxTypedName:
		f.Add("name", "too_long", errs.Params{"n": maxTypedName})
	}
	text := func(s string) xlsx.Cell { return xlsx.Cell{Kind: xlsx.Text, Text: s} }
	if s := clean(t.Born); !saysNothing(s) {
		switch b, ok := birthText(s, today); {
		case !ok:
			f.Add("born", string(InvalidBirthDate))
		case b.future(today):
			f.Add("born", string(BirthDateInFuture))
		default:
			out.Born = b.text
		}
	}
	var ok bool
	if out.NationalID, ok = nationalID(text(t.NationalID)); !ok {
		f.Add("national_id", string(InvalidNationalID))
	}
	if out.Phone, _, ok = phone(text(t.Phone)); !ok {
		f.Add("phone", string(InvalidPhone))
	}
	if out.Email, _, ok = email(text(t.Email)); !ok {
		f.Add("email", string(InvalidEmail))
	}
	return out, f
}

// Odd says what of a person's sex and year of birth disagrees with the 12-digit id, by the codes of warnings; neither is refused.
func Odd(nationalID string, sex models.Sex, year int) []string {
	female, said, ok := idSays(nationalID)
	if !ok {
		return nil
	}
	var out []string
	if sex != models.SexUnknown && female != (sex == models.SexFemale) {
		out = append(out, WarnSexDisagrees)
	}
	if year != 0 && year != said {
		out = append(out, WarnYearDisagrees)
	}
	return out
}
