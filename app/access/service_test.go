package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

var ctx = context.Background()

// clock is a clock that tests move.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMicro(c.at.Load()) }
func (c *clock) forward(d time.Duration) { c.at.Add(d.Microseconds()) }

// world is a database with a province, two offices and a service.
type world struct {
	*access.Service
	t              *testing.T
	clock          *clock
	root, a, below models.Organisation
	b              models.Organisation
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC).UnixMicro())
	testdb.EachURL(t, func(t *testing.T, url string) {
		own := &clock{}
		own.at.Store(c.at.Load())
		db := testdb.Open(t, url, testdb.At(own.now))
		keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
		must(t, err)
		light := &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
		w := &world{Service: &access.Service{DB: db, Keys: keys, Random: rand.NewChaCha8([32]byte{1}), PasswordCost: light}, t: t, clock: own}
		w.root = w.organisation("CB", models.KindProvince, nil)
		w.a = w.organisation("A", models.KindStateAgency, &w.root)
		w.below = w.organisation("A-1", models.KindStateAgency, &w.a)
		w.b = w.organisation("B", models.KindStateAgency, &w.root)
		f(t, w)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused wants an error with the code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !errs.Is(err, code) {
		t.Fatalf("want a refusal with %q, got: %v", code, err)
	}
}

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	must(w.t, err)
}

func (w *world) organisation(code string, kind models.Kind, parent *models.Organisation) models.Organisation {
	o := models.Organisation{Code: code, Name: "Cơ quan " + code, Kind: kind, Level: models.LevelProvince, Path: "/" + code, FromDay: models.MustDay("2000-01-01"), ToDay: models.Forever}
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, parent.Path+o.Path, parent.Depth+1
	}
	w.create(&o)
	return o
}

func (w *world) cadre(name, phone string, at models.Organisation) models.Cadre {
	c := models.Cadre{FullName: name, Phone: phone}
	w.create(&c)
	w.create(&models.Posting{CadreID: c.ID, OrganisationID: at.ID, Title: "Chuyên viên", FromDay: models.MustDay("2020-01-01"), ToDay: models.Forever, Main: true})
	return c
}

const goodPassword = "nắng trên đỉnh Phja Oắc"

// account makes an account with a password and a role and gives its actor.
func (w *world) account(name string, role models.Role, organisationID uint64) access.Actor {
	w.t.Helper()
	id, err := w.Create(ctx, access.System(), access.NewAccount{Name: name, SignInNames: []string{name}, Password: goodPassword})
	must(w.t, err)
	if role != "" {
		must(w.t, w.Grant(ctx, access.System(), id, role, organisationID))
	}
	a, err := w.Load(ctx, id, 0)
	must(w.t, err)
	return a.Actor
}

func TestOnePasswordOpensAnAccountUnderAllItsNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id, err := w.Create(ctx, access.System(), access.NewAccount{Name: "Nông Văn Hùng", SignInNames: []string{"0912 345 678", "Hung@Example.VN", "Hùng.NV"}, Password: goodPassword})
		must(t, err)
		for _, typed := range []string{"0912345678", "+84 912.345.678", "84912345678", "912345678", "hung@example.vn", "HUNG.NV", " hùng.nv "} {
			a, err := w.SignIn(ctx, typed, goodPassword)
			if err != nil || a.ID != id {
				t.Errorf("%q: account %d, %v", typed, a.ID, err)
			}
		}
		for _, typed := range []string{"", "0912345679", "hung", "hung.nv2", "' OR 1=1 --"} {
			_, err := w.SignIn(ctx, typed, goodPassword)
			refused(t, err, "sign_in_wrong")
		}
	})
}

func TestADecomposedPasswordIsTheSamePassword(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.account("an", "", 0)
		if _, err := w.SignIn(ctx, "an", norm.NFD.String(goodPassword)); err != nil {
			t.Error(err)
		}
	})
}

func TestDisabledAndPasswordlessAccountsAreRefusedLikeAnyOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.account("admin", models.RoleAdministrator, 0)
		a := w.account("an", "", 0)
		yes := true
		must(t, w.Update(ctx, access.System(), a.AccountID, access.AccountChange{Disabled: &yes}))
		_, err := w.SignIn(ctx, "an", goodPassword)
		refused(t, err, "sign_in_wrong")
		_, err = w.Load(ctx, a.AccountID, 1)
		refused(t, err, "signed_out")
		_, err = w.Create(ctx, access.System(), access.NewAccount{Name: "Bình"})
		must(t, err)
		_, err = w.SignIn(ctx, "binh", "")
		refused(t, err, "sign_in_wrong")
	})
}

func TestFailuresAreSlowedForTheAccountWhateverNameIsTyped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		_, err := w.Create(ctx, access.System(), access.NewAccount{Name: "An", SignInNames: []string{"an", "0912345678"}, Password: goodPassword})
		must(t, err)
		w.account("binh", "", 0)
		for i := range 4 {
			_, err := w.SignIn(ctx, []string{"an", "0912345678"}[i%2], "sai")
			refused(t, err, "sign_in_wrong")
		}
		minutes := func(want int) {
			t.Helper()
			_, err := w.SignIn(ctx, "an", goodPassword)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != "sign_in_wait" || e.Params["minutes"] != want {
				t.Fatalf("want to wait %d minutes, got %v", want, err)
			}
		}
		for _, pause := range []int{1, 2, 4, 8, 15, 15} {
			_, err := w.SignIn(ctx, "0912345678", "sai")
			refused(t, err, "sign_in_wait")
			minutes(pause)
			w.clock.forward(time.Duration(pause) * time.Minute)
		}
		if _, err := w.SignIn(ctx, "binh", goodPassword); err != nil {
			t.Error("another account is not slowed:", err)
		}
		if _, err := w.SignIn(ctx, "an", goodPassword); err != nil {
			t.Fatal("after the pause the right password opens:", err)
		}
		_, err = w.SignIn(ctx, "an", "sai")
		refused(t, err, "sign_in_wrong") // the count began anew
	})
}

