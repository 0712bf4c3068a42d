package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

const (
	// maxQuestion is the longest question that is read, in characters. Longer texts are no questions.
	maxQuestion = 1000
	// askWithin bounds one question to the facts. Discord waits 3 seconds for the answer.
	askWithin = 2 * time.Second
	// maxChoices and maxChoice are Discord's limits of completions, in characters the second.
	maxChoices, maxChoice = 25, 100
)

// A desk is where members ask. It remembers nothing about them but how much each asked in the last minute: what a button or a
// follow-up needs is in the message it is on, or is fetched from Discord again.
type desk struct {
	base    *knowledge.Base
	fetch   func(ctx context.Context, channelID, messageID string) (*Message, error)
	self    func() string               // the bot's user id; empty before it is known
	role    func(guildID string) string // the id of the bot's own role in a server; empty where it has none
	locale  func(guildID string) string // of a server; empty where it is not known
	metrics *metrics
	journal *journal.Journal // nil where nothing is kept
	tally   *tally           // likewise
	gaps    *gaps            // nil where nothing is kept
	// settings are the servers'; nil: none has any
	settings *settings
	setup    *setup
	privacy  *privacy
	log      *slog.Logger
	now      func() time.Time

	members, channels, presses *pace
	tellHere                   *pace // of each member in each channel: that all there together ask too fast

	reading chan struct{} // holds one for each question that is being read: see ask
}

// An asking is one question on its way to an answer.
type asking struct {
	text    string
	history []string // earlier questions, oldest first
	asker   string   // user id
	guild   string   // where it was asked; empty in direct messages
	p       *phrases
	private bool
	echo    bool // show the question, since the answer is no reply to its message
	// visiting says that the bot is not in the place where it was asked: it can write there only in answer.
	visiting bool
}

// slash answers /ask.
func (d *desk) slash(ctx context.Context, i *Interaction) Response {
	d.metrics.ask("slash")
	return d.limited(i, func() Response {
		return d.answer(ctx, d.asking(i, i.Options["question"], i.Options["private"] == "true"))
	})
}

// askPrivately reports whether /ask is to be answered for the asker alone.
func askPrivately(i *Interaction) bool { return i.Options["private"] == "true" }

// asking is a question that came as an interaction.
func (d *desk) asking(i *Interaction, text string, private bool) asking {
	q := asking{text: asked(text), asker: i.User.ID, guild: i.GuildID, private: private, echo: true, visiting: visiting(i), p: d.speakTo(i)}
	if !private {
		q.p = d.speakIn(i)
	}
	return q
}

// speakTo gives the phrases for what the member alone sees.
func (d *desk) speakTo(i *Interaction) *phrases { return speak(i.Locale) }

// speakIn gives the phrases for what everybody in the channel sees.
func (d *desk) speakIn(i *Interaction) *phrases {
	switch {
	case i.GuildLocale != "":
		return speak(i.GuildLocale)
	case i.GuildID == "":
		return speak(i.Locale)
	}
	return speak(d.locale(i.GuildID))
}

// complete suggests known questions for what is typed into /ask.
func (d *desk) complete(_ context.Context, i *Interaction) Response {
	r := Response{Action: Complete, Choices: []Choice{}}
	seen := map[string]bool{}
	for _, s := range d.base.Suggest(i.Options["question"], maxChoices) {
		c := Choice{Name: clip(visible(s.Question), maxChoice), Value: s.Question}
		if units(c.Value) > maxChoice {
			c.Value = pickSign + hash(s.Fact.ID)
		}
		if c.Name == "" || seen[c.Name] || len(r.Choices) == maxChoices {
			continue
		}
		seen[c.Name] = true
		r.Choices = append(r.Choices, c)
	}
	return r
}

// pickSign begins the value of a completion that is too long to be its own value: the fact's hash follows.
const pickSign = "#"

