package knowledge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A TrainSet is a question set to train on.
type TrainSet struct {
	Name string
	FS   fs.FS
	Own  bool // a folder of fact files with asks and not_asks instead
}

// trainBase is one base of a set with its questions.
type trainBase struct {
	set       string
	name      string
	facts     *Set
	questions []GoldQuestion
}

// readTrainSets loads every base of every set.
func readTrainSets(ctx context.Context, sets []TrainSet) ([]trainBase, error) {
	var out []trainBase
	for _, s := range sets {
		if s.Own {
			set, problems, err := Load(ctx, s.FS)
			if err != nil || HasErrors(problems) {
				return nil, cmp.Or(err, error(&ProblemsError{Dir: s.Name, Problems: problems}))
			}
			out = append(out, trainBase{set: s.Name, name: s.Name, facts: set})
			continue
		}
		qs, err := ReadQuestions(s.FS)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		byBase := map[string][]GoldQuestion{}
		for _, q := range qs {
			byBase[q.Base] = append(byBase[q.Base], q)
		}
		names := make([]string, 0, len(byBase))
		for n := range byBase {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			sub, err := fs.Sub(s.FS, BaseDir(n))
			if err != nil {
				return nil, err
			}
			set, problems, err := Load(ctx, sub)
			if err != nil {
				return nil, fmt.Errorf("%s: base %s: %w", s.Name, n, err)
			}
			if HasErrors(problems) {
				return nil, &ProblemsError{Dir: BaseDir(n), Problems: problems}
			}
			out = append(out, trainBase{s.Name, n, set, byBase[n]})
		}
	}
	return out, nil
}

// group puts all bases of one article into one fold, whichever set they come from.
func (b *trainBase) group() int {
	h := fnv.New32a()
	io.WriteString(h, b.name)
	return int(h.Sum32() >> 1)
}

// withAsks gives half of the bases asks as a moderator would: other people's questions about the same sentence. The
// weights of the features that look at asks are learned from them.
func (b *trainBase) withAsks() {
	byFact := map[string][]string{}
	for _, q := range b.questions {
		if q.Answerable && len(q.Gold) > 0 {
			byFact[q.Gold[0]] = append(byFact[q.Gold[0]], q.Text)
		}
	}
	for _, f := range b.facts.Facts {
		f.Asks = byFact[f.ID]
	}
}

// ownExamples are the asks and not_asks of fact files that moderators keep, each put as a question with itself left out of the facts:
// what people ask where facts have asks.
func (b *trainBase) ownExamples(ctx context.Context) ([]trainExample, error) {
	g, err := newGeneration(ctx, b.facts, nil)
	if err != nil {
		return nil, err
	}
	x := g.indexes[0]
	var out []trainExample
	sibling := func(f, g *Fact) bool { // they stand on one paragraph
		return slices.ContainsFunc(f.Cites, func(c Cite) bool {
			return slices.ContainsFunc(g.Cites, func(d Cite) bool { return c.Source == d.Source && c.Paragraph == d.Paragraph })
		})
	}
	for i, f := range b.facts.Facts {
		add := func(text string, answerable bool) error {
			e, err := x.example(ctx, text, func(g *Fact) bool { return answerable && g == f })
			if err != nil || e == nil {
				return err
			}
			e.group, e.answerable, e.weight, e.set = i*8+i%8, answerable, ownWeight, b.set
			e.near = func(s *scored) bool { return sibling(f, x.docs[s.doc].fact) }
			out = append(out, *e)
			return nil
		}
		for _, q := range f.Asks {
			if err := add(q, true); err != nil {
				return nil, err
			}
		}
		for _, q := range f.NotAsks {
			if err := add(q, false); err != nil {
				return nil, err
			}
		}
		// The same questions with all facts of the paragraph taken away: what is left is near, and doesn't answer.
		var gone []int
		for k := range x.docs {
			if sibling(f, x.docs[k].fact) {
				gone = append(gone, k)
			}
		}
		for k := 0; k < len(f.Asks); k += 2 {
			e, err := x.example(ctx, f.Asks[k], func(*Fact) bool { return false }, gone...)
			if err != nil {
				return nil, err
			}
			if e != nil {
				e.group, e.weight, e.set = i*8+i%8, ownWeight*goneWeight, b.set
				out = append(out, *e)
			}
		}
	}
	for i, t := range b.facts.Trials {
		if len(t.After) > 0 {
			continue
		}
		e, err := x.example(ctx, t.Ask, func(f *Fact) bool { return slices.Contains(t.Want, f.ID) })
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		e.group, e.answerable, e.weight, e.set = i*8+i%8, len(t.Want) > 0, trialWeight, b.set
		e.near = func(s *scored) bool {
			return slices.ContainsFunc(t.Want, func(id string) bool { return sibling(b.facts.Fact(id), x.docs[s.doc].fact) })
		}
		out = append(out, *e)
	}
	return out, nil
}

