package journal

import (
	"context"
	"time"
)

// A Vote is what one member did about one answer: 👍, 👎 with a reason, or picking what was meant. Votes are for moderators; they
// never change which fact answers.
type Vote struct {
	Kind      VoteKind  `json:"kind"`
	Reason    string    `json:"reason,omitempty"`   // of a 👎
	Note      string    `json:"note,omitempty"`     // in the member's own words
	Question  string    `json:"question,omitempty"` // the wording that was not understood, where that is what the vote says
	Facts     []string  `json:"facts"`              // ids
	MessageID string    `json:"message"`
	ChannelID string    `json:"channel"`
	GuildID   string    `json:"guild,omitempty"`
	UserID    string    `json:"user"`
	At        time.Time `json:"at"`
	Settled   string    `json:"settled,omitempty"` // the id of the moderator who has dealt with it
}

// VoteKind says what a member did.
type VoteKind string

// The kinds of votes.
const (
	Up     VoteKind = "up"
	Down   VoteKind = "down"
	Picked VoteKind = "picked" // one of the questions offered after "did you mean"
)

// Key names the vote: one a member and answer, the last one counts. What a member picked stays beside what they think of it.
func (v Vote) Key() string {
	if v.Kind == Picked {
		return "pick-" + v.MessageID + "." + v.UserID
	}
	return v.MessageID + "." + v.UserID
}

// Vote keeps a vote in place of an earlier one of the same member on the same answer.
func (j *Journal) Vote(ctx context.Context, v Vote) error { return j.votes.put(ctx, v.Key(), v) }

// Votes lists every vote, the least lately given first.
func (j *Journal) Votes(ctx context.Context) ([]Vote, error) { return j.votes.list(ctx, ">") }

// Settle notes that a moderator has dealt with a vote.
func (j *Journal) Settle(ctx context.Context, key, by string) error {
	_, err := j.votes.update(ctx, key, func(v *Vote, ok bool) bool {
		v.Settled = by
		return ok
	})
	return err
}
