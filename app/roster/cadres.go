package roster

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// PageSize is how many rows a page of a list shows.
const PageSize = 50

const (
	// manyFound is from how many postings on a page is found by walking an index in its order; of fewer, all are sorted. Of people found
	// by their names no more are counted.
	manyFound = 1000
	// fewNamed is up to how many people of a name their numbers lead to them: MariaDB makes a table of a thousand and more.
	fewNamed = 500
)

// CadreFilter narrows the list of cadres; zero fields do not.
type CadreFilter struct {
	Text         string // words of the name, in any order, without regard to accents
	IDHash       string // keyed hash of a national id or an old one (IDHash), exactly
	Organisation string // code: that organisation and all below
	Group        string // code
	Day          models.Day
	Unplaced     bool     // in place of the roster: those whose last posting ended with its organisation, and who have had none since
	Line         bool     // in place of those posted there: those whose professional line is the organisation, or one that the actor reaches
	IDs          []uint64 // of cadres, the ticked ones; nil for all
}

// CadreRow is a cadre with a posting on the day.
type CadreRow struct {
	ID           uint64
	FullName     string
	SortKey      string
	BirthYear    int
	Sex          models.Sex
	Phone        string
	PostingID    uint64
	Title        string
	Organisation string
	OrgCode      string
	OrgPath      string
	Main         bool       // false: concurrent, listed because the organisation was asked for
	ToDay        models.Day // of the posting
	Open         bool       `gorm:"-"` // the actor may open the cadre's page
	Groups       []string   `gorm:"-"` // codes, in the plan's order
}

const cadreColumns = "c.id, c.full_name, c.sort_key, c.birth_year, c.sex, c.phone, postings.id AS posting_id, postings.title, postings.main, postings.to_day," +
	" organisations.name AS organisation, organisations.code AS org_code, organisations.path AS org_path"

var (
	byName = page.Order[CadreRow]{{Column: "k.sort_key", Of: func(r CadreRow) any { return r.SortKey }}, {Column: "k.id", Of: func(r CadreRow) any { return r.ID }}}
	// cadreOrders are how the list of cadres can be sorted.
	cadreOrders = page.List[CadreRow]{Default: "name", Size: PageSize, Orders: map[string]page.Order[CadreRow]{
		"name":         byName,
		"born":         append(page.Order[CadreRow]{{Column: "k.birth_year", Of: func(r CadreRow) any { return r.BirthYear }}}, byName...),
		"organisation": append(page.Order[CadreRow]{{Column: "organisations.path", Of: func(r CadreRow) any { return r.OrgPath }}}, byName...),
	}}
)

// cadreQuery is the list of cadres on its way: which postings are meant, and how they are found.
type cadreQuery struct {
	db       *store.DB
	read     *gorm.DB
	postings func(*gorm.DB) *gorm.DB // conditions on postings and organisations
	text     func(*gorm.DB) *gorm.DB // on cadres, as k; nil for none
	numbered []uint64                // who has the number that was looked for, after a 0; nil for no number
	exact    bool                    // text is a number or ids: an index leads to the few meant
	first    string                  // sort key of the first who has the name, where many have it
	many     bool                    // there are more postings than one sorts
	total    page.Total
}

