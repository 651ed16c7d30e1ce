package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestAHeadSeesWhatIsDoneAboutThoseMissingAndTheWayToACourse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		s := &coverage.Service{DB: db}
		n, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: "CB-XA"}, Group: "QCN", Part: coverage.PartMissing})
		if err != nil || len(n.People) < 10 {
			t.Fatal(len(n.People), err)
		}
		at := func(i int) uint64 { return n.People[i].CadreID }
		held := invCourse(t, db, models.Course{Code: "TH-10", Title: "Lớp đã học xong", State: models.CourseRunning}, "conference", "QCN", "2026-11-12")
		coming := invCourse(t, db, models.Course{Code: "TH-11", Title: "Hội nghị tập huấn", State: models.CourseOpen}, "conference", "QCN", "2026-12-01", "2026-12-02")
		enrol(t, db, held.ID, models.EnrolmentEnrolled, at(0))
		enrol(t, db, coming.ID, models.EnrolmentEnrolled, at(1), at(2))
		enrol(t, db, coming.ID, models.EnrolmentNominated, at(3))
		enrol(t, db, coming.ID, models.EnrolmentWaiting, at(0), at(4))
		enrol(t, db, coming.ID, models.EnrolmentRefused, at(5))
		b := site.As(t, models.RoleHead, "CB-XA")
		b.Sees(fmt.Sprintf("Trong %d người có tên còn thiếu: 1 người đã học, chờ kết thúc lớp TH-10 (12/11), 2 người đã ghi danh lớp TH-11 (01/12), 1 người đã được cử, chờ duyệt vào lớp TH-11 (01/12), 1 người trong danh sách chờ của lớp TH-11 (01/12), %d người chưa có lớp.", len(n.People), len(n.People)-5),
			"Đưa vào lớp TH-11, còn 58 chỗ")
		look(b, "home-head-way")
		b.Click("Đưa vào lớp TH-11, còn 58 chỗ")
		b.Sees("Hội nghị tập huấn", "Đơn vị thiếu")
	}, province(300))
}

func TestTheFiguresOfAnOfficeSayTodayWhatIsDoneAboutThoseMissing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		all, err := (&coverage.Service{DB: db}).Names(t.Context(), access.System(), coverage.NamesQuery{Group: "QCN", Part: coverage.PartMissing})
		if err != nil {
			t.Fatal(err)
		}
		of := map[string][]uint64{}
		office := ""
		for _, p := range all.People {
			of[p.OrganisationCode] = append(of[p.OrganisationCode], p.CadreID)
			if len(of[p.OrganisationCode]) > len(of[office]) {
				office = p.OrganisationCode
			}
		}
		if len(of[office]) < 2 {
			t.Fatal("no office misses two")
		}
		c := invCourse(t, db, models.Course{Code: "TH-12", Title: "Hội nghị tập huấn", State: models.CourseOpen}, "conference", "QCN", "2026-12-01")
		enrol(t, db, c.ID, models.EnrolmentEnrolled, of[office][0])
		said := fmt.Sprintf("Trong %d người có tên còn thiếu: 1 người đã ghi danh lớp TH-12 (01/12), %d người chưa có lớp.", len(of[office]), len(of[office])-1)
		at := "/coverage?org=" + office
		b := site.As(t, models.RoleCoordinator, "")
		b.Go(at)
		b.Sees(said, "Đưa vào lớp TH-12, còn 59 chỗ")
		look(b, "coverage-office-way")
		b.Go(at + "&on=2026-11-23")
		b.Lacks("người có tên còn thiếu")
		b.Go("/coverage?org=CB")
		b.Lacks("người có tên còn thiếu")
		head := site.As(t, models.RoleHead, office)
		head.Go(at)
		head.Sees(said)
	}, province(300))
}

