package knowledge

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuestion is how much of a question is read, in bytes. Discord's longest message is 4,000 characters; what comes after is
// more likely a paste than a question, and reading it would only make the answer slow.
const maxQuestion = 8 << 10

// maxUnits is how many distinct words of a question are weighed. Real questions have fewer than twenty.
const maxUnits = 48

// A reading is a question as Footnote reads it: the words that distinguish it and the kind of answer it asks for.
type reading struct {
	text   string // cleaned of markup and control characters
	tokens []token
	units  []unit
	typ    answerType
	kind   Kind // of a message that is no question (hello), or Answered
	neg    bool // it holds a negation

	pronouns int      // words by which it leans on an earlier question
	opening  bool     // it opens as a follow-up does: "and", "what about"
	parts    []string // the questions it is made of: "where will it be and when does it open"; nil for one
	turn     bool     // it makes sense only after an earlier question: "when?"
}

// A unit is one distinguishing word of a question.
type unit struct {
	term   string
	word   string   // folded
	token  int      // index into tokens
	phrase []string // a phrase of the word list that it is part of, as its key; nil when none
	name   bool
	num    bool
	soft   bool // it only names the kind of answer: "city"
	filler bool // it counts only where the facts know it
	old    bool // it stands in an earlier question, not in this one
}

// read reads a question, with the phrases that the base and the word list know. It never fails: what can't be read has no units.
func (w *words) read(text string, finder *phrases) reading {
	r := reading{text: cleanQuestion(text), kind: Answered}
	raw := w.tokenize(r.text, make([]token, 0, 24))
	// Chat forms are written out, keeping where they stood.
	r.tokens = raw
	for i, t := range raw {
		if _, ok := w.slang[t.word]; ok {
			r.tokens = append([]token{}, raw[:i]...)
			for _, t := range raw[i:] {
				out, ok := w.slang[t.word]
				if !ok {
					r.tokens = append(r.tokens, t)
					continue
				}
				for _, x := range out {
					y := w.token(x, t.start)
					y.raw = t.raw
					r.tokens = append(r.tokens, y)
				}
			}
			break
		}
	}
	for i := range r.tokens {
		w.mendEnding(&r.tokens[i])
	}
	w.names(r.tokens)
	n := len(r.tokens)
	word := func(i int) string { return r.tokens[i].word }
	skip := make([]bool, n)
	filler := make([]bool, n)
	begun := false // a word that is neither filler nor a stop word has come
	for i := 0; i < n; i++ {
		p := w.filler.at(i, n, word)
		if p == nil {
			begun = begun || !r.tokens[i].stop
			continue
		}
		for k := range p {
			// A single word of filler after the beginning may be meant: "was China mentioned?"
			filler[i+k] = begun && len(p) == 1
			skip[i+k] = !filler[i+k]
		}
		i += len(p) - 1
	}
	r.kind = w.wholeKind(r.tokens, skip, filler)
	r.typ = w.answerType(r.tokens, skip)
	for i, t := range r.tokens {
		if w.isSoft(t) {
			filler[i] = true // "the two reasons" need neither stand in the fact
		}
		if w.negation[t.word] {
			r.neg = true
		}
		if w.pronoun[t.word] && !skip[i] {
			r.pronouns++
		}
	}
	r.parts = w.parts(&r, skip)
	r.opening = w.opens(r.tokens)
	r.turn = w.turns[joinWords(r.tokens)]
	r.units = w.units(r.tokens, skip, filler, finder)
	return r
}

// units picks the words that distinguish the question: no stop words, no filler, each once.
func (w *words) units(toks []token, skip, filler []bool, finder *phrases) []unit {
	var out []unit
	seen := map[string]bool{}
	n := len(toks)
	term := func(i int) string { return toks[i].term }
	for i := 0; i < n && len(out) < maxUnits; i++ {
		var key []string
		if p := finder.at(i, n, term); p != nil {
			key = p
		}
		if key == nil {
			if t := toks[i]; !skip[i] && !t.stop && !seen[t.term] {
				seen[t.term] = true
				out = append(out, unit{term: t.term, word: t.word, token: i, name: t.name, num: t.num, filler: filler[i], soft: w.isSoft(t)})
			}
			continue
		}
		added := 0
		for k := range key {
			if t := toks[i+k]; !t.stop && !seen[t.term] {
				seen[t.term] = true
				out = append(out, unit{term: t.term, word: t.word, token: i + k, phrase: key, name: t.name, num: t.num})
				added++
			}
		}
		i += len(key) - 1
	}
	return out
}

// answerType finds the first phrase that asks for a kind of answer, and marks the words of a longer one ("which
// year") as read. A yes-or-no question is one that opens with an auxiliary and holds no question word.
func (w *words) answerType(toks []token, skip []bool) answerType {
	n := len(toks)
	word := func(i int) string { return toks[i].word }
	yesno := false
	for i := 0; i < n; i++ {
		p := w.askPhrase.at(i, n, word)
		if p == nil {
			continue
		}
		t := w.asks[strings.Join(p, " ")]
		if t == askYesNo {
			yesno = yesno || i == 0
			continue
		}
		if len(p) > 1 {
			for k := range p {
				skip[i+k] = true
			}
		}
		return t
	}
	if yesno {
		return askYesNo
	}
	for i, t := range toks {
		if kind, ok := w.soft[t.word]; ok && !skip[i] {
			return kind
		}
	}
	return askWhat
}

