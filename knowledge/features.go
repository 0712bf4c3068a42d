package knowledge

import (
	"math"
	"slices"
)

// The features of a question and a fact, in the order of featureNames. All are computed from words alone; each is about 0 to 1, or
// a small number.
const (
	fBM         = iota // BM25 of the text
	fBMShare           // ... as a part of the best possible
	fBMBest            // ... as a part of the best candidate's
	fBMGap             // ... less the best of the other candidates', as a part of it
	fRank              // 1/rank by BM25
	fCover             // part of the question's idf that the text covers
	fCoverRare         // the same by rarity in English
	fCoverExact        // counting the very words only
	fCoverCount        // counting every word the same
	fMissTop           // the largest idf that is missing, as a part of the largest there is
	fMissRare          // rarity of the rarest word missing
	fMissNames         // part of the question's names missing
	fMissNums          // part of its numbers missing
	fParaCover         // part of the idf that the whole paragraph covers
	fParaBM            // BM25 of the paragraph, as a part of the best paragraph's
	fBefore            // BM25 of the sentence before in the paragraph, as a part of the best
	fAfter             // ... after
	fContext           // part of the idf that topics, section and title cover
	fEver              // part of the idf that text, asks and context cover together
	fPairs             // neighbouring words of the question that are neighbours in the text, as a part of all
	fNear              // how close together the matched words stand
	fType              // the text holds the kind of answer asked for
	fNumbers           // numbers outside the question's words, capped
	fYears             //
	fMonths            //
	fNames             //
	fPlaces            //
	fPeople            //
	fReasons           //
	fMoneys            //
	fLong              // length of the text
	fFirst             // it opens its paragraph
	fTop               // it opens the base
	fNeg               // one of question and text denies, the other doesn't
	fConfused          // the text holds a word that must not answer for one of the question's
	fLearnt            // part of the question's idf missing from the text that learned word translations make up for
	fLearntKind        // how likely a sentence with such words is asked for this kind of answer, as learned
	fAlike             // part of the idf missing that words with the same beginning make up for: inhabit, inhabitants
	fRawBM             // BM25 of all words of the question, stop words too, as a part of the best possible
	fRawPairs          // neighbouring words of the question, stop words too, that are neighbours in the text
	fRawRun            // the longest run of the question's words that stands in the text, as a part of all
	fUnion             // part of the idf that the text and the sentence before cover together
	fPronoun           // the text opens with a pronoun: it speaks of what the sentence before names
	fMissFirst         // the first distinguishing word is missing
	fMissLast          // the last is
	fMissHead          // the noun after "which" or "what" is
	fFresh             // part of the text's words that the question doesn't hold
	fLastGap           // how near the fact stands to the one cited last, see cited
	fLastSaid          // it is the one cited last
	fLastNext          // it is the one after
	fOldCover          // part of the earlier question's idf that the text covers
	fAsk               // nearness of the best wording
	fAskCover          // part of the question that it covers
	fAskUsed           // part of it that the question covers
	fAskType           // it asks for the same kind of answer
	fAskSame           // it is the question, but for stop words
	fAskTyped          // nearness of the best wording that asks for the same kind of answer
	fAskMany           // mean nearness of the best three wordings
	fTypeAsked         // some wording asks for the same kind of answer
	fPool              // BM25 of text and all wordings together, a word counting by how many of them hold it
	fHasAsks           // the fact has wordings at all
	fNotAsk            // nearness of the best not_ask
	fNotMore           // how much nearer a not_ask is than any ask
	features           // how many there are
)

var featureNames = [features]string{
	"bm", "bm-share", "bm-best", "bm-gap", "rank", "cover", "cover-rare", "cover-exact", "cover-count", "miss-top", "miss-rare", "miss-names", "miss-numbers",
	"paragraph-cover", "paragraph-bm", "before", "after", "context", "ever", "pairs", "near", "type", "numbers", "years", "months", "names", "places", "people",
	"reasons", "money", "long", "first", "top", "negation", "confused", "learnt", "learnt-kind", "alike", "raw-bm", "raw-pairs", "raw-run", "union", "pronoun", "miss-first", "miss-last", "miss-head", "fresh",
	"last-gap", "last-said", "last-next", "old-cover", "ask", "ask-cover", "ask-used", "ask-type", "ask-same", "ask-typed", "ask-many", "type-asked", "pool", "has-asks",
	"not-ask", "not-ask-more",
}

