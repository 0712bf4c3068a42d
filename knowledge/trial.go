package knowledge

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// A TrialResult is how one trial went.
type TrialResult struct {
	Trial  Trial
	Answer Answer
	Pass   bool // see [Trial]
}

// RunTrials asks every trial of the base's set, calling progress (which may be nil) after each, one call at a time.
func (b *Base) RunTrials(ctx context.Context, progress func(done, of int)) ([]TrialResult, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	trials := b.cur.set.Trials
	out := make([]TrialResult, len(trials))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var told sync.Mutex
	done := 0
	for i, t := range trials {
		group.Go(func() error {
			a, err := b.cur.ask(ctx, Question{Text: t.Ask, History: t.After, Sure: b.sure, Candidates: 1})
			if err != nil {
				return err
			}
			out[i] = TrialResult{Trial: t, Answer: a, Pass: t.passes(a)}
			told.Lock()
			defer told.Unlock()
			if done++; progress != nil {
				progress(done, len(trials))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// passes reports whether an answer is what the trial wants.
func (t Trial) passes(a Answer) bool {
	switch {
	case a.Answered():
		return slices.Contains(t.Want, a.Sentences()[0].Fact.ID)
	case len(t.Want) == 0:
		return !t.Sure || len(a.Offers) == 0
	case t.Sure || a.Kind != Near:
		return false
	}
	return slices.Contains(t.Want, a.Offers[0].Fact.ID)
}
