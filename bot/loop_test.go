package bot

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
)

// TestLoop is the whole of what moderators and members do for one another, written down in testdata/dialogue/loop.txt: a question is declined, its
// gap seen and filled, who waited told, the fact corrected, the answers edited, and all of that taken back. What happens in different channels at
// the same time is written down one channel after the other.
func TestLoop(t *testing.T) {
	o := newOffice(t, "testdata/dialogue")
	mod, alice, bob := o.mod, o.alice, o.s.User("bob")
	o.general = o.log // moderators do all of it there
	public := o.s.General()
	me := o.s.BotUser().Mention()

	_, declined := o.say(alice, public, me+" who is the conductor of the choir?")
	o.click(alice, declined, "Tell me when known")
	o.gapsKept(1, 1) // of one gap the wording that was noted first is shown
	o.slash(bob, public, "ask", discordtest.Args{"question": "Who's the choir's conductor?"})
	o.gapsKept(1, 2)
	o.byChannel("A member asks, is declined, and asks to be told; another asks the same in other words")

	g := o.slash(mod, o.log, "facts gaps", nil)
	gap := o.answer(mod.Select(g, "Choose one to do something about it", "who is the conductor of the choir?"))
	f, err := mod.Click(gap, "Add a fact")
	if err != nil {
		t.Fatal(err)
	}
	form, err := f.Form(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	p := o.submit(mod, form, discordtest.Values{"text": "Mina Abara is the conductor of the choir.", "sources": "courier ¶4", "details": "said by: the mayor\nas of: 2023-06", "why": "members ask"})
	o.byChannel("A moderator sees the gap, writes a fact, and sees what members will read and which questions it answers")

	confirmed := time.Now()
	o.click(mod, p, "Confirm")
	told, err := o.s.WaitMessage(o.ctx, func(m discordtest.Message) bool {
		return slices.Contains(m.Pinged, "@alice") && m.Author == o.s.BotUser()
	})
	if err != nil {
		t.Fatalf("alice is not told: %v\n%s", err, o.stage.log)
	}
	t.Logf("told %v after Confirm", time.Since(confirmed).Round(time.Millisecond))
	o.told("added")
	o.untilKept(1)
	answered := o.slash(bob, public, "ask", discordtest.Args{"question": "Who's the choir's conductor?"})
	o.gapsKept(0, 0)
	o.untilKept(2)
	o.slash(mod, o.log, "facts gaps", nil)
	o.byChannel("Confirmed: who waited is told, and nobody else; the gap is filled")

	f2 := o.form(mod, "facts edit", discordtest.Args{"fact": "mina-abara-conductor-choir"})
	p = o.submit(mod, f2, discordtest.Values{"text": "Mina Abara and Jon Holm are the conductors of the choir.", "details": "said by: the mayor\nas of: 2023-07", "why": "the mayor named a second one"})
	o.click(mod, p, "Confirm")
	o.told("Jon Holm")
	o.untilTrue()
	for _, m := range []discordtest.Message{told, answered} {
		if now := o.now(m); !strings.Contains(now.Content, "Jon Holm") {
			t.Errorf("the answer is not corrected: %s", now.Content)
		}
	}
	o.byChannel("The fact is corrected, and with it each answer that showed it")

	h := o.slash(mod, o.log, "facts history", discordtest.Args{"fact": "mina-abara-conductor-choir"})
	undo, _ := h.Find("Undo an edit")
	u := o.answer(mod.Select(h, "Undo an edit", undo.Options[0].Label))
	o.click(mod, u, "Confirm")
	o.told("undid")
	o.untilTrue()
	for _, m := range []discordtest.Message{told, answered} {
		if now := o.now(m); now.Content != m.Content {
			t.Errorf("the answer is not as it was first: %s", now.Content)
		}
	}
	o.slash(mod, o.log, "facts history", discordtest.Args{"fact": "mina-abara-conductor-choir"})
	o.byChannel("History and undo: the answers are as they were first")
	text := nearestFacts.ReplaceAllString(o.done.String(), "$1...]")
	o.done.Reset()
	o.done.WriteString(text)
	o.golden("loop.txt")
}

// nearestFacts are those that a gap may belong to, in an order that is the ranking's business.
var nearestFacts = regexp.MustCompile(`(?m)(\[v It belongs to a fact: choose which: ).*\]$`)

// byChannel is scene for what happens in several channels at once: one channel after the other, in the order in which they came up.
func (o *office) byChannel(title string) {
	o.t.Helper()
	o.sceneAs(title, func(scene string) (text string) {
		var order []string
		parts := map[string][]string{}
		at := o.last // it is not named again where the scene before left off
		for _, line := range strings.Split(scene, "\n") {
			if strings.HasPrefix(line, "== ") {
				at = line
				continue
			}
			if line == "" {
				continue
			}
			if parts[at] == nil {
				order = append(order, at)
			}
			parts[at] = append(parts[at], line)
		}
		o.last = at
		slices.Sort(order)
		for _, c := range order {
			text += c + "\n" + strings.Join(parts[c], "\n") + "\n\n"
		}
		return text
	})
}
