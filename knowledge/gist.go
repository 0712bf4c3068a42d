package knowledge

import (
	"slices"
	"strings"
)

// Gist is what a question asks, spelling and wording apart: the kind of answer, where it asks for one ("?who"), and its telling words,
// each in the form that stands for all that mean the same, in alphabetical order. Questions with the same gist ask the same, whatever facts there are. It is empty where nothing can be read.
func Gist(question string) []string {
	r := englishWords().read(question, englishWords().groupWord)
	var terms []string
	for _, u := range r.units {
		terms = append(terms, u.term)
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	if len(terms) == 0 { // nothing but the words that every question has
		terms = strings.Fields(strings.ToLower(cleanQuestion(question)))
		slices.Sort(terms)
		terms = slices.Compact(terms)
	}
	if r.typ != askWhat && len(terms) > 0 {
		terms = append([]string{"?" + answerTypeNames[r.typ]}, terms...)
	}
	return terms
}
