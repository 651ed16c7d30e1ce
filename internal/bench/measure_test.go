package main

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestLinesHaveFiveFieldsWithUnitsAndNoSpaceWithin(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0.000ms", 123 * time.Microsecond: "0.123ms", 1234 * time.Microsecond: "1.23ms", 12345 * time.Microsecond: "12.3ms",
		123456 * time.Microsecond: "123ms", 1500 * time.Millisecond: "1.50s", 12340 * time.Millisecond: "12.3s", 95 * time.Second: "95s",
	} {
		if got := duration(d); got != want {
			t.Errorf("%d is written %s, want %s", d, got, want)
		}
	}
	ms := time.Millisecond
	r := result{name: "verify/page", size: 1000, ours: []time.Duration{3 * ms, 2 * ms, 90 * ms}, yardstick: []time.Duration{2 * ms, 1 * ms, 2 * ms}}
	if got := r.line(); got != "verify/page 1000 3.00ms 2.00ms 1.50" {
		t.Error(got)
	}
}

func TestBothSidesTakeTurnsAndTheFirstTurnsAreForgotten(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(s string) side {
		return side{before: func() error { order = append(order, "b"); return nil }, run: func() error { order = append(order, s); return nil }}
	}
	closed := false
	b := benchmark{name: "x", setup: func(context.Context, *env, int) (pair, error) {
		return pair{ours: note("o"), yardstick: note("y"), close: func() error { closed = true; return nil }}, nil
	}}
	r, err := b.measure(t.Context(), nil, 1)
	if err != nil || !closed {
		t.Fatal(err, closed)
	}
	if len(r.ours) != mostTurns || len(r.yardstick) != mostTurns || len(order) != 4*(mostTurns+warmTurns) {
		t.Errorf("%d and %d turns, %d steps", len(r.ours), len(r.yardstick), len(order))
	}
	if got := strings.Join(order[4:12], ""); got != "bobybybo" && got != "byboboby" {
		t.Errorf("order %s", got)
	}
	want := errors.New("broken")
	b.setup = func(context.Context, *env, int) (pair, error) {
		return pair{ours: side{run: func() error { return want }}, yardstick: note("y")}, nil
	}
	if _, err := b.measure(t.Context(), nil, 1); !errors.Is(err, want) {
		t.Error("a side that fails goes unnoticed:", err)
	}
}

func TestBenchmarksEndWithTheSizeThatTheirNameMeans(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`-(\d+)(k?)$`)
	for _, b := range benchmarks {
		if len(b.sizes) != 3 || !slices.IsSorted(b.sizes[:2]) || slices.Contains(b.sizes[:2], b.sizes[2]) {
			t.Errorf("%s has the sizes %v", b.name, b.sizes)
		}
		if m := named.FindStringSubmatch(b.name); m != nil && !strings.HasPrefix(b.name, "coverage/record-") { // 200 people, in countries of all sizes
			if want := m[1] + strings.Replace(m[2], "k", "000", 1); strconv.Itoa(b.sizes[2]) != want {
				t.Errorf("%s ends with size %d", b.name, b.sizes[2])
			}
		}
		if strings.ContainsAny(b.name, " \t") {
			t.Errorf("%q has white space", b.name)
		}
	}
}
