package bot

import (
	"strings"
	"testing"

	"footnote/bot/discordtest"
)

// TestForwards asks with messages that say nothing of their own: forwards, polls and embeds. What is forwarded is never fetched from where it
// stood: in a channel that the bot may not see. It is written down in testdata/dialogue/said.txt.
func TestForwards(t *testing.T) {
	g := newKept(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, mod, general := s.User("alice"), s.User("bob"), s.User("mod"), s.General()
	s.Home().Add(mod, s.Home().Role("moderators", discordtest.ManageGuild))
	s.SetCommandPermission("Make a fact", mod, true)
	secret := s.Home().Channel("secret")
	secret.Deny(s.BotUser(), discordtest.ViewChannel)
	must := func(m discordtest.Message, err error) discordtest.Message {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	asked := must(bob.Say(secret, "when will the bridge open?"))
	picture := must(bob.Say(secret, "", discordtest.Upload{Name: "bridge.png", Data: []byte("no picture")}))
	notice := must(s.Webhook("news").Embed(general, "How much will the bridge cost?", ""))
	vote := must(bob.Poll(general, "Where will the bridge be built?", "here", "there"))
	g.scene("What there is: a question in a channel that the bot does not see, a picture, an embed and a poll")

	g.replyTo(must(alice.Forward(asked, alice.DMChannel())))
	g.scene("A forward in a direct message")
	g.replyTo(must(alice.Forward(picture, alice.DMChannel())))
	g.scene("A forwarded picture")
	g.replyTo(must(alice.Poll(alice.DMChannel(), "Where will the bridge be built?", "here", "there")))
	g.scene("A poll")
	forward := must(alice.Forward(asked, alice.DMChannel()))
	g.replyTo(forward)
	g.reply(alice, forward, s.BotUser().Mention())
	g.scene("A bare mention in reply to a forward, in a direct message")

	there := must(bob.Forward(asked, general))
	g.answer(alice.MessageCommand(there, "Ask the facts"))
	g.answer(alice.MessageCommand(notice, "Ask the facts"))
	g.answer(alice.MessageCommand(vote, "Ask the facts"))
	g.answer(alice.MessageCommand(must(bob.Forward(picture, general)), "Ask the facts"))
	g.scene("Ask the facts, on a forward, an embed, a poll and a picture")
	g.reply(alice, there, s.BotUser().Mention())
	g.scene("A bare mention in reply to a forward that Discord does not show the bot")

	for _, m := range []discordtest.Message{there, notice, vote} {
		i, err := mod.MessageCommand(m, "Make a fact")
		if err != nil {
			t.Fatal(err)
		}
		if f, err := i.Form(g.ctx); err != nil || !strings.Contains(f.Fields[0].Value, "bridge") {
			t.Errorf("Make a fact on %q%q%q: %v", m.Forwarded, m.Poll, m.Embeds, err)
		}
	}
	i, err := mod.MessageCommand(picture, "Make a fact")
	if err == nil {
		g.answer(i, err)
	}
	for _, r := range s.Requests() {
		if r.Method == "GET" && strings.Contains(r.Path, "/channels/"+secret.ID) {
			t.Errorf("the original was asked for: %s", r.Path)
		}
	}
	g.golden("said.txt")
}

// TestQuestionIn checks what of a message is its question.
func TestQuestionIn(t *testing.T) {
	for in, want := range map[string]string{
		"<@1> when will the bridge open?":                    "when will the bridge open?",
		"<@!1> hey <@5>, when will the bridge open <a:o:7>?": "hey  , when will the bridge open  ?",
		"<@&8> see <#9> </ask:3> <t:1700000000:R>":           "see",
		"1 < 2 and <b>?": "1 < 2 and <b>?",
		"<:wave:123>":    "",
	} {
		if got := questionIn(&Message{Content: in}); got != want {
			t.Errorf("questionIn(%q) = %q, want %q", in, got, want)
		}
	}
}
