package knowledge

import (
	"math"
	"strings"
)

// An asking is one question, made ready for matching against one index.
type asking struct {
	*scratch
	x                 *index
	r                 reading
	units             []weighed
	sum               float64 // of the units' idf
	sumR              float64 // of the units' rarity
	telling           float64 // of the units
	needed            float64 // the same, of an earlier question's only what counts when it is missing
	type_             answerType
	near              []int       // facts cited last, by document, best first
	notNear, notTyped float64     // nearness of the nearest not_ask of any fact, and of one that asks for the same kind of answer
	teacher           *classifier // of the index; another in training
	lesson            *lesson     // what it says; nil where there is none
	except            string      // a wording to pass over: the question itself, in training

	rawIDF     []float64 // of each token, stop words too
	rawSum     float64
	classKinds [len(wordClasses)]float32 // what was learned of each class of words for this kind of answer
}

// A scratch is most of the memory that a question takes. Questions of one index take it from one another, see [result.done]: to find and clear it
// anew takes a tenth of a question's time, and keeps the garbage collector busy. What was written there before is never read.
type scratch struct {
	table  termTable // finds the units
	raw    termTable // finds the tokens of the question, stop words too
	learnt termTable // finds the units that a term was learned to stand for
	beside comparison
	facts  []scored
	paras  []paraMatch
	inputs []float32 // of the ranker
	clues  clueList
	shares []float64 // of the classifier
	scores []float32
}

// done gives back the memory of a ranking, of which nothing may be used afterwards.
func (r *result) done() {
	r.a.done()
	r.cands = nil
}

func (a *asking) done() {
	a.x.scratches.Put(a.scratch)
	a.scratch = nil
}

// A weighed is a unit of a question with what it is worth in a base.
type weighed struct {
	unit
	idf     float64 // how much it tells apart the facts of the base
	rare    float64 // how much it tells in English at large, 0 to 1
	in      bool    // the base knows the word itself
	reach   bool    // the base knows it or a word for it
	weight  float64 // 1, less for the units of earlier questions
	telling float64 // see telling

	confused []uint32 // terms that must not answer for it, such as "close" for "open"
}

// ready weighs the units of a reading and looks up what may stand for each.
func (x *index) ready(r reading) *asking {
	a := &asking{x: x, r: r, type_: r.typ, teacher: x.taught}
	if a.scratch, _ = x.scratches.Get().(*scratch); a.scratch == nil {
		a.scratch = &scratch{}
	}
	a.units = make([]weighed, 0, len(r.units))
	a.table.reset(len(x.terms))
	top := x.idf(0)
	for _, u := range r.units {
		i := len(a.units)
		w := weighed{unit: u, rare: x.lang.rarity(u.term), weight: 1}
		switch {
		case u.old:
			w.weight = oldWeight
		case u.soft || u.filler:
			w.weight = softWeight
		}
		id, ok := x.vocab[u.term]
		best := 0.0
		if u.filler && !x.holds(u.term) && len(x.alts[u.term]) == 0 {
			continue // "mention" and "list" are words of the question only where the facts know them
		}
		if ok && x.df[id] > 0 {
			w.in, w.reach = true, true
			w.idf = x.idf(x.df[id])
			a.table.add(id, i, 1)
		}
		link := func(alts []alt) {
			for _, t := range alts {
				w.reach = w.reach || t.weight >= missing
				best = max(best, float64(t.weight)*x.idf(x.df[t.term]))
				a.table.add(t.term, i, t.weight)
			}
		}
		if alts, listed := x.words[u.word]; listed {
			link(alts)
		} else {
			link(x.alts[u.term])
		}
		if x.lang.words != nil {
			for _, c := range x.lang.words.confused[u.term] {
				if id, ok := x.vocab[c]; ok {
					w.confused = append(w.confused, id)
				}
			}
		}
		if u.phrase != nil {
			key := strings.Join(u.phrase, " ")
			if id, ok := x.vocab[key]; ok && x.df[id] > 0 {
				a.table.add(id, i, 1)
				w.reach = true
			}
			link(x.alts[key])
		}
		if !w.in && !w.reach {
			x.lang.related(u.term, func(term string, weight float32) {
				if id, ok := x.vocab[term]; ok && x.df[id] > 0 && !w.old {
					link([]alt{{id, weight}})
				}
			})
		}
		if !w.in && !w.reach && !x.lang.knows(u.term) {
			alts := x.misspelt(u.term)
			if len(alts) == 0 && u.word != u.term {
				alts = x.misspelt(u.word) // the stemmer takes the s of "windlas" for a plural's
			}
			if len(alts) == 0 {
				alts = x.shortened(u.word)
			}
			link(alts)
		}
		if !w.in {
			w.idf = best
			if !w.reach {
				w.idf = top
			}
		}
		w.telling = w.weight * telling(w.rare, w.idf)
		w.idf *= w.weight
		a.telling += w.telling
		if w.old {
			a.needed += w.telling * oldMissing
		} else {
			a.needed += w.telling
		}
		a.sum += w.idf
		a.sumR += w.rare * w.weight
		a.units = append(a.units, w)
	}
	a.meet()
	return a
}

