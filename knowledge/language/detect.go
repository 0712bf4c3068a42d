package language

import (
	"strings"
	"unicode"
)

// Listed are the tags of the languages that have a word list, and whose messages [Detect] therefore tells apart.
var Listed = []string{"en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt"}

// Detect tells in which language a message is written, by its grammar words and its script. Where they do not tell clearly, as in a message of
// three words, it is the one given as likely: a base's own.
func Detect(text, likely string) string {
	kana, hangul, han, letters := 0, 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case (kana > 1 || han > 0 && kana > 0) && kana+han >= letters/2: // one kana alone is part of a face: ¯\_(ツ)_/¯
		return "ja"
	case hangul > letters:
		return "ko"
	case han > letters:
		if likely == "ja" || likely == "ko" {
			return likely
		}
		return "zh"
	}
	words := folded(text)
	elided := elisions(text)
	best, most, second, own := "", 0, 0, 0
	for _, tag := range Listed {
		n := 0
		list := listOf(tag)
		for _, w := range words {
			if list.stop[w] {
				n++
			}
		}
		for _, w := range elided {
			if list.stop[w[0]] && !list.stop[w[1]] {
				n++
			}
		}
		if tag == likely {
			own = n
		}
		if n > most {
			best, most, second = tag, n, most
		} else if n > second {
			second = n
		}
	}
	// Languages share short words (a, die, is, no); half as many again and two more are no chance.
	if best != likely && most >= own+2 && 2*most >= 3*own && most > second && 3*most >= len(words) {
		return best
	}
	return likely
}

// elisions lists the words that an apostrophe joins to the next, each with the whole: l' of l'evento, dell' of dell'anno. They tell a language too.
func elisions(text string) (out [][2]string) {
	if !strings.ContainsAny(text, "'’") {
		return nil
	}
	for _, raw := range strings.Fields(text) {
		raw = strings.ReplaceAll(raw, "’", "'")
		before, after, ok := strings.Cut(raw, "'")
		before = strings.TrimFunc(before, func(r rune) bool { return !IsWordRune(r) })
		// In English and Dutch what follows is the shorter half: it's, foto's.
		if ok && before != "" && len(after) > 2 {
			out = append(out, [2]string{Fold(before), Fold(before + "'" + strings.TrimFunc(after, func(r rune) bool { return !IsWordRune(r) }))})
		}
	}
	return out
}
