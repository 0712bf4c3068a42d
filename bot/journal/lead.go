package journal

import (
	"context"
	"time"
)

// A lead is one process's word that it is the one that does some work, until a moment.
type lead struct {
	Owner string    `json:"owner"`
	Until time.Time `json:"until"`
}

// Sole reports whether this process alone uses the journal, as it does where the server is embedded: the folder is locked.
func (j *Journal) Sole() bool { return j.embedded != nil }

// Lead takes on work that one process at a time must do, or goes on with it, for so long from now; and reports whether it is the owner's. Of several
// processes that try at once one is told so; the others may try again when its time is over. Clocks that differ by more than that
// time may let two of them work, so the work must bear it.
func (j *Journal) Lead(ctx context.Context, work, owner string, lasts time.Duration) (bool, error) {
	if j.Sole() {
		return true, nil
	}
	now := j.now()
	l, err := j.leads.update(ctx, work, func(l *lead, _ bool) bool {
		if l.Owner != owner && now.Before(l.Until) {
			return false
		}
		l.Owner, l.Until = owner, now.Add(lasts)
		return true
	})
	return err == nil && l.Owner == owner, err
}

// Resign lets others take the work on at once.
func (j *Journal) Resign(ctx context.Context, work, owner string) error {
	if j.Sole() {
		return nil
	}
	_, err := j.leads.update(ctx, work, func(l *lead, ok bool) bool {
		if !ok || l.Owner != owner {
			return false
		}
		l.Until = time.Time{}
		return true
	})
	return err
}
