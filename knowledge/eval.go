package knowledge

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"
)

// A GoldQuestion is one question of a question set, with the facts that answer it.
type GoldQuestion struct {
	ID         string   `json:"id"`
	Base       string   `json:"base"` // the folder below bases/ whose facts it is asked of; may be empty
	Text       string   `json:"question"`
	History    []string `json:"history"`
	Gold       []string `json:"gold"` // ids of facts, any of which answers
	Answerable bool     `json:"answerable"`
}

// QuestionsFile is the name of the questions in the folder of a question set: JSON Lines, a [GoldQuestion] a line.
const QuestionsFile = "questions.jsonl"

// BaseDir is the folder of a base in the folder of a question set.
func BaseDir(base string) string { return "bases/" + base }

// ReadQuestions reads the questions of a question set's folder, at least one. An error names the line.
func ReadQuestions(fsys fs.FS) ([]GoldQuestion, error) {
	f, err := fsys.Open(QuestionsFile)
	if err != nil {
		return nil, fmt.Errorf("question set: %w", err)
	}
	defer f.Close()

	var questions []GoldQuestion
	lines := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("question set: %s:%d: %w", QuestionsFile, n, err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var q GoldQuestion
			if err := json.Unmarshal(line, &q); err != nil {
				return nil, fmt.Errorf("question set: %s:%d: %w", QuestionsFile, n, err)
			}
			switch {
			case q.Answerable && len(q.Gold) == 0:
				return nil, fmt.Errorf("question set: %s:%d: answerable, but no gold", QuestionsFile, n)
			case q.Base != "" && !fs.ValidPath(BaseDir(q.Base)):
				return nil, fmt.Errorf("question set: %s:%d: base %q is no folder's name", QuestionsFile, n, q.Base)
			}
			questions = append(questions, q)
		}
		if err == io.EOF {
			break
		}
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("question set: %s holds no question", QuestionsFile)
	}
	return questions, nil
}

// An Outcome is how one question of a set went.
type Outcome struct {
	Question   GoldQuestion
	Answered   bool
	First      string        // the fact of the first sentence; empty when it declined
	Best       []string      // the best facts, best first, also when it declined; at most [EvalDepth]
	Confidence float64       // that the best fact answers: a probability, or plain bleve's score
	Took       time.Duration // to answer
}

// EvalDepth is how many of the best facts an outcome holds: enough for MRR@10.
const EvalDepth = 10

// EvalBase asks the base the questions one after another, so that the times are those of a question alone, and calls
// done (which may be nil) after each.
func EvalBase(ctx context.Context, b *Base, questions []GoldQuestion, done func()) ([]Outcome, error) {
	return outcomes(questions, done, func(o *Outcome) error {
		a, err := b.Ask(ctx, Question{Text: o.Question.Text, History: o.Question.History, Candidates: EvalDepth})
		if err != nil {
			return err
		}
		o.Answered, o.Confidence = a.Answered(), a.Confidence
		if o.Answered {
			o.First = a.Sentences()[0].Fact.ID
		}
		o.Best = ids(a.Candidates)
		return nil
	})
}

// EvalPlain asks plain bleve the questions, as [EvalBase] asks the base. It answers whatever it finds; see
// [BestThreshold].
func EvalPlain(ctx context.Context, p *Plain, questions []GoldQuestion, done func()) ([]Outcome, error) {
	return outcomes(questions, done, func(o *Outcome) error {
		best, err := p.Search(ctx, o.Question.Text, EvalDepth)
		if err != nil {
			return err
		}
		o.Best = ids(best)
		if len(best) > 0 {
			o.Answered, o.First, o.Confidence = true, o.Best[0], best[0].Score
		}
		return nil
	})
}

func outcomes(questions []GoldQuestion, done func(), ask func(*Outcome) error) ([]Outcome, error) {
	all := make([]Outcome, len(questions))
	for i, q := range questions {
		o := &all[i]
		o.Question = q
		start := time.Now()
		if err := ask(o); err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		o.Took = time.Since(start)
		if done != nil {
			done()
		}
	}
	return all, nil
}

