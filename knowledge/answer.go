package knowledge

import (
	"cmp"
	"encoding/json"
)

// Kind says what sort of answer an [Answer] is.
type Kind string

// The kinds of answers.
const (
	Answered   Kind = "answered"   // sentences from facts
	Near       Kind = "near"       // not sure: the first offer is the closest
	Choose     Kind = "choose"     // not sure: the offers are equally near
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
	Message    string  // the bot's own words: why it declined, how to ask, or what of several questions is open; else empty when it answered

	Candidates  []Candidate  // the best facts, best first, also when it declines; as many as were asked for
	Offers      []Offer      // where it is near or a choice: the facts worth a look, best first, at most four
	Open        []string     // of several questions in one message, where some are answered: those that are not, as they were written
	Uncovered   []string     // when it declines: words of the question, as they were written, that no fact covers
	Matched     []string     // where it was to be explained: words of the question that the best fact or one of its asks covers, as they were written
	Missed      []string     // and those that neither covers
	Suggestions []Suggestion // when it declines: known questions that are nearest, at most two
	Language    string       // of the question, as far as it tells; else of the facts
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
	Name  string  `json:"name"`
	Value float64 `json:"value"` // of the feature
	Adds  float64 `json:"adds"`  // to the score
}

// An Offer is a fact that may answer, where the bot is not sure.
type Offer struct {
	Fact       *Fact
	Question   string  // that it answers: its best ask, else its text
	Confidence float64 // calibrated probability that it answers
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

// jsonAnswer is the object the command line promises: see product.md, "The command line".
type jsonAnswer struct {
	Question    string          `json:"question"`
	Reading     string          `json:"reading,omitempty"`
	Kind        Kind            `json:"kind"`
	Answered    bool            `json:"answered"`
	Confidence  float64         `json:"confidence"`
	Sentences   []jsonSentence  `json:"sentences"`
	Citations   []jsonCitation  `json:"citations"`
	Candidates  []jsonCandidate `json:"candidates"`
	Offers      []jsonOffer     `json:"offers"`
	Declined    string          `json:"declined"`
	Open        []string        `json:"open,omitempty"`
	Uncovered   []string        `json:"uncovered"`
	Suggestions []string        `json:"suggestions"`
	Version     string          `json:"version"`
}

type jsonSentence struct {
	Fact  string `json:"fact"`
	Text  string `json:"text"`
	Cites []int  `json:"cites"`
}

type jsonCitation struct {
	N         int    `json:"n"`
	Source    string `json:"source"`
	Title     string `json:"title"`
	Paragraph int    `json:"paragraph"`
	Section   string `json:"section"`
	Quote     string `json:"quote,omitempty"`
	Publisher string `json:"publisher"`
	URL       string `json:"url"`
	Published Date   `json:"published"`
	SaidBy    string `json:"said_by"`
	AsOf      Date   `json:"as_of"`
	Status    Status `json:"status"`
}

type jsonCandidate struct {
	Fact  string  `json:"fact"`
	Score float64 `json:"score"`
	Parts []Part  `json:"parts,omitempty"`
}

type jsonOffer struct {
	Fact       string  `json:"fact"`
	Text       string  `json:"text"`
	Question   string  `json:"question"`
	Confidence float64 `json:"confidence"`
}

// MarshalJSON gives the one JSON object that the command line promises. Lists are never null.
func (a Answer) MarshalJSON() ([]byte, error) {
	j := jsonAnswer{
		Question: a.Question, Reading: a.Reading, Kind: a.Kind, Answered: a.Answered(), Confidence: a.Confidence, Open: a.Open, Version: a.Version,
		Sentences: []jsonSentence{}, Citations: []jsonCitation{}, Candidates: []jsonCandidate{}, Offers: []jsonOffer{}, Uncovered: []string{}, Suggestions: []string{},
	}
	for _, s := range a.sentences {
		j.Sentences = append(j.Sentences, jsonSentence{s.Fact.ID, s.Fact.Text, s.Cites})
	}
	for _, c := range a.citations {
		src := c.Cite.Source
		j.Citations = append(j.Citations, jsonCitation{
			N: c.N, Source: src.ID, Title: src.Title, Paragraph: c.Cite.Paragraph, Section: c.Cite.Section, Quote: c.Cite.Quote,
			Publisher: src.Publisher, URL: cmp.Or(c.Cite.URL, src.URL), Published: src.Published,
			SaidBy: c.Fact.SaidBy, AsOf: c.Fact.AsOf, Status: c.Fact.Status,
		})
	}
	for _, c := range a.Candidates {
		j.Candidates = append(j.Candidates, jsonCandidate{c.Fact.ID, c.Score, c.Parts})
	}
	for _, o := range a.Offers {
		j.Offers = append(j.Offers, jsonOffer{o.Fact.ID, o.Fact.Text, o.Question, o.Confidence})
	}
	j.Uncovered = append(j.Uncovered, a.Uncovered...)
	for _, s := range a.Suggestions {
		j.Suggestions = append(j.Suggestions, s.Question)
	}
	if !a.Answered() {
		j.Declined = a.Message
	}
	return json.Marshal(j)
}