// holds reports whether a term stands in the base.
func (x *index) holds(term string) bool {
	id, ok := x.vocab[term]
	return ok && x.df[id] > 0
}

// missing is the weight below which a match is too weak to say that a fact covers a word.
const missing = 0.5

// softWeight is what a word is worth beside one that distinguishes that only names the kind of answer ("city"), or mostly fills the
// sentence though a fact may hold it ("exactly").
const softWeight = 0.3

// oldWeight is what a word of an earlier question is worth beside one of this question.
const oldWeight = 0.4

// oldMissing is what it counts when a wording lacks a word of an earlier question, beside 1 for one of this question.
const oldMissing = 0.2

// A termTable finds, for a term of the base, the units of the question that it matches. It is a small hash table with
// open addressing: a question asks it once for every word of every fact, where Go's map is four times slower.
type termTable struct {
	keys  [tableSize]uint32 // term + 1; 0 is free
	first [tableSize]int16  // index into entries
	list  []entry
	marks []uint64 // a bit for each term of the base, set where the table has it: most have no unit, and that is told at once
}

const tableSize = 1024 // a power of two, well above maxUnits times the alternatives of a word

type entry struct {
	unit   int16
	next   int16 // index into list, or -1
	term   uint32
	weight float32
}

func (t *termTable) reset(terms int) {
	t.keys = [tableSize]uint32{}
	t.list = t.list[:0]
	t.marks = zeroed(t.marks, (terms+63)/64)
}

// has reports whether the term matches any unit.
func (t *termTable) has(term uint32) bool { return t.marks[term/64]&(1<<(term%64)) != 0 }

func slot(term uint32) uint32 { return (term * 2654435761) >> 22 }

func (t *termTable) add(term uint32, unit int, weight float32) {
	if len(t.list) >= tableSize*3/4 {
		return // a question of absurd width; the rest of its synonyms are not looked for
	}
	s := slot(term)
	for t.keys[s] != 0 && t.keys[s] != term+1 {
		s = (s + 1) % tableSize
	}
	next := int16(-1)
	if t.keys[s] != 0 {
		next = t.first[s]
	}
	t.marks[term/64] |= 1 << (term % 64)
	t.keys[s] = term + 1
	t.first[s] = int16(len(t.list))
	t.list = append(t.list, entry{int16(unit), next, term, weight})
}

// get returns the first entry of the term, or -1.
func (t *termTable) get(term uint32) int16 {
	if !t.has(term) {
		return -1
	}
	return t.find(term)
}

func (t *termTable) find(term uint32) int16 {
	s := slot(term)
	for {
		switch t.keys[s] {
		case 0:
			return -1
		case term + 1:
			return t.first[s]
		}
		s = (s + 1) % tableSize
	}
}

