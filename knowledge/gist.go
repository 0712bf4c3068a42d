package knowledge

import (
	"slices"
	"strings"

	"footnote/knowledge/language"
)

// Gist is what a question asks, spelling and order apart: the kind of answer, where it asks for one ("?who"), and its telling words,
// in alphabetical order. Questions with the same gist ask the same, whatever facts there are. It is empty where nothing can be read.
func Gist(question string) []string {
	r := language.Of(language.Detect(question, "en")).Read(question, nil)
	var terms []string
	for _, u := range r.Units {
		terms = append(terms, u.Term)
	}
	if len(terms) == 0 { // nothing but the words that every question has
		terms = strings.Fields(strings.ToLower(r.Text))
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	if r.Type != language.AskWhat && len(terms) > 0 {
		terms = append([]string{"?" + r.Type.String()}, terms...)
	}
	return terms
}
