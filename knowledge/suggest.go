package knowledge

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/knowledge/language"
)

// maxTyped is how much of what a member has typed is looked at, in bytes: Discord lets no option of a command grow longer than
// 100 characters while it completes.
const maxTyped = 400

// Suggest completes what a member has typed so far to at most n known questions: those that hold most of the typed words, question
// wordings before facts by their text where as many do. An empty prefix gives the overview facts' questions first. A fact is
// suggested once.
func (b *Base) Suggest(prefix string, n int) []Suggestion {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur.suggest(prefix, n)
}

// A completion is a fact that completes what was typed, by one of its wordings.
type completion struct {
	fact *Fact
	ask  int // of the fact's asks; -1 for its text
	rank float64
}

func (g *generation) suggest(prefix string, n int) []Suggestion {
	if n <= 0 {
		return nil
	}
	if len(prefix) > maxTyped {
		prefix = prefix[:maxTyped]
	}
	prefix = language.Clean(prefix)
	var best []completion // the n best so far, best first
	for _, x := range g.indexes {
		t := x.beginning(prefix)
		for i, f := range x.facts {
			c := t.complete(i, f)
			if c.rank < 0 || len(best) == n && c.rank <= best[n-1].rank {
				continue
			}
			at := slices.IndexFunc(best, func(b completion) bool { return b.rank < c.rank })
			if at < 0 {
				at = len(best)
			}
			best = slices.Insert(best, at, c)
			best = best[:min(len(best), n)]
		}
	}
	var out []Suggestion
	for _, c := range best {
		s := Suggestion{c.fact.Text, c.fact}
		if c.ask >= 0 {
			s.Question = c.fact.Asks[c.ask]
		}
		out = append(out, s)
	}
	return out
}

// typed is what was typed, made ready for one index.
type typed struct {
	x     *index
	empty bool
	first string // its first word, in lower case
	plain bool   // it has nothing but stop words, which no wording is said to hold: "when does"
	// bits says of each wording which of the typed words it holds: of each fact's text, and of each ask.
	texts, asks []uint16
	from        []int // the first ask of each fact
	worth       [maxTypedWords]float64
}

const maxTypedWords = 16

// What a typed word is worth that carries no topic, beside 1; a question wording beside a fact's text; and beginning as what was typed does.
const (
	worthStop  = 0.2
	worthAsk   = 0.5
	worthFirst = 0.1
)

func (x *index) beginning(prefix string) *typed {
	toks := x.Language().Tokens(prefix)
	t := &typed{x: x, empty: len(toks) == 0}
	if t.empty {
		return t
	}
	toks = toks[:min(len(toks), maxTypedWords)]
	t.first = strings.ToLower(toks[0].Raw)
	t.plain = true
	for i, tok := range toks {
		t.worth[i] = 1
		if tok.Stop {
			t.worth[i] = worthStop
		}
		t.plain = t.plain && tok.Stop
	}
	t.texts, t.asks, t.from = x.Holding(toks)
	return t
}

// complete gives the best of a fact's wordings; its rank is negative when none has a word of what was typed.
func (t *typed) complete(i int, f *Fact) completion {
	c := completion{fact: f, ask: -1, rank: -1}
	if t.empty {
		c.rank = 0
		if len(f.Asks) > 0 {
			c.ask, c.rank = 0, worthAsk
		}
		if f.Overview {
			c.rank++
		}
		return c
	}
	try := func(ask int, bits uint16, text string, bonus float64) {
		begins := len(text) >= len(t.first) && strings.EqualFold(text[:len(t.first)], t.first)
		v := bonus
		if bits == 0 {
			if !begins || !t.plain {
				return
			}
			v += worthStop
		}
		for k := 0; bits != 0; k, bits = k+1, bits>>1 {
			if bits&1 != 0 {
				v += t.worth[k]
			}
		}
		if begins {
			v += worthFirst
		}
		if v > c.rank {
			c.ask, c.rank = ask, v
		}
	}
	for k, ask := range f.Asks {
		try(k, t.asks[t.from[i]+k], ask, worthAsk)
	}
	try(-1, t.texts[i], f.Text, 0)
	if c.rank < worthAsk+worthFirst+worthStop-1e-9 {
		c.rank = -1 // nothing but a stop word in common
	}
	return c
}

// writtenOut reports whether the text begins with no lower-case letter and ends with a question mark.
func writtenOut(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return !unicode.IsLower(first) && (strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？"))
}
