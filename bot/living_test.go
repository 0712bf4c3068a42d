package bot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/bot/journal/journaltest"
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
	g.leave()
	stopped := len(s.Requests())
	g.start()
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
	byStatus, byMethod, fast, met := map[int]int{}, map[string]int{}, 0, map[string]bool{}
	for _, r := range s.Requests()[asked:] {
		channel, _, _ := strings.Cut(r.Path, "/messages/")
		byStatus[r.Status]++
		if r.Status == 429 {
			t.Logf("429: %s %s at %v", r.Method, r.Path, r.At.Sub(began))
			// A process that has just started can't know what of the limit the one before it used up.
			if r.N <= stopped || met[channel] {
				fast++
			}
		}
		if r.N > stopped && r.Method == "PATCH" {
			met[channel] = true
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
	if fast > 0 {
		t.Errorf("%d requests were too fast", fast)
	}
}

// untilKept waits until so many answers are kept.
func (g *stage) untilKept(n int) {
	g.t.Helper()
	for have := -1; have != n; have = len(kept(g)) {
		if g.ctx.Err() != nil {
			g.t.Fatalf("%d answers are kept, want %d\n%s", have, n, g.log)
		}
	}
}

// TestLivingLost holds that answers which can't be edited any more are passed over, and keep no other from being corrected.
func TestLivingLost(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, me := s.User("alice"), s.BotUser().Mention()
	closed, open := s.Home().Channel("closed"), s.Home().Channel("open")
	g.untilTrue()
	ask := func(c *discordtest.Channel) discordtest.Message {
		_, m := g.say(alice, c, me+" when will the bridge open?")
		g.s.Advance(time.Minute)
		return m
	}
	shut, gone, deleted, stays := ask(closed), ask(open), ask(open), ask(open)
	g.untilKept(4)

	// A moderator deletes one while the bot is there: it is forgotten. Another goes while the bot is away.
	mod := s.User("mod")
	s.Home().Add(mod, s.Home().Role("moderators", discordtest.ManageMessages))
	if err := mod.Delete(deleted); err != nil {
		t.Fatal(err)
	}
	g.untilKept(3)
	g.leave()
	if err := mod.Delete(gone); err != nil {
		t.Fatal(err)
	}
	closed.Deny(s.Home().Everyone(), discordtest.ViewChannel)
	g.replace("bridge.yaml", "open in June 2025", "open in May 2026")
	s.Advance(time.Hour)
	g.start()
	g.untilTrue()
	if got := g.now(stays); !strings.Contains(got.Content, "open in May 2026. [1]") || g.edits()[stays.ID] != 1 {
		t.Errorf("the one that is left is not corrected once: %s", got.Content)
	}
	lost := map[string]string{}
	for _, p := range kept(g) {
		lost[p.MessageID] = p.Lost
	}
	if lost[shut.ID] != "no permission" || lost[gone.ID] != "deleted" || lost[stays.ID] != "" {
		t.Errorf("lost: %v", lost)
	}
	tried := len(s.Requests())
	g.replace("bridge.yaml", "open in May 2026", "open in June 2026")
	g.untilTrue()
	for _, r := range s.Requests()[tried:] {
		if strings.Contains(r.Path, shut.ID) || strings.Contains(r.Path, gone.ID) {
			t.Errorf("tried again: %s %s", r.Method, r.Path)
		}
	}

	// What is older than answers are kept is let be, though it was edited lately.
	s.Advance(journal.DefaultRetention - 30*time.Minute)
	g.replace("bridge.yaml", "open in June 2026", "open in July 2026")
	g.untilKept(0)
	if n := g.edits()[stays.ID]; n != 2 {
		t.Errorf("an answer older than is kept was edited: %d edits", n)
	}
	s.ClearRefusals()
}

// TestLivingNoHistory holds that a correction reaches an answer in a channel whose history the bot may not read.
func TestLivingNoHistory(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	rules := s.Home().Channel("rules")
	rules.Deny(s.BotUser(), discordtest.ReadMessageHistory)
	if _, err := s.User("alice").Say(rules, s.BotUser().Mention()+" how much will the bridge cost?"); err != nil {
		t.Fatal(err)
	}
	posted := func(text string) {
		t.Helper()
		if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool {
			return s.ByBot(m) && m.Channel == rules && strings.HasPrefix(m.Content, "-# ❓ how much will the bridge cost?\n"+text)
		}); err != nil {
			t.Fatalf("%v\n%s", err, g.log)
		}
	}
	posted("The bridge is to cost 40 million crowns. [1]")
	g.untilKept(1)
	g.replace("bridge.yaml", "The bridge is to cost 40 million crowns.", "The bridge is to cost 52 million crowns.")
	posted("The bridge is to cost 52 million crowns. [1]")
}