// setWeights are what an example of a small set weighs: qed-tune's were asked of a search engine, most like a member's;
// squad2-tune has the only questions whose answer was left out on purpose.
var setWeights = map[string]float32{"qed-tune": 3, "squad2-tune": 3, "selqa": 1.5}

// provenance is written into the model.
const provenance = "trained by 'footnote train model' on squad1, squad1-heldout and squad2-tune (SQuAD, CC BY-SA 4.0), selqa (Apache-2.0, text of Wikipedia), " +
	"qed-tune (QED over Natural Questions, CC BY-SA 3.0) and the asks and not_asks of the built-in fact files; seed 1; see traindata.go"

// goneWeight is what such an example weighs: less, as facts of other paragraphs may overlap.
const goneWeight = 0.35

// trialWeight is what a trial weighs: members put their questions more like a trial than like an ask, and there are fewer of them.
const trialWeight = 20

// ownWeight is what an example of a fact file weighs beside one of the public sets, of which there are many more.
const ownWeight = 8

// example ranks the facts for a question as the ranker would meet it, a wording of the same text passed over; nil when nothing
// distinguishes the question.
func (x *index) example(ctx context.Context, text string, gold func(*Fact) bool, without ...int) (*trainExample, error) {
	a := x.ready(x.lang.read(text))
	a.except = text
	if len(a.units) == 0 {
		return nil, nil
	}
	docs, err := x.candidates(ctx, a)
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d int) bool { return slices.Contains(without, d) })
	e := &trainExample{weight: 1, a: a}
	for _, c := range a.rank(docs) {
		c := *c // so that the other facts' work can be freed
		e.cands = append(e.cands, &c)
		e.gold = append(e.gold, gold(x.docs[c.doc].fact))
	}
	e.x = rankInputs(e.cands)
	return e, nil
}

// examples ranks the facts of the base for every question without the model, as the ranker would meet them.
func (b *trainBase) examples(ctx context.Context, foreign []GoldQuestion) ([]trainExample, error) {
	g, err := newGeneration(ctx, b.facts, nil)
	if err != nil {
		return nil, err
	}
	x := g.indexes[0]
	var out []trainExample
	for _, q := range append(slices.Clone(b.questions), foreign...) {
		e, err := x.example(ctx, q.Text, func(f *Fact) bool { return q.Answerable && slices.Contains(q.Gold, f.ID) })
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		e.group, e.answerable, e.set = b.group(), q.Answerable, b.set
		if w, ok := setWeights[b.set]; ok {
			e.weight = w
		}
		out = append(out, *e)
	}
	return out, nil
}

