package knowledge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	"footnote/knowledge/language"

	"golang.org/x/sync/errgroup"
)

// How many questions a proposal's effects are looked for in, so that they take some seconds on two cores the first time (later most questions' vectors are in
// memory). It depends on the number of facts only, so that the same proposal always has the same effects. Measured, in time of one core: 20 ms to encode a question,
// some 0.5 ms to rank 50 facts twice, and 25 ms 100,000.
const (
	minCompared = 50
	maxCompared = 4000

	compareFor  = 6 * time.Second // of one core
	askCost     = 20 * time.Millisecond
	askCostFact = 250 * time.Nanosecond
)

// Effects are what a proposal would do to the answers. Each list is in the order in which the questions were compared: trials by file and
// line, asks likewise, then the recent questions as given.
type Effects struct {
	Changed  []Effect // questions that are answered otherwise: by other facts, or by the same with another [Fact.Revision]
	Answered []Effect // questions that begin to be answered
	Silent   []Effect // questions that fall silent
	Asked    int      // how many questions were compared
	Of       int      // how many there were to compare: more than Asked where there were too many

	// The trials that passed and would fail, and those that failed and would pass. They are among the lists above, too, where their answer is
	// another one.
	Broken, Mended []Effect
}

// An Effect is one question with its answers before and after.
type Effect struct {
	Question      Question
	Trial         *Trial // nil when it is an ask of a fact or a recent question
	Before, After Answer
}

// Effects compares the answers of the facts in use with those of the proposed: to all trials, to all asks of both, and to the recent questions
// given, such as gaps. The same question is compared once. A large base has more questions than can be compared while somebody waits; then it is
// those that share most words with the facts that change, rare words above all; up to half of them trials, if there are as many. The same proposal has the same effects.
//
// A proposal that is not [Proposal.OK] is an error; else the error is ctx's.
func (p *Proposal) Effects(ctx context.Context, recent []Question) (Effects, error) {
	if !p.OK() {
		return Effects{}, errors.New("effects: the proposal has problems")
	}
	if p.next == nil {
		now := p.base.current()
		next, err := nextGeneration(ctx, p.set, now.model, now.vectors, now, nil)
		if err != nil {
			return Effects{}, err
		}
		p.next = next
	}
	for {
		old := p.base.Set()
		all := questionsOf(old, p.set, recent)
		asked := nearestTo(all, Compare(old, p.set), limit(len(p.set.Facts)))
		before, err := p.base.answers(ctx, old, asked)
		if errors.Is(err, errMoved) {
			continue // reloaded meanwhile, which takes longer than this
		}
		if err != nil {
			return Effects{}, err
		}
		after, err := answers(ctx, asked, func(ctx context.Context, q Question) (Answer, error) {
			q.Sure = cmp.Or(q.Sure, p.base.sure)
			return p.next.ask(ctx, q)
		})
		if err != nil {
			return Effects{}, err
		}
		e := Effects{Asked: len(asked), Of: len(all)}
		for i, q := range asked {
			e.add(Effect{q.Question, q.trial, before[i], after[i]})
		}
		return e, nil
	}
}

// add puts an effect into the lists it belongs to.
func (e *Effects) add(x Effect) {
	was, is := x.Before.Answered(), x.After.Answered()
	switch {
	case was && !is:
		e.Silent = append(e.Silent, x)
	case !was && is:
		e.Answered = append(e.Answered, x)
	case was && is && !slices.EqualFunc(x.Before.Sentences(), x.After.Sentences(), func(a, b Sentence) bool {
		return a.Fact.ID == b.Fact.ID && a.Fact.Revision() == b.Fact.Revision()
	}):
		e.Changed = append(e.Changed, x)
	}
	if x.Trial != nil {
		switch passed, passes := x.Trial.passes(x.Before), x.Trial.passes(x.After); {
		case passed && !passes:
			e.Broken = append(e.Broken, x)
		case !passed && passes:
			e.Mended = append(e.Mended, x)
		}
	}
}

