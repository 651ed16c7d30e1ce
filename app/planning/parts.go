package planning

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Parts is what is added to a plan that stands, and what is taken away: one of each at a time.
type Parts struct {
	Topic     NewTopic // the zero: none
	Group     NewGroup // the zero: none
	DropTopic string   // code, "" for none
	DropGroup string   // code, "" for none
}

// NewTopic is a topic, or a part of one. Its code is the next number.
type NewTopic struct {
	Of             string // code of the topic that it is a part of, "" for none
	NameVi, NameEn string
}

// NewGroup is a target group. At which levels it may be posted, and of which organisations it is expected, it takes over from another one or says
// itself.
type NewGroup struct {
	Code, NameVi, NameEn string
	Short                string   // name in tables
	Percent              string   // as typed
	Like                 string   // code of the other group, "" for none
	Levels               []string // where there is no other one
	Expected             bool     // of all organisations at Levels
}

func (in NewGroup) none() bool {
	return in.Code+in.NameVi+in.NameEn+in.Short+in.Percent+in.Like == "" && len(in.Levels) == 0 && !in.Expected
}

// Bounds of the parts of a plan.
const (
	maxGroups    = 20
	maxTopics    = 99 // of a plan, and of a topic
	maxGroupCode = 20
	maxGroupName = 120 // the short one
	maxAliases   = 50
)

var groupCode = regexp.MustCompile(`^[A-Z][A-Z0-9]*$`)

// Loose are the topics and groups of a plan on which nothing hangs, so that they can be taken away.
type Loose struct {
	Topics []models.Topic       // without parts, and of no course and no trainer
	Groups []models.TargetGroup // of no posting, headcount, course and proposal
}

// Loose finds what may be taken away from a plan.
func (s *Service) Loose(ctx context.Context, p *plan.Plan) (Loose, error) {
	return loose(s.DB.Read(ctx), p)
}

func loose(db *gorm.DB, p *plan.Plan) (l Loose, err error) {
	const no = " AND NOT EXISTS (SELECT 1 FROM "
	if err := db.Raw("SELECT t.* FROM topics t WHERE t.plan_id = ?"+no+"topics x WHERE x.parent_id = t.id)"+no+"course_topics x WHERE x.topic_id = t.id)"+
		no+"trainer_topics x WHERE x.topic_id = t.id)", p.ID).Scan(&l.Topics).Error; err != nil {
		return l, err
	}
	slices.SortFunc(l.Topics, func(a, b models.Topic) int { return plan.CompareCodes(a.Code, b.Code) })
	if err := db.Raw("SELECT g.* FROM target_groups g WHERE g.plan_id = ?"+no+"posting_groups x WHERE x.group_id = g.id)"+no+"headcounts x WHERE x.group_id = g.id)"+
		no+"course_groups x WHERE x.group_id = g.id) ORDER BY g.position", p.ID).Scan(&l.Groups).Error; err != nil {
		return l, err
	}
	var asks []string
	if err := db.Model(&models.Proposal{}).Where("plan_id = ?", p.ID).Pluck("ask", &asks).Error; err != nil {
		return l, err
	}
	l.Groups = slices.DeleteFunc(l.Groups, func(g models.TargetGroup) bool {
		return slices.ContainsFunc(asks, func(ask string) bool { return strings.Contains(ask, strconv.Quote(g.Code)) })
	})
	return l, nil
}

// parts notes what is added and taken away.
func (r *Rules) parts(db *gorm.DB, in Parts, f *errs.Fields) error {
	r.newTopic(in.Topic, f)
	r.newGroup(in.Group, f)
	if in.DropTopic == "" && in.DropGroup == "" {
		return nil
	}
	l, err := loose(db, r.Plan)
	if err != nil {
		return err
	}
	if in.DropTopic != "" {
		if i := slices.IndexFunc(l.Topics, func(t models.Topic) bool { return t.Code == in.DropTopic }); i >= 0 && in.DropTopic != in.Topic.Of { // nor does a part come to hang on it now
			r.DropTopic = &l.Topics[i]
			r.Said = append(r.Said, Said{What: "topic", Before: r.DropTopic.NameVi, After: ""})
		} else {
			f.Add("drop_topic", "plan_part_in_use")
		}
	}
	if in.DropGroup != "" {
		if i := slices.IndexFunc(l.Groups, func(g models.TargetGroup) bool { return g.Code == in.DropGroup }); i >= 0 {
			r.DropGroup = &l.Groups[i]
			r.Said = append(r.Said, Said{What: "group", Before: r.DropGroup.NameVi, After: ""})
		} else {
			f.Add("drop_group", "plan_part_in_use")
		}
	}
	return nil
}

