package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// evalCommand scores question sets.
func evalCommand(t *term) *cobra.Command {
	var o struct {
		facts, cache   string
		sure           string
		baseline, json bool
	}
	cmd := &cobra.Command{
		Use:   "eval DIR...",
		Short: "Score the answers to question sets",
		Long: `Eval asks every question of a question set, and prints how good the answers were. A set is a folder with
questions.jsonl, a line such as {"id":"q1","base":"b","question":"...","history":[],"gold":["fact-id"],"answerable":true}
each, and the fact files of each base in bases/b. Questions without a base are asked of the built-in facts, and all
are asked of the facts of --facts where that is given.

P@1, MRR@10 and R@3 tell how well facts are ranked, over the answerable questions. Of these also: right and wrong, those
answered with gold and with another fact; near, those where gold was quoted as the closest; shown, right or near;
choice, those where gold was among several equally near; in four, right or gold among what was offered. False are the
unanswerable that were answered. Accuracy counts an answerable question when it was answered and the first sentence is
gold, any other when it was not answered. AUROC tells how well the confidence tells right from wrong (0.5: not at all),
the Brier score how far off it is as a probability (0: never).

The second table says how much would be answered with each --sure, and how much of that rightly.`,
		Example: `  footnote eval my-questions
  footnote eval --baseline sets/*`,
		Args: between(1, -1, "the folder of a question set"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			base, _, err := t.openFacts(cmd.Context(), o.facts, o.cache, o.sure)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, base.Close()) }()
			for i, dir := range args {
				how := knowledge.EvalOptions{Base: base, OneBase: o.facts != "", Plain: o.baseline}
				how.Open, _ = t.opening(o.cache)
				how.Open.Sure = knowledge.Sureness(o.sure)
				how.Open.Progress = nil // the bar shows the questions
				r, err := t.eval(cmd.Context(), dir, how)
				if err != nil {
					return err
				}
				text := r.table()
				if i > 0 {
					text = "\n" + text
				}
				if o.json {
					text = r.json()
				}
				if err := t.print(text); err != nil {
					return err
				}
			}
			return nil
		},
	}
	factsFlag(cmd, &o.facts)
	cacheFlag(cmd, &o.cache)
	sureFlag(cmd, &o.sure)
	cmd.Flags().BoolVar(&o.baseline, "baseline", false, "also ask plain bleve: the en analyzer, one match query, tf-idf")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a set")
	return cmd
}

// An evaluation is the scores over one question set.
type evaluation struct {
	set      string
	facts    int
	footnote knowledge.Score
	plain    *plainScore // where it was asked for
}

// plainScore is plain bleve's, had it declined below the threshold that is best for it on this very set.
type plainScore struct {
	knowledge.Score
	threshold float64
}

