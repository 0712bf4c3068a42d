package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// A retold is one fact of a posted answer, as the answer is to say it now.
type retold struct {
	id    string
	fact  *knowledge.Fact // as it is now; nil: it is withdrawn, or no longer there
	same  bool            // it is as it was when the answer was posted
	was   journal.Version // what the answer said when it was posted; zero where that is not kept
	since time.Time       // since when the fact is as it is now
}

// quotes are how much of what a sentence said before is told, from all to nothing.
var quotes = []int{knowledge.MaxText, 300, 80, 0}

// retell makes the content of a posted answer anew out of its present content, which gives its head, and its facts. A fact that is as it was is
// told plainly; so when all are, the content is what it was at first. A corrected one is told as it is now, with what it said before; one that
// is gone is struck out, with no [n]. It has at most [maxContent] characters: what grows too long loses first what was said before, then details
// of the sources, then the later sentences.
func retell(p *phrases, content string, facts []retold) string {
	h := readHead(content)
	top := func(room int) []string { return h.lines(p, room) }
	pin := strings.HasPrefix(content, signPinned) && len(facts) == 1
	if pin {
		top = func(int) []string { return []string{pinned(facts[0].id)} }
	}
	if !slices.ContainsFunc(facts, func(r retold) bool { return !r.same }) {
		var plain []*knowledge.Fact
		for _, r := range facts {
			plain = append(plain, r.fact)
		}
		if pin {
			return renderFact(p, plain[0])
		}
		return renderAnswer(p, h, knowledge.Tell(plain...))
	}
	for n := len(facts); n > 0; n-- {
		for _, quote := range quotes {
			for detail := wholeSource; detail < leastDetail; detail++ {
				s := renderSayings(p, top(echoes[0]), sayings(p, facts[:n], quote), nil, detail, false)
				if units(s) > maxContent {
					continue
				}
				if pin && facts[0].fact != nil {
					s = addLines(s, furtherLines(p, facts[0].fact)...)
				}
				return s
			}
		}
	}
	for _, room := range append(slices.Clone(echoes), 0) {
		for _, code := range []bool{false, true} {
			for _, quote := range quotes {
				if s := renderSayings(p, top(room), sayings(p, facts[:1], quote), nil, leastDetail, code); units(s) <= maxContent {
					return s
				}
			}
		}
	}
	return renderSayings(p, nil, sayings(p, facts[:1], 0), nil, leastDetail, true)
}

// sayings are what is to be said of the facts, with at most so many characters of what each said before.
func sayings(p *phrases, facts []retold, quote int) []saying {
	var said []saying
	for _, r := range facts {
		on := day(r.since)
		before := escapeFact(clip(visible(r.was.Text), quote))
		if quote == 0 {
			before = ""
		}
		one := saying{fact: r.fact}
		switch {
		case r.same:
		case r.fact == nil:
			if before != "" {
				one.instead = "~~" + before + "~~"
			}
			one.below = []string{"-# 🚫 " + fmt.Sprintf(p.WithdrawnOn, on)}
		case r.was.Revision == "" || r.fact.Text != r.was.Text && before == "":
			one.below = []string{"-# ✏️ " + fmt.Sprintf(p.CorrectedOn, on)}
		case r.fact.Text != r.was.Text:
			one.below = []string{"-# ✏️ " + fmt.Sprintf(p.Corrected, on, before)}
		case r.fact.Status == knowledge.Superseded && r.fact.SupersededBy != "" && r.was.Status != string(knowledge.Superseded):
			// It is said to be superseded, and by what.
		default:
			one.below = []string{"-# ✏️ " + fmt.Sprintf(p.Amended, on)}
		}
		said = append(said, one)
	}
	return said
}

// day is a day as Discord shows it in each member's own language.
func day(t time.Time) string { return fmt.Sprintf("<t:%d:D>", t.Unix()) }
