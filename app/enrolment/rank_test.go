package enrolment_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"taphuan/app/coverage"
	"taphuan/app/enrolment"
)

// gap is an office of which so many are covered, with a target of 100 percent unless said.
func gap(covered, denominator int, target ...int) enrolment.Gap {
	g := enrolment.Gap{Figure: coverage.Figure{Covered: covered, Denominator: denominator}, Target: 100}
	if len(target) > 0 {
		g.Target = target[0]
	}
	return g
}

func TestPeopleAreSuggestedByGapThenPlaceThenWhatTheyLack(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		list []enrolment.Standing
		want []uint64
	}{
		{"the office that lacks more persons", []enrolment.Standing{{CadreID: 1, Office: 1, Group: 1, Gap: gap(8, 10)}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(97, 100)}}, []uint64{2, 1}},
		{"of as many persons, the office further from the target", []enrolment.Standing{{CadreID: 1, Office: 1, Group: 1, Gap: gap(97, 100)}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(1, 4)}}, []uint64{2, 1}},
		{"points count in steps of ten, so that the nearer comes first", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(4, 7), Near: enrolment.Elsewhere}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(4, 7), Near: enrolment.SameArea},
			{CadreID: 3, Office: 3, Group: 1, Gap: gap(5, 8)}}, []uint64{2, 1, 3}},
		{"the commune of the venue before its district before elsewhere", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(1, 2), Near: enrolment.Elsewhere}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(1, 2), Near: enrolment.SameArea},
			{CadreID: 3, Office: 3, Group: 1, Gap: gap(1, 2), Near: enrolment.SameCommune}}, []uint64{3, 2, 1}},
		{"a wider gap before a nearer place", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(9, 10), Near: enrolment.SameCommune}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(3, 10), Near: enrolment.Elsewhere}}, []uint64{2, 1}},
		{"who becomes covered before who still lacks something", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(1, 2), Benefit: enrolment.Helps}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(1, 2), Name: 1}}, []uint64{2, 1}},
		{"an office does not fill the course: each covered narrows its gap", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(0, 3), Name: 1}, {CadreID: 2, Office: 1, Group: 1, Gap: gap(0, 3), Name: 2}, {CadreID: 3, Office: 1, Group: 1, Gap: gap(0, 3), Name: 3},
			{CadreID: 4, Office: 2, Group: 1, Gap: gap(0, 2), Name: 4}, {CadreID: 5, Office: 2, Group: 1, Gap: gap(0, 2), Name: 5}}, []uint64{1, 4, 2, 5, 3}},
		{"who only comes nearer to being covered narrows nothing", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(0, 3), Benefit: enrolment.Helps, Name: 1}, {CadreID: 2, Office: 1, Group: 1, Gap: gap(0, 3), Benefit: enrolment.Helps, Name: 2},
			{CadreID: 3, Office: 2, Group: 1, Gap: gap(0, 2), Name: 3}}, []uint64{1, 2, 3}},
		{"an office whose target is met comes last, however many are missing", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(70, 100, 70)}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(1, 2, 70)}}, []uint64{2, 1}},
		{"beyond the target of an office others come first", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(69, 100, 70), Name: 1}, {CadreID: 2, Office: 1, Group: 1, Gap: gap(69, 100, 70), Name: 2}, {CadreID: 3, Office: 2, Group: 1, Gap: gap(99, 100, 100), Name: 3}}, []uint64{1, 3, 2}},
		{"whom the course brings nothing", []enrolment.Standing{{CadreID: 1, Office: 1, Group: 1, Gap: gap(0, 9), Benefit: enrolment.BringsNothing}, {CadreID: 2, Name: 1}}, []uint64{2, 1}},
		{"the held stand behind their office's others and narrow nothing", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(0, 2), Held: true, Name: 1}, {CadreID: 2, Office: 1, Group: 1, Gap: gap(0, 2), Name: 2}, {CadreID: 3, Office: 2, Group: 1, Gap: gap(2, 4), Name: 3}}, []uint64{2, 3, 1}},
		{"of offices alike, the one where more are missing, then by name", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(68, 98, 70), Name: 2}, {CadreID: 2, Office: 2, Group: 1, Gap: gap(69, 100, 70), Name: 3}, {CadreID: 3, Office: 3, Group: 1, Gap: gap(69, 100, 70), Name: 1}}, []uint64{3, 2, 1}},
		{"each group of an office has its own gap", []enrolment.Standing{
			{CadreID: 1, Office: 1, Group: 1, Gap: gap(1, 2), Name: 1}, {CadreID: 2, Office: 1, Group: 2, Gap: gap(1, 2), Name: 2}, {CadreID: 3, Office: 1, Group: 1, Gap: gap(1, 2), Name: 3}}, []uint64{1, 2, 3}},
	} {
		for range 5 { // however they came
			rand.Shuffle(len(x.list), func(i, j int) { x.list[i], x.list[j] = x.list[j], x.list[i] })
			enrolment.Rank(x.list)
			var got []uint64
			for _, s := range x.list {
				got = append(got, s.CadreID)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("%s: %v, want %v", x.name, got, x.want)
			}
		}
	}
}

func TestAGapIsInPersonsAndPoints(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		g               enrolment.Gap
		persons, points int
	}{
		{gap(0, 0), 0, 0}, {gap(0, 4), 4, 100}, {gap(3, 4), 1, 25}, {gap(4, 4), 0, 0}, {gap(2, 3, 70), 1, 4}, {gap(7, 10, 70), 0, 0}, {gap(1999, 2000), 1, 1},
	} {
		if x.g.Persons() != x.persons || x.g.Points() != x.points {
			t.Errorf("%+v: %d persons, %d points", x.g, x.g.Persons(), x.g.Points())
		}
	}
}
