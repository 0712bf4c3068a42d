package journal

import (
	"context"
	"time"
)

// A claim is one process's word that it is the one that does some work, until a moment.
type claim struct {
	Owner string    `json:"owner"`
	Until time.Time `json:"until"`
}

// Sole reports whether this process alone uses the journal, as it does where the server is embedded: the folder is locked.
func (j *Journal) Sole() bool { return j.embedded != nil }

// Claim takes on work that one process at a time must do, or goes on with it, for so long from now; and reports whether it is the owner's. Of several
// processes that claim at once one is told so; the others may claim again when its time is over. Clocks that differ by more than a
// claim's time may let two of them work, so the work must bear that.
func (j *Journal) Claim(ctx context.Context, work, owner string, lasts time.Duration) (bool, error) {
	if j.Sole() {
		return true, nil
	}
	now := j.now()
	c, err := j.claims.update(ctx, work, func(c *claim, _ bool) bool {
		if c.Owner != owner && now.Before(c.Until) {
			return false
		}
		c.Owner, c.Until = owner, now.Add(lasts)
		return true
	})
	return err == nil && c.Owner == owner, err
}

// Unclaim lets others claim the work at once.
func (j *Journal) Unclaim(ctx context.Context, work, owner string) error {
	if j.Sole() {
		return nil
	}
	_, err := j.claims.update(ctx, work, func(c *claim, ok bool) bool {
		if !ok || c.Owner != owner {
			return false
		}
		c.Until = time.Time{}
		return true
	})
	return err
}
