package language

import (
	"strings"
	"unicode/utf8"
)

// A Mender repairs misspelt words: to a word of the facts where one is as near as any, else to a common word. It never changes after [NewMender].
type Mender struct {
	words *Dictionary
	facts map[string]bool
	near  map[bucket][]string // words of the facts
}

// A Dictionary is the words of a language. It never changes; many menders may share it.
type Dictionary struct {
	known  func(word string) bool // whether it is a word of the language
	common map[bucket][]string    // common words, most common first
}

// NewDictionary makes a dictionary of the common words of a language, the most common first, and of a test whether a word is one at all. All are folded.
func NewDictionary(common []string, known func(word string) bool) *Dictionary {
	d := &Dictionary{known: known, common: map[bucket][]string{}}
	for _, w := range common {
		put(d.common, w, 3)
	}
	return d
}

// put adds a word of plain letters that has at least so many of them.
func put(into map[bucket][]string, w string, least int) {
	if n := utf8.RuneCountInString(w); n >= least && isLetters(w) {
		into[bucket{w[0], n}] = append(into[bucket{w[0], n}], w)
	}
}

// A bucket groups words that a misspelling may stand for: a slip seldom changes the first letter or the length by more than one or two.
type bucket struct {
	first byte
	size  int
}

// NewMender makes a mender of the words that the facts hold, folded, and of those of their language.
func NewMender(facts []string, words *Dictionary) *Mender {
	m := &Mender{words: words, facts: make(map[string]bool, len(facts)), near: map[bucket][]string{}}
	for _, w := range facts {
		if !m.facts[w] {
			m.facts[w] = true
			put(m.near, w, 4)
		}
	}
	return m
}

func isLetters(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return w != ""
}

// Mend gives a better spelling of a word, or nothing where it is a word of the facts or the language, a number, a name, or like none.
func (m *Mender) Mend(t Token) string {
	n := len(t.Word)
	if n < 3 || n > 24 || !isLetters(t.Word) || t.Num || t.Stop || m.facts[t.Word] || m.words.known(t.Word) {
		return ""
	}
	if t.Name || t.Raw == strings.ToUpper(t.Raw) {
		return "" // a name, or an abbreviation: better unknown than another's
	}
	if strings.HasSuffix(t.Word, "in") && m.words.known(t.Word+"g") {
		return t.Word + "g" // talkin, openin
	}
	most := 1
	if n >= 8 {
		most = 2
	}
	for d := 1; d <= most; d++ {
		for _, from := range []map[bucket][]string{m.near, m.words.common} {
			for _, size := range []int{n, n + 1, n - 1, n + 2, n - 2} {
				if max(size-n, n-size) > d {
					continue
				}
				for _, w := range from[bucket{t.Word[0], size}] {
					if n <= 4 && len(w) != n && len(w) != n+1 {
						continue
					}
					if slips(t.Word, w, d) == d && (n > 4 || swapped(t.Word, w) || len(w) == n+1) {
						return w
					}
				}
			}
		}
	}
	return ""
}

// swapped reports whether two words of one length have the same letters in another order: in a short word any other slip makes too many words alike.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var count [26]int
	for i := range a {
		count[a[i]-'a']++
		count[b[i]-'a']--
	}
	return count == [26]int{}
}

// slips counts the letters to add, drop, change or swap with their neighbour to make b of a, up to most+1
// (the optimal string alignment distance).
func slips(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][64]int
	if len(b) >= 64 {
		return most + 1
	}
	for j := 0; j <= len(b); j++ {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur, prev, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			v := min(cur[j-1]+1, prev[j]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				v = min(v, before[j-2]+1)
			}
			cur[j] = v
			least = min(least, v)
		}
		if least > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}
