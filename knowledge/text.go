package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"golang.org/x/text/unicode/norm"
)

// A token is one word of a text.
type token struct {
	raw   string // as written
	word  string // lower case, without accents and possessive
	term  string // what is matched: the stem; a number word as its digits
	start int    // the byte where raw begins
	stop  bool   // a word that carries no topic: the, of, what
	name  bool   // written with a capital where a sentence does not ask for one
	num   bool   // begins with a digit, or is a number word
}

// tokenize cuts an English text into words. Letters and digits make words; a full stop, an apostrophe or a comma
// between two of them stays inside (U.S., don't, 69,197).
func (w *words) tokenize(text string, into []token) []token { return w.cut(text, into, nil) }

// cut is tokenize, and remembers in memo, where that isn't nil, what words are as tokens: finding stems takes most of the time.
func (w *words) cut(text string, into []token, memo map[string]token) []token {
	first := true // the next word begins a sentence
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isWordRune(r) {
			if r == '.' || r == '!' || r == '?' || r == '\n' || r == ':' || r == '“' || r == '"' {
				first = true
			}
			i += n
			continue
		}
		start := i
		for i < len(text) {
			r, n = utf8.DecodeRuneInString(text[i:])
			if !isWordRune(r) && !(isJoiner(r) && joins(text, i, n)) {
				break
			}
			i += n
		}
		t := w.remembered(text[start:i], start, memo)
		if t.word == "" {
			continue
		}
		t.name = !first && startsUpper(t.raw)
		first = false
		into = append(into, t)
	}
	return into
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

func isJoiner(r rune) bool { return r == '.' || r == '\'' || r == '’' || r == ',' }

// joins reports whether the joiner at text[i:i+n] stands between two word characters, and, for a comma, two digits.
func joins(text string, i, n int) bool {
	next, _ := utf8.DecodeRuneInString(text[i+n:])
	prev, _ := utf8.DecodeLastRuneInString(text[:i])
	switch text[i] {
	case ',':
		return unicode.IsDigit(prev) && unicode.IsDigit(next)
	case '.':
		// 2.5 and U.S, but not the missing space in "end.Then".
		return unicode.IsDigit(prev) && unicode.IsDigit(next) || singleLetter(text, i) && unicode.IsLetter(next)
	}
	return isWordRune(prev) && isWordRune(next)
}

// singleLetter reports whether the letter before text[i] stands alone, as in an abbreviation.
func singleLetter(text string, i int) bool {
	prev, n := utf8.DecodeLastRuneInString(text[:i])
	if !unicode.IsLetter(prev) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i-n])
	return !isWordRune(before)
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// remembered is token, by the memo where it has the word.
func (w *words) remembered(raw string, start int, memo map[string]token) token {
	if memo == nil {
		return w.token(raw, start)
	}
	t, ok := memo[raw]
	if !ok {
		own := strings.Clone(raw) // so that the memo does not keep whole texts
		t = w.token(own, 0)
		memo[own] = t
	}
	t.start = start
	return t
}

// token makes a token of one written word.
func (w *words) token(raw string, start int) token {
	t := token{raw: raw, start: start}
	t.word = fold(raw)
	if t.word == "" {
		return t
	}
	if (raw == "US" || raw == "USA" || raw == "U.S" || raw == "U.S.A") && t.word != "usa" {
		t.word = "usa" // not the pronoun
	}
	t.num = t.word[0] >= '0' && t.word[0] <= '9'
	t.stop = w.stop[t.word]
	if digits, ok := numberWords[t.word]; ok {
		t.term, t.num = digits, true
		return t
	}
	if t.num {
		t.term = strings.ReplaceAll(t.word, ",", "")
		if y := strings.TrimRight(t.term, "stndrh"); y != t.term && len(t.term)-len(y) == 2 {
			t.term = y // 31st, 2nd
		}
		return t
	}
	t.term = w.stem(t.word)
	return t
}

// fold gives the word in lower case, without accents, dots, apostrophes and the possessive 's.
func fold(raw string) string {
	ascii := true
	lower := true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if !('a' <= c && c <= 'z') {
			lower = false
		}
	}
	if ascii && lower {
		return raw
	}
	s := raw
	if !ascii {
		s = strings.ReplaceAll(s, "’", "'")
		s = dropMarks(norm.NFKD.String(s))
		s = letterForms.Replace(s)
	}
	s = strings.ToLower(s)
	s = strings.TrimSuffix(s, "'s")
	if s != "" && (s[0] < '0' || s[0] > '9') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), "'", "")
	}
	return s
}

func dropMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// letterForms writes letters that have no accent to drop as people type them.
var letterForms = strings.NewReplacer("ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ß", "ss", "æ", "ae", "Æ", "Ae", "œ", "oe", "Œ", "Oe", "ı", "i", "þ", "th", "ð", "d")

// stemEnglish is Porter's second stemmer, of the Snowball project.
func stemEnglish(word string) string {
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

var numberWords = map[string]string{
	"zero": "0", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
	"eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
	"eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
	"eighty": "80", "ninety": "90", "hundred": "100", "thousand": "1000",
}
