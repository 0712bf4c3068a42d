package rank

import (
	"slices"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// A Scored is one fact with what the model makes of it.
type Scored struct {
	Doc         int
	Score       float64 // log-odds of its best row
	Probability float64 // that it answers the question, beside its rivals and "none"
	Row         *Row    // the best
	Read        float64 // log-odds that its text answers, by reading it beside the question; 0 before that: see [Model.Reread]
	Same        bool    // one of its asks is the question, word for word
	Barred      bool    // it may be offered, but not given as an answer: the question names a code that it lacks, or has left the subject of the one before
}

// Verdict is how the facts came out.
type Verdict struct {
	Facts []Scored // best first
	None  float64  // probability that none answers
	About float64  // that the question is about what the facts talk of at all, whether one answers or not
	Exact bool     // some fact has the question among its asks, word for word
}

const (
	sameScore  = 14  // of a fact whose own ask the question is: a moderator vouches for it
	besideSame = 8   // and what others' are at most beside it
	rivals     = 8   // how many of the best facts share the probability
	dateIn     = 0.7 // what is added to a fact one of whose dates covers the question's, and taken from one whose spans leave it out
	dateOut    = -0.7
	numberHeld = 1.0 // what is added to a fact that holds a number of the question, and taken from one that holds others instead, where some fact holds it
	vetoCosine = 0.9 // how near to a not_ask, by the mean of both encoders as parts of 1, a question must be to mean the same
)

// Judge scores the facts of a table at a first look: by vectors and words.
func (m *Model) Judge(t *Table) Verdict {
	s := m.Of(t)
	x := t.index
	var p pairer
	text, ask := make([]float32, PairSize), float32(0)
	buf := text
	textPart := map[[2]any]float32{}
	var out []Scored
	doc, vetoed, same := -1, false, false
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Doc != doc {
			doc, vetoed = r.Doc, t.vetoed(r.Doc)
		}
		if vetoed {
			continue
		}
		key := [2]any{r.question, r.Doc}
		part, ok := textPart[key]
		if !ok {
			p.pair(buf, r.question, r.text)
			part = dot(s.Text, buf)
			textPart[key] = part
		}
		ask = 0
		if r.Ask >= 0 {
			p.pair(buf, r.question, r.ask)
			ask = dot(s.Ask, buf)
		}
		score := float64(float64(s.dense(&r.F)+part+ask) * s.Scale)
		d := &x.docs[r.Doc]
		switch language.Covers(d.text.dates, r.question.Dates) {
		case 1:
			score += dateIn
		case -1:
			score += dateOut
		}
		score += t.numbers(d, r.question)
		if r.same {
			score = max(score, sameScore)
		}
		if n := len(out); n > 0 && out[n-1].Doc == r.Doc {
			o := &out[n-1]
			o.Same = o.Same || r.same
			if score > o.Score {
				o.Score, o.Row = score, r
			}
			continue
		}
		out = append(out, Scored{Doc: r.Doc, Score: score, Row: r, Same: r.same})
	}
	for i := range out {
		out[i].Barred = t.lacksCode(&out[i]) || strays(out[i].Row)
		same = same || out[i].Same && !out[i].Barred
	}
	if same { // however alike others' asks are
		above := 0.0
		for i := range out {
			if !out[i].Same {
				above = max(above, out[i].Score-besideSame)
			}
		}
		for i := range out {
			if !out[i].Same {
				out[i].Score -= above
			}
		}
	}
	slices.SortStableFunc(out, byScore)
	unsaid, elsewhere := s.none(t)
	return t.share(out, unsaid, elsewhere)
}

// byScore puts the likelier fact first.
func byScore(a, b Scored) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	}
	return 0
}

// numbers is what a fact's score gains or loses by the numbers that the question names and some fact holds: "lamp 47" is not lamp 46. Few of the bases that the
// model was trained on differ in nothing but numbers, so it has not learned that.
func (t *Table) numbers(d *doc, r *reading) float64 {
	held, lacked := 0, 0
	for i := range r.units {
		u := &r.units[i]
		switch {
		case !u.Num || u.Soft || u.old || !u.reach:
		case slices.Contains(d.text.terms, u.id):
			held++
		default:
			lacked++
		}
	}
	switch {
	case held > 0:
		return numberHeld
	case lacked > 0 && d.text.kinds&(hasNumber|hasYear) != 0:
		return -numberHeld
	}
	return 0
}

