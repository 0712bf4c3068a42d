package language

import (
	"strings"
)

// maxUnits is how many distinct words of a question are weighed. Real questions have fewer than twenty.
const maxUnits = 48

// A Reading is a message as it is read: the words that distinguish it, what must be matched to the letter, and the kind of answer it asks for.
type Reading struct {
	Text   string // cleaned of markup and control characters
	Mended string // the same with spelling repaired and short forms written out, for the encoder
	Tokens []Token
	Units  []Unit
	Codes  []string // see [Codes]
	Dates  []Date
	Type   AnswerType
	Kind   Kind
	Neg    bool // it holds a negation

	Pronouns int      // words by which it leans on an earlier question
	Opening  bool     // it opens as a follow-up does: "and", "what about"
	Turn     bool     // it makes sense only after an earlier question: "when?"
	Parts    []string // the questions it is made of: "where will it be and when does it open"; nil for one
	Long     bool     // of several sentences
	Asking   string   // of several sentences the one that asks; empty where there is no telling
}

// A Unit is one distinguishing word of a question.
type Unit struct {
	Term   string
	Word   string // folded
	Token  int    // index into Tokens
	Name   bool
	Num    bool
	Soft   bool // it only names the kind of answer: "city"
	Filler bool // it counts only where the facts know it
}

// Leans reports whether the question can't be read alone: it opens as a follow-up, holds a pronoun, or hardly says anything.
func (r *Reading) Leans() bool { return r.Turn || r.Opening || r.Pronouns > 0 || len(r.Units) <= 1 }

// Read reads a message. It never fails: what can't be read has no tokens. mend repairs the spelling of a word, see [Mender]; nil for none.
func (l *Language) Read(text string, mend func(Token) string) Reading {
	w := l.list
	r := Reading{Text: Clean(text)}
	raw := l.Tokens(r.Text)
	r.Codes = Codes(r.Text)
	r.Dates = l.Dates(r.Text)
	r.Tokens, r.Mended = l.writeOut(r.Text, raw, mend, r.Codes)
	names(r.Tokens)
	n := len(r.Tokens)
	word := func(i int) string { return r.Tokens[i].Word }
	skip := make([]bool, n)
	filler := make([]bool, n)
	begun := false // a word that is neither filler nor a stop word has come
	for i := 0; i < n; i++ {
		p := w.filler.at(i, n, word)
		if p == nil {
			begun = begun || !r.Tokens[i].Stop
			continue
		}
		for k := range p {
			// A single word of filler after the beginning may be meant: "was China mentioned?"
			filler[i+k] = begun && len(p) == 1
			skip[i+k] = !filler[i+k]
		}
		i += len(p) - 1
	}
	if l.pairs {
		w.readMarks(&r, skip)
	} else {
		r.Kind = w.wholeKind(r.Tokens, skip, filler) // before the words that ask are skipped
		r.Type = w.answerType(r.Tokens, skip)
	}
	for i, t := range r.Tokens {
		if w.isSoft(t) {
			filler[i] = true // "the two reasons" need neither stand in the fact
		}
		if w.negation[t.Word] && !l.pairs {
			r.Neg = true
		}
		if l.pairs && withParticle(t.Word) {
			filler[i] = true
		}
		if w.pronoun[t.Word] && !skip[i] && !l.pairs {
			r.Pronouns++
		}
	}
	r.Parts = w.parts(&r, skip)
	if l.pairs {
		whole := closed(r.Text)
		r.Kind, r.Opening, r.Turn = w.closedKind(r.Text), w.closedOpening(whole), w.turns[whole]
	} else {
		r.Opening, r.Turn = w.opens(r.Tokens), w.turns[joinWords(r.Tokens)]
	}
	r.Units = w.units(r.Tokens, skip, filler)
	r.Asking, r.Long = l.asking(r.Mended)
	return r
}

