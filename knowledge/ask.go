package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"
)

// A Question is what a member asks.
type Question struct {
	Text       string
	History    []string // earlier questions of the same member's dialogue, oldest first
	Candidates int      // how many candidates the answer should hold
	Explain    bool     // whether the candidates should hold the parts of their scores
}

// maxHistory is how many earlier questions of a dialogue are looked at: what was asked longer ago misleads more often than it helps.
const maxHistory = 3

// ask answers a question from the facts of the generation.
func (g *generation) ask(ctx context.Context, q Question) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	a := Answer{Question: cleanQuestion(q.Text), Version: g.set.Version, Kind: Declined}
	r := englishWords().read(q.Text, englishWords().groupWord)
	switch {
	case len(r.tokens) == 0:
		a.Kind = Unreadable
		a.Message = messageUnreadable
		return a, nil
	case r.kind == Greeting, r.kind == Thanks, r.kind == Help:
		a.Kind = r.kind
		a.Message = kindMessages[r.kind]
		return a, nil
	case r.kind == Overview:
		if facts := g.overview(); len(facts) > 0 {
			a.Kind = Overview
			a.Confidence = 1
			a.say(facts...)
			return a, nil
		}
	}
	best, err := g.best(ctx, q)
	if err != nil || best == nil {
		a.Message = messageEmpty
		return a, err
	}
	g.fill(&a, q, best)
	return a, nil
}

// A result is how the facts of one index came out for a question.
type result struct {
	a          *asking
	cands      []*scored
	confidence float64
	reading    string // how it was read, where earlier questions were used
}

// best ranks the facts of every index, and returns the ranking that is surest of itself; nil when there are no facts.
func (g *generation) best(ctx context.Context, q Question) (*result, error) {
	var best *result
	for _, x := range g.indexes {
		r, err := g.dialogue(ctx, x, q)
		if err != nil {
			return nil, err
		}
		if best == nil || r.confidence > best.confidence {
			best = r
		}
	}
	return best, nil
}

// dialogue ranks the facts for a question, read with the earlier ones where it leans on them.
func (g *generation) dialogue(ctx context.Context, x *index, q Question) (*result, error) {
	r := x.lang.read(q.Text)
	alone, err := g.rank(ctx, x, r, nil)
	if err != nil || len(q.History) == 0 || !r.leans() {
		return alone, err
	}
	history := q.History[max(0, len(q.History)-maxHistory):]
	last := history[len(history)-1]
	before, err := g.dialogue(ctx, x, Question{Text: last, History: history[:len(history)-1]})
	if err != nil {
		return nil, err
	}
	var near []int
	if len(before.cands) > 0 && before.confidence >= g.model.Threshold/2 {
		near = []int{before.cands[0].doc}
	}
	joined := r
	joined.units = slices.Clone(r.units)
	for _, u := range before.a.units {
		known := slices.ContainsFunc(r.units, func(v unit) bool { return v.term == u.term })
		if known || len(joined.units) == maxUnits {
			continue
		}
		// A new name takes the place of an old one: "what about Lithuania?" no longer asks about Madrid.
		u := u.unit
		u.old = true
		joined.units = append(joined.units, u)
	}
	if r.typ == askWhat && r.opening && len(r.units) > 0 && before.a.type_ != askYesNo {
		joined.typ = before.a.type_
	}
	with, err := g.rank(ctx, x, joined, near)
	if err != nil {
		return nil, err
	}
	if len(r.units) > 0 && alone.confidence >= g.model.Threshold && alone.confidence > with.confidence {
		return alone, nil
	}
	with.reading = r.text + " — after “" + before.a.r.text + "”"
	return with, nil
}

// leans reports whether the question can't be read alone: it opens as a follow-up, holds a pronoun, or hardly says anything.
func (r *reading) leans() bool { return r.turn || r.opening || r.pronouns > 0 || len(r.units) <= 1 }

// rank ranks the facts of an index for a reading. near are the documents that were cited last.
func (g *generation) rank(ctx context.Context, x *index, r reading, near []int) (*result, error) {
	a := x.ready(r)
	a.near = near
	docs, err := x.candidates(ctx, a)
	if err != nil {
		return nil, err
	}
	res := &result{a: a}
	if len(docs) == 0 {
		return res, nil
	}
	res.cands = a.rank(docs)
	g.model.score(res.cands)
	res.confidence = g.model.confidence(a, res.cands)
	return res, nil
}

// candidates returns the facts to score, in the order of the base: all of a small one, what bleve finds in a large one
// with the rest of their paragraphs.
func (x *index) candidates(ctx context.Context, a *asking) ([]int, error) {
	if x.search == nil {
		docs := make([]int, len(x.docs))
		for i := range docs {
			docs[i] = i
		}
		return docs, nil
	}
	found, err := x.search.find(ctx, a.r.text, true, searchSize)
	if err != nil {
		return nil, err
	}
	var docs []int
	for _, d := range append(found, a.near...) {
		p := x.docs[d].para
		lo, hi := d, d
		for lo > 0 && x.docs[lo-1].para == p && d-lo < 8 {
			lo--
		}
		for hi+1 < len(x.docs) && x.docs[hi+1].para == p && hi-d < 8 {
			hi++
		}
		for ; lo <= hi; lo++ {
			docs = append(docs, lo)
		}
	}
	slices.Sort(docs)
	return slices.Compact(docs), nil
}

