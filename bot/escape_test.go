package bot

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// displayed is what a member sees of a message, and what of it is live: markup, mentions, links. It follows Discord's
// rules as its client applies them: a backslash before any character but letters, digits and space shows that character; an
// address in angle brackets is a link without a preview.
func displayed(content string) (text string, live []string) {
	if m := rawMention.FindString(content); m != "" {
		live = append(live, "mention "+m)
	}
	if m := rawInvite.FindString(content); m != "" {
		live = append(live, "invitation "+m)
	}
	var b strings.Builder
	for _, line := range strings.Split(content, "\n") {
		if m := lineMarkup.FindString(line); m != "" {
			live = append(live, "line "+m)
		}
		for i := 0; i < len(line); {
			r, n := utf8.DecodeRuneInString(line[i:])
			rest := line[i+n:]
			switch {
			case r == '\\' && rest != "":
				next, m := utf8.DecodeRuneInString(rest)
				if next < 128 && (unicode.IsLetter(next) || unicode.IsDigit(next)) || unicode.IsSpace(next) {
					b.WriteRune(r)
					break
				}
				b.WriteRune(next)
				i += n + m
				continue
			case r == '<':
				if m := angleLink.FindString(line[i:]); m != "" {
					b.WriteString(m[1 : len(m)-1])
					i += len(m)
					continue
				}
				live = append(live, "bracket "+line[i:])
			case strings.ContainsRune("*_~|`[]", r):
				live = append(live, "markup "+line[i:])
			case (r == 'h' || r == 'H') && bareLink.MatchString(line[i:]):
				live = append(live, "link "+line[i:])
			}
			b.WriteString(line[i : i+n])
			i += n
		}
		b.WriteByte('\n')
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), zeroWidth, ""), live
}

var (
	rawMention = regexp.MustCompile(`@everyone|@here|<@[!&]?\d+>|<#\d+>|<a?:\w+:\d+>|</[^>]+:\d+>|<id:\w+>|<t:`)
	rawInvite  = regexp.MustCompile(`(?:^|[^</.\w])(?:www\.)?(?:discord\.gg|discord(?:app)?\.com/invite)/\w`)
	lineMarkup = regexp.MustCompile(`^ *(?:#{1,3} |-# |>>> |> |[-*+] |\d+\. )`)
	angleLink  = regexp.MustCompile(`(?i)^<https?://[^\s<>]+>`)
	bareLink   = regexp.MustCompile(`(?i)^https?://\S`)
)

