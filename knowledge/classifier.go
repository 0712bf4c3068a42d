package knowledge

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Where facts have many asks, these are examples enough to learn from what people ask each fact, and from the not_asks what they ask of none: a
// classifier does, made with the index. It is a logistic regression over the words of a question, with as many outcomes as there are such facts. What it
// says is told to the ranker and the decider (see heed in model.go), which also know what words can't be learned from so few examples.

// A fact with manyAsks can be learned, and a base with fewestTaught such facts; below that, the classifier knows too little or too few.
const (
	manyAsks     = 15
	fewestTaught = 10
)

// mostTeaching bounds the time that learning takes, about a second: examples times outcomes. The article's facts have 0.39 million.
const mostTeaching = 1_000_000

// How a classifier learns: by stochastic gradient descent, each time with some clues of the question hidden, so that it does not hang on one (dropout,
// Srivastava et al., 2014). All was chosen by what it says of the article's trials, from which it never learns: of pairs of one that can be answered and
// one that can't, 97 in 100 stand in the right order by how likely no fact answers, and 95 without dropout.
const (
	teachRounds = 12
	teachRate   = 4
	teachDecay  = 0.01 // of the weights, a round
	teachDrop   = 0.4  // the part of the clues that is hidden
	teachSure   = 0.98 // a share of the right outcome from which there is nothing more to learn
)

// What a clue weighs. A term, which may stand for a synonym, weighs as the index says.
const (
	saidClue = 1   // a very word, stop words too
	pairClue = 1   // two very words in a row
	kindClue = 1   // the kind of answer asked for
	wantClue = 0.6 // a term together with the kind of answer asked for; of the term's weight
	oldClue  = 0.5 // a term of an earlier question; of its weight
)

// A clue is one thing that a question holds: a term that stands for one of its words, a very word, two in a row, the kind of answer asked for.
type clue struct {
	sort clueSort
	a, b uint32
}

type clueSort uint8

const (
	aTerm clueSort = iota
	aWord
	aPair
	aKind
	aWant
)

// A weighedClue is a clue by its row in the classifier.
type weighedClue struct {
	row    uint32
	weight float32
}

// A classifier tells which fact a question asks for. It never changes once it is made.
type classifier struct {
	outcome  []int32 // of each doc; -1 for one with few asks
	examples int     // it has learned from
	many     int     // how many outcomes there are, that no fact answers being the last
	rows     map[clue]uint32
	weights  []float32 // a row a clue, with a number an outcome
	bias     []float32
	denied   int // not_asks to learn the last outcome from
}

// A lesson is what a classifier says of a question.
type lesson struct {
	of     *classifier
	shares []float64 // the probability of each outcome
	known  float64   // the part of the question's clues that the classifier has met, by weight
}

// teach makes the classifier of the index, of all wordings but those that skip names; nil where there is too little or too much to learn from.
func (x *index) teach(ctx context.Context, skip func(doc int, text string) bool) (*classifier, error) {
	c := &classifier{outcome: make([]int32, len(x.docs)), rows: map[clue]uint32{}}
	wordings := 0
	for i := range x.docs {
		d := &x.docs[i]
		c.outcome[i] = -1
		if len(d.asks) >= manyAsks {
			c.outcome[i] = int32(c.many)
			c.many++
			wordings += 1 + len(d.asks)
		}
		wordings += len(d.notAsks)
	}
	c.many++
	if c.many <= fewestTaught || x.search != nil || wordings*c.many > mostTeaching {
		return nil, nil
	}
	if skip == nil {
		skip = func(int, string) bool { return false }
	}
	if err := c.fit(ctx, c.lines(x, skip)); err != nil {
		return nil, err
	}
	return c, nil
}

// A line is something to learn from: the clues of a text, and what it asks for.
type line struct {
	clues   []weighedClue
	outcome int
}