// fill makes the answer out of a ranking.
func (g *generation) fill(a *Answer, q Question, r *result) {
	a.Confidence = math.Round(r.confidence*1e4) / 1e4
	a.Reading = r.reading
	for _, s := range r.cands[:min(len(r.cands), max(0, q.Candidates))] {
		c := Candidate{Fact: r.a.x.docs[s.doc].fact, Score: math.Round(s.score*1e4) / 1e4}
		if q.Explain {
			c.Parts = g.explain(s)
		}
		a.Candidates = append(a.Candidates, c)
	}
	if len(r.cands) == 0 {
		a.Message = messageEmpty
		return
	}
	if r.confidence >= g.model.Threshold {
		a.Kind = Answered
		a.say(g.choose(r)...)
		return
	}
	a.Uncovered = r.uncovered()
	a.Suggestions = r.suggest(2)
	a.Message = declineMessage(a.Uncovered)
}

// choose returns the facts to say, best first: more than one where they answer different parts of the question.
func (g *generation) choose(r *result) []*Fact {
	top := r.cands[0]
	fact := r.a.x.docs[top.doc].fact
	facts := []*Fact{fact}
	if next := g.set.Fact(fact.SupersededBy); fact.Status == Superseded && next != nil && next.Status != Withdrawn {
		return []*Fact{next, fact}
	}
	return facts
}

// uncovered returns the words of the question that no fact covers, or, where each is covered by some fact, those that the best one lacks;
// the rarest first.
func (r *result) uncovered() []string {
	type lack struct {
		word string
		rare float64
	}
	pick := func(lacks func(u int) bool) []lack {
		var out []lack
		for u := range r.a.units {
			t := &r.a.units[u]
			if !t.old && lacks(u) {
				out = append(out, lack{r.a.r.tokens[t.token].raw, t.rare})
			}
		}
		return out
	}
	out := pick(func(u int) bool { return !r.a.units[u].reach })
	if len(out) == 0 {
		out = pick(func(u int) bool { return r.cands[0].ever[u] < missing })
	}
	slices.SortStableFunc(out, func(a, b lack) int {
		switch {
		case a.rare > b.rare:
			return -1
		case a.rare < b.rare:
			return 1
		}
		return 0
	})
	var words []string
	for _, m := range out[:min(len(out), 3)] {
		words = append(words, m.word)
	}
	return words
}

// suggest returns known questions that are near, at most n, of different facts.
func (r *result) suggest(n int) []Suggestion {
	var out []Suggestion
	near := slices.Clone(r.cands)
	sortScored(near, func(s *scored) float64 { return s.ask.near })
	for _, s := range near {
		if len(out) == n || s.ask.near < .25 {
			break
		}
		if f := r.a.x.docs[s.doc].fact; s.ask.text != "" && s.not.near <= s.ask.near {
			out = append(out, Suggestion{Question: s.ask.text, Fact: f})
		}
	}
	return out
}

// explain gives the features of a candidate, and what each adds to its score through the linear part of the ranker.
func (g *generation) explain(s *scored) []Part {
	var out []Part
	for k, name := range featureNames {
		if s.f[k] == 0 {
			continue
		}
		out = append(out, Part{Name: name, Value: float64(s.f[k]), Adds: float64(g.model.Rank.Linear[k] * s.f[k] * g.model.Scale[k])})
	}
	return out
}

// overview returns the facts that say what the base is about, at most three of them.
func (g *generation) overview() []*Fact {
	var out []*Fact
	for _, f := range g.set.Facts {
		if f.Overview && f.Status != Withdrawn && f.Status != Superseded && len(out) < maxSentences {
			out = append(out, f)
		}
	}
	return out
}

// maxSentences is how many facts an answer says at the most.
const maxSentences = 3

// What Footnote says in its own words.
const (
	messageUnreadable = "I can't read a question in that. Ask me in words, like: what is this about?"
	messageEmpty      = "There are no facts loaded that I could answer from."
)

var kindMessages = map[Kind]string{
	Greeting: "Hello! Ask me a question and I answer with sentences from the facts, each with its source. Try: what is this about?",
	Thanks:   "You're welcome!",
	Help:     "Ask me a question in your own words. I answer only with sentences that moderators keep as facts, and cite each one; when the facts don't say, I tell you so. Try: what is this about?",
}

func declineMessage(uncovered []string) string {
	if len(uncovered) == 0 {
		return "The facts don't say."
	}
	return "The facts don't say: none of them covers “" + strings.Join(uncovered, "”, “") + "”."
}
