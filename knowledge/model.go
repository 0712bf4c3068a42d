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
	Made       string    `json:"made"`      // provenance, for people
	Features   []string  `json:"features"`  // must be featureNames, so that weights never meet other features
	Mean       []float32 `json:"mean"`      // of each input over the training questions
	Scale      []float32 `json:"scale"`     // 1 / its standard deviation
	Rank       network   `json:"rank"`      // inputs: the features, then the same standardised within the question
	Confidence network   `json:"confident"` // inputs: see confidenceInputs
	CMean      []float32 `json:"confident_mean"`
	CScale     []float32 `json:"confident_scale"`
	Threshold  float64   `json:"threshold"`
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
const confidenceExtra = 8 + int(answerTypes)

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
	unknown, rarest := 0.0, 0.0
	for u := range a.units {
		t := &a.units[u]
		if !t.reach && !t.old {
			unknown += t.rare
			rarest = max(rarest, t.rare)
		}
	}
	e[3], e[4] = float32(unknown), float32(rarest)
	missEver := 0.0
	for u := range a.units {
		if top.ever[u] < .3 && !a.units[u].old {
			missEver = max(missEver, a.units[u].rare)
		}
	}
	e[5] = float32(missEver)
	e[6] = float32(math.Log(float64(len(a.x.docs))) / 8)
	if a.r.pronouns > 0 || a.r.opening {
		e[7] = 1
	}
	e[8+int(a.type_)] = 1
	return x
}

// confidence is the calibrated probability that the first candidate answers the question.
func (m *model) confidence(a *asking, cands []*scored) float64 {
	if len(cands) == 0 || len(a.units) == 0 {
		return 0
	}
	x := a.confidenceInputs(cands)
	for k := range x {
		x[k] = (x[k] - m.CMean[k]) * m.CScale[k]
	}
	return squash(m.Confidence.value(x))
}
