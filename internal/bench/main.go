// Command bench measures the system against plain yardsticks and prints a table.
//
// A line has five fields and no space within any: name, size, ours, yardstick, ratio (ours over yardstick, so less is
// better). Both times are medians of the same run, taken turn by turn, so that whatever else the machine does falls on both.
// A benchmark is run at other sizes first, and at the size that its name means last. Settings and percentiles go to
// standard error. It needs a MariaDB server with MariaDB's own durability: make bench starts one.
//
// usage: bench [-only PREFIX] [-profile FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
)

// benchmarks in the order in which they are printed.
var benchmarks = []benchmark{
	{"import/roster-50k", []int{500, 5_000, 50_000}, importRoster},
	{"attendance/form-200", []int{20, 2000, 200}, openForm},
	{"attendance/slow-200", []int{1, 40, 200}, slowPage},
	{"attendance/save-200", []int{20, 2000, 200}, saveMarks},
	{"attendance/burst-300x40", []int{30, 100, 300}, burstMarks},
	{"attendance/checkin-5000", []int{100, 500, 5000}, checkIns},
	{"attendance/report-200x4", []int{20, 2000, 200}, openReport},
	{"certificate/render", []int{10, 100, 1}, renderCertificate},
	{"certificate/sign", []int{10, 100, 1}, signCertificate},
	{"certificate/sign-rsa", []int{10, 100, 1}, signCertificateRSA},
	{"certificate/download", []int{10, 1_000, 100}, downloadCertificate},
	{"certificate/issue-300", []int{30, 100, 300}, issueCourse},
	{"certificate/issue-paper-300", []int{30, 100, 300}, issueOnPaper},
	{"certificate/zip-10000", []int{100, 1_000, 10_000}, zipCertificates},
	{"coverage/page-5k", []int{50, 500, 5_000}, coveragePage},
	{"coverage/missing-5k", []int{50, 500, 5_000}, coverageMissing},
	{"coverage/forecast-5k", []int{50, 500, 5_000}, coverageForecast},
	{"coverage/slowest-5k", []int{50, 500, 5_000}, coverageSlowest},
	{"coverage/matrix-2m", []int{20_000, 200_000, 2_000_000}, coverageMatrix},
	{"coverage/head-2m", []int{20_000, 200_000, 2_000_000}, coverageHead},
	{"coverage/series-2m", []int{20_000, 200_000, 2_000_000}, coverageSeries},
	{"coverage/gaps-2m", []int{20_000, 200_000, 2_000_000}, coverageGaps},
	{"coverage/ranking-2m", []int{20_000, 200_000, 2_000_000}, coverageRanking},
	{"coverage/record-200", []int{20_000, 200_000, 2_000_000}, coverageRecord},
	{"coverage/record-posted-200", []int{20_000, 200_000, 2_000_000}, coverageRecordPosted},
	{"coverage/record-apart-200", []int{20_000, 200_000, 2_000_000}, coverageRecordApart},
	{"coverage/rebuild-2m", []int{20_000, 200_000, 2_000_000}, coverageRebuild},
	{"verify/page", []int{100, 20_000, 5_000}, verifyPage},
	{"verify/thousand", []int{1, 8, 32}, verifyThousand},
	{"people/list", []int{200, 20_000, 2_000}, peopleList},
	{"roster/page-100k", []int{1_000, 10_000, 100_000}, listPages},
	{"roster/search-100k", []int{1_000, 10_000, 100_000}, listSearch},
	{"signin/page", []int{10, 100, 1}, signInPage},
	{"signin/hall-300", []int{3, 30, 300}, signInHall},
	{"enrolment/suggest", []int{500, 50_000, 5_000}, suggestPeople},
	{"schedule/province", []int{50, 500, 5_000}, scheduleProvince},
	{"startup/existing", []int{100, 10_000, 1_000}, startExisting},
}

func main() {
	only := flag.String("only", "", "run the benchmarks whose names start so")
	size := flag.Int("size", 0, "run them at this size alone, where they have it")
	alone := flag.String("zip", "", "be the process of certificate/zip: ours or plain, of the database that follows")
	profile := flag.String("profile", "", "write a CPU profile of both sides to this file")
	flag.Parse()
	// What the system logs is none of the table's business, but its cost is: lines are made and thrown away.
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if *alone != "" {
		if err := zipAlone(ctx, *alone, flag.Arg(0)); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := profiled(*profile, func() error { return run(ctx, *only, *size) }); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs f, with a CPU profile where a file is named.
func profiled(file string, f func() error) (err error) {
	if file == "" {
		return f()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

func run(ctx context.Context, only string, at int) (err error) {
	e, err := newEnv(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	found := false
	for _, b := range benchmarks {
		if !strings.HasPrefix(b.name, only) {
			continue
		}
		found = true
		for _, size := range b.sizes {
			if at != 0 && size != at {
				continue
			}
			r, err := b.measure(ctx, e, size)
			if err != nil {
				return fmt.Errorf("%s at %d: %w", b.name, size, err)
			}
			fmt.Println(r.line())
			fmt.Fprintln(os.Stderr, r.details())
		}
	}
	if !found {
		return fmt.Errorf("no benchmark's name starts with %q", only)
	}
	return nil
}
