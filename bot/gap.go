package bot

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// A gap is a question that the facts could not answer. The journal keeps gaps for the moderators, and the wishes of members to be told when one is
// filled. A member is never kept from an answer by it: what the journal can't take is logged and counted, and that is all.

// journalWithin bounds what an answer may wait for the journal. Embedded it takes a millisecond; a cluster that is electing a leader takes seconds.
const journalWithin = 700 * time.Millisecond

// gaps keeps and fills them.
type gaps struct {
	base     *knowledge.Base
	journal  *journal.Journal
	scopes   *journal.Mirror[journal.Scope]
	settings *settings
	rest     *rest
	heard    *heard
	self     func() string // the bot's user id
	metrics  *metrics
	log      *slog.Logger
	now      func() time.Time

	posted  func()        // told of each answer that was posted here; may be nil
	fresh   chan struct{} // holds one where there may be something to fill
	filling sync.Mutex    // held while filling: one at a time is enough
}

// newGaps makes the gaps of a bot that has a journal.
func newGaps(b *Bot, s *settings, now func() time.Time) *gaps {
	return &gaps{base: b.base, journal: b.opts.Journal, scopes: b.opts.Journal.MirrorScopes(), settings: s, rest: b.rest, heard: b.heard,
		self: func() string { return b.me().userID }, metrics: b.metrics, log: b.log, now: now, fresh: make(chan struct{}, 1)}
}

// gapKey names what is asked, whatever the wording: questions of the same gist have one key. A follow-up is named together with the earlier
// questions it was read with.
func gapKey(turns []string) string {
	return journal.Hash([]byte(strings.Join(knowledge.Gist(strings.Join(turns, " ")), " ")))
}

// isGapKey is what [gapKey] gives.
var isGapKey = regexp.MustCompile(`^[0-9a-f]{32}$`)

// turnsOf are the question and, before it, the earlier one that it was read with, if any.
func turnsOf(question, reading string) []string {
	turns := head{question: question, reading: reading}.turns()
	if n := len(turns); n > 0 {
		turns[n-1] = question // as it was written
	}
	return turns
}

// failed notes what the journal could not do.
func (g *gaps) failed(what string, err error) {
	g.metrics.journalFailed(what)
	g.log.Error("the journal failed; members are answered all the same", "at", what, "err", err)
}

// outOfScope reports whether moderators have said that these facts have nothing to do with what is asked.
func (g *gaps) outOfScope(ctx context.Context, key string) bool {
	ctx, cancel := context.WithTimeout(ctx, journalWithin)
	defer cancel()
	_, out, err := g.scopes.Get(ctx, key)
	if err != nil {
		g.failed("scope", err)
	}
	return out
}

// declined keeps a question that was declined, once it is known as which message.
func (g *gaps) declined(key string, turns []string, q asking, version string) func(context.Context, *Message) {
	return func(ctx context.Context, posted *Message) {
		a := journal.Asked{Question: turns[len(turns)-1], History: turns[:len(turns)-1], UserID: q.asker, GuildID: q.guild, ChannelID: posted.ChannelID, At: g.now()}
		if q.guild != "" && !q.private && !q.visiting {
			a.MessageID = posted.ID
		}
		kept, err := g.keep(ctx, key, a)
		switch {
		case err != nil:
			g.failed("gap", err)
		case !kept:
			g.metrics.gap("refused")
			g.log.Info("a gap was not kept: its asker has opened as many as a member may on a day", "limit", journal.MaxOpened)
		default:
			g.metrics.gap("asked")
			if g.base.Set().Version != version { // the facts that fill it may have come meanwhile
				g.kick()
			}
		}
	}
}

func (g *gaps) keep(ctx context.Context, key string, a journal.Asked) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	_, kept, err := g.journal.Ask(ctx, key, a)
	return kept, err
}

// A wording is how a gap was asked where a button stands.
type wording struct {
	question string
	history  []string
}

// maxWaits is how many gaps one member may wait for at once. Each costs a question when the facts change.
const maxWaits = 50

// tellMe keeps the wish of whoever presses the button to be told when the facts say.
func (d *desk) tellMe(ctx context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	private := func(text string) Response { return Response{Action: Reply, Private: true, Content: text} }
	g := d.gaps
	if g == nil {
		return private(p.OldButton)
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	key := args(i.CustomID, 1)[0]
	asked, ok, err := d.wordingOf(ctx, key, i)
	if err != nil {
		g.failed("wait", err)
		return private(wentWrong)
	}
	if !ok {
		return private(p.QuestionGone)
	}
	w := journal.Wait{Key: key, Question: asked.question, History: asked.history, UserID: i.User.ID, GuildID: i.GuildID, Locale: i.Locale, At: g.now()}
	kept := p.TellDirectly
	if !onPrivate(i) && !visiting(i) { // else nobody, not even the bot, can write there later
		w.ChannelID, w.MessageID, kept = i.ChannelID, i.Message.ID, p.TellHere
		if i.GuildID != "" {
			w.Locale = i.GuildLocale
		}
	}
	mine, err := g.journal.WaitsOf(ctx, i.User.ID)
	if err == nil && len(mine) >= maxWaits {
		return private(p.TellFull)
	}
	fresh := false
	if err == nil {
		fresh, err = g.journal.Tell(ctx, w)
	}
	if err != nil {
		g.failed("wait", err)
		return private(p.NotKept)
	}
	if !fresh {
		return private(p.TellAlready)
	}
	g.metrics.gap("waits")
	// The facts may say by now. Asking after the wish is kept leaves no moment in which a reload misses it.
	if a, err := g.base.Ask(ctx, knowledge.Question{Text: w.Question, History: w.History}); err == nil && a.Answered() {
		if _, mine, err := g.journal.StartTelling(ctx, w, journal.Telling{At: g.now()}); err == nil && mine {
			if err := g.journal.Told(ctx, w); err != nil {
				g.failed("wait", err)
			}
			g.kick()
			facts := factsIn(a)
			return Response{Action: Reply, Private: true, Content: renderAnswer(p, head{question: w.Question, reading: closed(a.Reading, slices.Concat(w.History, []string{w.Question})...)}, a), Components: answerButtons(p, facts, i.User.ID, true)}
		}
	}
	return private(kept)
}

// wordingOf finds what was asked where the button of a gap stands: as it is kept, or as the message shows it.
func (d *desk) wordingOf(ctx context.Context, key string, i *Interaction) (wording, bool, error) {
	if !isGapKey.MatchString(key) || i.Message == nil {
		return wording{}, false, nil
	}
	gap, ok, err := d.gaps.journal.Gap(ctx, key)
	if err != nil {
		return wording{}, false, err
	}
	for _, a := range gap.Asked {
		if a.MessageID == i.Message.ID {
			return wording{a.Question, a.History}, true, nil
		}
	}
	if turns := d.questionsOf(ctx, i.Message); len(turns) > 0 && gapKey(turns) == key {
		return wording{turns[len(turns)-1], turns[:len(turns)-1]}, true, nil
	}
	if ok && len(gap.Asked) > 0 {
		return wording{gap.Asked[0].Question, gap.Asked[0].History}, true, nil
	}
	return wording{}, false, nil
}

// visiting reports whether the interaction is in a place that the bot itself is not in: its member brought it along, and it can
// write there only in answer.
func visiting(i *Interaction) bool {
	if i.Context == int(discordgo.InteractionContextPrivateChannel) {
		return true
	}
	return i.GuildID != "" && i.Owners != nil && i.Owners["0"] == ""
}