func (t *term) eval(ctx context.Context, dir string, how knowledge.EvalOptions) (*evaluation, error) {
	fsys, err := folder(dir)
	if err != nil {
		return nil, err
	}
	step, finish := t.progress(dir)
	how.Progress = step
	out, err := knowledge.EvalSet(ctx, fsys, how)
	finish()
	if err != nil {
		var problems *knowledge.ProblemsError
		if errors.As(err, &problems) {
			problems.Dir = dir + "/" + problems.Dir
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	r := &evaluation{set: dir, facts: out.Facts, footnote: knowledge.NewScore(out.Footnote)}
	if how.Plain {
		threshold, declined := knowledge.BestThreshold(out.Plain)
		r.plain = &plainScore{knowledge.NewScore(declined), threshold}
		r.plain.Brier = math.NaN() // its score is no probability
	}
	return r, nil
}

// A measure is one row of the table, and one value of the JSON.
type measure struct {
	name, key string
	of        func(knowledge.Score) float64
	show      func(float64) string
}

var measures = [...]measure{
	{"P@1", "p1", func(s knowledge.Score) float64 { return s.P1 }, percent},
	{"MRR@10", "mrr10", func(s knowledge.Score) float64 { return s.MRR }, percent},
	{"R@3", "r3", func(s knowledge.Score) float64 { return s.R3 }, percent},
	{"accuracy", "accuracy", func(s knowledge.Score) float64 { return s.Accuracy }, percent},
	{"answered", "answered", func(s knowledge.Score) float64 { return float64(s.Answered) / float64(s.Questions) }, percent},
	{"precision of the answered", "precision", func(s knowledge.Score) float64 { return s.Precision }, percent},
	{"right", "right", func(s knowledge.Score) float64 { return s.Right }, percent},
	{"wrong", "wrong", func(s knowledge.Score) float64 { return s.Wrong }, percent},
	{"false", "false", func(s knowledge.Score) float64 { return s.False }, percent},
	{"near, gold the closest", "near", func(s knowledge.Score) float64 { return s.Near }, percent},
	{"shown: right or near", "shown", func(s knowledge.Score) float64 { return s.Shown }, percent},
	{"choice with gold", "choose", func(s knowledge.Score) float64 { return s.Choose }, percent},
	{"in four", "in4", func(s knowledge.Score) float64 { return s.InFour }, percent},
	{"offers where not sure", "offers", func(s knowledge.Score) float64 { return s.Offers }, mean},
	{"AUROC of confidence", "auroc", func(s knowledge.Score) float64 { return s.AUROC }, decimals},
	{"Brier score", "brier", func(s knowledge.Score) float64 { return s.Brier }, decimals},
	{"median a question", "median_ms", func(s knowledge.Score) float64 { return ms(s.Median) }, millis},
	{"p99 a question", "p99_ms", func(s knowledge.Score) float64 { return ms(s.P99) }, millis},
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func percent(v float64) string  { return orDash(v, "%.1f %%", 100*v) }
func mean(v float64) string     { return orDash(v, "%.1f", v) }
func decimals(v float64) string { return orDash(v, "%.3f", v) }
func millis(v float64) string   { return orDash(v, "%.2f ms", v) }

func orDash(v float64, format string, shown float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf(format, shown)
}

func (r *evaluation) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d answerable; %s\n\n", r.set, count(r.footnote.Questions, "question"), r.footnote.Answerable, count(r.facts, "fact"))
	row := func(name, footnote, plain string) {
		fmt.Fprintf(&b, "%-25s  %9s", name, footnote)
		if r.plain != nil {
			fmt.Fprintf(&b, "  %11s", plain)
		}
		b.WriteByte('\n')
	}
	row("", "footnote", "plain bleve")
	for _, m := range measures {
		plain := ""
		if r.plain != nil {
			plain = m.show(m.of(r.plain.Score))
		}
		row(m.name, m.show(m.of(r.footnote)), plain)
	}
	fmt.Fprintf(&b, "\n%-25s  %9s  %11s\n", "with --sure", "answered", "of it right")
	for _, s := range r.footnote.Sure {
		fmt.Fprintf(&b, "%-25s  %9s  %11s\n", s.Sure, percent(s.Answered), percent(s.Precision))
	}
	if r.plain != nil {
		fmt.Fprintf(&b, "\nPlain bleve declines below %.3g, the score that gives it its best accuracy on this very set.\n", r.plain.threshold)
	}
	return b.String()
}

func (r *evaluation) json() string {
	set := func(all map[string]any, key string, v float64) {
		if !math.IsNaN(v) {
			all[key] = v
		}
	}
	values := func(s knowledge.Score) map[string]any {
		all := map[string]any{}
		for _, m := range measures {
			set(all, m.key, m.of(s))
		}
		sure := map[string]any{}
		for _, at := range s.Sure {
			one := map[string]any{}
			set(one, "answered", at.Answered)
			set(one, "precision", at.Precision)
			sure[string(at.Sure)] = one
		}
		if len(sure) > 0 {
			all["sure"] = sure
		}
		return all
	}
	all := map[string]any{
		"set": r.set, "questions": r.footnote.Questions, "answerable": r.footnote.Answerable, "facts": r.facts,
		"footnote": values(r.footnote),
	}
	if r.plain != nil {
		all["plain"] = values(r.plain.Score)
	}
	out, err := json.Marshal(all) // strings and finite numbers, which can't fail
	if err != nil {
		return fmt.Sprintln(err)
	}
	return string(out) + "\n"
}
