package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
	read := g.read(q.Text)
	r := g.english(q.Text, read)
	exact := g.exactly(read)
	switch {
	case len(r.tokens) == 0:
		a.Kind = Unreadable
		a.Message = messageUnreadable
		return a, nil
	case exact:
		// Not a greeting and not two questions, whatever it looks like: some fact has it among its asks.
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
	if !exact {
		if facts, sure, err := g.parts(ctx, q, r.parts); err != nil {
			return Answer{}, err
		} else if len(facts) > 1 {
			a.Kind, a.Confidence = Answered, sure
			a.say(facts...)
			return a, g.candidatesOnly(ctx, q, read, &a)
		}
	}
	best, err := g.best(ctx, read, q.History)
	if err != nil || best == nil {
		a.Message = messageEmpty
		return a, err
	}
	if best.confidence < g.model.threshold(best.cands) {
		if c, err := g.clause(ctx, q, best); err != nil {
			return Answer{}, err
		} else if c != nil {
			best.done()
			best = c
		}
	}
	g.fill(&a, q, best)
	best.done()
	return a, nil
}

// read gives a text as each index reads it.
func (g *generation) read(text string) []reading {
	out := make([]reading, len(g.indexes))
	for i, x := range g.indexes {
		out[i] = x.lang.read(text)
	}
	return out
}

// english is a text read as English, as whether it is a question at all is told. The index of that language, which may know more phrases than the
// word list, has read it the same but for them.
func (g *generation) english(text string, read []reading) reading {
	if i := slices.IndexFunc(g.indexes, func(x *index) bool { return x.lang.words != nil }); i >= 0 {
		return read[i]
	}
	return englishWords().read(text, englishWords().groupWord)
}

// parts answers each of several questions in one message, and returns the facts when every one is answered, with the least confidence. A
// later part is read with the earlier ones, as a follow-up would be.
func (g *generation) parts(ctx context.Context, q Question, parts []string) (facts []*Fact, sure float64, err error) {
	sure = 1
	history := slices.Clone(q.History)
	for _, p := range parts {
		r, err := g.best(ctx, g.read(p), history)
		if err != nil || r == nil || r.confidence < g.model.threshold(r.cands) {
			return nil, 0, err
		}
		history = append(history, p)
		sure = min(sure, r.confidence)
		for _, f := range g.choose(r) {
			if !slices.Contains(facts, f) && len(facts) < maxSentences {
				facts = append(facts, f)
			}
		}
		r.done()
	}
	return facts, math.Round(sure*1e4) / 1e4, nil
}

// candidatesOnly adds the candidates for the message as a whole, where they were asked for.
func (g *generation) candidatesOnly(ctx context.Context, q Question, read []reading, a *Answer) error {
	if q.Candidates == 0 && !q.Explain {
		return nil
	}
	r, err := g.best(ctx, read, q.History)
	if err != nil {
		return err
	}
	a.Candidates = g.candidates(q, r)
	if q.Explain {
		a.Matched, a.Missed = r.words(a.sentences[0].Fact)
	}
	return nil
}

// candidates lists the best facts of a ranking, as many as were asked for.
func (g *generation) candidates(q Question, r *result) []Candidate {
	var out []Candidate
	for _, s := range r.cands[:min(len(r.cands), max(0, q.Candidates))] {
		c := Candidate{Fact: r.a.x.docs[s.doc].fact, Score: math.Round(s.score*1e4) / 1e4}
		if q.Explain {
			c.Parts = g.explain(r, s)
		}
		out = append(out, c)
	}
	return out
}

// A result is how the facts of one index came out for a question.
type result struct {
	a          *asking
	cands      []*scored
	confidence float64
	reading    string // how it was read, where earlier questions were used
	exact      bool   // the first fact has the question among its asks, word for word
	not        bool   // some fact has it among its not_asks, word for word
}

// best ranks the facts of every index for the question as each reads it, after those before, and returns the ranking that is surest of itself; nil
// when there are no facts.
func (g *generation) best(ctx context.Context, read []reading, history []string) (*result, error) {
	var best *result
	for i, x := range g.indexes {
		r, err := g.dialogue(ctx, x, read[i], history)
		if err != nil {
			return nil, err
		}
		if best == nil || r.exact && !best.exact || r.exact == best.exact && r.confidence > best.confidence {
			best = r
		}
	}
	return best, nil
}

