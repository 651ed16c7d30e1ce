package certificate

import (
	"context"
	"errors"
	"reflect"
	"time"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// rehearsal is what would be issued now, up to its documents. A time-stamp stands in the document and a number in what is stamped, and a
// service answers when it likes: so the transaction that numbers is run once for what it would issue and rolled back, the documents are
// made while nothing is locked, and it is run again, which takes them where all is still as it was.
type rehearsal struct {
	at     time.Time
	press  press
	snaps  []template.Snapshot
	papers [][]*models.CertificateDocument
}

// Error makes it what a transaction is rolled back with.
func (r *rehearsal) Error() string { return "rehearsed" }

// errStale says that what was rehearsed is no longer what would be issued.
var errStale = errors.New("the rehearsal is stale")

// rehearsals is how often what was rehearsed may be overtaken: by another process, or by a name that is mended meanwhile.
const rehearsals = 3

// numbered runs a transaction that issues certificates, after rehearsals where documents wait for time-stamps. In one process those come one
// after another, so that none overtakes another. It refuses with "register_busy" what is overtaken each time.
func (s *Service) numbered(ctx context.Context, by store.By, write func(tx *store.Tx, r *rehearsal) (uint64, error)) (uint64, error) {
	var r *rehearsal
	attempt := func() (next *rehearsal, ref uint64, err error) {
		ref, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) { return write(tx, r) })
		if errors.As(err, &next) {
			err = nil
		}
		return next, ref, err
	}
	next, ref, err := attempt()
	if next == nil {
		return ref, err
	}
	s.stamping.Lock()
	defer s.stamping.Unlock()
	if s.Proofs != nil { // a key that a rehearsal makes is gone with it
		if err := s.Proofs.Ready(ctx); err != nil {
			return 0, err
		}
	}
	for range rehearsals {
		r = nil
		if next, ref, err = attempt(); next == nil {
			return ref, err
		}
		if next.papers, err = next.press.print(ctx, next.snaps); err != nil {
			return 0, err
		}
		r = next
		if _, ref, err = attempt(); !errors.Is(err, errStale) {
			return ref, err
		}
	}
	return 0, errs.Conflict("register_busy")
}

// documents makes the documents of what is issued, or takes those that were rehearsed.
func (d *desk) documents(p press, snaps []template.Snapshot) ([][]*models.CertificateDocument, error) {
	switch r := d.rehearsed; {
	case r != nil && r.press.same(p) && reflect.DeepEqual(r.snaps, snaps):
		return r.papers, nil
	case r != nil:
		return nil, errStale
	case p.pen != nil && p.pen.Stamps():
		return nil, &rehearsal{at: d.at, press: p, snaps: snaps}
	}
	return p.print(d.tx.Statement.Context, snaps)
}
