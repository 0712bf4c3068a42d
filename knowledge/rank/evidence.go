package rank

import (
	"math"
	"slices"
	"strings"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// The evidence of a pair of reading and wording. The first part is about the fact's text, the second about the ask, where the wording is one; all
// numbers are about -1 to 1, and 0 where there is nothing to tell.
const (
	fEN          = iota // cosine of the English vectors, less its mean
	fMulti              // of the multilingual ones
	fCover              // part of the question's weight that the text holds, word for word or as a synonym
	fAlike              // the same, counting words that are alike too: Pacht, Pachtvertrag
	fSum                // the weight of what it holds, not divided by anything
	fUsed               // part of the text's weight that the question holds
	fMissTop            // the heaviest word of the question that it lacks even alike
	fMissNames          // part of the question's names that it lacks
	fNums               // part of the question's numbers that it holds
	fMissNums           // part that it lacks
	fCodes              // part of the question's codes that it holds
	fMissCodes          // part that it lacks
	fPairs              // neighbours in the question that are neighbours in the text
	fAround             // part of the weight that title, section and topics hold
	fPlace              // part that the facts of its paragraph hold together, less what it holds itself
	fType               // it holds the kind of answer asked for
	fNumber             // ... and what it holds, whatever is asked
	fYear               //
	fDay                //
	fTime               //
	fMoney              //
	fName               //
	fReason             //
	fNeg                // one of question and text denies, the other doesn't
	fLong               // length of the text
	fShort              // shortness of the question
	fGrams              // likeness of spelling of both as a whole
	fLastSame           // it answered the question before
	fLastPlace          // it stands in that fact's paragraph
	fLastBeside         // or in the one beside
	fAskingAlone        // the reading leaves the story out
	fJoined             // the reading is with the question before
	fJoinedLeans        // ... and the question leans on it
	fAloneLeans         // it does, and the reading leaves that one out
	fAsk                // the wording is an ask
	fAskEN              // as for the text
	fAskMulti           //
	fAskCover           //
	fAskAlike           //
	fAskUsed            //
	fAskPairs           //
	fAskType            // it asks for the same kind of answer
	fAskTypeNot         // it asks for another
	fAskSame            // it is the question, but for grammar words and their order
	fAskNums            //
	fAskMissNums        //
	fAskGrams           //
	fAskNeg             //
	Features            // how many there are
)

var featureNames = [Features]string{
	"meaning", "meaning-multilingual", "words", "words-alike", "words-sum", "used", "missing-top", "missing-names", "numbers", "missing-numbers", "codes", "missing-codes",
	"pairs", "around", "paragraph", "kind", "has-number", "has-year", "has-date", "has-time", "has-money", "has-name", "has-reason", "negation", "long", "short", "spelling",
	"last-same", "last-paragraph", "last-beside", "story-left-out", "joined", "joined-leans", "alone-leans",
	"ask", "ask-meaning", "ask-meaning-multilingual", "ask-words", "ask-words-alike", "ask-used", "ask-pairs", "ask-kind", "ask-kind-not", "ask-same", "ask-numbers",
	"ask-missing-numbers", "ask-spelling", "ask-negation",
}

// Evidence of "none", of the question alone.
const (
	nShort       = iota
	nLong        // it is a story
	nWords       // how many telling words
	nNames       // it holds a name
	nNums        // a number
	nCode        // a code
	nBefore      // there was a question before it
	nLeans       // it leans on it, or on nothing
	nReach       // part of its words that some fact holds
	nForeign     // it is in another language
	nType        // the kind of answer asked for, one of AnswerTypes
	NullFeatures = nType + int(language.AnswerTypes)
)

// Evidence of how near a question comes to what the facts talk of at all, over their texts: asks count nothing here, so that an ask changes nothing for other facts.
const (
	aboutEN       = iota // the best cosine of the English encoder
	aboutMulti           // of the multilingual one
	aboutWords           // the largest part of the question's weight that a text holds
	aboutNamed           // ... with title, section and topics
	AboutFeatures        // how many there are
)

// A Row is the evidence that one wording answers one reading of a question.
type Row struct {
	Doc      int // the entry
	Ask      int // number of the ask among the entry's, -1 for its text
	F        [Features]float32
	question *reading
	text     meaningOf // of the fact's text
	ask      meaningOf // of the ask; nil vectors for the text
	same     bool      // the wording is the question, word for word
}

// A meaningOf is the vectors of one text.
type meaningOf struct{ en, multi *encoder.Vector }

// A Table is the evidence for one question: the rows of each entry that is worth a look stand together, in the order of the entries.
type Table struct {
	Rows  []Row
	Null  [NullFeatures]float32
	About [AboutFeatures]float32
	index *Index
	query *Query
}

// maxDocs is how many entries are looked at closely: those with the nearest meanings and the most of the words. Of each, maxAsks asks.
const (
	maxDocs = 32
	maxAsks = 3
)

// Means and spreads of cosines that make them comparable; they need not be exact, the model scales them.
const (
	meanEN, spreadEN       = 0.35, 0.25
	meanMulti, spreadMulti = 0.80, 0.10
)

func scaledEN(c float64) float64    { return (c - meanEN) / spreadEN }
func scaledMulti(c float64) float64 { return (c - meanMulti) / spreadMulti }

// Evidence gathers the evidence for a question.
func (x *Index) Evidence(q *Query) *Table {
	t := &Table{index: x, query: q}
	t.null()
	docs, asks := x.likely(q)
	for ri := range q.readings {
		r := &q.readings[ri]
		m := &matcher{x: x, r: r, memo: map[uint32][]near{}}
		for k, d := range docs {
			t.doc(m, d, asks[k])
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b Row) int { return a.Doc - b.Doc })
	t.about()
	return t
}

// likely chooses the entries to look at closely, in their order, and the asks of each.
func (x *Index) likely(q *Query) (docs []int32, asks [][]int32) {
	n := len(x.docs)
	best := make([]float32, n)
	for i := range best {
		best[i] = -1e9
	}
	askBest := make([]float32, len(x.asks))
	for i := range askBest {
		askBest[i] = -1e9
	}
	buf := make([]float32, max(n, len(x.asks)))
	for ri := range q.readings {
		r := &q.readings[ri]
		text, ask := make([]float32, n), make([]float32, len(x.asks))
		add := func(into []float32, v *encoder.Vector, all []encoder.Vector, mean, by float32) {
			if v == nil || len(all) == 0 {
				return
			}
			encoder.Cosines(buf[:len(all)], v, all)
			for i := range into {
				into[i] += float32(float32(buf[i]-mean) * by)
			}
		}
		en, multi := float32(.6/spreadEN), float32(.4/spreadMulti)
		if r.en == nil {
			multi = 1 / spreadMulti
		}
		add(text, r.en, x.texts.en, meanEN, en)
		add(text, r.multi, x.texts.multi, meanMulti, multi)
		add(ask, r.en, x.asked.en, meanEN, en)
		add(ask, r.multi, x.asked.multi, meanMulti, multi)
		for i := range r.units {
			u := &r.units[i]
			share := float32(2.5 * u.weight / max(r.needed, .5))
			hit := func(id uint32) {
				for _, p := range x.byTerm[id] {
					if p.ask < 0 {
						text[p.doc] += share
					} else {
						ask[p.ask] += share
					}
				}
			}
			if u.id != noTerm {
				hit(u.id)
			}
			for _, id := range u.also {
				if id != u.id {
					hit(id)
				}
			}
		}
		for i, v := range text {
			best[i] = max(best[i], v)
		}
		for k, v := range ask {
			if r.is(&x.asks[k]) {
				v += 100 // its own words
			}
			askBest[k] = max(askBest[k], v)
			d := x.asks[k].doc
			best[d] = max(best[d], v)
		}
	}
	docs = top(best, maxDocs)
	for _, d := range q.near { // and those beside what was said last
		docs = append(docs, d)
		if e := x.docs[d].entry; e.Place != "" {
			near := x.places[e.Place]
			docs = append(docs, near[:min(len(near), 8)]...)
		}
	}
	slices.Sort(docs)
	docs = slices.Compact(docs)
	asks = make([][]int32, len(docs))
	for i, d := range docs {
		of := x.docs[d].ask
		asks[i] = top(askBest[of[0]:of[1]], maxAsks)
	}
	return docs, asks
}

// top gives the places of the n largest, in order of place; of equal ones the first.
func top(v []float32, n int) []int32 {
	all := make([]int32, 0, n+1)
	if len(v) <= n {
		for i := range v {
			all = append(all, int32(i))
		}
		return all
	}
	for i := range v {
		if len(all) == n && v[i] <= v[all[n-1]] {
			continue
		}
		at := len(all)
		for at > 0 && v[i] > v[all[at-1]] {
			at--
		}
		all = slices.Insert(all, at, int32(i))
		all = all[:min(len(all), n)]
	}
	slices.Sort(all)
	return all
}

// null fills in the evidence of "none", by the whole question.
func (t *Table) null() {
	r := &t.query.readings[0]
	f := &t.Null
	n := float64(len(r.Tokens))
	f[nShort] = float32(3 / (3 + n))
	f[nLong] = float32(n / (n + 30))
	f[nWords] = float32(float64(len(r.units)) / float64(len(r.units)+5))
	reach, all := 0.0, 0.0
	for i := range r.units {
		u := &r.units[i]
		all += u.weight
		if u.reach {
			reach += u.weight
		}
		if u.Name {
			f[nNames] = 1
		}
		if u.Num {
			f[nNums] = 1
		}
	}
	if all > 0 {
		f[nReach] = float32(reach / all)
	}
	if len(r.Codes) > 0 {
		f[nCode] = 1
	}
	for i := range t.query.readings {
		if t.query.readings[i].how == joined {
			f[nBefore] = 1
		}
	}
	if r.Leans() {
		f[nLeans] = 1
	}
	if t.query.foreign {
		f[nForeign] = 1
	}
	f[nType+int(r.Type)] = 1
}

// about fills in how near the question comes to any text. One that leans on the question before is read with it, another alone.
func (t *Table) about() {
	f := &t.About
	first := true
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Ask >= 0 || r.question.how == joined && !r.question.Leans() {
			continue
		}
		got := [AboutFeatures]float32{r.F[fEN], r.F[fMulti], r.F[fAlike], r.F[fAlike] + r.F[fAround]}
		for k, v := range got {
			if first || v > f[k] {
				f[k] = v
			}
		}
		first = false
	}
	for k, most := range aboutMost {
		f[k] = min(f[k], most)
	}
}

