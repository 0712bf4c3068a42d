package bot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// replace changes a fact file, as an editor on disk does, and has the facts reloaded.
func (g *stage) replace(name, old, new string) {
	g.t.Helper()
	path := filepath.Join(g.opts.Facts, name)
	data, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		g.t.Fatalf("%q stands %d times in %s", old, strings.Count(string(data), old), name)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		g.t.Fatal(err)
	}
	if _, _, problems, err := g.base.Reload(g.ctx); err != nil || knowledge.HasErrors(problems) {
		g.t.Fatal(err, problems)
	}
}

// untilTrue waits until every kept answer that can be edited says what the facts say now, and the facts are remembered.
func (g *stage) untilTrue() {
	g.t.Helper()
	for {
		left := 0
		set := g.base.Set()
		for p, err := range g.opts.Journal.Answers(g.ctx) {
			if err != nil {
				g.t.Fatalf("%v\n%s", err, g.log)
			}
			for _, s := range p.Facts {
				if p.Lost == "" && s.Now != revision(set.Fact(s.Fact)) {
					left++
				}
			}
		}
		if left > 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(g.ctx, time.Second) // what is written anew meanwhile can't be read to its end
		data, _, err := g.opts.Journal.Remembered(ctx)
		cancel()
		if err != nil {
			continue
		}
		if r, err := unpack(data); err == nil && r.Version == set.Version {
			return
		}
	}
}

// now is a message as it is now.
func (g *stage) now(m discordtest.Message) discordtest.Message {
	g.t.Helper()
	got, ok := g.s.Message(m.ID)
	if !ok {
		g.t.Fatalf("the message %q is not there", m.Content)
	}
	return got
}

// edits counts how often each message was edited through its channel, as living answers are.
func (g *stage) edits() map[string]int {
	counts := map[string]int{}
	for _, r := range g.s.Requests() {
		if r.Method == "PATCH" && r.Route == "/channels/{channel_id}/messages/{message_id}" && r.Status == 200 {
			counts[r.Path[strings.LastIndexByte(r.Path, '/')+1:]]++
		}
	}
	return counts
}

// TestLiving is how answers correct themselves, posted in every way there is. It is written down in testdata/dialogue/living.txt.
func TestLiving(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob := s.User("alice"), s.User("bob")
	general, me := s.General(), s.BotUser().Mention()
	g.untilTrue()

	_, mentioned := g.say(alice, general, me+" when will the bridge open?")
	slashed := g.slash(bob, general, "ask", discordtest.Args{"question": "when does the bridge open?"})
	_, direct := g.say(bob, bob.DMChannel(), "when will the bridge open?")
	fact := g.slash(bob, general, "fact", discordtest.Args{"id": "bridge-opening"})
	private := g.slash(alice, general, "ask", discordtest.Args{"question": "When will the bridge open?", "private": true})
	i, err := alice.Click(private, "Share in channel")
	if err != nil {
		t.Fatal(err)
	}
	follow, err := i.Followups(g.ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	shared := follow[0]
	_, about := g.say(alice, general, me+" what is this about?")
	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	picked := g.click(alice, tie, "How did the town council vote on the bridge?")
	_, other := g.say(bob, general, me+" how much will the bridge cost?")
	g.scene("Answers, posted in every way there is")
	opening := []discordtest.Message{mentioned, slashed, direct, fact, shared, about}
	for len(kept(g)) < len(opening)+2 { // an answer is noted after it is seen
	}

	g.replace("bridge.yaml", "open in June 2025", "open in May 2026")
	g.untilTrue()
	g.scene("The fact is corrected in its file: each answer that says it is edited")
	for _, m := range opening {
		if got := g.now(m); !strings.Contains(got.Content, "open in May 2026. [") || !strings.Contains(got.Content, "open in June 2025.”") {
			t.Errorf("not corrected: %s", got.Content)
		}
	}

	g.replace("bridge.yaml", "status: planned", "status: withdrawn")
	g.untilTrue()
	g.scene("It is withdrawn")
	for _, m := range opening {
		got := g.now(m)
		if !strings.Contains(got.Content, "~~The bridge is planned to open in June 2025.~~") || strings.Contains(got.Content, "June 2025.~~ [") {
			t.Errorf("not struck out: %s", got.Content)
		}
		if _, ok := got.Find("Why this?"); ok != (m.ID == about.ID) {
			t.Errorf("its buttons: %q", got.Buttons())
		}
		if _, ok := got.Find("🗑"); !ok {
			t.Errorf("it can't be removed: %q", got.Buttons())
		}
	}

	g.restart()
	g.replace("bridge.yaml", "open in May 2026", "open in June 2025")
	g.replace("bridge.yaml", "status: withdrawn", "status: planned")
	g.untilTrue()
	g.scene("After a restart it is again what it was, and so are the answers")
	for _, m := range opening {
		got := g.now(m)
		if got.Content != m.Content || strings.Join(got.Buttons(), "|") != strings.Join(m.Buttons(), "|") {
			t.Errorf("not as it was:\n%s %q\nbut\n%s %q", m.Content, m.Buttons(), got.Content, got.Buttons())
		}
	}

	g.replace("bridge.yaml", "    status: planned\n    said_by: the mayor, Ann Okoro\n", "    status: superseded\n    superseded_by: bridge-plan\n")
	g.untilTrue()
	g.scene("It is superseded by another")

	removed := g.click(alice, g.now(shared), "🗑")
	if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return m.ID == removed.ID && m.Deleted }); err != nil {
		t.Fatal(err)
	}
	g.replace("bridge.yaml", "The town council voted for the bridge in March 2023, nine to four.", "The town council voted for the bridge in March 2023, ten to three.")
	g.untilTrue()
	g.scene("Alice removes one; then the fact that she picked is corrected")
	if got := g.now(picked); !strings.Contains(got.Content, "ten to three. [1]") {
		t.Errorf("what was picked is not corrected: %s", got.Content)
	}

	for id, n := range g.edits() {
		want := 5 // corrected, withdrawn, its text put back while it is withdrawn (which changes nothing), restored, superseded
		switch id {
		case picked.ID:
			want = 1
		}
		if n > want {
			t.Errorf("%d edits of one message, want at most %d", n, want)
		}
	}
	if g.edits()[other.ID] != 0 {
		t.Error("an answer whose facts did not change was edited")
	}
	if strings.Contains(g.log.String(), "level=ERROR") {
		t.Errorf("the log has errors:\n%s", g.log)
	}
	g.golden("living.txt")
}