// Cadres lists the cadres on the roster on a day at the organisations that the actor's scope reaches: each once, by the main posting, and
// where an organisation is asked for by one below it. A bounded number of queries whatever the length. It refuses an organisation that
// is out of scope with not_found.
func (s *Service) Cadres(ctx context.Context, actor access.Actor, f CadreFilter, ask page.Ask) (*page.Page[CadreRow], error) {
	q, err := s.cadreQuery(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	sort, _ := cadreOrders.Sorted(ask.Sort)
	list := cadreOrders
	if sort == "organisation" && q.many && (q.text == nil || q.total.More) {
		list.Narrow = q.nearOffices
	}
	p, err := list.Read(q.from(sort), ask, q.total)
	if err != nil {
		return nil, err
	}
	return &p, s.fillCadres(ctx, actor, p.Rows)
}

// EachCadre gives all cadres that Cadres would list, sorted so, to f, some at a time.
func (s *Service) EachCadre(ctx context.Context, actor access.Actor, f CadreFilter, sort string, each func([]CadreRow) error) error {
	q, err := s.cadreQuery(ctx, actor, f)
	if err != nil {
		return err
	}
	name, _ := cadreOrders.Sorted(sort)
	return cadreOrders.Each(q.from(name), sort, func(rows []CadreRow) error {
		if err := s.fillCadres(ctx, actor, rows); err != nil {
			return err
		}
		return each(rows)
	})
}

// CadreIDs gives all cadres that Cadres would list, by name, where they are at most so many; else it refuses as page.Total.AtMost does.
func (s *Service) CadreIDs(ctx context.Context, actor access.Actor, f CadreFilter, most int64) ([]uint64, error) {
	q, err := s.cadreQuery(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	if q.total.More {
		if q.total, err = page.Count(q.from("name")); err != nil {
			return nil, err
		}
	}
	if err := q.total.AtMost(most); err != nil {
		return nil, err
	}
	var ids []uint64
	err = q.from("name").Select("c.id").Order("k.sort_key, k.id").Scan(&ids).Error
	return ids, err
}

func (s *Service) cadreQuery(ctx context.Context, actor access.Actor, f CadreFilter) (*cadreQuery, error) {
	if f.Day == 0 {
		f.Day = models.DayOf(s.DB.Time())
	}
	q := &cadreQuery{db: s.DB, read: s.DB.Read(ctx)}
	if f.IDHash != "" {
		var ids []uint64
		err := q.read.Raw("SELECT id FROM cadres WHERE national_id_hash = ? UNION SELECT id FROM cadres WHERE old_id_hash = ?", f.IDHash, f.IDHash).Scan(&ids).Error
		if err != nil {
			return nil, err
		}
		q.numbered = append([]uint64{0}, ids...)
	}
	q.text, q.exact = q.cadreText(f)
	under := ""
	if f.Organisation != "" {
		o, err := s.OrganisationByCode(ctx, f.Organisation)
		if err != nil {
			return nil, err
		}
		if !actor.ReachesPath(access.RosterRead, o.Path) {
			return nil, errs.NotFound("organisation")
		}
		under = o.Path
	}
	q.postings = func(db *gorm.DB) *gorm.DB { return q.conditions(db, actor, f, under) }
	return q, q.count()
}

// count says how many are found, and with that how they are best found.
func (q *cadreQuery) count() (err error) {
	all := func() *gorm.DB {
		return q.postings(q.read.Table("postings JOIN organisations ON organisations.id = postings.organisation_id"))
	}
	named := func() *gorm.DB { return q.text(all().Joins("JOIN cadres k ON k.id = postings.cadre_id")) }
	if q.text == nil {
		q.total, err = page.Count(all())
		q.many = q.total.More || q.total.N > manyFound
		return err
	}
	if !q.exact {
		if q.total, err = page.CountTo(all(), manyFound); err != nil {
			return err
		}
		if q.many = q.total.More; q.many {
			if err = q.find(); err != nil {
				return err
			}
		}
	}
	if q.many { // so many have the name that they soon come in any order
		in := " " + q.db.Dialect.InOrder() + " "
		q.total, err = page.CountTo(q.text(q.postings(q.read.Table("cadres k "+q.db.Dialect.Index("")+in+"postings ON postings.cadre_id = k.id"+in+"organisations ON organisations.id = postings.organisation_id"))), manyFound)
		return err
	}
	q.total, err = page.Count(named())
	return err
}

// find walks once over the names. Where few have the one that is looked for, their numbers take the place of the text; where many have
// it, pages begin at the first of them.
func (q *cadreQuery) find() error {
	var found []struct {
		ID      uint64
		SortKey string
	}
	err := q.text(q.read.Table("cadres k " + q.db.Dialect.Index("ix_cadres_sort_key_id_search"))).Select("k.id, k.sort_key").Order("k.sort_key, k.id").Limit(fewNamed + 1).Scan(&found).Error
	if err != nil {
		return err
	}
	if len(found) > fewNamed {
		q.first = found[0].SortKey
		return nil
	}
	ids := []uint64{0}
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	q.text, q.exact, q.many = func(db *gorm.DB) *gorm.DB { return db.Where("k.id IN ?", ids) }, true, false
	return nil
}

// conditions are those on the postings of a list and on their organisations.
func (q *cadreQuery) conditions(db *gorm.DB, actor access.Actor, f CadreFilter, under string) *gorm.DB {
	on := func(p, o string) (string, []any) {
		sql, args := p+".from_day <= ? AND "+p+".to_day > ?", []any{f.Day, f.Day}
		if f.Line {
			lines := q.read.Model(&models.Organisation{}).Select("id").Scopes(access.Organisations(actor, access.RosterRead))
			if under != "" {
				below, path := access.Subtree("path", under)
				lines = lines.Where(below, path...)
			}
			sql, args = sql+" AND "+p+".line_id IN (?)", append(args, lines)
		} else if under != "" {
			below, path := access.Subtree(o+".path", under)
			sql, args = sql+" AND "+below, append(args, path...)
		}
		if f.Group != "" {
			sql += " AND EXISTS (SELECT 1 FROM posting_groups pg WHERE pg.posting_id = " + p + ".id AND pg.group_id IN (?))"
			args = append(args, q.read.Model(&models.TargetGroup{}).Select("id").Scopes(store.Code("code", f.Group)))
		}
		return sql, args
	}
	if f.Unplaced {
		db = db.Where("postings.main = ? AND postings.to_day <= ? AND postings.to_day = organisations.to_day", true, f.Day).Where(undecided)
		f.Day = 0
		on = func(_, o string) (string, []any) {
			if under == "" {
				return "1 = 1", nil
			}
			return access.Subtree(o+".path", under)
		}
	}
	sql, args := on("postings", "organisations")
	db = db.Where(sql, args...).Scopes(access.Postings(actor, access.RosterRead))
	if under == "" && !f.Line {
		return db.Where("postings.main = ?", true)
	}
	// Of several postings there one stands for the cadre, the main one if it is among them.
	sql, args = on("other", "at")
	return db.Where("(postings.main = ? OR NOT EXISTS (SELECT 1 FROM postings other JOIN organisations at ON at.id = other.organisation_id"+
		" WHERE other.cadre_id = postings.cadre_id AND (other.main = ? OR other.id < postings.id) AND "+sql+"))", append([]any{true, true}, args...)...)
}

// cadreText is the condition that the filter's text and ids put on cadres; exact says that an index leads to the few that are meant.
func (q *cadreQuery) cadreText(f CadreFilter) (text func(*gorm.DB) *gorm.DB, exact bool) {
	var conditions []func(*gorm.DB) *gorm.DB
	if f.IDs != nil {
		exact = true
		conditions = append(conditions, func(db *gorm.DB) *gorm.DB { return db.Where("k.id IN ?", f.IDs) })
	}
	if q.numbered != nil {
		exact = true
		conditions = append(conditions, func(db *gorm.DB) *gorm.DB { return db.Where("k.id IN ?", q.numbered) })
	}
	if words := strings.Fields(viet.Fold(f.Text)); len(words) > 0 {
		slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // long words are rare
		conditions = append(conditions, func(db *gorm.DB) *gorm.DB {
			for _, w := range words {
				w = likeWord(w) // to look for the word alone costs a fraction of the pattern
				db = db.Where("INSTR(k.search, ?) > 0 AND (k.search LIKE ? OR k.search LIKE ?)", w, w+"%", "% "+w+"%")
			}
			return db
		})
	}
	if len(conditions) == 0 {
		return nil, false
	}
	return func(db *gorm.DB) *gorm.DB {
		for _, c := range conditions {
			db = c(db)
		}
		return db
	}, exact
}

// from is the query of the rows in the way that suits an order. k is the cadre as the index has it, c the whole.
func (q *cadreQuery) from(sort string) *gorm.DB {
	in := " " + q.db.Dialect.InOrder() + " "
	cadre := func(index string) string {
		return "cadres k " + q.db.Dialect.Index(index) + in + "postings ON postings.cadre_id = k.id" + in + "organisations ON organisations.id = postings.organisation_id" + in + "cadres c ON c.id = k.id"
	}
	tables := "postings JOIN organisations ON organisations.id = postings.organisation_id JOIN cadres k ON k.id = postings.cadre_id JOIN cadres c ON c.id = k.id"
	switch {
	case !q.many: // few: they are found by their offices or by ids, and sorted
	case sort == "name" || q.text != nil && !q.total.More:
		tables = cadre("ix_cadres_sort_key_id_search")
	case sort == "born":
		tables = cadre("ix_cadres_birth_year_sort_key_id")
	default:
		tables = "organisations" + in + "postings ON postings.organisation_id = organisations.id" + in + "cadres k ON k.id = postings.cadre_id" + in + "cadres c ON c.id = k.id"
	}
	db := q.postings(q.read.Table(tables).Select(cadreColumns))
	if q.text != nil {
		db = q.text(db)
	}
	if q.first != "" {
		db = db.Where("k.sort_key >= ?", q.first)
	}
	return db
}

// nearOffices keeps to the next office with people, then to the next nine, and so on: no index of cadres has them in the order of offices.
func (q *cadreQuery) nearOffices(db *gorm.DB, beyond []any, turned bool, step int) (*gorm.DB, bool, error) {
	if step > 2 {
		return db, true, nil
	}
	from, sign, order := "organisations.path >= ?", " <= ?", "organisations.path"
	if turned {
		from, sign, order = "organisations.path <= ?", " >= ?", "organisations.path DESC"
	}
	offices := q.read.Model(&models.Organisation{}).Where("EXISTS (SELECT 1 FROM postings WHERE postings.organisation_id = organisations.id)")
	if beyond != nil {
		offices = offices.Where(from, beyond[0])
	}
	var last []string
	if err := offices.Order(order).Offset([]int{1, 9, 81}[step]).Limit(1).Pluck("path", &last).Error; err != nil || len(last) == 0 {
		return db, true, err
	}
	return db.Session(&gorm.Session{}).Where("organisations.path"+sign, last[0]), false, nil
}

// fillCadres adds what takes a query for all rows together.
func (s *Service) fillCadres(ctx context.Context, actor access.Actor, rows []CadreRow) error {
	postings, people := make([]uint64, len(rows)), make([]uint64, len(rows))
	for i, r := range rows {
		postings[i], people[i] = r.PostingID, r.ID
	}
	groups, err := groupCodes(s.DB.Read(ctx), postings)
	if err != nil {
		return err
	}
	open, err := s.openTo(ctx, actor, people)
	for i, r := range rows {
		rows[i].Groups = groups[r.PostingID]
		if rows[i].Open = open[r.ID]; !rows[i].Open { // of a past day: name, posting, and what tells homonyms apart
			rows[i].Phone, rows[i].Sex = "", models.SexUnknown
		}
	}
	return err
}

// IDHash gives the keyed hash by which the list of cadres is searched for a typed national id of twelve digits or an old one of nine;
// "" where the text is neither. The hash may stand in an address, the number may not.
func (s *Service) IDHash(text string) string {
	switch digits := onlyDigits(text); len(digits) {
	case 12:
		return s.Keys.Hash(purposeNationalID, digits)
	case 9:
		return s.Keys.Hash(purposeOldID, digits)
	}
	return ""
}

// onlyDigits is a number as people type it, without what they put between; "" where there is anything else.
func onlyDigits(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '.' || r == '-' {
			return -1
		}
		return r
	}, s)
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return s
}

// likeWord leaves out what LIKE would read as a pattern.
func likeWord(w string) string { return strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w) }