// aboutMost is how much of each feature counts: what members ask about facts they don't know comes so near and hardly nearer. A question nearly in a fact's own words comes far above it, and is then
// not likelier to be one that the facts don't answer, though the near misses that the model learned from use the facts' words more than the questions do.
var aboutMost = [AboutFeatures]float32{1, .8, .5, .6}

// A matcher holds one reading against wordings.
type matcher struct {
	x    *Index
	r    *reading
	memo map[uint32][]near // term -> the units it stands for
}

// A near says how well a term stands for a unit: 1 for the word itself.
type near struct {
	unit  int
	exact bool
	worth float32
}

// of gives the units that a term stands for.
func (m *matcher) of(term uint32) []near {
	if n, ok := m.memo[term]; ok {
		return n
	}
	var out []near
	for i := range m.r.units {
		u := &m.r.units[i]
		switch {
		case u.id == term:
			out = append(out, near{i, true, 1})
		case slices.Contains(u.also, term):
			out = append(out, near{i, true, .95})
		case !u.Num:
			if w := alike(u.Word, m.x.words[term]); w > 0 {
				out = append(out, near{i, false, w})
			}
		}
	}
	m.memo[term] = out
	return out
}

// A cover is how a wording meets a reading.
type cover struct {
	exact, soft [maxUnits]float32 // of each unit
	used        float64
	pairs       float64
}

