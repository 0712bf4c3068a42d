package bot

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/bot/journal"
)

// countEvery is how often counts are written. So much of them a crash may lose.
const countEvery = 5 * time.Second

// A tally counts what is asked, in memory, and adds it to the journal's counts every few seconds and at the end. It holds numbers and ids of
// facts alone.
type tally struct {
	journal *journal.Journal
	process string // tells its counts apart from those of other processes
	metrics *metrics
	log     *slog.Logger
	now     func() time.Time

	mu   sync.Mutex
	days map[string]*journal.Count // not written yet
}

func newTally(b *Bot, now func() time.Time) *tally {
	return &tally{journal: b.opts.Journal, process: strings.ToLower(rand.Text()[:8]), metrics: b.metrics, log: b.log, now: now, days: map[string]*journal.Count{}}
}

// add counts with f, on the day that it is.
func (t *tally) add(f func(*journal.Count)) {
	if t == nil {
		return
	}
	day := journal.Day(t.now())
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.days[day]
	if c == nil {
		c = &journal.Count{Day: day, Facts: map[string]int{}}
		t.days[day] = c
	}
	f(c)
}

// asked counts a question; the two others what became of it, maybe later: a question that was answered with others to choose from is neither
// answered nor declined until one is chosen, or none.
func (t *tally) asked() { t.add(func(c *journal.Count) { c.Asked++ }) }

// answered counts an answer whose first sentence is the fact's.
func (t *tally) answered(fact string) {
	t.add(func(c *journal.Count) { c.Answered++; c.Facts[fact]++ })
}

// declined counts a question that the facts don't answer.
func (t *tally) declined() { t.add(func(c *journal.Count) { c.Declined++ }) }

// flush writes what was counted. What can't be written stays to be written later.
func (t *tally) flush(ctx context.Context) error {
	t.mu.Lock()
	days := t.days
	t.days = map[string]*journal.Count{}
	t.mu.Unlock()
	for _, day := range slices.Sorted(maps.Keys(days)) {
		err := t.journal.Add(ctx, t.process, *days[day])
		if err == nil {
			delete(days, day)
			continue
		}
		t.mu.Lock()
		for day, c := range days {
			if now := t.days[day]; now != nil {
				c.Add(*now)
			}
			t.days[day] = c
		}
		t.mu.Unlock()
		return err
	}
	return nil
}

// run writes every few seconds, and once more when ctx ends.
func (t *tally) run(ctx context.Context) error {
	write := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askWithin)
		defer cancel()
		if err := t.flush(ctx); err != nil {
			t.metrics.journalFailed("counts")
			t.log.Warn("the counts could not be written yet", "err", err)
		}
	}
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			write(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			write(ctx)
		}
	}
}
