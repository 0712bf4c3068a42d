package bot

import (
	"strings"
	"testing"

	"footnote/bot/discordtest"
)

// TestQuoteSaid holds that a member's spoilers stay closed where their words are shown again, also where these are cut, and that nothing else is live.
func TestQuoteSaid(t *testing.T) {
	for _, c := range []struct {
		in   string
		room int
		want string
	}{
		{"when did ||the mayor resign|| in June?", 300, "when did ||the mayor resign|| in June?"},
		{"||a|| and ||b||", 300, "||a|| and ||b||"},
		{"||a|b||", 300, `||a\|b||`},
		{"||*a* @everyone||", 300, `||\*a\* @` + zeroWidth + `everyone||`},
		{"a || b", 300, `a \|\| b`},
		{"a || b || c", 300, "a || b || c"},
		{"|| ||", 300, `\|\| \|\|`},
		{"||||", 300, `\|\|\|\|`},
		{strings.Repeat("||", 40), 300, strings.Repeat(`\|\|`, 40)},
		{"who is ||the secret traitor of the story|| then?", 20, "who is ||the secret…||"},
		{"who is ||the secret traitor|| then, and why is it so?", 40, "who is ||the secret traitor|| then,…"},
		{"who is ||the traitor||", 21, "who is ||the traitor…||"},
		{"who is it ||then||", 11, "who is it…"},
	} {
		got := quoteSaid(c.in, c.room)
		if got != c.want {
			t.Errorf("quoteSaid(%q, %d) = %q, want %q", c.in, c.room, got, c.want)
		}
		if c.room == 300 && unescape(got) != c.in {
			t.Errorf("%q is read back as %q", got, unescape(got))
		}
	}
	for _, s := range hostile {
		text, live := displayed(spoiler.ReplaceAllString(quoteSaid(s, 1000), "$1"))
		if want := spoiler.ReplaceAllString(clip(visible(s), 1000), "$1"); text != want || len(live) > 0 {
			t.Errorf("%q is displayed as %q, want %q; live: %q", s, text, want, live)
		}
	}
}

// TestClosed holds that what was hidden in a question is hidden as it was read, which leaves away all marks, and links and more.
func TestClosed(t *testing.T) {
	for _, c := range []struct{ reading, asked, want string }{
		{"and who is it then?", "and who is **||it||** then?", "and who is ||it|| then?"},
		{"it is it, and it?", "it is ||it||, and it?", "it is ||it||, and it?"},
		{"see who did it", "see https://x.example ||who did it||", "see ||who did it||"},
		{"a and b are who did", "https://x.example ||a and|| ||b|| are ||who|| did", "||a and|| ||b|| are ||who|| did"},
		{"and when? — after “who did it?”", "||who|| did it?", "and when? — after “||who|| did it?”"},
		{"nothing hidden", "nothing hidden", "nothing hidden"},
		{"a fact's own question?", "||secret||", "a fact's own question?"},
		{"", "||x||", ""},
	} {
		if got := closed(c.reading, c.asked); got != c.want {
			t.Errorf("closed(%q, %q) = %q, want %q", c.reading, c.asked, got, c.want)
		}
	}
}

// TestSpoilers asks with spoilers: what the bot shows of such questions again, as echo, reading, uncovered word and in Why, keeps them closed.
func TestSpoilers(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, general := s.User("alice"), s.General()
	first := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the ||bridge|| be built?"})
	followed := g.fill(alice, first, "Follow up", discordtest.Values{"question": "and when will ||it open||?"})
	why := g.click(alice, followed, "Why this?")
	declined := g.slash(alice, general, "ask", discordtest.Args{"question": "who is the ||conductor|| of the choir?"})
	for _, m := range []discordtest.Message{first, followed, why, declined} {
		open := strings.ToLower(spoiler.ReplaceAllString(m.Content, "▮"))
		for _, word := range []string{"the bridge be built", "it open", "conductor"} {
			if strings.Contains(open, word) || !strings.Contains(m.Content, "||") {
				t.Errorf("a spoiler stands open:\n%s", m.Content)
			}
		}
	}
	for _, c := range []struct {
		m    discordtest.Message
		want string
	}{
		{first, "-# ❓ Where will the ||bridge|| be built?"},
		{followed, "-# ↪ Read as: “and when will ||it open||? — after “Where will the ||bridge|| be built?””"},
		{declined, "none of them covers ||“conductor”||, “choir”"},
	} {
		if !strings.Contains(c.m.Content, c.want) {
			t.Errorf("want %s in:\n%s", c.want, c.m.Content)
		}
	}
}
