package discordtest

import (
	"sort"
	"sync"
	"time"
)

// A Clock tells the server the time and runs what is due.
type Clock interface {
	Now() time.Time
	// AfterFunc runs f once d has passed, unless stop is called before.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// RealClock is the time of day.
type RealClock struct{}

// Now is time.Now.
func (RealClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc.
func (RealClock) AfterFunc(d time.Duration, f func()) func() {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// A FakeClock stands still until Advance is called. It is safe for use by many goroutines.
type FakeClock struct {
	mu  sync.Mutex
	now time.Time
	due []*alarm
}

type alarm struct {
	at time.Time
	f  func()
}

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *FakeClock { return &FakeClock{now: start} }

// Now is the time the clock was last moved to.
func (c *FakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc arranges for f to run in the goroutine of the Advance that reaches d from now.
func (c *FakeClock) AfterFunc(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{c.now.Add(d), f}
	c.due = append(c.due, a)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, b := range c.due {
			if b == a {
				c.due = append(c.due[:i], c.due[i+1:]...)
				return
			}
		}
	}
}

// Advance moves the clock by d and runs, in order of time, everything that falls due.
func (c *FakeClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		sort.SliceStable(c.due, func(i, j int) bool { return c.due[i].at.Before(c.due[j].at) })
		if len(c.due) == 0 || c.due[0].at.After(end) {
			break
		}
		a := c.due[0]
		c.due = c.due[1:]
		if a.at.After(c.now) {
			c.now = a.at
		}
		c.mu.Unlock()
		a.f()
		c.mu.Lock()
	}
	if end.After(c.now) {
		c.now = end
	}
	c.mu.Unlock()
}
