package knowledge

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"slices"
)

// trainExample is one question with its candidates.
type trainExample struct {
	group      int // of questions that must not be split: a base
	x          [][]float32
	gold       []bool
	answerable bool
	weight     float32
	a          *asking
	cands      []*scored
	set        string
	near       func(*scored) bool // the fact stands beside the gold one; nil: none does
}

// trainSettings are what the ranker is trained with. They were chosen by cross-validation over the bases of the public sets.
type trainSettings struct {
	Hidden int
	Epochs int
	Rate   float64
	Decay  float64
	Drop   float64
	Seed   uint64

	Networks int // that differ in nothing but the seed; what they say is averaged
}

// labelled are inputs with whether the first fact was right.
type labelled struct {
	xs     [][]float32
	ys, ws []float32
}

func (l *labelled) add(x []float32, right bool, weight float32) {
	y := float32(0)
	if right {
		y = 1
	}
	l.xs, l.ys, l.ws = append(l.xs, x), append(l.ys, y), append(l.ws, weight)
}

// trainRank fits the ranker.
func trainRank(ctx context.Context, ex []trainExample, s trainSettings) (decider, error) {
	var d decider
	var rows [][]float32
	for _, e := range ex {
		rows = append(rows, e.x...)
	}
	d.Mean, d.Scale = standardise(rows)
	var nets []network
	for range s.Networks {
		n, err := trainListwise(ctx, ex, d.Mean, d.Scale, s)
		if err != nil {
			return d, err
		}
		nets = append(nets, n)
		s.Seed++
	}
	d.Network = meanNetwork(nets)
	return d, nil
}

// trainDepth is how many candidates of a question are learned from, beside the right ones: those further down are told apart already.
const trainDepth = 12

// trainListwise fits one network listwise: the loss is the cross-entropy between a softmax over the candidates of a question and its gold.
// The optimiser is Adam (Kingma and Ba, 2015).
func trainListwise(ctx context.Context, ex []trainExample, mean, scale []float32, s trainSettings) (network, error) {
	d := len(mean)
	p := newParams(d, s.Hidden, s.Seed)
	var use []int
	zs := make([][][]float32, len(ex)) // the inputs, standardised
	golds := make([][]bool, len(ex))
	for i, e := range ex {
		if !slices.Contains(e.gold, true) {
			continue
		}
		use = append(use, i)
		for k, x := range e.x {
			if k >= trainDepth && !e.gold[k] {
				continue
			}
			z := make([]float32, d)
			for j := range z {
				z[j] = standard(x[j], mean[j], scale[j])
			}
			zs[i], golds[i] = append(zs[i], z), append(golds[i], e.gold[k])
		}
	}
	hid := make([][]float32, rankSize)
	for k := range hid {
		hid[k] = make([]float32, s.Hidden)
	}
	r := rand.New(rand.NewPCG(s.Seed, 1))
	for epoch := range s.Epochs {
		if err := ctx.Err(); err != nil {
			return network{}, err
		}
		r.Shuffle(len(use), func(i, j int) { use[i], use[j] = use[j], use[i] })
		rate := s.Rate * (1 - float64(epoch)/float64(s.Epochs))
		const batch = 64
		for from := 0; from < len(use); from += batch {
			p.zero()
			part := use[from:min(len(use), from+batch)]
			for _, i := range part {
				e := &ex[i]
				xs := zs[i]
				score := make([]float64, len(xs))
				top := math.Inf(-1)
				right := 0
				keep := p.mask(r, s.Drop)
				for k, z := range xs {
					score[k] = p.forward(z, hid[k], keep)
					top = max(top, score[k])
					if golds[i][k] {
						right++
					}
				}
				sum := 0.0
				for k := range score {
					score[k] = math.Exp(score[k] - top)
					sum += score[k]
				}
				for k := range score {
					prob := score[k] / sum
					target := 0.0
					if golds[i][k] {
						target = 1 / float64(right)
					}
					if g := (prob - target) * float64(e.weight); math.Abs(g) > 1e-4 { // the rest teaches nothing, and takes most of the time
						p.backward(xs[k], hid[k], float32(g/float64(len(part))))
					}
				}
			}
			p.step(rate, s.Decay)
		}
	}
	return p.network(), nil
}

// trainSure fits the confidence.
func trainSure(ctx context.Context, l *labelled, s trainSettings) (decider, error) {
	var d decider
	var nets []network
	for range s.Networks {
		n, mean, scale, err := trainLogistic(ctx, l.xs, l.ys, l.ws, s)
		if err != nil {
			return decider{}, err
		}
		nets, d.Mean, d.Scale = append(nets, n), mean, scale
		s.Seed++
	}
	d.Network = meanNetwork(nets)
	return d, nil
}

// meanNetwork is one network that says the mean of what several say.
func meanNetwork(nets []network) network {
	k := float32(len(nets))
	m := network{Linear: make([]float32, len(nets[0].Linear))}
	for _, n := range nets {
		for i, v := range n.Linear {
			m.Linear[i] += v / k
		}
		m.Bias += n.Bias / k
		m.Hidden = append(m.Hidden, n.Hidden...)
		m.Shift = append(m.Shift, n.Shift...)
		for _, v := range n.Out {
			m.Out = append(m.Out, v/k)
		}
	}
	m.Linear, m.Out = round(m.Linear), round(m.Out)
	return m
}