var hostile = []string{
	"@everyone", "@here", "hello @everyone and @here", strings.Repeat("@everyone ", 220), "@@here", "<@1>", "<@!1234567890>", "<@&42>", "<#7>",
	"<:smile:123>", "<a:dance:123>", "</ask:1>", "<id:customize>", "<t:0:R>", "a < b and c > d", "x<y",
	"[click](https://evil.example)", "](", "`code`", "```\nblock\n```", "``` ``` ```", "**bold** __under__ ~~gone~~ ||spoiler|| *i* _i_",
	"# heading", "## heading", "-# small", "> quote", ">>> quote", "- item", "* item", "+ item", "1. item", "12) item", "2023 was. A year",
	"https://example.com", "see https://example.com/a_b_c, and (https://en.wikipedia.org/wiki/NATO_(disambiguation)).", "HTTPS://EXAMPLE.COM",
	"https://example.com/@everyone", "https://", "https://x", "http://a|b", "https://a\\b", "discord.gg/abc", "join discord.gg/abc now", "discord.com/invite/x", "https://discord.gg/abc",
	"steam://run/1", `back\slash`, `\`, `\\`, `ends with \`, `\@everyone`, "a\u202eevil\u202c", "zero\u200bwidth", "@\u200beveryone", "\u2066iso\u2069", "\ufeffbom",
	"line\nbreak", "line\u2028break", "tab\tbed", "\x00\x1b[31mred", "bad\xffutf8", "http://\xf3discord.gg/a", "https://a.example/?to=discord.gg/b", "Z̸̢̡̛͎̼͙͔͓͇̟͒̏͒̎͌a̷", "👩‍👩‍👧‍👦 family", "می\u200cخواهم", "\u3164\u3164", "", " ", "¯\\_(ツ)_/¯", "snake_case_name and 2*3*4",
	"*", strings.Repeat("*", 1000), strings.Repeat("`", 1000), strings.Repeat("[](", 300), strings.Repeat("<@1>", 250), strings.Repeat("😀", 1000),
}

// TestEscape holds that text is displayed word for word and does nothing.
func TestEscape(t *testing.T) {
	for _, s := range hostile {
		for name, escaped := range map[string]string{"fact": escapeFact(s), "said": escapeSaid(s)} {
			text, live := displayed(escaped)
			if text != visible(s) {
				t.Errorf("%s %q is written %q and displayed as %q, want %q", name, s, escaped, text, visible(s))
			}
			if len(live) > 0 {
				t.Errorf("%s %q is written %q, where this is live: %q", name, s, escaped, live)
			}
		}
		if got := unescape(escapeSaid(s)); got != visible(s) {
			t.Errorf("unescape(escapeSaid(%q)) = %q", s, got)
		}
	}
}

// TestEscapeReads holds what some texts become, so that a person can judge them.
func TestEscapeReads(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"NATO is to open an office in Tokyo.", "NATO is to open an office in Tokyo."},
		{"It costs $5 (about 4 €) - or so; isn't it? Yes: #1!", "It costs $5 (about 4 €) - or so; isn't it? Yes: #1!"},
		{"see https://example.com/a.", "see <https://example.com/a>."},
		{"2. May", `2\. May`},
		{"- not a list", `\- not a list`},
		{"[x](y)", `\[x\](y)`},
		{"👩‍👧 می\u200cخواهم", "👩‍👧 می\u200cخواهم"},
	} {
		if got := escapeFact(c.in); got != c.want {
			t.Errorf("escapeFact(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := escapeSaid("https://evil.example"); got != `https\://evil.example` {
		t.Errorf("a member's link is written %q", got)
	}
}

// TestFence holds that a block of code can't be left from within, and holds no mention.
func TestFence(t *testing.T) {
	for _, s := range hostile {
		f := fence(s)
		inside := strings.TrimSuffix(strings.TrimPrefix(f, "```\n"), "\n```")
		if strings.Contains(inside, "```") || strings.HasSuffix(inside, "`") && strings.HasSuffix(inside, "```") {
			t.Errorf("fence(%q) = %q can be left", s, f)
		}
		if m := rawMention.FindString(f); m != "" {
			t.Errorf("fence(%q) = %q holds %s", s, f, m)
		}
		if strings.ReplaceAll(inside, zeroWidth, "") != visible(s) {
			t.Errorf("fence(%q) shows %q", s, inside)
		}
		if n := utf8.RuneCountInString(visible(s)); utf8.RuneCountInString(f) > n+n/2+9 {
			t.Errorf("fence makes %d characters of %d", utf8.RuneCountInString(f), n)
		}
	}
}

// TestClip holds that no character is cut in two and that words stay whole where they can.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"}, {"exactly ten", 11, "exactly ten"}, {"one two three four", 14, "one two three…"}, {"日本語の文章です", 5, "日本語の…"},
		{"😀😀😀", 5, "😀😀…"}, {"abcdefghij", 5, "abcd…"}, {"abc", 0, "…"},
	} {
		if got := clip(c.in, c.n); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// FuzzEscape looks for text that is not displayed word for word, or that does something.
func FuzzEscape(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, escaped := range []string{escapeFact(s), escapeSaid(s)} {
			text, live := displayed(escaped)
			if text != visible(s) || len(live) > 0 {
				t.Errorf("%q is written %q, displayed as %q, live: %q", s, escaped, text, live)
			}
		}
		if got := unescape(escapeSaid(s)); got != visible(s) {
			t.Errorf("unescape(escapeSaid(%q)) = %q", s, got)
		}
		if visible(visible(s)) != visible(s) {
			t.Errorf("visible is not settled for %q", s)
		}
	})
}
