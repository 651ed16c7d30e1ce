package main

import (
	"testing"

	"taphuan/app/errs"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
)

func TestTheCommandLineRefusesDaysOrganisationsAndPlansThatAreNone(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		p := &program{ctx: t.Context(), cli: &cli{DB: url}}
		for _, x := range []struct {
			cmd  coverageCmd
			code string
		}{
			{coverageCmd{AsOf: "2026-02-30"}, "day"}, {coverageCmd{AsOf: "hôm nay"}, "day"}, {coverageCmd{AsOf: "99999999999999"}, "day"},
			{coverageCmd{AsOf: "2022-12-31"}, "day_outside_plan"}, {coverageCmd{AsOf: "9999-12-31"}, "day_outside_plan"}, {coverageCmd{AsOf: "0001-01-01"}, "day_outside_plan"},
			{coverageCmd{AsOf: "2025-03-01", Org: "SO-TTTT"}, "day_outside_organisation"},
			{coverageCmd{Org: "KHONG-CO"}, "not_found"}, {coverageCmd{Org: "cơ quan"}, "not_found"},
			{coverageCmd{Plan: "KHONG-CO"}, "not_found"}, {coverageCmd{Plan: "kế hoạch"}, "not_found"},
		} {
			err := x.cmd.Run(p)
			if err == nil {
				t.Errorf("%+v was answered", x.cmd)
				continue
			}
			if status := explain(err); status != exitRefused {
				t.Errorf("%+v: status %d, want %d: %v", x.cmd, status, exitRefused, err)
			}
			if e := errs.As(err); e.Code != x.code && (len(e.Fields) != 1 || e.Fields[0].Code != x.code) {
				t.Errorf("%+v: %v, want %s", x.cmd, err, x.code)
			}
		}
	}, testseed.Base)
}
