package forecast

import (
	"math"
	"reflect"
	"testing"

	"taphuan/app/coverage"
	"taphuan/models"
)

// steady is a group of so many people in which so many become covered on the tenth of each March and October since 2023, and so many of the
// covered are replaced by newcomers on the first of each July.
func steady(people, gained, left int, today string) Question {
	q := Question{End: end, Target: 70}
	covered := 0
	for d := begin; d <= models.MustDay(today); d++ {
		_, m, n := d.Date()
		switch {
		case n == 10 && (m == 3 || m == 10):
			covered = min(covered+gained, people)
		case n == 1 && m == 7:
			covered = max(covered-left, 0)
		}
		q.Points = append(q.Points, Point{d, covered, people, people})
	}
	return q
}

func (q Question) look() Outlook { return look(q, measure(q.Points, q.Months > 0)) }

func TestAHistoryIsReadAsItWent(t *testing.T) {
	t.Parallel()
	h := measure(steady(500, 40, 6, "2026-11-24").Points, false)
	if len(h.Quarters) != 16 || h.Quarters[15].Part >= 1 || h.Quarters[14].Part != 1 {
		t.Fatalf("%d quarters: %+v", len(h.Quarters), h.Quarters)
	}
	for i, q := range h.Quarters {
		gained, left := []int{40, 0, 0, 40}[i%4], []int{0, 0, 6, 0}[i%4]
		if i == 2 { // of 40
			left = 6
		}
		if q.Gained != gained || q.Left != left {
			t.Errorf("%s: %d gained, %d left; want %d, %d", q.From, q.Gained, q.Left, gained, left)
		}
	}
	if h.Lump != 40 || math.Abs(h.Pace-20) > 2 {
		t.Errorf("%.1f at a time, %.1f a quarter", h.Lump, h.Pace)
	}
	if h.Season[0] < 1.3 || h.Season[3] < 1.3 || h.Season[1] > 0.7 || h.Season[2] > 0.7 {
		t.Errorf("seasons %v", h.Season)
	}
	if h.lastYear(models.MustDay("2026-11-24")) != 80 {
		t.Errorf("last year brought %.0f", h.lastYear(models.MustDay("2026-11-24")))
	}
}

// A reorganisation moves people about: the covered who come are nobody's training, those who go have not left, and the number of people
// does not go on growing.
func TestADayOfReorganisationIsNotTakenForPace(t *testing.T) {
	t.Parallel()
	q := steady(500, 40, 0, "2026-11-24")
	plain := measure(q.Points, false)
	for i := range q.Points {
		if p := &q.Points[i]; p.Day >= july {
			p.Covered, p.Roster, p.People = p.Covered+90, p.Roster+200, p.People+200
		}
	}
	moved := measure(q.Points, false)
	if moved.Moves != 1 || plain.Moves != 0 || moved.Pace != plain.Pace || moved.Drift != 0 || moved.Leaving > plain.Leaving {
		t.Errorf("%+v\n%+v", moved, plain)
	}
}

func TestTransfersOfTheCoveredAreNeitherTrainingNorLoss(t *testing.T) {
	t.Parallel()
	points := []Point{{begin, 50, 100, 100}, {begin + 1, 52, 102, 102}, {begin + 2, 50, 100, 100}, {begin + 3, 51, 100, 100}}
	if q := measure(points, false).Quarters[0]; q.Gained != 1 || q.Left != 0 {
		t.Errorf("%+v", q)
	}
}

func TestTheSameQuestionHasTheSameAnswerAndMoreIsNeverWorse(t *testing.T) {
	t.Parallel()
	q := steady(500, 20, 6, "2026-11-24")
	a := q.look()
	if !reflect.DeepEqual(a, q.look()) {
		t.Error("two answers to the same question")
	}
	more := q
	more.Planned = []Planned{{models.MustDay("2027-05-20"), 90}}
	b := more.look()
	if b.End().Mid.Covered <= a.End().Mid.Covered+30 || b.Reach < a.Reach {
		t.Errorf("90 planned bring the end from %+v to %+v", a.End(), b.End())
	}
	less := q
	less.Planned = []Planned{{models.MustDay("2027-05-20"), 1}}
	if c := less.look().End().Mid.Covered; c < a.End().Mid.Covered-10 {
		t.Errorf("a planned course makes it worse: %d after %d", c, a.End().Mid.Covered)
	}
}

