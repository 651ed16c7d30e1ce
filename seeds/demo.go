package seeds

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sort"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/file"
	"taphuan/app/invitation"
	"taphuan/app/mail"
	"taphuan/app/namecheck"
	"taphuan/app/plan"
	"taphuan/app/proof"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/settings"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

//go:embed demo
var demoFiles embed.FS

// The demonstration's own setting: it says "loading" from the first write on and "loaded" after the last.
const (
	demoSetting = "demo"
	demoLoading = "loading"
	demoLoaded  = "loaded"
)

// Demo's refusals.
var (
	// ErrDemoHalf is a database in which loading the demonstration was stopped half-way.
	ErrDemoHalf = errors.New("loading the demonstration province into this database was stopped half-way: delete the database and start again")
	// ErrDemoElsewhere is a database that holds people or accounts of its own.
	ErrDemoElsewhere = errors.New("this database holds data of its own, and the demonstration province goes only into a new one: name another with --db")
)

// Demo loads an invented province that looks alive into a database that holds the base data and nothing else: rosters of 2024 to
// 2026 from workbooks, accounts with known passwords, courses of three years that were opened, filled, marked, closed and
// certified at their own times, and others that run today or are to come. Everything goes through the services that people
// use, with the clock of db moved to when it happened. publicURL is what QR codes lead to; progress may be nil.
//
// A database that holds the demonstration already is left as it is; loaded says whether it was new. It refuses with ErrDemoHalf
// and ErrDemoElsewhere. Nobody else may use db while it runs.
func Demo(ctx context.Context, db *store.DB, keys *secret.Keys, publicURL string, progress func(done, total int)) (loaded bool, err error) {
	state, err := demoState(ctx, db)
	if err != nil || state == demoLoaded {
		return false, err
	}
	if state != "" {
		return false, ErrDemoHalf
	}
	for _, t := range []any{&models.Account{}, &models.Cadre{}, &models.Course{}} {
		var n int64
		if err := db.Read(ctx).Model(t).Count(&n).Error; err != nil {
			return false, err
		}
		if n > 0 {
			return false, ErrDemoElsewhere
		}
	}
	if err := setDemoState(ctx, db, demoLoading); err != nil {
		return false, err
	}
	w, err := newWorld(ctx, db, keys, publicURL)
	if err != nil {
		return false, err
	}
	present := db.Now
	defer func() { db.Now = present }()
	if err := w.live(ctx, progress); err != nil {
		return false, fmt.Errorf("the demonstration province, at %s: %w", w.clock.In(models.Zone).Format("2006-01-02 15:04"), err)
	}
	db.Now = present
	return true, setDemoState(ctx, db, demoLoaded)
}

func demoState(ctx context.Context, db *store.DB) (string, error) {
	var s models.Setting
	err := db.Read(ctx).Where("name = ?", demoSetting).Take(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}
	return s.Value, err
}

func setDemoState(ctx context.Context, db *store.DB, state string) error {
	_, err := db.Write(ctx, store.By{Action: "demo"}, func(tx *store.Tx) (uint64, error) {
		s := models.Setting{Name: demoSetting, Value: state, UpdatedAt: tx.Now}
		return 0, tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"})}).Create(&s).Error
	})
	return err
}

// world is the province while its three years are lived through.
type world struct {
	db        *store.DB
	keys      *secret.Keys
	publicURL string
	present   time.Time
	today     models.Day
	clock     time.Time // what db.Now says

	roster       *roster.Service
	access       *access.Service
	certificates *certificate.Service
	signing      *signing.Service
	courses      *course.Service
	enrolments   *enrolment.Service
	attendance   *attendance.Service
	invites      *invitation.Service
	names        *namecheck.Service

	plan    *plan.Plan
	orgs    map[string]models.Organisation // by code
	byID    map[uint64]models.Organisation
	inOrder []models.Organisation            // of the tree
	heirs   map[uint64][]models.Organisation // successors
	actors  map[string]access.Actor          // by sign-in name
	signs   map[string]uint64                // signatory by organisation
	venues  map[string]demoVenue             // by their words
	star    uint64                           // the cadre with an account
	events  []happening
}

// happening is something that is done at an instant.
type happening struct {
	at time.Time
	do func(ctx context.Context) error
}

