package bot

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// TestRestart asks while the bot is not there: in a channel, in one where nothing was ever said, in a thread, and in a direct message. The next process answers
// each once, and nothing that is older than ten minutes. What it answered the one after does not answer again.
func TestRestart(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, general, me := s.User("alice"), s.User("bob"), s.General(), s.BotUser().Mention()
	other, thread := s.Home().Channel("other"), general.Thread("bridges")
	g.say(alice, general, me+" when will the bridge open?")
	g.say(bob, bob.DMChannel(), "when will the bridge open?")
	g.leave()

	say := func(u *discordtest.User, c *discordtest.Channel, text string) discordtest.Message {
		t.Helper()
		m, err := u.Say(c, text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	stale := []discordtest.Message{say(alice, general, me+" how much will the bridge cost?"), say(bob, bob.DMChannel(), "how much will the bridge cost?")}
	s.Advance(caughtUpWithin + time.Minute)
	var fresh []discordtest.Message
	for n := range 150 { // more than one request gives
		say(alice, general, "chatter "+itoa(n))
	}
	for _, c := range []*discordtest.Channel{general, other, thread} {
		fresh = append(fresh, say(alice, c, me+" where will the bridge be built?"))
	}
	fresh = append(fresh, say(bob, bob.DMChannel(), "where will the bridge be built?"))
	for range 2 {
		g.start()
		for _, m := range fresh {
			g.replyTo(m)
		}
		g.leave()
	}
	for _, c := range []*discordtest.Channel{general, other, thread, bob.DMChannel()} {
		replies := map[string]int{}
		for _, m := range c.Messages() {
			replies[m.ReplyTo]++
		}
		for _, m := range append(slices.Clone(stale), fresh...) {
			want := 1
			if m.Content == stale[0].Content || m.Content == stale[1].Content {
				want = 0
			}
			if m.Channel == c && replies[m.ID] != want {
				t.Errorf("%q of %s is answered %d times, want %d", m.Content, m.Author.Name, replies[m.ID], want)
			}
		}
	}
	for _, r := range s.Refusals() {
		t.Errorf("refused: %s", r)
	}
}

// TestRestartFresh asks on a server where nothing was said before, after the bot was there once.
func TestRestartFresh(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	g.leave()
	m, err := g.s.User("alice").Say(g.s.General(), g.s.BotUser().Mention()+" when will the bridge open?")
	if err != nil {
		t.Fatal(err)
	}
	g.start()
	g.replyTo(m)
}

// TestRestartWhileEnding asks while the bot still gives its last answer and takes on nothing new: the next process answers that, and the last answer stays
// the only one.
func TestRestartWhileEnding(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, general, me := s.User("alice"), s.General(), s.BotUser().Mention()
	hold := s.Hold("POST", "/channels/"+general.ID+"/messages")
	last := must(t)(alice.Say(general, me+" when will the bridge open?"))
	if err := hold.Wait(g.ctx, 1); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		g.stop()
	}()
	for !g.bot.ending() {
		if g.ctx.Err() != nil {
			t.Fatal("it does not end")
		}
	}
	late := must(t)(alice.Say(general, me+" where will the bridge be built?"))
	late2 := must(t)(alice.Say(alice.DMChannel(), "where will the bridge be built?")) // her first there, which it may not even have heard
	for !g.bot.seen.has(late2.ID) {
		if g.ctx.Err() != nil {
			t.Fatal("it does not hear it")
		}
	}
	hold.Release()
	<-over
	g.leave()
	g.start()
	for _, m := range []discordtest.Message{last, late, late2} {
		g.replyTo(m)
	}
	g.leave()
	for _, m := range append(general.Messages(), alice.DMChannel().Messages()...) {
		if m.Author != alice {
			continue
		}
		n := 0
		for _, a := range m.Channel.Messages() {
			if a.ReplyTo == m.ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q is answered %d times", m.Content, n)
		}
	}
}

// TestHeardForgets holds that channels in which nothing is said any more, such as threads by the hundred thousand, take bounded memory.
func TestHeardForgets(t *testing.T) {
	h := newHeard()
	start := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for n := range 5 * maxLines {
		id := strconv.FormatUint(atOrAfter(start.Add(time.Duration(n)*time.Second)), 10)
		h.message("1", id, "5", id)
		h.done(id, id)
	}
	if n := len(h.channels); n > maxLines+int(quietFor/1000>>22)+1 {
		t.Errorf("%d channels are kept in mind", n)
	}
}

// TestHeardOfMember checks what is kept of a member who writes directly: two ids, which /privacy tells and deletes.
func TestHeardOfMember(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, general := s.User("alice"), s.User("bob"), s.General()
	said, _ := g.say(alice, alice.DMChannel(), "when will the bridge open?")
	g.say(bob, bob.DMChannel(), "when will the bridge open?")
	g.restart()
	of := func(u *discordtest.User) (all []journal.Heard) {
		kept, err := g.opts.Journal.AllHeard(g.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range kept {
			if h.UserID == u.ID {
				all = append(all, h)
			}
		}
		return all
	}
	if h := of(alice); len(h) != 1 || h[0].ChannelID != alice.DMChannel().ID || snowflake(h[0].Last) < snowflake(said.ID) {
		t.Errorf("of alice is kept %+v", h)
	}
	shown := g.slash(alice, general, "privacy", nil)
	if !strings.Contains(shown.Content, "1 direct message channel") {
		t.Errorf("/privacy says %s", shown.Content)
	}
	g.click(alice, g.click(alice, shown, "Delete mine"), "Yes, delete it")
	if h := of(alice); len(h) > 0 {
		t.Errorf("of alice is still kept %+v", h)
	}
	if m := g.slash(alice, general, "privacy", nil); !strings.HasSuffix(m.Content, speak("").PrivacyNothing) {
		t.Errorf("/privacy says afterwards %s", m.Content)
	}
	g.leave()
	if h := of(alice); len(h) > 0 {
		t.Errorf("of alice is kept again %+v", h)
	}
	if h := of(bob); len(h) != 1 {
		t.Errorf("of bob is kept %+v", h)
	}
}

// TestKilled kills the bot with answers on their way, asks on while it is gone, and starts it again: each question is answered once, also those whose answer
// Discord took from the dead.
func TestKilled(t *testing.T) {
	ctx := within(t, time.Minute)
	p := newProcess(t, ctx)
	p.s = discordtest.New(t, discordtest.Options{Clock: discordtest.RealClock{}})
	s := p.s
	alice, general, me := s.User("alice"), s.General(), s.BotUser().Mention()
	p.start("posted 3")
	if err := s.WaitReady(ctx, 1); err != nil || !p.until("passed") {
		t.Fatalf("%v\n%s", err, p.log)
	}
	var asked []discordtest.Message
	say := func(c *discordtest.Channel, text string) {
		t.Helper()
		m, err := alice.Say(c, text)
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, m)
	}
	say(general, me+" when will the bridge open?")
	say(alice.DMChannel(), "when will the bridge open?")
	for _, m := range asked {
		if _, err := s.WaitMessage(ctx, s.ReplyTo(m.ID)); err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
	}
	// Of one answer nothing arrives, and of the other the bot is killed before it has noted so.
	lost, arrives := s.Home().Channel("lost"), s.Home().Channel("arrives")
	s.Fault(discordtest.Fault{Method: "POST", Path: "/channels/" + lost.ID + "/messages", Times: -1}.ServerError(502))
	say(lost, me+" where will the bridge be built?")
	if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool { return r.Fault && r.Method == "POST" }); err != nil {
		t.Fatal(err)
	}
	say(arrives, me+" where will the bridge be built?")
	p.ended()
	s.ClearFaults()
	say(general, me+" where will the bridge be built?")
	say(alice.DMChannel(), "where will the bridge be built?")
	say(s.Home().Channel("other"), me+" where will the bridge be built?")
	p.start("")
	for _, m := range asked {
		if _, err := s.WaitMessage(ctx, s.ReplyTo(m.ID)); err != nil {
			t.Fatalf("%q in %s is not answered: %v\n%s", m.Content, m.Channel.Name, err, p.log)
		}
	}
	p.end()
	for _, m := range asked {
		n := 0
		for _, a := range m.Channel.Messages() {
			if a.ReplyTo == m.ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q in %s is answered %d times", m.Content, m.Channel.Name, n)
		}
	}
}
