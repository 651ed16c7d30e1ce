package models

import (
	"slices"
	"time"
)

// Plan (kế hoạch) is one programme with a period, targets and topics.
type Plan struct {
	ID          uint64
	Code        string
	NameVi      string
	NameEn      string
	Decision    string // the paper that approved it
	RootID      uint64 // the organisation whose tree the plan covers
	LeadID      *uint64
	FromDay     Day
	ToDay       Day // first day after the period: the plan's 2028-12-31 is stored as 2029-01-01
	ReportMonth int
	ReportDay   int   // the yearly report is due before this day
	Version     int   // grows with each change
	ShownFirst  *bool // true: everybody sees it first of the plans of its root, while it is in force; one of them at most
	ShownOpen   *bool // true: its figures are the open ones, while it is in force; one plan at most
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Name gives the name in the language ("vi" or "en").
func (p Plan) Name(lang string) string { return pick(lang, p.NameVi, p.NameEn) }

// Covers says whether the day lies within the plan's period.
func (p Plan) Covers(d Day) bool { return p.FromDay <= d && d < p.ToDay }

// Component is one of the things that the plan asks for of each cadre.
type Component string

// The components of the human-rights communication plan (section I.2).
const (
	ComponentUpdate   Component = "update"
	ComponentTraining Component = "training"
)

// allComponents are all components. Where each stands is its bit in Components: a new one goes to the end.
var allComponents = []Component{ComponentUpdate, ComponentTraining}

// Components is a set of components. It is kept as a number, a bit for each: whether a completion brings one is asked of everybody in every figure.
type Components uint8

// Set is the set of the component alone; of one that is unknown the empty set.
func (c Component) Set() Components {
	if i := slices.Index(allComponents, c); i >= 0 {
		return 1 << i
	}
	return 0
}

// ComponentsOf is the set of components.
func ComponentsOf(list ...Component) (s Components) {
	for _, c := range list {
		s |= c.Set()
	}
	return s
}

// Has says whether the component is in the set.
func (s Components) Has(c Component) bool { return s&c.Set() != 0 }

// List gives the components in the order of their names.
func (s Components) List() []Component {
	var list []Component
	for _, c := range allComponents {
		if s.Has(c) {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// PlanComponent says that the plan requires a component of each cadre.
type PlanComponent struct {
	PlanID        uint64    `gorm:"primaryKey"`
	Component     Component `gorm:"primaryKey"`
	NameVi        string
	NameEn        string
	Position      int
	ExpiresMonths *int // nil: never expires
}

// Name gives the name in the language.
func (c PlanComponent) Name(lang string) string { return pick(lang, c.NameVi, c.NameEn) }

// TargetGroup (nhóm đối tượng) is a category of cadres with a target percentage.
type TargetGroup struct {
	ID            uint64
	PlanID        uint64
	Code          string
	NameVi        string
	NameEn        string
	ShortVi       string
	ShortEn       string
	TargetPercent int
	Position      int
	Aliases       string // other ways in which offices write the group, one a line
}

// Name gives the name in the language.
func (g TargetGroup) Name(lang string) string { return pick(lang, g.NameVi, g.NameEn) }

// Short gives the short name in the language.
func (g TargetGroup) Short(lang string) string { return pick(lang, g.ShortVi, g.ShortEn) }

// TargetGroupLevel says at which level, and over which lifetime, cadres of the group may be posted.
type TargetGroupLevel struct {
	GroupID uint64 `gorm:"primaryKey"`
	Level   Level  `gorm:"primaryKey"`
	FromDay Day    `gorm:"primaryKey"`
	ToDay   Day
}

// ExpectedGroup says which kinds and levels of organisation should have cadres of the group, so that silence differs from zero.
type ExpectedGroup struct {
	GroupID uint64 `gorm:"primaryKey"`
	Kind    Kind   `gorm:"primaryKey"`
	Level   Level  `gorm:"primaryKey"`
	FromDay Day    `gorm:"primaryKey"`
	ToDay   Day
}

// Topic (nội dung) is one of the content areas of section III of the plan, or a part of one.
type Topic struct {
	ID       uint64
	PlanID   uint64
	ParentID *uint64
	Code     string
	NameVi   string
	NameEn   string
	Position int
}

// Name gives the name in the language.
func (t Topic) Name(lang string) string { return pick(lang, t.NameVi, t.NameEn) }

// CourseType is a form of training with the components that it brings.
type CourseType struct {
	ID       uint64
	PlanID   uint64
	Code     string
	NameVi   string
	NameEn   string
	Position int
}

// Name gives the name in the language.
func (t CourseType) Name(lang string) string { return pick(lang, t.NameVi, t.NameEn) }

// CourseTypeComponent says that courses of the type bring the component.
type CourseTypeComponent struct {
	CourseTypeID uint64    `gorm:"primaryKey"`
	Component    Component `gorm:"primaryKey"`
}

func pick(lang, vi, en string) string {
	if lang == "en" && en != "" {
		return en
	}
	return vi
}
