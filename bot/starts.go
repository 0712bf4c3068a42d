package bot

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How sessions are started. Discord resets the token of who starts more than a thousand in a day.
const (
	// startEvery is how far apart two sessions with the same turn start.
	startEvery = 5 * time.Second
	// scarce is the budget from which on what is left is spread over the time till it is full again.
	scarce = 100
	// exhaustedPause is the shortest wait without a budget; so spaced, a day's sessions are within it.
	exhaustedPause = 2 * time.Minute
	// infoFor is how long what Discord says of the budget is believed.
	infoFor = 10 * time.Second
)

// starts tells where the gateway is, and gives shards their turns to start a session.
type starts struct {
	fetch func(ctx context.Context) (gatewayInfo, error)
	log   *slog.Logger

	mu   sync.Mutex
	info gatewayInfo
	at   time.Time // when info was fetched
	turn map[int]time.Time
	last time.Time // when a session was last started
}

// newStarts makes the turns, with what is known of the gateway so far.
func newStarts(fetch func(ctx context.Context) (gatewayInfo, error), info gatewayInfo, log *slog.Logger) *starts {
	return &starts{fetch: fetch, log: log, info: info, at: time.Now(), turn: map[int]time.Time{}}
}

// address is where the gateway is, as last heard.
func (s *starts) address(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info.URL, ctx.Err()
}

// take waits for the shard's turn to start a session. It calls reserved as soon as the turn is fixed.
func (s *starts) take(ctx context.Context, shard int, reserved func()) error {
	for {
		s.refresh(ctx)
		s.mu.Lock()
		now := time.Now()
		key := shard % s.info.Start.MaxConcurrency
		at := latest(now, s.turn[key])
		full := s.at.Add(time.Duration(s.info.Start.ResetAfter) * time.Millisecond)
		left := s.info.Start.Remaining
		switch {
		case left <= 0:
			pause := max(full.Sub(now), exhaustedPause)
			s.mu.Unlock()
			s.log.Warn("the day's budget of sessions is used up; Discord resets the token of who starts more", "wait", pause)
			if !sleep(ctx, pause) {
				return ctx.Err()
			}
			s.mu.Lock()
			// Ask again; should that fail, the day is over by the clock, and one more is within any budget.
			s.at, s.info.Start.Remaining = time.Time{}, 1
			s.mu.Unlock()
			continue
		case left <= scarce && full.After(now):
			at = latest(at, s.last.Add(full.Sub(now)/time.Duration(left)))
		}
		s.turn[key] = at.Add(startEvery)
		s.last = at
		s.info.Start.Remaining--
		s.mu.Unlock()
		reserved()
		if at.After(now) && !sleep(ctx, at.Sub(now)) {
			return ctx.Err()
		}
		return nil
	}
}

// refresh asks for the budget anew, unless that was done just now. Without an answer the last one holds.
func (s *starts) refresh(ctx context.Context) {
	s.mu.Lock()
	old := time.Since(s.at) > infoFor
	s.mu.Unlock()
	if !old {
		return
	}
	info, err := s.fetch(ctx)
	if err != nil {
		s.log.Warn("the gateway's address and budget could not be asked; the last ones hold", "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info, s.at = info, time.Now()
}