// dialogue ranks the facts for a question after earlier ones. The fact that answered the one before is told to the ranker; its words are read
// with those of a question that leans on it.
func (g *generation) dialogue(ctx context.Context, x *index, r reading, history []string) (*result, error) {
	if len(history) == 0 {
		return g.rank(ctx, x, r, nil)
	}
	history = history[max(0, len(history)-maxHistory):]
	last := history[len(history)-1]
	before, err := g.dialogue(ctx, x, x.lang.read(last), history[:len(history)-1])
	if err != nil {
		return nil, err
	}
	var near []int
	if len(before.cands) > 0 {
		near = []int{before.cands[0].doc}
	}
	alone, err := g.rank(ctx, x, r, near)
	if err != nil || !r.leans() || alone.exact {
		return alone, err
	}
	with, err := g.rank(ctx, x, joinUnits(r, before.a), near)
	if err != nil {
		return nil, err
	}
	if len(r.units) > 1 && !r.opening && !r.turn && alone.confidence >= g.model.threshold(alone.cands) && alone.confidence > with.confidence {
		return alone, nil
	}
	if len(r.units) == 0 && r.typ == askWhat && !r.opening && !r.turn {
		with.confidence /= 2 // "what is the of it": it leans, but says nothing
	}
	with.reading = r.text + " — after “" + before.a.r.text + "”"
	return with, nil
}

// joinUnits reads a question with the one before: what it says itself counts in full, what the earlier one said counts for less. A new
// name or number takes the place of the old ones: "and in 2022?" no longer asks about 2010.
func joinUnits(r reading, before *asking) reading {
	joined := r
	joined.units = slices.Clone(r.units)
	isName := func(u unit) bool { return u.name || before.x.isNamed(u.term) }
	named := slices.ContainsFunc(r.units, isName)
	counted := slices.ContainsFunc(r.units, func(u unit) bool { return u.num })
	for _, w := range before.units {
		u := w.unit
		known := slices.ContainsFunc(r.units, func(v unit) bool { return v.term == u.term })
		replaced := r.opening && (isName(u) && named || u.num && counted)
		if known || replaced || len(joined.units) == maxUnits {
			continue
		}
		u.old = true
		joined.units = append(joined.units, u)
	}
	if r.typ == askWhat && r.opening && len(r.units) > 0 && before.type_ != askYesNo && !r.saysWhat() {
		joined.typ = before.type_
	}
	return joined
}

// saysWhat reports whether a question says itself what it asks for: "and what happens to the ferry?" does, "and the ferry?" and "what about
// the ferry?" don't.
func (r *reading) saysWhat() bool {
	for i, t := range r.tokens {
		if t.word == "what" || t.word == "which" {
			return i+1 == len(r.tokens) || r.tokens[i+1].word != "about" && r.tokens[i+1].word != "of"
		}
	}
	return false
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
	exact, not := x.exact.of(x.lang.verbatim(r))
	res := &result{a: a, exact: len(exact) > 0, not: len(not) > 0}
	if x.search != nil && res.exact {
		docs = append(docs, exact...)
		slices.Sort(docs)
		docs = slices.Compact(docs)
	}
	if len(docs) == 0 {
		return res, nil
	}
	res.cands = a.rank(docs)
	g.model.score(a, res.cands)
	res.putFirst(exact, not)
	res.confidence = g.model.confidence(a, res.cands)
	if res.confidence < sameSure && res.sameWords() {
		res.confidence = sameSure
	}
	if res.swapped() {
		res.confidence *= swappedShare
	}
	if a.namesStranger() {
		res.confidence *= strangerShare
	}
	if n := len(a.units); n == maxUnits { // not a question any more; there were none like it to learn from
		res.confidence *= float64(res.covered()) / float64(n)
	}
	if res.exact {
		res.confidence = max(res.confidence, exactSure/float64(len(exact)), g.model.threshold(res.cands))
	}
	return res, nil
}

// namesStranger reports whether the question holds a name that no fact does.
func (a *asking) namesStranger() bool {
	return slices.ContainsFunc(a.units, func(w weighed) bool {
		return !w.reach && !w.old && (w.name || w.token > 0 && startsUpper(a.r.tokens[w.token].raw))
	})
}

// strangerShare is how much likelihood is left where somebody or some place is asked about that no fact names.
const strangerShare = 0.6

// covered counts the words of the question that the best fact covers.
func (r *result) covered() (words int) {
	for u := range r.a.units {
		if r.cands[0].ever[u] >= missing {
			words++
		}
	}
	return words
}

// swapped reports whether the best fact lacks a telling word of the question that other facts have, while it has so few asks that they can't be
// taken to show all ways to put it: "how much will the ferry cost?" is all of "how much will the bridge cost?" but for the word that
// matters. The decider was trained on facts with no asks, where questions have words of their own anyway, and with many.
func (r *result) swapped() bool {
	if len(r.cands) == 0 {
		return false
	}
	top := r.cands[0]
	if n := len(r.a.x.docs[top.doc].asks); n == 0 || n > fewAsks {
		return false
	}
	for u := range r.a.units {
		w := &r.a.units[u]
		if w.reach && w.rare >= swappedRare && !w.old && !w.soft && !w.filler && top.ever[u] < missing {
			return true
		}
	}
	return false
}

