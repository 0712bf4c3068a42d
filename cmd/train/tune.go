package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"footnote/knowledge/rank"
)

// An outcome is how an example came out: as score.py counts it.
type outcome struct {
	e      *example
	p      float64 // of the first fact
	any    float64 // 1 - "none"
	about  float64
	right  bool // the first is gold
	place  int  // of the first gold fact among the facts, from 1; 0: none
	barred bool
	shares []float64 // of the first eight, as parts of the first's
}

func judgeAll(m *rank.Model, all []*example, read rank.Reads) []outcome {
	out := make([]outcome, len(all))
	each(len(all), func(i int) {
		e := all[i]
		v := m.Judge(e.table)
		if read != nil {
			v = m.Reread(e.table, v, read)
		}
		o := outcome{e: e, any: 1 - v.None, about: v.About}
		gold := map[int]bool{}
		for _, d := range e.docs {
			if d.gold {
				gold[e.table.Rows[d.from].Doc] = true
			}
		}
		for k, f := range v.Facts {
			if k == 0 {
				o.p, o.barred = f.Probability, f.Barred
			}
			if gold[f.Doc] && o.place == 0 {
				o.place = k + 1
			}
			if k < 8 {
				o.shares = append(o.shares, f.Probability/v.Facts[0].Probability)
			}
		}
		o.right = o.place == 1
		out[i] = o
	})
	return out
}

func each(n int, do func(i int)) {
	type none struct{}
	const at = 2
	done := make(chan none)
	for s := range at {
		go func() {
			for i := s; i < n; i += at {
				do(i)
			}
			done <- none{}
		}()
	}
	for range at {
		<-done
	}
}

// tune fits scale and shift of each scorer so that on the tune part probabilities come true, and then the thresholds, and reports what they give there.
func tune(m *rank.Model, d *data, o options) string {
	var b strings.Builder
	for _, part := range []bool{true, false} {
		s, name := m.Other, "other"
		if part {
			s, name = m.English, "english"
		}
		var of []*example
		for _, e := range d.tune {
			if e.english == part {
				of = append(of, e)
			}
		}
		if len(of) == 0 {
			continue
		}
		calibrate(m, s, of)
		fmt.Fprintf(&b, "%s: scale %.3f shift %.3f\n", name, s.Scale, s.Shift)
	}
	var read rank.Reads
	if o.read {
		read = d.read
	}
	first := judgeAll(m, d.tune, nil)
	of := func(all []outcome, s *rank.Scorer) (out []outcome) {
		for _, o := range all {
			if m.Of(o.e.table) == s {
				out = append(out, o)
			}
		}
		return out
	}
	for _, s := range []*rank.Scorer{m.English, m.Other} {
		s.About, s.Near, s.Reread = leastAbout, .01, nil
		if read != nil {
			var examples []*example
			for _, o := range of(first, s) {
				examples = append(examples, o.e)
			}
			reread(m, s, examples, read)
		}
	}
	all := judgeAll(m, d.tune, read)
	mostWrong := map[string]float64{"english": .06, "other": .07}
	mostFar := map[string]float64{"english": .17, "other": .24}
	for name, s := range map[string]*rank.Scorer{"english": m.English, "other": m.Other} {
		these := of(all, s)
		s.Sure["careful"] = threshold(these, .04, .025)
		s.Sure["balanced"] = threshold(these, .10, mostWrong[name])
		s.Sure["generous"] = threshold(these, .18, .11)
		floors(these, s, mostFar[name])
		fmt.Fprintf(&b, "%s: careful %.3f balanced %.3f generous %.3f about %.3f near %.3f reread %+v\n", name, s.Sure["careful"], s.Sure["balanced"], s.Sure["generous"], s.About, s.Near, s.Reread)
	}
	m.Offer = offerFrom(all, m, 2.85)
	m.Tie = .97
	fmt.Fprintf(&b, "offer %.3f tie %.2f\n", m.Offer, m.Tie)
	head := fmt.Sprintf("%-16s%7s%7s%7s%7s%7s%7s%7s%7s%7s%7s%8s%6s\n", "", "right", "wrong", "shown", "in4", "false", "far", "noise", "p1", "r3", "auroc", "offers", "n")
	b.WriteString(head)
	for _, lang := range []string{"en", "xx"} {
		for _, v := range append([]string{""}, "none", "one", "quarter", "all") {
			var part []outcome
			for _, o := range all {
				if (languageOf(o.e.base) == "en") == (lang == "en") && (v == "" || o.e.variant == v) {
					part = append(part, o)
				}
			}
			if len(part) > 0 {
				b.WriteString(line(lang+" "+v, part, m))
			}
		}
	}
	return b.String()
}

