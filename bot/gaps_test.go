package bot

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// manager makes a member who may moderate.
func (g *stage) manager(name string) *discordtest.User {
	u := g.s.User(name)
	g.s.Home().Add(u, g.s.Home().Role("managers", discordtest.ManageGuild))
	return u
}

// bait is a question that would like to do something where it is listed.
const bait = "how tall is the **tower** @everyone <@&1> [x](https://evil.example) `a` ||b||\n# big"

// TestGaps is a moderator's way through the gaps: one is filled, one belongs to a fact, one is out of scope. It is written down in
// testdata/dialogue/gaps.txt.
func TestGaps(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	mod := g.manager("mod")
	alice, bob, carol, mallory := s.User("alice"), s.User("bob"), s.User("carol"), s.User("mallory")
	general := s.General()
	me := s.BotUser().Mention()

	g.slash(mod, general, "facts gaps", nil)
	g.scene("Nothing yet")
	// Each is noted a moment after it is answered: of one gap the wording that was noted first is shown.
	_, declined := g.say(alice, general, me+" who is the conductor of the choir?")
	g.click(alice, declined, "Tell me when known")
	g.gapsKept(1, 1)
	asked := 1
	for _, q := range []struct {
		by       *discordtest.User
		question string
		private  bool
		gaps     int // that are kept then
	}{
		{bob, "Who's the choir's conductor?", false, 1}, {carol, "the name of the conductor of the choir?", false, 2},
		{carol, "How do I bake bread?", false, 3}, {alice, "How do I bake bread?", true, 3},
		{mallory, bait, false, 4}, {mallory, bait, false, 4}, {mallory, bait, false, 4}, {mallory, bait, false, 4}, {mallory, bait, false, 4},
		{bob, "Do lorries pay a toll?", false, 5},
	} {
		args := discordtest.Args{"question": q.question}
		if q.private {
			args["private"] = true
		}
		g.slash(q.by, general, "ask", args)
		asked++
		g.gapsKept(q.gaps, asked)
	}
	g.scene("What members ask")

	list := g.slash(mod, general, "facts gaps", nil)
	g.scene("The list: first what most members ask, however often one does")
	if found := rawMention.FindString(list.Content); found != "" || strings.Contains(list.Content, "**tower**") {
		t.Errorf("the list holds %q: %s", found, list.Content)
	}
	key := func(question string) string { return gapKey([]string{question}) }
	pick := func(question string) discordtest.Message {
		t.Helper()
		list := g.slash(mod, general, "facts gaps", nil)
		return g.answer(mod.Select(list, routeGaps, key(question)))
	}

	detail := g.answer(mod.Select(list, routeGaps, key("who is the conductor of the choir?")))
	i, err := mod.Click(detail, "Add a fact")
	if err != nil {
		t.Fatal(err)
	}
	f, err := i.Form(g.ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, g.log)
	}
	preview := g.answer(mod.Submit(f, discordtest.Values{"text": "Ada Lindqvist is the conductor of the choir.", "sources": "courier ¶12"}))
	g.scene("The first one: a fact is added; its form holds the wordings, its preview the gap that it fills")
	g.click(mod, preview, "Confirm")
	if _, err := s.WaitMessage(g.ctx, s.ReplyTo(declined.ID)); err != nil {
		t.Fatalf("alice was not told: %v\n%s", err, g.log)
	}
	g.untilNoWaits()
	g.gapsKept(3, 8)
	g.sceneAs("Confirmed: alice is told, and the gap leaves the list", byWords)

	detail = pick("How do I bake bread?")
	out := g.click(mod, detail, "Out of scope")
	g.slash(carol, general, "ask", discordtest.Args{"question": "how do i bake BREAD??"})
	g.gapsKept(2, 6)
	g.scene("Out of scope: declined politely from then on, and no gap")
	g.click(mod, out, "Take that back")
	g.slash(carol, general, "ask", discordtest.Args{"question": "how do i bake BREAD??"})
	g.gapsKept(3, 7)
	g.scene("That is taken back")
	g.click(mod, pick("how do i bake BREAD??"), "Out of scope")
	listed := g.click(mod, g.slash(mod, general, "facts gaps", nil), "Out of scope: 1")
	g.answer(mod.Select(listed, routeScope, key("how do i bake BREAD??")))
	if all, err := g.opts.Journal.Scopes(g.ctx); err != nil || len(all) > 0 {
		t.Errorf("out of scope: %v, %v", all, err)
	}
	g.slash(carol, general, "ask", discordtest.Args{"question": "how do i bake BREAD??"})
	g.gapsKept(3, 7)
	g.scene("It is put out of scope once more, and found again later among what is")

	detail = pick("Do lorries pay a toll?")
	preview = g.answer(mod.Select(detail, customID(routeBelongs, key("Do lorries pay a toll?")), hash("bridge-cost")))
	g.click(mod, preview, "Confirm")
	g.gapsKept(2, 6)
	g.say(bob, general, me+" do lorries pay a toll?")
	g.scene("It belongs to a fact: its wording is put among the fact's asks")
	g.golden("gaps.txt")
}

