package knowledge

import (
	"context"
	"slices"
)

// A TrialResult is how one trial went.
type TrialResult struct {
	Trial  Trial
	Answer Answer
	Pass   bool // the first sentence is one of the wanted facts; or nothing was said where nothing was wanted
}

// RunTrials asks every trial of the base's set, calling progress (which may be nil) after each.
func (b *Base) RunTrials(ctx context.Context, progress func(done, of int)) ([]TrialResult, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	trials := b.cur.set.Trials
	out := make([]TrialResult, 0, len(trials))
	for i, t := range trials {
		a, err := b.cur.ask(ctx, Question{Text: t.Ask, History: t.After, Candidates: 1})
		if err != nil {
			return nil, err
		}
		out = append(out, TrialResult{Trial: t, Answer: a, Pass: t.passes(a)})
		if progress != nil {
			progress(i+1, len(trials))
		}
	}
	return out, nil
}

func (t Trial) passes(a Answer) bool {
	if !a.Answered() {
		return len(t.Want) == 0
	}
	return slices.Contains(t.Want, a.Sentences()[0].Fact.ID)
}