func newWorld(ctx context.Context, db *store.DB, keys *secret.Keys, publicURL string) (*world, error) {
	w := &world{db: db, keys: keys, publicURL: publicURL, present: db.Time(), orgs: map[string]models.Organisation{}, byID: map[uint64]models.Organisation{},
		heirs: map[uint64][]models.Organisation{}, actors: map[string]access.Actor{}, venues: map[string]demoVenue{}, signs: map[string]uint64{}}
	w.today = models.DayOf(w.present)
	w.roster = &roster.Service{DB: db, Keys: keys}
	w.access = &access.Service{DB: db, Keys: keys}
	w.courses, w.enrolments = &course.Service{DB: db}, &enrolment.Service{DB: db}
	w.attendance = &attendance.Service{DB: db, Keys: keys, Files: &file.Service{DB: db, Keys: keys}}
	w.names = &namecheck.Service{DB: db}
	w.invites = &invitation.Service{DB: db, Keys: keys, Settings: &settings.Service{DB: db}, Mail: &mail.Service{DB: db, Keys: keys}}
	w.signing = &signing.Service{DB: db, Keys: keys}
	w.certificates = &certificate.Service{DB: db, Templates: &template.Service{DB: db}, Proofs: &proof.Service{DB: db, Keys: keys}, Signing: w.signing, PublicURL: func(context.Context) (string, error) { return publicURL, nil }}
	var err error
	if w.plan, err = plan.Current(ctx, db.Read(ctx), w.today); err != nil {
		return nil, err
	}
	var orgs []models.Organisation
	if err := db.Read(ctx).Order("path").Find(&orgs).Error; err != nil {
		return nil, err
	}
	w.inOrder = orgs
	for _, o := range orgs {
		w.orgs[o.Code], w.byID[o.ID] = o, o
	}
	var succ []models.OrganisationSuccessor
	if err := db.Read(ctx).Order("organisation_id, successor_id").Find(&succ).Error; err != nil {
		return nil, err
	}
	for _, s := range succ {
		w.heirs[s.OrganisationID] = append(w.heirs[s.OrganisationID], w.byID[s.SuccessorID])
	}
	return w, nil
}

// live lets everything happen in the order of time.
func (w *world) live(ctx context.Context, progress func(done, total int)) error {
	w.on(models.MustDay("2024-01-03"), 8*60, w.openAccounts)
	w.openIssuers()
	w.on(models.MustDay(sealDay), 8*60, w.sealTemplate)
	w.on(models.MustDay("2025-07-02"), 8*60, w.openVenues)
	w.on(models.MustDay("2025-07-02"), 9*60, w.introduceTrainers)
	for _, r := range demoRosters {
		effective := models.MustDay(r.effective)
		w.on(models.MustDay(r.came), 14*60, func(ctx context.Context) error { return w.importRoster(ctx, r.file, effective) })
	}
	for _, d := range declarations {
		day := models.MustDay(d.effective)
		w.on(models.MustDay(d.came), 15*60, func(ctx context.Context) error { return w.declare(ctx, day, d.level, d.groups...) })
	}
	w.on(models.MustDay("2025-12-23"), 8*60, w.openCadre)
	for _, x := range w.turns() {
		w.on(models.MustDay(x.came), 9*60, func(ctx context.Context) error { return w.take(ctx, x) })
	}
	if err := w.holdCourses(); err != nil {
		return err
	}
	for year := 2025; year <= w.today.Year(); year++ {
		w.on(models.NewDay(year, time.January, 8), 10*60, w.signOff)
	}
	w.on(w.today.AddDays(-6), 10*60, w.recognise)
	w.on(w.today.AddDays(-4), 14*60, w.inviteAll)
	w.on(w.today.AddDays(-3), 10*60, w.reply)
	w.on(w.today.AddDays(-1), 9*60, w.askForCorrection)
	w.on(w.today.AddDays(-2), 10*60, w.mend)
	w.on(w.today.AddDays(-2), 11*60, w.printSlips)
	w.on(w.today.AddDays(-6), 9*60, w.hireAgain)
	w.on(w.today.AddDays(-1), 15*60, w.sendRoster)
	sort.SliceStable(w.events, func(a, b int) bool { return w.events[a].at.Before(w.events[b].at) })
	w.db.Now = func() time.Time { return w.clock }
	for i, e := range w.events {
		if progress != nil {
			progress(i+1, len(w.events))
		}
		w.clock = e.at.UTC()
		if err := e.do(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	w.clock = w.present.UTC()
	if err := w.planBeside(ctx); err != nil {
		return err
	}
	return w.propose(ctx)
}

// on notes what is done at a clock time of a day; what lies in the future is left out.
func (w *world) on(day models.Day, minute int, do func(ctx context.Context) error) {
	at := day.At(minute)
	if at.After(w.present) {
		return
	}
	w.events = append(w.events, happening{at: at, do: do})
}

// chance gives random numbers that are always the same for the same words, whatever else was drawn.
func chance(words ...string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(words, "\x00"))) // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 0x7a9b))
}

