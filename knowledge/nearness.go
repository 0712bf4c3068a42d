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

// A comparison is a question beside the wordings of one fact after another: its asks, and after them its not_asks.
type comparison struct {
	met    []metTerm
	end    uint32    // number of the first wording after the fact compared last
	got    []float32 // a row a wording: the best weight of each unit in it
	used   []float64 // of each wording: how much of what it tells the question has too
	bits   []uint64  // a bit a wording: set where it has a word of the question
	shared []int     // those wordings, ascending
}

// A metTerm is a term that stands for a unit of the question.
type metTerm struct {
	entry
	used float64  // what a wording that holds it has in common with the question
	list []uint32 // the wordings that hold it
	rest []uint32 // those after the fact compared last
}

// meet finds the wordings that hold the terms of the question.
func (a *asking) meet() {
	c := &a.beside
	c.met, c.end = c.met[:0], 0
	for i, e := range a.table.list {
		list := a.x.wordingsOf.of(e.term)
		if len(list) == 0 {
			continue
		}
		m := metTerm{entry: e, list: list, rest: list}
		// A term may stand for several units, and is then counted once. Phrases, which have spaces, are no words of their own.
		if first := a.table.find(e.term); int(first) == i && !strings.Contains(a.x.terms[e.term], " ") {
			m.used = float64(a.table.best(first) * a.x.tell[e.term])
		}
		c.met = append(c.met, m)
	}
}

// compare holds the question beside the wordings of a fact, soonest when that is the one after the last. A question without units has something in
// common with all.
//
// What is used is summed up in the order of the question's terms, not of the wording's, which makes no difference: it is a few numbers of 24 bits and
// of about the same size in a sum of 53 bits, so nothing is rounded.
func (a *asking) compare(d *doc) *comparison {
	c := &a.beside
	units, n := len(a.units), len(d.asks)+len(d.notAsks)
	c.got, c.used, c.bits, c.shared = zeroed(c.got, n*units), zeroed(c.used, n), zeroed(c.bits, (n+63)/64), c.shared[:0]
	if units == 0 {
		for w := range n {
			c.shared = append(c.shared, w)
		}
		return c
	}
	lo, hi := d.firstWording, d.firstWording+uint32(n)
	back := lo < c.end
	c.end = hi
	for i := range c.met {
		m := &c.met[i]
		if back {
			m.rest = m.list
		}
		if len(m.rest) == 0 || m.rest[0] >= hi {
			continue
		}
		if m.rest[0] < lo {
			k, _ := slices.BinarySearch(m.rest, lo)
			m.rest = m.rest[k:]
		}
		k := 0
		for ; k < len(m.rest) && m.rest[k] < hi; k++ {
			w := int(m.rest[k] - lo)
			if g := &c.got[w*units+int(m.unit)]; *g < m.weight {
				*g = m.weight
			}
			c.used[w] += m.used
			c.bits[w/64] |= 1 << (w % 64)
		}
		m.rest = m.rest[k:]
	}
	for i, b := range c.bits {
		for ; b != 0; b &= b - 1 {
			c.shared = append(c.shared, 64*i+bits.TrailingZeros64(b))
		}
	}
	return c
}

// row is the best weight of each of n units in a wording.
func (c *comparison) row(w, n int) []float32 { return c.got[w*n:][:n] }

// zeroed gives room for n zeros, in s where that has it.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// fact matches the question with the asks and not_asks of the fact that s is of, whose text it was matched with before.
func (a *asking) fact(s *scored) {
	d := &a.x.docs[s.doc]
	copy(s.ever[:], s.m.got[:len(a.units)])
	first := 0
	for first < len(d.asks) && a.passesOver(&d.asks[first]) {
		first++
	}
	for k := first; k < len(d.asks) && !s.typeAsked; k++ {
		s.typeAsked = d.asks[k].typ == a.type_ && !a.passesOver(&d.asks[k])
	}
	n, best := len(a.units), -1
	c := a.compare(d)
	for _, k := range c.shared {
		got := c.row(k, n)
		if k >= len(d.asks) {
			a.notAsk(s, &d.notAsks[k-len(d.asks)], got, c.used[k])
			continue
		}
		w := &d.asks[k]
		if a.passesOver(w) {
			continue
		}
		for u, g := range got {
			s.pool[u] += g
			if g > s.ever[u] {
				s.ever[u] = g
			}
		}
		m := a.nearness(w, got, c.used[k])
		if m.near > s.ask.near || k == first {
			best, s.ask = k, m
		}
		if w.typ == a.type_ || a.type_.open() {
			s.typed = max(s.typed, m.near)
		}
		s.best3(m.near)
	}
	if best >= 0 {
		s.nearest = &d.asks[best]
		copy(s.askGot[:], c.row(best, n))
	}
}

// notAsk notes how near the question is to a not_ask of the fact.
func (a *asking) notAsk(s *scored, w *wording, got []float32, used float64) {
	if a.passesOver(w) {
		return
	}
	m := a.nearness(w, got, used)
	if m.near > s.not.near {
		s.not = m
	}
	if w.typ == a.type_ || a.type_.open() {
		a.notTyped = max(a.notTyped, m.near)
	}
	a.notNear = max(a.notNear, m.near)
}

// onlyNot tells what only a not_ask has of the question and the first fact lacks, by how near the not_ask is: "in which month" beside "when". It gives
// the most of any candidate's, and of the first one's.
func (a *asking) onlyNot(cands []*scored) (most, first float32) {
	top := cands[0]
	var worth [maxUnits]float64
	var have [maxUnits]float32
	all := 0.0 // for a not_ask that has every word
	for u := range a.units {
		worth[u] = telling(a.units[u].rare, a.units[u].idf)
		have[u] = max(top.m.got[u], top.askGot[u])
		all += worth[u] * float64(max(0, 1-have[u]))
	}
	for i, s := range cands {
		if float32(all*s.not.near) <= most {
			continue // none of its not_asks can have more
		}
		d := &a.x.docs[s.doc]
		c := a.compare(d)
		for _, k := range c.shared {
			if k < len(d.asks) || a.passesOver(&d.notAsks[k-len(d.asks)]) {
				continue
			}
			only, got := 0.0, c.row(k, len(a.units))
			for u, g := range got {
				only += worth[u] * float64(max(0, g-have[u]))
			}
			most = max(most, float32(only*a.nearness(&d.notAsks[k-len(d.asks)], got, c.used[k]).near))
		}
		if i == 0 {
			first = most
		}
	}
	return most, first
}

// passesOver reports whether the wording is passed over.
func (a *asking) passesOver(w *wording) bool { return a.except != "" && w.text == a.except }

// nearness tells how near a wording is to the question. It has the units with the weights got, and what it has in common with the question
// tells so much as used.
func (a *asking) nearness(w *wording, got []float32, used float64) (m nearness) {
	var covered, old float64
	for u, weight := range got {
		t, g := &a.units[u], float64(weight)
		covered += t.telling * g
		// "And when does it open?" need not be about all that was asked before, so what is missing of that counts little.
		if t.old && g > oldMissing {
			old += t.telling * (g - oldMissing)
		}
	}
	if of := a.needed + old; of > 0 {
		m.covered = covered / of
	}
	if w.tells > 0 {
		m.used = used / w.tells
	} else if len(a.units) == 0 {
		m.used = 1
	}
	if m.covered+m.used > 0 {
		m.near = 2 * m.covered * m.used / (m.covered + m.used)
	}
	return m
}
