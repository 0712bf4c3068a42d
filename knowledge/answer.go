package knowledge

import (
	"encoding/json"
)

// Kind says what sort of answer an [Answer] is.
type Kind string

// The kinds of answers.
const (
	Answered   Kind = "answered"   // sentences from facts
	Overview   Kind = "overview"   // the overview facts
	Declined   Kind = "declined"   // the facts don't say
	Greeting   Kind = "greeting"   // hello: not a question, no gap
	Thanks     Kind = "thanks"     // not a question, no gap
	Help       Kind = "help"       // how do I ask? who are you?: not a question, no gap
	Unreadable Kind = "unreadable" // nothing in it that can be read as a question
)

// An Answer is what to say to a question: sentences copied from facts, each with its citations, or none.
// Its sentences and citations can only be made together, so every [n] resolves and no citation is spare.
type Answer struct {
	Kind       Kind
	Question   string  // as asked, cleaned of markup
	Reading    string  // the question as it was read with earlier ones, where it leaned on them; else empty
	Confidence float64 // calibrated probability that the first sentence answers; given also when it declines
	Message    string  // the bot's own words: why it declined, or how to ask; empty when it answered

	Candidates  []Candidate  // the best facts, best first, also when it declines; as many as were asked for
	Uncovered   []string     // words of the question that no fact covers, as they were written
	Matched     []string     // words of the question that the first sentence or one of its asks covers, as they were written
	Suggestions []Suggestion // known questions that are near, at most two when it declines
	Choices     []Suggestion // where facts are too close to tell: which was meant? at most four
	Version     string       // of the set it was answered from

	sentences []Sentence
	citations []Citation
}

// A Sentence is one fact's text with the numbers of its citations.
type Sentence struct {
	Fact  *Fact
	Cites []int // from 1, into the answer's citations
}

// A Citation is one numbered place that a sentence of the answer cites.
type Citation struct {
	N    int // from 1
	Cite Cite
	Fact *Fact // whose said_by, as_of and status are told with it
}

// A Candidate is a fact with its score.
type Candidate struct {
	Fact  *Fact
	Score float64
	Parts []Part // what the score is made of, where it was asked for
}

// A Part is one named part of a score.
type Part struct {
	Name  string
	Value float64 // of the feature
	Adds  float64 // to the score
}

// A Suggestion is a known question and the fact that answers it.
type Suggestion struct {
	Question string
	Fact     *Fact
}

// Answered reports whether the answer says anything from the facts.
func (a Answer) Answered() bool { return len(a.sentences) > 0 }

// Sentences returns what to say, best first; none when it declines. Do not change it.
func (a Answer) Sentences() []Sentence { return a.sentences }

// Citations returns the places cited by the sentences, in the order of their numbers. Do not change it.
func (a Answer) Citations() []Citation { return a.citations }

// Tell is the answer that says these facts, where no question has to be weighed: they were picked by hand. Withdrawn
// ones are left out.
func Tell(facts ...*Fact) Answer {
	var kept []*Fact
	for _, f := range facts {
		if f.Status != Withdrawn {
			kept = append(kept, f)
		}
	}
	a := Answer{Kind: Declined}
	if len(kept) > 0 {
		a.Kind, a.Confidence = Answered, 1
		a.say(kept...)
	}
	return a
}

// say makes the answer consist of the facts, numbering each distinct citation in order of appearance.
func (a *Answer) say(facts ...*Fact) {
	a.sentences, a.citations = nil, nil
	for _, f := range facts {
		s := Sentence{Fact: f}
		for _, c := range f.Cites {
			n := len(a.citations) + 1
			a.citations = append(a.citations, Citation{N: n, Cite: c, Fact: f})
			s.Cites = append(s.Cites, n)
		}
		a.sentences = append(a.sentences, s)
	}
}

// MarshalJSON gives the one JSON object that the command line promises.
func (a Answer) MarshalJSON() ([]byte, error) { return json.Marshal(a.Question) }