func TestWhatIsRememberedIsWhatTheQuestionWouldFind(t *testing.T) {
	t.Parallel()
	var m memory
	var all []Question
	for i := range 6 {
		q := steady(500+10*i, 20, 6, "2026-11-24")
		target, planned, sooner, moved, expiring := q, q, q, q, q
		target.Target++
		planned.Planned = []Planned{{models.MustDay("2027-05-20"), 90}}
		sooner.End -= 100
		moved.Points = moved.Points[:len(moved.Points)-1-i]
		expiring.Months = 6
		all = append(all, q, target, planned, sooner, moved, expiring)
	}
	for range 2 {
		for i, q := range all {
			h := measure(q.Points, q.Months > 0)
			if got, want := m.look(q, h), look(q, h); !reflect.DeepEqual(got, want) {
				t.Errorf("question %d: %+v is remembered, not %+v", i, got, want)
			}
		}
	}
	if len(m.found) != len(all) {
		t.Errorf("%d answers to %d questions", len(m.found), len(all))
	}
}

func TestAPaceLeadsToItsDay(t *testing.T) {
	t.Parallel()
	o := steady(500, 40, 0, "2026-11-24").look() // 320 covered, 350 needed: March 2027 brings 40
	if y, m, _ := o.Middle.Date(); y != 2027 || m > 6 || o.Early == 0 || o.Early > o.Middle || o.Late == 0 || o.Late < o.Middle {
		t.Errorf("met between %s, %s and %s", o.Early, o.Middle, o.Late)
	}
	if o.Reach < 0.9 || o.Relapse > 0.1 {
		t.Errorf("reach %.2f, relapse %.2f", o.Reach, o.Relapse)
	}
	if o = steady(500, 5, 0, "2026-11-24").look(); o.Middle != 0 || o.Reach > 0.05 || o.End().Mid.Covered < 45 || o.End().Mid.Covered > 75 {
		t.Errorf("40 covered, and 5 each half year: %+v", o.End())
	}
}

func TestWhereNothingIsTrainedAnyMoreCoverageFalls(t *testing.T) {
	t.Parallel()
	q := steady(500, 0, 0, "2026-11-24")
	for i := range q.Points { // all were covered at once, and every month five of them are replaced
		q.Points[i].Covered = 400 - 5*int(q.Points[i].Day-begin)/30
	}
	o := q.look()
	if o.End().High.Covered >= q.Points[len(q.Points)-1].Covered || o.Reach != 0 {
		t.Errorf("%+v, reach %.2f", o.End(), o.Reach)
	}
	met := steady(100, 0, 0, "2026-11-24")
	for i := range met.Points {
		met.Points[i].Covered = 100 - int(met.Points[i].Day-begin)/50
	}
	if o = met.look(); o.Reach != 1 || o.Early != models.MustDay("2026-11-24") || o.Relapse < 0.5 {
		t.Errorf("72 of 100 falling: %+v, relapse %.2f", o.End(), o.Relapse)
	}
}

func TestASmallGroupIsToldInWholePeopleWithinWhatThereIs(t *testing.T) {
	t.Parallel()
	q := steady(3, 1, 0, "2023-11-24")
	q.Points[len(q.Points)-1].Covered = 2
	for _, m := range q.look().Marks {
		if m.Low.Covered < 0 || m.High.Covered > m.High.People || m.Mid.People < 2 || m.Mid.People > 4 {
			t.Errorf("%+v", m)
		}
	}
	if e := q.look().End(); e.Low.Covered == e.High.Covered {
		t.Errorf("five years ahead of three people it knows better than anybody: %+v", e)
	}
}

// What is known to expire is taken off on its day, and who is covered meanwhile expires too.
func TestExpiriesAreTakenOff(t *testing.T) {
	t.Parallel()
	q := steady(500, 40, 0, "2026-11-24")
	now := q.Points[len(q.Points)-1]
	q.Months = 12
	q.Known = []Point{{models.MustDay("2027-03-10"), now.Covered - 200, 500, 500}, {models.MustDay("2028-03-10"), now.Covered - 210, 490, 490}}
	h := measure(q.Points, true)
	o := look(q, h)
	if len(o.Marks) != 10 || o.Marks[2].Mid.Covered > now.Covered-100 {
		t.Errorf("200 expire in March 2027: %+v", o.Marks[:3])
	}
	if s := q.steps(h); s[1].lapse != 200 || s[5].lapse != 0 {
		t.Errorf("the ten who leave the roster with their coverage have not expired: %+v", s)
	}
	for i := range q.Points { // nobody left the roster
		if q.Points[i].Day >= july {
			q.Points[i].Covered -= 100
		}
	}
	left := func(expires bool) (n int) {
		for _, x := range measure(q.Points, expires).Quarters {
			n += x.Left
		}
		return n
	}
	if left(true) != 0 || left(false) != 100 {
		t.Errorf("100 who expired: %d left where components expire, %d where they do not", left(true), left(false))
	}
}

