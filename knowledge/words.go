package knowledge

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

//go:embed freq.txt
var freqText string

// words is what Footnote knows of English before it reads a fact: which words mean the same, which only look for an
// answer of some kind, which carry no topic. It is read from words.txt, which explains its format, and never changes.
type words struct {
	stop      map[string]bool     // folded words without a topic
	stems     map[string]string   // folded word -> stem, of every word of the list
	same      []group             // what means the same, or nearly
	confused  map[string][]string // term -> terms that must not answer for it
	slang     map[string][]string // chat form -> written-out words
	asks      map[string]answerType
	kinds     map[string]Kind // whole message -> what it is
	filler    *phrases        // what does not distinguish a question
	askPhrase *phrases
	groupWord *phrases // the phrases of the same groups
	pronoun   map[string]bool
	soft      map[string]answerType // nouns that only name the kind of answer
	turns     map[string]bool       // whole messages that only an earlier question makes sense of: "when?"
	lean      []string              // openings by which a question leans on an earlier one, folded words joined by a space
	negation  map[string]bool
	freq      map[string]float64 // term -> rarity, see rarity
	listed    map[string]bool    // terms of the same groups
	proper    map[string]bool    // words of the same groups that are written with a capital
	learnt    *translation       // what words of questions stand for in answers; nil when nothing was learned
}

// A group is terms that mean the same, and after them terms that are only related.
type group struct {
	same, related []member
}

// A member is a word or phrase of a group. As many stems belong to words of different groups (talks, talk), a word is
// looked up as it is listed first, and by its stem only where it is not.
type member struct {
	word string // folded
	term string // stems, joined by a space
}

// english is the word list built into the binary, read once.
var englishWords = sync.OnceValue(func() *words {
	w, err := readWords(wordsText)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return w
})

// answerType is the kind of answer that a question asks for.
type answerType uint8

const (
	askWhat answerType = iota
	askWho
	askWhere
	askWhen
	askHowMany
	askMoney
	askHowLong
	askWhy
	askHow
	askSource
	askYesNo
	answerTypes // how many there are
)

// open reports whether any wording may ask the same: a what, a how and a yes-or-no question can be put in many ways.
func (t answerType) open() bool { return t == askWhat || t == askYesNo || t == askHow }

var answerTypeNames = [answerTypes]string{"what", "who", "where", "when", "howmany", "money", "howlong", "why", "how", "source", "yesno"}

// readWords reads a word list in the format of words.txt.
func readWords(text string) (*words, error) {
	w := &words{
		stop: map[string]bool{}, stems: map[string]string{}, confused: map[string][]string{}, slang: map[string][]string{},
		asks: map[string]answerType{}, kinds: map[string]Kind{}, pronoun: map[string]bool{}, negation: map[string]bool{}, listed: map[string]bool{}, proper: map[string]bool{}, turns: map[string]bool{}, soft: map[string]answerType{},
		filler: newPhrases(), askPhrase: newPhrases(), groupWord: newPhrases(),
	}
	section := ""
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if i := strings.Index(line, "#"); i == 0 || i > 0 && line[i-1] == ' ' {
			line = strings.TrimSpace(line[:i])
		}
		if line == "" {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		if err := w.readLine(section, line); err != nil {
			return nil, fmt.Errorf("words.txt:%d: %w", n+1, err)
		}
	}
	var err error
	if w.freq, err = readFrequencies(freqText); err != nil {
		return nil, err
	}
	if w.learnt, err = readTranslations(translationsText); err != nil {
		return nil, err
	}
	w.filler.sort()
	w.askPhrase.sort()
	w.groupWord.sort()
	return w, nil
}

