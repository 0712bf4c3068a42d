package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"footnote/knowledge/encoder"
	"footnote/knowledge/rank"
)

const (
	meaningSize = 2 * encoder.Width
	hidden      = 12 // units of the hidden layer
	batch       = 48 // questions
	shards      = 8  // of a batch, summed in this order whichever is done first
	ranking     = .5 // weight of the loss of putting the gold fact first, beside that of the decision
	trainDocs   = 16 // facts of a question that are looked at in training: the nearest, and the gold ones
)

// The parameters of a scorer stand in one slice.
const (
	atLinear    = 0
	atHidden    = atLinear + rank.Features
	atOut       = atHidden + hidden*(rank.Features+1)
	atText      = atOut + hidden
	atAsk       = atText + rank.PairSize
	atUnsaid    = atAsk + rank.PairSize
	atElsewhere = atUnsaid + reasonSize
	params      = atElsewhere + reasonSize
)

// ... and those of a reason within it.
const (
	atAbout    = rank.NullFeatures
	atMeaning  = atAbout + rank.AboutFeatures
	atBias     = atMeaning + meaningSize
	reasonSize = atBias + 1
)

// fit trains both scorers: the English one on what both encoders have read, the other on everything, as the multilingual encoder alone reads it.
func fit(d *data, o options) *rank.Model {
	m := &rank.Model{Provenance: d.provenance}
	var english, other []*example
	for _, e := range d.train {
		if e.english {
			english = append(english, e)
		}
		other = append(other, e)
	}
	m.English = scorer(descended(english, o, false))
	m.Other = scorer(descended(other, o, true))
	return m
}

// descended fits the parameters from several beginnings: their mean is better than each.
func descended(all []*example, o options, multiOnly bool) [][]float32 {
	var out [][]float32
	for seed := range o.seeds {
		out = append(out, descend(all, o, multiOnly, uint64(seed)))
	}
	return out
}

// scorer makes one scorer of several, the mean of their scores: the hidden layers stand side by side.
func scorer(all [][]float32) *rank.Scorer {
	p := make([]float32, params)
	for _, q := range all {
		for i, x := range q {
			p[i] += x / float32(len(all))
		}
	}

	round := func(v []float32, digits float64) []float32 {
		out := make([]float32, len(v))
		for i, x := range v {
			out[i] = float32(math.Round(float64(x)*digits) / digits)
		}
		return out
	}
	s := &rank.Scorer{
		Linear: round(p[atLinear:atHidden], 1e4), Out: round(p[atOut:atText], 1e4), Text: round(p[atText:atAsk], 1e5), Ask: round(p[atAsk:atUnsaid], 1e5),
		Scale: 1, Sure: map[string]float64{},
	}
	for at, r := range map[int]**rank.Reason{atUnsaid: &s.Unsaid, atElsewhere: &s.Elsewhere} {
		q := p[at : at+reasonSize]
		*r = &rank.Reason{Null: round(q[:atAbout], 1e4), About: round(q[atAbout:atMeaning], 1e4), Meaning: round(q[atMeaning:atBias], 1e4), Bias: q[atBias]}
	}
	s.Out = nil
	for _, q := range all {
		for k := range hidden {
			s.Hidden = append(s.Hidden, round(q[atHidden+k*(rank.Features+1):atHidden+(k+1)*(rank.Features+1)], 1e4))
			s.Out = append(s.Out, round([]float32{q[atOut+k] / float32(len(all))}, 1e5)[0])
		}
	}
	return s
}

// features gives a row's evidence as the scorer sees it: the other one sees nothing of the English encoder.
func features(r *rank.Row, off *[rank.Features]bool) [rank.Features]float32 {
	f := r.F
	for i, x := range off {
		if x {
			f[i] = 0
		}
	}
	return f
}

