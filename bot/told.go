package bot

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Filling gaps: after each change of the facts every gap and every wish to be told is asked anew. A gap that is answered leaves the list, and who
// waited is told: in a reply to where they asked, with the answer, and with a mention of them alone.
//
// Each is told once, also with several processes and after a crash. The journal lets one process claim a wish before it posts (see journal.Wait).
// The post has a nonce, by which Discord itself knows a repeat for some minutes. And who finds the claim of a process that is gone looks
// whether its post is in the channel, and only posts where it is not.

// refillEvery is how often claims of processes that are gone are looked for, besides after each change of the facts.
const refillEvery = time.Minute

// kick says that there may be something to fill.
func (g *gaps) kick() {
	if g == nil {
		return
	}
	select {
	case g.fresh <- struct{}{}:
	default: // it was said already
	}
}

// run fills gaps whenever there may be something to fill, and keeps up to date what is out of scope, until ctx ends.
func (g *gaps) run(ctx context.Context) error {
	tick := time.NewTicker(refillEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.fresh:
			g.fillGaps(ctx)
		case <-tick.C:
			g.finish(ctx)
		}
	}
}

// fillGaps asks every gap and every wish to be told anew.
func (g *gaps) fillGaps(ctx context.Context) {
	g.filling.Lock()
	defer g.filling.Unlock()
	all, err := g.journal.Gaps(ctx)
	if err != nil {
		if ctx.Err() == nil {
			g.failed("fill", err)
		}
		return
	}
	filled := 0
	for _, gap := range all {
		if len(gap.Asked) == 0 { // older than is kept
			continue
		}
		a, ok := g.ask(ctx, gap.Question, gap.Asked[0].History)
		if !ok || !a.Answered() {
			continue
		}
		if err := g.journal.Fill(ctx, gap.Key); err != nil {
			g.failed("fill", err)
			continue
		}
		g.metrics.gap("filled")
		filled++
	}
	if filled > 0 {
		g.log.Info("gaps are filled", "gaps", filled, "left", len(all)-filled)
	}
	g.tellAll(ctx, func(journal.Wait) bool { return true })
}

// finish grants the wishes that a process left claimed.
func (g *gaps) finish(ctx context.Context) {
	g.filling.Lock()
	defer g.filling.Unlock()
	g.tellAll(ctx, func(w journal.Wait) bool { return w.Telling != nil })
}

// tellAll tells those who wait for what the facts say now.
func (g *gaps) tellAll(ctx context.Context, which func(journal.Wait) bool) {
	waits, err := g.journal.Waits(ctx)
	if err != nil {
		if ctx.Err() == nil {
			g.failed("waits", err)
		}
		return
	}
	for _, w := range waits {
		if !which(w) {
			continue
		}
		a, ok := g.ask(ctx, w.Question, w.History)
		if !ok || !a.Answered() && w.Telling == nil {
			continue
		}
		if err := g.tell(ctx, w, a); err != nil && ctx.Err() == nil {
			g.log.Warn("a member who waits could not be told yet", "err", err)
		}
	}
}

// ask asks the facts in use. It reports false when ctx ended.
func (g *gaps) ask(ctx context.Context, question string, history []string) (knowledge.Answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	a, err := g.base.Ask(ctx, knowledge.Question{Text: question, History: history})
	return a, err == nil
}

