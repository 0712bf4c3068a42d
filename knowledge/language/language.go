package language

import (
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

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

// A Language reads texts of one language. It may be used by many goroutines.
type Language struct {
	Tag string // such as "en": the first part of the tag it was asked for by

	list     *words
	analyzer analysis.Analyzer // nil for English
	name     string            // bleve's, of the analyzer
	pairs    bool              // the analyzer cuts the text itself, into pairs of characters

	memo sync.Map // written word -> stemmed; bounded by memoLeft
	left memoLeft
}

// maxMemo is how many words' stems a language remembers, some MB: finding them takes most of the time that reading a text takes.
const maxMemo = 50_000

// A memoLeft counts down from maxMemo.
type memoLeft struct {
	mu   sync.Mutex
	used int
}

func (m *memoLeft) take() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used >= maxMemo {
		return false
	}
	m.used++
	return true
}

// Of gives the language of a tag such as "fr" or "pt-BR"; of an empty one, English. A language that bleve doesn't know is cut into words and no more.
func Of(tag string) *Language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if base == "" {
		base = "en"
	}
	if shared := languages[base]; shared != nil {
		return shared()
	}
	return newLanguage(base)
}

// languages are those with a word list, each made when it is first needed, so that what it remembers of words serves all.
var languages = func() map[string]func() *Language {
	all := map[string]func() *Language{}
	for _, tag := range Listed {
		all[tag] = sync.OnceValue(func() *Language { return newLanguage(tag) })
	}
	return all
}()

func newLanguage(base string) *Language {
	l := &Language{Tag: base, list: listOf(base), name: base}
	if base == "en" {
		return l
	}
	if inPairs(base) {
		l.name, l.pairs = "cjk", true
	}
	cache := registry.NewCache()
	a, err := cache.AnalyzerNamed(l.name)
	if err != nil {
		l.name = "standard"
		if a, err = cache.AnalyzerNamed(l.name); err != nil {
			panic(err) // bleve always has it
		}
	}
	l.analyzer = a
	return l
}

// inPairs reports whether a language writes no spaces that would tell its words, so that it is cut into pairs of characters.
func inPairs(tag string) bool { return tag == "ja" || tag == "zh" || tag == "ko" }

// Analyzer is the name of bleve's analyzer for the language.
func (l *Language) Analyzer() string { return l.name }

// stem gives what a word is matched by: without its ending and its accents, which members leave out.
func (l *Language) stem(raw, word string) stemmed {
	if s, ok := l.memo.Load(raw); ok {
		return s.(stemmed)
	}
	s := stemmed{word, l.list.stop[word]}
	if l.analyzer == nil {
		s.term = stemEnglish(word)
	} else if toks := l.analyzer.Analyze([]byte(strings.ToLower(raw))); len(toks) == 0 {
		s.stop = true
	} else {
		s.term = Fold(string(toks[len(toks)-1].Term))
	}
	if s.term == "" {
		s.term = word
	}
	if l.left.take() {
		l.memo.Store(strings.Clone(raw), s)
	}
	return s
}

// stemEnglish is Porter's second stemmer, of the Snowball project.
func stemEnglish(word string) string {
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

// Terms gives the terms of a word or phrase.
func (l *Language) Terms(text string) []string {
	var out []string
	for _, t := range l.Tokens(text) {
		out = append(out, t.Term)
	}
	return out
}
