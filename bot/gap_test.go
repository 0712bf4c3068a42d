package bot

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// conductor is a fact that fills the gap of the dialogues below.
const conductor = `  - id: conductor
    text: Ada Lindqvist is the conductor of the choir.
    cite: [{paragraph: 11}]
    asks: [Who is the conductor of the choir?]
`

// laptop is a fact about something far from all the others.
const laptop = `  - id: laptop
    text: Python is installed on a laptop with one press in its shop.
    cite: [{paragraph: 11}]
    asks: [How do I install Python on my laptop?]
`

// TestGap is a question that the facts can't answer, asked in every way there is, until they can. It is written down in testdata/dialogue/gap.txt.
func TestGap(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, carol := s.User("alice"), s.User("bob"), s.User("carol")
	general := s.General()
	me := s.BotUser().Mention()

	_, declined := g.say(alice, general, me+" who is the conductor of the choir?")
	g.scene("Asked by mention")
	slashed := g.slash(bob, general, "ask", discordtest.Args{"question": "Who's the choir's conductor?"})
	g.scene("The same by slash command, in other words")
	private := g.slash(carol, general, "ask", discordtest.Args{"question": "who is the conductor of the choir", "private": true})
	g.say(carol, carol.DMChannel(), "who is the conductor of the choir?")
	g.scene("In private, and in a direct message")
	all := g.gapsKept(1, 4)
	if gap := all[0]; gap.Count != 4 || gap.Askers() != 3 || gap.Question != "who is the conductor of the choir?" ||
		gap.Asked[0].MessageID != declined.ID || gap.Asked[1].MessageID != slashed.ID || gap.Asked[2].MessageID != "" {
		t.Errorf("four askings are kept as %+v", gap)
	}

	g.click(alice, declined, "Tell me when known")
	g.click(alice, declined, "Tell me when known")
	g.click(bob, declined, "Tell me when known")
	g.click(carol, private, "Tell me when known")
	g.scene("Alice and bob want to be told, and carol, in private; alice presses twice")

	g.restart()
	g.write("bridge.yaml", conductor)
	told := map[*discordtest.User]discordtest.Message{}
	for _, u := range []*discordtest.User{alice, bob, carol} {
		m, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool {
			return s.ByBot(m) && strings.HasPrefix(m.Content, signTold+u.Mention())
		})
		if err != nil {
			t.Fatalf("%s was not told: %v\n%s", u.Name, err, g.log)
		}
		if !slices.Equal(m.Pinged, []string{"@" + u.Name}) {
			t.Errorf("telling %s pings %v", u.Name, m.Pinged)
		}
		told[u] = m
	}
	if told[alice].ReplyTo != declined.ID || told[bob].ReplyTo != declined.ID || told[carol].Channel != carol.DMChannel() {
		t.Error("not told where they asked")
	}
	g.gapsKept(0, 0)
	g.untilNoWaits()
	for u, m := range told {
		if p, ok, err := g.opts.Journal.Answer(g.ctx, m.ID); err != nil || !ok || p.Asker != u.ID || len(p.Facts) != 1 || p.Facts[0].Fact != "conductor" {
			t.Errorf("the answer to %s is kept as %+v, %v, %v", u.Name, p, ok, err)
		}
	}
	g.scene("After a restart a fact comes that answers it: each is told once, where they asked")
	g.click(bob, told[bob], "Why this?")
	g.reply(bob, told[bob], "and when will it open?")
	g.click(alice, declined, "Tell me when known")
	g.scene("An answer like any other; and the old button gives the answer")
	out := g.s.Transcript()
	for _, u := range []string{"alice", "bob", "carol"} {
		if n := strings.Count(out, "🔔 @"+u); n != 1 {
			t.Errorf("%s was told %d times", u, n)
		}
	}
	if q := questionText.FindString(g.log.String()); q != "" {
		t.Errorf("the log holds text of a question: %q", q)
	}
	g.golden("gap.txt")
	// What they were told is corrected like any other answer.
	path := filepath.Join(g.opts.Facts, "bridge.yaml")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, bytes.Replace(data, []byte("Ada Lindqvist"), []byte("Ida Lindqvist"), 1), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	for u, m := range told {
		edited, err := s.WaitMessage(g.ctx, func(n discordtest.Message) bool { return n.ID == m.ID && n.Edited })
		if err != nil || !strings.HasPrefix(edited.Content, signTold+u.Mention()) || !strings.Contains(edited.Content, "Ida Lindqvist") {
			t.Errorf("the answer to %s is corrected as %q, %v\n%s", u.Name, edited.Content, err, g.log)
		}
	}
}