func (m *matcher) cover(w *wording, c *cover) {
	n := len(m.r.units)
	clear(c.exact[:n])
	clear(c.soft[:n])
	c.used, c.pairs = 0, 0
	var at [maxUnits]int16
	var counted [64]uint32
	seen := 0
	for p, term := range w.terms {
		near := m.of(term)
		if len(near) == 0 {
			continue
		}
		best := float32(0)
		for _, k := range near {
			if k.exact {
				c.exact[k.unit] = max(c.exact[k.unit], k.worth)
			}
			if k.worth > c.soft[k.unit] {
				c.soft[k.unit] = k.worth
				at[k.unit] = int16(p)
			}
			best = max(best, k.worth)
		}
		if seen < len(counted) && !slices.Contains(counted[:seen], term) {
			counted[seen] = term
			seen++
			c.used += float64(float64(best) * float64(m.x.worth[term]))
		}
	}
	if w.weight > 0 {
		c.used /= w.weight
	}
	pairs, hits := 0, 0
	for u := 1; u < n; u++ {
		if m.r.units[u].old || m.r.units[u-1].old {
			continue
		}
		pairs++
		if c.soft[u] > 0 && c.soft[u-1] > 0 {
			if gap := at[u] - at[u-1]; gap > 0 && gap <= 2 {
				hits++
			}
		}
	}
	if pairs > 0 {
		c.pairs = float64(hits) / float64(pairs)
	}
}

