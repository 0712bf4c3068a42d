package bot

import (
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
)

// TestHostile asks and answers with text that would like to do something. It is written down in testdata/dialogue/hostile.txt.
func TestHostile(t *testing.T) {
	g := newStage(t, "testdata/hostile", discordtest.Options{})
	s := g.s
	alice, here := s.User("alice"), s.User("@here")
	general := s.General()
	me := s.BotUser().Mention()
	bomb := strings.Repeat("@everyone ", 95)

	g.slash(alice, general, "ask", discordtest.Args{"question": "What is the odd markup?"})
	g.slash(alice, general, "ask", discordtest.Args{"question": "What do the **stars** say to @everyone?"})
	g.scene("Facts that hold markup, mentions and links")

	g.slash(alice, general, "ask", discordtest.Args{"question": bomb})
	g.slash(alice, general, "ask", discordtest.Args{"question": "**__~~||`[x](https://evil.example)"})
	g.slash(alice, general, "ask", discordtest.Args{"question": "\n# big\n-# ❓ small\n> quote ```code"})
	g.scene("Questions that do")

	for _, mark := range []string{"*", "`", "||", "[](", "> ", "```", "~~__**", "-# "} {
		s.Advance(askEvery)
		g.slash(alice, general, "ask", discordtest.Args{"question": "What is the odd markup? " + strings.Repeat(mark, 950/len(mark))})
	}
	g.scene("Markdown bombs")

	dm := alice.DMChannel() // which the server must not be asked for while it looks
	if _, err := alice.Say(general, me+" "+strings.Repeat("@everyone ", 200)[:2000-len(me)-1]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool {
		return s.ByBot(m) && m.Channel == dm && strings.Contains(m.Content, "1000")
	}); err != nil {
		t.Fatalf("a message of 2,000 characters: %v\n%s", err, g.log)
	}
	g.scene("A message of 2,000 characters, all @everyone, is refused in private")

	said, err := alice.Say(general, here.Mention()+" what is the odd markup? <@&1> <#2>")
	if err != nil {
		t.Fatal(err)
	}
	private := g.answer(here.MessageCommand(said, "Ask the facts"))
	i, err := here.Click(private, "Share in channel")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Followups(g.ctx, 1); err != nil {
		t.Fatal(err)
	}
	g.scene("A member called @here")

	parrot := s.Bot("parrot")
	_, answer := g.say(alice, general, me+" What is the odd markup?")
	before := len(general.Messages())
	for range 3 {
		if _, err := parrot.Reply(answer, me+" "+answer.Content[:200], true); err != nil {
			t.Fatal(err)
		}
	}
	g.say(alice, general, me+" thanks")
	if n := len(general.Messages()) - before; n != 5 {
		t.Errorf("%d messages after three of the other bot's, alice's and the answer to hers; want 5", n)
	}
	g.scene("Another bot that echoes is not answered")

	for _, c := range []*discordtest.Channel{general, alice.DMChannel(), here.DMChannel()} {
		for _, m := range c.Messages() {
			if m.Author == s.BotUser() && len(m.Pinged) > 0 {
				t.Errorf("%q pings %v", m.Content, m.Pinged)
			}
			if m.Author == s.BotUser() {
				if found := rawMention.FindString(strings.ReplaceAll(m.Content, me, "")); found != "" {
					t.Errorf("%s is posted in %q", found, m.Content)
				}
			}
		}
	}
	g.golden("hostile.txt")
}

// TestTooFast holds the limits of a member and of a channel.
func TestTooFast(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob := s.User("alice"), s.User("bob")
	general := s.General()
	me := s.BotUser().Mention()
	for range askBurst {
		g.say(alice, general, me+" where will the bridge be built?")
	}
	refuse := func() {
		t.Helper()
		if _, err := alice.Say(general, me+" where will the bridge be built?"); err != nil {
			t.Fatal(err)
		}
	}
	refuse()
	dm := alice.DMChannel() // which the server must not be asked for while it looks
	word, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return s.ByBot(m) && m.Channel == dm })
	if err != nil || !strings.Contains(word.Content, "<t:") {
		t.Fatalf("no private word: %v, %q\n%s", err, word.Content, g.log)
	}
	refuse() // is told no second time
	if m := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"}); m.VisibleTo != alice || !strings.Contains(m.Content, "<t:") {
		t.Errorf("a slash command too fast is answered with %q to %v", m.Content, m.VisibleTo)
	}
	g.say(bob, general, me+" where will the bridge be built?")
	if n := len(alice.DMChannel().Messages()); n != 1 {
		t.Errorf("alice was told %d times, want once", n)
	}
	s.Advance(askEvery)
	g.say(alice, general, me+" where will the bridge be built?")

	// Everybody in a channel together.
	s.Advance(time.Hour)
	for n := range channelBurst {
		g.say(s.User("member "+itoa(n)), general, me+" where will the bridge be built?")
	}
	if m := g.slash(bob, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"}); m.VisibleTo != bob || !strings.Contains(m.Content, "<t:") {
		t.Errorf("a channel too fast is answered with %q", m.Content)
	}
	if m := g.slash(bob, s.Home().Channel("other"), "ask", discordtest.Args{"question": "Where will the bridge be built?"}); m.VisibleTo != nil {
		t.Errorf("in another channel: %q", m.Content)
	}
	for range pressBurst {
		g.slash(bob, general, "help", nil)
	}
	if m := g.slash(bob, general, "help", nil); !strings.Contains(m.Content, "<t:") {
		t.Errorf("too many presses are answered with %q", m.Content)
	}
}