// demoRosters are the workbooks that offices sent, and when.
var demoRosters = []struct {
	file      string
	effective string
	came      string
}{
	{"2024-cap-huyen.xlsx", "2024-01-01", "2024-01-08"},
	{"2024-ctxh-huyen.xlsx", "2024-01-01", "2024-01-09"},
	{"2025-ctxh-xa.xlsx", "2025-07-01", "2025-07-08"},
	{"2026-so-nganh.xlsx", "2026-01-01", "2025-12-18"},
	{"2026-so-vhttdl.xlsx", "2026-01-01", "2025-12-18"},
	{"2026-bao-chi.xlsx", "2026-01-01", "2025-12-19"},
	{"2026-ctxh-tinh.xlsx", "2026-01-01", "2025-12-19"},
	{"2026-xa-phuong.xlsx", "2026-01-01", "2025-12-22"},
}

func (w *world) importRoster(ctx context.Context, file string, effective models.Day) error {
	b, err := demoFiles.ReadFile("demo/" + file)
	if err != nil {
		return err
	}
	by := w.actors["dieuphoi"].By
	by.Action = "import roster"
	_, err = w.roster.ImportFile(ctx, by, b, effective, false, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// letterheads are the issuers with who signs for them.
var letterheads = []struct {
	org, from, superior, name, symbol string
	signing                           models.Signing
	sign                              models.Signatory
}{
	{"SO-TTTT", "2024-01-03", "Ủy ban nhân dân tỉnh Cao Bằng", "Sở Thông tin và Truyền thông", "GCN-STTTT", models.SigningPaper,
		models.Signatory{Name: "Lục Văn Thắng", Title: "Giám đốc"}},
	{"SO-VHTTDL", "2025-03-03", "Ủy ban nhân dân tỉnh Cao Bằng", "Sở Văn hóa, Thể thao và Du lịch", "GCN-QCN", models.SigningServer,
		models.Signatory{Name: "Sầm Việt An", Title: "Phó Giám đốc", Form: "KT.", FormTitle: "Giám đốc"}},
}

func (w *world) openIssuers() {
	for _, l := range letterheads {
		w.on(models.MustDay(l.from), 9*60, func(ctx context.Context) error {
			actor, org := w.actors["quantri"], w.orgs[l.org].ID
			if err := w.certificates.SaveIssuer(ctx, actor, models.Issuer{OrganisationID: org, Superior: l.superior, Name: l.name, Place: "Cao Bằng", Symbol: l.symbol}); err != nil {
				return err
			}
			if _, err := w.signing.AddDemo(ctx); err != nil {
				return err
			}
			if err := w.certificates.SetSigning(ctx, actor, certificate.SigningInput{IssuerID: org, Signing: l.signing}); err != nil {
				return err
			}
			l.sign.OrganisationID = org
			if err := w.certificates.SaveSignatory(ctx, actor, l.sign); err != nil {
				return err
			}
			s := settings.Service{DB: w.db}
			if err := s.Set(ctx, actor.By, settings.Settings{PublicURL: w.publicURL, Internal: true, IssuerParent: l.superior, IssuerName: l.name}); err != nil {
				return err
			}
			if err := s.SetOpen(ctx, actor.By, true); err != nil {
				return err
			}
			var sign models.Signatory
			if err := w.db.Read(ctx).Where("organisation_id = ?", org).Take(&sign).Error; err != nil {
				return err
			}
			w.signs[l.org] = sign.ID
			return nil
		})
	}
}

// signOff closes the registers of the year that has ended.
func (w *world) signOff(ctx context.Context) error {
	actor := w.actors["dieuphoi"]
	all, err := w.certificates.Registers(ctx, actor)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ClosedAt != nil || r.Year >= models.DayOf(w.clock).Year() {
			continue
		}
		if err := w.certificates.CloseRegister(ctx, actor, r.ID); err != nil {
			return fmt.Errorf("register %s: %w", r.Name(), err)
		}
	}
	return nil
}