func TestWhatIsArrangedIsCountedOnceForEachPersonAtTheSurestPlace(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		kinds := []string{"conference", "talk", "skills"}
		brings := map[string][]models.Component{"conference": {models.ComponentUpdate, models.ComponentTraining}, "talk": {models.ComponentUpdate}, "skills": {models.ComponentTraining}}
		rnd := rand.New(rand.NewPCG(7, 7))
		s := &coverage.Service{DB: db}
		missing := func(group string) []coverage.Person {
			n, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: "CB-XA"}, Group: group, Part: coverage.PartMissing})
			if err != nil {
				t.Fatal(err)
			}
			return n.People
		}
		type seat struct {
			course models.Course
			kind   string
			stage  int // 0 held, 1 enrolled, 2 nominated, 3 waiting
		}
		seats := map[uint64][]seat{}
		for i := range 9 {
			day, state := "2026-12-0"+fmt.Sprint(i+1), models.CourseOpen
			switch i % 4 {
			case 1:
				day, state = "2026-11-2"+fmt.Sprint(i%4), models.CourseRunning
			case 3:
				state = models.CourseDraft
			}
			kind := kinds[i%3]
			c := invCourse(t, db, models.Course{Code: "TH-2" + fmt.Sprint(i), Title: "Lớp", State: state}, kind, "QCN", day)
			for _, p := range append(missing("QCN"), missing("CTXH")...) {
				stage := rnd.IntN(12)
				if stage > 3 || slices.ContainsFunc(seats[p.CadreID], func(x seat) bool { return x.course.ID == c.ID }) {
					continue
				}
				enrol(t, db, c.ID, []models.EnrolmentState{models.EnrolmentEnrolled, models.EnrolmentNominated, models.EnrolmentWaiting, models.EnrolmentWithdrawn}[stage], p.CadreID)
				if stage == 3 || state == models.CourseDraft {
					continue
				}
				x := seat{c, kind, stage + 1}
				if stage == 0 && c.LastDay < models.DayOf(db.Time()) {
					x.stage = 0
				}
				seats[p.CadreID] = append(seats[p.CadreID], x)
			}
		}
		r, err := s.Overview(t.Context(), access.System(), coverage.Query{Org: "CB-XA"})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(org string, to models.Day) []coverage.Way {
			over, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{Org: org, To: to, StepMonths: 12, Ways: true})
			if err != nil {
				t.Fatal(err)
			}
			return over.Ways
		}
		ways := make([]coverage.Way, len(r.Plan.Groups))
		for _, n := range r.Children() {
			for i, w := range ask(n.Code, 0) {
				ways[i].Arranged = append(ways[i].Arranged, w.Arranged...)
				ways[i].None += w.None
				ways[i].Partly += w.Partly
			}
		}
		for i, code := range []string{"QCN", "TTTT", "TTDN", "CTXH"} {
			want, none, partly := map[string]int{}, 0, 0
			for _, p := range missing(code) {
				var fit []seat
				lacks := slices.Clone(p.Lacks)
				for _, x := range seats[p.CadreID] {
					if slices.ContainsFunc(brings[x.kind], func(c models.Component) bool { return slices.Contains(p.Lacks, c) }) {
						fit = append(fit, x)
						lacks = slices.DeleteFunc(lacks, func(c models.Component) bool { return slices.Contains(brings[x.kind], c) })
					}
				}
				if len(fit) == 0 {
					none++
					continue
				}
				slices.SortFunc(fit, func(a, b seat) int { return (a.stage-b.stage)*1000000 + int(a.course.FirstDay-b.course.FirstDay) })
				if len(lacks) > 0 {
					partly++
				}
				want[fmt.Sprint([]coverage.Stage{coverage.StageHeld, coverage.StageEnrolled, coverage.StageNominated, coverage.StageWaiting}[fit[0].stage], fit[0].course.Code)]++
			}
			got := map[string]int{}
			for _, a := range ways[i].Arranged {
				got[fmt.Sprint(a.Stage, a.Code)] += a.N
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || ways[i].None != none || ways[i].Partly != partly {
				t.Errorf("%s: %v, %d with nothing, %d partly; it is %v, %d, %d", code, got, ways[i].None, ways[i].Partly, want, none, partly)
			}
			if (code == "QCN" || code == "CTXH") && (len(got) < 4 || none == 0 || partly == 0) {
				t.Errorf("%s shows little: %v, %d, %d", code, got, none, partly)
			}
		}
		if past, whole := ask(r.Children()[0].Code, models.MustDay("2026-11-23")), ask("CB-XA", 0); past != nil || whole != nil {
			t.Errorf("of a past day: %v, of all communes: %v", past, whole)
		}
	}, province(300))
}

func TestAPlanOfOneOfficeSaysWhatIsDoneAboutItsOwnPeopleAlone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var base models.Plan
		if err := db.Read(t.Context()).Take(&base).Error; err != nil {
			t.Fatal(err)
		}
		id, err := planningOf(site).Copy(t.Context(), access.System(), planning.CopyInput{From: base.Code, Code: "SO-2026", NameVi: "Kế hoạch của Sở", Root: "SO-TP",
			First: models.MustDay("2026-01-01"), Last: models.MustDay("2028-12-31"), Carry: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, s := plan.Choose(t.Context(), id), &coverage.Service{DB: db}
		over, err := s.Series(ctx, access.System(), coverage.SeriesQuery{StepMonths: 12, Ways: true})
		if err != nil {
			t.Fatal(err)
		}
		named := 0
		for i, g := range over.Report.Plan.Groups {
			n, err := s.Names(ctx, access.System(), coverage.NamesQuery{Group: g.Code, Part: coverage.PartMissing})
			if err != nil || over.Ways[i].Named() != n.Parts.Missing || len(n.People) != n.Parts.Missing {
				t.Errorf("%s: something or nothing is done about %d people, and %d are missing: %v", g.Code, over.Ways[i].Named(), n.Parts.Missing, err)
			}
			named += n.Parts.Missing
		}
		if named == 0 {
			t.Error("nobody is missing")
		}
	}, province(300))
}