// share is the part of the question's weight that is covered, each unit as far as got says.
func (m *matcher) share(got []float32) (share, sum float64) {
	for i := range m.r.units {
		sum += float64(m.r.units[i].weight * float64(got[i]))
	}
	if m.r.needed > 0 {
		share = sum / m.r.needed
	}
	return share, sum
}

// missing is how little of a word must be met for it to count as lacking.
const missing = 0.4

// doc adds the rows of one entry for one reading.
func (t *Table) doc(m *matcher, id int32, asks []int32) {
	x, r := m.x, m.r
	d := &x.docs[id]
	var f [Features]float32
	var c cover
	m.cover(&d.text, &c)
	text := meaningOf{multi: &x.texts.multi[id]}
	if r.en != nil {
		text.en = &x.texts.en[id]
		f[fEN] = float32(scaledEN(encoder.Cosine(r.en, text.en)))
	}
	f[fMulti] = float32(scaledMulti(encoder.Cosine(r.multi, text.multi)))
	n := len(r.units)
	exact, _ := m.share(c.exact[:n])
	soft, sum := m.share(c.soft[:n])
	f[fCover], f[fAlike] = float32(exact), float32(soft)
	f[fSum] = float32(sum / (sum + 2))
	f[fUsed], f[fPairs] = float32(c.used), float32(c.pairs)
	var names, missNames, nums, missNums float32
	for i := range r.units {
		u := &r.units[i]
		if u.old {
			continue
		}
		lacks := c.soft[i] < missing
		if lacks {
			f[fMissTop] = max(f[fMissTop], float32(u.weight))
		}
		if u.Name {
			names++
			if lacks {
				missNames++
			}
		}
		if u.Num {
			nums++
			if lacks {
				missNums++
			}
		}
	}
	if names > 0 {
		f[fMissNames] = missNames / names
	}
	if nums > 0 {
		f[fNums], f[fMissNums] = (nums-missNums)/nums, missNums/nums
	}
	if len(r.Codes) > 0 {
		f[fCodes] = float32(held(r.Codes, d.text.codes))
		f[fMissCodes] = 1 - f[fCodes]
	}
	var got [maxUnits]float32
	copy(got[:n], c.soft[:n])
	for i := range r.units {
		if u := &r.units[i]; u.id != noTerm {
			if _, ok := slices.BinarySearch(d.around, u.id); ok {
				got[i] = 1
			}
		}
	}
	around, _ := m.share(got[:n])
	f[fAround] = float32(around - soft)
	if d.place >= 0 {
		copy(got[:n], c.soft[:n])
		var other cover
		for k, o := range x.places[d.entry.Place] {
			if o == id || k > 16 {
				continue
			}
			m.cover(&x.docs[o].text, &other)
			for i := range n {
				got[i] = max(got[i], other.soft[i])
			}
		}
		place, _ := m.share(got[:n])
		f[fPlace] = float32(place - soft)
	}
	m.kinds(d.text.kinds, &f)
	if d.text.neg != r.Neg {
		f[fNeg] = 1
	}
	long := float64(len(d.text.terms))
	f[fLong] = float32(long / (long + 12))
	f[fShort] = float32(3 / (3 + float64(len(r.Tokens))))
	f[fGrams] = float32(grams(r.Mended, d.entry.Text))
	for _, last := range t.query.near {
		l := &x.docs[last]
		switch {
		case last == id:
			f[fLastSame] = 1
		case d.place >= 0 && l.place == d.place:
			f[fLastPlace] = 1
		case d.entry.Place != "" && slices.Contains(l.entry.Beside, d.entry.Place):
			f[fLastBeside] = 1
		}
	}
	switch {
	case r.how == asking:
		f[fAskingAlone] = 1
	case r.how == joined:
		f[fJoined] = 1
		if r.Leans() {
			f[fJoinedLeans] = 1
		}
	case t.Null[nBefore] > 0 && r.Leans():
		f[fAloneLeans] = 1
	}
	t.Rows = append(t.Rows, Row{Doc: int(id), Ask: -1, F: f, question: r, text: text})
	for _, k := range asks {
		w := &x.asks[d.ask[0]+k]
		a := f
		a[fAsk] = 1
		ask := meaningOf{multi: &x.asked.multi[d.ask[0]+k]}
		if r.en != nil {
			ask.en = &x.asked.en[d.ask[0]+k]
			a[fAskEN] = float32(scaledEN(encoder.Cosine(r.en, ask.en)))
		}
		a[fAskMulti] = float32(scaledMulti(encoder.Cosine(r.multi, ask.multi)))
		m.cover(w, &c)
		exact, _ := m.share(c.exact[:n])
		soft, _ := m.share(c.soft[:n])
		a[fAskCover], a[fAskAlike], a[fAskUsed], a[fAskPairs] = float32(exact), float32(soft), float32(c.used), float32(c.pairs)
		if w.typ == r.Type {
			a[fAskType] = 1
		} else if w.typ != language.AskWhat && r.Type != language.AskWhat {
			a[fAskTypeNot] = 1
		}
		if r.content != "" && w.content == r.content {
			a[fAskSame] = 1
		}
		var nums, missNums float32
		for i := range r.units {
			if u := &r.units[i]; u.Num && !u.old {
				nums++
				if c.soft[i] < missing {
					missNums++
				}
			}
		}
		if nums > 0 {
			a[fAskNums], a[fAskMissNums] = (nums-missNums)/nums, missNums/nums
		}
		a[fAskGrams] = float32(grams(r.Mended, d.entry.Asks[k]))
		if w.neg != r.Neg {
			a[fAskNeg] = 1
		}
		t.Rows = append(t.Rows, Row{Doc: int(id), Ask: int(k), F: a, question: r, text: text, ask: ask, same: r.how == whole && r.is(w)})
	}
}

