package rank

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"footnote/knowledge/language"
)

// A Part is one named part of a score.
type Part struct {
	Name  string
	Value float64 // of the evidence
	Adds  float64 // to the log-odds, through the linear part of the model
}

// Explain gives what a fact's score is made of: the evidence of its best row, the vectors' products and differences together ("vectors"), the hidden layer
// together ("together"), what reading text and question together tells ("read"), and the score of "none" that it stands against.
func (m *Model) Explain(t *Table, f *Scored) []Part {
	s := m.Of(t)
	var out []Part
	scale := s.Scale
	unsaid, elsewhere := s.none(t)
	if f.Read != 0 {
		scale *= s.Reread.First
		unsaid, elsewhere = s.Reread.None*unsaid+s.Reread.Offset, s.Reread.None*elsewhere+s.Reread.Offset
	}
	linear := float32(0)
	for i, w := range s.Linear {
		v := f.Row.F[i]
		linear += float32(w * v)
		if v != 0 {
			out = append(out, Part{featureNames[i], float64(v), float64(w*v) * scale})
		}
	}
	dense := s.dense(&f.Row.F)
	out = append(out, Part{"together", 1, float64(dense-linear) * scale})
	var p pairer
	buf := make([]float32, PairSize)
	p.pair(buf, f.Row.question, f.Row.text)
	sum := dot(s.Text, buf)
	if f.Row.Ask >= 0 {
		p.pair(buf, f.Row.question, f.Row.ask)
		sum += dot(s.Ask, buf)
	}
	out = append(out, Part{"vectors", 1, float64(sum) * scale})
	if f.Read != 0 {
		out = append(out, Part{"read", f.Read, s.Reread.Read * f.Read})
	}
	return append(out, Part{"none", 1, -(unsaid + math.Log1p(exp(elsewhere-unsaid)))})
}

// Joined reports whether the row is of a reading with the question before.
func (r *Row) Joined() bool { return r.question.how == joined }

// Words splits the words of the question, as they were written and in its order, into those that the fact's text or one of its asks holds, and the others. What only
// an earlier question said is left out.
func (t *Table) Words(f *Scored) (matched, missed []string) {
	r := &t.query.readings[0]
	m := &matcher{x: t.index, r: r, memo: map[uint32][]near{}}
	n := len(r.units)
	var got [maxUnits]float32
	var c cover
	d := &t.index.docs[f.Doc]
	m.cover(&d.text, &c)
	copy(got[:n], c.soft[:n])
	for k := d.ask[0]; k < d.ask[1]; k++ {
		m.cover(&t.index.asks[k], &c)
		for i := range n {
			got[i] = max(got[i], c.soft[i])
		}
	}
	for i := range r.units {
		if word := r.Tokens[r.units[i].Token].Raw; got[i] >= missing {
			matched = append(matched, word)
		} else {
			missed = append(missed, word)
		}
	}
	return matched, missed
}

// maxUncovered is how many words are named that no fact covers.
const maxUncovered = 3

// Uncovered lists words of the question, as they were written, that no fact holds, nor one alike: names, codes and words that known says are words at all. The rarest
// come first.
func (t *Table) Uncovered(known func(word string) bool) []string {
	x, r := t.index, &t.query.readings[0]
	type lack struct {
		word   string
		weight float64
	}
	var all []lack
	for i := range r.units {
		u := &r.units[i]
		raw := r.Tokens[u.Token].Raw
		if u.reach || u.id != noTerm && len(x.byTerm[u.id]) > 0 || u.Soft || u.Filler || u.old || u.Num || utf8.RuneCountInString(raw) < 3 || !u.Name && !known(u.Word) || u.weight < leastTelling {
			continue
		}
		if !slices.ContainsFunc(x.words, func(w string) bool { return alike(u.Word, w) >= missing }) {
			all = append(all, lack{raw, u.weight})
		}
	}
	for _, c := range r.Codes {
		if !x.codes[c] && !slices.ContainsFunc(all, func(l lack) bool { return language.Code(l.word) == c }) {
			if i := slices.IndexFunc(strings.Fields(r.Text), func(w string) bool { return language.Code(w) == c }); i >= 0 {
				all = append(all, lack{strings.Trim(strings.Fields(r.Text)[i], ".,;:!?"), 2})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b lack) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	var out []string
	for _, l := range all[:min(len(all), maxUncovered)] {
		out = append(out, l.word)
	}
	return out
}

// leastTelling is how much a word must tell for its absence to be a reason.
const leastTelling = 0.6

// Nearest lists the asks of an entry that were looked at, by their numbers, the nearest in meaning first.
func (t *Table) Nearest(doc int) []int {
	best := map[int]float32{}
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Doc == doc && r.Ask >= 0 {
			v := r.F[fAskMulti] + r.F[fAskEN]
			if was, ok := best[r.Ask]; !ok || v > was {
				best[r.Ask] = v
			}
		}
	}
	var out []int
	for k := range best {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b int) int {
		switch {
		case best[a] > best[b]:
			return -1
		case best[a] < best[b]:
			return 1
		}
		return a - b
	})
	return out
}

// Asked reports whether some entry has the text among its asks, word for word, and none among its not_asks.
func (x *Index) Asked(text string) bool {
	plain := plainOf(x.lang.Read(text, nil).Tokens)
	return plain != "" && slices.ContainsFunc(x.asks, func(w wording) bool { return w.plain == plain }) &&
		!slices.ContainsFunc(x.nots, func(w wording) bool { return w.plain == plain })
}

// Holding says of each text and each ask which of the tokens, at most 16, it holds, a bit each, and where the asks of each entry begin. A token stands for its term,
// and the last, which may not be typed to its end, for all that begin with it.
func (x *Index) Holding(toks []language.Token) (texts, asks []uint16, from []int) {
	texts, asks, from = make([]uint16, len(x.docs)), make([]uint16, len(x.asks)), make([]int, len(x.docs))
	for i := range x.docs {
		from[i] = int(x.docs[i].ask[0])
	}
	mark := func(term uint32, bit uint16) {
		for _, p := range x.byTerm[term] {
			if p.ask < 0 {
				texts[p.doc] |= bit
			} else {
				asks[p.ask] |= bit
			}
		}
	}
	spelt := func(w *wording, word string, begun bool) bool { // as a whole word, or as the beginning of one; grammar words are no terms
		for at := 0; ; {
			k := strings.Index(w.plain[at:], word)
			if k < 0 {
				return false
			}
			at += k
			end := at + len(word)
			if (at == 0 || w.plain[at-1] == ' ') && (begun || end == len(w.plain) || w.plain[end] == ' ') {
				return true
			}
			at = end
		}
	}
	for i, tok := range toks {
		bit := uint16(1) << i
		if last := i == len(toks)-1; tok.Stop || last {
			for d := range x.docs {
				if spelt(&x.docs[d].text, tok.Word, last) {
					texts[d] |= bit
				}
			}
			for k := range x.asks {
				if spelt(&x.asks[k], tok.Word, last) {
					asks[k] |= bit
				}
			}
		}
		if id, ok := x.vocab[tok.Term]; ok {
			mark(id, bit)
		}
		if i < len(toks)-1 {
			continue
		}
		for id, term := range x.terms {
			// "ope" begins "open"; "openi" has more than the stem of "opening".
			if strings.HasPrefix(x.words[id], tok.Word) || strings.HasPrefix(term, tok.Word) || len(term) >= 4 && len(tok.Word)-len(term) <= 3 && strings.HasPrefix(tok.Word, term) {
				mark(uint32(id), bit)
			}
		}
	}
	return texts, asks, from
}
