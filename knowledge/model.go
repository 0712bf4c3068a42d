package knowledge

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
)

//go:embed model.json
var modelText []byte

// A model holds the trained weights: of the ranker, which puts facts in order, and of the confidence that the first one answers. Its
// file says what it was trained on and with which command (see train.go). Bases where facts have asks have weights of their own: there a
// question is mostly compared with other questions, elsewhere with sentences.
type model struct {
	Made     string   `json:"made"`     // provenance, for people
	Features []string `json:"features"` // must be featureNames, so that weights never meet other features
	Plain    side     `json:"plain"`    // for facts without asks
	Asked    side     `json:"asked"`    // for facts with asks, which say what they are meant to answer
	Taught   taught   `json:"taught"`   // for facts with so many that a classifier has learned from them; ranked by Asked first
}

// A side is the weights for one sort of base.
type side struct {
	Rank decider `json:"rank"` // inputs: see rankInputs
	judge
}

// A judge tells whether the first fact is said.
type judge struct {
	Sure      decider `json:"sure"`      // inputs: see confidenceInputs
	Threshold float64 `json:"threshold"` // the confidence from which an answer is given, see thresholds
}

// A taught is how the classifier's word is taken.
type taught struct {
	Share float64 `json:"share"` // what it counts beside the ranker's score, see heed
	judge         // inputs: see lessonInputs
}

// ranker is the one for the candidates: that for asks when any of them has some.
func (m *model) ranker(cands []*scored) *decider {
	for _, s := range cands {
		if s.f[fHasAsks] > 0 {
			return &m.Asked.Rank
		}
	}
	return &m.Plain.Rank
}

// judge is the one that judges the first of the candidates.
func (m *model) judge(cands []*scored) *judge {
	switch {
	case len(cands) > 0 && cands[0].taught:
		return &m.Taught.judge
	case len(cands) > 0 && cands[0].f[fHasAsks] > 0:
		return &m.Asked.judge
	}
	return &m.Plain.judge
}

// threshold is the confidence from which the first of the candidates is said.
func (m *model) threshold(cands []*scored) float64 { return m.judge(cands).Threshold }

// A decider is a network and what its inputs are standardised by.
type decider struct {
	Network network   `json:"network"`
	Mean    []float32 `json:"mean"`  // of each input over the training questions
	Scale   []float32 `json:"scale"` // 1 / its standard deviation; 0 for an input that never varied

	used  []int // the inputs that vary; nil before compact
	small *decider
}

// compact leaves out what never varied, a third of the inputs where no fact has asks: it would be multiplied by 0.
func (d *decider) compact() {
	s := &decider{}
	pick := func(x []float32) []float32 {
		out := make([]float32, len(d.used))
		for i, k := range d.used {
			out[i] = x[k]
		}
		return out
	}
	d.used = []int{}
	for k, v := range d.Scale {
		if v != 0 {
			d.used = append(d.used, k)
		}
	}
	s.Mean, s.Scale = pick(d.Mean), pick(d.Scale)
	s.Network = network{Linear: pick(d.Network.Linear), Bias: d.Network.Bias, Shift: d.Network.Shift, Out: d.Network.Out}
	for _, row := range d.Network.Hidden {
		s.Network.Hidden = append(s.Network.Hidden, pick(row))
	}
	d.small = s
}

// value gives what the network makes of the inputs, which it overwrites.
func (d *decider) value(x []float32) float64 {
	if d.small != nil {
		for i, k := range d.used { // i <= k: nothing is read that was written
			x[i] = x[k]
		}
		return d.small.value(x[:len(d.used)])
	}
	for k := range x {
		x[k] = standard(x[k], d.Mean[k], d.Scale[k])
	}
	return d.Network.value(x)
}

// standard gives an input in standard deviations, and at most four: what is further out was seen too seldom to know what it means.
func standard(x, mean, scale float32) float32 { return max(-4, min(4, (x-mean)*scale)) }

// A network is a linear function plus one layer of rectified units.
type network struct {
	Linear []float32   `json:"linear"`
	Bias   float32     `json:"bias"`
	Hidden [][]float32 `json:"hidden"` // a row a unit
	Shift  []float32   `json:"shift"`
	Out    []float32   `json:"out"`
}

func (n *network) value(x []float32) float64 {
	s := n.Bias + dot(n.Linear, x)
	for h := 0; h < len(n.Hidden); h += 2 {
		last := min(h+1, len(n.Hidden)-1)
		y, z := dots(n.Hidden[h], n.Hidden[last], x)
		if y += n.Shift[h]; y > 0 {
			s += n.Out[h] * y
		}
		if z += n.Shift[last]; z > 0 && last > h {
			s += n.Out[last] * z
		}
	}
	return float64(s)
}

