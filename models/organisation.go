package models

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what sort of node an organisation is.
type Kind string

// The kinds. Country, province, block and district nodes are for totals: no postings, no headcounts.
const (
	KindCountry        Kind = "country"
	KindProvince       Kind = "province"
	KindBlock          Kind = "block"
	KindDistrict       Kind = "district"
	KindStateAgency    Kind = "state_agency"
	KindPartyAgency    Kind = "party_agency"
	KindSocioPolitical Kind = "socio_political"
	KindPressAgency    Kind = "press_agency"
	KindArmedForces    Kind = "armed_forces"
)

// IsTotal says whether the node is for totals only: nobody is posted there.
func (k Kind) IsTotal() bool { return slices.Contains(Totals, k) }

// Totals are the kinds of nodes for totals only.
var Totals = []Kind{KindCountry, KindProvince, KindBlock, KindDistrict}

// Level is the administrative level of an organisation.
type Level string

// The levels.
const (
	LevelCountry  Level = "country"
	LevelProvince Level = "province"
	LevelDistrict Level = "district"
	LevelCommune  Level = "commune"
)

// Organisation (cơ quan, đơn vị) is a node of the tree. It never changes parent: a move is an end and a successor.
type Organisation struct {
	ID         uint64
	Code       string `validate:"required,max=40"`
	Name       string `validate:"required,max=300"`
	ShortName  string `validate:"max=120"`
	Kind       Kind   `validate:"required"`
	Level      Level  `validate:"required"`
	ParentID   *uint64
	AreaID     *uint64 // the district, perhaps ended, in which it lies; nil for totals
	Path       string  // one "/" and seven base-36 digits a node from the root: a subtree is a prefix, tree order is Path order
	Depth      int     // 0 at the root
	FromDay    Day
	ToDay      Day      // first day no longer there; Forever when open
	CountsOnly bool     // names may not be kept: declares headcounts and how many are covered
	Latitude   *float64 // of an area: WGS 84, degrees, of its town; nil where nobody has said
	Longitude  *float64
	Search     string // viet.Fold of code and name
	Note       string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// PathSegment is the length of one organisation's part of a path.
const PathSegment = 8

// PathPart is an organisation's own part of its path: fixed width, so that paths sort as the tree does.
func PathPart(id uint64) string {
	s := strconv.FormatUint(id, 36)
	if len(s) >= PathSegment {
		panic("organisation id " + s + " does not fit into a path")
	}
	return "/" + strings.Repeat("0", PathSegment-1-len(s)) + s
}

// Above gives the ids of the organisations above, as the path names them, the nearest first.
func (o Organisation) Above() []uint64 {
	var ids []uint64
	for n := len(o.Path) - 2*PathSegment; n >= 0; n -= PathSegment {
		id, err := strconv.ParseUint(o.Path[n+1:n+PathSegment], 36, 64)
		if err != nil {
			panic("path " + o.Path + " of an organisation") // PathPart wrote it
		}
		ids = append(ids, id)
	}
	return ids
}

// ExistsOn says whether the organisation exists on the day.
func (o Organisation) ExistsOn(d Day) bool { return o.FromDay <= d && d < o.ToDay }

// Commune gives "xã Quảng Uyên" of "Ủy ban nhân dân xã Quảng Uyên"; "" for what is no organisation of a commune.
func (o Organisation) Commune() string {
	at := -1
	for _, kind := range []string{"xã ", "phường ", "thị trấn ", "đặc khu ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu "} {
		at = max(at, strings.LastIndex(o.Name, kind))
	}
	if o.Level != LevelCommune || at < 0 {
		return ""
	}
	return o.Name[at:]
}

// Place is a point on the earth, in degrees of WGS 84.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Place gives where the area's town lies; ok is false where nobody has said.
func (o Organisation) Place() (at Place, ok bool) {
	if o.Latitude == nil || o.Longitude == nil {
		return at, false
	}
	return Place{*o.Latitude, *o.Longitude}, true
}

// OrganisationSuccessor says that the people and duties of one organisation went to another when it ended.
type OrganisationSuccessor struct {
	OrganisationID uint64 `gorm:"primaryKey"`
	SuccessorID    uint64 `gorm:"primaryKey"`
}

// Headcount (số người theo biên chế) is how many cadres of a group an organisation declares to have itself, from a day on.
type Headcount struct {
	ID             uint64
	OrganisationID uint64
	GroupID        uint64
	EffectiveDay   Day
	Declared       *int // nil withdraws an earlier declaration; 0 is a declaration
	Covered        *int // counts-only organisations: how many of Declared are covered
	AccountID      *uint64
	CreatedAt      time.Time
}

// OrganisationEnd is an end that was entered here, with what it cut short, so that it can be undone.
type OrganisationEnd struct {
	OrganisationID uint64 `gorm:"primaryKey;autoIncrement:false"`
	EndDay         Day    // first day no longer there
	Was            string // JSON of an EndRecord
	CreatedAt      time.Time
}

// Record reads what the end cut short.
func (e OrganisationEnd) Record() (r EndRecord, err error) {
	if err := json.Unmarshal([]byte(e.Was), &r); err != nil {
		return r, err
	}
	for i := range r.Organisations { // an open end is null in JSON
		r.Organisations[i].To = cmp.Or(r.Organisations[i].To, Forever)
	}
	for i := range r.Postings {
		p := &r.Postings[i]
		p.To = cmp.Or(p.To, Forever)
		for j := range p.Leaves {
			p.Leaves[j].ToDay = cmp.Or(p.Leaves[j].ToDay, Forever)
		}
	}
	return r, nil
}

// EndRecord is what an end cut short, as it was before.
type EndRecord struct {
	Organisations []DayWas     `json:"organisations"`
	Postings      []PostingWas `json:"postings,omitempty"`
}

// DayWas is an organisation's first day no longer there as it was.
type DayWas struct {
	ID uint64 `json:"id"`
	To Day    `json:"to"`
}

// PostingWas is the end of a posting as it was.
type PostingWas struct {
	ID      uint64    `json:"id"`
	CadreID uint64    `json:"cadre"`
	To      Day       `json:"to"`
	Reason  EndReason `json:"reason,omitempty"`
	Leaves  []Leave   `json:"leaves,omitempty"`
}

// Cadres gives the ids of the people.
func (r EndRecord) Cadres() []uint64 {
	out := make([]uint64, len(r.Postings))
	for i, p := range r.Postings {
		out[i] = p.CadreID
	}
	return out
}
