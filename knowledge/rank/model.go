package rank

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"footnote/knowledge/encoder"
)

// A Model makes log-odds of evidence. It is trained by cmd/train; model.json tells from what.
type Model struct {
	Provenance string `json:"provenance"`

	English *Scorer `json:"english"` // where both encoders have read question and facts
	Other   *Scorer `json:"other"`   // where only the multilingual one has

	// Offer is the least probability of an offer after the first, as a part of the first's; Tie is the part from which on two are equally near.
	Offer float64 `json:"offer"`
	Tie   float64 `json:"tie"`
}

// A Scorer is the trained numbers for one sort of evidence.
type Scorer struct {
	Linear []float32   `json:"linear"` // of each feature
	Hidden [][]float32 `json:"hidden"` // of each unit of the hidden layer: a weight a feature, then the bias
	Out    []float32   `json:"out"`    // of each unit

	// Products and absolute differences of the question's vector with the text's and with the ask's: English, then multilingual.
	Text []float32 `json:"text"`
	Ask  []float32 `json:"ask"`

	// None of the facts answers, for one of two reasons: they talk of it and don't say, or it is elsewhere, nothing that they talk of.
	Unsaid    *Reason `json:"unsaid"`
	Elsewhere *Reason `json:"elsewhere"`
	Scale     float64 `json:"scale"` // all scores are multiplied by it, so that probabilities come true on bases not trained on
	Shift     float64 `json:"shift"` // added to the scores of both reasons, likewise

	Reread *Reread `json:"reread,omitempty"` // nil: the first look decides

	// Least probabilities. Sure: of the first fact, to answer with it; by how sure the bot is to be (careful, balanced, generous). About: that
	// the facts talk of it at all, and Near: that one of them answers, to offer some.
	Sure  map[string]float64 `json:"sure"`
	About float64            `json:"about"`
	Near  float64            `json:"near"`
}

// A Reason is the trained numbers for one reason why no fact answers.
type Reason struct {
	Null    []float32 `json:"null"`    // of each feature of the question
	About   []float32 `json:"about"`   // of each feature of its nearness to the facts
	Meaning []float32 `json:"meaning"` // of the question's vectors
	Bias    float32   `json:"bias"`
}

// PairSize is how many numbers a pair of vectors gives: a product and a difference for each of the two encoders' dimensions.
const PairSize = 4 * encoder.Width

//go:embed model.json
var modelJSON []byte

// Trained gives the model built into the binary.
func Trained() (*Model, error) { return ParseModel(modelJSON) }

// ParseModel reads a model, and refuses one that doesn't fit the evidence.
func ParseModel(data []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for _, s := range []*Scorer{m.English, m.Other} {
		if s == nil {
			return nil, errors.New("model: a scorer is missing")
		}
		if len(s.Linear) != Features || len(s.Out) != len(s.Hidden) || len(s.Text) != PairSize || len(s.Ask) != PairSize {
			return nil, errors.New("model: made for other evidence; train it anew")
		}
		for _, r := range []*Reason{s.Unsaid, s.Elsewhere} {
			if r == nil || len(r.Null) != NullFeatures || len(r.About) != AboutFeatures || len(r.Meaning) != 2*encoder.Width {
				return nil, errors.New("model: made for other evidence; train it anew")
			}
		}
		for _, how := range []string{"careful", "balanced", "generous"} {
			// Without one, everything would be answered.
			if at := s.Sure[how]; !(at > 0 && at <= 1) {
				return nil, fmt.Errorf("model: %q is sure from %v on, want a probability", how, at)
			}
		}
		if !(s.Scale > 0 && s.Near > 0 && s.Near <= 1 && s.About > 0 && s.About <= 1) {
			return nil, fmt.Errorf("model: scale %v, about from %v on, near from %v on", s.Scale, s.About, s.Near)
		}
		if r := s.Reread; r != nil && !(r.Facts > 0 && r.First > 0 && r.Read >= 0 && r.None > 0) {
			return nil, fmt.Errorf("model: a second look with weights %+v", *r)
		}
		for _, h := range s.Hidden {
			if len(h) != Features+1 {
				return nil, errors.New("model: made for other evidence; train it anew")
			}
		}
	}
	return &m, nil
}

