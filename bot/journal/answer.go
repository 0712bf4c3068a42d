package journal

import (
	"context"
	"iter"
	"time"
)

// A Posted is an answer that stands in a channel: which message it is, and which facts it shows. It holds no word of the question.
type Posted struct {
	MessageID string    `json:"message"`
	ChannelID string    `json:"channel"`
	GuildID   string    `json:"guild,omitempty"`  // empty in direct messages
	Asker     string    `json:"asker,omitempty"`  // a user's id; empty once that member had it forgotten
	Locale    string    `json:"locale,omitempty"` // the language of what the bot says beside the facts
	At        time.Time `json:"at"`
	Facts     []Shown   `json:"facts"`          // in the order they stand
	Lost      string    `json:"lost,omitempty"` // why it can't be edited any more: deleted, or no permission; empty while it can
}

// A Shown is a fact in an answer.
type Shown struct {
	Fact   string `json:"fact"`   // its id
	Posted string `json:"posted"` // its revision when the answer was posted
	Now    string `json:"now"`    // its revision as the message shows it now; [Gone] where the message says that it was withdrawn
}

// Gone stands for the revision of a fact that is withdrawn, or no longer there.
const Gone = "gone"

// A Pending is an answer about to be posted, or posted by a process that ended before it could say as which message.
type Pending struct {
	Trigger string `json:"trigger"` // the id of the message or interaction that it answers
	Posted         // without MessageID
}

// A Version is what a fact said at one revision, kept as long as an answer may have shown it.
type Version struct {
	Revision string    `json:"revision"`
	Fact     string    `json:"fact"`
	Text     string    `json:"text"`
	Status   string    `json:"status"`
	Since    time.Time `json:"since"` // when the bot first saw it
}

// Posting notes that an answer is about to be posted, so that it is found again should the process end in between.
func (j *Journal) Posting(ctx context.Context, p Pending) error {
	return j.pending.put(ctx, p.Trigger, p)
}

// Post notes an answer that was posted, and that its trigger is no longer pending.
func (j *Journal) Post(ctx context.Context, trigger string, p Posted) error {
	if err := j.answers.put(ctx, p.MessageID, p); err != nil {
		return err
	}
	return j.NotPosted(ctx, trigger)
}

// NotPosted notes that nothing came of a pending answer.
func (j *Journal) NotPosted(ctx context.Context, trigger string) error {
	return j.pending.remove(ctx, trigger)
}

// Pendings lists the answers of which it is not known whether they were posted.
func (j *Journal) Pendings(ctx context.Context) ([]Pending, error) { return j.pending.list(ctx, ">") }

// Answer returns what is known of a message, and whether it is an answer that is kept.
func (j *Journal) Answer(ctx context.Context, messageID string) (Posted, bool, error) {
	return j.answers.get(ctx, messageID)
}

// Answers gives every answer that is kept, the least lately written first.
func (j *Journal) Answers(ctx context.Context) iter.Seq2[Posted, error] {
	return func(yield func(Posted, error) bool) {
		for _, r := range j.answers.all(ctx, ">") {
			if !yield(r.v, r.err) || r.err != nil {
				return
			}
		}
	}
}

// Amend changes what is kept of an answer with f, unless it returns false or the answer is no longer kept.
func (j *Journal) Amend(ctx context.Context, messageID string, f func(*Posted) bool) error {
	_, err := j.answers.update(ctx, messageID, func(p *Posted, ok bool) bool { return ok && f(p) })
	return err
}

// Drop forgets an answer: it was deleted.
func (j *Journal) Drop(ctx context.Context, messageID string) error {
	return j.answers.remove(ctx, messageID)
}

// See keeps what a fact says at a revision, unless it is kept already. It reports whether it was new.
func (j *Journal) See(ctx context.Context, v Version) (bool, error) {
	return j.versions.create(ctx, v.Revision, v)
}

// Version returns what a fact said at a revision, and whether that is kept.
func (j *Journal) Version(ctx context.Context, revision string) (Version, bool, error) {
	return j.versions.get(ctx, revision)
}