// best is the best weight of a term, given its first entry.
func (t *termTable) best(e int16) float32 {
	best := float32(0)
	for ; e >= 0; e = t.list[e].next {
		best = max(best, t.list[e].weight)
	}
	return best
}

// A match is how a fact's words meet the units of a question.
type match struct {
	got  [maxUnits]float32 // best weight of each unit in the text
	tf   [maxUnits]float32 // how often, weighted
	pos  [maxUnits]int16   // where first
	any  bool
	bm   float64
	want [wordFlagCount]int // words of each kind outside the question's own
}

// wordFlagCount is how many kinds of words match counts: see the constants of wordFlags.
const wordFlagCount = 10

// bmK and bmB are BM25's k1 and b. Low length normalisation is worth 1.5 to 2 points of P@1 on the public sets
// (research/ranking.md, 4a): facts are single sentences.
const (
	bmK = 0.6
	bmB = 0.3
)

// text matches the question with the text of a fact.
func (a *asking) text(d *doc, m *match) {
	n := len(a.units)
	clear(m.got[:n])
	clear(m.tf[:n])
	m.any, m.bm = false, 0
	m.want = [wordFlagCount]int{}
	for i, w := range d.words {
		e := a.table.get(w.term)
		if e < 0 {
			if w.flags > isStop {
				for k := 1; k < wordFlagCount; k++ {
					if w.flags&(1<<k) != 0 {
						m.want[k]++
					}
				}
			}
			continue
		}
		for ; e >= 0; e = a.table.list[e].next {
			t := &a.table.list[e]
			if m.got[t.unit] < t.weight {
				if m.got[t.unit] == 0 {
					m.pos[t.unit] = int16(i)
				}
				m.got[t.unit] = t.weight
			}
			m.tf[t.unit] += t.weight
			m.any = true
		}
	}
	a.addPhrases(d.phrases, m)
	if !m.any {
		return
	}
	norm := bmK * (1 - bmB + bmB*float64(len(d.words))/a.x.avg)
	for u := range a.units {
		if g := m.got[u]; g > 0 {
			tf := float64(m.tf[u])
			m.bm += a.units[u].idf * float64(g) * tf * (bmK + 1) / (tf + norm)
		}
	}
}

func (a *asking) addPhrases(phrases []uint32, m *match) {
	for _, p := range phrases {
		for e := a.table.get(p); e >= 0; e = a.table.list[e].next {
			t := &a.table.list[e]
			if m.got[t.unit] < t.weight {
				m.got[t.unit] = t.weight
				m.tf[t.unit] = max(m.tf[t.unit], t.weight)
			}
			m.any = true
		}
	}
}

// A nearness is how near a wording is to the question.
type nearness struct {
	near    float64 // 0 to 1: the harmonic mean of the two below
	covered float64 // how much of the question the wording covers, by what its words tell
	used    float64 // how much of the wording the question covers
}

// telling is how much a word says about what is asked: what it tells apart in this base, and in English at large.
func telling(rare, idf float64) float64 { return (0.25 + rare) * (0.35 + idf/3) }

// context reports how much of the question's idf the terms around a fact (topics, section, title) hold.
func (a *asking) context(terms []uint32) float64 {
	var got [maxUnits]float32
	for _, t := range terms {
		for e := a.table.get(t); e >= 0; e = a.table.list[e].next {
			x := &a.table.list[e]
			got[x.unit] = max(got[x.unit], x.weight)
		}
	}
	return a.share(got[:len(a.units)])
}

// share is the part of the question's idf that the weights cover.
func (a *asking) share(got []float32) float64 {
	if a.sum == 0 {
		return 0
	}
	s := 0.0
	for u := range a.units {
		s += a.units[u].idf * float64(got[u])
	}
	return s / a.sum
}

func squash(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