// untilNoWaits waits until nobody waits any more.
func (g *stage) untilNoWaits() {
	g.t.Helper()
	for {
		waits, err := g.opts.Journal.Waits(g.ctx)
		if err != nil {
			g.t.Fatalf("%v\n%s", err, g.log)
		}
		if len(waits) == 0 {
			return
		}
	}
}

// TestNoGaps holds that what is no question of its own is none, nor what was refused.
func TestNoGaps(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, general, me := g.s.User("alice"), g.s.General(), g.s.BotUser().Mention()
	for _, text := range []string{"hello!", "thanks!", "", "help", "???", "when will the bridge open?"} {
		_, m := g.say(alice, general, me+" "+text)
		if _, ok := m.Find("Tell me when known"); ok {
			t.Errorf("%q can be waited for", text)
		}
		g.s.Advance(time.Minute)
	}
	g.slash(alice, general, "ask", discordtest.Args{"question": strings.Repeat("x", maxQuestion)})
	for range 20 {
		g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"})
	}
	g.s.Advance(time.Minute)
	last := g.slash(alice, general, "ask", discordtest.Args{"question": "Who is the queen of Sweden?"})
	for _, gap := range g.gapsKept(2, 2) {
		if gap.Question != "Who is the queen of Sweden?" && !strings.HasPrefix(gap.Question, "xxx") {
			t.Errorf("%q is kept as a gap", gap.Question)
		}
	}
	if _, ok := last.Find("Tell me when known"); !ok {
		t.Error("what the facts don't say can't be waited for")
	}
}

// TestGapWays holds that a question is kept in the remaining ways to ask: the message command, and the form for a follow-up.
func TestGapWays(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, bob, general, me := g.s.User("alice"), g.s.User("bob"), g.s.General(), g.s.BotUser().Mention()
	said, err := alice.Say(general, "who is the conductor of the choir?")
	if err != nil {
		t.Fatal(err)
	}
	g.answer(bob.MessageCommand(said, askFacts))
	gap := g.gapsKept(1, 1)[0]
	if a := gap.Asked[0]; a.Question != "who is the conductor of the choir?" || a.UserID != bob.ID || a.MessageID != "" {
		t.Errorf("by message command: %+v", a)
	}
	_, answered := g.say(alice, general, me+" when will the bridge open?")
	declined := g.fill(bob, answered, "Follow up", discordtest.Values{"question": "and how many calories are in a banana?"})
	for _, one := range g.gapsKept(2, 2) {
		if a := one.Asked[0]; one.Key != gap.Key && (a.Question != "and how many calories are in a banana?" || len(a.History) != 1 || a.UserID != bob.ID || a.MessageID != declined.ID) {
			t.Errorf("by form: %+v", a)
		}
	}
}

// TestGapOfFollowUp holds that a follow-up is kept with what it follows, and is asked so again; and that "None of these" is a gap.
func TestGapOfFollowUp(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, general, me := g.s.User("alice"), g.s.General(), g.s.BotUser().Mention()
	_, first := g.say(alice, general, me+" when will the bridge open?")
	declined := g.reply(alice, first, "and how do I install Python on my laptop?")
	gap := g.gapsKept(1, 1)[0]
	if gap.Question != "and how do I install Python on my laptop?" || len(gap.Asked[0].History) != 1 || gap.Asked[0].History[0] != "when will the bridge open?" {
		t.Fatalf("a follow-up is kept as %+v", gap)
	}
	g.click(alice, declined, "Tell me when known")

	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	none := g.click(alice, tie, "None of these")
	all := g.gapsKept(2, 2)
	at := slices.IndexFunc(all, func(gap journal.Gap) bool { return gap.Question == "how was the vote on the bridge?" })
	if at < 0 || all[at].Asked[0].MessageID != none.ID {
		t.Errorf("None of these is kept as %+v", all)
	}
	if _, ok := none.Find("Tell me when known"); !ok {
		t.Errorf("after None of these there are %q", none.Buttons())
	}

	g.write("bridge.yaml", laptop)
	m, err := g.s.WaitMessage(g.ctx, g.s.ReplyTo(declined.ID))
	if err != nil || !strings.Contains(m.Content, "one press") {
		t.Errorf("a follow-up is answered later with %q, %v\n%s", m.Content, err, g.log)
	}
}