// TestGapsRefused holds that nobody but moderators of a home server gets anywhere with the buttons of gaps, and that forged ones do nothing.
func TestGapsRefused(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	g.slash(g.s.User("alice"), g.s.General(), "ask", discordtest.Args{"question": "How do I bake bread?"})
	key := g.gapsKept(1, 1)[0].Key
	manager, nobody := &Member{Permissions: 1 << 5}, &Member{}
	home := g.s.Home().ID
	press := func(route, id string, m *Member, guild string, values ...string) Response {
		return g.bot.handlers.Buttons[route].Handle(g.ctx, &Interaction{CustomID: id, Values: values, GuildID: guild, Member: m, User: User{ID: "4" + itoa(len(id)+len(guild))}, Message: &Message{}})
	}
	routes := []string{routeGaps, routeFill, routeBelongs, routeScope, routeSuggested, routeAccept, routeCorrect, routeDismiss}
	for _, route := range routes {
		g.s.Advance(time.Minute)
		for name, c := range map[string]struct {
			member *Member
			guild  string
			want   string
		}{
			"a member":                       {nobody, home, notModerator},
			"another server's manager":       {manager, "1", notHome},
			"a manager, in a direct message": {nil, "", notHome},
		} {
			if r := press(route, customID(route, key), c.member, c.guild, key); r.Content != c.want || !r.Private || len(r.Components) > 0 {
				t.Errorf("%s of %s: %q", route, name, r.Content)
			}
		}
		// Forged by a moderator: nothing happens.
		for _, id := range []string{route, route + ":", customID(route, "*.>"), customID(route, "../../etc/passwd"), customID(route, strings.Repeat("f", 90)), customID(route, "-1"), customID(route, "999999999999999999999")} {
			for _, values := range [][]string{nil, {""}, {"*"}, {hash("bridge-cost")}} {
				r := press(route, id, manager, home, values...)
				if r.Action == Form || strings.Contains(r.Content, wentWrong) {
					t.Errorf("forged %q %q: %v %q", id, values, r.Action, r.Content)
				}
				g.s.Advance(time.Minute)
			}
		}
	}
	g.gapsKept(1, 1)
	if all, err := g.opts.Journal.Scopes(g.ctx); err != nil || len(all) > 0 {
		t.Errorf("out of scope: %v, %v", all, err)
	}
}

// TestManyGapsOfOne holds that what one member asks ten thousand times does not top the list, nor grow it.
func TestManyGapsOfOne(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	j, at := g.opts.Journal, g.s.Clock().Now()
	ask := func(user, question string) {
		if _, _, err := j.Ask(g.ctx, gapKey([]string{question}), journal.Asked{Question: question, UserID: user, ChannelID: "1", At: at}); err != nil {
			t.Fatal(err)
		}
	}
	ask("1", "How do I bake bread?")
	ask("2", "how do i bake BREAD")
	for n := range 10_000 {
		ask("3", "what is flood"+itoa(n%5000)+"?")
	}
	groups, err := g.bot.moderators.grouped(g.ctx)
	if err != nil || len(groups) > journal.MaxOpened+1 || groups[0].head.Question != "How do I bake bread?" {
		t.Errorf("%d groups, first %q, %v", len(groups), groups[0].head.Question, err)
	}
	m := g.slash(g.manager("mod"), g.s.General(), "facts gaps", nil)
	if units(m.Content) > maxContent || !strings.Contains(m.Content, "page 1 of 3") {
		t.Errorf("the list: %s", m.Content)
	}
	for want := range 3 {
		if m = g.click(g.s.User("mod"), m, "More ▶"); want < 1 && !strings.Contains(m.Content, fmt.Sprintf("page %d of 3", want+2)) {
			t.Errorf("page %d: %s", want+2, m.Content)
		}
		if want == 1 {
			break
		}
	}
}