// calibrate finds scale and shift by the loss on the examples, by a search on a grid that gets finer.
func calibrate(m *rank.Model, s *rank.Scorer, of []*example) {
	loss := func() float64 {
		sum := make([]float64, len(of))
		each(len(of), func(i int) {
			e := of[i]
			v := m.Judge(e.table)
			gold := 0.0
			for _, f := range v.Facts {
				for _, d := range e.docs {
					if d.gold && e.table.Rows[d.from].Doc == f.Doc {
						gold += f.Probability
					}
				}
			}
			if !e.answerable {
				gold = v.None
			}
			sum[i] = -math.Log(max(gold, 1e-6))
		})
		total := 0.0
		for _, x := range sum {
			total += x
		}
		return total
	}
	best := loss()
	for _, step := range []float64{.2, .1, .05} {
		for moved := true; moved; {
			moved = false
			for _, d := range [][2]float64{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
				s.Scale += d[0]
				s.Shift += d[1]
				if l := loss(); s.Scale > .1 && l < best-1e-9 {
					best, moved = l, true
				} else {
					s.Scale -= d[0]
					s.Shift -= d[1]
				}
			}
		}
	}
	s.Scale, s.Shift = math.Round(s.Scale*1e4)/1e4, math.Round(s.Shift*1e4)/1e4
}

// threshold is the least probability at which at most so large a part of the unanswerable is answered and of the answerable answered wrongly.
func threshold(all []outcome, mostFalse, mostWrong float64) float64 {
	sorted := slices.Clone(all)
	sort.SliceStable(sorted, func(i, k int) bool { return sorted[i].p > sorted[k].p })
	var un, an float64
	for _, o := range all {
		if o.e.answerable {
			an++
		} else {
			un++
		}
	}
	var false_, wrong float64
	at := 1.0
	for _, o := range sorted {
		if !o.barred {
			if !o.e.answerable {
				false_++
			} else if !o.right {
				wrong++
			}
		}
		if false_/un > mostFalse || wrong/an > mostWrong {
			break
		}
		at = o.p
	}
	return math.Round(at*1e3) / 1e3
}

var far = []string{"off-topic", "junk", "chit-chat", "garbage", "injection", "other-topic", "chat", "smalltalk", "stranger"}

// floors sets from where on facts are offered: of all pairs of About and Near by which at most so large a part of what is far is offered anything, one that keeps nearly as many
// answerable questions their fact as any, and of these the one with the highest Near, which keeps out most of what has no answer.
func floors(all []outcome, s *rank.Scorer, most float64) {
	type pair struct{ about, near, kept float64 }
	var pairs []pair
	best, of := 0.0, 0.0
	for about := leastAbout; about < .95; about += .02 {
		for near := .02; near < .6; near += .01 {
			far, farOf := 0.0, 0.0
			p := pair{about: about, near: near}
			of = 0
			for _, o := range all {
				shown := one(o.about >= about && o.any >= near)
				switch {
				case o.e.far:
					farOf++
					far += shown
				case o.place >= 1 && o.place <= 4:
					of++
					p.kept += shown
				}
			}
			if far <= most*farOf {
				pairs, best = append(pairs, p), max(best, p.kept)
			}
		}
	}
	near := 0.0
	for _, p := range pairs {
		if p.kept >= best-nearlyAsMany*of && p.near > near {
			near, s.About, s.Near = p.near, math.Round(p.about*1e3)/1e3, math.Round(p.near*1e3)/1e3
		}
	}
}

// nearlyAsMany is the part of the answerable questions that may lose their fact for it.
const nearlyAsMany = .001

// leastAbout is from where on questions are read at the second look while its weights are fitted: what is below is so far away that reading it would be for nothing.
const leastAbout = .15

