package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// benchmark compares what the system does with a plain way of doing the same.
type benchmark struct {
	name  string
	sizes []int // the last is the one that the name means
	// setup makes what both sides need at a size.
	setup func(ctx context.Context, e *env, size int) (pair, error)
}

// pair is the two sides. close, if any, undoes setup.
type pair struct {
	ours, yardstick side
	close           func() error
}

// side does the thing once. before, if any, is run ahead of each turn and is not measured.
type side struct {
	before func() error
	run    func() error
	took   func() (time.Duration, error) // in place of run: does the thing and says itself what counts, where that is not its length
}

// How long a benchmark goes on: at least leastTurns of each side, then until both together have taken budget or mostTurns are
// done. A side that takes longSide needs no warming and is done only once.
const (
	warmTurns  = 3
	leastTurns = 5
	mostTurns  = 500
	budget     = 4 * time.Second
	longSide   = 3 * time.Second
)

// result is what was measured: a time for each turn.
type result struct {
	name            string
	size            int
	ours, yardstick []time.Duration
}

func (b benchmark) measure(ctx context.Context, e *env, size int) (r result, err error) {
	r = result{name: b.name, size: size}
	p, err := b.setup(ctx, e, size)
	if p.close != nil {
		defer func() { err = errors.Join(err, p.close()) }()
	}
	if err != nil {
		return r, err
	}
	var spent time.Duration
	for n := -warmTurns; n < mostTurns; n++ {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		runtime.GC() // each pair of turns starts with the same heap
		// Who comes first changes from turn to turn.
		sides := []*side{&p.ours, &p.yardstick}
		times := make([]time.Duration, 2)
		for i := range sides {
			at := (i + n&1) % 2
			if times[at], err = sides[at].turn(); err != nil {
				return r, err
			}
		}
		long := max(times[0], times[1]) > longSide || p.ours.took != nil
		if n < 0 && !long {
			continue
		}
		r.ours, r.yardstick = append(r.ours, times[0]), append(r.yardstick, times[1])
		spent += times[0] + times[1]
		if long || spent > budget && len(r.ours) >= leastTurns {
			break
		}
	}
	return r, again(&p.ours, &r.ours)
}

// again does a short side several times where the other was so long that both were done but once.
func again(s *side, times *[]time.Duration) error {
	if len(*times) > 1 || (*times)[0] > longSide || s.took != nil {
		return nil
	}
	*times = nil
	for n := range warmTurns + 4*leastTurns {
		took, err := s.turn()
		if err != nil {
			return err
		}
		if n >= warmTurns {
			*times = append(*times, took)
		}
	}
	return nil
}

func (s *side) turn() (time.Duration, error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return 0, err
		}
	}
	if s.took != nil {
		return s.took()
	}
	from := time.Now()
	err := s.run()
	return time.Since(from), err
}

// line is the row of the table.
func (r result) line() string {
	ours, yardstick := quantile(r.ours, 50), quantile(r.yardstick, 50)
	return fmt.Sprintf("%s %d %s %s %.2f", r.name, r.size, duration(ours), duration(yardstick), float64(ours)/float64(max(yardstick, 1)))
}

func (r result) details() string {
	return fmt.Sprintf("  %s %d: %d turns, p99 %s and %s", r.name, r.size, len(r.ours), duration(quantile(r.ours, 99)), duration(quantile(r.yardstick, 99)))
}

// quantile gives the percentile of times, the upper of two.
func quantile(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(times), cmp.Compare[time.Duration])
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// duration writes a time with three digits that mean something and its unit.
func duration(d time.Duration) string {
	switch ms := float64(d) / float64(time.Millisecond); {
	case d >= time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case ms >= 100:
		return fmt.Sprintf("%.0fms", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1fms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.2fms", ms)
	default:
		return fmt.Sprintf("%.3fms", ms)
	}
}