// TestGapLate holds that a gap that is kept after the facts that fill it have come does not stay on the list, and that who presses its button
// then is answered at once.
func TestGapLate(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	turns := []string{"where will the bridge be built?"}
	posted := &Message{ID: "7", ChannelID: g.s.General().ID, Content: signQuestion + turns[0], Author: User{ID: g.s.BotUser().ID},
		Components: offering(customID(routeTell, gapKey(turns)))}
	g.bot.gaps.declined(gapKey(turns), turns, asking{asker: "5", guild: g.s.Home().ID}, "an earlier version")(g.ctx, posted)
	g.gapsKept(0, 0)
	if n := counter(t, g.bot, "footnote_gaps_total", "asked"); n != 1 {
		t.Errorf("%v gaps were kept before, want 1", n)
	}
	g.bot.gaps.filling.Lock() // or the look that emptied the list, still under way, may find that she waits and tell her itself
	r := g.bot.handlers.Buttons[routeTell].Handle(g.ctx, &Interaction{CustomID: customID(routeTell, gapKey(turns)), Message: posted, User: User{ID: "6"}, ChannelID: posted.ChannelID})
	g.bot.gaps.filling.Unlock()
	if !r.Private || !strings.Contains(r.Content, "old ferry landing") {
		t.Errorf("the button says %q", r.Content)
	}
	g.untilNoWaits()
}

// TestOutOfScope holds that what moderators have put out of scope is declined politely, and kept no more.
func TestOutOfScope(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, general := g.s.User("alice"), g.s.General()
	alice.SetLocale("ja")
	if err := g.opts.Journal.SetScope(g.ctx, journal.Scope{Key: gapKey([]string{"Who is the queen of Sweden?"})}); err != nil {
		t.Fatal(err)
	}
	if err := g.bot.gaps.scopes.Refresh(g.ctx, gapKey([]string{"Who is the queen of Sweden?"})); err != nil {
		t.Fatal(err)
	}
	m := g.slash(alice, general, "ask", discordtest.Args{"question": "who's sweden's queen", "private": true})
	if _, ok := m.Find("わかったら教えて"); ok || !strings.Contains(m.Content, languages["ja"].OutOfScope) {
		t.Errorf("what is out of scope is declined with %q %q", m.Content, m.Buttons())
	}
	g.gapsKept(0, 0)
}

// TestTellOthersButton tries a button of somebody else's, a forged one, and one whose question is gone.
func TestTellOthersButton(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, bob, general, me := g.s.User("alice"), g.s.User("bob"), g.s.General(), g.s.BotUser().Mention()
	asked, declined := g.say(alice, general, me+" who is the conductor of the choir?")
	key := g.gapsKept(1, 1)[0].Key
	if err := alice.Delete(asked); err != nil {
		t.Fatal(err)
	}
	if m := g.click(bob, declined, "Tell me when known"); m.Content != languages["en"].TellHere || m.VisibleTo != bob {
		t.Errorf("bob is told %q", m.Content)
	}
	waits, err := g.opts.Journal.Waits(g.ctx)
	if err != nil || len(waits) != 1 || waits[0].UserID != bob.ID {
		t.Errorf("bob's press is kept as %+v, %v", waits, err)
	}
	posted := &Message{ID: declined.ID, ChannelID: general.ID, Content: declined.Content}
	posted.Author.ID = g.s.BotUser().ID
	for name, c := range map[string]struct {
		id   string
		on   *Message
		want string
	}{
		"no key":               {routeTell, posted, languages["en"].QuestionGone},
		"no message":           {customID(routeTell, key), nil, languages["en"].QuestionGone},
		"a key of nothing":     {customID(routeTell, "00000000000000000000000000000000"), posted, languages["en"].QuestionGone},
		"a key NATS would not": {customID(routeTell, "*.>"), posted, languages["en"].QuestionGone},
		"another message":      {customID(routeTell, key), &Message{ID: "1", ChannelID: general.ID, Author: posted.Author}, languages["en"].TellHere},
	} {
		if c.on != nil {
			c.on.Components = offering(c.id)
		}
		r := g.bot.handlers.Buttons[routeTell].Handle(g.ctx, &Interaction{CustomID: c.id, Message: c.on, User: User{ID: "77" + itoa(len(name))}, ChannelID: general.ID, GuildID: g.s.Home().ID})
		if r.Content != c.want || !r.Private {
			t.Errorf("%s: %q, want %q", name, r.Content, c.want)
		}
	}
}