func ids(best []Candidate) []string {
	var all []string
	for _, c := range best[:min(len(best), EvalDepth)] {
		all = append(all, c.Fact.ID)
	}
	return all
}

// rank is the place of the first gold fact among the best, from 1; 0 when there is none.
func (o Outcome) rank() int {
	if !o.Question.Answerable {
		return 0
	}
	return 1 + slices.IndexFunc(o.Best, func(id string) bool { return slices.Contains(o.Question.Gold, id) })
}

// accurate reports whether it did what it should: answered with gold, or declined what no fact answers.
func (o Outcome) accurate() bool {
	if !o.Question.Answerable {
		return !o.Answered
	}
	return o.Answered && slices.Contains(o.Question.Gold, o.First)
}

// A Score sums up outcomes. A share is from 0 to 1, and NaN where there is nothing to count.
type Score struct {
	Questions  int
	Answerable int
	Answered   int

	P1        float64 // of the answerable: the best fact is gold
	MRR       float64 // of the answerable: mean of 1/place of the first gold fact among the best ten, else 0
	R3        float64 // of the answerable: a gold fact is among the best three
	Accuracy  float64 // of all: answered with gold, or declined what no fact answers
	Precision float64 // of the answered: the first sentence is gold
	AUROC     float64 // the chance that a right best fact has more confidence than a wrong one, ties counting half
	Brier     float64 // mean square of confidence less what came true (1 right, 0 wrong); lower is better

	Median, P99 time.Duration // a question
}

// NewScore sums up the outcomes.
func NewScore(all []Outcome) Score {
	s := Score{Questions: len(all)}
	var first, three, accurate, right int
	var reciprocal, square float64
	times := make([]time.Duration, 0, len(all))
	for _, o := range all {
		times = append(times, o.Took)
		if o.Answered {
			s.Answered++
		}
		if o.accurate() {
			accurate++
			if o.Answered {
				right++
			}
		}
		came := 0.0
		if o.Question.Answerable {
			s.Answerable++
		}
		if r := o.rank(); r > 0 {
			reciprocal += 1 / float64(r)
			if r <= 3 {
				three++
			}
			if r == 1 {
				first++
				came = 1
			}
		}
		square += (o.Confidence - came) * (o.Confidence - came)
	}
	s.P1 = share(float64(first), s.Answerable)
	s.MRR = share(reciprocal, s.Answerable)
	s.R3 = share(float64(three), s.Answerable)
	s.Accuracy = share(float64(accurate), len(all))
	s.Precision = share(float64(right), s.Answered)
	s.AUROC = auroc(all)
	s.Brier = share(square, len(all))
	slices.Sort(times)
	s.Median, s.P99 = quantile(times, 0.5), quantile(times, 0.99)
	return s
}

func share(part float64, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return part / float64(of)
}

// quantile is the smallest of the sorted times that at least the share q of them does not exceed ("nearest rank").
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// auroc is the area under the ROC curve of the confidence for "the best fact is right", by the rank sum of Mann and
// Whitney, where equal confidences share their mean rank.
func auroc(all []Outcome) float64 {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Outcome) int { return cmp.Compare(a.Confidence, b.Confidence) })
	var right, sum float64
	for i := 0; i < len(sorted); {
		j, rightHere := i, 0.0
		for ; j < len(sorted) && sorted[j].Confidence == sorted[i].Confidence; j++ {
			if sorted[j].rank() == 1 {
				rightHere++
			}
		}
		right += rightHere
		sum += rightHere * float64(i+1+j) / 2
		i = j
	}
	wrong := float64(len(sorted)) - right
	if right == 0 || wrong == 0 {
		return math.NaN()
	}
	return (sum - right*(right+1)/2) / (right * wrong)
}

