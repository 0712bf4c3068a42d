package knowledge

import (
	"cmp"
	"slices"
	"sync"
)

// searchSize is how many facts a search of a large base brings to be ranked. On the public sets 97.5 % of the right
// sentences are among the first twenty.
const searchSize = 24

// A search finds, in a base too large to score every fact, those that share the most telling words with a question. It is an inverted
// index of the terms that the ranker knows of each fact, and weighs them as the ranker does (BM25), so that a question finds what it would be
// ranked by: synonyms and asks too.
type search struct {
	x      *index
	starts []uint32  // where each term's postings begin, and where the last one's end
	docs   []uint32  // the facts of each posting, ascending for each term
	counts []uint8   // how often the term stands there: 2 for each time in the text, 1 for each ask
	norms  []float32 // of each fact: what its length makes of a count
	rooms  sync.Pool // of *searchRoom
}

// A searchRoom is what a search needs while it runs.
type searchRoom struct {
	score, best []float32 // of each fact; all zero between searches
	met, found  []uint32
}

func newSearch(x *index) *search {
	s := &search{x: x, starts: make([]uint32, len(x.terms)+1), norms: make([]float32, len(x.docs))}
	s.rooms.New = func() any {
		return &searchRoom{score: make([]float32, len(x.docs)), best: make([]float32, len(x.docs))}
	}
	// Counted first, then put in place: the postings of a term stand together.
	for i := range x.docs {
		s.norms[i] = float32(2 * bmK * (1 - bmB + bmB*float64(len(x.docs[i].words))/x.avg))
	}
	var terms []uint32
	var counts []uint8
	at := make([]uint32, len(x.terms)) // the place of the term among those of the fact, from 1
	list := func(d *doc) {
		terms, counts = terms[:0], counts[:0]
		add := func(t uint32, count uint8) {
			if at[t] == 0 {
				terms, counts = append(terms, t), append(counts, 0)
				at[t] = uint32(len(terms))
			}
			c := &counts[at[t]-1]
			*c += min(count, 255-*c)
		}
		for _, w := range d.words {
			if w.flags&isStop == 0 {
				add(w.term, 2)
			}
		}
		for _, t := range d.phrases {
			add(t, 2)
		}
		for i := range d.asks {
			for _, t := range d.asks[i].terms {
				add(t, 1)
			}
			for _, t := range d.asks[i].phrases {
				add(t, 1)
			}
		}
		for _, t := range terms {
			at[t] = 0
		}
	}
	for i := range x.docs {
		list(&x.docs[i])
		for _, t := range terms {
			s.starts[t+1]++
		}
	}
	for t := range x.terms {
		s.starts[t+1] += s.starts[t]
	}
	n := s.starts[len(x.terms)]
	s.docs, s.counts = make([]uint32, n), make([]uint8, n)
	next := slices.Clone(s.starts)
	for i := range x.docs {
		list(&x.docs[i])
		for k, t := range terms {
			s.docs[next[t]], s.counts[next[t]] = uint32(i), counts[k]
			next[t]++
		}
	}
	return s
}

// A wanted is a term that stands for a unit of a question.
type wanted struct {
	unit   int16
	term   uint32
	weight float32
}

// find returns the numbers of at most n facts, in the order of the base: those that match the question best.
func (s *search) find(a *asking, n int) []int {
	var all []wanted
	for i, key := range a.table.keys {
		if key == 0 {
			continue
		}
		for e := a.table.first[i]; e >= 0; e = a.table.list[e].next {
			all = append(all, wanted{a.table.list[e].unit, key - 1, a.table.list[e].weight})
		}
	}
	// The numbers of terms depend on what was loaded before, and answers must not: sums of the same are taken in the same order.
	slices.SortFunc(all, func(a, b wanted) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(b.weight, a.weight), cmp.Compare(s.x.terms[a.term], s.x.terms[b.term]))
	})
	room := s.rooms.Get().(*searchRoom)
	defer s.rooms.Put(room)
	room.found = room.found[:0]
	for len(all) > 0 {
		same := 1
		for same < len(all) && all[same].unit == all[0].unit {
			same++
		}
		s.add(room, all[:same], float32(a.units[all[0].unit].idf))
		all = all[same:]
	}
	best := make([]uint32, 0, n+1)
	for _, d := range room.found {
		if len(best) == n && !better(room.score, d, best[n-1]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, d, func(b, d uint32) int {
			if better(room.score, b, d) {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, d)
		best = best[:min(len(best), n)]
	}
	for _, d := range room.found {
		room.score[d] = 0
	}
	out := make([]int, len(best))
	for i, d := range best {
		out[i] = int(d)
	}
	return out
}

// better reports whether a fact comes before another: by score, and by place in the base where that is equal.
func better(score []float32, a, b uint32) bool {
	return score[a] > score[b] || score[a] == score[b] && a < b
}

// add adds to each fact's score what the best of the terms that stand for one unit is worth there.
func (s *search) add(room *searchRoom, terms []wanted, idf float32) {
	room.met = room.met[:0]
	for _, t := range terms {
		worth := idf * t.weight
		if worth <= 0 {
			continue
		}
		from, to := s.starts[t.term], s.starts[t.term+1]
		counts := s.counts[from:to]
		for i, d := range s.docs[from:to] {
			count := float32(counts[i])
			v := worth * count / (count + s.norms[d])
			if v > room.best[d] {
				if room.best[d] == 0 {
					room.met = append(room.met, d)
				}
				room.best[d] = v
			}
		}
	}
	for _, d := range room.met {
		if room.score[d] == 0 {
			room.found = append(room.found, d)
		}
		room.score[d] += room.best[d]
		room.best[d] = 0
	}
}
