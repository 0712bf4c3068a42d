package knowledge

import "math"

// The features that only the candidates are worth: they look at every word of the question, not only at those that distinguish it.

// lookUp makes ready what detail compares with.
func (a *asking) lookUp() {
	a.raw.reset(len(a.x.terms))
	toks := a.r.tokens[:min(len(a.r.tokens), maxUnits)]
	a.rawIDF = make([]float64, len(toks))
	a.rawSum = 0
	for i, t := range toks {
		id, ok := a.x.vocab[t.term]
		df := uint32(0)
		if ok {
			df = a.x.df[id]
		}
		a.rawIDF[i] = a.x.idf(df)
		a.rawSum += a.rawIDF[i]
		if ok {
			a.raw.add(id, i, 1)
		}
	}
	a.learnt.reset(len(a.x.terms))
	if a.x.lang.words == nil {
		return
	}
	tr := a.x.lang.words.learnt
	if tr == nil {
		return
	}
	for u := range a.units {
		if a.units[u].old {
			continue
		}
		for _, t := range tr.of[a.units[u].term] {
			if id, ok := a.x.vocab[t.term]; ok {
				a.learnt.add(id, u, t.p)
			}
		}
	}
	for i, c := range wordClasses {
		if k := tr.kinds[c.name]; k != nil {
			a.classKinds[i] = k[a.type_]
		}
	}
}

// detail fills in what comparing every word tells.
func (a *asking) detail(d *doc, s *scored) {
	f := &s.f
	n := len(a.units)
	var learnt, alike [maxUnits]float32
	var tf [maxUnits]float32
	var run, end [maxUnits]int // length of the run of question words that ended at each when the text had it last, and the place after it
	pairs, longest, fresh := 0, 0, 0
	var paired [maxUnits]bool
	kind, words := 0.0, 0
	lacks := make([]int, 0, maxUnits) // the units that a word of the text may begin like
	for u := range a.units {
		if t := &a.units[u]; s.m.got[u] < missing && len(t.term) >= 4 && !t.old && !t.num {
			lacks = append(lacks, u)
		}
	}
	for i, w := range d.words {
		for e := a.learnt.get(w.term); e >= 0; e = a.learnt.list[e].next {
			x := &a.learnt.list[e]
			learnt[x.unit] = max(learnt[x.unit], x.weight)
		}
		hit := false
		for e := a.raw.get(w.term); e >= 0; e = a.raw.list[e].next {
			k := a.raw.list[e].unit
			hit = true
			tf[k]++
			run[k], end[k] = 1, i+1
			// Of a word that the question has twice the list has the later place first, so k-1 is still as the word before left it.
			if k > 0 && run[k-1] > 0 && end[k-1] == i {
				run[k] += run[k-1]
				if !paired[k] {
					paired[k] = true
					pairs++
				}
			}
			longest = max(longest, run[k])
		}
		if !hit && w.flags&isStop == 0 {
			fresh++
		}
		if i < 60 {
			if w.flags&(isStop|isNumber|isYear|isMonth|isName|isPlace|isPerson) != 0 || !hit {
				kind += float64(a.kindOf(w))
				words++
			}
		}
		if w.flags&isStop == 0 {
			a.alikes(w.term, lacks, alike[:n])
		}
	}
	if len(d.words) > 0 {
		f[fFresh] = float32(fresh) / float32(len(d.words))
	}
	if words > 0 {
		f[fLearntKind] = float32(math.Tanh(kind / float64(words) * 3))
	}
	if a.sum > 0 {
		var l, k float64
		for u := range a.units {
			if s.m.got[u] < missing {
				l += a.units[u].idf * float64(learnt[u])
				k += a.units[u].idf * float64(alike[u])
			}
		}
		f[fLearnt], f[fAlike] = float32(l/a.sum), float32(k/a.sum)
	}
	if len(a.rawIDF) > 0 && a.rawSum > 0 {
		sum := 0.0
		norm := bmK * (1 - bmB + bmB*float64(len(d.words))/a.x.avg)
		for k, idf := range a.rawIDF {
			if tf[k] > 0 {
				sum += idf * float64(tf[k]) / (float64(tf[k]) + norm)
			}
		}
		f[fRawBM] = float32(sum / a.rawSum)
		f[fRawPairs] = float32(pairs) / float32(max(1, len(a.rawIDF)-1))
		f[fRawRun] = float32(longest) / float32(len(a.rawIDF))
	}
	if len(d.words) > 0 && a.x.lang.words != nil && a.x.lang.words.pronoun[a.x.terms[d.words[0].term]] {
		f[fPronoun] = 1
	}
	first, last := -1, -1
	for u := range a.units {
		if !a.units[u].old {
			if first < 0 {
				first = u
			}
			last = u
		}
	}
	if first >= 0 {
		f[fMissFirst], f[fMissLast] = 1-s.m.got[first], 1-s.m.got[last]
	}
	if h := a.head(); h >= 0 {
		f[fMissHead] = 1 - s.m.got[h]
	}
}

// head is the unit of the noun after "which" or "what", or -1.
func (a *asking) head() int {
	for i, t := range a.r.tokens {
		if t.word != "which" && t.word != "what" {
			continue
		}
		for u := range a.units {
			if a.units[u].token == i+1 && !a.units[u].old {
				return u
			}
		}
		return -1
	}
	return -1
}

// alikes finds those of the units that a word of the text shares its beginning with.
func (a *asking) alikes(term uint32, units []int, got []float32) {
	w := a.x.terms[term]
	if len(w) < 4 {
		return
	}
	for _, u := range units {
		t := a.units[u].term
		if t[0] != w[0] || t[1] != w[1] {
			continue
		}
		k := 2
		for k < len(t) && k < len(w) && t[k] == w[k] {
			k++
		}
		if share := float32(2*k) / float32(len(t)+len(w)); k >= 4 && share > .6 {
			got[u] = max(got[u], share)
		}
	}
}

// kindOf is how much more likely a sentence with the word is asked for this kind of answer.
func (a *asking) kindOf(w word) float32 {
	if w.flags > isStop {
		for i, c := range wordClasses {
			if v := a.classKinds[i]; v != 0 && w.flags&c.flag != 0 {
				return v
			}
		}
	}
	if k := a.x.kinds[w.term]; k != nil {
		return k[a.type_]
	}
	return 0
}

// union fills in what the text covers with the sentence before.
func (a *asking) union(s, before *scored) {
	if a.sum == 0 {
		return
	}
	sum := 0.0
	for u := range a.units {
		sum += a.units[u].idf * float64(max(s.m.got[u], before.m.got[u]))
	}
	s.f[fUnion] = float32(sum / a.sum)
}

// last fills in how the fact stands to the dialogue before.
func (a *asking) last(s *scored) {
	if len(a.near) > 0 {
		s.f[fLastGap] = float32(a.cited(s.doc))
		switch s.doc - a.near[0] {
		case 0:
			s.f[fLastSaid] = 1
		case 1:
			s.f[fLastNext] = 1
		}
	}
	var old, all float64
	for u := range a.units {
		if a.units[u].old {
			old += a.units[u].idf * float64(s.m.got[u])
			all += a.units[u].idf
		}
	}
	if all > 0 {
		s.f[fOldCover] = float32(old / all)
	}
}