// rankSize is how many facts are scored in full: 96 % of the right ones are among so many on the public sets, and forty got no more right.
const rankSize = 24

// taughtSize is the same where a classifier says which they are: 99 % of the right ones are among its first three. Of taughtMost facts, the likeliest and
// those beside the one cited last, are the wordings compared at all.
const (
	taughtSize = 12
	taughtMost = 16
)

// leastShare is the share of the last of the facts that the classifier thinks most likely; 0 where there is none.
func (a *asking) leastShare(all []scored) float64 {
	if a.lesson == nil || len(all) <= taughtMost {
		return 0
	}
	var most [taughtMost]float64 // the largest, in order
	for i := range all {
		share := all[i].share
		for k := range most {
			if share > most[k] {
				share, most[k] = most[k], share
			}
		}
	}
	return most[taughtMost-1]
}

// A scored is a fact on its way through the ranking of one question.
type scored struct {
	doc   int
	m     match
	pre   float64 // to choose the candidates with
	f     [features]float32
	score float64
	ask   nearness
	not   nearness

	nearest   *wording          // that ask; nil when none has a word of the question
	askGot    [maxUnits]float32 // best weight of each unit in the nearest wording
	near3     [3]float64        // of the nearest wordings, best first
	typed     float64           // nearness of the nearest wording that asks for the same kind of answer
	typeAsked bool
	pool      [maxUnits]float32 // in how many wordings each unit stands
	poolBM    float64

	taught bool    // the classifier knows the fact
	share  float64 // the probability that it gives it

	ever [maxUnits]float32 // best weight of each unit in text, asks and context
}

// A paraMatch is how the words of a paragraph's facts meet the units of a question, of all together.
type paraMatch struct {
	got   [maxUnits]float32
	tf    [maxUnits]float32
	words int
	bm    float64
}