// lines gives the texts and asks of the facts with many, and all not_asks.
func (c *classifier) lines(x *index, skip func(doc int, text string) bool) []line {
	var all []line
	list := clueList{c: c, learn: true}
	add := func(outcome int) {
		all = append(all, line{slices.Clone(list.list), outcome})
		list.start()
	}
	for i := range x.docs {
		d := &x.docs[i]
		if o := int(c.outcome[i]); o >= 0 && !skip(i, "") {
			x.textClues(d, &list)
			add(o)
			for k := range d.asks {
				if !skip(i, d.asks[k].text) {
					x.wordingClues(&d.asks[k], &list)
					add(o)
				}
			}
		}
		for k := range d.notAsks {
			if !skip(i, d.notAsks[k].text) {
				x.wordingClues(&d.notAsks[k], &list)
				add(c.many - 1)
				c.denied++
			}
		}
	}
	c.examples = len(all)
	return all
}

// fit learns from the lines, whose order it changes.
func (c *classifier) fit(ctx context.Context, all []line) error {
	c.weights, c.bias = make([]float32, len(c.rows)*c.many), make([]float32, c.many)
	r := rand.New(rand.NewPCG(1, 4))
	type move struct {
		outcome int
		by      float32
	}
	var moved []move
	var seen []weighedClue
	score, share := make([]float32, c.many), make([]float64, c.many)
	for round := range teachRounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		rate := teachRate * (1 - float32(round)/teachRounds)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, e := range all {
			seen = seen[:0]
			for _, k := range e.clues {
				if r.Float64() >= teachDrop {
					seen = append(seen, k)
				}
			}
			scale(seen)
			if c.shares(seen, score, share); share[e.outcome] > teachSure {
				continue
			}
			moved = moved[:0] // the outcomes whose share is far from what it should be: few
			for j, p := range share {
				if j == e.outcome {
					p--
				}
				if math.Abs(p) > 1e-3 {
					moved = append(moved, move{j, -rate * float32(p)})
				}
			}
			for _, m := range moved {
				c.bias[m.outcome] += m.by / 100
			}
			for _, k := range seen {
				row := c.weights[int(k.row)*c.many:][:c.many]
				for _, m := range moved {
					row[m.outcome] += m.by * k.weight
				}
			}
		}
		for i := range c.weights {
			c.weights[i] *= 1 - teachDecay
		}
	}
	return nil
}

// shares gives the probability of each outcome.
func (c *classifier) shares(clues []weighedClue, score []float32, share []float64) {
	copy(score, c.bias)
	for len(clues) > 1 { // two at once: half as many reads and writes of the scores
		k, l := clues[0], clues[1]
		row, other := c.weights[int(k.row)*c.many:][:len(score)], c.weights[int(l.row)*c.many:][:len(score)]
		for j := range score {
			score[j] += row[j]*k.weight + other[j]*l.weight
		}
		clues = clues[2:]
	}
	for _, k := range clues {
		row := c.weights[int(k.row)*c.many:][:len(score)]
		for j := range score {
			score[j] += row[j] * k.weight
		}
	}
	top := score[0]
	for _, s := range score {
		top = max(top, s)
	}
	sum := 0.0
	for j, s := range score {
		share[j] = math.Exp(float64(s - top))
		sum += share[j]
	}
	for j := range share {
		share[j] /= sum
	}
}

// A clueList gathers the clues of a text, each once, in the order in which they come.
type clueList struct {
	c       *classifier
	learn   bool // clues that the classifier hasn't met are added to it
	list    []weighedClue
	before  uint32  // the word that came last, plus 1; 0 at the beginning
	unknown float64 // sum of the squares of the weights of clues that it hasn't met
}

func (l *clueList) start() { l.list, l.before, l.unknown = l.list[:0], 0, 0 }

// word adds a very word, in the order of the text.
func (l *clueList) word(term uint32) {
	l.add(clue{aWord, term, 0}, saidClue)
	l.add(clue{aPair, l.before, term}, pairClue)
	l.before = term + 1
}

func (l *clueList) add(k clue, weight float32) {
	row, ok := l.c.rows[k]
	if !ok {
		if !l.learn {
			l.unknown += float64(weight * weight)
			return
		}
		row = uint32(len(l.c.rows))
		l.c.rows[k] = row
	}
	for i := range l.list { // some fifty
		if l.list[i].row == row {
			l.list[i].weight = max(l.list[i].weight, weight)
			return
		}
	}
	l.list = append(l.list, weighedClue{row, weight})
}

