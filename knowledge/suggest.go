package knowledge

import (
	"slices"
	"strings"
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
	x    *index
	doc  int
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
	prefix = cleanQuestion(prefix)
	var best []completion // the n best so far, best first
	for _, x := range g.indexes {
		t := x.beginning(prefix)
		for i := range x.docs {
			c := t.complete(i, &x.docs[i])
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
		f := c.x.docs[c.doc].fact
		s := Suggestion{f.Text, f}
		if c.ask >= 0 {
			s.Question = f.Asks[c.ask]
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
	// means says of each term of the base which of the typed words it stands for, a bit each. A word typed to its end stands for its
	// stem, the last also for all that begin with it.
	means []uint16
	worth [maxTypedWords]float64
}

const maxTypedWords = 16

// What a typed word is worth that carries no topic, beside 1; a question wording beside a fact's text; and beginning as what was typed does.
const (
	worthStop  = 0.2
	worthAsk   = 0.5
	worthFirst = 0.1
)

func (x *index) beginning(prefix string) *typed {
	toks := x.lang.tokens(prefix)
	t := &typed{x: x, empty: len(toks) == 0}
	if t.empty {
		return t
	}
	toks = toks[:min(len(toks), maxTypedWords)]
	t.first = strings.ToLower(toks[0].raw)
	t.means = make([]uint16, len(x.terms))
	for i, tok := range toks {
		t.worth[i] = 1
		if tok.stop {
			t.worth[i] = worthStop
		}
		if id, ok := x.vocab[tok.term]; ok {
			t.means[id] |= 1 << i
		}
		if i < len(toks)-1 {
			continue
		}
		for id, term := range x.terms {
			// "ope" begins "open"; "openi" has more than the stem of "opening".
			if strings.HasPrefix(term, tok.word) || len(term) >= 4 && len(tok.word)-len(term) <= 3 && strings.HasPrefix(tok.word, term) {
				t.means[id] |= 1 << i
			}
		}
	}
	return t
}

// complete gives the best of a fact's wordings; its rank is negative when none has a word of what was typed.
func (t *typed) complete(i int, d *doc) completion {
	c := completion{x: t.x, doc: i, ask: -1, rank: -1}
	if t.empty {
		c.rank = 0
		if len(d.fact.Asks) > 0 {
			c.ask, c.rank = 0, worthAsk
		}
		if d.fact.Overview {
			c.rank++
		}
		return c
	}
	try := func(ask int, bits uint16, text string, bonus float64) {
		if bits == 0 {
			return
		}
		v := bonus
		for k := 0; bits != 0; k, bits = k+1, bits>>1 {
			if bits&1 != 0 {
				v += t.worth[k]
			}
		}
		if len(text) >= len(t.first) && strings.EqualFold(text[:len(t.first)], t.first) {
			v += worthFirst
		}
		if v > c.rank {
			c.ask, c.rank = ask, v
		}
	}
	for k := range d.asks {
		var bits uint16
		for _, term := range d.asks[k].said {
			bits |= t.means[term]
		}
		try(k, bits, d.asks[k].text, worthAsk)
	}
	var bits uint16
	for _, w := range d.words {
		bits |= t.means[w.term]
	}
	try(-1, bits, d.fact.Text, 0)
	if c.rank < worthAsk+worthFirst+worthStop-1e-9 {
		c.rank = -1 // nothing but a stop word in common
	}
	return c
}