// rank puts the facts of the index in order for the question, best first. At most rankSize are scored in full.
func (a *asking) rank(docs []int) []*scored {
	n := len(a.units)
	a.facts = zeroed(a.facts, len(docs))
	all := a.facts
	var bestBM, bestPara float64
	a.lesson = a.learn(a.teacher)
	a.notNear, a.notTyped = 0, 0
	for i, id := range docs {
		s := &all[i]
		s.doc = id
		a.text(&a.x.docs[id], &s.m)
		bestBM = max(bestBM, s.m.bm)
		if a.lesson != nil {
			s.share, s.taught = a.lesson.share(id)
		}
	}
	least := a.leastShare(all)
	likely := make([]int, 0, len(all))
	for i := range all {
		if s := &all[i]; s.share >= least || !s.taught || a.cited(s.doc) > 0 {
			a.fact(s)
			s.poolBM = a.pooled(s, len(a.x.docs[s.doc].asks))
			likely = append(likely, i)
		}
	}
	paras := a.paras[:0] // the facts of one stand together
	at := make([]int, len(all))
	for i := range all {
		d := &a.x.docs[all[i].doc]
		if i == 0 || a.x.docs[all[i-1].doc].para != d.para {
			paras = append(paras, paraMatch{})
		}
		p := &paras[len(paras)-1]
		at[i] = len(paras) - 1
		p.words += len(d.words)
		for u := 0; u < n; u++ {
			p.got[u] = max(p.got[u], all[i].m.got[u])
			p.tf[u] += all[i].m.tf[u]
		}
	}
	a.paras = paras
	for k := range paras {
		p := &paras[k]
		norm := 1.2 * (1 - .3 + .3*float64(p.words)/(4*a.x.avg))
		for u := 0; u < n; u++ {
			if p.got[u] > 0 {
				p.bm += a.units[u].idf * float64(p.got[u]) * float64(p.tf[u]) * 2.2 / (float64(p.tf[u]) + norm)
			}
		}
		bestPara = max(bestPara, p.bm)
	}
	order := make([]*scored, len(likely))
	for k, i := range likely {
		s := &all[i]
		s.pre = 4*s.share + s.m.bm + 1.5*s.poolBM + .25*paras[at[i]].bm + 4*s.ask.near*s.ask.near
		order[k] = s
	}
	sortScored(order, func(s *scored) float64 { return s.pre })
	size := rankSize
	if a.lesson != nil {
		size = taughtSize
	}
	order = order[:min(len(order), size)]
	byBM := append([]*scored{}, order...)
	sortScored(byBM, func(s *scored) float64 { return s.m.bm })
	for i, s := range byBM {
		s.f[fRank] = 1 / float32(1+i)
	}
	first := docs[0]
	a.lookUp()
	for _, s := range order {
		i := s.doc - first // small bases: all docs in order
		if i >= len(all) || all[i].doc != s.doc {
			for i = range all {
				if all[i].doc == s.doc {
					break
				}
			}
		}
		d := &a.x.docs[s.doc]
		f := &s.f
		second := 0.0
		if len(byBM) > 1 {
			second = byBM[0].m.bm
			if byBM[0] == s {
				second = byBM[1].m.bm
			}
		}
		f[fBM] = float32(s.m.bm)
		if a.sum > 0 {
			f[fBMShare] = float32(s.m.bm / (a.sum * 1.6))
		}
		if bestBM > 0 {
			f[fBMBest] = float32(s.m.bm / bestBM)
			f[fBMGap] = float32((s.m.bm - second) / bestBM)
			if i > 0 && at[i-1] == at[i] && all[i-1].doc == s.doc-1 {
				f[fBefore] = float32(all[i-1].m.bm / bestBM)
			}
			if i+1 < len(all) && at[i+1] == at[i] && all[i+1].doc == s.doc+1 {
				f[fAfter] = float32(all[i+1].m.bm / bestBM)
			}
		}
		a.coverage(s)
		p := &paras[at[i]]
		f[fParaCover] = float32(a.share(p.got[:n]))
		if bestPara > 0 {
			f[fParaBM] = float32(p.bm / bestPara)
		}
		f[fContext] = float32(a.context(d.context))
		a.mergeContext(d.context, s.ever[:n])
		f[fEver] = float32(a.share(s.ever[:n]))
		a.order(d, s)
		a.answerKind(s)
		a.detail(d, s)
		if i > 0 && at[i-1] == at[i] && all[i-1].doc == s.doc-1 {
			a.union(s, &all[i-1])
		} else {
			f[fUnion] = f[fCover]
		}
		a.last(s)
		f[fLong] = float32(math.Log(1+float64(len(d.words))) / 4)
		if d.first {
			f[fFirst] = 1
		}
		if s.doc == 0 {
			f[fTop] = 1
		}
		if d.neg != a.r.neg {
			f[fNeg] = 1
		}
		f[fAsk], f[fAskCover], f[fAskUsed] = float32(s.ask.near), float32(s.ask.covered), float32(s.ask.used)
		if len(d.asks) > 0 {
			f[fHasAsks] = 1
			if s.nearest != nil && s.nearest.typ == a.type_ {
				f[fAskType] = float32(s.ask.near)
			}
			if s.ask.near > .999 {
				f[fAskSame] = 1
			}
			f[fAskTyped] = float32(s.typed)
			f[fAskMany] = float32((s.near3[0] + s.near3[1] + s.near3[2]) / 3)
			if s.typeAsked {
				f[fTypeAsked] = 1
			}
			if a.sum > 0 {
				f[fPool] = float32(s.poolBM / a.sum)
			}
		}
		f[fNotAsk] = float32(s.not.near)
		f[fNotMore] = float32(max(0, s.not.near-s.ask.near))
	}
	return order
}

// best3 keeps the three nearest wordings.
func (s *scored) best3(near float64) {
	for i, v := range s.near3 {
		if near > v {
			copy(s.near3[i+1:], s.near3[i:2])
			s.near3[i] = near
			return
		}
	}
}

// pooled is BM25 of a fact's text and asks taken together: a word that many of the asks hold is what the fact is about. The text
// counts as two wordings.
func (a *asking) pooled(s *scored, asks int) float64 {
	if asks == 0 {
		return 0
	}
	k := 1 + .1*float64(asks)
	sum := 0.0
	for u := range a.units {
		if tf := float64(s.pool[u] + 2*s.m.got[u]); tf > 0 {
			sum += a.units[u].idf * tf / (tf + k) * 1.5
		}
	}
	return sum
}

