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
// file says what it was trained on and with which command (see train.go).
type model struct {
	Made      string    `json:"made"`     // provenance, for people
	Features  []string  `json:"features"` // must be featureNames, so that weights never meet other features
	Mean      []float32 `json:"mean"`     // of each input over the training questions
	Scale     []float32 `json:"scale"`    // 1 / its standard deviation
	Rank      network   `json:"rank"`     // inputs: the features, then the same standardised within the question
	Plain     decider   `json:"plain"`    // how sure to be of a fact without asks
	Asked     decider   `json:"asked"`    // how sure to be of a fact with asks, which say what it is meant to answer
	Threshold threshold `json:"threshold"`
}

// A threshold is the confidence from which an answer is given. Where moderators wrote asks they said what a fact is for, so what is not close to
// any had better be declined; of a bare sentence nobody said so, and it is given earlier.
type threshold struct {
	Asked float64 `json:"asked"` // for a fact with asks
	Plain float64 `json:"plain"` // for a fact without
}

// threshold is the one that holds for the first of the candidates.
func (m *model) threshold(cands []*scored) float64 {
	if len(cands) > 0 && cands[0].f[fHasAsks] > 0 {
		return m.Threshold.Asked
	}
	return m.Threshold.Plain
}

// A decider tells how sure to be that the first fact answers; for its inputs see confidenceInputs.
type decider struct {
	Network network   `json:"network"`
	Mean    []float32 `json:"mean"`
	Scale   []float32 `json:"scale"`
}

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
	for h, row := range n.Hidden {
		if z := dot(row, x) + n.Shift[h]; z > 0 {
			s += n.Out[h] * z
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
	return m, nil
}

// score ranks the candidates of one question by the model, best first.
func (m *model) score(cands []*scored) {
	inputs := rankInputs(cands)
	for i, s := range cands {
		x := inputs[i]
		for k := range x {
			x[k] = (x[k] - m.Mean[k]) * m.Scale[k]
		}
		s.score = m.Rank.value(x)
	}
	sortScored(cands, func(s *scored) float64 { return s.score })
}

// rankInputs gives each candidate's features, then the same standardised over the candidates of the question.
func rankInputs(cands []*scored) [][]float32 {
	out := make([][]float32, len(cands))
	flat := make([]float32, len(cands)*2*features)
	for i, s := range cands {
		out[i] = flat[i*2*features : (i+1)*2*features]
		copy(out[i], s.f[:])
	}
	n := float64(len(cands))
	for k := range features {
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
			x[features+k] = float32((float64(x[k]) - mean) / sd)
		}
	}
	return out
}

// confidenceExtra is what the confidence looks at beside the first fact's features: the lead over the second, the first's share of a
// softmax over all, how many units the question has, and what it asks for.
const confidenceExtra = 20 + int(answerTypes)

// confidenceInputs describes how the ranking of a question came out.
func (a *asking) confidenceInputs(cands []*scored) []float32 {
	x := make([]float32, features+confidenceExtra)
	top := cands[0]
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
	e[6] = float32(math.Log(float64(len(a.x.docs))) / 8)
	if a.r.pronouns > 0 || a.r.opening {
		e[7] = 1
	}
	e[8], e[9] = float32(a.notNear), float32(a.notTyped)
	e[10] = float32(max(0, a.notNear-top.ask.near))
	e[11] = float32(max(0, a.notTyped-top.typed))
	if len(cands) > 1 {
		e[12] = float32(top.ask.near - cands[1].ask.near)
	}
	var lack, all, lackTop, lackText float64
	for u := range a.units {
		t := a.units[u].telling
		if a.units[u].old {
			continue
		}
		all += t
		miss := t * float64(1-max(top.m.got[u], top.askGot[u]))
		lack += miss
		lackTop = max(lackTop, miss)
		lackText += t * float64(1-top.m.got[u])
	}
	e[13], e[14], e[15], e[16] = float32(lack/max(all, 1e-9)), float32(lack), float32(lackTop), float32(lackText/max(all, 1e-9))
	e[17] = float32(strangers) // names that the base doesn't hold
	if a.type_.open() || top.typeAsked {
		e[18] = 1
	}
	e[19] = float32(top.ask.near * top.ask.near)
	e[20+int(a.type_)] = 1
	return x
}

// confidence is the calibrated probability that the first candidate answers the question.
func (m *model) confidence(a *asking, cands []*scored) float64 {
	if len(cands) == 0 || len(a.units) == 0 {
		return 0
	}
	d := &m.Plain
	if cands[0].f[fHasAsks] > 0 {
		d = &m.Asked
	}
	x := a.confidenceInputs(cands)
	for k := range x {
		x[k] = (x[k] - d.Mean[k]) * d.Scale[k]
	}
	return squash(d.Network.value(x))
}
