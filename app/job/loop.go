package job

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Loop works whenever it is woken, and at intervals.
type Loop struct {
	Log  *slog.Logger
	Poll time.Duration // how often to look for work unasked; 0 is two seconds, less than 0 is never: only Wake makes it look

	wake chan struct{}
	once sync.Once
}

func (l *Loop) init() {
	l.once.Do(func() { l.wake = make(chan struct{}, 1) })
}

// Wake makes the loop look for work at once.
func (l *Loop) Wake() {
	l.init()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run calls work until the context ends; work is called again at once while it says that there is more.
func (l *Loop) Run(ctx context.Context, work func(context.Context) (more bool, err error)) {
	l.init()
	log := l.Log
	if log == nil {
		log = slog.Default()
	}
	var tick <-chan time.Time
	if l.Poll >= 0 {
		every := l.Poll
		if every == 0 {
			every = defaultPoll
		}
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
		l.Wake()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		case <-l.wake:
		}
		for ctx.Err() == nil {
			more, err := work(ctx)
			if err != nil && ctx.Err() == nil {
				log.Error("work in the background", "error", err)
			}
			if !more {
				break
			}
		}
	}
}
