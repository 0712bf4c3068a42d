package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Token is one word of a text.
type Token struct {
	Raw   string // as written
	Word  string // in lower case, without accents, apostrophes and possessive
	Term  string // what is matched: the stem; a number word as its digits
	Start int    // the byte where Raw begins
	Stop  bool   // a grammar word, which carries no topic: the, of, what
	Name  bool   // written with a capital where a sentence does not ask for one
	Num   bool   // begins with a digit, or is a number word
}

// Tokens cuts a text into words. Letters and digits make words; a full stop, an apostrophe or a comma between two of them stays inside (U.S.,
// don't, 69,197). Chinese, Japanese and Korean are cut into pairs of characters.
func (l *Language) Tokens(text string) []Token {
	if l.pairs {
		return l.analysed(text)
	}
	var out []Token
	first := true // the next word begins a sentence
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !IsWordRune(r) {
			if r == '.' || r == '!' || r == '?' || r == '\n' || r == ':' || r == '“' || r == '"' || r == '¿' || r == '¡' {
				first = true
			}
			i += n
			continue
		}
		start := i
		for i < len(text) {
			r, n = utf8.DecodeRuneInString(text[i:])
			if !IsWordRune(r) && !(isJoiner(r) && joins(text, i, n)) {
				break
			}
			i += n
		}
		t := l.token(text[start:i], start)
		if t.Word == "" {
			continue
		}
		t.Name = !first && startsUpper(t.Raw)
		first = false
		out = append(out, t)
	}
	return out
}

// analysed cuts a text by bleve's analyzer, which for Chinese, Japanese and Korean gives pairs of characters. Pairs of nothing but kana are grammar
// (です, から) far more often than topic, but loan words are written in katakana.
func (l *Language) analysed(text string) []Token {
	var out []Token
	for _, t := range l.analyzer.Analyze([]byte(text)) {
		raw := string(t.Term)
		if t.Start >= 0 && t.End <= len(text) && t.Start < t.End {
			raw = text[t.Start:t.End]
		}
		word := Fold(raw)
		if word == "" {
			continue
		}
		hiragana := true
		for _, r := range word {
			hiragana = hiragana && unicode.Is(unicode.Hiragana, r)
		}
		out = append(out, Token{Raw: raw, Word: word, Term: string(t.Term), Start: t.Start, Num: word[0] >= '0' && word[0] <= '9', Stop: hiragana})
	}
	return out
}

// IsWordRune reports whether a rune is part of words: letters, digits and the marks above them.
func IsWordRune(r rune) bool {
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
	return IsWordRune(prev) && IsWordRune(next)
}

// singleLetter reports whether the letter before text[i] stands alone, as in an abbreviation.
func singleLetter(text string, i int) bool {
	prev, n := utf8.DecodeLastRuneInString(text[:i])
	if !unicode.IsLetter(prev) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i-n])
	return !IsWordRune(before)
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// token makes a token of one written word.
func (l *Language) token(raw string, start int) Token {
	t := Token{Raw: raw, Start: start, Word: Fold(raw)}
	if t.Word == "" {
		return t
	}
	if (raw == "US" || raw == "USA" || raw == "U.S" || raw == "U.S.A") && t.Word != "usa" {
		t.Word = "usa" // not the pronoun
	}
	t.Num = t.Word[0] >= '0' && t.Word[0] <= '9'
	if digits, ok := l.list.number[t.Word]; ok {
		t.Term, t.Num, t.Stop = digits, true, l.list.stop[t.Word]
		return t
	}
	if t.Num {
		t.Term = strings.ReplaceAll(t.Word, ",", "")
		if y := strings.TrimRight(t.Term, "stndrh"); y != t.Term && len(t.Term)-len(y) == 2 {
			t.Term = y // 31st, 2nd
		}
		return t
	}
	s := l.stem(raw, t.Word)
	t.Term, t.Stop = s.term, s.stop
	return t
}

// A stemmed is what a word is matched by.
type stemmed struct {
	term string
	stop bool
}

// Fold gives a word in lower case, without accents, dots, apostrophes and the possessive 's.
func Fold(raw string) string {
	plain := true
	for i := 0; i < len(raw) && plain; i++ {
		plain = 'a' <= raw[i] && raw[i] <= 'z'
	}
	if plain {
		return raw
	}
	s := strings.ReplaceAll(raw, "’", "'")
	s = dropMarks(norm.NFKD.String(s))
	s = letterForms.Replace(s)
	s = strings.ToLower(s)
	s = strings.TrimSuffix(s, "'s")
	if s != "" && (s[0] < '0' || s[0] > '9') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), "'", "")
	}
	return s
}

// dropMarks drops the marks of Latin, Greek and Cyrillic letters. Those of kana (が is か with a mark) are put back: there they make another sound.
func dropMarks(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) && r != '\u3099' && r != '\u309a' {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// letterForms writes letters that have no accent to drop as people type them.
var letterForms = strings.NewReplacer("ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ß", "ss", "æ", "ae", "Æ", "Ae", "œ", "oe", "Œ", "Oe", "ı", "i", "þ", "th", "ð", "d")