// WriteFrequencies counts in how many of the sets' sentences and questions each word stands, as the lines of freq.txt.
func WriteFrequencies(ctx context.Context, sets []TrainSet, out io.Writer) error {
	bases, err := readTrainSets(ctx, sets)
	if err != nil {
		return err
	}
	w := englishWords()
	df := map[string]int{}
	n := 0
	seenText := map[string]bool{}
	count := func(text string) {
		if seenText[text] {
			return
		}
		seenText[text] = true
		n++
		seen := map[string]bool{}
		for _, t := range w.tokenize(text, nil) {
			if !seen[t.term] && !t.num {
				seen[t.term] = true
				df[t.term]++
			}
		}
	}
	for _, b := range bases {
		for _, f := range b.facts.Facts {
			count(f.Text)
		}
		for _, q := range b.questions {
			count(q.Text)
		}
	}
	terms := make([]string, 0, len(df))
	for t, c := range df {
		if c >= 3 {
			terms = append(terms, t)
		}
	}
	slices.SortFunc(terms, func(a, b string) int { return cmp.Or(df[b]-df[a], strings.Compare(a, b)) })
	fmt.Fprintf(out, "# In how many of %d English sentences and questions each stem stands, at least 3: counted over the public question sets\n", n)
	fmt.Fprintf(out, "# squad1 and squad2-tune (SQuAD, CC BY-SA 4.0), selqa (Apache-2.0, text of Wikipedia) and qed-tune (CC BY-SA 3.0). Only counts are kept.\n")
	fmt.Fprintf(out, "%d\n", n)
	for _, t := range terms {
		fmt.Fprintf(out, "%s %d\n", t, df[t])
	}
	return nil
}

// readFrequencies reads freq.txt into rarities: log((N+1)/(df+1/2)), scaled so that an unseen word has 1.
func readFrequencies(text string) (map[string]float64, error) {
	out := map[string]float64{}
	n := 0.0
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		term, count, two := strings.Cut(line, " ")
		if !two {
			count = term
		}
		c, err := strconv.Atoi(count)
		if err != nil {
			return nil, fmt.Errorf("freq.txt:%d: %w", i+1, err)
		}
		if !two {
			n = float64(c)
			continue
		}
		if n == 0 {
			return nil, errors.New("freq.txt: no total before the words")
		}
		out[term] = math.Log((n+1)/(float64(c)+.5)) / math.Log((n+1)/.5)
	}
	return out, nil
}

// WriteModel trains the ranker and the confidence on the sets and writes model.json. The same sets give the same bytes.
func WriteModel(ctx context.Context, sets []TrainSet, out, log io.Writer) error {
	ex, err := allExamples(ctx, sets, log)
	if err != nil {
		return err
	}
	m, err := fitModel(ctx, ex, log)
	if err != nil {
		return err
	}
	m.Made = provenance
	return m.write(out)
}

func allExamples(ctx context.Context, sets []TrainSet, log io.Writer) ([]trainExample, error) {
	bases, err := readTrainSets(ctx, sets)
	if err != nil {
		return nil, err
	}
	var ex []trainExample
	for i := range bases {
		b := &bases[i]
		if b.questions == nil {
			e, err := b.ownExamples(ctx)
			if err != nil {
				return nil, err
			}
			ex = append(ex, e...)
			continue
		}
		// A few questions meant for another base of the set: they must be declined.
		var foreign []GoldQuestion
		if other := &bases[(i+7)%len(bases)]; other.name != b.name && other.set == b.set {
			step := 8
			for k := 0; k < len(other.questions); k += step {
				q := other.questions[k]
				q.Answerable, q.Gold = false, nil
				foreign = append(foreign, q)
			}
		}
		e, err := b.examples(ctx, foreign)
		if err != nil {
			return nil, err
		}
		ex = append(ex, e...)
		if b.set == "squad1" && i%2 == 0 {
			b.withAsks()
			b.set = "squad1+asks"
			e, err := b.examples(ctx, foreign)
			if err != nil {
				return nil, err
			}
			ex = append(ex, e...)
		}
	}
	fmt.Fprintf(log, "%d questions of %d bases\n", len(ex), len(bases))
	return ex, nil
}

// thresholds: a wrong answer costs more than a decline. Where there are asks, an answer is given where at least seven in ten such answers are right: one
// wrong answer is taken to cost more than two that were not given. Among bare sentences, where a member reads on in the source, about one in four is
// enough: on the public sets, by cross-validation, that is above plain bleve's accuracy at its own best threshold on each, whether
// all questions can be answered or many can't.
var thresholds = threshold{Asked: 0.7, Plain: 0.27}

var rankSettings = trainSettings{Hidden: 32, Epochs: 10, Rate: 2e-3, Decay: 1e-6, Seed: 1}
var confidenceSettings = trainSettings{Hidden: 12, Epochs: 8, Rate: 2e-3, Decay: 1e-5, Seed: 1}