// limit is how many questions are compared where a base has as many facts.
func limit(facts int) int {
	cost := askCost + 2*askCostFact*time.Duration(facts)
	return max(minCompared, min(maxCompared, int(compareFor/cost)))
}

// A comparedQuestion is a question that is asked before and after.
type comparedQuestion struct {
	Question
	trial *Trial
}

// questionsOf lists the questions of both sets and the recent ones, each once.
func questionsOf(old, new *Set, recent []Question) []comparedQuestion {
	var all []comparedQuestion
	seen := map[string]bool{}
	add := func(q Question, t *Trial) {
		key := sameQuestion(q.Text) + fmt.Sprintf("%q", q.History)
		if !seen[key] {
			seen[key] = true
			all = append(all, comparedQuestion{Question{Text: q.Text, History: q.History}, t})
		}
	}
	for i := range new.Trials {
		t := &new.Trials[i]
		add(Question{Text: t.Ask, History: t.After}, t)
	}
	for _, set := range []*Set{new, old} { // of facts that would go, too
		for _, f := range set.Facts {
			for _, ask := range f.Asks {
				add(Question{Text: ask}, nil)
			}
		}
	}
	for _, q := range recent {
		add(q, nil)
	}
	return all
}

// nearestTo returns at most n of the questions, in their order: those that share most with the facts that differ. Trials go first, up to half of n: that
// one would break must be seen.
func nearestTo(all []comparedQuestion, differences []Difference, n int) []comparedQuestion {
	if len(all) <= n {
		return all
	}
	in := make([][]string, len(all)) // the words of each question
	df := map[string]int{}           // in how many questions a word is
	for i, q := range all {
		in[i] = plainWords(q.Text + " " + strings.Join(q.History, " "))
		for _, w := range in[i] {
			df[w]++
		}
	}
	about := map[string]bool{}
	for _, d := range differences {
		for _, f := range []*Fact{d.Old, d.New} {
			if f != nil {
				for _, w := range plainWords(strings.Join(slices.Concat([]string{f.Text, f.SaidBy}, f.Asks, f.NotAsks), " ")) {
					about[w] = true
				}
			}
		}
	}
	share := make([]float64, len(all))
	order := make([]int, len(all))
	for i := range all {
		order[i] = i
		for _, w := range in[i] {
			if about[w] {
				share[i] += math.Log(float64(1+len(all)) / float64(df[w]))
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case share[a] > share[b]:
			return -1
		case share[a] < share[b]:
			return 1
		}
		return 0
	})
	trials := 0
	rank := map[int]int{} // trials that go first
	for i, k := range order {
		if all[k].trial != nil && trials < n/2 {
			trials++
			rank[k] = i - len(all)
		} else {
			rank[k] = i
		}
	}
	slices.SortFunc(order, func(a, b int) int { return rank[a] - rank[b] })
	order = order[:n]
	slices.Sort(order)
	some := make([]comparedQuestion, n)
	for i, k := range order {
		some[i] = all[k]
	}
	return some
}

// plainWords gives the different words of a text, in lower case.
func plainWords(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !language.IsWordRune(r) && !unicode.Is(unicode.Mc, r) })
	slices.Sort(words)
	return slices.Compact(words)
}

// answers asks all the questions, many at once.
func answers(ctx context.Context, all []comparedQuestion, ask func(context.Context, Question) (Answer, error)) ([]Answer, error) {
	out := make([]Answer, len(all))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, q := range all {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() (err error) {
			out[i], err = ask(groupCtx, q.Question)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, ctx.Err()
}

// answers gives the answers of the facts in use, which must be those of the set all the while; else the error is errMoved. Between two questions
// the facts may be reloaded, so that nobody waits for all of them.
func (b *Base) answers(ctx context.Context, set *Set, all []comparedQuestion) ([]Answer, error) {
	return answers(ctx, all, func(ctx context.Context, q Question) (Answer, error) {
		b.mu.RLock()
		defer b.mu.RUnlock()
		if b.cur.set != set {
			return Answer{}, errMoved
		}
		q.Sure = cmp.Or(q.Sure, b.sure)
		return b.cur.ask(ctx, q)
	})
}
