package bot

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// FuzzRetell holds, for facts and heads of any text and any length, that a corrected answer is never too long, that each [n] in it has its source and
// each source its [n], that nothing in it pings, and that facts which are again what they were give the answer as it was.
func FuzzRetell(f *testing.F) {
	f.Add("The bridge opens in 2025.", "The bridge opens in 2026.", "when?", uint64(1), 10)
	f.Add("@everyone **x** [1] ~~y~~", "-# [9] <@123> ```", "-# ❓ [2]", uint64(2), 100)
	f.Add("*_~|`", "<https://example.org/a_b>", "https://discord.gg/x", uint64(3), 400)
	f.Add("😀", "日本語。", "何？", uint64(4), 500)
	dangling := regexp.MustCompile(`(?m)(?:^|[^\\])\[(\d+)\]`)
	f.Fuzz(func(t *testing.T, old, new, question string, seed uint64, times int) {
		r := rand.New(rand.NewPCG(seed, 0))
		long := func(s string) string {
			return clip(visible(strings.Repeat(s+" ", 1+max(times, 0)%500)), knowledge.MaxText)
		}
		p := languages[[]string{"en", "de", "fr", "es", "ja"}[r.IntN(5)]]
		source := &knowledge.Source{ID: "s", Title: long(question), URL: "https://example.org/" + strings.Repeat("x", r.IntN(250))}
		var was []*knowledge.Fact
		var facts, plain []retold
		for n := range 1 + r.IntN(3) {
			fact := &knowledge.Fact{ID: fmt.Sprint("fact-", n), Text: long(old), Status: knowledge.Stated, Cites: []knowledge.Cite{{Source: source, Paragraph: n + 1}, {Source: source, Paragraph: 9}}}
			if visible(fact.Text) == "" {
				return
			}
			was = append(was, fact)
			v := journal.Version{Revision: fact.Revision(), Fact: fact.ID, Text: fact.Text, Status: string(fact.Status)}
			one := retold{id: fact.ID, fact: fact, was: v, since: time.Unix(1, 0), same: true}
			plain = append(plain, one)
			switch r.IntN(5) {
			case 0:
				one.same, one.fact = false, nil
			case 1:
				changed := *fact
				changed.Text = long(new)
				if visible(changed.Text) == "" {
					return
				}
				one.same, one.fact = false, &changed
			case 2:
				changed := *fact
				changed.Status, changed.SupersededBy = knowledge.Superseded, "other"
				one.same, one.fact = false, &changed
			case 3:
				one.same, one.was, one.fact = false, journal.Version{}, nil
			}
			facts = append(facts, one)
		}
		content := renderAnswer(p, head{question: question}, knowledge.Tell(was...))
		got := retell(p, content, facts)
		if units(got) > maxContent || got == "" {
			t.Fatalf("%d characters: %q", units(got), got)
		}
		if back := retell(p, got, plain); back != content {
			t.Errorf("not as it was:\n%q\nbut\n%q", content, back)
		}
		if m := mention.FindString(strings.ReplaceAll(got, "<t:", "")); m != "" {
			t.Errorf("it may ping: %q in %q", m, got)
		}
		if strings.Contains(got, "```") {
			return // a code block shows its text as it is
		}
		said, told := map[string]bool{}, map[string]bool{}
		for _, line := range strings.Split(got, "\n") {
			if strings.HasPrefix(line, "~~") && dangling.MatchString(line) {
				t.Errorf("what is struck out has a number: %q", line)
			}
			in := said
			if strings.HasPrefix(line, "-# [") {
				in = told
				line = line[:strings.IndexByte(line, ']')+1]
			} else if strings.HasPrefix(line, "-# ") {
				continue
			}
			for _, m := range dangling.FindAllStringSubmatch(line, -1) {
				in[m[1]] = true
			}
			if strings.HasPrefix(line, "-# ") {
				continue
			}
			for _, m := range regexp.MustCompile(`\[(\d+)\]`).FindAllStringSubmatch(line[strings.LastIndexByte(line, ' ')+1:], -1) {
				in[m[1]] = true
			}
		}
		if fmt.Sprint(said) != fmt.Sprint(told) {
			t.Errorf("it cites %v and tells %v:\n%s", said, told, got)
		}
	})
}