// share makes probabilities of scores.
func (t *Table) share(out []Scored, unsaid, elsewhere float64) Verdict {
	v := Verdict{Facts: out}
	top := max(unsaid, elsewhere)
	if len(out) > 0 {
		top = max(top, out[0].Score)
	}
	away := exp(elsewhere - top)
	none := exp(unsaid-top) + away
	for i := range out {
		sum := none
		n := 0
		for k := range out {
			if n == rivals {
				break
			}
			n++
			if k == i || !t.twins(out[i].Doc, out[k].Doc) {
				sum += exp(out[k].Score - top)
			}
		}
		if i >= rivals {
			sum += exp(out[i].Score - top)
		}
		out[i].Probability = exp(out[i].Score-top) / sum
		v.Exact = v.Exact || out[i].Same
	}
	sum := none
	for i := range out[:min(len(out), rivals)] {
		sum += exp(out[i].Score - top)
	}
	v.None, v.About = none/sum, 1-away/sum
	return v
}

// twins reports whether two facts are no rivals.
func (t *Table) twins(a, b int) bool {
	w := t.index.docs[a].entry.Twins
	return w != "" && w == t.index.docs[b].entry.Twins
}

// vetoed reports whether one of a fact's not_asks is the question, or means the same: as near as two wordings of one question are, and nearer than any
// of the fact's asks.
func (t *Table) vetoed(id int) bool {
	x := t.index
	d := &x.docs[id]
	for ri := range t.query.readings {
		r := &t.query.readings[ri]
		if r.how != whole {
			continue
		}
		best := 0.0
		for k := d.ask[0]; k < d.ask[1]; k++ {
			if r.is(&x.asks[k]) {
				best = 2
			}
			best = max(best, sameness(r, x.asked, k))
		}
		for k := d.not[0]; k < d.not[1]; k++ {
			w := &x.nots[k]
			if r.is(w) {
				return true
			}
			same := sameness(r, x.noted, k)
			if r.content != "" && w.content == r.content && w.typ == r.Type {
				same = max(same, .99)
			}
			if same >= vetoCosine && same > best {
				return true
			}
		}
	}
	return false
}

// sameness is how nearly a question means the same as a wording: the mean of both cosines, the multilingual one's range, which is narrow, made as wide.
func sameness(r *reading, m meaning, k int32) float64 {
	c := (encoder.Cosine(r.multi, &m.multi[k]) - .7) / .3
	if r.en != nil && m.en != nil {
		c = (c + encoder.Cosine(r.en, &m.en[k])) / 2
	}
	return c
}

// lacksCode reports whether the question names a code that the fact lacks while it has another of that shape, or while no fact has it.
// Of a question that leans on the one before, that one's codes count.
func (t *Table) lacksCode(f *Scored) bool {
	x := t.index
	d := &x.docs[f.Doc]
	r := &t.query.readings[0]
	codes := r.Codes
	if last := &t.query.readings[len(t.query.readings)-1]; last.how == joined && (f.Row.Joined() || r.Leans()) {
		codes = last.Codes
	}
	for _, c := range codes {
		if slices.Contains(d.text.codes, c) { // what an ask names and its fact lacks vouches for nothing; a moderator is warned of it
			continue
		}
		for _, own := range d.text.codes {
			if language.Shape(own) == language.Shape(c) || !x.codes[c] {
				return true
			}
		}
	}
	return false
}

// strays reports whether a follow-up, read with the question before it, speaks mostly of what no fact holds: "and in Brazil?". The earlier question alone then makes the fact likely.
func strays(r *Row) bool {
	if !r.Joined() {
		return false
	}
	own, unheld := 0.0, 0.0
	for i := range r.question.units {
		if u := &r.question.units[i]; !u.old {
			own += u.weight
			if !u.reach {
				unheld += u.weight
			}
		}
	}
	return unheld > own/2
}

// exp is e to the x, by halving until a short series is exact enough, with each product rounded: math.Exp is assembly on some machines, and need not agree
// in the last bit.
func exp(x float64) float64 {
	if x < -60 {
		return 0
	}
	x = float64(x / 1024)
	sum, term := 1.0, 1.0
	for i := 1; i < 8; i++ {
		term = float64(term*x) / float64(i)
		sum = float64(sum + term)
	}
	for range 10 {
		sum = float64(sum * sum)
	}
	return sum
}