// askTarget answers the message command: the text of somebody's message is the question. Only who used it sees the answer, since the
// message's author did not ask.
func (d *desk) askTarget(ctx context.Context, i *Interaction) Response {
	d.metrics.ask("command")
	return d.limited(i, func() Response {
		text := ""
		if i.Target != nil {
			text = questionIn(i.Target)
		}
		if text == "" {
			return Response{Action: Reply, Private: true, Content: d.speakTo(i).NothingToAsk}
		}
		return d.answer(ctx, d.asking(i, text, true))
	})
}

// message answers a message, if it is meant for the bot: a direct message, a mention of the bot or of its own role, a reply to one of the bot's
// with a ping.
func (d *desk) message(ctx context.Context, m *Message) Response {
	self := d.self()
	direct := m.GuildID == ""
	byRole := !direct && !m.Mentioned(self) && m.MentionedRole(d.role(m.GuildID))
	if m.FromMachine() || m.Author.ID == self || !direct && !byRole && !m.Mentioned(self) {
		return Response{}
	}
	if !direct && !d.hears(ctx, m) {
		return Response{}
	}
	p := speak(d.locale(m.GuildID))
	earlier := m.Referenced
	text := questionIn(m)
	way := "mention"
	switch {
	case earlier != nil && earlier.Author.ID == self:
		way = "reply"
	case direct:
		way = "direct"
	}
	d.metrics.ask(way)
	if again, tooFast := d.tooFast(m.Author.ID, m.ChannelID, p); tooFast {
		d.metrics.outcome("refused")
		return again
	}
	if byRole && m.Content == "" { // Discord shows what mentions the bot itself, and not what mentions its role
		return Response{Action: Reply, Content: fmt.Sprintf(p.RoleMentioned, "<@"+self+">")}
	}
	if to := m.RepliesTo(); earlier == nil && to != "" {
		earlier, _ = d.fetch(ctx, m.ChannelID, to) // may be gone, or kept from the bot
	}
	q := asking{text: text, asker: m.Author.ID, guild: m.GuildID, p: p}
	switch {
	case text == "" && earlier != nil && earlier.Author.ID != self:
		// "@Footnote" in reply to somebody: their message is the question.
		if q.text = questionIn(earlier); q.text == "" {
			return Response{Action: Reply, Content: p.CantRead}
		}
	case text == "" && m.Forwards():
		return Response{Action: Reply, Content: p.NothingToAsk}
	case text == "":
		return d.hello(p, p.Greeting)
	case earlier != nil:
		q.history = d.history(ctx, m.Author.ID, earlier)
	}
	return d.answer(ctx, q)
}

// tooFast reports whether the member, or all in the channel together, ask too fast, and what to say then: when to try again,
// to each member once; after that nothing until they may.
func (d *desk) tooFast(userID, channelID string, p *phrases) (Response, bool) {
	now := d.now()
	ok, again, first := d.members.take(userID, now)
	phrase := p.TooFast
	if ok {
		if ok, again, _ = d.channels.take(channelID, now); ok {
			return Response{}, false
		}
		phrase = p.TooFastHere
		first, _, _ = d.tellHere.take(channelID+" "+userID, now)
	}
	if !first {
		return Response{}, true
	}
	return Response{Action: Reply, Private: true, Content: fmt.Sprintf(phrase, soon(again)), Sign: signTooFast}, true
}

// soon is a moment as Discord shows it in each member's own language and time: "in 5 seconds".
func soon(t time.Time) string {
	return fmt.Sprintf("<t:%d:R>", t.Add(time.Second-1).Unix())
}

// limited handles an interaction that asks, unless the member or the channel asks too fast. An interaction can't be
// left unanswered, so each refusal is told.
func (d *desk) limited(i *Interaction, handle func() Response) Response {
	r, tooFast := d.tooFast(i.User.ID, i.ChannelID, d.speakTo(i))
	if !tooFast {
		return handle()
	}
	d.metrics.outcome("refused")
	if r.Action == Silent {
		r = Response{Action: Reply, Private: true, Content: fmt.Sprintf(d.speakTo(i).TooFast, soon(d.now().Add(askEvery)))}
	}
	return r
}

