package journal

import (
	"context"
	"time"
)

// A wish to be told is granted in three steps: it is claimed, the member is told, it is taken off the list. The claim is written before anything
// is posted, with what will be posted, and of several processes one gets it. A process that ends in between leaves a claim; whoever finds one that is
// older than [TellingLasts] looks in the channel whether the member was told, and so neither tells twice nor forgets.

// A Wait is a member's wish to be told when a gap is filled.
type Wait struct {
	Key       string    `json:"key"` // of the gap
	Question  string    `json:"question"`
	History   []string  `json:"history,omitempty"` // the earlier questions it was read with
	UserID    string    `json:"user"`
	GuildID   string    `json:"guild,omitempty"`
	ChannelID string    `json:"channel,omitempty"` // where to tell; empty: in a direct message
	MessageID string    `json:"message,omitempty"` // to reply to
	Locale    string    `json:"locale,omitempty"`
	At        time.Time `json:"at"`

	Telling *Telling `json:"telling,omitempty"` // by who is telling, or has ended while telling
}

// A Telling says that a member is being told, where and what.
type Telling struct {
	At        time.Time `json:"at"`
	ChannelID string    `json:"channel"`
	Facts     []Shown   `json:"facts"`
}

// TellingLasts is how long a claim keeps others off. Telling takes one or two requests, which are given up after 30 seconds each.
const TellingLasts = 2 * time.Minute

func (w Wait) key() string { return w.Key + "." + w.UserID }

// Tell keeps that a member wants to be told, and reports false where that was kept already.
func (j *Journal) Tell(ctx context.Context, w Wait) (bool, error) {
	return j.waits.create(ctx, w.key(), w)
}

// Waits lists who wants to be told of any gap.
func (j *Journal) Waits(ctx context.Context) ([]Wait, error) { return j.waits.list(ctx, ">") }

// WaitsOf lists what one member wants to be told.
func (j *Journal) WaitsOf(ctx context.Context, userID string) ([]Wait, error) {
	return j.waits.list(ctx, "*."+userID)
}

// StartTelling notes that the member is about to be told, and reports whether the caller is the one to do it. It is not when the wish is gone, or was
// claimed by another less than [TellingLasts] before the new claim. The wish is returned as it was before.
func (j *Journal) StartTelling(ctx context.Context, w Wait, c Telling) (before Wait, mine bool, err error) {
	_, err = j.waits.update(ctx, w.key(), func(now *Wait, ok bool) bool {
		before = *now
		mine = ok && (now.Telling == nil || c.At.Sub(now.Telling.At) >= TellingLasts)
		now.Telling = &c
		return mine
	})
	return before, mine && err == nil, err
}

// StopTelling takes a claim back: the member could not be told yet.
func (j *Journal) StopTelling(ctx context.Context, w Wait) error {
	_, err := j.waits.update(ctx, w.key(), func(now *Wait, ok bool) bool {
		now.Telling = nil
		return ok
	})
	return err
}

// Told takes a wish off the list.
func (j *Journal) Told(ctx context.Context, w Wait) error { return j.waits.remove(ctx, w.key()) }
