package knowledge

import (
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"

	// Each registers the analyzer of its language.
	_ "github.com/blevesearch/bleve/v2/analysis/analyzer/standard"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ar"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ckb"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/da"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/de"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/en"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/es"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fa"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fi"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fr"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hi"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hr"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/hu"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/it"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/nl"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/no"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/pl"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/pt"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ro"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/ru"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/sv"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/tr"
)

// A language reads texts: English with our own word list, others with bleve's analyzer of that name.
type language struct {
	name     string
	words    *words            // English only
	analyzer analysis.Analyzer // others
	phrases  *phrases          // set by the index that uses it
}

// newLanguage gives the language of a tag such as "fr" or "pt-BR"; a language that bleve doesn't know is cut into words and no more.
func newLanguage(tag string) *language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if base == "" || base == "en" {
		return &language{name: "en", words: englishWords()}
	}
	name := base
	switch base {
	case "ja", "zh", "ko":
		name = "cjk"
	}
	cache := registry.NewCache()
	a, err := cache.AnalyzerNamed(name)
	if err != nil {
		name = "standard"
		if a, err = cache.AnalyzerNamed(name); err != nil {
			panic(err) // bleve always has it
		}
	}
	return &language{name: name, analyzer: a}
}

// tokens cuts a text into words.
func (l *language) tokens(text string) []token {
	if l.words != nil {
		return l.words.tokenize(text, nil)
	}
	var out []token
	for _, t := range l.analyzer.Analyze([]byte(text)) {
		raw := string(t.Term)
		if t.Start >= 0 && t.End <= len(text) && t.Start < t.End {
			raw = text[t.Start:t.End]
		}
		out = append(out, token{raw: raw, word: strings.ToLower(raw), term: string(t.Term), start: t.Start, num: raw[0] >= '0' && raw[0] <= '9'})
	}
	return out
}

// tokensInto is tokens, for many texts: it appends to a list, and remembers words in memo.
func (l *language) tokensInto(text string, into []token, memo map[string]token) []token {
	if l.words != nil {
		return l.words.cut(text, into, memo)
	}
	return append(into, l.tokens(text)...)
}

// terms gives the terms of a word or phrase.
func (l *language) terms(text string) []string {
	var out []string
	for _, t := range l.tokens(text) {
		out = append(out, t.term)
	}
	return out
}

// read reads a question.
func (l *language) read(text string) reading {
	if l.words != nil {
		return l.words.read(text, l.phrases)
	}
	r := reading{text: cleanQuestion(text), kind: Answered}
	r.tokens = l.tokens(r.text)
	seen := map[string]bool{}
	for i, t := range r.tokens {
		if !seen[t.term] && len(r.units) < maxUnits {
			seen[t.term] = true
			r.units = append(r.units, unit{term: t.term, token: i, num: t.num})
		}
	}
	return r
}

// rarity is how much a word tells in the language at large, from 0 (in every sentence) to 1 (hardly ever seen).
func (l *language) rarity(term string) float64 {
	if l.words == nil {
		return 1
	}
	return l.words.rarity(term)
}

// kinds is what was learned of the kinds of answers that a term stands in; nil for nothing.
func (l *language) kinds(term string) *kindWeights {
	if l.words == nil || l.words.learnt == nil {
		return nil
	}
	return l.words.learnt.kinds[term]
}

// knows reports whether the word is one of the language, not a misspelling, as far as our lists tell.
func (l *language) knows(term string) bool {
	if l.words == nil {
		return true
	}
	return l.words.knows(term)
}

// related calls do with the words that WordNet relates to the term.
func (l *language) related(term string, do func(term string, weight float32)) {
	if l.words == nil {
		return
	}
	r := wordnet()[term]
	for _, t := range r.near {
		do(t, weightNear)
	}
	for _, t := range r.wide {
		do(t, weightWide)
	}
}