// TestGroupGaps holds what is shown as one.
func TestGroupGaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		one  bool
	}{
		{"Who is the architect of the bridge?", "the name of the architect of the bridge", true},
		{"Who is the architect of the bridge?", "when was the architect of the bridge born", false},
		{"What does the bridge cost?", "What does the ferry cost?", false},
		{"Where is the town hall?", "where's the town hall at", true},
		{"When does the ferry run?", "Where does the ferry run?", false},
	} {
		var gaps []journal.Gap
		for _, q := range []string{c.a, c.b} {
			gaps = append(gaps, journal.Gap{Key: q, Question: q, Count: 1, Asked: []journal.Asked{{Question: q, UserID: "1"}}})
		}
		if n := len(groupGaps(gaps)); (n == 1) != c.one {
			t.Errorf("%q and %q are %d, %v and %v", c.a, c.b, n, knowledge.Gist(c.a), knowledge.Gist(c.b))
		}
	}
}

// TestSuggestions is what members pick and what they say is wrong, until moderators have dealt with it. It is written down in
// testdata/dialogue/suggestions.txt.
func TestSuggestions(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	mod := g.manager("mod")
	alice, bob, general, me := s.User("alice"), s.User("bob"), s.General(), s.BotUser().Mention()

	_, tie := g.say(alice, general, me+" how was the vote on the bridge?")
	meant := g.click(alice, tie, "How did the town council vote on the bridge?")
	g.click(alice, meant, "👍")
	slashed := g.slash(alice, general, "ask", discordtest.Args{"question": "how much will the bridge cost?"})
	g.fill(alice, slashed, "👎", discordtest.Values{"reason": "outdated", "note": "it was **raised** last week @everyone"})
	g.fill(bob, slashed, "👎", discordtest.Values{"reason": "wrong"})
	g.fill(bob, slashed, "👎", discordtest.Values{"reason": "outdated"})
	_, off := g.say(bob, general, me+" where is the bridge crossing?")
	g.fill(bob, off, "👎", discordtest.Values{"reason": "off-topic"})
	g.fill(alice, off, "👎", discordtest.Values{"reason": "off-topic"})
	g.bot.busy.Wait()
	votes, err := g.opts.Journal.Votes(g.ctx)
	if err != nil || len(votes) != 6 {
		t.Errorf("%d votes are kept, want 6: one of each member on each answer, and the pick: %+v, %v", len(votes), votes, err)
	}
	for _, v := range votes {
		if v.Question != "" && (v.Kind != journal.Picked || v.UserID != alice.ID) && (v.Reason != offTopic || v.UserID != bob.ID) {
			t.Errorf("the vote %+v holds a question", v)
		}
	}
	g.scene("Votes")

	list := g.click(mod, g.slash(mod, general, "facts gaps", nil), "Suggestions: 4")
	g.scene("They come up for moderators")
	if found := rawMention.FindString(list.Content); found != "" {
		t.Errorf("the list holds %q", found)
	}
	choose := func(label string) discordtest.Message {
		t.Helper()
		all := g.click(mod, g.slash(mod, general, "facts gaps", nil), "Suggestions: "+itoa(len(g.suggested())))
		return g.answer(mod.Select(all, routeSuggested, label))
	}
	g.click(mod, g.click(mod, choose("✓ how was the vote on the bridge?"), "Add to its asks"), "Confirm")
	g.click(mod, g.click(mod, choose("✗ where is the bridge crossing?"), "Add to its not_asks"), "Cancel")
	g.scene("One is accepted, one is previewed and cancelled")
	if f := g.base.Set().Fact("vote-council"); len(f.Asks) != 2 || f.Asks[1] != "how was the vote on the bridge?" {
		t.Errorf("the wording is not among the asks: %q", f.Asks)
	}
	detail := choose("👎 bridge-cost")
	i, err := mod.Click(detail, "Correct the fact")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Form(g.ctx); err != nil {
		t.Errorf("no form to correct the fact: %v", err)
	}
	g.click(mod, detail, "Dismiss")
	g.scene("A complaint: the form to correct the fact is opened, and the complaint dismissed")
	if n := len(g.suggested()); n != 2 {
		t.Errorf("%d suggestions are left, want 2", n)
	}
	g.golden("suggestions.txt")
}

func (g *stage) suggested() []*suggestion {
	g.t.Helper()
	all, err := g.bot.moderators.suggestions(g.ctx)
	if err != nil {
		g.t.Fatal(err)
	}
	return all
}

