package knowledge

import "slices"

// sameSure is how likely the first fact is to answer at the least when one of its asks is the question but for stop words. Their
// not_asks often differ from an ask by nothing else ("in which month will it open?"), which the decider takes for more than it is.
const sameSure = 0.7

// sameWords reports whether an ask of the best fact has the same telling words as the question, in the same order, and asks for the same kind of
// answer, while no not_ask, and no other fact's ask, is as like it in its very words.
func (r *result) sameWords() bool {
	a := r.a
	if len(r.cands) == 0 || len(a.units) == 0 {
		return false
	}
	var terms []uint32
	for u := range a.units {
		id, known := a.x.vocab[a.units[u].term]
		if !known || a.units[u].old {
			return false
		}
		terms = append(terms, id)
	}
	like := func(ws []wording, typed bool) float64 {
		best := 0.0
		for i := range ws {
			if w := &ws[i]; slices.Equal(w.terms, terms) && (!typed || w.typ == a.type_) {
				best = max(best, a.alike(w))
			}
		}
		return best
	}
	best := like(a.x.docs[r.cands[0].doc].asks, true)
	return best > 0 && !slices.ContainsFunc(r.cands, func(s *scored) bool {
		d := &a.x.docs[s.doc]
		return like(d.notAsks, false) >= best || s != r.cands[0] && like(d.asks, true) >= best
	})
}

// alike is the share of the very words, stop words too, that the question and the wording have in common, of those that either has.
func (a *asking) alike(w *wording) float64 {
	both, all := 0, len(w.said)
	for _, t := range a.r.tokens {
		if id, known := a.x.vocab[t.term]; known && slices.Contains(w.said, id) {
			both++
		} else {
			all++
		}
	}
	return float64(both) / float64(all)
}