// pressed handles a button, unless the member presses too fast.
func (d *desk) pressed(handle func(context.Context, *Interaction) Response) func(context.Context, *Interaction) Response {
	return func(ctx context.Context, i *Interaction) Response {
		ok, again, _ := d.presses.take(i.User.ID, d.now())
		if !ok {
			return Response{Action: Reply, Private: true, Content: fmt.Sprintf(d.speakTo(i).TooFast, soon(again))}
		}
		return handle(ctx, i)
	}
}

// answer gives the response to a question.
func (d *desk) answer(ctx context.Context, q asking) Response {
	if utf8.RuneCountInString(q.text) > maxQuestion {
		d.metrics.outcome("refused")
		return Response{Action: Reply, Private: true, Content: fmt.Sprintf(q.p.TooLong, maxQuestion), Sign: signTooLong}
	}
	if visible(q.text) == "" && q.text != "" { // of letters that display as nothing
		return Response{Action: Reply, Private: q.private, Content: q.p.Unreadable}
	}
	if h, ok := strings.CutPrefix(q.text, pickSign); ok {
		if facts := resolve(d.base.Set(), h); len(facts) == 1 {
			q.text = facts[0].Text
			return d.show(ctx, q, knowledge.Tell(facts...))
		}
	}
	began := d.now()
	a, err := d.ask(ctx, knowledge.Question{Text: q.text, History: q.history})
	if err != nil {
		d.metrics.outcome("failed")
		if !errors.Is(err, context.Canceled) {
			d.log.Warn("a question was not answered in time", "err", err)
		}
		return Response{Action: Reply, Private: true, Content: q.p.TookTooLong}
	}
	d.log.Info("asked", "kind", string(a.Kind), "facts", ids(a), "confidence", a.Confidence, "followup", a.Reading != "", "offers", len(a.Offers),
		"private", q.private, "took", d.now().Sub(began))
	return d.show(ctx, q, a)
}

// ask asks the facts, of as many questions at once as there are processors: each takes one for some tens of milliseconds. With more at once each would only
// take longer, and what must go out within Discord's 3 seconds, such as that an answer is deferred, would wait behind all of them.
func (d *desk) ask(ctx context.Context, q knowledge.Question) (knowledge.Answer, error) {
	select {
	case d.reading <- struct{}{}:
	case <-ctx.Done():
		return knowledge.Answer{}, ctx.Err()
	}
	defer func() { <-d.reading }()
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return d.base.Ask(ctx, q)
}

// ids names the facts of an answer.
func ids(a knowledge.Answer) []string {
	var ids []string
	for _, s := range a.Sentences() {
		ids = append(ids, s.Fact.ID)
	}
	return ids
}

// factsIn gives the facts of an answer.
func factsIn(a knowledge.Answer) []*knowledge.Fact {
	var facts []*knowledge.Fact
	for _, s := range a.Sentences() {
		facts = append(facts, s.Fact)
	}
	return facts
}

// picks are offers as questions to pick from.
func picks(offers []knowledge.Offer) []knowledge.Suggestion {
	out := make([]knowledge.Suggestion, len(offers))
	for i, o := range offers {
		out[i] = knowledge.Suggestion{Question: o.Question, Fact: o.Fact}
	}
	return out
}