// kinds fills in what a text holds, and whether that is what is asked for.
func (m *matcher) kinds(k kinds, f *[Features]float32) {
	for _, b := range [...]struct {
		bit kinds
		at  int
	}{{hasNumber, fNumber}, {hasYear, fYear}, {hasDate, fDay}, {hasTime, fTime}, {hasMoney, fMoney}, {hasName, fName}, {hasReason, fReason}} {
		if k&b.bit != 0 {
			f[b.at] = 1
		}
	}
	var want kinds
	switch m.r.Type {
	case language.AskHowMany, language.AskHowLong:
		want = hasNumber
	case language.AskMoney:
		want = hasMoney
	case language.AskWhen:
		want = hasDate | hasTime | hasYear
	case language.AskWho:
		want = hasName
	case language.AskSource:
		want = hasSays
	case language.AskWhere:
		want = hasName | hasLink
	case language.AskWhy:
		want = hasReason
	default:
		return
	}
	f[fType] = -1
	if k&want != 0 {
		f[fType] = 1
	}
}

// held is the part of the codes that the others hold.
func held(codes, by []string) float64 {
	n := 0
	for _, c := range codes {
		if slices.Contains(by, c) {
			n++
		}
	}
	return float64(n) / float64(len(codes))
}

// alike is how alike two folded words of one language are in spelling, 0 for not at all: the one begins or ends as the other (compounds), they begin
// alike (inflection), or they have most of their letters in common.
func alike(a, b string) float32 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 4 || len(b) > 40 || isDigit(a[0]) || isDigit(b[0]) {
		return 0
	}
	if a == b {
		return .9
	}
	if 10*len(a) >= 4*len(b) && (strings.HasPrefix(b, a) || strings.HasSuffix(b, a)) {
		return .6
	}
	n := 0
	for n < len(a) && a[n] == b[n] {
		n++
	}
	if n >= 4 && 10*n >= 6*len(b) {
		return .6
	}
	if 3*len(a) < 2*len(b) || len(a) < 5 {
		return 0
	}
	both := 0
	for i := 0; i+3 <= len(a); i++ {
		if strings.Contains(b, a[i:i+3]) {
			both++
		}
	}
	if d := float32(2*both) / float32(len(a)+len(b)-4); d >= .6 {
		return .7 * d
	}
	return 0
}

// grams is the likeness of two texts' spelling: the cosine of their counts of three letters, hashed.
func grams(a, b string) float64 {
	var x, y [256]int16
	hash(a, &x)
	hash(b, &y)
	var xy, xx, yy int
	for i := range x {
		xy += int(x[i]) * int(y[i])
		xx += int(x[i]) * int(x[i])
		yy += int(y[i]) * int(y[i])
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return float64(xy) / math.Sqrt(float64(xx)*float64(yy))
}

func hash(s string, into *[256]int16) {
	var w uint32
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c < '0' || c > '9' && c < 'a' {
			c = ' '
		}
		if c == ' ' && byte(w) == ' ' {
			continue
		}
		w = w<<8&0xffffff | uint32(c)
		if n++; n >= 3 {
			h := w * 2654435761
			into[h>>24]++
		}
	}
}
