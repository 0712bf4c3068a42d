package encoder

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// wordPiece is BERT's uncased tokenizer (Devlin et al. 2019): text is cleaned, lower-cased and stripped of accents, split at spaces and around punctuation and
// Chinese characters, and each word is taken apart into the longest pieces that the vocabulary has, from its beginning on. Pieces that go on with a word are
// there with "##" before them. Nothing that a text says is a special piece: "[SEP]" is a bracket, a word and a bracket.
type wordPiece struct {
	vocab   *trie
	inside  int // the node of "##"
	unknown int32
}

// longestWord is how many letters a word has at most; a longer one is unknown as a whole.
const longestWord = 100

func (w *wordPiece) appendPieces(ids []int32, text string, most int) []int32 {
	clean := make([]byte, 0, len(text)+16)
	for _, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			clean = append(clean, ' ')
		case r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co): // unicode.C would take what is not assigned, too
		case unicode.IsSpace(r):
			clean = append(clean, ' ')
		case isChinese(r):
			clean = append(utf8.AppendRune(append(clean, ' '), r), ' ')
		default:
			clean = utf8.AppendRune(clean, r)
		}
	}
	clean = norm.NFD.Bytes(clean)
	var word []byte
	end := func() {
		if len(word) > 0 {
			ids = w.appendWord(ids, word)
			word = word[:0]
		}
	}
	for i, n := 0, len(ids); i < len(clean) && len(ids)-n < most; {
		r, size := utf8.DecodeRune(clean[i:])
		i += size
		switch {
		case unicode.Is(unicode.Mn, r): // an accent
		case unicode.IsSpace(r):
			end()
		case isPunctuation(r):
			end()
			word = utf8.AppendRune(word, r)
			end()
		default:
			word = utf8.AppendRune(word, unicode.ToLower(r))
		}
	}
	end()
	return ids
}

// appendWord appends the pieces of one word, or the unknown piece where it can't be taken apart to its end.
func (w *wordPiece) appendWord(ids []int32, word []byte) []int32 {
	if utf8.RuneCount(word) > longestWord {
		return append(ids, w.unknown)
	}
	n := len(ids)
	for from, node := 0, root; from < len(word); node = w.inside {
		longest, end := int32(0), from
		for i := from; i < len(word); i++ {
			var ok bool
			if node, ok = w.vocab.next(node, word[i]); !ok {
				break
			}
			if id, ok := w.vocab.piece(node); ok {
				longest, end = id, i+1
			}
		}
		if end == from {
			return append(ids[:n], w.unknown)
		}
		ids = append(ids, longest)
		from = end
	}
	return ids
}

// isChinese tells the characters that stand for words of their own, by BERT's list of blocks.
func isChinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF || r >= 0x2A700 && r <= 0x2B73F ||
		r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}

// isPunctuation counts all the signs of ASCII in, "$" and "+" too, as BERT does.
func isPunctuation(r rune) bool {
	return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~' || r > unicode.MaxASCII && unicode.Is(unicode.P, r)
}