// coverage fills in what of the question the text covers and what it lacks.
func (a *asking) coverage(s *scored) {
	n := len(a.units)
	if n == 0 {
		return
	}
	f := &s.f
	var exact, count, rare, missTop, missRare, top float64
	var names, nums, missNames, missNums, confused float32
	for u := range a.units {
		t := &a.units[u]
		g := s.m.got[u]
		top = max(top, t.idf)
		if g == 1 {
			exact += t.idf
		}
		count += float64(g)
		rare += t.rare * t.weight * float64(g)
		if t.old {
			continue // an earlier question's words may be missing: this one asks for something else
		}
		if g < missing {
			missTop = max(missTop, t.idf)
			missRare = max(missRare, t.rare*t.weight)
		}
		if t.name {
			names++
			missNames += 1 - g
		}
		if t.num {
			nums++
			missNums += 1 - g
		}
		if max(g, s.askGot[u]) < missing && a.x.docs[s.doc].has(t.confused) { // what an ask says, its fact answers
			confused = 1
		}
	}
	f[fCover] = float32(a.share(s.m.got[:n]))
	if a.sumR > 0 {
		f[fCoverRare] = float32(rare / a.sumR)
	}
	if a.sum > 0 {
		f[fCoverExact] = float32(exact / a.sum)
	}
	f[fCoverCount] = float32(count / float64(n))
	if top > 0 {
		f[fMissTop] = float32(missTop / top)
	}
	f[fMissRare] = float32(missRare)
	if names > 0 {
		f[fMissNames] = missNames / names
	}
	if nums > 0 {
		f[fMissNums] = missNums / nums
	}
	f[fConfused] = confused
}

// has reports whether the fact's text has any of the terms.
func (d *doc) has(terms []uint32) bool {
	return len(terms) > 0 && slices.ContainsFunc(d.words, func(w word) bool { return slices.Contains(terms, w.term) })
}

// order fills in whether the matched words stand as they do in the question.
func (a *asking) order(d *doc, s *scored) {
	n := len(a.units)
	pairs, hits := 0, 0
	lo, hi, found := math.MaxInt, -1, 0
	for u := 0; u < n; u++ {
		if s.m.got[u] > 0 {
			p := int(s.m.pos[u])
			lo, hi, found = min(lo, p), max(hi, p), found+1
		}
		if u == 0 || a.units[u].old || a.units[u-1].old {
			continue
		}
		pairs++
		if s.m.got[u] > 0 && s.m.got[u-1] > 0 {
			if gap := int(s.m.pos[u]) - int(s.m.pos[u-1]); gap > 0 && gap <= 2 {
				hits++
			}
		}
	}
	if pairs > 0 {
		s.f[fPairs] = float32(hits) / float32(pairs)
	}
	if found > 1 {
		s.f[fNear] = float32(found) / float32(hi-lo+1)
	}
}

// answerKind fills in whether the text holds, outside the question's own words, the kind of answer asked for.
func (a *asking) answerKind(s *scored) {
	w := &s.m.want
	capped := func(bit, most int) float32 { return float32(min(w[bit], most)) / float32(most) }
	f := &s.f
	f[fNumbers], f[fYears], f[fMonths] = capped(1, 3), capped(2, 2), capped(3, 2)
	f[fNames], f[fPlaces], f[fPeople] = capped(4, 4), capped(5, 2), capped(6, 2)
	f[fReasons], f[fMoneys] = capped(7, 1), capped(8, 1)
	yes := false
	switch a.type_ {
	case askHowMany, askMoney, askHowLong:
		yes = w[1] > 0
	case askWhen:
		yes = w[2] > 0 || w[3] > 0
	case askWho, askSource:
		yes = w[4] > 0
	case askWhere:
		yes = w[5] > 0 || w[4] > 1
	case askWhy:
		yes = w[7] > 0
	default:
		yes = true
	}
	if yes {
		f[fType] = 1
	}
}

// cited is how near the fact stands to one cited for the question before, 1 for the very fact.
func (a *asking) cited(doc int) float64 {
	best := 0.0
	for _, c := range a.near {
		d := &a.x.docs[c]
		if a.x.docs[doc].fact.File != d.fact.File {
			continue
		}
		switch gap := doc - c; {
		case gap == 0 || gap == 1:
			best = max(best, 1)
		case gap == 2:
			best = max(best, .7)
		case gap == 3 || gap == -1:
			best = max(best, .5)
		case gap == 4 || gap == -2:
			best = max(best, .2)
		}
	}
	return best
}

func (a *asking) mergeContext(terms []uint32, into []float32) {
	for _, t := range terms {
		for e := a.table.get(t); e >= 0; e = a.table.list[e].next {
			x := &a.table.list[e]
			into[x.unit] = max(into[x.unit], x.weight)
		}
	}
}

func merge(into, from []float32) {
	for i, v := range from {
		into[i] = max(into[i], v)
	}
}