// TestTooFastHere holds that each member whom a busy channel leaves out is told so, once: privately, or, where they take no direct messages, by a
// reaction; and that who may not be told either way costs Discord's patience once.
func TestTooFastHere(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	general, me := s.General(), s.BotUser().Mention()
	for n := range channelBurst {
		g.say(s.User("member "+itoa(n)), general, me+" where will the bridge be built?")
	}
	say := func(u *discordtest.User) discordtest.Message {
		t.Helper()
		m, err := u.Say(general, me+" where will the bridge be built?")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, u := range []*discordtest.User{s.User("alice"), s.User("bob")} {
		dm := u.DMChannel() // which the server must not be asked for while it looks
		say(u)
		m, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return s.ByBot(m) && m.Channel == dm })
		if err != nil || !strings.HasPrefix(m.Content, "There are a lot of questions in this channel") {
			t.Errorf("%s is told %q, %v", u.Name, m.Content, err)
		}
		say(u) // told no second time
	}
	signed := func(m discordtest.Message) {
		t.Helper()
		if _, err := s.WaitRequest(g.ctx, func(r discordtest.Request) bool {
			return r.Method == "PUT" && strings.Contains(r.Path, "/messages/"+m.ID+"/reactions/")
		}); err != nil {
			t.Fatalf("%v\n%s", err, g.log)
		}
	}
	carol, dave, erin := s.User("carol"), s.User("dave"), s.User("erin")
	for _, u := range []*discordtest.User{carol, dave, erin} {
		u.CloseDMs()
	}
	hers := say(carol)
	signed(hers)
	general.Deny(s.BotUser(), discordtest.AddReactions)
	his := say(dave)
	signed(his) // in vain
	say(erin)   // which is not tried any more
	g.leave()
	for _, u := range []*discordtest.User{s.User("alice"), s.User("bob")} {
		if n := len(u.DMChannel().Messages()); n != 1 {
			t.Errorf("%s was told %d times", u.Name, n)
		}
	}
	if m, _ := s.Message(hers.ID); len(m.Reactions) != 1 || m.Reactions[0] != signTooFast {
		t.Errorf("on carol's message are %q", m.Reactions)
	}
	reactions := 0
	for _, r := range s.Requests() {
		if r.Method == "PUT" && strings.Contains(r.Path, "/reactions/") {
			reactions++
		}
	}
	if reactions != 2 {
		t.Errorf("%d reactions were tried, want 2", reactions)
	}
}

// TestLanguages holds that members read the bot's own words in their language, and channels in theirs.
func TestLanguages(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	for locale, p := range map[string]*phrases{"de": languages["de"], "fr": languages["fr"], "es-ES": languages["es"], "ja": languages["ja"], "pl": languages["en"]} {
		u := s.User("speaks " + locale)
		u.SetLocale(locale)
		private := g.slash(u, s.General(), "ask", discordtest.Args{"question": "Where will the bridge be built?", "private": true})
		if _, ok := private.Find(p.InContext); !ok {
			t.Errorf("%s: a private answer has the buttons %q", locale, private.Buttons())
		}
		if !strings.Contains(private.Content, "The bridge is to cross the river") {
			t.Errorf("%s: the fact is told as %q", locale, private.Content)
		}
		public := g.slash(u, s.General(), "ask", discordtest.Args{"question": "Where will the bridge be built?"})
		if _, ok := public.Find("In context"); !ok {
			t.Errorf("%s: a public answer on an English server has the buttons %q", locale, public.Buttons())
		}
		tie := g.slash(u, s.General(), "ask", discordtest.Args{"question": "how was the vote on the bridge?", "private": true})
		if m := g.click(u, tie, p.None); !strings.HasSuffix(m.Content, p.DeclinedNone) {
			t.Errorf("%s: none of what was offered privately: %q", locale, m.Content)
		}
	}
}