func TestTheNeedIsWorkedOutAsByHand(t *testing.T) {
	t.Parallel()
	q := steady(500, 20, 6, "2026-11-24")
	h := History{Leaving: 0.01}
	n := need(q, h)
	// 160 less 4 times 6 are covered; 350 of 500 are needed. 768 days are 8.4 quarters, in each of which one in a hundred of some 243 leaves.
	if want := (Need{People: 500, Goal: 350, Leaving: 20, More: 234, Quarters: 768 / 91.3125}); n.People != want.People || n.Goal != want.Goal || n.Leaving != want.Leaving || n.More != want.More ||
		math.Abs(n.Quarters-want.Quarters) > 0.01 || math.Abs(n.PerQuarter-234/n.Quarters) > 0.001 {
		t.Errorf("%+v", n)
	}
	if n = need(steady(500, 20, 6, "2028-12-31"), h); n.PerQuarter != 0 || n.Quarters != 0 {
		t.Errorf("on the last day: %+v", n)
	}
}

func TestEachKindOfGroupIsToldApart(t *testing.T) {
	t.Parallel()
	for kind, q := range map[Kind]Question{
		Empty: steady(0, 0, 0, "2026-11-24"),
		Over:  steady(500, 20, 0, "2028-12-31"),
		Met:   steady(100, 20, 0, "2026-11-24"),
		Young: steady(500, 20, 0, "2023-03-20"),
		Idle:  steady(500, 0, 0, "2026-11-24"),
		Day:   steady(500, 20, 0, "2026-11-24"),
	} {
		now := q.Points[len(q.Points)-1]
		g := Group{Figure: coverage.Figure{Covered: now.Covered, Denominator: now.People}, Outlook: Outlook{History: measure(q.Points, false)}}
		if got := (&Forecast{}).kind(g, q); got != kind {
			t.Errorf("%s, want %s", got, kind)
		}
		q.look() // whatever it is, it can be tried out
	}
	q := steady(500, 0, 0, "2026-11-24")
	q.Planned = []Planned{{models.MustDay("2027-02-01"), 12}}
	g := Group{Figure: coverage.Figure{Denominator: 500}, Outlook: Outlook{History: measure(q.Points, false)}}
	if got := (&Forecast{}).kind(g, q); got != Day {
		t.Errorf("a first course is planned: %s", got)
	}
}

func TestWhatCoursesBringFollowsFromThoseBefore(t *testing.T) {
	t.Parallel()
	none := usual(nil, 0, 0.5)
	if none.Filling != priorFilling || none.Attendance != priorAttendance || none.New != 0.5 {
		t.Errorf("before the first course: %+v", none)
	}
	u := usual([]Class{{Capacity: 4000, Enrolled: 3000, Completed: 1500, Part: 1}, {Capacity: 1000, Enrolled: 750, Completed: 375, Part: 0.5}}, 500, 0.5)
	if math.Abs(u.Filling-0.75) > 0.01 || math.Abs(u.Attendance-0.5) > 0.01 || math.Abs(u.New-500/1687.5) > 0.01 {
		t.Errorf("after thousands: %+v", u)
	}
	open, settled, seminar := Class{Capacity: 100, Enrolled: 20, Part: 1}, Class{Capacity: 100, Enrolled: 20, Settled: true, Part: 1}, Class{Capacity: 100, Part: 0.5}
	if a, b, c := u.gain(open), u.gain(settled), u.gain(seminar); math.Abs(a/b-3.75) > 0.05 || math.Abs(a/c-2) > 0.01 {
		t.Errorf("open %.1f, with 20 for sure %.1f, a seminar %.1f", a, b, c)
	}
	late := []Class{{Day: models.MustDay("2026-11-01"), Capacity: 10, Part: 1}}
	if p := u.planned(late, models.MustDay("2026-11-24")); p[0].Day != models.MustDay("2026-11-25") || p[0].Gain != late[0].Gain || p[0].Gain == 0 {
		t.Errorf("a course that ended and waits to be closed: %+v", p)
	}
}