// TestMaxWaits holds that one member can't have more kept than so many wishes.
func TestMaxWaits(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, general := g.s.User("alice"), g.s.General()
	for n := range maxWaits {
		if _, err := g.opts.Journal.Tell(g.ctx, journal.Wait{Key: "k" + itoa(n), UserID: alice.ID, Question: "xyzzy?"}); err != nil {
			t.Fatal(err)
		}
	}
	declined := g.slash(alice, general, "ask", discordtest.Args{"question": "Who is the queen of Sweden?"})
	if m := g.click(alice, declined, "Tell me when known"); m.Content != languages["en"].TellFull {
		t.Errorf("one more wish is answered with %q", m.Content)
	}
}

// TestJournalDown holds that members are answered whatever the journal does.
func TestJournalDown(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	alice, general, me := g.s.User("alice"), g.s.General(), g.s.BotUser().Mention()
	_, before := g.say(alice, general, me+" who is the conductor of the choir?")
	g.gapsKept(1, 1)
	if err := g.opts.Journal.Close(); err != nil {
		t.Fatal(err)
	}
	if _, m := g.say(alice, general, me+" when will the bridge open?"); !strings.Contains(m.Content, "June 2025") {
		t.Errorf("answered with %q", m.Content)
	}
	if _, m := g.say(alice, general, me+" who is the queen of Sweden?"); !strings.Contains(m.Content, "don't say") {
		t.Errorf("declined with %q", m.Content)
	}
	if m := g.click(alice, before, "Tell me when known"); m.Content != wentWrong {
		t.Errorf("the button says %q", m.Content)
	}
	g.stop()
	for _, what := range []string{"gap", "wait"} {
		if n := counter(t, g.bot, "footnote_journal_errors_total", what); n == 0 {
			t.Errorf("no error of %s is counted", what)
		}
	}
}

// counter reads a counter of the bot's by the value of its label.
func counter(t *testing.T, b *Bot, name, label string) float64 {
	t.Helper()
	all, err := b.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, m := range f.Metric {
			if f.GetName() == name && len(m.Label) == 1 && m.Label[0].GetValue() == label {
				return m.Counter.GetValue()
			}
		}
	}
	return 0
}

