package roster_test

import (
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestAnAreaLiesWhereACoordinatorSaysAndNothingElseHasAPlace(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &roster.Service{DB: db}
		area := func(code string) (o models.Organisation) {
			t.Helper()
			o, err := s.OrganisationByCode(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		place := func(code string, at *models.Place) error {
			o := area(code)
			return s.RenameOrganisation(t.Context(), access.System(), code, roster.OrganisationNames{Name: o.Name, Place: at, Seen: o.UpdatedAt})
		}
		if _, ok := area("H-HALANG").Place(); !ok {
			t.Error("nobody knows where Hạ Lang lies")
		}
		if err := place("H-HALANG", &models.Place{Latitude: 22.7, Longitude: 106.66}); err != nil {
			t.Fatal(err)
		}
		if at, _ := area("H-HALANG").Place(); at != (models.Place{Latitude: 22.7, Longitude: 106.66}) {
			t.Errorf("it lies at %v", at)
		}
		for _, x := range []struct {
			code, field, refusal string
			at                   models.Place
		}{{"H-HALANG", "latitude", "place_degrees", models.Place{Latitude: 91, Longitude: 106}}, {"H-HALANG", "longitude", "place_degrees", models.Place{Latitude: 22, Longitude: -181}},
			{"SO-YT", "latitude", "place_of_area", models.Place{Latitude: 22, Longitude: 106}}} {
			if e := errs.As(place(x.code, &x.at)); len(e.Fields) != 1 || e.Fields[0].Name != x.field || e.Fields[0].Code != x.refusal {
				t.Errorf("%s at %v: %v", x.code, x.at, e)
			}
		}
		if err := place("H-HALANG", nil); err != nil {
			t.Fatal(err)
		}
		if _, ok := area("H-HALANG").Place(); ok {
			t.Error("a place that was taken away is still there")
		}
	}, testseed.Base)
}