func (r *Rules) newTopic(in NewTopic, f *errs.Fields) {
	if in == (NewTopic{}) {
		return
	}
	t := models.Topic{PlanID: r.Plan.ID, NameVi: viet.NFC(in.NameVi), NameEn: viet.NFC(in.NameEn)}
	naming(f, "new_topic_vi", t.NameVi, true, maxTopic)
	naming(f, "new_topic_en", t.NameEn, false, maxTopic)
	before := ""
	if in.Of != "" {
		i := slices.IndexFunc(r.Plan.Topics, func(x models.Topic) bool { return x.Code == in.Of && x.ParentID == nil })
		if i < 0 {
			f.Add("new_topic_of", "choice")
			return
		}
		t.ParentID, before = &r.Plan.Topics[i].ID, in.Of+"."
	}
	last := 0
	for _, x := range r.Plan.Topics {
		if same := (x.ParentID == nil) == (t.ParentID == nil) && (x.ParentID == nil || *x.ParentID == *t.ParentID); !same {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(x.Code, before)); err == nil {
			last = max(last, n)
		}
		t.Position = max(t.Position, x.Position)
	}
	if last >= maxTopics {
		f.Add("new_topic_vi", "number_most", errs.Params{"n": maxTopics})
	}
	t.Position++
	t.Code = before + strconv.Itoa(last+1)
	r.NewTopic = &t
	r.Said = append(r.Said, Said{What: "topic", Before: "", After: t.Code + ". " + t.NameVi})
}

func (r *Rules) newGroup(in NewGroup, f *errs.Fields) {
	if in.none() {
		return
	}
	g := models.TargetGroup{PlanID: r.Plan.ID, Code: strings.ToUpper(strings.TrimSpace(in.Code)), NameVi: viet.NFC(in.NameVi), NameEn: viet.NFC(in.NameEn), ShortVi: viet.NFC(in.Short)}
	switch {
	case len(g.Code) > maxGroupCode || !groupCode.MatchString(g.Code):
		f.Add("new_group_code", "plan_group_code")
	case r.Plan.GroupByCode(g.Code) != nil:
		f.Add("new_group_code", "plan_group_taken")
	case len(r.Plan.Groups) >= maxGroups:
		f.Add("new_group_code", "number_most", errs.Params{"n": maxGroups})
	}
	naming(f, "new_group_vi", g.NameVi, true, maxName)
	naming(f, "new_group_en", g.NameEn, false, maxName)
	naming(f, "new_group_short", g.ShortVi, true, maxGroupName)
	var err error
	if g.TargetPercent, err = strconv.Atoi(in.Percent); err != nil || g.TargetPercent < 1 || g.TargetPercent > 100 {
		f.Add("new_group_target", "target_percent")
	}
	for _, x := range r.Plan.Groups {
		g.Position = max(g.Position, x.Position+1)
	}
	r.newLevels(in, f)
	r.NewGroup = &g
	r.Said = append(r.Said, Said{What: "group", Before: "", After: g.NameVi})
}

// ever is the first day of what has always been so.
var ever = models.NewDay(1900, 1, 1)

// newLevels notes at which levels the new group may be posted, and of which organisations it is expected.
func (r *Rules) newLevels(in NewGroup, f *errs.Fields) {
	r.Like = r.Plan.GroupByCode(in.Like)
	switch own := len(in.Levels) > 0; {
	case in.Like != "" && r.Like == nil:
		f.Add("new_group_like", "choice")
	case own == (r.Like != nil) || in.Expected && !own:
		f.Add("new_group_levels", "plan_group_levels")
	}
	for _, l := range r.Plan.Levels {
		if r.Like != nil && l.GroupID == r.Like.ID {
			r.Levels = append(r.Levels, l)
		}
	}
	for _, e := range r.Plan.Expected {
		if r.Like != nil && e.GroupID == r.Like.ID {
			r.Expected = append(r.Expected, e)
		}
	}
	if slices.ContainsFunc(in.Levels, func(typed string) bool { return !slices.Contains(roster.Levels, models.Level(typed)) }) {
		f.Add("new_group_levels", "choice")
	}
	for _, level := range roster.Levels {
		if !slices.Contains(in.Levels, string(level)) {
			continue
		}
		r.Levels = append(r.Levels, models.TargetGroupLevel{Level: level, FromDay: ever, ToDay: models.Forever})
		for _, kind := range roster.Kinds {
			if in.Expected && !kind.IsTotal() {
				r.Expected = append(r.Expected, models.ExpectedGroup{Kind: kind, Level: level, FromDay: ever, ToDay: models.Forever})
			}
		}
	}
}

// naming refuses a name that is missing or too long.
func naming(f *errs.Fields, field, text string, required bool, most int) {
	if required && text == "" {
		f.Add(field, "required")
	}
	if utf8.RuneCountInString(text) > most {
		f.Add(field, "too_long", errs.Params{"n": most})
	}
}

// saveParts writes what is added and taken away. Of groups the ledger has been forgotten: who writes what counts waits.
func saveParts(tx *store.Tx, r *Rules) (err error) {
	if r.NewTopic != nil {
		err = tx.Create(r.NewTopic).Error
	}
	if r.NewGroup != nil && err == nil {
		err = tx.Create(r.NewGroup).Error
		for _, l := range r.Levels {
			l.GroupID = r.NewGroup.ID
			err = cmp.Or(err, tx.Create(&l).Error)
		}
		for _, e := range r.Expected {
			e.GroupID = r.NewGroup.ID
			err = cmp.Or(err, tx.Create(&e).Error)
		}
	}
	if r.DropTopic != nil && err == nil {
		err = tx.Delete(r.DropTopic).Error
	}
	if r.DropGroup != nil {
		err = cmp.Or(err, ledger.DropGroup(tx, r.DropGroup.ID))
		for _, from := range []string{"expected_groups WHERE group_id", "target_group_levels WHERE group_id", "target_groups WHERE id"} {
			err = cmp.Or(err, tx.Exec("DELETE FROM "+from+" = ?", r.DropGroup.ID).Error)
		}
	}
	return err
}