// descend fits the parameters by Adam (Kingma and Ba 2015) on the loss -log P(gold), P over the facts and "none".
func descend(all []*example, o options, multiOnly bool, seed uint64) []float32 {
	var off [rank.Features]bool
	for i, name := range rank.FeatureNames() {
		off[i] = slices.Contains(strings.Split(o.without, ","), name) || multiOnly && (name == "meaning" || name == "ask-meaning")
	}
	r := rand.New(rand.NewPCG(7, seed))
	p := make([]float32, params)
	for i := atHidden; i < atOut; i++ {
		p[i] = float32(r.NormFloat64() * .25)
	}
	for i := atOut; i < atText; i++ {
		p[i] = float32(r.NormFloat64() * .1)
	}
	start := map[string]float32{"meaning": 3, "meaning-multilingual": 2, "ask": -2, "ask-meaning": 1.5, "ask-meaning-multilingual": 1}
	for i, name := range rank.FeatureNames() {
		p[atLinear+i] = start[name]
	}
	p[atUnsaid+atBias], p[atElsewhere+atBias] = 5, 5
	p[atUnsaid+atAbout], p[atUnsaid+atAbout+1] = 1, 1
	m, v := make([]float64, params), make([]float64, params)
	grads := make([][]float64, shards)
	for i := range grads {
		grads[i] = make([]float64, params)
	}
	losses := make([]float64, shards)
	mean := 0.0
	for _, e := range all {
		mean += e.weight
	}
	mean /= float64(max(1, len(all)))
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	steps := o.epochs * ((len(all) + batch - 1) / batch)
	step := 0
	for epoch := range o.epochs {
		r.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
		total, weight := 0.0, 0.0
		for from := 0; from < len(order); from += batch {
			part := order[from:min(from+batch, len(order))]
			var wg sync.WaitGroup
			limit := make(chan struct{}, runtime.GOMAXPROCS(0))
			for s := range shards {
				wg.Go(func() {
					limit <- struct{}{}
					defer func() { <-limit }()
					clear(grads[s])
					losses[s] = 0
					for i := s; i < len(part); i += shards {
						e := all[part[i]]
						losses[s] += gradient(p, e, e.weight/mean, grads[s], &off, multiOnly)
					}
				})
			}
			wg.Wait()
			for _, i := range part {
				weight += all[i].weight / mean
			}
			step++
			rate := o.rate * min(1, float64(step)/50) * (1 - float64(step)/float64(steps+1))
			for i := range p {
				g := 0.0
				for s := range shards {
					g += grads[s][i]
				}
				g /= float64(len(part))
				m[i] = .9*m[i] + .1*g
				v[i] = .999*v[i] + .001*g*g
				mh, vh := m[i]/(1-math.Pow(.9, float64(step))), v[i]/(1-math.Pow(.999, float64(step)))
				p[i] -= float32(rate * mh / (math.Sqrt(vh) + 1e-8))
				d := 1e-5
				switch {
				case i >= atText && i < atUnsaid:
					d = o.decay
				case i < atText:
					d = 1e-4
				default:
					if k := (i - atUnsaid) % reasonSize; k >= atMeaning && k < atBias {
						d = o.decay * 3
					}
				}
				p[i] -= float32(rate * d * 100 * float64(p[i]))
			}
			for _, l := range losses {
				total += l
			}
		}
		fmt.Fprintf(os.Stderr, "epoch %d: loss %.4f\n", epoch+1, total/weight)
	}
	return p
}