// writeOut writes chat forms out and repairs words, keeping where they stood, and gives the text with both.
func (l *Language) writeOut(text string, raw []Token, mend func(Token) string, codes []string) ([]Token, string) {
	if l.pairs {
		return raw, text
	}
	coded := map[string]bool{}
	for _, c := range codes {
		coded[c] = true
	}
	var out []Token
	var b strings.Builder
	at, changed := 0, false
	replace := func(t Token, by string) {
		b.WriteString(text[at:t.Start])
		b.WriteString(by)
		at = t.Start + len(t.Raw)
		changed = true
	}
	for _, t := range raw {
		if forms, ok := l.list.slang[t.Word]; ok && !coded[Code(t.Raw)] && !shouted(t.Raw, text) {
			for _, x := range forms {
				y := l.token(x, t.Start)
				y.Raw = t.Raw
				out = append(out, y)
			}
			replace(t, strings.Join(forms, " "))
			continue
		}
		if mend != nil && !coded[Code(t.Raw)] {
			if better := mend(t); better != "" {
				y := l.token(better, t.Start)
				y.Raw, y.Name = t.Raw, t.Name
				out = append(out, y)
				replace(t, better)
				continue
			}
		}
		out = append(out, t)
	}
	if !changed {
		return out, text
	}
	b.WriteString(text[at:])
	return out, b.String()
}

// shouted reports whether a word of several letters is written in capitals in a text that is not: then it is a name (PM, AFK), not a chat form.
func shouted(raw, text string) bool {
	return len(raw) > 1 && raw == strings.ToUpper(raw) && raw != strings.ToLower(raw) && text != strings.ToUpper(text)
}

// units picks the words that distinguish the question: no stop words, no filler, each once.
func (w *words) units(toks []Token, skip, filler []bool) []Unit {
	var out []Unit
	seen := map[string]bool{}
	for i, t := range toks {
		if len(out) == maxUnits {
			break
		}
		if !skip[i] && !t.Stop && !seen[t.Term] {
			seen[t.Term] = true
			out = append(out, Unit{Term: t.Term, Word: t.Word, Token: i, Name: t.Name, Num: t.Num, Filler: filler[i], Soft: w.isSoft(t)})
		}
	}
	return out
}

// answerType finds the first phrase that asks for a kind of answer, and marks the words of a longer one ("which
// year") as read. A yes-or-no question is one that opens with an auxiliary and holds no question word.
func (w *words) answerType(toks []Token, skip []bool) AnswerType {
	n := len(toks)
	word := func(i int) string { return toks[i].Word }
	yesno := false
	for i := 0; i < n; i++ {
		p := w.askPhrase.at(i, n, word)
		if p == nil {
			continue
		}
		t := w.asks[strings.Join(p, " ")]
		if t == AskYesNo {
			yesno = yesno || i == 0
			i += len(p) - 1 // Dutch: the "waar" of "is het waar" does not ask where
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
		return AskYesNo
	}
	return w.softType(toks, skip)
}

// softType is the kind of answer that a noun names where no question word asks for one: "nato office city".
func (w *words) softType(toks []Token, skip []bool) AnswerType {
	for i, t := range toks {
		if kind, ok := w.soft[t.Word]; ok && !skip[i] {
			return kind
		}
	}
	return AskWhat
}

// maxParts is how many questions a message is taken to hold at most.
const maxParts = 3

// parts cuts a message of several questions: after a question mark, and before an "and" that a question word follows.
func (w *words) parts(r *Reading, skip []bool) []string {
	n := len(r.Tokens)
	word := func(i int) string { return r.Tokens[i].Word }
	asks := func(i int) bool {
		p := w.askPhrase.at(i, n, word)
		return p != nil && (w.asks[strings.Join(p, " ")] != AskYesNo || r.Tokens[i].Stop)
	}
	var out []string
	from, said := 0, false
	for i, t := range r.Tokens {
		between := ""
		if i > 0 {
			between = r.Text[min(r.Tokens[i-1].Start, t.Start):t.Start]
		}
		cut := -1
		switch {
		case said && strings.ContainsAny(between, "?？"):
			cut = t.Start
		case said && w.and[t.Word] && !accented(t) && i+1 < n && asks(i+1):
			cut = t.Start
		}
		if cut > from {
			out = append(out, strings.TrimSpace(r.Text[from:cut]))
			from, said = cut, false
			if w.and[t.Word] && i+1 < n {
				from = r.Tokens[i+1].Start
			}
		}
		said = said || !t.Stop && !skip[i]
	}
	if len(out) == 0 || len(out) >= maxParts || !said {
		return nil
	}
	return append(out, strings.TrimSpace(r.Text[from:]))
}

// names marks the names of a question, which chat often writes without capitals, or the whole question in them.
func names(toks []Token) {
	loud, quiet := 0, 0
	for _, t := range toks {
		if strings.ToUpper(t.Raw) == t.Raw && len(t.Raw) > 1 || startsUpper(t.Raw) && !t.Stop {
			loud++
		} else {
			quiet++
		}
	}
	for i := range toks {
		toks[i].Name = toks[i].Name && quiet > loud/2
	}
}

// isSoft reports whether a word only names the kind of answer, or counts it: "the two reasons".
func (w *words) isSoft(t Token) bool {
	_, ok := w.soft[t.Word]
	return ok || t.Num && t.Raw[0] > '9'
}

// wholeKind recognises a message that is, but for filler, a greeting, thanks, a call for help or for the overview.
func (w *words) wholeKind(toks []Token, skip, filler []bool) Kind {
	var all, kept []string
	for i, t := range toks {
		all = append(all, t.Word)
		if !skip[i] && !filler[i] {
			kept = append(kept, t.Word)
		}
		if i > 24 {
			return Asks
		}
	}
	for _, x := range [][]string{all, kept} {
		if k, ok := w.kinds[strings.Join(x, " ")]; ok {
			return k
		}
	}
	// "hi there, what can you do": every part is one of a kind; the last that is not a greeting counts. Read with the filler first: "can
	// you" is filler elsewhere.
	if k := w.kindOfParts(all); k != Asks {
		return k
	}
	return w.kindOfParts(kept)
}

// kindOfParts is the kind of a message all of whose parts are greetings, thanks and the like; Asks for any other.
func (w *words) kindOfParts(said []string) Kind {
	kind := Asks
	for i := 0; i < len(said); {
		j := min(len(said), i+8)
		for ; j > i; j-- {
			if k, ok := w.kinds[strings.Join(said[i:j], " ")]; ok {
				if kind == Asks || kind == Greeting {
					kind = k
				}
				break
			}
		}
		if j == i {
			return Asks
		}
		i = j
	}
	return kind
}

func joinWords(toks []Token) string {
	var b strings.Builder
	for i, t := range toks[:min(len(toks), 12)] {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Word)
	}
	return b.String()
}