// show renders what became of a question.
func (d *desk) show(ctx context.Context, q asking, a knowledge.Answer) Response {
	h := head{reading: closed(a.Reading, slices.Concat(q.history, []string{q.text})...), open: closed(strings.Join(a.Open, " · "), q.text)}
	if q.echo {
		h.question = q.text
	}
	alone := h.alone(q.text)
	r := Response{Action: Reply, Private: q.private}
	switch {
	case a.Answered():
		d.metrics.outcome("answered")
		d.tally.asked()
		d.tally.answered(a.Sentences()[0].Fact.ID)
		r.Content, r.Alone = renderAnswer(q.p, h, a), func() string { return renderAnswer(q.p, alone, a) }
		r.Components = answerButtons(q.p, factsIn(a), q.asker, q.private)
		r.Shows, r.Language = factsIn(a), q.p.language()
	case len(a.Offers) > 0:
		d.metrics.outcome("offers")
		d.tally.asked()
		r.Content = strings.Join(append(h.lines(q.p, echoes[0]), q.p.DidYouMean), "\n")
		r.Alone = func() string { return strings.Join(append(alone.lines(q.p, echoes[0]), q.p.DidYouMean), "\n") }
		others := []discordgo.MessageComponent{button(q.p.None, customID(routeNone, q.asker))}
		if !q.private {
			others = append(others, removeButton(q.asker))
		}
		r.Components = pickButtons(picks(a.Offers), q.asker, others...)
	case a.Kind == knowledge.Greeting || a.Kind == knowledge.Help:
		line := q.p.Greeting
		if a.Kind == knowledge.Help {
			line = d.help(q.p)
		}
		hello := d.hello(q.p, line)
		r.Content, r.Components = hello.Content, hello.Components
	case a.Kind == knowledge.Thanks:
		r.Content = q.p.Thanks
	case a.Kind == knowledge.Unreadable:
		r.Content = q.p.Unreadable
	default:
		d.metrics.outcome("declined")
		d.tally.asked()
		d.tally.declined()
		d.decline(ctx, q, h, a, &r)
	}
	return r
}

// decline says in one line that the facts don't say, naming what none of them covers, and offers the nearest questions. It
// cites nothing. What the moderators have not put out of scope is kept as a gap, and its asker may wait for it.
func (d *desk) decline(ctx context.Context, q asking, h head, a knowledge.Answer, r *Response) {
	near := a.Suggestions[:min(len(a.Suggestions), 2)]
	line := q.p.Declined
	if words := quoteWords(a.Uncovered, q.text, 3); words != "" {
		line = fmt.Sprintf(q.p.DeclinedWord, words)
	}
	if len(d.base.Set().Facts) == 0 {
		line = q.p.NoFacts
	}
	if len(near) > 0 {
		line += " " + q.p.Nearest
	}
	d.missed(ctx, q, h, line, near, turnsOf(q.text, a.Reading), a.Version, r)
}

// missed makes the response to a question that the facts don't answer.
func (d *desk) missed(ctx context.Context, q asking, h head, line string, near []knowledge.Suggestion, turns []string, version string, r *Response) {
	var others []discordgo.MessageComponent
	switch key := gapKey(turns); {
	case d.gaps == nil || len(turns) == 0:
	case d.gaps.outOfScope(ctx, key):
		line, near = q.p.OutOfScope, nil
	default:
		others = append(others, button(q.p.TellMe, customID(routeTell, key)))
		r.Sent = d.gaps.declined(key, turns, q, version)
	}
	if !q.private {
		others = append(others, removeButton(q.asker))
	}
	r.Content = strings.Join(append(h.lines(q.p, echoes[0]), line), "\n")
	r.Alone = func() string { return strings.Join(append(h.alone(q.text).lines(q.p, echoes[0]), line), "\n") }
	r.Components = pickButtons(near, q.asker, others...)
}

// hello is a friendly line with a few questions to begin with, as buttons that answer whoever presses them.
func (d *desk) hello(p *phrases, line string) Response {
	return Response{Action: Reply, Content: line, Components: pickButtons(d.starters(), "")}
}

// starters are questions to begin with.
func (d *desk) starters() []knowledge.Suggestion {
	s := d.base.Suggest("", 3)
	return s[:min(len(s), 3)]
}

func (d *desk) help(p *phrases) string {
	name := "@Footnote"
	if id := d.self(); id != "" {
		name = "<@" + id + ">"
	}
	return fmt.Sprintf(p.Help, name)
}