// TestToldBySeveral holds that of several processes on one journal one tells each member.
func TestToldBySeveral(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	general := g.s.General()
	const waiting = 30
	for n := range waiting {
		if _, err := g.opts.Journal.Tell(g.ctx, journal.Wait{Key: gapKey([]string{"where will the bridge be built?"}), Question: "where will the bridge be built?",
			UserID: g.s.User("member " + itoa(n)).ID, GuildID: g.s.Home().ID, ChannelID: general.ID, At: g.s.Clock().Now()}); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for range 4 {
		o := g.opts
		o.Discord, o.Now = g.s.URL(), g.s.Clock().Now
		b, err := New(g.base, g.s.Token(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer b.rest.client.CloseIdleConnections()
		all.Go(func() { b.gaps.fillGaps(g.ctx) })
	}
	all.Wait()
	g.untilNoWaits()
	told := map[string]int{}
	for _, m := range general.Messages() {
		told[readHead(m.Content).told]++
	}
	if len(told) != waiting {
		t.Errorf("%d members were told, want %d", len(told), waiting)
	}
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
}

// TestToldOnce holds that a member is told exactly once, whatever becomes of the process that tells.
func TestToldOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		crash  func(g *stage, w journal.Wait) // leaves what a process leaves that ends while it tells
		faces  []discordtest.Fault
		direct bool // told in a direct message
	}{
		{name: "no crash"},
		{name: "ended before it posted", crash: func(g *stage, w journal.Wait) {
			if _, mine, err := g.opts.Journal.StartTelling(g.ctx, w, journal.Telling{At: g.s.Clock().Now(), ChannelID: w.ChannelID}); !mine || err != nil {
				g.t.Fatal(mine, err)
			}
		}},
		{name: "ended after it posted", crash: func(g *stage, w journal.Wait) {
			now := g.s.Clock().Now()
			if _, mine, err := g.opts.Journal.StartTelling(g.ctx, w, journal.Telling{At: now, ChannelID: w.ChannelID, Facts: []journal.Shown{{Fact: "conductor", Posted: "r", Now: "r"}}}); !mine || err != nil {
				g.t.Fatal(mine, err)
			}
			a, _ := g.bot.gaps.ask(g.ctx, w.Question, w.History)
			if _, err := g.bot.rest.CreateMessage(g.ctx, w.ChannelID, w.MessageID, "another nonce", newTold(w, a)); err != nil {
				g.t.Fatal(err)
			}
		}},
		{name: "Discord's answer was cut", faces: []discordtest.Fault{{Method: http.MethodPost, Path: "/channels/*/messages", CutAfter: true}}},
		{name: "the channel was closed to the bot", crash: func(g *stage, _ journal.Wait) {
			g.s.General().Deny(g.s.BotUser(), discordtest.SendMessages)
		}},
		{name: "the bot was switched off there", direct: true, crash: func(g *stage, _ journal.Wait) {
			if _, err := g.bot.settings.set(g.ctx, g.s.Home().ID, func(s *journal.Settings) bool { s.Mode = journal.Off; return true }); err != nil {
				g.t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newKept(t, "testdata/dialogue", discordtest.Options{})
			alice, general, me := g.s.User("alice"), g.s.General(), g.s.BotUser().Mention()
			_, declined := g.say(alice, general, me+" who is the conductor of the choir?")
			g.gapsKept(1, 1)
			g.click(alice, declined, "Tell me when known")
			waits, err := g.opts.Journal.Waits(g.ctx)
			if err != nil || len(waits) != 1 {
				t.Fatal(waits, err)
			}
			g.bot.gaps.filling.Lock() // the bot's own filling waits till the stage is set
			g.write("bridge.yaml", conductor)
			for g.base.Set().Fact("conductor") == nil {
				if g.ctx.Err() != nil {
					t.Fatal("the facts did not change")
				}
				time.Sleep(time.Millisecond)
			}
			if c.crash != nil {
				c.crash(g, waits[0])
			}
			for _, f := range c.faces {
				g.s.Fault(f)
			}
			g.bot.gaps.filling.Unlock()
			g.bot.gaps.fillGaps(g.ctx)
			g.bot.gaps.fillGaps(g.ctx)
			g.s.Advance(journal.TellingLasts)
			g.bot.gaps.finish(g.ctx)
			g.bot.gaps.fillGaps(g.ctx)
			g.untilNoWaits()
			n := 0
			for _, ch := range []*discordtest.Channel{general, alice.DMChannel()} {
				for _, m := range ch.Messages() {
					if strings.HasPrefix(m.Content, signTold) {
						n++
						if c.direct && ch == general {
							t.Error("told where the bot is switched off")
						}
						if p, ok, err := g.opts.Journal.Answer(g.ctx, m.ID); err != nil || !ok || p.Asker != alice.ID {
							t.Errorf("the answer is kept as %+v, %v, %v", p, ok, err)
						}
					}
				}
			}
			if n != 1 {
				t.Errorf("told %d times\n%s", n, g.log)
			}
		})
	}
}
