package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"

	"footnote/knowledge/language"
	"footnote/knowledge/rank"
)

// A Question is what a member asks.
type Question struct {
	Text       string
	History    []string // earlier questions of the same member's dialogue, oldest first
	Sure       Sureness // how sure to be to answer; empty: as the base was opened with
	Candidates int      // how many candidates the answer should hold
	Explain    bool     // whether the candidates should hold the parts of their scores
}

// Sureness is how sure the bot is to be of a fact to answer with it.
type Sureness string

// How sure to be. What each is worth, `footnote eval` prints.
const (
	Careful  Sureness = "careful"
	Balanced Sureness = "balanced"
	Generous Sureness = "generous"
)

// Surenesses lists them, the most careful first.
var Surenesses = [...]Sureness{Careful, Balanced, Generous}

// ask answers a question from the facts of the generation.
func (g *generation) ask(ctx context.Context, q Question) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	a := Answer{Kind: Declined, Question: language.Clean(q.Text), Version: g.set.Version, Language: language.Detect(q.Text, g.mainLanguage())}
	r := language.Of(a.Language).Read(q.Text, nil)
	switch {
	case len(r.Tokens) == 0:
		a.Kind, a.Message = Unreadable, messageUnreadable
		return a, nil
	case g.has(q.Text):
		// Not a greeting and not two questions, whatever it looks like: some fact has it among its asks.
	case r.Kind == language.Overview:
		if facts := g.overview(); len(facts) > 0 {
			a.Kind, a.Confidence = Overview, 1
			a.say(facts...)
			return a, nil
		}
	case r.Kind != language.Asks:
		a.Kind = Kind(r.Kind)
		a.Message = kindMessages[a.Kind]
		return a, nil
	case len(r.Parts) > 1:
		if done, err := g.parts(ctx, q, r.Parts, &a); done || err != nil {
			return a, err
		}
	}
	best, err := g.judge(ctx, q.Text, q.History, true)
	if err != nil {
		return Answer{}, err
	}
	g.decide(&a, q, best)
	return a, nil
}

// mainLanguage is that of most facts.
func (g *generation) mainLanguage() string {
	tag, most := "en", 0
	for _, x := range g.indexes {
		if len(x.facts) > most {
			tag, most = x.Language().Tag, len(x.facts)
		}
	}
	return tag
}

// has reports whether some fact has the message among its asks, word for word.
func (g *generation) has(text string) bool {
	return slices.ContainsFunc(g.indexes, func(x *index) bool { return x.Asked(text) })
}

// parts answers each of several questions in one message by itself, and reports whether it answered any that the message as a whole doesn't. A later part is read with the
// earlier ones, as a follow-up would be. The answer names those that are still open.
func (g *generation) parts(ctx context.Context, q Question, parts []string, a *Answer) (bool, error) {
	var facts []*Fact
	var open []string
	sure := 1.0
	history := slices.Clone(q.History)
	for _, p := range parts {
		j, err := g.judge(ctx, p, history, true)
		if err != nil {
			return false, err
		}
		history = append(history, p)
		if !j.sure(g.model, q.Sure) {
			open = append(open, p)
			continue
		}
		sure = min(sure, j.confidence())
		for _, f := range g.choose(j) {
			if !slices.Contains(facts, f) && len(facts) < maxSentences {
				facts = append(facts, f)
			}
		}
	}
	if len(facts) == 0 {
		return false, nil
	}
	var whole *judged
	if len(open) > 0 || q.Candidates > 0 || q.Explain {
		var err error
		if whole, err = g.judge(ctx, q.Text, q.History, true); err != nil {
			return false, err
		}
		if len(open) > 0 && whole.sure(g.model, q.Sure) {
			return false, nil
		}
	}
	a.Kind, a.Confidence, a.Open = Answered, sure, open
	a.say(facts...)
	if len(open) > 0 {
		a.Message = messageOpen + " “" + strings.Join(open, "”, “") + "”."
	}
	if j := whole; q.Candidates > 0 || q.Explain {
		a.Candidates = j.candidates(q, g.model)
		a.Matched, a.Missed = j.words()
	}
	return true, nil
}

