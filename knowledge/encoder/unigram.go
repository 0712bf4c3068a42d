package encoder

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unigram is the tokenizer of XLM-R (SentencePiece; Kudo 2018): of all ways to take a text apart into pieces, the one whose scores (logarithms of
// probabilities) add up to the most. Words begin with "▁", and so does the text. Nothing that a text says is a special piece.
type unigram struct {
	vocab   *trie
	scores  []float32
	worst   float64 // the score of a letter that is in no piece
	unknown int32
	mapped  characterMap
}

// unknownPenalty is how much worse than the worst piece an unknown letter is, in SentencePiece.
const unknownPenalty = 10

var errUnigram = errors.New("the scores or the character map are not whole")

func newUnigram(vocab *trie, scores []float32, unknown int32, m characterMap) (*unigram, error) {
	worst := float32(0)
	for _, s := range scores {
		if !(s >= -1000 && s <= 1000) { // NaN, too
			return nil, errUnigram
		}
		worst = min(worst, s)
	}
	return &unigram{vocab: vocab, scores: scores, worst: float64(worst) - unknownPenalty, unknown: unknown, mapped: m}, nil
}

const wordStart = "▁"

// longestPiece is no less than the bytes of any piece. A text is read so far only that `most` pieces are surely in it, and a few more, so that those
// before the cut are what they would be without it.
const (
	longestPiece = 48
	morePieces   = 16
)

func (u *unigram) appendPieces(ids []int32, text string, most int) []int32 {
	longest := math.MaxInt
	if most < len(text) {
		longest = (most + morePieces) * longestPiece
	}
	s := u.normalise(text, longest)
	// best[i] is the best way to s[:i].
	type way struct {
		score float64
		id    int32
		from  int32
	}
	best := make([]way, len(s)+1)
	for i := range best {
		best[i].score = math.Inf(-1)
	}
	best[0].score = 0
	for i := 0; i < len(s); {
		_, letter := utf8.DecodeRuneInString(s[i:])
		so, node, ok := best[i].score, root, true
		for j := i; j < len(s); j++ {
			if node, ok = u.vocab.next(node, s[j]); !ok {
				break
			}
			if id, ok := u.vocab.piece(node); ok {
				if score := so + float64(u.scores[id]); score > best[j+1].score {
					best[j+1] = way{score, id, int32(i)}
				}
			}
		}
		if score := so + u.worst; score > best[i+letter].score {
			best[i+letter] = way{score, u.unknown, int32(i)}
		}
		i += letter
	}
	n := len(ids)
	for i := len(s); i > 0; i = int(best[i].from) {
		if id := best[i].id; id != u.unknown || len(ids) == n || ids[len(ids)-1] != id { // unknown letters in a row are one piece
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids[n:])
	return ids
}

// normalise gives the text as pieces are made of: with composed accents, compatibility forms (NFKC) and what SentencePiece does beyond that by the map, and "▁" for each
// stretch of spaces between words and before the first. It stops soon after `longest` bytes.
func (u *unigram) normalise(text string, longest int) string {
	var b strings.Builder
	space := true // before the next letter
	add := func(r rune) {
		switch {
		case unicode.IsSpace(r):
			space = true
			return
		case space:
			b.WriteString(wordStart)
			space = false
		}
		b.WriteRune(r)
	}
	for _, r := range norm.NFC.String(text) {
		if b.Len() > longest {
			break
		}
		if to, ok := u.mapped.find(r); ok {
			for _, r := range to {
				add(r)
			}
		} else {
			add(r)
		}
	}
	return b.String()
}

// A characterMap says what stands for a character: n characters in order (4 bytes each), where the text of each ends (4 bytes), and the texts.
type characterMap struct {
	runes, ends, text []byte
}

// newCharacterMap checks that characters are in order, and texts too.
func newCharacterMap(runes, ends, text []byte) (characterMap, error) {
	m := characterMap{runes, ends, text}
	rune_, end := uint32(0), uint32(0)
	for i := 0; i < len(runes); i += 4 {
		r, e := binary.LittleEndian.Uint32(runes[i:]), binary.LittleEndian.Uint32(ends[i:])
		if i > 0 && r <= rune_ || e < end || e > uint32(len(text)) {
			return m, errUnigram
		}
		rune_, end = r, e
	}
	return m, nil
}

func (m *characterMap) find(r rune) (to string, ok bool) {
	if r >= ' ' && r <= '~' {
		return "", false
	}
	low, high := 0, len(m.runes)/4
	for low < high {
		middle := (low + high) / 2
		switch at := rune(binary.LittleEndian.Uint32(m.runes[4*middle:])); {
		case at < r:
			low = middle + 1
		case at > r:
			high = middle
		default:
			begin := uint32(0)
			if middle > 0 {
				begin = binary.LittleEndian.Uint32(m.ends[4*middle-4:])
			}
			return string(m.text[begin:binary.LittleEndian.Uint32(m.ends[4*middle:])]), true
		}
	}
	return "", false
}