// TestLivingDown holds that what changed while no bot ran is written down as done on disk, and reaches back.
func TestLivingDown(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, me := s.User("alice"), s.BotUser().Mention()
	g.untilTrue()
	_, opening := g.say(alice, s.General(), me+" when will the bridge open?")
	_, cost := g.say(alice, s.General(), me+" how much will the bridge cost?")
	g.untilKept(2)
	g.leave()
	s.Advance(time.Hour)
	g.replace("bridge.yaml", "open in June 2025", "open in May 2026")
	g.replace("bridge.yaml", "  - id: bridge-cost\n    text: The bridge is to cost 40 million crowns.\n    cite: [{paragraph: 5, section: The money}]\n    topics: [money]\n    asks: [How much will the bridge cost?]\n", "")
	g.write("bridge.yaml", conductor)
	if _, _, _, err := g.base.Reload(g.ctx); err != nil {
		t.Fatal(err)
	}
	g.start()
	g.untilTrue()
	if got := g.now(opening).Content; !strings.Contains(got, "open in May 2026. [1]") || !strings.Contains(got, "it said before: “The bridge is planned to open in June 2025.”") {
		t.Errorf("not corrected: %s", got)
	}
	if got := g.now(cost).Content; !strings.Contains(got, "~~The bridge is to cost 40 million crowns.~~\n-# 🚫 Withdrawn on <t:") || strings.Contains(got, "[1]") {
		t.Errorf("not struck out: %s", got)
	}
	edits, err := g.opts.Journal.Edits(g.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range edits {
		got = append(got, fmt.Sprintf("%s %s %s after %q: %q -> %q, %d -> %d bytes", e.Kind, e.State, e.Fact, e.Next, e.BeforeText, e.AfterText, len(e.Before), len(e.After)))
		if e.Path != "bridge.yaml" || e.FileBefore == "" || e.FileAfter == "" || e.FileBefore == e.FileAfter || e.By != "" || !e.At.Equal(s.Clock().Now()) {
			t.Errorf("%+v", e)
		}
	}
	if len(got) != 3 {
		t.Fatalf("edits on disk:\n%s", strings.Join(got, "\n"))
	}
	slices.Sort(got)
	for n, want := range []string{
		`disk done bridge-cost after "bridge-opening-first": "The bridge is to cost 40 million crowns." -> "",`,
		`disk done bridge-opening after "bridge-place": "The bridge is planned to open in June 2025." -> "The bridge is planned to open in May 2026.",`,
		`disk done conductor after "noise-neighbours": "" -> "Ada Lindqvist is the conductor of the choir.", 0 ->`} {
		if !strings.HasPrefix(got[n], want) {
			t.Errorf("edit %d is\n%s\nwant\n%s", n, got[n], want)
		}
	}
	g.restart()
	g.untilTrue()
	if again, err := g.opts.Journal.Edits(g.ctx); err != nil || len(again) != 3 {
		t.Errorf("after another start: %d edits, %v", len(again), err)
	}
}

// TestPending holds that an answer is found again, however it was posted, when the process ended before it was noted.
func TestPending(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob := s.User("alice"), s.User("bob")
	general, me := s.General(), s.BotUser().Mention()
	g.untilTrue()
	said, _ := g.say(alice, general, me+" when will the bridge open?")
	g.slash(bob, general, "ask", discordtest.Args{"question": "when will the bridge open?"})
	g.say(bob, bob.DMChannel(), "when will the bridge open?")
	private := g.slash(alice, general, "ask", discordtest.Args{"question": "When will the bridge open?", "private": true})
	i, err := alice.Click(private, "Share in channel")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Followups(g.ctx, 1); err != nil {
		t.Fatal(err)
	}
	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	g.click(alice, tie, "How did the town council vote on the bridge?")
	g.untilKept(5)
	before := map[string]journal.Posted{}
	triggers := map[string]string{}
	for _, p := range kept(g) {
		before[p.MessageID] = p
		m, _ := g.bot.rest.GetMessage(g.ctx, p.ChannelID, p.MessageID)
		switch {
		case m.Caused != nil:
			triggers[p.MessageID] = m.Caused.ID
		case m.Reference != nil:
			triggers[p.MessageID] = m.Reference.MessageID
		}
	}
	g.stop()
	j := g.opts.Journal
	for id, p := range before {
		pending := journal.Pending{Trigger: triggers[id], Posted: p}
		if id != tie.ID {
			pending.MessageID = ""
		}
		if err := j.Drop(g.ctx, id); err != nil {
			t.Fatal(err)
		}
		if err := j.Posting(g.ctx, pending); err != nil {
			t.Fatal(err)
		}
	}
	// One that was never posted.
	if err := j.Posting(g.ctx, journal.Pending{Trigger: said.ID, Part: 1, Posted: journal.Posted{ChannelID: general.ID, At: s.Clock().Now(), Facts: []journal.Shown{{Fact: "ferry-fate"}}}}); err != nil {
		t.Fatal(err)
	}
	g.s.Advance(time.Hour)
	g.start()
	for {
		ps, err := j.Pendings(g.ctx)
		if err != nil {
			t.Fatalf("%v\n%s", err, g.log)
		}
		if len(ps) == 0 {
			break
		}
	}
	after := kept(g)
	if len(after) != len(before) {
		t.Errorf("%d answers were found again, want %d", len(after), len(before))
	}
	for _, p := range after {
		if want := before[p.MessageID]; fmt.Sprint(p) != fmt.Sprint(want) {
			t.Errorf("found %v, want %v", p, want)
		}
	}
}

// TestLivingJournalAway holds that a journal that does not answer costs no member an answer: here its cluster has gone away, so that every write waits
// till it is given up.
func TestLivingJournalAway(t *testing.T) {
	url, stop := journaltest.Serve(t)
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	g.stop()
	away, err := journal.Open(g.ctx, journal.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { away.Close() })
	g.opts.Journal = away
	g.start()
	g.untilTrue()
	alice, me := g.s.User("alice"), g.s.BotUser().Mention()
	_, kept := g.say(alice, g.s.General(), me+" how much will the bridge cost?")
	g.untilKept(1)
	stop()
	began := time.Now()
	_, said := g.say(alice, g.s.General(), me+" when will the bridge open?")
	t.Logf("a mention was answered after %v", time.Since(began).Round(time.Millisecond))
	began = time.Now()
	slashed := g.slash(alice, g.s.General(), "ask", discordtest.Args{"question": "When will the bridge open?"})
	t.Logf("a command was answered after %v", time.Since(began).Round(time.Millisecond))
	for _, m := range []discordtest.Message{said, slashed} {
		if !strings.Contains(m.Content, "June 2025. [1]") {
			t.Errorf("answered: %s", m.Content)
		}
	}
	g.click(alice, kept, "🗑")
	g.stop()
	if counter(t, g.bot, "footnote_journal_errors_total", "posting") == 0 {
		t.Error("no error is counted")
	}
}

// TestSettleEdits holds that the files tell what became of edits which a process left begun.
func TestSettleEdits(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	g.untilTrue()
	g.stop()
	j := g.opts.Journal
	old, err := os.ReadFile(filepath.Join(g.opts.Facts, "bridge.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	block, err := knowledge.Block(old, "bridge-place")
	if err != nil {
		t.Fatal(err)
	}
	otherBlock := []byte(strings.Replace(string(block), "old ferry landing", "mill", 1))
	want := map[string]journal.EditState{}
	for _, e := range []struct {
		edit journal.Edit
		want journal.EditState
	}{
		{journal.Edit{FileBefore: journal.Hash(old), FileAfter: "else"}, journal.Refused},
		{journal.Edit{FileBefore: "else", FileAfter: journal.Hash(old)}, journal.Done},
		{journal.Edit{FileBefore: "a", FileAfter: "b", Fact: "bridge-place", Before: otherBlock, After: block}, journal.Done},
		{journal.Edit{FileBefore: "a", FileAfter: "b", Fact: "bridge-place", Before: block, After: otherBlock}, journal.Refused},
		{journal.Edit{FileBefore: "a", FileAfter: "b", Fact: "bridge-place", Before: otherBlock, After: append(otherBlock, '#')}, journal.Refused},
		{journal.Edit{FileBefore: "a", FileAfter: "b", Fact: "nowhere", Before: block}, journal.Done}, // a removal, and it is gone
	} {
		e.edit.Path, e.edit.At, e.edit.Kind = "bridge.yaml", g.s.Clock().Now(), journal.Edited
		begun, err := j.Begin(g.ctx, e.edit)
		if err != nil {
			t.Fatal(err)
		}
		want[begun.ID] = e.want
	}
	g.s.Advance(time.Minute)
	g.start()
	for left := 1; left > 0; {
		edits, err := j.Edits(g.ctx)
		if err != nil {
			t.Fatalf("%v\n%s", err, g.log)
		}
		left = 0
		for _, e := range edits {
			if e.State == journal.Begun {
				left++
			} else if e.State != want[e.ID] || (e.State == journal.Refused) != (e.Refusal != "") {
				t.Errorf("%+v is %s (%s), want %s", e, e.State, e.Refusal, want[e.ID])
			}
		}
	}
}

// TestLivingTwo has two bots on one journal, as processes on a cluster are: of these one corrects.
func TestLivingTwo(t *testing.T) {
	url, _ := journaltest.Serve(t)
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	g.stop()
	join := func() *journal.Journal {
		j, err := journal.Open(g.ctx, journal.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { j.Close() })
		return j
	}
	g.opts.Journal = join()
	g.prep = func(b *Bot) { b.living.every = 0 }
	g.start()
	g.untilTrue()
	var answers []discordtest.Message
	for n := range 10 {
		_, m := g.say(g.s.User(fmt.Sprint("member", n)), g.s.General(), g.s.BotUser().Mention()+" when will the bridge open?")
		answers = append(answers, m)
	}
	g.untilKept(len(answers))

	base, _, err := knowledge.Open(g.ctx, os.DirFS(g.opts.Facts))
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	passed := make(chan bool, 100)
	o := g.opts
	o.Discord, o.Journal, o.Now, o.Facts = g.s.URL(), join(), g.s.Clock().Now, ""
	other, err := New(base, g.s.Token(), o)
	if err != nil {
		t.Fatal(err)
	}
	other.living.every = 0
	other.step = func(step string) {
		if step == "passed" {
			passed <- true
		}
	}
	ctx, cancel := context.WithCancel(g.ctx)
	ended := make(chan error, 1)
	go func() { ended <- other.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-passed:
	case <-g.ctx.Done():
		t.Fatalf("the other one does not start\n%s", g.log)
	}
	path := filepath.Join(g.opts.Facts, "bridge.yaml")
	for n := range 3 {
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(strings.Replace(string(data), fmt.Sprint("June ", 2025+n), fmt.Sprint("June ", 2026+n), 1)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		var both errgroup.Group
		for _, b := range []*knowledge.Base{g.base, base} {
			both.Go(func() error {
				_, _, _, err := b.Reload(g.ctx)
				return err
			})
		}
		if err := both.Wait(); err != nil {
			t.Fatal(err)
		}
		g.untilTrue()
		for _, m := range answers {
			if got := g.edits()[m.ID]; got != n+1 {
				t.Errorf("after %d changes a message was edited %d times", n+1, got)
			}
		}
	}
	edits, err := g.opts.Journal.Edits(g.ctx)
	if err != nil || len(edits) != 3 {
		t.Errorf("3 changes on disk are written down as %d: %v", len(edits), err)
	}
}

// TestNoticeMany holds that a change of very many facts, and one of files too large to be remembered, is written down as one for each file.
func TestNoticeMany(t *testing.T) {
	facts := func(n int, word string) string {
		var b strings.Builder
		b.WriteString("sources:\n  s: {title: Many}\nfacts:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - id: fact-%d\n    text: The %s number is %d.\n    cite: [{paragraph: %d}]\n", i, word, i, i+1)
		}
		return b.String()
	}
	for _, c := range []struct {
		name        string
		most        int64
		facts, want int
	}{
		{"few", maxRemembered, 3, 3},
		{"many", maxRemembered, maxNoticed + 1, 1},
		{"large", 100, 3, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newKept(t, "testdata/dialogue", discordtest.Options{})
			g.stop()
			g.prep = func(b *Bot) { b.living.most = c.most }
			path := filepath.Join(g.opts.Facts, "many.yaml")
			for n, word := range []string{"first", "second"} {
				if err := os.WriteFile(path, []byte(facts(c.facts, word)), 0o644); err != nil {
					t.Fatal(err)
				}
				if _, _, _, err := g.base.Reload(g.ctx); err != nil {
					t.Fatal(err)
				}
				g.s.Advance(time.Hour)
				if n == 0 {
					if err := g.opts.Journal.Remember(g.ctx, nil); err != nil { // nothing is remembered of before
						t.Fatal(err)
					}
				}
				g.start()
				g.untilTrue()
				g.leave()
			}
			edits, err := g.opts.Journal.Edits(g.ctx)
			if err != nil || len(edits) != c.want {
				t.Fatalf("%d edits are written down, want %d: %v\n%s", len(edits), c.want, err, g.log)
			}
			for _, e := range edits {
				if e.Kind != journal.OnDisk || e.Path != "many.yaml" || e.FileBefore != journal.Hash([]byte(facts(c.facts, "first"))) || e.FileAfter != journal.Hash([]byte(facts(c.facts, "second"))) || (e.Fact == "") != (c.want == 1) {
					t.Errorf("%+v", e)
				}
			}
			if c.name == "many" {
				for _, word := range []string{"first", "second"} {
					if _, ok, err := g.opts.Journal.Blob(g.ctx, journal.Hash([]byte(facts(c.facts, word)))); !ok || err != nil {
						t.Error("the file is not kept", err)
					}
				}
			}
		})
	}
}