// How much likelihood is left to such a fact: less than an answer needs. And how telling in English the word must be: "ferry" and "neighbours" are,
// "say" and "new" are not. Chosen by hand; on the article's facts, which have many asks, it changes nothing.
const (
	fewAsks      = 8
	swappedShare = 0.4
	swappedRare  = 0.6
)

// candidates returns the facts to score, in the order of the base: all of a small one, what a search finds in a large one
// with the rest of their paragraphs.
func (x *index) candidates(ctx context.Context, a *asking) ([]int, error) {
	if x.search == nil {
		docs := make([]int, len(x.docs))
		for i := range docs {
			docs[i] = i
		}
		return docs, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found := x.search.find(a, searchSize)
	if len(found) == 0 { // none has a word of the question; it is declined for that, and not for want of facts
		found = append(found, 0)
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
	a.Candidates = g.candidates(q, r)
	if len(r.cands) == 0 {
		a.Message = messageEmpty
		return
	}
	if r.confidence >= g.model.threshold(r.cands) {
		a.Kind = Answered
		a.say(g.choose(r)...)
		if q.Explain {
			a.Matched, a.Missed = r.words(r.a.x.docs[r.cands[0].doc].fact)
		}
		return
	}
	if a.Choices = g.ties(r); a.Choices != nil {
		a.Message = messageTie
		return
	}
	a.Uncovered, a.Nowhere = r.uncovered()
	a.Suggestions = r.suggest(2)
	a.Message = declineMessage(a.Uncovered, a.Nowhere)
}

// choose returns the facts to say, best first: the best one, and up to two more where they answer a part of the question that it
// leaves open, or where facts dispute one another.
func (g *generation) choose(r *result) []*Fact {
	top := r.cands[0]
	fact := r.a.x.docs[top.doc].fact
	if next := g.successor(fact); next != nil {
		return []*Fact{next, fact}
	}
	facts := []*Fact{fact}
	n := len(r.a.units)
	var covered [maxUnits]float32
	copy(covered[:n], top.m.got[:n])
	merge(covered[:n], top.askGot[:n])
	for _, s := range r.cands[1:] {
		f := r.a.x.docs[s.doc].fact
		switch {
		case len(facts) == maxSentences:
			return facts
		case f.Status == Superseded:
			continue
		case fact.Status == Disputed && f.Status == Disputed && shareTopic(fact, f) && top.score-s.score < disputeGap:
		case strings.Contains(r.a.r.text, " and ") && top.score-s.score < partGap && r.a.opens(s, covered[:n]) >= partShare:
		default:
			continue
		}
		facts = append(facts, f)
		merge(covered[:n], s.m.got[:n])
		merge(covered[:n], s.askGot[:n])
	}
	return facts
}

// successor gives the fact that holds now in the place of a superseded one, through any number of corrections; nil when none does.
// The files are checked for circles.
func (g *generation) successor(f *Fact) *Fact {
	var last *Fact
	for f.Status == Superseded {
		f = g.set.Fact(f.SupersededBy)
		if f == nil || f.Status == Withdrawn {
			break
		}
		last = f
	}
	return last
}

// How much lower a fact's score may be to be said beside the best, and which part of the question it must add. A second sentence that adds
// nothing is worse than none, so they are strict; the trials with two questions in one chose them.
const (
	partGap    = 6.0
	partShare  = 0.25
	disputeGap = 4.0
)

// opens is the part of the question that the fact covers and those said already don't.
func (a *asking) opens(s *scored, covered []float32) float64 {
	if a.telling == 0 {
		return 0
	}
	more := 0.0
	for u := range a.units {
		if g := max(s.m.got[u], s.askGot[u]); g > covered[u] && !a.units[u].old {
			more += a.units[u].telling * float64(g-covered[u])
		}
	}
	return more / a.telling
}

func shareTopic(a, b *Fact) bool {
	return slices.ContainsFunc(a.Topics, func(t string) bool { return slices.Contains(b.Topics, t) })
}

// ties returns, for a question that can't be told between facts close together, the question that each answers: at least two and at most
// four, or none.
func (g *generation) ties(r *result) []Suggestion {
	if len(r.cands) < 2 || r.confidence < g.model.threshold(r.cands)*tieShare {
		return nil
	}
	var out []Suggestion
	for _, s := range r.cands {
		if len(out) == maxChoices || r.cands[0].score-s.score > tieGap {
			break
		}
		if s.ask.near >= tieNear && s.not.near <= s.ask.near {
			out = append(out, Suggestion{Question: r.a.presentable(s), Fact: r.a.x.docs[s.doc].fact})
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// When facts are offered to choose from: not quite sure of the first (at least this share of the threshold: two that share the likelihood each have less), others within the gap, and each
// with a known question as near as this. Discord shows five buttons in a row; the fifth is "None of these".
const (
	tieShare   = 0.2
	tieGap     = 1.5
	tieNear    = 0.5
	maxChoices = 4
)

// uncovered returns the words of the question that no fact covers, or, where each is covered by some fact, those that the best one lacks;
// the rarest first. nowhere reports the former.
func (r *result) uncovered() (missed []string, nowhere bool) {
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
	nowhere = len(out) > 0
	if !nowhere {
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
	for _, m := range out[:min(len(out), 3)] {
		missed = append(missed, m.word)
	}
	return missed, nowhere
}

// words splits the words of the question, as they were written and in its order, into those that the fact or one of its asks covers and
// those that neither does. What only an earlier question said is left out.
func (r *result) words(f *Fact) (matched, missed []string) {
	at := slices.IndexFunc(r.cands, func(s *scored) bool { return r.a.x.docs[s.doc].fact == f })
	if at < 0 {
		return nil, nil
	}
	for u := range r.a.units {
		t := &r.a.units[u]
		if t.old { // a word of another question, whose tokens are not these
			continue
		}
		if word := r.a.r.tokens[t.token].raw; max(r.cands[at].m.got[u], r.cands[at].askGot[u]) >= missing {
			matched = append(matched, word)
		} else {
			missed = append(missed, word)
		}
	}
	return matched, missed
}

// suggestNear is how near a known question must be to be suggested.
const suggestNear = 0.4

// suggest returns known questions that are near, at most n, of different facts.
func (r *result) suggest(n int) []Suggestion {
	var out []Suggestion
	near := slices.Clone(r.cands)
	sortScored(near, func(s *scored) float64 { return s.ask.near })
	for _, s := range near {
		if len(out) == n || s.ask.near < suggestNear {
			break
		}
		if f := r.a.x.docs[s.doc].fact; s.not.near <= s.ask.near {
			out = append(out, Suggestion{Question: r.a.presentable(s), Fact: f})
		}
	}
	return out
}

// presentableNear is how near an ask must be to be suggested in place of the nearest, as a part of that one's nearness.
const presentableNear = 0.7

// presentable returns the ask of a fact that is suggested: of those about as near as the nearest, the nearest that is written as a question is, with a
// capital and a question mark. The others ("when r they opening") are there to be matched.
func (a *asking) presentable(s *scored) string {
	best, text := presentableNear*s.ask.near, s.nearest.text
	if writtenOut(text) {
		return text
	}
	d := &a.x.docs[s.doc]
	c := a.compare(d)
	for _, k := range c.shared {
		if k >= len(d.asks) || !writtenOut(d.asks[k].text) {
			continue
		}
		if near := a.nearness(&d.asks[k], c.row(k, len(a.units)), c.used[k]).near; near > best {
			best, text = near, d.asks[k].text
		}
	}
	return text
}

// writtenOut reports whether the text begins with no lower-case letter and ends with a question mark.
func writtenOut(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return !unicode.IsLower(first) && (strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？"))
}

// explain gives the features of a candidate, and what each adds to its score through the linear part of the ranker.
func (g *generation) explain(r *result, s *scored) []Part {
	d := g.model.ranker(r.cands)
	var out []Part
	for k, name := range featureNames {
		if s.f[k] == 0 {
			continue
		}
		out = append(out, Part{Name: name, Value: float64(s.f[k]), Adds: float64(d.Network.Linear[k] * s.f[k] * d.Scale[k])})
	}
	if s.taught {
		out = append(out, Part{Name: "taught", Value: s.share, Adds: g.model.Taught.Share * r.a.lesson.gain(s.share)})
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
	messageTie        = "I can't tell which of these you mean."
	messageEmpty      = "There are no facts loaded that I could answer from."
)

var kindMessages = map[Kind]string{
	Greeting: "Hello! Ask me a question and I answer with sentences from the facts, each with its source. Try: what is this about?",
	Thanks:   "You're welcome!",
	Help:     "Ask me a question in your own words. I answer only with sentences that moderators keep as facts, and cite each one; when the facts don't say, I tell you so. Try: what is this about?",
}

func declineMessage(uncovered []string, nowhere bool) string {
	list := "“" + strings.Join(uncovered, "”, “") + "”"
	switch {
	case len(uncovered) == 0:
		return "The facts don't say."
	case nowhere:
		return "The facts don't say: none of them covers " + list + "."
	}
	return "The facts don't say: what comes nearest has nothing on " + list + "."
}
