package bot

import (
	"strings"
	"testing"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// TestSetup sets up each thing, and holds that it is obeyed at once, everywhere. It is written down in testdata/dialogue/setup.txt.
func TestSetup(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	admin, alice := s.User("admin"), s.User("alice")
	home, general := s.Home(), s.General()
	managers := home.Role("managers", discordtest.ManageGuild)
	home.Add(admin, managers)
	other, logs := home.Channel("other"), home.Channel("mod-log")
	editors := home.Role("editors", 0)
	me := s.BotUser().Mention()

	panel := g.slash(admin, general, "setup", nil)
	answered := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"})
	g.scene("The panel")

	pick := func(menu string, values ...string) discordtest.Message {
		t.Helper()
		return g.answer(admin.Select(panel, customID(routeSetup, menu), values...))
	}
	now := func() journal.Settings {
		t.Helper()
		got, err := g.opts.Journal.Settings(g.ctx, home.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	// silent holds that a message gets no answer, by the time that what comes after it is answered.
	silent := func(c *discordtest.Channel, text string) {
		t.Helper()
		said, err := alice.Say(c, text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := alice.Type(g.ctx, general, "ask", "question", "w", nil); err != nil {
			t.Fatal(err)
		}
		g.bot.busy.Wait()
		for _, m := range c.Messages() {
			if m.ReplyTo == said.ID {
				t.Errorf("%q is answered with %q", text, m.Content)
			}
		}
	}
	pick(setChannels, other.ID)
	silent(general, me+" where will the bridge be built?")
	if m := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"}); m.VisibleTo != alice || m.Content != languages["en"].OffHere {
		t.Errorf("a command where it must not answer is answered with %q", m.Content)
	}
	for _, command := range []string{"topics", "sources"} {
		if m := g.slash(alice, general, command, nil); m.Content != languages["en"].OffHere {
			t.Errorf("/%s there is answered with %q", command, m.Content)
		}
	}
	if m := g.slash(alice, general, "help", nil); !strings.HasPrefix(m.Content, "**I answer") || !strings.HasSuffix(m.Content, languages["en"].OffHere) || len(m.Components) > 0 {
		t.Errorf("/help there is answered with %q %q", m.Content, m.Buttons())
	}
	if m := g.click(alice, answered, "Why this?"); m.Content != languages["en"].OffHere {
		t.Errorf("a button there is answered with %q", m.Content)
	}
	if cs, err := alice.Type(g.ctx, general, "ask", "question", "where", nil); err != nil || len(cs) > 0 {
		t.Errorf("completions there: %v, %v", cs, err)
	}
	s.Advance(1e11)
	g.say(alice, other, me+" where will the bridge be built?")
	g.say(alice, other.Thread("bridges"), me+" when will the bridge open?")
	silent(general.Thread("elsewhere"), me+" when will the bridge open?")
	g.say(alice, alice.DMChannel(), "when will the bridge open?")
	g.scene("Only in #other")
	s.Advance(1e11)

	pick(setChannels)
	pick(setMode, "commands")
	silent(general, me+" where will the bridge be built?")
	g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"})
	g.scene("Everywhere again, but commands only")
	s.Advance(1e11)

	pick(setMode, "off")
	silent(other, me+" where will the bridge be built?")
	if m := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"}); m.Content != languages["en"].OffServer {
		t.Errorf("a command where it is off is answered with %q", m.Content)
	}
	i, err := alice.Click(answered, "🗑")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Response(g.ctx); err != nil {
		t.Error(err)
	}
	if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return m.ID == answered.ID && m.Deleted }); err != nil {
		t.Error("where it is off an answer can't be removed:", err)
	}
	g.scene("Off")
	pick(setMode, "everything")
	s.Advance(1e11)

	logs.Deny(s.BotUser(), discordtest.SendMessages)
	refused := pick(setLog, logs.ID)
	if now().LogChannel != "" || !strings.Contains(refused.Content, "can't write in") {
		t.Errorf("a log channel it can't write in: %q", refused.Content)
	}
	s.ClearRefusals()
	logs.Allow(s.BotUser(), discordtest.SendMessages)
	pick(setLog, logs.ID)
	pick(setRole, editors.ID)
	g.scene("A log channel that it can't write in, one that it can, and a role")
	if got := now(); got.LogChannel != logs.ID || got.Role != editors.ID || got.By != admin.ID || got.Mode != journal.Everything || got.Channels != nil {
		t.Errorf("set up as %+v", got)
	}
	if m := pick(setRole, home.ID); now().Role != editors.ID || !strings.Contains(m.Content, setupEverybody) {
		t.Errorf("@everyone as the role: %+v", now())
	}
	pick(setLog)
	if now().LogChannel != "" {
		t.Error("the log channel can't be taken away")
	}

	general.Deny(admin, discordtest.ManageGuild)
	if m := pick(setMode, "off"); m.Content != notManager || now().Mode != journal.Everything {
		t.Errorf("who manages no more may still set up: %q", m.Content)
	}
	g.golden("setup.txt")

	// In another server there is no role and no log channel, and what is chosen there says nothing here.
	elsewhere := s.Guild("Elsewhere")
	elsewhere.Add(alice, elsewhere.Role("managers", discordtest.ManageGuild))
	away := elsewhere.Channel("away")
	panel = g.slash(alice, away, "setup", nil)
	if _, ok := panel.Find(customID(routeSetup, setRole)); ok || len(panel.Components) != 2 {
		t.Errorf("the panel of another server: %s", panel.Content)
	}
	for name, c := range map[string]struct {
		id     string
		values []string
	}{
		"a role in another server": {customID(routeSetup, setRole), []string{editors.ID}},
		"a log in another server":  {customID(routeSetup, setLog), []string{general.ID}},
		"a mode that is none":      {customID(routeSetup, setMode), []string{"everywhere"}},
		"no mode":                  {customID(routeSetup, setMode), nil},
		"a channel that is none":   {customID(routeSetup, setChannels), []string{"@everyone"}},
		"nothing":                  {routeSetup, []string{"off"}},
	} {
		r := g.bot.handlers.Buttons[routeSetup].Handle(g.ctx, &Interaction{CustomID: c.id, Values: c.values, GuildID: elsewhere.ID,
			Message: &Message{Components: offering(c.id)},
			User:    User{ID: "5"}, Member: &Member{Permissions: 1 << 5}})
		if r.Content != speak("").OldButton {
			t.Errorf("%s: %q", name, r.Content)
		}
	}
	if got, err := g.opts.Journal.Settings(g.ctx, elsewhere.ID); err != nil || got.At != (journal.Settings{}).At {
		t.Errorf("forged choices set %+v, %v", got, err)
	}
}
