package language

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed words/*.txt
var wordFiles embed.FS

// words is what is known of a language before a fact is read: which words carry no topic, which only look for an answer of some kind, which
// messages are no questions. It is read from words/<tag>.txt and never changes.
type words struct {
	stop      map[string]bool     // folded words without a topic
	slang     map[string][]string // chat form -> written-out words
	asks      map[string]AnswerType
	kinds     map[string]Kind // whole message -> what it is
	filler    *phrases        // what does not distinguish a question
	askPhrase *phrases
	pronoun   map[string]bool
	soft      map[string]AnswerType // nouns that only name the kind of answer
	turns     map[string]bool       // whole messages that only an earlier question makes sense of: "when?"
	lean      []string              // openings by which a question leans on an earlier one, folded words joined by a space
	negation  map[string]bool
	number    map[string]string // number word -> digits
	and       map[string]bool   // words that may join two questions
	marks     map[rune][]mark   // what is found anywhere in a text that writes no spaces, by its first character, the longest first; see marks.go
}

func newWords() *words {
	return &words{
		stop: map[string]bool{}, slang: map[string][]string{}, asks: map[string]AnswerType{}, kinds: map[string]Kind{}, pronoun: map[string]bool{},
		negation: map[string]bool{}, turns: map[string]bool{}, soft: map[string]AnswerType{}, filler: newPhrases(), askPhrase: newPhrases(),
		number: map[string]string{}, and: map[string]bool{},
	}
}

// lists are the word lists built into the binary, each read when it is first needed. One that can't be read is a programmer's mistake, and a test
// reads them all.
var lists = func() map[string]func() *words {
	all := map[string]func() *words{}
	for _, tag := range Listed {
		all[tag] = sync.OnceValue(func() *words {
			text, err := wordFiles.ReadFile("words/" + tag + ".txt")
			if err != nil {
				panic(err)
			}
			w, err := readWords(string(text))
			if err != nil {
				panic(fmt.Sprintf("words/%s.txt:%v", tag, err))
			}
			if inPairs(tag) {
				w.mark()
			}
			return w
		})
	}
	return all
}()

// listOf gives the word list of a language; an empty one where there is none.
func listOf(tag string) *words {
	if read := lists[tag]; read != nil {
		return read()
	}
	return newWords()
}

// An AnswerType is the kind of answer that a question asks for.
type AnswerType uint8

// The kinds of answers.
const (
	AskWhat AnswerType = iota
	AskWho
	AskWhere
	AskWhen
	AskHowMany
	AskMoney
	AskHowLong
	AskWhy
	AskHow
	AskSource
	AskYesNo
	AnswerTypes // how many there are
)

var answerTypeNames = [AnswerTypes]string{"what", "who", "where", "when", "howmany", "money", "howlong", "why", "how", "source", "yesno"}

// String names the kind of answer as the word lists do.
func (t AnswerType) String() string { return answerTypeNames[t] }

// A Kind is what sort of message a message is.
type Kind string

// The kinds of messages: all but the first are no questions about the facts.
const (
	Asks     Kind = ""
	Greeting Kind = "greeting"
	Thanks   Kind = "thanks"
	Help     Kind = "help"
	Overview Kind = "overview"
)

// readWords reads a word list in the format that words/en.txt explains. An error begins with the line's number.
func readWords(text string) (*words, error) {
	w := newWords()
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
			return nil, fmt.Errorf("%d: %w", n+1, err)
		}
	}
	w.filler.sort()
	w.askPhrase.sort()
	// A message is compared after its chat forms are written out: "help pls" as "help please".
	for _, phrase := range slices.Collect(maps.Keys(w.kinds)) {
		if out := w.writtenOut(phrase); out != phrase && w.kinds[out] == Asks {
			w.kinds[out] = w.kinds[phrase]
		}
	}
	for _, phrase := range slices.Collect(maps.Keys(w.turns)) {
		w.turns[w.writtenOut(phrase)] = true
	}
	return w, nil
}

// writtenOut writes the chat forms of a folded phrase out.
func (w *words) writtenOut(phrase string) string {
	var out []string
	for _, x := range strings.Fields(phrase) {
		forms, ok := w.slang[x]
		if !ok {
			out = append(out, x)
		}
		for _, f := range forms {
			out = append(out, Fold(f))
		}
	}
	return strings.Join(out, " ")
}

func (w *words) readLine(section, line string) error {
	items := func(s string) []string {
		var out []string
		for _, x := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '、' }) {
			if x = strings.TrimSpace(x); x != "" {
				out = append(out, x)
			}
		}
		return out
	}
	phrase := func(x string) string { return strings.Join(folded(x), " ") }
	switch section {
	case "stop":
		for _, x := range items(line) {
			for _, f := range folded(x) {
				w.stop[f] = true
			}
		}
	case "slang":
		from, to, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%q has no =", line)
		}
		if from = strings.TrimSpace(from); !strings.HasSuffix(from, "'s") { // a word loses its 's anyway
			w.slang[Fold(from)] = strings.Fields(to)
		}
	case "number":
		from, to, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%q has no =", line)
		}
		w.number[Fold(strings.TrimSpace(from))] = strings.TrimSpace(to)
	case "and":
		for _, x := range items(line) {
			w.and[Fold(x)] = true
		}
	case "filler":
		for _, x := range items(line) {
			w.filler.add(folded(x))
		}
	case "greeting", "thanks", "help", "overview":
		for _, x := range items(line) {
			w.kinds[phrase(x)] = Kind(section)
		}
	case "pronoun":
		for _, x := range items(line) {
			w.pronoun[phrase(x)] = true
		}
	case "negation":
		for _, x := range items(line) {
			p := folded(x)
			w.negation[strings.Join(p, " ")] = true
			if len(p) == 1 && (p[0] == "not" || p[0] == "never" || strings.HasSuffix(x, "n't") || strings.HasSuffix(p[0], "nt") && slices.Contains(items(line), strings.TrimSuffix(p[0], "t")+"'t")) {
				w.stop[p[0]] = true
			}
		}
	case "turn":
		for _, x := range items(line) {
			w.turns[phrase(x)] = true
		}
	case "soft":
		kind, nouns, ok := strings.Cut(line, "=")
		i := slices.Index(answerTypeNames[:], strings.TrimSpace(kind))
		if !ok || i < 0 {
			return fmt.Errorf("%q names no kind of answer", line)
		}
		for _, x := range items(nouns) {
			w.soft[Fold(x)] = AnswerType(i)
		}
	case "lean":
		for _, x := range items(line) {
			w.lean = append(w.lean, phrase(x))
		}
	default:
		i := slices.Index(answerTypeNames[:], section)
		if i < 0 {
			return fmt.Errorf("no section is called %q", section)
		}
		for _, x := range items(line) {
			p := folded(x)
			w.askPhrase.add(p)
			w.asks[strings.Join(p, " ")] = AnswerType(i)
		}
	}
	return nil
}

// folded cuts an entry of a list into folded words.
func folded(x string) []string {
	var out []string
	for _, raw := range strings.FieldsFunc(x, func(r rune) bool { return !IsWordRune(r) && r != '\'' && r != '’' && r != '.' }) {
		if f := Fold(raw); f != "" {
			out = append(out, f)
		}
	}
	return out
}

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
