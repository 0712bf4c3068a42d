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
	right  bool    // the first is gold
	place  int     // of the first gold fact among the facts, from 1; 0: none
	barred bool
	shares []float64 // of the first eight, as parts of the first's
}

func judgeAll(m *rank.Model, all []*example) []outcome {
	out := make([]outcome, len(all))
	each(len(all), func(i int) {
		e := all[i]
		v := m.Judge(e.table)
		o := outcome{e: e, any: 1 - v.None}
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
func tune(m *rank.Model, d *data) string {
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
	all := judgeAll(m, d.tune)
	for _, s := range []*rank.Scorer{m.English, m.Other} {
		name := map[*rank.Scorer]string{m.English: "english", m.Other: "other"}[s]
		var of []outcome
		for _, o := range all {
			if m.Of(o.e.table) == s {
				of = append(of, o)
			}
		}
		s.Sure["careful"] = threshold(of, .05, .03)
		s.Sure["balanced"] = threshold(of, .115, .06)
		s.Sure["generous"] = threshold(of, .18, .09)
		s.Near = nearFrom(of, .235)
		fmt.Fprintf(&b, "%s: careful %.3f balanced %.3f generous %.3f near %.3f\n", name, s.Sure["careful"], s.Sure["balanced"], s.Sure["generous"], s.Near)
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

var far = []string{"off-topic", "junk", "chit-chat", "garbage", "injection", "other-topic", "chat", "smalltalk"}

// nearFrom is the least 1-P(none) at which at most so large a part of what is far is offered anything.
func nearFrom(all []outcome, most float64) float64 {
	var any []float64
	for _, o := range all {
		if !o.e.answerable && slices.Contains(far, o.e.voice) {
			any = append(any, o.any)
		}
	}
	slices.Sort(any)
	if len(any) == 0 {
		return .2
	}
	return math.Round(any[int(float64(len(any))*(1-most))]*1e3) / 1e3
}

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
	if o.any < m.Of(o.e.table).Near {
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
