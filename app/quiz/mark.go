package quiz

import (
	"math/rand/v2"
	"slices"
	"strings"

	"taphuan/app/store"
	"taphuan/models"
)

// Tenths turns points into tenths of a point out of ten, rounded to the nearest, halves up: 7 of 9 points are 78, which is 7.8.
func Tenths(points, most int) int {
	if most == 0 {
		return 0
	}
	return (200*points + most) / (2 * most)
}

// order gives the order in which one try sees n things: another for each try and question, and always the same for the same.
func order(try, of uint64, n int) []int { return rand.New(rand.NewPCG(try, of)).Perm(n) }

// right says whether exactly the right choices were made.
func right(q models.QuizQuestion, chosen int) bool { return chosen == q.Answer }

// batch is how many rows one statement names.
const batch = 500

// remark counts the points of the tries anew from what is saved, writes those that changed, and gives those handed in their score where the
// quiz feeds it: where there is none yet or the one that this quiz gave, or, with overwrite, whatever there is. It gives how many scores
// changed. Whoever calls it with tries that are handed in holds the lock of the course.
func remark(tx *store.Tx, q models.Quiz, list []models.QuizTry, overwrite bool) (fed int, err error) {
	all, err := questions(tx.DB, q.ID)
	if err != nil {
		return 0, err
	}
	most, of := 0, map[uint64]models.QuizQuestion{}
	for _, x := range all {
		most += x.Points
		of[x.ID] = x
	}
	for part := range slices.Chunk(list, batch) {
		was := map[uint64]int{} // tenths, by try
		at, ids := map[uint64]int{}, make([]uint64, len(part))
		for i := range part {
			was[part[i].ID], at[part[i].ID], ids[i] = part[i].Tenths, i, part[i].ID
			part[i].Points = 0
		}
		var answers []models.QuizAnswer
		if err := tx.Where("try_id IN ?", ids).Find(&answers).Error; err != nil {
			return fed, err
		}
		for _, a := range answers {
			if x := of[a.QuestionID]; right(x, a.Chosen) {
				part[at[a.TryID]].Points += x.Points
			}
		}
		for i := range part {
			part[i].Tenths = Tenths(part[i].Points, most)
		}
		err := setCase(tx, "UPDATE quiz_tries SET points = CASE id", ", tenths = CASE id", "", part, func(t models.QuizTry) (id uint64, a, b any) { return t.ID, t.Points, t.Tenths })
		if err != nil {
			return fed, err
		}
		n, err := score(tx, q, part, was, overwrite)
		if fed += n; err != nil {
			return fed, err
		}
	}
	return fed, nil
}

// setCase writes two columns of rows in one statement.
func setCase[T any](tx *store.Tx, first, second, tail string, rows []T, of func(T) (id uint64, a, b any)) error {
	if len(rows) == 0 {
		return nil
	}
	var one, two strings.Builder
	var a, b []any
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		id, x, y := of(r)
		ids[i] = id
		one.WriteString(" WHEN ? THEN ?")
		a = append(a, id, x)
		if second != "" {
			two.WriteString(" WHEN ? THEN ?")
			b = append(b, id, y)
		}
	}
	sql := first + one.String() + " END"
	if second != "" {
		sql += second + two.String() + " END"
	}
	args := append(a, b...)
	if tail != "" {
		sql += tail
		args = append(args, tx.Now)
	}
	return tx.Exec(sql+" WHERE id IN ?", append(args, ids)...).Error
}

// scoreChange is a word of the audit, as attendance has it for scores that people type.
type scoreChange struct {
	Enrolment uint64 `json:"enrolment"`
	From      *int   `json:"from"`
	To        *int   `json:"to"`
}

// score gives the enrolments of tries that are handed in their score; was is what each try gave before.
func score(tx *store.Tx, q models.Quiz, list []models.QuizTry, was map[uint64]int, overwrite bool) (int, error) {
	if !q.FeedsScore {
		return 0, nil
	}
	of, ids := map[uint64]models.QuizTry{}, []uint64{}
	for _, t := range list {
		if t.SubmittedAt != nil {
			of[t.EnrolmentID] = t
			ids = append(ids, t.EnrolmentID)
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	var there []models.Enrolment
	if err := tx.Lock().Select("id", "score_tenths").Where("id IN ? AND state = ?", ids, models.EnrolmentEnrolled).Order("id").Find(&there).Error; err != nil {
		return 0, err
	}
	var changes []scoreChange
	for _, e := range there {
		t := of[e.ID]
		if e.ScoreTenths == nil || *e.ScoreTenths != t.Tenths && (overwrite || *e.ScoreTenths == was[t.ID]) {
			changes = append(changes, scoreChange{e.ID, e.ScoreTenths, &t.Tenths})
		}
	}
	if len(changes) == 0 {
		return 0, nil
	}
	err := setCase(tx, "UPDATE enrolments SET score_tenths = CASE id", "", ", updated_at = ?", changes, func(c scoreChange) (uint64, any, any) { return c.Enrolment, *c.To, nil })
	if err != nil {
		return 0, err
	}
	return len(changes), tx.Audit("score.save", "course", q.CourseID, changes)
}

// feed brings what was handed in into the scores of the course.
func feed(tx *store.Tx, q models.Quiz, overwrite bool) (int, error) {
	var list []models.QuizTry
	if err := tx.Lock().Where("quiz_id = ? AND submitted_at IS NOT NULL", q.ID).Order("id").Find(&list).Error; err != nil {
		return 0, err
	}
	return remark(tx, q, list, overwrite)
}