func TestNamesThatNobodyHasAreSlowedAlike(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for range 4 {
			_, err := w.SignIn(ctx, "ma", "x")
			refused(t, err, "sign_in_wrong")
		}
		_, err := w.SignIn(ctx, "ma", "x")
		refused(t, err, "sign_in_wait")
	})
}

func TestGuessesMadeAtOnceGainNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.account("an", "", 0)
		var wrong, wait atomic.Int32
		var wg sync.WaitGroup
		for i := range 24 {
			wg.Go(func() {
				_, err := w.SignIn(ctx, "an", fmt.Sprint("đoán mò ", i))
				switch {
				case errs.Is(err, "sign_in_wrong"):
					wrong.Add(1)
				case errs.Is(err, "sign_in_wait"):
					wait.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wrong.Load() != 4 || wait.Load() != 20 {
			t.Errorf("%d guesses were answered, %d asked to wait", wrong.Load(), wait.Load())
		}
	})
}

func TestChangingThePasswordEndsOtherSignIns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", "", 0)
		_, err := w.ChangePassword(ctx, a, "sai", "suối Lê-nin trong xanh")
		refused(t, err, "password_wrong")
		_, err = w.ChangePassword(ctx, a, goodPassword, "ngắn")
		refused(t, err, "password_short")
		_, err = w.ChangePassword(ctx, a, goodPassword, goodPassword)
		refused(t, err, "password_same")
		epoch, err := w.ChangePassword(ctx, a, goodPassword, "suối Lê-nin trong xanh")
		must(t, err)
		_, err = w.Load(ctx, a.AccountID, 0)
		refused(t, err, "signed_out")
		_, err = w.Load(ctx, a.AccountID, epoch)
		must(t, err)
		_, err = w.SignIn(ctx, "an", goodPassword)
		refused(t, err, "sign_in_wrong")
		_, err = w.SignIn(ctx, "an", "suối Lê-nin trong xanh")
		must(t, err)
	})
}

func TestAOneTimePasswordMustBeChangedAndIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", "", 0)
		once, err := w.ResetPassword(ctx, access.System(), a.AccountID, "")
		must(t, err)
		_, err = w.Load(ctx, a.AccountID, 0)
		refused(t, err, "signed_out")
		row, err := w.SignIn(ctx, "an", once)
		must(t, err)
		got, err := w.Load(ctx, row.ID, row.Epoch)
		must(t, err)
		if !got.MustChange {
			t.Error("not asked to change it")
		}
		_, err = w.ChangePassword(ctx, got.Actor, "", once)
		refused(t, err, "password_same")
		epoch, err := w.ChangePassword(ctx, got.Actor, "", "suối Lê-nin trong xanh")
		must(t, err)
		if got, err = w.Load(ctx, row.ID, epoch); err != nil || got.MustChange {
			t.Error("still asked to change it", err)
		}
	})
}

func TestAPasswordCosts64MiBWhereNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.PasswordCost = nil
		var a models.Account
		must(t, w.DB.Read(ctx).Take(&a, w.account("an", models.RoleTrainer, 0).AccountID).Error)
		if want := "$argon2id$v=19$m=65536,t=1,p=1$"; !strings.HasPrefix(a.PasswordHash, want) {
			t.Errorf("the hash is %s, not %s…", a.PasswordHash, want)
		}
		// Who has no account pays as much, and is told the same.
		_, err := w.SignIn(ctx, "ai đó", "suối Lê-nin trong xanh")
		refused(t, err, "sign_in_wrong")
	})
}

func TestAnOldPasswordHashIsRenewedAtSignIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		hash, err := argon2id.CreateHash("mật khẩu cũ nhẹ", &argon2id.Params{Memory: 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
		must(t, err)
		a := models.Account{Name: "An", PasswordHash: hash, Language: "vi"}
		w.create(&a)
		w.create(&models.SignInName{Name: "an", Kind: "name", AccountID: a.ID})
		_, err = w.SignIn(ctx, "an", "mật khẩu cũ nhẹ")
		must(t, err)
		var after models.Account
		must(t, w.DB.Read(ctx).Take(&after, a.ID).Error)
		if after.PasswordHash == hash {
			t.Error("the hash is still the cheap one")
		}
		_, err = w.SignIn(ctx, "an", "mật khẩu cũ nhẹ")
		must(t, err)
	})
}

func TestLoadingAnAccountTakesOneQuery(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", models.RoleHead, w.a.ID)
		must(t, w.Grant(ctx, access.System(), a.AccountID, models.RoleTrainer, 0))
		var got access.Account
		n := testdb.CountQueries(w.DB, func() {
			var err error
			got, err = w.Load(ctx, a.AccountID, 0)
			must(t, err)
		})
		if n != 1 {
			t.Errorf("%d queries", n)
		}
		if len(got.Grants) != 2 || !got.ReachesPath(access.RosterRead, w.below.Path) || got.ReachesPath(access.RosterRead, w.b.Path) || !got.May(access.AttendanceWrite) {
			t.Errorf("grants are %+v", got.Grants)
		}
	})
}
