package knowledge

import (
	"math/bits"
	"slices"
	"strings"
)

// A fact may have a hundred wordings and more, of which most have one word of the question or none. So they are not read one by one: an
// inverted index tells which wordings hold each term that stands for a word of the question, and what they have in common with it is summed up.

// postings are the wordings that hold each term, by number, ascending.
type postings struct {
	starts []uint32 // where each term's begin, and where the last one's end
	list   []uint32
}

// newPostings lists the terms and phrases of the wordings.
func newPostings(terms int, ws []wording) postings {
	if len(ws) == 0 {
		return postings{}
	}
	each := func(do func(term uint32, w int)) {
		for i := range ws {
			for _, t := range ws[i].terms {
				do(t, i)
			}
			for _, t := range ws[i].phrases {
				do(t, i)
			}
		}
	}
	// Counted first, then put in place.
	p := postings{starts: make([]uint32, terms+1)}
	each(func(t uint32, _ int) { p.starts[t+1]++ })
	for t := range terms {
		p.starts[t+1] += p.starts[t]
	}
	p.list = make([]uint32, p.starts[terms])
	next := slices.Clone(p.starts)
	each(func(t uint32, w int) {
		p.list[next[t]] = uint32(w)
		next[t]++
	})
	return p
}

func (p *postings) of(term uint32) []uint32 {
	if len(p.list) == 0 {
		return nil
	}
	return p.list[p.starts[term]:p.starts[term+1]]
}

// A comparison compares a question with the wordings of one fact after another.
type comparison struct {
	a       *asking
	met     []metTerm // by unit
	sums    []common  // of each wording of the fact
	weights []float32 // of the unit at hand in each wording; all zero between units
	marks   []uint64  // a bit for each wording that has a weight
}

// A metTerm is a term that stands for a unit of the question.
type metTerm struct {
	entry
	used float64  // what a wording that holds it has in common with the question
	rest []uint32 // the wordings that hold it, from the next fact on
}

// common is what a wording and the question have in common, by what the words tell.
type common struct {
	covered float64 // of the question
	used    float64 // of the wording
	old     float64 // of the earlier question, what counts only where it is covered
}

// add counts a unit that the wording has with that weight. "And when does it open?" need not be about all that was asked before, so what is
// missing of that counts little.
func (c *common) add(u *weighed, got float32) {
	g := float64(got)
	c.covered += u.telling * g
	if u.old && g > oldMissing {
		c.old += u.telling * (g - oldMissing)
	}
}

func (a *asking) newComparison() *comparison {
	c := &comparison{a: a, met: make([]metTerm, 0, len(a.table.list))}
	for i, e := range a.table.list {
		m := metTerm{entry: e, rest: a.x.wordingsOf.of(e.term)}
		if len(m.rest) == 0 {
			continue
		}
		// A term may stand for several units, and is then counted once. Phrases, which have spaces, are no words of their own.
		if first := a.table.find(e.term); int(first) == i && !strings.Contains(a.x.terms[e.term], " ") {
			m.used = float64(a.table.best(first) * a.x.tell[e.term])
		}
		c.met = append(c.met, m)
	}
	return c
}

// fact matches the question with the text of the fact that s is of, and counts in s which units the text and the asks hold. It gives what each of
// the asks, and after them the not_asks, has in common with the question. The facts must come in the order of the base. What is returned is
// overwritten by the next call.
//
// What is covered is summed up unit by unit, as [asking.wording] does; what is used is too, but in another order, which makes no difference: it is a
// few numbers of 24 bits and of about the same size in a sum of 53 bits, so nothing is rounded.
func (c *comparison) fact(s *scored) []common {
	d := &c.a.x.docs[s.doc]
	c.a.text(d, &s.m)
	copy(s.ever[:], s.m.got[:len(c.a.units)])
	n := len(d.asks) + len(d.notAsks)
	if n > len(c.sums) {
		c.sums, c.weights, c.marks = make([]common, n), make([]float32, n), make([]uint64, (n+63)/64)
	}
	sums, weights, marks := c.sums[:n], c.weights[:n], c.marks[:(n+63)/64]
	clear(sums)
	lo, hi := d.firstWording, d.firstWording+uint32(n)
	for i := 0; i < len(c.met) && n > 0; {
		u := c.met[i].unit
		for ; i < len(c.met) && c.met[i].unit == u; i++ {
			m := &c.met[i]
			if len(m.rest) > 0 && m.rest[0] < lo { // facts were passed over
				k, _ := slices.BinarySearch(m.rest, lo)
				m.rest = m.rest[k:]
			}
			k := 0
			for ; k < len(m.rest) && m.rest[k] < hi; k++ {
				w := m.rest[k] - lo
				weights[w] = max(weights[w], m.weight)
				marks[w/64] |= 1 << (w % 64)
				sums[w].used += m.used
			}
			m.rest = m.rest[k:]
		}
		unit := &c.a.units[u]
		for k, mark := range marks {
			for ; mark != 0; mark &= mark - 1 {
				w := 64*k + bits.TrailingZeros64(mark)
				g := weights[w]
				weights[w] = 0
				sums[w].add(unit, g)
				if w < len(d.asks) && !c.a.passesOver(&d.asks[w]) {
					s.ever[u] = max(s.ever[u], g)
					s.pool[u] += g
				}
			}
			marks[k] = 0
		}
	}
	return sums
}

// passesOver reports whether the wording is passed over.
func (a *asking) passesOver(w *wording) bool { return a.except != "" && w.text == a.except }

// nearness makes of what a wording and the question have in common how near they are.
func (a *asking) nearness(w *wording, c common) askMatch {
	m := askMatch{text: w.text, typ: w.typ}
	if of := a.needed + c.old; of > 0 {
		m.covered = c.covered / of
	}
	if w.tells > 0 {
		m.used = c.used / w.tells
	} else if len(a.units) == 0 {
		m.used = 1
	}
	if m.covered+m.used > 0 {
		m.near = 2 * m.covered * m.used / (m.covered + m.used)
	}
	return m
}