// accented reports whether a word of one letter is written with an accent: "é" and "è" are the verb, and no "and".
func accented(t Token) bool { return len(t.Word) == 1 && len(t.Raw) > 1 }

// opens reports whether the question opens as a follow-up does.
func (w *words) opens(toks []Token) bool {
	if len(toks) > 0 && accented(toks[0]) {
		return false
	}
	s := joinWords(toks[:min(len(toks), 5)]) + " "
	for _, l := range w.lean {
		if strings.HasPrefix(s, l) && strings.HasPrefix(s[len(l):], " ") {
			return true
		}
	}
	return false
}

// asking finds, in a text of several sentences, the one that asks: the last with a question mark, else the last that opens like a question. long
// reports whether there are several sentences of more than a few words.
func (l *Language) asking(text string) (ask string, long bool) {
	var sentences []string
	from := 0
	for i, r := range text {
		end := r == '。' || r == '？' || r == '！'
		if r == '.' || r == '!' || r == '?' || r == '…' {
			next := i + len(string(r))
			end = next >= len(text) || text[next] == ' '
		}
		if end {
			next := i + len(string(r))
			if s := strings.TrimSpace(text[from:next]); s != "" {
				sentences = append(sentences, s)
			}
			from = next
		}
	}
	if s := strings.TrimSpace(text[from:]); s != "" {
		sentences = append(sentences, s)
	}
	if len(sentences) < 2 {
		return "", false
	}
	for i := len(sentences) - 1; i >= 0; i-- {
		if s := sentences[i]; strings.ContainsAny(s, "?？") && len(l.Tokens(s)) > 2 {
			return s, true
		}
	}
	for i := len(sentences) - 1; i >= 0; i-- {
		if l.pairs {
			if l.list.marksAsk(sentences[i]) {
				return sentences[i], true
			}
			continue
		}
		toks := l.Tokens(sentences[i])
		if len(toks) > 2 && l.list.askPhrase.at(0, len(toks), func(k int) string { return toks[k].Word }) != nil {
			return sentences[i], true
		}
	}
	return "", true
}