var askedSettings = trainSettings{Hidden: 8, Epochs: 30, Rate: 2e-3, Decay: 1e-4, Seed: 1}

func rankMoments(ex []trainExample) (mean, scale []float32) {
	var rows [][]float32
	for _, e := range ex {
		rows = append(rows, e.x...)
	}
	return standardise(rows)
}

// fitModel trains the ranker on all examples. The confidence must be trained on rankings of questions that the ranker has not
// seen: two rankers, each trained on half of the bases, rank the other half.
func fitModel(ctx context.Context, ex []trainExample, log io.Writer) (*model, error) {
	m := &model{Features: featureNames[:]}
	m.Mean, m.Scale = rankMoments(ex)
	var err error
	if m.Rank, err = trainRank(ctx, ex, m.Mean, m.Scale, rankSettings, log); err != nil {
		return nil, err
	}
	var xs [2][][]float32
	var ys, ws [2][]float32
	for half := range 2 {
		var train []trainExample
		for _, e := range ex {
			if e.group/8%2 != half {
				train = append(train, e)
			}
		}
		h := &model{Mean: m.Mean, Scale: m.Scale}
		if h.Rank, err = trainRank(ctx, train, m.Mean, m.Scale, rankSettings, nil); err != nil {
			return nil, err
		}
		for _, e := range ex {
			if e.group/8%2 != half {
				continue
			}
			right := h.rankExample(&e)
			if !right && e.answerable && e.near != nil && e.near(e.cands[0]) {
				continue // the fact beside it, which may well answer: neither right nor wrong
			}
			k := 0
			if e.cands[0].f[fHasAsks] > 0 {
				k = 1
			}
			xs[k] = append(xs[k], e.a.confidenceInputs(e.cands))
			y := float32(0)
			if right {
				y = 1
			}
			ys[k] = append(ys[k], y)
			ws[k] = append(ws[k], e.weight)
		}
	}
	if m.Plain, err = trainDecider(ctx, xs[0], ys[0], ws[0], confidenceSettings); err != nil {
		return nil, err
	}
	if len(xs[1]) == 0 {
		m.Asked = m.Plain
	} else if m.Asked, err = trainDecider(ctx, xs[1], ys[1], ws[1], askedSettings); err != nil {
		return nil, err
	}
	m.Threshold = thresholds
	return m, nil
}

// rankExample ranks the example's candidates anew and reports whether the first is gold.
func (m *model) rankExample(e *trainExample) bool {
	golds := map[*scored]bool{}
	for i, c := range e.cands {
		golds[c] = e.gold[i]
	}
	m.score(e.cands)
	for i, c := range e.cands {
		e.gold[i] = golds[c]
	}
	e.x = rankInputs(e.cands)
	return e.gold[0]
}

// Validate trains on all but one fold of the bases and scores that fold, for each fold; the table says what the trained parts are worth on
// articles they have not seen.
func Validate(ctx context.Context, sets []TrainSet, folds int, log io.Writer) error {
	ex, err := allExamples(ctx, sets, log)
	if err != nil {
		return err
	}
	by := map[string][]Outcome{}
	for k := range folds {
		var train, test []trainExample
		for _, e := range ex {
			if e.group%folds == k {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		m, err := fitModel(ctx, train, nil)
		if err != nil {
			return err
		}
		for i := range test {
			e := &test[i]
			m.rankExample(e)
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
			by[e.set] = append(by[e.set], o)
		}
	}
	names := make([]string, 0, len(by))
	for n := range by {
		names = append(names, n)
	}
	slices.Sort(names)
	fmt.Fprintf(log, "%-16s %6s %6s %6s %6s %6s   accuracy at .25 .3 .35 .4 .45 .5 .6\n", "set", "n", "P@1", "R@3", "AUROC", "Brier")
	for _, n := range names {
		s := NewScore(by[n])
		fmt.Fprintf(log, "%-16s %6d %6.1f %6.1f %6.3f %6.3f  ", n, s.Questions, 100*s.P1, 100*s.R3, s.AUROC, s.Brier)
		for _, t := range []float64{.25, .3, .35, .4, .45, .5, .6} {
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
	return nil
}

func (s *scored) id() string { return strconv.Itoa(s.doc) }