// gradient adds an example's gradient, and gives its loss.
func gradient(p []float32, e *example, weight float64, g []float64, off *[rank.Features]bool, multiOnly bool) float64 {
	docs := e.docs
	type scored struct {
		row   int
		score float64
		acts  [hidden]float32
		f     [rank.Features]float32
		text  []float32
		ask   []float32
	}
	best := make([]scored, len(docs))
	rows := make([][]scored, len(docs)) // all of a fact's: each learns as far as it might have been the best, or those that begin low would never rise
	pair := make([]float32, rank.PairSize)
	for k, d := range docs {
		best[k].score = math.Inf(-1)
		var lastText []float32
		lastQ := -1
		textPart := float32(0)
		for i := d.from; i < d.to; i++ {
			row := &e.table.Rows[i]
			var s scored
			s.row, s.f = i, features(row, off)
			if row.Ask < 0 || lastQ < 0 || !e.table.SameReading(lastQ, i) {
				e.table.Pair(pair, i, false)
				if multiOnly {
					clear(pair[:2*encoder.Width])
				}
				lastText = slices.Clone(pair)
				textPart = dot(p[atText:atAsk], lastText)
				lastQ = i
			}
			s.text = lastText
			sum := dot(p[atLinear:atHidden], s.f[:]) + textPart
			for h := range hidden {
				w := p[atHidden+h*(rank.Features+1):]
				a := dot(w[:rank.Features], s.f[:]) + w[rank.Features]
				if a > 0 {
					s.acts[h] = a
					sum += p[atOut+h] * a
				}
			}
			if row.Ask >= 0 {
				e.table.Pair(pair, i, true)
				if multiOnly {
					clear(pair[:2*encoder.Width])
				}
				s.ask = slices.Clone(pair)
				sum += dot(p[atAsk:atUnsaid], s.ask)
			}
			if s.score = float64(sum); s.score > best[k].score {
				best[k] = s
			}
			rows[k] = append(rows[k], s)
		}
	}
	var reason [reasonSize]float32
	copy(reason[:], e.table.Null[:])
	copy(reason[atAbout:], e.table.About[:])
	copy(reason[atMeaning:], e.meaning)
	reason[atBias] = 1
	if multiOnly {
		clear(reason[atMeaning : atMeaning+encoder.Width])
		reason[atAbout] = 0
	}
	unsaid, elsewhere := float64(dot(p[atUnsaid:atElsewhere], reason[:])), float64(dot(p[atElsewhere:], reason[:]))
	top := max(unsaid, elsewhere)
	for _, b := range best {
		top = max(top, b.score)
	}
	none := [2]float64{math.Exp(unsaid - top), math.Exp(elsewhere - top)}
	sum := none[0] + none[1]
	gold := 0.0
	for k, b := range best {
		x := math.Exp(b.score - top)
		sum += x
		if docs[k].gold {
			gold += x
		}
	}
	answerable := gold > 0
	if !answerable {
		gold = none[0]
		if e.far {
			gold = none[1]
		}
	}
	loss := weight * (math.Log(sum) - math.Log(gold))
	facts := sum - none[0] - none[1]
	learn := func(b *scored, d float64) {
		if math.Abs(d) < 1e-6 {
			return
		}
		for i, f := range b.f {
			g[atLinear+i] += d * float64(f)
		}
		for h := range hidden {
			if b.acts[h] <= 0 {
				continue
			}
			g[atOut+h] += d * float64(b.acts[h])
			dh := d * float64(p[atOut+h])
			at := atHidden + h*(rank.Features+1)
			for i, f := range b.f {
				g[at+i] += dh * float64(f)
			}
			g[at+rank.Features] += dh
		}
		for i, f := range b.text {
			g[atText+i] += d * float64(f)
		}
		for i, f := range b.ask {
			g[atAsk+i] += d * float64(f)
		}
	}
	for k := range best {
		x := math.Exp(best[k].score - top)
		d := x / sum
		if answerable { // and the same among the facts alone: which of them is the best counts also where the bot is not sure
			d += ranking * x / facts
			if docs[k].gold {
				d -= (1 + ranking) * x / gold
			}
		}
		d *= weight
		share := 0.0
		for i := range rows[k] {
			share += math.Exp(rows[k][i].score - best[k].score)
		}
		for i := range rows[k] {
			learn(&rows[k][i], d*math.Exp(rows[k][i].score-best[k].score)/share)
		}
	}
	for k, at := range [...]int{atUnsaid, atElsewhere} {
		d := none[k] / sum
		if !answerable && e.far == (k == 1) {
			d--
		}
		d *= weight
		for i, f := range reason {
			g[at+i] += d * float64(f)
		}
	}
	return loss
}

// shrink leaves an example the facts to train with: the gold ones and those nearest in meaning.
func (e *example) shrink() {
	near := func(d group) float32 {
		best := float32(-10)
		for i := d.from; i < d.to; i++ {
			f := &e.table.Rows[i].F
			best = max(best, f[0]+f[1])
		}
		if d.gold {
			best = 100
		}
		return best
	}
	docs := e.docs
	slices.SortStableFunc(docs, func(a, b group) int {
		switch x, y := near(a), near(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var rows []rank.Row
	e.docs = nil
	for _, d := range docs[:min(len(docs), trainDocs)] {
		e.docs = append(e.docs, group{len(rows), len(rows) + d.to - d.from, d.gold})
		rows = append(rows, e.table.Rows[d.from:d.to]...)
	}
	e.table.Rows = slices.Clip(slices.Clone(rows))
}

func dot(a, b []float32) float32 {
	var s [4]float32
	n := len(b) &^ 3
	for i := 0; i < n; i += 4 {
		s[0] += a[i] * b[i]
		s[1] += a[i+1] * b[i+1]
		s[2] += a[i+2] * b[i+2]
		s[3] += a[i+3] * b[i+3]
	}
	for i := n; i < len(b); i++ {
		s[0] += a[i] * b[i]
	}
	return s[0] + s[1] + s[2] + s[3]
}