// dot multiplies two vectors; four sums at once keep the processor busy.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// dots multiplies two vectors with a third as dot does, a fifth faster.
func dots(a, b, x []float32) (float32, float32) {
	a, b = a[:len(x)], b[:len(x)]
	var a0, a1, a2, a3, b0, b1, b2, b3 float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a0 += a[i] * x[i]
		b0 += b[i] * x[i]
		a1 += a[i+1] * x[i+1]
		b1 += b[i+1] * x[i+1]
		a2 += a[i+2] * x[i+2]
		b2 += b[i+2] * x[i+2]
		a3 += a[i+3] * x[i+3]
		b3 += b[i+3] * x[i+3]
	}
	for ; i < len(x); i++ {
		a0 += a[i] * x[i]
		b0 += b[i] * x[i]
	}
	return a0 + a1 + a2 + a3, b0 + b1 + b2 + b3
}

// trained is the model built into the binary, read once.
var trained = sync.OnceValue(func() *model {
	m, err := readModel(modelText)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return m
})

func readModel(text []byte) (*model, error) {
	m := &model{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if !slices.Equal(m.Features, featureNames[:]) {
		return nil, fmt.Errorf("read model: it was trained on other features than this program computes; train it again")
	}
	for _, d := range []*decider{&m.Plain.Rank, &m.Plain.Sure, &m.Asked.Rank, &m.Asked.Sure, &m.Taught.Sure} {
		d.compact()
	}
	return m, nil
}

// score ranks the candidates of one question by the model, best first.
func (m *model) score(a *asking, cands []*scored) {
	m.rank(a, cands)
	m.heed(a, cands)
}

// heed ranks the candidates by what the classifier says, too. A fact that it knows gains or loses by how much likelier than any other outcome it is; one
// that it doesn't know stays as it is.
func (m *model) heed(a *asking, cands []*scored) {
	if a.lesson == nil {
		return
	}
	for _, s := range cands {
		if s.taught {
			s.score += m.Taught.Share * a.lesson.gain(s.share)
		}
	}
	sortScored(cands, func(s *scored) float64 { return s.score })
}

// rank is score without the classifier.
func (m *model) rank(a *asking, cands []*scored) {
	inputs := a.rankInputs(cands)
	r := m.ranker(cands)
	for i, s := range cands {
		s.score = r.value(inputs[i])
	}
	sortScored(cands, func(s *scored) float64 { return s.score })
}

// questionInputs is how many inputs tell of the question alone: what it asks for, and how much it says.
const questionInputs = 6

// rankInputs gives each candidate's features, then the same standardised over the candidates of the question, then what the question is
// like.
func (a *asking) rankInputs(cands []*scored) [][]float32 {
	const width = 2*int(features) + questionInputs
	out := make([][]float32, len(cands))
	a.inputs = zeroed(a.inputs, len(cands)*width)
	for i, s := range cands {
		out[i] = a.inputs[i*width : (i+1)*width]
		copy(out[i], s.f[:])
	}
	n := float64(len(cands))
	for k := range int(features) {
		var sum, sq float64
		for _, x := range out {
			sum += float64(x[k])
		}
		mean := sum / n
		for _, x := range out {
			d := float64(x[k]) - mean
			sq += d * d
		}
		sd := math.Sqrt(sq/n) + 1e-3
		for _, x := range out {
			x[int(features)+k] = float32((float64(x[k]) - mean) / sd)
		}
	}
	var e [questionInputs]float32
	own := 0
	for u := range a.units {
		if !a.units[u].old {
			own++
		}
	}
	e[0] = float32(math.Log(1 + float64(own)))
	e[1] = float32(math.Log(1+float64(len(a.x.docs))) / 8)
	if a.r.pronouns > 0 {
		e[2] = 1
	}
	if a.r.opening || a.r.turn {
		e[3] = 1
	}
	if len(a.near) > 0 {
		e[4] = 1
		e[5] = float32(1 / (1 + float64(own)))
	}
	for _, x := range out {
		copy(x[2*int(features):], e[:])
	}
	return out
}

// confidenceExtra is what the confidence looks at beside the first fact's features: the lead over the second, the first's share of a
// softmax over all, how many units the question has, and what it asks for.
const confidenceExtra = 33 + int(answerTypes)

// largestTrained is the number of facts of about the largest base that the confidence is trained on: it must not guess what more of them would mean.
const largestTrained = 300

// confidenceInputs describes how the ranking of a question came out.
func (a *asking) confidenceInputs(cands []*scored) []float32 {
	top := cands[0]
	x := make([]float32, features+confidenceExtra, features+confidenceExtra+lessonInputs)
	copy(x, top.f[:])
	e := x[features:]
	lead := 10.0
	if len(cands) > 1 {
		lead = min(lead, top.score-cands[1].score)
	}
	e[0] = float32(lead)
	sum := 0.0
	for _, s := range cands {
		sum += math.Exp(s.score - top.score)
	}
	e[1] = float32(1 / sum)
	e[2] = float32(math.Log(1 + float64(len(a.units))))
	unknown, rarest, strangers := 0.0, 0.0, 0.0
	for u := range a.units {
		t := &a.units[u]
		if !t.reach && !t.old {
			unknown += t.rare
			rarest = max(rarest, t.rare)
			if t.name {
				strangers++
			}
		}
	}
	e[3], e[4] = float32(unknown), float32(rarest)
	missEver := 0.0
	for u := range a.units {
		if top.ever[u] < missing && !a.units[u].old {
			missEver = max(missEver, a.units[u].rare)
		}
	}
	e[5] = float32(missEver)
	e[6] = float32(math.Log(float64(min(len(a.x.docs), largestTrained))) / 8)
	if a.r.pronouns > 0 || a.r.opening {
		e[7] = 1
	}
	e[8], e[9] = float32(a.notNear), float32(a.notTyped)
	e[10] = float32(max(0, a.notNear-top.ask.near))
	e[11] = float32(max(0, a.notTyped-top.typed))
	if len(cands) > 1 {
		e[12] = float32(top.ask.near - cands[1].ask.near)
	}
	// known and the like leave out the words that no fact holds: an everyday word nobody wrote down ("lol") must not hide that all else fits.
	var lack, all, lackTop, lackText, lackKnown, allKnown, lackAsk float64
	known, strangeNums := 0, 0
	for u := range a.units {
		w := &a.units[u]
		if w.old {
			continue
		}
		t := w.telling
		all += t
		miss := t * float64(1-max(top.m.got[u], top.askGot[u]))
		lack += miss
		lackTop = max(lackTop, miss)
		lackText += t * float64(1-top.m.got[u])
		switch {
		case w.reach:
			known++
			allKnown += t
			lackKnown += miss
			lackAsk += t * float64(1-top.askGot[u])
		case w.num:
			strangeNums++
		}
	}
	e[13], e[14], e[15], e[16] = float32(lack/max(all, 1e-9)), float32(lack), float32(lackTop), float32(lackText/max(all, 1e-9))
	e[17] = float32(strangers) // names that the base doesn't hold
	if a.type_.open() || top.typeAsked {
		e[18] = 1
	}
	e[19] = float32(top.ask.near * top.ask.near)
	e[20], e[21] = a.onlyNot(cands)
	lacks, n := 0, 0
	for u := range a.units {
		if a.units[u].old {
			continue
		}
		n++
		if max(top.m.got[u], top.askGot[u]) < missing {
			lacks++
		}
	}
	e[22], e[23] = float32(lacks)/float32(max(1, n)), float32(lacks)
	rival := 0.0
	for _, s := range cands[1:] {
		rival = max(rival, s.ask.near)
	}
	e[24] = float32(top.ask.near - rival)
	if len(a.near) > 0 {
		e[25], e[26] = 1, float32(1/(1+float64(n)))
	}
	e[27] = float32(top.typed - top.ask.near)
	e[28] = float32(a.turned(top))
	if allKnown > 0 {
		e[29] = float32(1 - lackKnown/allKnown)
		if asked := 1 - lackAsk/allKnown; asked+top.ask.used > 0 {
			e[30] = float32(2 * asked * top.ask.used / (asked + top.ask.used))
		}
	}
	e[31] = float32(strangeNums)
	e[32] = float32(math.Log(1 + float64(known)))
	e[33+int(a.type_)] = 1
	return x
}

// sureInputs is confidenceInputs, and what the classifier says where it knows the first of the candidates.
func (a *asking) sureInputs(cands []*scored) []float32 {
	x := a.confidenceInputs(cands)
	if cands[0].taught {
		x = x[:len(x)+lessonInputs]
		a.lesson.inputs(x[len(x)-lessonInputs:], cands)
	}
	return x
}

// turns are words that tell nothing of a topic, but change what is asked of it: who was it before, the most important, the other one.
var turns = map[string]bool{
	"before": true, "after": true, "next": true, "last": true, "previous": true, "previously": true, "former": true, "other": true, "another": true, "else": true,
	"most": true, "least": true, "first": true, "second": true, "third": true, "only": true, "more": true, "less": true, "every": true, "each": true, "per": true,
	"during": true, "since": true, "until": true, "ever": true, "without": true, "instead": true, "still": true, "anymore": true, "already": true,
	"often": true, "both": true, "all": true,
}

// turned counts such words of the question that neither the fact's text nor its nearest wording holds.
func (a *asking) turned(s *scored) int {
	n := 0
	d := &a.x.docs[s.doc]
	for _, t := range a.r.tokens {
		if !turns[t.word] {
			continue
		}
		id, ok := a.x.vocab[t.term]
		if !ok || !(s.nearest != nil && slices.Contains(s.nearest.said, id)) && !slices.ContainsFunc(d.words, func(w word) bool { return w.term == id }) {
			n++
		}
	}
	return min(n, 2)
}

// confidence is the calibrated probability that the first candidate answers the question.
func (m *model) confidence(a *asking, cands []*scored) float64 {
	if len(cands) == 0 || len(a.units) == 0 {
		return 0
	}
	return squash(m.judge(cands).Sure.value(a.sureInputs(cands)))
}