func (w *words) readLine(section, line string) error {
	items := func(s string) []string {
		var out []string
		for _, x := range strings.Split(s, ",") {
			if x = strings.TrimSpace(x); x != "" {
				out = append(out, x)
			}
		}
		return out
	}
	switch section {
	case "stop":
		for _, x := range items(line) {
			for _, f := range w.folded(x) {
				w.stop[f] = true
			}
		}
	case "same":
		same, related, _ := strings.Cut(line, "~")
		g := group{}
		for _, x := range items(same) {
			g.same = append(g.same, w.entry(x))
		}
		for _, x := range items(related) {
			g.related = append(g.related, w.entry(x))
		}
		w.same = append(w.same, g)
	case "confused":
		var terms []string
		for _, x := range items(line) {
			terms = append(terms, w.entry(x).term)
		}
		for _, a := range terms {
			for _, b := range terms {
				if a != b && !slices.Contains(w.confused[a], b) {
					w.confused[a] = append(w.confused[a], b)
				}
			}
		}
	case "slang":
		from, to, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%q has no =", line)
		}
		if from = strings.TrimSpace(from); !strings.HasSuffix(from, "'s") { // a word loses its 's anyway
			w.slang[fold(from)] = strings.Fields(to)
		}
	case "filler":
		for _, x := range items(line) {
			w.filler.add(w.foldedPhrase(x))
		}
	case "greeting", "thanks", "help", "overview":
		for _, x := range items(line) {
			w.kinds[strings.Join(w.foldedPhrase(x), " ")] = Kind(section)
		}
	case "pronoun":
		for _, x := range items(line) {
			w.pronoun[strings.Join(w.foldedPhrase(x), " ")] = true
		}
	case "negation":
		for _, x := range items(line) {
			p := w.foldedPhrase(x)
			w.negation[strings.Join(p, " ")] = true
			if len(p) == 1 && (p[0] == "not" || p[0] == "never" || strings.HasSuffix(x, "n't") || strings.HasSuffix(p[0], "nt") && slices.Contains(items(line), strings.TrimSuffix(p[0], "t")+"'t")) {
				w.stop[p[0]] = true
			}
		}
	case "turn":
		for _, x := range items(line) {
			w.turns[strings.Join(w.foldedPhrase(x), " ")] = true
		}
	case "soft":
		kind, nouns, ok := strings.Cut(line, "=")
		i := slices.Index(answerTypeNames[:], strings.TrimSpace(kind))
		if !ok || i < 0 {
			return fmt.Errorf("%q names no kind of answer", line)
		}
		for _, x := range items(nouns) {
			w.soft[fold(x)] = answerType(i)
		}
	case "lean":
		for _, x := range items(line) {
			w.lean = append(w.lean, strings.Join(w.foldedPhrase(x), " "))
		}
	default:
		i := slices.Index(answerTypeNames[:], section)
		if i < 0 {
			return fmt.Errorf("no section is called %q", section)
		}
		for _, x := range items(line) {
			p := w.foldedPhrase(x)
			w.askPhrase.add(p)
			w.asks[strings.Join(p, " ")] = answerType(i)
		}
	}
	return nil
}

// stem gives the stem of a folded word.
func (w *words) stem(word string) string {
	if s, ok := w.stems[word]; ok {
		return s
	}
	return stemEnglish(word)
}

// entry gives the term of a word or phrase of the list, and remembers phrases.
func (w *words) entry(x string) member {
	toks := w.tokenize(x, nil)
	terms := make([]string, len(toks))
	for i, t := range toks {
		terms[i] = t.term
		w.listed[t.term] = true
		if !t.num {
			w.stems[t.word] = t.term
		}
	}
	if len(terms) > 1 {
		w.groupWord.add(terms)
	}
	m := member{term: strings.Join(terms, " ")}
	if len(toks) == 1 {
		m.word = toks[0].word
	}
	for _, t := range toks {
		if startsUpper(t.raw) && !w.stop[t.word] && len(t.word) > 2 {
			w.proper[t.word] = true
		}
	}
	return m
}

// folded gives the ways a word may stand in a folded text: with its apostrophe dropped.
func (w *words) folded(x string) []string {
	var out []string
	for _, t := range w.tokenize(x, nil) {
		out = append(out, t.word)
	}
	return out
}

func (w *words) foldedPhrase(x string) []string { return w.folded(x) }

// phrases finds known runs of words in a text, the longest first.
type phrases struct{ byFirst map[string][][]string }

func newPhrases() *phrases { return &phrases{byFirst: map[string][][]string{}} }

func (p *phrases) add(words []string) {
	if len(words) > 0 {
		p.byFirst[words[0]] = append(p.byFirst[words[0]], words)
	}
}

func (p *phrases) sort() {
	for _, list := range p.byFirst {
		slices.SortStableFunc(list, func(a, b []string) int { return len(b) - len(a) })
	}
}

// at returns the longest phrase that begins at position i of n words.
func (p *phrases) at(i, n int, word func(int) string) []string {
next:
	for _, q := range p.byFirst[word(i)] {
		if i+len(q) > n {
			continue
		}
		for k := 1; k < len(q); k++ {
			if word(i+k) != q[k] {
				continue next
			}
		}
		return q
	}
	return nil
}

// rarity is how much a word tells in English at large, from 0 to 1.
func (w *words) rarity(term string) float64 {
	if f, ok := w.freq[term]; ok {
		return f
	}
	return 1
}

// knows reports whether the term is a word of the lists.
func (w *words) knows(term string) bool {
	if _, ok := w.freq[term]; ok {
		return true
	}
	return w.listed[term]
}
