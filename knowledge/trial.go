package knowledge

import "context"

// A TrialResult is how one trial went.
type TrialResult struct {
	Trial  Trial
	Answer Answer
	Pass   bool
}

// RunTrials asks every trial of the base's set, calling progress (which may be nil) after each.
func (b *Base) RunTrials(ctx context.Context, progress func(done, of int)) ([]TrialResult, error) {
	return nil, nil
}
