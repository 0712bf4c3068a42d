package knowledge

import (
	"strings"
	"unicode/utf8"
)

// A fuzzyKey groups the base's terms that a misspelling may stand for: a slip seldom changes the first letter or the
// length by more than one or two.
type fuzzyKey struct {
	first byte
	size  int
}

// newFuzzy groups the base's terms by first letter and length.
func (x *index) newFuzzy() map[fuzzyKey][]uint32 {
	out := map[fuzzyKey][]uint32{}
	for i, t := range x.terms {
		if x.df[i] > 0 && len(t) >= 4 && t[0] >= 'a' && t[0] <= 'z' {
			k := fuzzyKey{t[0], utf8.RuneCountInString(t)}
			out[k] = append(out[k], uint32(i))
		}
	}
	return out
}

// misspelt returns the base's terms that a word the base doesn't know may be a misspelling of: one slip in a word of
// four or more letters, two from eight.
func (x *index) misspelt(term string) []alt {
	n := utf8.RuneCountInString(term)
	if n < 4 || term[0] < 'a' || term[0] > 'z' {
		return nil
	}
	most := 1
	if n >= 8 {
		most = 2
	}
	best := most + 1
	var out []alt
	for size := n - most; size <= n+most; size++ {
		for _, id := range x.fuzzy[fuzzyKey{term[0], size}] {
			d := slips(term, x.terms[id], best)
			if d < best {
				best, out = d, out[:0]
			}
			if d == best && d <= most {
				out = append(out, alt{id, weightFuzzy})
			}
		}
	}
	return out
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

// shortened returns the base's terms that a word without most of its vowels may stand for, as chat writes: cntry, mtg, prsdnt.
func (x *index) shortened(word string) []alt {
	bones := skeleton(word)
	if len(bones) < 3 || 3*len(bones) < 2*len(word) || word[0] < 'a' || word[0] > 'z' {
		return nil
	}
	var out []alt
	for size := len(word) + 1; size <= 2*len(word)+2; size++ {
		for _, id := range x.fuzzy[fuzzyKey{word[0], size}] {
			if skeleton(x.terms[id]) == bones {
				out = append(out, alt{id, weightShortened})
			}
		}
	}
	return out
}

// skeleton is the first letter of a word and its consonants, double ones once.
func skeleton(word string) string {
	var b [32]byte
	n := 0
	for i := 0; i < len(word) && n < len(b); i++ {
		c := word[i]
		if i > 0 && (c == word[i-1] || strings.IndexByte("aeiouy", c) >= 0) {
			continue
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}

// weightShortened is what such a match is worth: several words share their consonants.
const weightShortened = 0.7
