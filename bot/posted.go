package bot

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Every answer that others see is kept in the journal, by the ids of the message and of its facts, so that it is put right when these change
// (living.go). It is noted twice: before it is posted, by what it answers, and afterwards, by its message. Should the process end in
// between, or Discord's answer be lost, the message is looked for when the bot next starts, and from time to time.
//
// What only one member sees (ephemeral messages) is not kept: Discord lets nobody edit such a message once the fifteen minutes of its
// interaction are over. Nor is an answer in a place that the bot is not in, where a member brought it along: it could not go back there.
//
// A journal that is slow or down costs no member an answer: it is given so long, and then gone without. That answer is not put right later,
// unless it was at least noted before.

const (
	// noteWithin is how long an answer waits to be noted before it is posted. A write to disk takes a millisecond; Discord waits 3 seconds.
	noteWithin = 300 * time.Millisecond
	// notedWithin is how long the note afterwards may take, for which nobody waits.
	notedWithin = 2 * time.Second
	// unsureFor is how long after a note without a message the message is looked for: nobody is still posting it then.
	unsureFor = 2 * time.Minute
	// seenVersions is for how many revisions of facts it is remembered that the journal has them, at some 50 bytes each; twice as many at most.
	seenVersions = 20_000
)

// answering is posting for the answer to an interaction.
func (b *Bot) answering(ctx context.Context, i *Interaction, r Response, part int) func(*Message, error) {
	p := journal.Pending{Trigger: i.ID, Part: part, Posted: journal.Posted{ChannelID: i.ChannelID, GuildID: i.GuildID, Asker: i.User.ID}}
	if r.Action == Update && i.Message != nil {
		p.MessageID = i.Message.ID
		if len(r.Shows) == 0 && !i.Message.Ephemeral() {
			return func(_ *Message, err error) { // it may have been an answer
				if err == nil {
					b.forget(ctx, p.MessageID)
				}
			}
		}
	}
	if !b.keeps(i, r) {
		return func(*Message, error) {}
	}
	return b.posting(ctx, r, p)
}

// keeps reports whether a response to an interaction is an answer to be kept.
func (b *Bot) keeps(i *Interaction, r Response) bool {
	if b.living == nil || len(r.Shows) == 0 || visiting(i) {
		return false
	}
	return r.Action == Reply && !r.Private || r.Action == Update && i.Message != nil && !onPrivate(i)
}

// posting notes that a response is about to be posted, where it is an answer, and gives what is to be told of the message as posted, or of why
// it was not; of neither where that is not known.
func (b *Bot) posting(ctx context.Context, r Response, p journal.Pending) func(*Message, error) {
	if b.living == nil || len(r.Shows) == 0 {
		return func(*Message, error) {}
	}
	p.At, p.Locale, p.Facts = b.opts.Now(), r.Language, shown(r.Shows)
	nctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	if err := b.opts.Journal.Posting(nctx, p); err != nil {
		b.living.failed("posting", err)
	}
	b.at("posting")
	return func(m *Message, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notedWithin)
		defer cancel()
		switch {
		case m != nil && m.ID != "":
			b.at("posted")
			p.MessageID = m.ID
			if m.ChannelID != "" {
				p.ChannelID = m.ChannelID
			}
			b.living.posted(ctx, p, r.Shows)
		case restStatus(err) >= http.StatusBadRequest && restStatus(err) < http.StatusInternalServerError:
			if err := b.opts.Journal.NotPosted(ctx, p); err != nil {
				b.living.failed("posting", err)
			}
		}
	}
}

// posted keeps an answer, and what its facts say.
func (l *living) posted(ctx context.Context, p journal.Pending, facts []*knowledge.Fact) {
	for _, f := range facts {
		l.see(ctx, f)
	}
	if err := l.journal.PostPart(ctx, p); err != nil {
		l.failed("posted", err)
		return
	}
	if set := l.base.Set(); slices.ContainsFunc(p.Facts, func(s journal.Shown) bool { return revision(set.Fact(s.Fact)) != s.Now }) {
		l.kick() // they changed while it was posted
	}
	l.at("noted")
}

// see keeps what a fact says, unless that was done.
func (l *living) see(ctx context.Context, f *knowledge.Fact) {
	r := f.Revision()
	if l.seen.has(r) {
		return
	}
	if _, err := l.journal.See(ctx, l.version(f)); err != nil {
		l.failed("version", err)
		return
	}
	l.seen.add(r)
}

