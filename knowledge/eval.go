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
	Kind       Kind          // of the answer; empty for plain bleve's
	Offers     []string      // the facts offered where it was not sure, best first
	Sure       []string      // the fact of the first sentence at each of [Surenesses], empty where it did not answer; nil for plain bleve's
	Took       time.Duration // to answer
}

// EvalDepth is how many of the best facts an outcome holds: enough for MRR@10.
const EvalDepth = 10

// EvalBase asks the base the questions one after another, so that the times are those of a question alone, and calls
// done (which may be nil) after each. What the base would say were it as sure as each of [Surenesses], it asks besides, untimed: more than the first fact's
// confidence decides that.
func EvalBase(ctx context.Context, b *Base, questions []GoldQuestion, done func()) ([]Outcome, error) {
	return outcomes(questions, done, func(o *Outcome) error {
		q := Question{Text: o.Question.Text, History: o.Question.History, Candidates: EvalDepth}
		start := time.Now()
		a, err := b.Ask(ctx, q)
		o.Took = time.Since(start)
		if err != nil {
			return err
		}
		o.Answered, o.Confidence, o.Kind = a.Answered(), a.Confidence, a.Kind
		o.First = first(a)
		o.Best = ids(a.Candidates)
		for _, offer := range a.Offers {
			o.Offers = append(o.Offers, offer.Fact.ID)
		}
		for _, q.Sure = range Surenesses {
			q.Candidates = 0
			if q.Sure != b.sure {
				if a, err = b.Ask(ctx, q); err != nil {
					return err
				}
				o.Sure = append(o.Sure, first(a))
				continue
			}
			o.Sure = append(o.Sure, o.First)
		}
		return nil
	})
}

// first is the fact of the answer's first sentence; empty where there is none.
func first(a Answer) string {
	if !a.Answered() {
		return ""
	}
	return a.Sentences()[0].Fact.ID
}

// EvalPlain asks plain bleve the questions, as [EvalBase] asks the base. It answers whatever it finds; see
// [BestThreshold].
func EvalPlain(ctx context.Context, p *Plain, questions []GoldQuestion, done func()) ([]Outcome, error) {
	return outcomes(questions, done, func(o *Outcome) error {
		start := time.Now()
		best, err := p.Search(ctx, o.Question.Text, EvalDepth)
		o.Took = time.Since(start)
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

// outcomes asks the questions in order. Ask sets what came of one.
func outcomes(questions []GoldQuestion, done func(), ask func(*Outcome) error) ([]Outcome, error) {
	all := make([]Outcome, len(questions))
	for i, q := range questions {
		o := &all[i]
		o.Question = q
		if err := ask(o); err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
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

// gold reports whether the fact is one that answers the question.
func (o Outcome) gold(fact string) bool {
	return o.Question.Answerable && slices.Contains(o.Question.Gold, fact)
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
	Right     float64 // of the answerable: answered, and the first sentence is gold
	Wrong     float64 // of the answerable: answered, and it is not
	False     float64 // of the unanswerable: answered
	AUROC     float64 // the chance that a right best fact has more confidence than a wrong one, ties counting half
	Brier     float64 // mean square of confidence less what came true (1 right, 0 wrong); lower is better

	// Where it was not sure. Plain bleve always is, so for it these are NaN.
	Near   float64 // of the answerable: gold is quoted as the closest
	Choose float64 // of the answerable: gold is among several that are offered as equally near
	Shown  float64 // of the answerable: Right or Near, so that a member reads it at once
	InFour float64 // of the answerable: Right, or gold is among the offers, of which there are four at most
	Offers float64 // how many facts are offered, in the mean of what is not answered

	Sure []SureScore // at each of [Surenesses]; none for plain bleve

	Median, P99 time.Duration // a question
}

// A SureScore sums up what is answered at one [Sureness].
type SureScore struct {
	Sure      Sureness
	Answered  float64 // of all questions
	Precision float64 // of the answered: the first sentence is gold
}

// NewScore sums up the outcomes.
func NewScore(all []Outcome) Score {
	s := Score{Questions: len(all)}
	var first, three, accurate, right, wrong, near, choose, inFour, offers int
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
			if o.Answered && !o.gold(o.First) {
				wrong++
			}
		}
		offers += len(o.Offers)
		if slices.ContainsFunc(o.Offers, o.gold) {
			inFour++
			switch {
			case o.Kind == Choose:
				choose++
			case o.gold(o.Offers[0]):
				near++
			}
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
	s.Right = share(float64(right), s.Answerable)
	s.Wrong = share(float64(wrong), s.Answerable)
	s.False = share(float64(s.Answered-right-wrong), len(all)-s.Answerable)
	s.Near, s.Choose = share(float64(near), s.Answerable), share(float64(choose), s.Answerable)
	s.Shown, s.InFour = share(float64(right+near), s.Answerable), share(float64(right+inFour), s.Answerable)
	s.Offers = share(float64(offers), len(all)-s.Answered)
	if len(all) > 0 && all[0].Sure != nil {
		s.Sure = sureScores(all)
	} else {
		s.Near, s.Choose, s.Shown, s.InFour, s.Offers = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	}
	s.AUROC = auroc(all)
	s.Brier = share(square, len(all))
	slices.Sort(times)
	s.Median, s.P99 = quantile(times, 0.5), quantile(times, 0.99)
	return s
}

// sureScores sums up what is answered at each sureness.
func sureScores(all []Outcome) []SureScore {
	var out []SureScore
	for i, sure := range Surenesses {
		answered, right := 0, 0
		for _, o := range all {
			if o.Sure[i] == "" {
				continue
			}
			answered++
			if o.gold(o.Sure[i]) {
				right++
			}
		}
		out = append(out, SureScore{sure, share(float64(answered), len(all)), share(float64(right), answered)})
	}
	return out
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