// A judged is how the facts of one index came out for a question.
type judged struct {
	x      *index
	table  *rank.Table
	v      rank.Verdict
	before string // the question before it, with which it may have been read
	text   string
}

// judge ranks the facts of every index for the question after earlier ones, and gives the ranking that is surest of its first fact. It is nil when there are no
// facts. Where deep is false, a first look is enough.
func (g *generation) judge(ctx context.Context, text string, history []string, deep bool) (*judged, error) {
	var best *judged
	for _, x := range g.indexes {
		j, err := g.judgeIn(ctx, x, text, history, deep)
		if err != nil {
			return nil, err
		}
		if best == nil || j.v.Exact && !best.v.Exact || j.v.Exact == best.v.Exact && j.first() > best.first() {
			best = j
		}
	}
	return best, nil
}

// judgeIn ranks the facts of one index. Where deep is false the first look is enough.
func (g *generation) judgeIn(ctx context.Context, x *index, text string, history []string, deep bool) (*judged, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	before := ""
	var near []int
	if n := len(history); n > 0 {
		before = history[n-1]
		if n > 1 {
			if r := x.Language().Read(before, nil); r.Leans() && len(r.Units) <= 2 {
				before = history[n-2] + " " + before
			}
		}
		last, err := g.judgeIn(ctx, x, before, nil, false)
		if err != nil {
			return nil, err
		}
		if last.first() >= nearLast {
			near = []int{last.v.Facts[0].Doc}
		}
	}
	tag := x.Language().Tag
	foreign := language.Detect(text+" "+before, tag) != tag
	q, err := x.Question(text, before, near, foreign, g.vectors.questions)
	if err != nil {
		return nil, err
	}
	t := x.Evidence(q)
	v := g.model.Judge(t)
	if deep {
		v = g.model.Reread(t, v, g.vectors.reads)
	}
	return &judged{x: x, table: t, v: v, before: before, text: text}, nil
}

// nearLast is how likely a fact must have answered the question before for it, and those beside it, to count.
const nearLast = 0.2

// first is the probability that the first fact answers.
func (j *judged) first() float64 {
	if j == nil || len(j.v.Facts) == 0 {
		return 0
	}
	return j.v.Facts[0].Probability
}

// confidence is first, as it is told.
func (j *judged) confidence() float64 { return math.Round(j.first()*1e4) / 1e4 }

// sure reports whether the first fact is likely enough to be the answer.
func (j *judged) sure(m *rank.Model, how Sureness) bool {
	if j == nil || len(j.v.Facts) == 0 || j.v.Facts[0].Barred {
		return false
	}
	from, ok := m.Of(j.table).Sure[string(how)]
	if !ok { // not said, or a word that is none of them
		from = m.Of(j.table).Sure[string(Balanced)]
	}
	return j.confidence() >= from
}

// fact is the fact at a place of the ranking.
func (j *judged) fact(i int) *Fact { return j.x.facts[j.v.Facts[i].Doc] }

// decide makes the answer out of a ranking.
func (g *generation) decide(a *Answer, q Question, j *judged) {
	if j == nil || len(j.v.Facts) == 0 {
		a.Message = messageEmpty
		return
	}
	a.Confidence = j.confidence()
	a.Candidates = j.candidates(q, g.model)
	if j.v.Facts[0].Row.Joined() {
		a.Reading = language.Clean(j.text) + " — after “" + language.Clean(j.before) + "”"
	}
	if q.Explain {
		a.Matched, a.Missed = j.words()
	}
	if j.sure(g.model, q.Sure) {
		a.Kind = Answered
		a.say(g.choose(j)...)
		return
	}
	if a.Offers, a.Kind = g.offers(j); len(a.Offers) > 0 {
		a.Message = messageNear
		if a.Kind == Choose {
			a.Message = messageChoose
		}
		return
	}
	a.Kind = Declined
	a.Uncovered = j.table.Uncovered(g.vectors.knows)
	a.Suggestions = j.suggest(2)
	a.Message = declineMessage(a.Uncovered)
}

