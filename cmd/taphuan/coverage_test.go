package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/forecast"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
)

func TestTheCommandLineRefusesDaysOrganisationsAndPlansThatAreNone(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		p := &program{ctx: t.Context(), cli: &cli{DB: url}}
		for _, x := range []struct {
			asked figures
			code  string
			ahead string // code of the forecast, where it is another
		}{
			{figures{AsOf: "2026-02-30"}, "day_iso", ""}, {figures{AsOf: "hôm nay"}, "day_iso", ""}, {figures{AsOf: "99999999999999"}, "day_iso", ""},
			{figures{AsOf: "2022-12-31"}, "day_outside_plan", ""}, {figures{AsOf: "0001-01-01"}, "day_outside_plan", ""}, {figures{AsOf: "9999-12-31"}, "day_outside_plan", "forecast_day_ahead"},
			{figures{AsOf: "2025-03-01", Org: "SO-TTTT"}, "day_outside_organisation", ""},
			{figures{Org: "KHONG-CO"}, "not_found", ""}, {figures{Org: "cơ quan"}, "not_found", ""},
			{figures{Plan: "KHONG-CO"}, "not_found", ""}, {figures{Plan: "kế hoạch"}, "not_found", ""},
		} {
			for want, err := range map[string]error{x.code: (&coverageCmd{x.asked}).Run(p), cmp.Or(x.ahead, x.code) + " forecast": (&forecastCmd{x.asked}).Run(p)} {
				if err == nil {
					t.Errorf("%+v was answered", x.asked)
					continue
				}
				if status := explain(err); status != exitRefused {
					t.Errorf("%+v: status %d, want %d: %v", x.asked, status, exitRefused, err)
				}
				want, _, _ = strings.Cut(want, " ")
				if e := errs.As(err); e.Code != want && (len(e.Fields) != 1 || e.Fields[0].Code != want) {
					t.Errorf("%+v: %v, want %s", x.asked, err, want)
				}
			}
		}
	}, testseed.Base)
}

func TestAForecastIsWrittenInRowsOfAllItsColumns(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		f, err := (&forecast.Service{DB: db}).Ask(t.Context(), access.System(), forecast.Query{Query: coverage.Query{Org: "SO-TP"}})
		if err != nil {
			t.Fatal(err)
		}
		rows := f.Rows()
		var text, table bytes.Buffer
		if err := forecast.WriteCSV(&text, rows); err != nil {
			t.Fatal(err)
		}
		var cells [][]string
		for _, r := range rows {
			cells = append(cells, r.Cells())
		}
		if err := writeTable(&table, forecast.Columns, cells); err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		if len(lines) != 1+len(f.Plan.Groups) || lines[0] != strings.Join(forecast.Columns, ",") || !strings.HasPrefix(lines[1], "SO-TP,QCN,2026-11-24,100,0,0,,empty,,,,,,,,0.0") {
			t.Errorf("%s", text.String())
		}
		if fields := strings.Fields(strings.Split(table.String(), "\n")[1]); len(fields) != len(forecast.Columns) || fields[7] != "empty" || fields[8] != "-" {
			t.Errorf("%s", table.String())
		}
		if !strings.Contains(string(j), `"kind":"empty","chance":null`) {
			t.Errorf("%s", j)
		}
	}, testseed.Base)
}