// trainLogistic fits a network to 0/1 labels by cross-entropy.
func trainLogistic(ctx context.Context, xs [][]float32, ys []float32, ws []float32, s trainSettings) (network, []float32, []float32, error) {
	mean, scale := standardise(xs)
	d := len(mean)
	zs := make([][]float32, len(xs))
	for i, x := range xs {
		zs[i] = make([]float32, d)
		for j := range x {
			zs[i][j] = standard(x[j], mean[j], scale[j])
		}
	}
	p := newParams(d, s.Hidden, s.Seed)
	r := rand.New(rand.NewPCG(s.Seed, 2))
	order := r.Perm(len(zs))
	hid := make([]float32, s.Hidden)
	for epoch := range s.Epochs {
		if err := ctx.Err(); err != nil {
			return network{}, nil, nil, err
		}
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := s.Rate * (1 - float64(epoch)/float64(s.Epochs))
		const batch = 128
		for from := 0; from < len(order); from += batch {
			p.zero()
			part := order[from:min(len(order), from+batch)]
			for _, i := range part {
				keep := p.mask(r, s.Drop)
				v := p.forward(zs[i], hid, keep)
				p.backward(zs[i], hid, (float32(squash(v))-ys[i])*ws[i]/float32(len(part)))
			}
			p.step(rate, s.Decay)
		}
	}
	return p.network(), mean, scale, nil
}

func standardise(xs [][]float32) (mean, scale []float32) {
	d := len(xs[0])
	mean, scale = make([]float32, d), make([]float32, d)
	sum, sq := make([]float64, d), make([]float64, d)
	for _, x := range xs {
		for j, v := range x {
			sum[j] += float64(v)
			sq[j] += float64(v) * float64(v)
		}
	}
	n := float64(len(xs))
	for j := range sum {
		m := sum[j] / n
		mean[j] = float32(m)
		if sd := math.Sqrt(max(0, sq[j]/n-m*m)); sd > 1e-6 { // what never varies in training must not count
			scale[j] = float32(1 / (sd + .02))
		}
	}
	return mean, scale
}

// params are the weights of a network with Adam's moments.
type params struct {
	d, h    int
	w, g    []float32 // linear, bias, hidden rows, shift, out
	m, v    []float32
	t       int
	nothing []bool
}

func newParams(d, h int, seed uint64) *params {
	n := d + 1 + h*d + h + h
	p := &params{d: d, h: h, w: make([]float32, n), g: make([]float32, n), m: make([]float32, n), v: make([]float32, n), nothing: make([]bool, h)}
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range d {
		p.w[i] = float32(r.NormFloat64() * .01)
	}
	for i := range h * d {
		p.w[d+1+i] = float32(r.NormFloat64() / math.Sqrt(float64(d)))
	}
	for i := range h {
		p.w[d+1+h*d+h+i] = float32(r.NormFloat64() * .05)
	}
	return p
}

func (p *params) zero() { clear(p.g) }

// mask drops hidden units at random for one example; nil drops none.
func (p *params) mask(r *rand.Rand, drop float64) []bool {
	if drop == 0 || p.h == 0 {
		return p.nothing
	}
	keep := make([]bool, p.h)
	for i := range keep {
		keep[i] = r.Float64() < drop // true: dropped
	}
	return keep
}

// forward gives the output for an input, and puts what the hidden units say into hid.
func (p *params) forward(x, hid []float32, dropped []bool) float64 {
	d, h := p.d, p.h
	s := p.w[d] + dot(p.w[:d], x)
	clear(hid)
	for i := range h {
		if dropped[i] {
			continue
		}
		row := p.w[d+1+i*d : d+1+(i+1)*d]
		if z := dot(row, x) + p.w[d+1+h*d+i]; z > 0 {
			hid[i] = z
			s += z * p.w[d+1+h*d+h+i]
		}
	}
	return float64(s)
}

func (p *params) backward(x, hid []float32, g float32) {
	d, h := p.d, p.h
	for j, v := range x {
		p.g[j] += g * v
	}
	p.g[d] += g
	for i := range h {
		if hid[i] == 0 {
			continue
		}
		p.g[d+1+h*d+h+i] += g * hid[i]
		gz := g * p.w[d+1+h*d+h+i]
		row := p.g[d+1+i*d : d+1+(i+1)*d]
		for j, v := range x {
			row[j] += gz * v
		}
		p.g[d+1+h*d+i] += gz
	}
}

func (p *params) step(rate, decay float64) {
	p.t++
	c1, c2 := 1-math.Pow(.9, float64(p.t)), 1-math.Pow(.999, float64(p.t))
	for i := range p.w {
		g := float64(p.g[i]) + decay*float64(p.w[i])
		m := .9*float64(p.m[i]) + .1*g
		v := .999*float64(p.v[i]) + .001*g*g
		p.m[i], p.v[i] = float32(m), float32(v)
		p.w[i] -= float32(rate * (m / c1) / (math.Sqrt(v/c2) + 1e-8))
	}
}

func (p *params) network() network {
	d, h := p.d, p.h
	n := network{Linear: round(p.w[:d]), Bias: round(p.w[d : d+1])[0], Shift: round(p.w[d+1+h*d : d+1+h*d+h]), Out: round(p.w[d+1+h*d+h:])}
	for i := range h {
		n.Hidden = append(n.Hidden, round(p.w[d+1+i*d:d+1+(i+1)*d]))
	}
	return n
}

// round keeps four digits, so that the file stays small and readable.
func round(x []float32) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		if v == 0 {
			continue
		}
		e := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(float64(v)))))
		out[i] = float32(math.Round(float64(v)*e) / e)
	}
	return out
}

func (m *model) write(w io.Writer) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
