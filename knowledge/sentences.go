package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Words whose full stop ends no sentence.
var (
	// These stand before a name or a number, always.
	abbreviations = wordSet(`mr mrs ms mx dr prof gen col maj capt lt sgt adm cmdr sen rep gov pres rev hon st messrs mt ft
		no nos art sec fig vol pp vs cf approx est jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e`)
	// These may end a sentence or not; what follows tells.
	ambiguous = wordSet(`inc ltd corp co jr sr etc al bros dept univ a.m p.m u.s u.k u.n e.u d.c ph.d b.c a.d u.s.a`)
	// A sentence begins like this more often than a name goes on.
	starters = wordSet(`the a an this that these those it its he she they we i you his her their our in on at by from with for after
		before during since while when where why how what who but and or however although if as there here then also meanwhile such some
		many most both all no not one two three`)
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// A sentence is one sentence of a paragraph.
type sentence struct {
	text  string
	quote int // the number of the quotation it stands in, from 1; 0: none
}

// splitSentences splits a paragraph where Unicode (UAX 29) does, but not after abbreviations and initials. A
// quotation of several sentences is split too, and each gets quotation marks of its own.
func splitSentences(paragraph string) []sentence {
	var parts []string
	rest, state, joined := paragraph, -1, ""
	for rest != "" {
		var s string
		s, rest, state = uniseg.FirstSentenceInString(rest, state)
		joined += s
		if !goesOn(joined, rest) {
			parts, joined = append(parts, joined), ""
		}
	}
	if joined != "" {
		parts = append(parts, joined)
	}
	var all []sentence
	open, quote := "", 0 // the mark that closes the quotation we are in
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		s := sentence{text: p}
		if open != "" {
			s.text, s.quote = opening(open)+p, quote
		}
		if was := open; true {
			open = openAfter(p, was)
			if open != "" && was == "" {
				quote++
				s.quote = quote
			}
		}
		if open != "" {
			s.text += open
		}
		all = append(all, s)
	}
	return all
}

// goesOn reports whether the sentence so far, though it ends in a full stop, goes on with the rest.
func goesOn(s, rest string) bool {
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	if !strings.HasSuffix(s, ".") || rest == "" {
		return false
	}
	words := strings.Fields(s)
	last := strings.TrimLeftFunc(strings.TrimSuffix(words[len(words)-1], "."), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	next := ""
	if following := strings.Fields(rest); len(following) > 0 {
		next = strings.ToLower(strings.Trim(following[0], `"'“”‘’(),.;:`))
	}
	initial := utf8.RuneCountInString(last) == 1 && unicode.IsUpper([]rune(last)[0])
	switch lower := strings.ToLower(last); {
	case lower == "no": // "No. 5" and "He said no."
		return next != "" && unicode.IsDigit([]rune(next)[0])
	case abbreviations[lower]:
		return true
	case ambiguous[lower], initial:
		return !starters[next]
	}
	return false
}

// openAfter returns the mark that closes the quotation which is open at the end of s, if one is, when it began inside one that
// the given mark closes.
func openAfter(s, open string) string {
	for _, r := range s {
		switch {
		case open != "" && string(r) == open:
			open = ""
		case open == "" && r == '“':
			open = "”"
		case open == "" && r == '"':
			open = `"`
		case open == "" && r == '«':
			open = "»"
		}
	}
	return open
}

func opening(closing string) string {
	switch closing {
	case "”":
		return "“"
	case "»":
		return "«"
	}
	return closing
}