// scale makes the clues a vector of length 1, so that long questions and short ones count the same, and gives the square of the length that it had.
func scale(clues []weighedClue) (sum float64) {
	for _, k := range clues {
		sum += float64(k.weight * k.weight)
	}
	by := float32(1 / math.Sqrt(sum+1e-6))
	for i := range clues {
		clues[i].weight *= by
	}
	return sum
}

// wordingClues gathers the clues of an ask or a not_ask as those of a question are.
func (x *index) wordingClues(w *wording, l *clueList) {
	x.termClues(w.terms, l)
	x.termClues(w.phrases, l)
	for _, t := range w.said {
		l.word(t)
	}
	l.add(clue{aKind, uint32(w.typ), 0}, kindClue)
	for _, t := range w.terms {
		l.add(clue{aWant, uint32(w.typ), t}, wantClue)
	}
}

// termClues adds the terms and what stands for them.
func (x *index) termClues(terms []uint32, l *clueList) {
	for _, t := range terms {
		l.add(clue{aTerm, t, 0}, 1)
		for _, a := range x.alts[x.terms[t]] {
			l.add(clue{aTerm, a.term, 0}, a.weight)
		}
	}
}

// textClues gathers the clues of a fact's text.
func (x *index) textClues(d *doc, l *clueList) {
	for _, w := range d.words {
		if w.flags&isStop == 0 {
			l.add(clue{aTerm, w.term, 0}, 1)
		}
		l.word(w.term)
	}
	x.termClues(d.phrases, l)
}

// learn asks the classifier about the question; nil where there is none.
func (a *asking) learn(c *classifier) *lesson {
	if c == nil {
		return nil
	}
	l := &a.clues
	l.start()
	l.c = c
	for _, e := range a.table.list {
		weight := e.weight
		if a.units[e.unit].old {
			weight *= oldClue
		}
		l.add(clue{aTerm, e.term, 0}, weight)
	}
	for _, t := range a.r.tokens {
		id, met := a.x.vocab[t.term]
		if !met {
			id = math.MaxUint32 - 1 // stands in no wording
		}
		l.word(id)
	}
	l.add(clue{aKind, uint32(a.type_), 0}, kindClue)
	for _, e := range a.table.list {
		if !a.units[e.unit].old {
			l.add(clue{aWant, uint32(a.type_), e.term}, wantClue*e.weight)
		}
	}
	sum := scale(l.list)
	a.shares, a.scores = zeroed(a.shares, c.many), zeroed(a.scores, c.many)
	c.shares(l.list, a.scores, a.shares)
	return &lesson{of: c, shares: a.shares, known: sum / (sum + l.unknown + 1e-6)}
}

// none is the probability that no fact answers.
func (s *lesson) none() float64 { return s.shares[s.of.many-1] }

// share is the probability that the doc answers, and whether the classifier knows the doc at all.
func (s *lesson) share(doc int) (float64, bool) {
	if o := s.of.outcome[doc]; o >= 0 {
		return s.shares[o], true
	}
	return 0, false
}

// gain is the logarithm of how much likelier a fact is than an outcome would be if nothing were known, at most 4 either way.
func (s *lesson) gain(share float64) float64 {
	return max(-4, min(4, math.Log(share*float64(s.of.many)+1e-9)))
}

// lessonInputs is how many inputs of the confidence tell what the classifier says.
const lessonInputs = 13

// inputs tells of the classifier's word on the first of the candidates.
func (s *lesson) inputs(x []float32, cands []*scored) {
	top := cands[0]
	second := 0.0
	for o, p := range s.shares[:s.of.many-1] {
		if o != int(s.of.outcome[top.doc]) {
			second = max(second, p)
		}
	}
	odds := func(p float64) float32 { return float32(max(-6, min(6, math.Log((p+1e-9)/(1-p+1e-9))))) }
	x[0], x[1] = float32(top.share), odds(top.share)
	x[2], x[3] = float32(second), odds(second)
	if top.share >= second {
		x[4] = 1
	}
	if s.of.denied > 0 {
		x[5], x[6], x[7] = 1, float32(s.none()), odds(s.none())
	}
	x[8] = float32(s.known)
	x[9] = float32(math.Log(float64(s.of.examples) / float64(s.of.many)))
}