// reread fits the second look's weights by the loss on the examples that are read, by a search on a grid that gets finer.
func reread(m *rank.Model, s *rank.Scorer, of []*example, read rank.Reads) {
	w := &rank.Reread{Facts: readFacts, First: .5, Read: .5, None: .5}
	type seen struct {
		score, odds     []float64
		unsaid          []float64 // of each fact
		gold            []bool
		none, elsewhere float64
		answerable, far bool
		weight          float64
	}
	all := make([]*seen, len(of))
	each(len(of), func(i int) {
		e := of[i]
		v := m.Judge(e.table)
		if len(v.Facts) == 0 || v.About < s.About {
			return
		}
		x := &seen{answerable: e.answerable, far: e.far, weight: e.weight}
		x.none, x.elsewhere = m.None(e.table)
		gold := map[int]bool{}
		for _, d := range e.docs {
			if d.gold {
				gold[e.table.Rows[d.from].Doc] = true
			}
		}
		for _, o := range e.table.Read(v, readFacts, read) {
			x.odds = append(x.odds, float64(o))
		}
		for _, f := range v.Facts[:min(len(v.Facts), 8)] {
			if f.Same {
				return
			}
			x.score, x.gold, x.unsaid = append(x.score, f.Score), append(x.gold, gold[f.Doc]), append(x.unsaid, f.Unsaid())
		}
		all[i] = x
	})
	loss := func() float64 {
		total := 0.0
		for _, x := range all {
			if x == nil {
				continue
			}
			least := slices.Min(x.odds)
			u, a := math.Exp(w.None*x.none+w.Offset), math.Exp(w.None*x.elsewhere+w.Offset)
			sum, gold := u+a, 0.0
			for k, score := range x.score {
				o := least
				if k < len(x.odds) {
					o = x.odds[k]
				}
				p := math.Exp(w.First*score + w.Read*o*x.unsaid[k])
				sum += p
				if x.gold[k] {
					gold += p
				}
			}
			if !x.answerable {
				gold = u + a
			}
			total -= math.Log(max(gold/sum, 1e-4))
		}
		return total
	}
	best := loss()
	at := []*float64{&w.First, &w.Read, &w.None, &w.Offset}
	for _, step := range []float64{.4, .2, .1, .05, .02} {
		for moved := true; moved; {
			moved = false
			for _, p := range at {
				for _, d := range []float64{step, -step} {
					*p += d
					if l := loss(); l < best-1e-9 && *p > -20 {
						best, moved = l, true
					} else {
						*p -= d
					}
				}
			}
		}
	}
	for _, p := range at {
		*p = math.Round(*p*1e4) / 1e4
	}
	s.Reread = w
}

// readFacts is how many facts are read at the second look: each costs as much as the question, and of the right ones nine in ten are among the first four, and with six hardly more came out first.
const readFacts = 4

// offerFrom is the least part of the first's probability at which so many are offered on average.
func offerFrom(all []outcome, m *rank.Model, most float64) float64 {
	for share := .005; share < 1; share += .005 {
		n, of := 0.0, 0.0
		for _, o := range all {
			if o.p >= m.Of(o.e.table).Sure["balanced"] && !o.barred {
				continue
			}
			of++
			n += float64(offers(o, m, share))
		}
		if n/of <= most {
			return math.Round(share*1e3) / 1e3
		}
	}
	return 1
}

func offers(o outcome, m *rank.Model, share float64) int {
	if s := m.Of(o.e.table); o.any < s.Near || o.about < s.About {
		return 0
	}
	n := 0
	for k, s := range o.shares {
		if k < 4 && s >= share {
			n++
		}
	}
	return n
}

func line(name string, all []outcome, m *rank.Model) string {
	var an, un, right, wrong, shown, in4, false_, far_, farOf, noise, noiseOf, p1, r3, unsure, offered float64
	var pos, neg []float64
	for _, o := range all {
		sure := o.p >= m.Of(o.e.table).Sure["balanced"] && !o.barred
		n := offers(o, m, m.Offer)
		if !sure {
			unsure++
			offered += float64(n)
		}
		if o.e.answerable {
			an++
			p1 += one(o.place == 1)
			r3 += one(o.place >= 1 && o.place <= 3)
			right += one(sure && o.right)
			wrong += one(sure && !o.right)
			choose := n > 1 && o.shares[1] >= m.Tie
			shown += one(o.right && (sure || n > 0 && !choose))
			in4 += one(sure && o.right || !sure && o.place >= 1 && o.place <= n)
			pos = append(pos, o.any)
			continue
		}
		un++
		false_ += one(sure)
		if slices.Contains(far, o.e.voice) {
			farOf++
			far_ += one(sure || n > 0)
		} else {
			noiseOf++
			noise += one(sure || n > 0)
			neg = append(neg, o.any)
		}
	}
	pc := func(x, of float64) string { return fmt.Sprintf("%6.1f%%", 100*x/max(1, of)) }
	return fmt.Sprintf("%-16s", name) + pc(right, an) + pc(wrong, an) + pc(shown, an) + pc(in4, an) + pc(false_, un) + pc(far_, farOf) + pc(noise, noiseOf) + pc(p1, an) + pc(r3, an) +
		fmt.Sprintf("%7.3f%8.2f%6d\n", auroc(pos, neg), offered/max(1, unsure), len(all))
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// auroc is the chance that one of pos is larger than one of neg.
func auroc(pos, neg []float64) float64 {
	slices.Sort(neg)
	sum := 0.0
	for _, p := range pos {
		lo := sort.SearchFloat64s(neg, p)
		hi := lo
		for hi < len(neg) && neg[hi] == p {
			hi++
		}
		sum += float64(lo) + float64(hi-lo)/2
	}
	return sum / max(1, float64(len(pos)*len(neg)))
}