// parts cuts a message of several questions: after a question mark, and before an "and" that a question word follows.
func (w *words) parts(r *reading, skip []bool) []string {
	n := len(r.tokens)
	word := func(i int) string { return r.tokens[i].word }
	asks := func(i int) bool {
		p := w.askPhrase.at(i, n, word)
		return p != nil && (w.asks[strings.Join(p, " ")] != askYesNo || r.tokens[i].stop)
	}
	var out []string
	from, said := 0, false
	for i, t := range r.tokens {
		between := ""
		if i > 0 {
			between = r.text[r.tokens[i-1].start:t.start]
		}
		cut := -1
		switch {
		case said && strings.Contains(between, "?"):
			cut = t.start
		case said && t.word == "and" && i+1 < n && asks(i+1):
			cut = t.start
		}
		if cut > from {
			out = append(out, strings.TrimSpace(r.text[from:cut]))
			from, said = cut, false
			if t.word == "and" && i+1 < n {
				from = r.tokens[i+1].start
			}
		}
		said = said || !t.stop && !skip[i]
	}
	if len(out) == 0 || len(out) >= maxSentences || !said {
		return nil
	}
	return append(out, strings.TrimSpace(r.text[from:]))
}

// names marks the names of a question, which chat often writes without capitals, or the whole question in them.
func (w *words) names(toks []token) {
	loud, quiet := 0, 0
	for _, t := range toks {
		if strings.ToUpper(t.raw) == t.raw && len(t.raw) > 1 || startsUpper(t.raw) && !t.stop {
			loud++
		} else {
			quiet++
		}
	}
	for i := range toks {
		t := &toks[i]
		t.name = w.proper[t.word] || t.name && quiet > loud/2
	}
}

// mendEnding gives a word its dropped g back: talkin, openin.
func (w *words) mendEnding(t *token) {
	if len(t.word) > 4 && strings.HasSuffix(t.word, "in") && !w.knows(t.term) {
		if s := w.stem(t.word + "g"); w.knows(s) {
			t.word, t.term = t.word+"g", s
		}
	}
}

// isSoft reports whether a word only names the kind of answer, or counts it: "the two reasons".
func (w *words) isSoft(t token) bool {
	_, ok := w.soft[t.word]
	return ok || t.num && (t.raw[0] > '9' || t.raw == "2" || t.raw == "4") // 2 and 4 may be chat for to and for
}

// wholeKind recognises a message that is, but for filler, a greeting, thanks, a call for help or for the overview.
func (w *words) wholeKind(toks []token, skip, filler []bool) Kind {
	var all, kept []string
	for i, t := range toks {
		all = append(all, t.word)
		if !skip[i] && !filler[i] {
			kept = append(kept, t.word)
		}
		if i > 24 {
			return Answered
		}
	}
	for _, x := range [][]string{all, kept} {
		if k, ok := w.kinds[strings.Join(x, " ")]; ok {
			return k
		}
	}
	// "hi there, what can you do": every part is one of a kind; the last that is not a greeting counts. Read with the filler first: "can
	// you" is filler elsewhere.
	if k := w.kindOfParts(all); k != Answered {
		return k
	}
	return w.kindOfParts(kept)
}

// kindOfParts is the kind of a message all of whose parts are greetings, thanks and the like; Answered for any other.
func (w *words) kindOfParts(said []string) Kind {
	kind := Answered
	for i := 0; i < len(said); {
		j := min(len(said), i+8)
		for ; j > i; j-- {
			if k, ok := w.kinds[strings.Join(said[i:j], " ")]; ok {
				if kind == Answered || kind == Greeting {
					kind = k
				}
				break
			}
		}
		if j == i {
			return Answered
		}
		i = j
	}
	return kind
}

func joinWords(toks []token) string {
	var b strings.Builder
	for i, t := range toks[:min(len(toks), 12)] {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.word)
	}
	return b.String()
}

// opens reports whether the question opens as a follow-up does.
func (w *words) opens(toks []token) bool {
	var b strings.Builder
	for i, t := range toks {
		if i == 5 {
			break
		}
		b.WriteString(t.word)
		b.WriteByte(' ')
	}
	s := b.String()
	for _, l := range w.lean {
		if strings.HasPrefix(s, l) && strings.HasPrefix(s[len(l):], " ") {
			return true
		}
	}
	return false
}

var (
	codeBlock   = regexp.MustCompile("(?s)```.*?(?:```|$)")
	discordTags = regexp.MustCompile(`<(?:@[!&]?|#|a?:\w+:|t:|/[^:>]+:|id:)[^<>]*>`)
	links       = regexp.MustCompile(`(?i)\b(?:https?|ftp)://[^\s<>]+`)
)

// cleanQuestion drops what is not words of the question: Discord's markup, links, code blocks, control and invisible
// characters, invalid UTF-8; and white space is folded.
func cleanQuestion(s string) string {
	if len(s) > maxQuestion {
		s = s[:maxQuestion]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
			s = s[:len(s)-1]
		}
	}
	s = strings.ToValidUTF8(s, " ")
	if strings.Contains(s, "```") {
		s = codeBlock.ReplaceAllString(s, " ")
	}
	if strings.ContainsRune(s, '<') {
		s = discordTags.ReplaceAllString(s, " ")
	}
	if strings.Contains(s, "://") {
		s = links.ReplaceAllString(s, " ")
	}
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r < ' ' || r == 0x7f:
			if !space {
				b.WriteByte(' ')
				space = true
			}
			continue
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cc, r):
			continue // zero-width, direction marks, private use
		case r == '*' || r == '`' || r == '|' || r == '~':
			continue // Discord's bold, code, spoiler, strike-through
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimSpace(b.String())
}