// version is what a fact says now.
func (l *living) version(f *knowledge.Fact) journal.Version {
	return journal.Version{Revision: f.Revision(), Fact: f.ID, Text: f.Text, Status: string(f.Status), Since: l.now()}
}

// failed notes that the journal did not do what it should. That it ends is no failure.
func (l *living) failed(at string, err error) {
	if isCanceled(err) {
		return
	}
	l.metrics.journalFailed(at)
	l.log.Error("the journal failed; members are answered all the same", "at", at, "err", err)
}

// forget forgets an answer that was deleted.
func (b *Bot) forget(ctx context.Context, messageIDs ...string) {
	if b.living == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notedWithin)
	defer cancel()
	for _, id := range messageIDs {
		if err := b.opts.Journal.Drop(ctx, id); err != nil {
			b.living.failed("deleted", err)
			return
		}
	}
}

// deleted takes in that messages were deleted, whoever's they are.
func (b *Bot) deleted(ctx context.Context, data []byte) {
	var gone struct {
		ID  string   `json:"id"`
		IDs []string `json:"ids"`
	}
	if b.living == nil || lenient(data, &gone) != nil || !b.begin() {
		return
	}
	go func() {
		defer b.end()
		if gone.ID != "" {
			gone.IDs = append(gone.IDs, gone.ID)
		}
		b.forget(ctx, gone.IDs...)
	}()
}

// resolve finds out of answers that were about to be posted longer ago than unsureFor, or by another process, whether they were.
// It reports whether there are some left of which that can't be told yet.
func (l *living) resolve(ctx context.Context, atStart bool) (left bool) {
	all, err := l.journal.Pendings(ctx)
	if err != nil {
		l.failed("pending", err)
		return true
	}
	for _, p := range all {
		if age := l.now().Sub(p.At); age < unsureFor && !(atStart && l.journal.Sole() && p.At.Before(l.began)) {
			left = true
			continue
		}
		err := l.resolveOne(ctx, p)
		switch {
		case ctx.Err() != nil:
			return true
		case err != nil:
			left = true
			l.log.Warn("whether an answer was posted can't be told yet", "channel", p.ChannelID, "err", err)
		}
	}
	return left
}

// resolveOne looks for the message of one answer.
func (l *living) resolveOne(ctx context.Context, p journal.Pending) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	m, err := l.find(ctx, p)
	switch {
	case restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusNotFound:
		l.log.Info("whether an answer was posted can't be told: the channel can't be read", "channel", p.ChannelID, "err", err)
		return l.journal.NotPosted(ctx, p)
	case err != nil:
		return err
	case m == nil:
		return l.journal.NotPosted(ctx, p)
	}
	p.MessageID = m.ID
	return l.journal.PostPart(ctx, p)
}

// find finds the message that a pending answer was posted as, if it was. The bot knows its own by whom they answer, and by the facts that
// their buttons name.
func (l *living) find(ctx context.Context, p journal.Pending) (*Message, error) {
	var ids []string
	for _, s := range p.Facts {
		ids = append(ids, s.Fact)
	}
	named := customID(routeContext, refsOf(ids))
	if p.MessageID != "" {
		m, err := l.rest.GetMessage(ctx, p.ChannelID, p.MessageID)
		if err != nil || !slices.Contains(m.CustomIDs(), named) {
			return nil, err
		}
		return m, nil
	}
	after := p.Trigger
	if _, err := strconv.ParseUint(after, 10, 64); err != nil {
		return nil, nil // nothing of Discord's, so nothing can answer it
	}
	for range maxFindPages {
		list, err := l.rest.MessagesAfter(ctx, p.ChannelID, after)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		for _, m := range list {
			if snowflake(m.ID) > snowflake(after) {
				after = m.ID
			}
			answers := m.Reference != nil && m.Reference.MessageID == p.Trigger || m.Caused != nil && m.Caused.ID == p.Trigger
			if answers && m.Author.ID == l.self() && slices.Contains(m.CustomIDs(), named) {
				return m, nil
			}
		}
	}
	return nil, nil
}

// maxFindPages is how many times a hundred messages are looked through for an answer. It comes within seconds of what it answers.
const maxFindPages = 5
