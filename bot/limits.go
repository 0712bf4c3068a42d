package bot

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// What Discord allows, and what the bot allows itself.
const (
	// globalPerSecond is Discord's limit over all requests but those of interactions.
	globalPerSecond = 50
	// maxInvalid is how many invalid requests (401, 403, 429) in invalidWindow make the bot stop asking. Discord blocks
	// the address at 10,000.
	maxInvalid    = 1000
	invalidWindow = 10 * time.Minute
	// idleBucket is how long a bucket that is not used is remembered; interactions make new ones all the time.
	idleBucket = time.Minute
	// sameWindow is how far apart two answers may say that one window of a bucket ends: it is told as the time left, which ages on its way.
	sameWindow = 500 * time.Millisecond
)

// errHalted means that a request was not made, to keep Discord from blocking the address.
var errHalted = errors.New("not asked: too many of the last ten minutes' requests were refused, and Discord blocks who goes on")

// errLate means that a request was not made, since its time would have run out while it waited for a limit.
var errLate = errors.New("not asked: a rate limit lasts longer than there is time")

// limits keeps requests within what Discord allows, from what its answers say.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	hashes  map[string]string // method and route -> the bucket Discord says it belongs to
	swept   time.Time
	ring    [globalPerSecond]time.Time // when the last requests were made
	next    int
	global  time.Time // no request but interactions' before
	network time.Time // no request at all before
	invalid []time.Time
}

// A bucket is a share of requests that Discord counts together.
type bucket struct {
	known     bool // whether Discord has said anything yet; until then one request at a time
	free      bool // whether Discord sets no limit here
	limit     int
	remaining int
	reset     time.Time
	refused   time.Time // no request before: what a refusal said, which no answer to an earlier request takes back
	running   int
	waiting   int
	used      time.Time
	changed   chan struct{} // closed and made anew when something of the above changes
}

// A refusal is what a bad answer says of limits.
type refusal struct {
	retryAfter              time.Duration // with 429
	global, network, shared bool          // network: not by Discord but before it
}

func newLimits() *limits {
	return &limits{buckets: map[string]*bucket{}, hashes: map[string]string{}}
}

// take waits until the request may be made. Whoever takes calls done once, with the answer's status and header, or 0 and
// nil when there was none.
func (l *limits) take(ctx context.Context, c call) (done func(status int, h http.Header, bad *refusal), err error) {
	route := c.method + " " + c.route
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := l.bucket(route, c.major) // anew each time: meanwhile Discord may have said which it is
		now := time.Now()
		for len(l.invalid) > 0 && now.Sub(l.invalid[0]) > invalidWindow {
			l.invalid = l.invalid[1:]
		}
		if len(l.invalid) >= maxInvalid {
			return nil, errHalted
		}
		until := latest(l.network, b.refused)
		if !c.interaction {
			until = latest(until, l.global, l.ring[l.next].Add(time.Second))
		}
		if b.known && !b.reset.IsZero() && !now.Before(b.reset) {
			b.remaining, b.reset = b.limit, time.Time{}
		}
		ready := b.free || b.known && b.remaining > 0 || !b.known && b.running == 0
		if !ready && b.known {
			until = latest(until, b.reset)
		}
		if ready && !until.After(now) {
			b.running++
			b.used = now
			if b.known && !b.free {
				b.remaining--
			}
			if !c.interaction {
				l.ring[l.next] = now
				l.next = (l.next + 1) % len(l.ring)
			}
			return func(status int, h http.Header, bad *refusal) { l.done(b, route, c.major, status, h, bad) }, nil
		}
		var timer <-chan time.Time
		var stop func() bool
		if until.After(now) {
			if end, ok := ctx.Deadline(); ok && end.Before(until) {
				return nil, errLate
			}
			t := time.NewTimer(until.Sub(now))
			timer, stop = t.C, t.Stop
		}
		changed := b.changed
		b.waiting++
		l.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer:
		}
		if stop != nil {
			stop()
		}
		l.mu.Lock()
		b.waiting--
	}
}

// bucket gives the bucket of a route, for one channel, server or webhook.
func (l *limits) bucket(route, major string) *bucket {
	key := route
	if h := l.hashes[route]; h != "" {
		key = h
	}
	key += " " + major
	b := l.buckets[key]
	if b == nil {
		b = &bucket{changed: make(chan struct{})}
		l.buckets[key] = b
	}
	return b
}

// done takes in what an answer says of limits.
func (l *limits) done(b *bucket, route, major string, status int, h http.Header, bad *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b.running--
	if status != 0 {
		remaining, err1 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
		limit, err2 := strconv.Atoi(h.Get("X-RateLimit-Limit"))
		after, err3 := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
		if err1 == nil && err2 == nil && err3 == nil {
			reset := now.Add(time.Duration(after*float64(time.Second)) + time.Millisecond) // it is told in thousandths, and may be rounded down
			switch d := reset.Sub(b.reset); {
			case !b.known || b.reset.IsZero() || d > sameWindow:
				b.remaining, b.reset = remaining-b.running, reset // those still running may not be counted in it yet
			case d >= -sameWindow:
				b.remaining, b.reset = min(b.remaining, remaining), latest(b.reset, reset)
			} // else it is of an earlier window, and was on its way when Discord told of a later one: the later end counts
			b.known, b.free, b.limit = true, false, max(limit, 1)
		} else if status < 300 && !b.known {
			b.free = true
		}
	}
	if bad != nil && status == http.StatusTooManyRequests {
		until := now.Add(bad.retryAfter)
		switch {
		case bad.network:
			l.network = latest(l.network, until)
		case bad.global:
			l.global = latest(l.global, until)
		default:
			b.known, b.free, b.remaining, b.limit = true, false, 0, max(b.limit, 1)
			b.reset, b.refused = latest(b.reset, until), latest(b.refused, until)
		}
	}
	if hash := h.Get("X-RateLimit-Bucket"); status != 0 && hash != "" {
		l.hashes[route] = hash
		key := hash + " " + major
		if other := l.buckets[key]; other == nil {
			l.buckets[key] = b
		} else if other != b { // another route's, that turns out to be the same
			other.refused, other.reset = latest(other.refused, b.refused), latest(other.reset, b.refused)
			if b.refused.After(now) {
				other.remaining = 0
			}
		}
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests && (bad == nil || !bad.shared) {
		l.invalid = append(l.invalid, now)
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// refused counts the invalid requests of the last ten minutes.
func (l *limits) refused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, t := range l.invalid {
		if time.Since(t) <= invalidWindow {
			n++
		}
	}
	return n
}

// sweep forgets buckets that nothing has used for a while.
func (l *limits) sweep() {
	now := time.Now()
	if now.Sub(l.swept) < idleBucket {
		return
	}
	l.swept = now
	for k, b := range l.buckets {
		if b.running == 0 && b.waiting == 0 && now.Sub(b.used) > idleBucket && !b.reset.After(now) && !b.refused.After(now) {
			delete(l.buckets, k)
		}
	}
}

// latest gives the last of the times.
func latest(t time.Time, more ...time.Time) time.Time {
	for _, m := range more {
		if m.After(t) {
			t = m
		}
	}
	return t
}