// TestCompletionsOfQuestions holds that what is typed is completed within Discord's limits, and that a completion chosen is answered.
func TestCompletionsOfQuestions(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	alice := g.s.User("alice")
	for _, typed := range []string{"", "where", "WHERE", "zzz", strings.Repeat("x", 1000), "@everyone", "bridge"} {
		for command, option := range map[string]string{"ask": "question", "fact": "id"} {
			cs, err := alice.Type(g.ctx, g.s.General(), command, option, typed, nil)
			if err != nil {
				t.Fatal(err)
			}
			if typed == "" && len(cs) == 0 || len(cs) > maxChoices {
				t.Errorf("/%s %q is completed with %d", command, typed, len(cs))
			}
			for _, c := range cs {
				v, _ := c.Value.(string)
				if units(c.Name) > maxChoice || c.Name == "" || units(v) > maxChoice || v == "" {
					t.Errorf("/%s %q is completed with %+v", command, typed, c)
				}
			}
		}
	}
	if cs, _ := alice.Type(g.ctx, g.s.General(), "fact", "id", "ferry", nil); len(cs) == 0 || cs[0].Value != "ferry-fate" {
		t.Errorf("/fact ferry is completed with %v", cs)
	}
	if m := g.slash(alice, g.s.General(), "ask", discordtest.Args{"question": pickSign + hash("ferry-fate")}); !strings.Contains(m.Content, "The ferry stops") {
		t.Errorf("a completion too long to be its own value is answered with %q", m.Content)
	}
	if m := g.slash(alice, g.s.General(), "ask", discordtest.Args{"question": "#nonsense"}); strings.Contains(m.Content, "[1]") {
		t.Errorf("#nonsense is answered with %q", m.Content)
	}
}

// TestRoleMention mentions the bot's own role, which Discord offers beside the bot where a member types its name: the bot says how to ask, since
// Discord keeps what mentions a role from it. Another role is none of its business, and a mention of both is a question.
func TestRoleMention(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, general, me := s.User("alice"), s.General(), s.BotUser().Mention()
	other := s.Home().Role("helpers", 0)
	if _, err := alice.Say(general, other.Mention()+" when will the bridge open?"); err != nil {
		t.Fatal(err)
	}
	if _, how := g.say(alice, general, s.Home().BotRole().Mention()+" when will the bridge open?"); !strings.HasPrefix(how.Content, "You mentioned my role") ||
		!strings.Contains(how.Content, me) || len(how.Pinged) > 0 {
		t.Errorf("a mention of the bot's role is answered with: %s", how.Content)
	}
	if _, a := g.say(alice, general, s.Home().BotRole().Mention()+" "+me+" when will the bridge open?"); !strings.HasPrefix(a.Content, "The bridge is planned to open") {
		t.Errorf("a mention of both is answered with: %s", a.Content)
	}
	elsewhere := s.Guild("Elsewhere") // which the bot joins while it runs
	elsewhere.Add(alice)
	elsewhere.SetLocale("de")
	if _, how := g.say(alice, elsewhere.Channel("lobby"), elsewhere.BotRole().Mention()); !strings.Contains(how.Content, "my role") {
		t.Errorf("in a server it has just joined: %s", how.Content)
	}
	for _, m := range general.Messages() {
		if m.Author == s.BotUser() && strings.Contains(m.Content, "<@&") {
			t.Errorf("it names a role: %s", m.Content)
		}
	}
	if n := len(general.Messages()); n != 5 {
		t.Errorf("%d messages after three questions, one of them for another role", n)
	}
}

