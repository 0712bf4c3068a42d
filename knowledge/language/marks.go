package language

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Japanese writes no spaces and is cut into pairs of characters, which match no entry of a word list. Its whole messages are compared without spaces
// and punctuation instead, and its question words and filler are found wherever they stand.

// A mark is an entry of a word list that is found anywhere in a text.
type mark struct {
	text string
	of   markOf
	ask  AnswerType
}

// A markOf is what a mark says of its text.
type markOf uint8

const (
	markFiller markOf = iota
	markAsk
	markPronoun
	markNegation
)

// mark gathers the marks of a word list.
func (w *words) mark() {
	w.marks = map[rune][]mark{}
	add := func(entry string, of markOf, ask AnswerType) {
		entry = strings.ReplaceAll(entry, " ", "")
		first, _ := utf8.DecodeRuneInString(entry)
		w.marks[first] = append(w.marks[first], mark{entry, of, ask})
	}
	for _, list := range w.filler.byFirst {
		for _, p := range list {
			add(strings.Join(p, ""), markFiller, AskWhat)
		}
	}
	for p, t := range w.asks {
		add(p, markAsk, t)
	}
	for p := range w.pronoun {
		add(p, markPronoun, AskWhat)
	}
	for p := range w.negation {
		add(p, markNegation, AskWhat)
	}
	for _, list := range w.marks {
		// Of two with one text the filler goes first, so that the order does not hang on that of the maps.
		slices.SortFunc(list, func(a, b mark) int {
			if d := len(b.text) - len(a.text); d != 0 {
				return d
			}
			if d := strings.Compare(a.text, b.text); d != 0 {
				return d
			}
			return int(a.of) - int(b.of)
		})
	}
}

// readMarks reads what a list of words finds in a text without spaces: it fills the kind of answer, the pronouns and the negation in, and marks the
// tokens as skipped that touch a question word or filler. A pair that begins in one and ends in the next word is no word at all.
func (w *words) readMarks(r *Reading, skip []bool) {
	text := r.Text
	asked, yesno := false, false
	token := 0
	for at := 0; at < len(text); {
		first, n := utf8.DecodeRuneInString(text[at:])
		i := slices.IndexFunc(w.marks[first], func(m mark) bool { return strings.HasPrefix(text[at:], m.text) })
		if i < 0 {
			at += n
			continue
		}
		m := w.marks[first][i]
		end := at + len(m.text)
		switch {
		case m.of == markPronoun:
			r.Pronouns++
		case m.of == markNegation:
			r.Neg = true
		case m.of == markAsk && m.ask == AskYesNo:
			yesno = true
		case m.of == markAsk && !asked:
			r.Type, asked = m.ask, true
		}
		if m.of == markFiller || m.of == markAsk {
			for token < len(r.Tokens) && r.Tokens[token].Start+len(r.Tokens[token].Raw) <= at {
				token++
			}
			for k := token; k < len(r.Tokens) && r.Tokens[k].Start < end; k++ {
				skip[k] = true
			}
		}
		at = end
	}
	switch {
	case asked:
	case yesno:
		r.Type = AskYesNo
	default:
		r.Type = w.softType(r.Tokens, skip)
	}
}

// withParticle reports whether a pair of characters is the end of a word and the particle after it (会は), or that and the next word: it counts only
// where the facts have the same two side by side.
func withParticle(pair string) bool {
	first, n := utf8.DecodeRuneInString(pair)
	second, _ := utf8.DecodeRuneInString(pair[n:])
	const particles = "はがをにでとものへ"
	return len(pair) > n && strings.ContainsRune(particles, first) != strings.ContainsRune(particles, second)
}

// marksAsk reports whether a sentence without spaces holds a question word.
func (w *words) marksAsk(sentence string) bool {
	r := Reading{Text: sentence}
	w.readMarks(&r, nil)
	return r.Type != AskWhat
}

// closed is a text without spaces and punctuation, folded.
func closed(text string) string { return strings.Join(folded(text), "") }

// closedKind is the kind of a message that is written without spaces: of the whole, or of its parts between punctuation.
func (w *words) closedKind(text string) Kind {
	if k, ok := w.kinds[closed(text)]; ok {
		return k
	}
	return w.kindOfParts(folded(text))
}

// closedOpening reports whether a message without spaces opens as a follow-up does. The opening is not the whole of it.
func (w *words) closedOpening(text string) bool {
	return slices.ContainsFunc(w.lean, func(l string) bool { return len(l) < len(text) && strings.HasPrefix(text, l) })
}