// TestStats holds the numbers of /facts stats, in its text and its chart. It is written down in testdata/dialogue/stats.txt.
func TestStats(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	mod := g.manager("mod")
	alice, general, me := s.User("alice"), s.General(), s.BotUser().Mention()
	g.slash(mod, general, "facts stats", nil)
	g.scene("Nothing was asked yet")
	for day := range 3 {
		for range day + 1 {
			g.say(alice, general, me+" when will the bridge open?")
		}
		g.say(alice, general, me+" where will the bridge be built?")
		s.Advance(24 * time.Hour)
	}
	g.say(alice, general, me+" who is the conductor of the choir?")
	g.say(alice, general, me+" hello!")
	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	g.click(alice, tie, "How did the county council vote on the bridge?")
	g.gapsKept(1, 1)
	g.done.Reset()
	g.scene("Four days")
	g.done.Reset()
	m := g.slash(mod, general, "facts stats", discordtest.Args{"days": 7})
	g.scene("What was asked")
	if len(m.Files) != 1 || m.Files[0].Name != "questions.png" {
		t.Fatalf("files: %v of %s\n%s", m.Files, m.Content, g.log)
	}
	if img, err := png.Decode(bytes.NewReader(m.Files[0].Data)); err != nil || img.Bounds().Dx() != chartWidth {
		t.Errorf("the chart: %v", err)
	}
	alt := false
	for _, r := range s.Requests() {
		alt = alt || bytes.Contains(r.Body, []byte(`"description":"A bar for each day`))
	}
	if !alt {
		t.Error("the chart has no text for who can't see it")
	}
	g.restart() // what was counted is kept
	if again := g.slash(mod, general, "facts stats", discordtest.Args{"days": 7}); again.Content != m.Content {
		t.Errorf("after a restart:\n%s", again.Content)
	}
	if one := g.slash(mod, general, "facts stats", discordtest.Args{"days": 1}); !strings.Contains(one.Content, "3 questions: 1 answered, 1 not in the facts, 1 where nothing was chosen") {
		t.Errorf("of one day:\n%s", one.Content)
	}
	g.golden("stats.txt")
}

// TestRemind holds that moderators are reminded of facts to review once a week at most.
func TestRemind(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	logs := g.s.Home().Channel("mod-log")
	g.write("bridge.yaml", `  - {id: fresh, text: The toll is settled by the county., cite: [{paragraph: 12}], review_by: 2026-01-05}
  - {id: old-one, text: "The ferry costs @everyone two crowns.", cite: [{paragraph: 13}], review_by: 2026-01-04}
  - {id: older, text: The ferry has room for nine cars., cite: [{paragraph: 14}], review_by: 2025-06-30}
  - {id: gone, text: The ferry is blue., cite: [{paragraph: 15}], review_by: 2025-06-30, status: withdrawn}
`)
	for g.base.Set().Fact("older") == nil {
		if g.ctx.Err() != nil {
			t.Fatalf("the facts did not change\n%s", g.log)
		}
		time.Sleep(time.Millisecond)
	}
	m := g.bot.moderators
	told := func(m discordtest.Message) bool { return strings.HasPrefix(m.Content, editSigns[journal.OnDisk]) } // of the change above, at any time
	said := func() []discordtest.Message { return slices.DeleteFunc(logs.Messages(), told) }
	m.remind(g.ctx)
	if len(said()) != 0 {
		t.Error("reminded without a log channel")
	}
	if _, err := g.bot.settings.set(g.ctx, g.s.Home().ID, func(s *journal.Settings) bool { s.LogChannel = logs.ID; return true }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m.remind(g.ctx)
	}
	all := said()
	if len(all) != 1 {
		t.Fatalf("reminded %d times", len(all))
	}
	if c := all[0].Content; !strings.Contains(c, "2 facts") || strings.Index(c, "older") > strings.Index(c, "old-one") || strings.Contains(c, "fresh") || strings.Contains(c, "gone") || rawMention.MatchString(c) || len(all[0].Pinged) > 0 {
		t.Errorf("reminded of: %s", c)
	}
	g.s.Advance(reminderEvery - time.Minute)
	m.remind(g.ctx)
	if len(said()) != 1 {
		t.Error("reminded twice in a week")
	}
	logs.Deny(g.s.BotUser(), discordtest.SendMessages)
	g.s.Advance(time.Minute)
	m.remind(g.ctx)
	logs.Allow(g.s.BotUser(), discordtest.SendMessages)
	g.s.ClearRefusals()
	g.restart() // which reminds at once
	if _, err := g.s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return m.Channel == logs && m.ID != all[0].ID && !told(m) }); err != nil {
		t.Errorf("after a week, and a reminder that could not be posted: %v\n%s", err, g.log)
	}
	g.bot.moderators.remind(g.ctx)
	if n := len(said()); n != 2 {
		t.Errorf("reminded %d times, want twice", n)
	}
}
