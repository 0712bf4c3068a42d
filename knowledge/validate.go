package knowledge

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Validate trains on all but one fold of the bases and scores that fold, for each fold; the tables say what the trained parts are worth on
// articles they have not seen.
func Validate(ctx context.Context, sets []TrainSet, folds int, log io.Writer) error {
	ex, err := allExamples(ctx, sets, log)
	if err != nil {
		return err
	}
	by := map[string][]Outcome{}
	var plain, asked, taught []Outcome
	for k := range folds {
		var train, test []trainExample
		for _, e := range ex {
			if e.group%folds == k {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		m, err := fitModel(ctx, train)
		if err != nil {
			return err
		}
		for i := range test {
			e := &test[i]
			o := m.outcome(e)
			by[e.set] = append(by[e.set], o)
			switch m.judge(e.cands) {
			case &m.Taught.judge:
				taught = append(taught, o)
			case &m.Asked.judge:
				asked = append(asked, o)
			default:
				plain = append(plain, o)
			}
		}
	}
	// Half meant for the base, half for another.
	for set, foreign := range by {
		if own := by[set[:max(0, len(set)-len(", foreign"))]]; set == "squad1, foreign" || set == "selqa, foreign" {
			step := max(1, len(own)/len(foreign))
			for i := 0; i < len(own); i += step {
				by[set] = append(by[set], own[i])
			}
		}
	}
	fmt.Fprintf(log, "%-26s %6s %6s %6s %6s %6s   accuracy at", "", "n", "P@1", "R@3", "AUROC", "Brier")
	thresholds := []float64{.2, .25, .3, .35, .4, .45, .5, .6, .7}
	for _, t := range thresholds {
		fmt.Fprintf(log, " %5.2f", t)
	}
	fmt.Fprintln(log)
	for _, n := range slices.Sorted(maps.Keys(by)) {
		s := NewScore(by[n])
		fmt.Fprintf(log, "%-26s %6d %6.1f %6.1f %6.3f %6.3f              ", n, s.Questions, 100*s.P1, 100*s.R3, s.AUROC, s.Brier)
		for _, t := range thresholds {
			right := 0
			for _, o := range by[n] {
				o.Answered = o.Confidence >= t
				if o.accurate() {
					right++
				}
			}
			fmt.Fprintf(log, " %5.1f", 100*float64(right)/float64(len(by[n])))
		}
		fmt.Fprintln(log)
	}
	fmt.Fprintln(log, "\nreliability: of the questions given a confidence of .., so many came true (in how many questions)")
	reliability(log, "bare sentences", plain)
	reliability(log, "facts with asks", asked)
	reliability(log, "facts with many asks", taught)
	return nil
}

// outcome is how the model would rank and judge the example.
func (m *model) outcome(e *trainExample) Outcome {
	e.rank(m.score)
	o := Outcome{Answered: true, First: e.cands[0].id(), Confidence: m.confidence(e.a, e.cands)}
	o.Question.Answerable = e.answerable
	for i, c := range e.cands {
		if e.gold[i] {
			o.Question.Gold = append(o.Question.Gold, c.id())
		}
		if i < EvalDepth {
			o.Best = append(o.Best, c.id())
		}
	}
	return o
}

// reliability shows how often confidences come true, in tenths.
func reliability(log io.Writer, name string, all []Outcome) {
	var n, right, sure [10]float64
	for _, o := range all {
		b := min(9, int(o.Confidence*10))
		n[b]++
		sure[b] += o.Confidence
		if o.rank() == 1 {
			right[b]++
		}
	}
	fmt.Fprintf(log, "%s:\n", name)
	for b := range n {
		if n[b] > 0 {
			fmt.Fprintf(log, "  %.2f  %.2f  (%.0f)\n", sure[b]/n[b], right[b]/n[b], n[b])
		}
	}
}