// kept lists the answers that are kept.
func kept(g *stage) []journal.Posted {
	g.t.Helper()
	var all []journal.Posted
	for p, err := range g.opts.Journal.Answers(g.ctx) {
		if err != nil {
			g.t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// TestLivingMany corrects many posted answers under rate limits, with a restart in the middle. Discord's limits are 5 edits in 5 seconds in a
// channel and 50 requests a second in all. With FOOTNOTE_LIVING set there are 500 answers in 20 channels and the limits are these; without, 100 answers in
// 4 channels, and the first limit is for a fifth of a second.
func TestLivingMany(t *testing.T) {
	const inEach = 25
	channels, per := 4, 200*time.Millisecond
	g := newKept(t, "testdata/dialogue", discordtest.Options{Clock: discordtest.RealClock{}})
	g.stop()
	if os.Getenv("FOOTNOTE_LIVING") != "" {
		channels, per = 20, 5*time.Second
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		t.Cleanup(cancel)
		g.ctx = ctx
	} else {
		g.prep = func(b *Bot) { b.living.every = 40 * time.Millisecond }
	}
	g.start()
	s := g.s
	s.Limit("PATCH", "/channels/{channel_id}/messages/{message_id}", 5, per)
	s.LimitGlobal(50)
	g.untilTrue()

	ask := func(question string, rooms ...*discordtest.Channel) []discordtest.Message {
		var mu sync.Mutex
		var answers []discordtest.Message
		var all errgroup.Group
		for c, room := range rooms {
			all.Go(func() error {
				for n := range inEach {
					in, err := s.User(fmt.Sprintf("%s-%d-%d", room.Name, c, n/5)).Slash(room, "ask", discordtest.Args{"question": question})
					if err != nil {
						return err
					}
					m, err := in.Answer(g.ctx)
					if err != nil {
						return err
					}
					mu.Lock()
					answers = append(answers, m)
					mu.Unlock()
				}
				return nil
			})
		}
		if err := all.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, g.log)
		}
		return answers
	}
	var rooms []*discordtest.Channel
	for n := range channels {
		rooms = append(rooms, s.Home().Channel(fmt.Sprint("room", n)))
	}
	opening := ask("When will the bridge open?", rooms...)
	other := ask("How much will the bridge cost?", s.Home().Channel("money"), s.Home().Channel("more-money"))
	for len(kept(g)) < len(opening)+len(other) {
	}
	asked := len(s.Requests())

	began := time.Now()
	g.replace("bridge.yaml", "open in June 2025", "open in May 2026")
	for half := 0; half < len(opening)/2; {
		if _, err := s.WaitRequest(g.ctx, func(r discordtest.Request) bool { return r.N > asked+half && r.Method == "PATCH" }); err != nil {
			t.Fatal(err)
		}
		half = 0
		for _, n := range g.edits() {
			half += n
		}
	}
	first := g.edits()
	g.restart()
	again := g.edits()
	g.untilTrue()
	took := time.Since(began)

	edits, twice, forgotten := g.edits(), 0, 0
	for _, m := range opening {
		if got := g.now(m); !strings.Contains(got.Content, "open in May 2026. [1]") || !strings.Contains(got.Content, "open in June 2025.”") {
			forgotten++
		}
		if edits[m.ID] > 1 {
			twice++
		}
		delete(edits, m.ID)
	}
	byStatus, byMethod := map[int]int{}, map[string]int{}
	for _, r := range s.Requests()[asked:] {
		byStatus[r.Status]++
		if r.Status == 429 {
			t.Logf("429: %s %s at %v", r.Method, r.Path, r.At.Sub(began))
		}
		if strings.HasPrefix(r.Route, "/channels/") {
			byMethod[r.Method]++
		}
	}
	t.Logf("%d posted answers of the corrected fact in %d channels, %d of another; limit 5 edits in %v a channel, 50 requests a second; every %v", len(opening), channels, len(other), per, g.bot.living.every)
	t.Logf("%d edited when it was told to restart, %d when it ended; all after %v", len(first), len(again), took.Round(time.Millisecond))
	t.Logf("edited twice: %d; forgotten: %d; other messages edited: %d; requests: %d GET, %d PATCH; answers by status: %v", twice, forgotten, len(edits), byMethod["GET"], byMethod["PATCH"], byStatus)
	if twice > 0 || forgotten > 0 || len(edits) > 0 || len(again) >= len(opening) {
		t.Error("some answers were edited twice, forgotten, or edited though their facts did not change; or nothing was left for after the restart")
	}
	if byStatus[429] > 0 {
		t.Errorf("%d requests were too fast", byStatus[429])
	}
}