// TestForged presses buttons that are not there, on another member's messages and on none. What a button may do, and for whom, is in its custom_id, so
// only those that stand on the message are taken; the rest is told that they no longer do anything.
func TestForged(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, general := s.User("alice"), s.User("bob"), s.General()
	answer := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"})
	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	topics := g.slash(bob, general, "topics", nil)
	panel := g.slash(bob, general, "privacy", nil)
	fact := hash("bridge-cost")
	for _, c := range []struct {
		name string
		on   discordtest.Message
		id   string
	}{
		{"somebody else's answer as one's own", answer, customID(routeRemove, bob.ID)},
		{"the same for nobody", answer, routeRemove},
		{"somebody else's choice as one's own", tie, customID(routePick, fact, bob.ID, "0")},
		{"somebody else's refusal as one's own", tie, customID(routeNone, bob.ID)},
		{"a vote for another fact", answer, customID(routeUp, fact)},
		{"another's share", answer, customID(routeShare, fact)},
		{"a page before the first", topics, customID(routeTopics, "-1")},
		{"a page that is no number", topics, customID(routeTopics, "x")},
		{"an overlong follow-up", answer, customID(routeFollow, strings.Repeat("x", 300))},
		{"an overlong vote", answer, customID(routeDown, strings.Repeat("x", 300))},
		{"a deletion without the question", panel, customID(routePrivacy, privacyYes)},
		{"on no message", discordtest.Message{}, customID(routeTopics, "0")},
	} {
		for kind, said := range map[int]string{3: speak("").OldButton, 5: speak("").OldForm} {
			if kind == 5 && !strings.HasPrefix(c.id, routeFollow+":") && !strings.HasPrefix(c.id, routeDown+":") {
				continue
			}
			m := g.answer(bob.Forge(general, c.on, kind, map[string]any{"component_type": 2, "custom_id": c.id, "components": []any{map[string]any{"type": 18,
				"component": map[string]any{"type": 4, "custom_id": fieldQuestion, "value": "and when?"}}}}))
			if m.Content != said || m.VisibleTo != bob {
				t.Errorf("%s: %q", c.name, m.Content)
			}
			s.Advance(time.Minute)
		}
	}
	for what, m := range map[string]discordtest.Message{"the answer": answer, "the choice": tie} {
		if now, ok := s.Message(m.ID); !ok || now.Content != m.Content {
			t.Errorf("%s is gone, or another: %q", what, now.Content)
		}
	}
	if strings.Contains(g.log.String(), "msg=removed") || strings.Contains(g.log.String(), "msg=picked") || strings.Contains(g.log.String(), "msg=vote") {
		t.Errorf("it is logged that something was done:\n%s", g.log)
	}
	if m := g.answer(bob.Forge(general, discordtest.Message{}, 2, map[string]any{"id": "1", "name": "gone", "type": 1})); m.Content != speak("").OldCommand {
		t.Errorf("a command that is not there: %q", m.Content)
	}

	// What is logged as removed was.
	s.Fault(discordtest.Fault{Method: "DELETE", Path: "/webhooks/*/*/messages/@original"}.Forbidden())
	if _, err := alice.Click(answer, "🗑"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitRequest(g.ctx, func(r discordtest.Request) bool { return r.Method == "DELETE" && r.Fault }); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Click(answer, "🗑"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return m.ID == answer.ID && m.Deleted }); err != nil {
		t.Fatal(err)
	}
	g.leave()
	if n := strings.Count(g.log.String(), "msg=removed"); n != 1 || !strings.Contains(g.log.String(), "by_asker=true") {
		t.Errorf("logged as removed %d times:\n%s", n, g.log)
	}
}

// TestTitles holds that a title can't imitate a citation: it neither ends its quotation nor holds a link.
func TestTitles(t *testing.T) {
	for in, want := range map[string]string{
		"Title”, ¶9 · 1999 · <https://evil.example> “": `Title’, ¶9 · 1999 · ‹https\://evil.example› ‘`,
		`A "quoted" „Titel“`:                           `A 'quoted' ‚Titel‘`,
		"Plain — title (2023)":                         "Plain — title (2023)",
		"see https://example.com/a":                    `see https\://example.com/a`,
		"<@1> @everyone":                               `‹@1› @` + zeroWidth + `everyone`,
	} {
		if got := escapeTitle(in, 200); got != want {
			t.Errorf("escapeTitle(%q) = %q, want %q", in, got, want)
		}
	}
	for _, s := range hostile {
		got := escapeTitle(s, 1000)
		if text, live := displayed(got); len(live) > 0 || strings.ContainsAny(text, "“”\"<>") {
			t.Errorf("%q is written %q; live: %q", s, got, live)
		}
	}
}

// TestInvisible asks with letters that display as nothing: that is no question, and no word.
func TestInvisible(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	alice, general, me := g.s.User("alice"), g.s.General(), g.s.BotUser().Mention()
	for _, q := range []string{"\u3164", "\u3164\u3164 \u3164?", "\u2800\u2800", "\uffa0", "who is the \u3164 of the choir?", "who is \u3164\u3164?"} {
		for _, m := range []discordtest.Message{g.slash(alice, general, "ask", discordtest.Args{"question": q}), g.replyTo(must(t)(alice.Say(general, me+" "+q)))} {
			if strings.Contains(m.Content, "“”") || strings.Contains(m.Content, "\u3164") || m.Content == "" {
				t.Errorf("%q is answered: %s", q, m.Content)
			}
		}
		g.s.Advance(time.Minute)
	}
	if m := g.slash(alice, general, "ask", discordtest.Args{"question": "\u3164"}); m.Content != speak("").Unreadable {
		t.Errorf("a question of invisible letters is answered: %s", m.Content)
	}
}

// must gives a message that could be sent.
func must(t *testing.T) func(discordtest.Message, error) discordtest.Message {
	return func(m discordtest.Message, err error) discordtest.Message {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}