// choose returns the facts to say, best first: the best one, what holds in its place where it is superseded, and up to two more where facts dispute one another.
func (g *generation) choose(j *judged) []*Fact {
	fact := j.fact(0)
	if next := g.successor(fact); next != nil {
		return []*Fact{next, fact}
	}
	facts := []*Fact{fact}
	if fact.Status != Disputed {
		return facts
	}
	for i := range j.v.Facts {
		f := j.fact(i)
		if f != fact && f.Status == Disputed && shareTopic(fact, f) && j.v.Facts[i].Probability >= disputeFrom && len(facts) < maxSentences {
			facts = append(facts, f)
		}
	}
	return facts
}

// disputeFrom is how likely a fact must be to answer, to stand beside one that it disputes: they are no rivals.
const disputeFrom = 0.2

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

func shareTopic(a, b *Fact) bool {
	return slices.ContainsFunc(a.Topics, func(t string) bool { return slices.Contains(b.Topics, t) })
}

// maxOffers is how many facts are offered where the bot is not sure. Discord shows five buttons in a row; the fifth is "None of these".
const maxOffers = 4

// offers returns the facts worth a look where no fact is surely the answer, best first, and whether the first is quoted as the closest or they are equally near; none
// where even the first is unlikely.
func (g *generation) offers(j *judged) ([]Offer, Kind) {
	if s := g.model.Of(j.table); j.v.About < s.About || 1-j.v.None < s.Near {
		return nil, Declined
	}
	first := j.first()
	kind := Near
	var out []Offer
	for i := range j.v.Facts {
		s := &j.v.Facts[i]
		if len(out) == maxOffers || i > 0 && s.Probability < g.model.Offer*first {
			break
		}
		f, question := j.fact(i), j.question(i)
		if next := g.successor(f); next != nil {
			if question == f.Text {
				question = next.Text // not what holds no more
			}
			f = next
		}
		if slices.ContainsFunc(out, func(o Offer) bool { return o.Fact == f }) {
			continue
		}
		if i == 1 && s.Probability >= g.model.Tie*first {
			kind = Choose
		}
		out = append(out, Offer{Fact: f, Question: question, Confidence: math.Round(s.Probability*1e4) / 1e4})
	}
	if len(out) < 2 {
		kind = Near
	}
	return out, kind
}

// question is the question that a fact answers, for a button: of its asks the nearest that is written out, else the nearest; its text where it has none.
func (j *judged) question(i int) string {
	f := j.fact(i)
	asks := j.table.Nearest(j.v.Facts[i].Doc)
	if len(asks) == 0 {
		return f.Text
	}
	for _, k := range asks {
		if writtenOut(f.Asks[k]) {
			return f.Asks[k]
		}
	}
	return f.Asks[asks[0]]
}

// suggest returns at most n known questions that are near, of different facts.
func (j *judged) suggest(n int) []Suggestion {
	var out []Suggestion
	for i := range j.v.Facts {
		if len(out) == n || i > 2*n {
			break
		}
		if f := j.fact(i); len(f.Asks) > 0 && f.Status != Superseded && j.v.Facts[i].Probability > suggestFrom {
			out = append(out, Suggestion{Question: j.question(i), Fact: f})
		}
	}
	return out
}

// suggestFrom is how likely a fact must be at the least for its question to be suggested when the bot declines.
const suggestFrom = 0.05

// candidates lists the best facts of a ranking, as many as were asked for.
func (j *judged) candidates(q Question, m *rank.Model) []Candidate {
	if j == nil {
		return nil
	}
	var out []Candidate
	for i := range j.v.Facts[:min(len(j.v.Facts), max(0, q.Candidates))] {
		s := &j.v.Facts[i]
		c := Candidate{Fact: j.fact(i), Score: math.Round(s.Probability*1e4) / 1e4}
		if q.Explain {
			for _, p := range m.Explain(j.table, s) {
				c.Parts = append(c.Parts, Part(p))
			}
		}
		out = append(out, c)
	}
	return out
}

// words splits the words of the question, as they were written, into those that the first fact or one of its asks covers and those that neither does.
func (j *judged) words() (matched, missed []string) {
	if j == nil || len(j.v.Facts) == 0 {
		return nil, nil
	}
	return j.table.Words(&j.v.Facts[0])
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
	messageNear       = "The closest I have; it may not answer you:"
	messageChoose     = "I can't tell which of these you mean."
	messageOpen       = "I have no sure answer to"
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