// tell tells one member, unless somebody else does.
func (g *gaps) tell(ctx context.Context, w journal.Wait, a knowledge.Answer) error {
	ctx, cancel := context.WithTimeout(ctx, 2*sendWithin)
	defer cancel()
	channel, replyTo := w.ChannelID, w.MessageID
	if channel != "" && !g.settings.answersIn(ctx, w.GuildID, w.ChannelID) {
		channel = "" // its moderators have sent the bot from there since
	}
	if channel == "" {
		var err error
		if channel, err = g.rest.DirectChannel(ctx, w.UserID); err != nil {
			return err
		}
		replyTo = ""
	}
	claim := journal.Telling{At: g.now(), ChannelID: channel, Facts: shown(factsIn(a))}
	before, mine, err := g.journal.StartTelling(ctx, w, claim)
	if err != nil || !mine {
		return err
	}
	if c := before.Telling; c != nil {
		posted, err := g.find(ctx, before)
		switch {
		case restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusNotFound:
			// Whether the member was told can't be seen. Telling twice would be worse than not at all.
			return g.journal.Told(ctx, w)
		case err != nil:
			return err // the new claim grows old as well, and then it is tried again
		case posted != nil:
			return g.granted(ctx, w, posted, c.Facts)
		}
		if !a.Answered() {
			return g.journal.StopTelling(ctx, w)
		}
	}
	posted, err := g.rest.CreateMessage(ctx, channel, replyTo, tellNonce(w), newTold(w, a))
	if restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusNotFound {
		if channel, err = g.rest.DirectChannel(ctx, w.UserID); err == nil { // the channel is closed to the bot, or gone
			posted, err = g.rest.CreateMessage(ctx, channel, "", tellNonce(w), newTold(w, a))
		}
		if restCode(err) == codeCannotMessageUser || restStatus(err) == http.StatusForbidden {
			g.log.Info("a member who waits can't be told: no channel is open to them", "err", err)
			return g.journal.Told(ctx, w)
		}
	}
	if err != nil {
		return err // it may have arrived: the claim stays, and later it is looked for
	}
	return g.granted(ctx, w, posted, claim.Facts)
}

// tellNonce is by what Discord knows a repeat: at most 25 characters.
func tellNonce(w journal.Wait) string {
	return "t" + hash(w.Key+" "+w.UserID+" "+strconv.FormatInt(w.At.UnixNano(), 10))
}

// newTold is the answer that a member waited for. It alone of all the bot posts pings: the one member who asked for it.
func newTold(w journal.Wait, a knowledge.Answer) post {
	p := speak(w.Locale)
	h := head{told: w.UserID, question: w.Question, reading: closed(a.Reading, slices.Concat(w.History, []string{w.Question})...)}
	m := newPost(Response{Content: renderAnswer(p, h, a), Components: answerButtons(p, factsIn(a), w.UserID, false)})
	m.Mentions = mentions{w.UserID}
	return m
}

// find looks for what a process that is gone has posted of its claim.
func (g *gaps) find(ctx context.Context, w journal.Wait) (*Message, error) {
	const slack = time.Minute // Discord's clock and ours
	list, err := g.rest.MessagesAfter(ctx, w.Telling.ChannelID, strconv.FormatUint(atOrAfter(w.Telling.At.Add(-slack)), 10))
	if err != nil {
		return nil, err
	}
	want := readHead(strings.Join(head{told: w.UserID, question: w.Question}.lines(speak(w.Locale), echoes[0]), "\n"))
	for _, m := range list {
		h := readHead(m.Content)
		if m.Author.ID == g.self() && h.told == w.UserID && (h.question == want.question || strings.HasPrefix(h.reading, want.question)) {
			return m, nil
		}
	}
	return nil, nil
}

// granted notes that a member was told: the message is an answer like any other, and the wish is off the list.
func (g *gaps) granted(ctx context.Context, w journal.Wait, posted *Message, facts []journal.Shown) error {
	g.metrics.gap("told")
	guild := w.GuildID
	if posted.ChannelID != w.ChannelID {
		guild = ""
		g.heard.direct(w.UserID, posted.ChannelID, posted.ID) // they may write back there
	}
	if len(facts) > 0 {
		if err := g.journal.Post(ctx, tellNonce(w), journal.Posted{MessageID: posted.ID, ChannelID: posted.ChannelID, GuildID: guild,
			Asker: w.UserID, Locale: w.Locale, At: g.now(), Facts: slices.Clone(facts)}); err != nil {
			g.failed("told", err)
		}
		if g.posted != nil {
			g.posted()
		}
	}
	return g.journal.Told(ctx, w)
}

// shown notes which facts an answer shows, at which revision.
func shown(facts []*knowledge.Fact) []journal.Shown {
	var all []journal.Shown
	for _, f := range facts {
		r := f.Revision()
		all = append(all, journal.Shown{Fact: f.ID, Posted: r, Now: r})
	}
	return all
}
