package journal

import (
	"context"
	"iter"
	"strconv"
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
	Trigger string `json:"trigger"`        // the id of the message or interaction that it answers
	Part    int    `json:"part,omitempty"` // which of several messages that answer it, from 0
	Posted         // with the MessageID only where it takes the place of what that message said before
}

func (p Pending) key() string { return pendingKey(p.Trigger, p.Part) }

func pendingKey(trigger string, part int) string {
	if part == 0 {
		return trigger
	}
	return trigger + "." + strconv.Itoa(part)
}

// A Version is what a fact said at one revision, kept as long as an answer may have shown it.
type Version struct {
	Revision string    `json:"revision"` // or a [GoneRevision]
	Fact     string    `json:"fact"`
	Text     string    `json:"text"`
	Status   string    `json:"status"`
	Since    time.Time `json:"since"` // when the bot saw it first, or again after the fact had said something else
}

// Posting notes that an answer is about to be posted, so that it is found again should the process end in between.
func (j *Journal) Posting(ctx context.Context, p Pending) error {
	return j.pending.put(ctx, p.key(), p)
}

// Post notes an answer that was posted, and that its trigger is no longer pending.
func (j *Journal) Post(ctx context.Context, trigger string, p Posted) error {
	return j.PostPart(ctx, Pending{Trigger: trigger, Posted: p})
}

// PostPart is Post for a pending answer that may be one of several to its trigger; p has its message's id now.
func (j *Journal) PostPart(ctx context.Context, p Pending) error {
	if err := j.answers.put(ctx, p.MessageID, p.Posted); err != nil {
		return err
	}
	return j.NotPosted(ctx, p)
}

// NotPosted notes that nothing came of a pending answer, or that it is pending no longer.
func (j *Journal) NotPosted(ctx context.Context, p Pending) error {
	return j.pending.remove(ctx, p.key())
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

// Drop forgets an answer: it was deleted, or shows no facts any more. A message that is not kept costs a look, and nothing is written.
func (j *Journal) Drop(ctx context.Context, messageID string) error {
	if _, _, ok, err := j.answers.read(ctx, messageID); err == nil && !ok {
		return nil
	}
	return j.answers.remove(ctx, messageID)
}

// See keeps what a fact says at a revision, unless it is kept already. It reports whether it was new.
func (j *Journal) See(ctx context.Context, v Version) (bool, error) {
	return j.versions.create(ctx, v.Revision, v)
}

// Renew keeps what a fact says at a revision, since v.Since, whatever was kept of it before: it says so anew.
func (j *Journal) Renew(ctx context.Context, v Version) error {
	return j.versions.put(ctx, v.Revision, v)
}

// GoneRevision names the version of a fact that is no longer there, which has no revision of its own: since when it is gone.
func GoneRevision(fact string) string { return Gone + "." + fact }

// Version returns what a fact said at a revision, and whether that is kept.
func (j *Journal) Version(ctx context.Context, revision string) (Version, bool, error) {
	return j.versions.get(ctx, revision)
}