// BestThreshold gives the outcomes as they would be had those with less confidence been declined, at the threshold
// with the best accuracy over these very questions. That is generous: a threshold is otherwise set beforehand.
func BestThreshold(all []Outcome) (threshold float64, declined []Outcome) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Outcome) int { return cmp.Compare(b.Confidence, a.Confidence) })

	// Begin with all of them declined, and let in one after another.
	accurate := 0
	for _, o := range sorted {
		if !o.Question.Answerable {
			accurate++
		}
	}
	best := accurate
	threshold = math.Inf(1)
	for i, o := range sorted {
		switch {
		case !o.Answered: // has nothing to say at any threshold
		case !o.Question.Answerable:
			accurate--
		case o.accurate():
			accurate++
		}
		last := i == len(sorted)-1 || sorted[i+1].Confidence < o.Confidence
		if last && accurate > best {
			best, threshold = accurate, o.Confidence
		}
	}
	declined = slices.Clone(all)
	for i := range declined {
		if o := &declined[i]; o.Confidence < threshold {
			o.Answered, o.First = false, ""
		}
	}
	return threshold, declined
}

// EvalSet asks every question of the question set in the folder of its own base, opening the bases one after another.
// A base whose problems keep it from loading stops it with a [ProblemsError].
func EvalSet(ctx context.Context, fsys fs.FS, o EvalOptions) (SetOutcomes, error) {
	questions, err := ReadQuestions(fsys)
	if err != nil {
		return SetOutcomes{}, err
	}
	byBase := map[string][]GoldQuestion{}
	var order []string // the bases as they first come
	for _, q := range questions {
		if o.OneBase {
			q.Base = ""
		}
		if _, seen := byBase[q.Base]; !seen {
			order = append(order, q.Base)
		}
		byBase[q.Base] = append(byBase[q.Base], q)
	}
	var out SetOutcomes
	answered := 0
	done := func() {
		if answered++; o.Progress != nil {
			of := len(questions)
			if o.Plain {
				of *= 2
			}
			o.Progress(answered, of)
		}
	}
	for _, name := range order {
		if err := evalOne(ctx, fsys, name, byBase[name], o, done, &out); err != nil {
			return SetOutcomes{}, err
		}
	}
	return out, nil
}

// EvalOptions say how [EvalSet] asks. The zero value asks each question of its own base.
type EvalOptions struct {
	Base     *Base // for questions that name no base
	OneBase  bool  // ask all of them of Base, whatever they name
	Plain    bool  // ask plain bleve too
	Progress func(done, of int)
	Open     OpenOptions // how to open the bases of the set
}

// SetOutcomes are the outcomes over a question set.
type SetOutcomes struct {
	Footnote []Outcome
	Plain    []Outcome // where it was asked for
	Facts    int       // in all its bases together
}

func evalOne(ctx context.Context, fsys fs.FS, name string, questions []GoldQuestion, o EvalOptions, done func(), out *SetOutcomes) (err error) {
	base := o.Base
	if name != "" {
		if base, err = openBase(ctx, fsys, name, o.Open); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, base.Close()) }()
	}
	if base == nil {
		return fmt.Errorf("question %s names no base", questions[0].ID)
	}
	out.Facts += len(base.Set().Facts)
	got, err := EvalBase(ctx, base, questions, done)
	if err != nil {
		return err
	}
	out.Footnote = append(out.Footnote, got...)
	if !o.Plain {
		return nil
	}
	plain, err := NewPlain(ctx, base.Set().Facts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	got, err = EvalPlain(ctx, plain, questions, done)
	if err != nil {
		return err
	}
	out.Plain = append(out.Plain, got...)
	return nil
}

func openBase(ctx context.Context, fsys fs.FS, name string, o OpenOptions) (*Base, error) {
	sub, err := fs.Sub(fsys, BaseDir(name))
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", name, err)
	}
	base, problems, err := OpenWith(ctx, sub, o)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", name, err)
	}
	if HasErrors(problems) {
		return nil, &ProblemsError{Dir: BaseDir(name), Problems: problems}
	}
	return base, nil
}

// A ProblemsError is what an operator is told when the facts have problems that keep them from loading.
type ProblemsError struct {
	Dir      string // the folder they are in
	Problems []Problem
}

// Error names every problem, a line each.
func (e *ProblemsError) Error() string {
	lines := []string{fmt.Sprintf("the facts in %s can't be used:", e.Dir)}
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}