// Of picks the scorer for a question's evidence.
func (m *Model) Of(t *Table) *Scorer {
	if t.English() {
		return m.English
	}
	return m.Other
}

// dense is the part of a row's score that its features give. Products are rounded one by one, never fused, so that all machines agree.
func (s *Scorer) dense(f *[Features]float32) float32 {
	sum := float32(0)
	for i, w := range s.Linear {
		sum += float32(w * f[i])
	}
	for k, h := range s.Hidden {
		v := h[Features]
		for i, w := range h[:Features] {
			v += float32(w * f[i])
		}
		if v > 0 {
			sum += float32(s.Out[k] * v)
		}
	}
	return sum
}

// pair gives the products and absolute differences of two vectors, one of which may be missing, scaled to be about 1.
func pair(dst []float32, q, w *encoder.Vector, qf, wf *[encoder.Width]float32) {
	if q == nil || w == nil {
		clear(dst)
		return
	}
	w.Floats(wf)
	for i := range encoder.Width {
		a, b := qf[i], wf[i]
		dst[i] = float32(float32(a*b) * productScale)
		dst[encoder.Width+i] = float32(float32(math.Abs(float64(a-b))) * differenceScale)
	}
}

const (
	productScale    = 200
	differenceScale = 12
)

// A pairer computes the pairs of rows, remembering a question's vectors as numbers.
type pairer struct {
	r         *reading
	en, multi [encoder.Width]float32
	w         [encoder.Width]float32
}

func (p *pairer) read(r *reading) {
	if p.r == r {
		return
	}
	p.r = r
	if r.en != nil {
		r.en.Floats(&p.en)
	}
	r.multi.Floats(&p.multi)
}

// pair sets dst, of PairSize, to the pair of the row's question with the fact's text, or with the ask.
func (p *pairer) pair(dst []float32, r *reading, of meaningOf) {
	p.read(r)
	pair(dst[:2*encoder.Width], r.en, of.en, &p.en, &p.w)
	pair(dst[2*encoder.Width:], r.multi, of.multi, &p.multi, &p.w)
}

func dot(a, b []float32) float32 {
	var s [4]float32
	for i := 0; i+4 <= len(a); i += 4 {
		s[0] += float32(a[i] * b[i])
		s[1] += float32(a[i+1] * b[i+1])
		s[2] += float32(a[i+2] * b[i+2])
		s[3] += float32(a[i+3] * b[i+3])
	}
	return float32(s[0]+s[1]) + float32(s[2]+s[3])
}

// none gives the scores of both reasons why none of the facts answers.
func (s *Scorer) none(t *Table) (unsaid, elsewhere float64) {
	var meaning [2 * encoder.Width]float32
	t.Meaning(meaning[:])
	score := func(r *Reason) float64 {
		sum := r.Bias + dot(r.Meaning, meaning[:])
		for i, w := range r.Null {
			sum += float32(w * t.Null[i])
		}
		for i, w := range r.About {
			sum += float32(w * t.About[i])
		}
		return float64(float64(sum)*s.Scale) + s.Shift
	}
	return score(s.Unsaid), score(s.Elsewhere)
}

// Pair sets dst, of PairSize, to the products and differences of the vectors of a row's question with its fact's text or, for ask, with its ask: to train with.
func (t *Table) Pair(dst []float32, row int, ask bool) {
	var p pairer
	r := &t.Rows[row]
	of := r.text
	if ask {
		of = r.ask
	}
	p.pair(dst, r.question, of)
}

// Meaning sets dst, of twice [encoder.Width], to the question's vectors.
func (t *Table) Meaning(dst []float32) {
	clear(dst)
	var v [encoder.Width]float32
	r := &t.query.readings[0]
	if r.en != nil {
		r.en.Floats(&v)
		copy(dst, v[:])
	}
	r.multi.Floats(&v)
	copy(dst[encoder.Width:], v[:])
}

// English reports whether both encoders have read the question and the facts.
func (t *Table) English() bool { return t.query.readings[0].en != nil }

// SameReading reports whether two rows are of one reading of the question.
func (t *Table) SameReading(a, b int) bool { return t.Rows[a].question == t.Rows[b].question }

// FeatureNames names the evidence of a row, in its order.
func FeatureNames() []string { return featureNames[:] }
