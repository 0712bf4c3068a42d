package bot

import (
	"fmt"
	"strings"
	"testing"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// TestPrivacy is a member who asks what is kept of theirs, and has it deleted. It is written down in testdata/dialogue/privacy.txt.
func TestPrivacy(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, general, me := s.User("alice"), s.User("bob"), s.General(), s.BotUser().Mention()
	if _, err := g.opts.Journal.Set(g.ctx, s.Home().ID, func(now *journal.Settings) bool { now.Mode = journal.Off; return true }); err != nil {
		t.Fatal(err)
	}
	if err := g.bot.settings.mirror.Refresh(g.ctx, s.Home().ID); err != nil {
		t.Fatal(err)
	}
	g.slash(bob, general, "privacy", nil)
	g.scene("Nothing is kept; and it works where the bot is switched off")
	if _, err := g.bot.settings.set(g.ctx, s.Home().ID, func(now *journal.Settings) bool { now.Mode = journal.Everything; return true }); err != nil {
		t.Fatal(err)
	}
	_, declined := g.say(alice, general, me+" who is the conductor of the choir?")
	g.gapsKept(1, 1)
	g.click(alice, declined, "Tell me when known")
	g.say(bob, general, me+" who is the conductor of the choir?")
	g.gapsKept(1, 2)
	g.scene("Alice asks, and waits; bob asks the same")
	shown := g.slash(alice, general, "privacy", nil)
	sure := g.click(alice, shown, "Delete mine")
	g.click(alice, sure, "Yes, delete it")
	g.scene("Hers, and its end")
	g.slash(alice, alice.DMChannel(), "privacy", nil)
	g.scene("In a direct message")
	g.golden("privacy.txt")
	if k, err := g.opts.Journal.Kept(g.ctx, alice.ID); err != nil || k != (journal.Kept{}) {
		t.Errorf("of alice is kept %+v, %v", k, err)
	}
	if k, err := g.opts.Journal.Kept(g.ctx, bob.ID); err != nil || k.Gaps != 1 {
		t.Errorf("of bob is kept %+v, %v", k, err)
	}
	for locale, p := range languages {
		u := s.User("speaks " + locale)
		u.SetLocale(map[string]string{"es": "es-ES", "en": "en-GB"}[locale])
		if locale != "es" && locale != "en" {
			u.SetLocale(locale)
		}
		if m := g.slash(u, general, "privacy", nil); !strings.HasPrefix(m.Content, fmt.Sprintf(p.Privacy, 30)) || m.VisibleTo != u {
			t.Errorf("%s: %q", locale, m.Content)
		}
	}
}
