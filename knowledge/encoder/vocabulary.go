package encoder

import (
	"slices"
	"strings"
)

// Rarity says how much a word tells in its language at large, 0 (in every sentence) to 1 (hardly ever seen), by the score that Multilingual's vocabulary gives its
// pieces: a word's logarithm of how often it comes in the hundred languages' texts it was made of. A word that is no piece by itself is rare. The word is
// to be folded to lower case. English has no such scores: there every word is 1.
func (e *Encoder) Rarity(word string) float64 {
	u, ok := e.tokenizer.(*unigram)
	if !ok {
		return 1
	}
	best := 0.0
	first := min(1, len(word))
	for _, w := range []string{wordStart + word, wordStart + strings.ToUpper(word[:first]) + word[first:], word} { // German nouns; scripts that write no spaces
		if node, ok := u.vocab.walk(w); ok {
			if id, ok := u.vocab.piece(node); ok && id != u.unknown {
				if s := float64(u.scores[id]); best == 0 || s > best {
					best = s
				}
			}
		}
	}
	if best == 0 {
		return 1
	}
	return max(0, min(1, (-best-commonScore)/(rareScore-commonScore)))
}

// The scores between which a word's rarity goes from 0 to 1: that of "of" and that of a word that comes once in 200,000.
const (
	commonScore = 7.0
	rareScore   = 13.5
)

// Knows reports whether a folded word is a piece of the vocabulary by itself: then it is a word, not a misspelling.
func (e *Encoder) Knows(word string) bool {
	var v *trie
	switch t := e.tokenizer.(type) {
	case *unigram:
		v, word = t.vocab, wordStart+word
	case *wordPiece:
		v = t.vocab
	}
	node, ok := v.walk(word)
	if ok {
		_, ok = v.piece(node)
	}
	return ok
}

// Words lists the words of English's vocabulary in plain letters, of three and more, the most common first: BERT's vocabulary is in that order.
func (e *Encoder) Words() []string {
	w, ok := e.tokenizer.(*wordPiece)
	if !ok {
		return nil
	}
	type word struct {
		id   int32
		text string
	}
	var all []word
	var walk func(node int, text []byte)
	walk = func(node int, text []byte) {
		if id, ok := w.vocab.piece(node); ok && len(text) >= 3 {
			all = append(all, word{id, string(text)})
		}
		for c := byte('a'); c <= 'z'; c++ {
			if child, ok := w.vocab.next(node, c); ok {
				walk(child, append(text, c))
			}
		}
	}
	walk(root, nil)
	slices.SortFunc(all, func(a, b word) int { return int(a.id - b.id) })
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = w.text
	}
	return out
}
