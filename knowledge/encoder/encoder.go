package encoder

import (
	"crypto/sha256"
	"sync"
)

// An Encoder turns texts into vectors. It never changes; many goroutines may use it at once.
type Encoder struct {
	tokenizer   tokenizer
	first, last int32     // the pieces that every text begins and ends with
	prefixes    [2]string // by Role
	limit       int       // of pieces
	hash        [sha256.Size]byte

	table     table
	positions []float32 // [limit][Width]
	norm      norms
	layers    []layer
	inner     int // how wide a layer is in its middle
	epsilon   float32

	kernels *kernels
	spare   sync.Pool // of *scratch
}

// A tokenizer takes a text apart and appends the ids of its pieces: at least `most` of them where there are as many (it may stop there, or not), and none of those that only mark the text's
// beginning and end.
type tokenizer interface {
	appendPieces(ids []int32, text string, most int) []int32
}

// A Role says what a text is for. Multilingual has learned questions and passages apart; to English they are the same.
type Role int

const (
	Question Role = iota // asks something; also the asks of facts
	Passage              // tells something: the texts of facts
)

// fewestPieces is what a limit below it is taken for, so that something of the text is read behind its prefix.
const fewestPieces = 8

// batchPieces is how many pieces are taken through the layers at once: the more, the less often weights are read from memory; 5 MB are in use for it.
// A text of the longest kind must fit.
const batchPieces = 512

// Encode gives the vector of each text. Of a text no more than limit pieces are read, with the two that mark its beginning and end and those of its role; a limit of 0,
// or above the encoder's own (256 English, 512 Multilingual), is its own. An empty text has a vector, too, which means little.
//
// The vector is the mean over all pieces, as both encoders were trained. It has the same bits whatever other texts it is encoded with, and on every machine.
//
// The work is done on the calling goroutine. On one core with AVX2 (2.5 to 3 GHz) English takes 2 to 5 ms for a question of 14 pieces and 3 to 10 ms for a sentence of 25,
// and Multilingual twice that; a text of 256 pieces takes some 50 ms. Plain Go takes twenty times as long. To use more cores, call it on parts of the texts at the same time.
func (e *Encoder) Encode(texts []string, role Role, limit int) []Vector {
	if limit <= 0 || limit > e.limit {
		limit = e.limit
	}
	limit = max(limit, fewestPieces)
	s, _ := e.spare.Get().(*scratch)
	if s == nil {
		s = new(scratch)
	}
	defer e.spare.Put(s)
	vectors := make([]Vector, 0, len(texts))
	s.ids, s.lengths = s.ids[:0], s.lengths[:0]
	for _, text := range texts {
		from := len(s.ids)
		s.ids = e.appendPieces(s.ids, text, role, limit)
		if from > 0 && len(s.ids) > batchPieces {
			rest := s.ids[from:]
			s.ids = s.ids[:from]
			vectors = e.run(vectors, s)
			s.ids, s.lengths = append(s.ids[:0], rest...), s.lengths[:0]
			from = 0
		}
		s.lengths = append(s.lengths, len(s.ids)-from)
	}
	return e.run(vectors, s)
}

// appendPieces appends all the pieces of a text, at most limit.
func (e *Encoder) appendPieces(ids []int32, text string, role Role, limit int) []int32 {
	n := len(ids)
	ids = e.tokenizer.appendPieces(append(ids, e.first), e.prefixes[role]+text, limit-2)
	return append(ids[:min(len(ids), n+limit-1)], e.last)
}

// Pieces counts the pieces of a text in the role, all of them: with the two that mark its beginning and end, and also those above the limit, which [Encoder.Encode] doesn't read.
func (e *Encoder) Pieces(text string, role Role) int {
	return len(e.appendPieces(nil, text, role, 1<<30))
}

// Hash gives the SHA-256 of the weights, as the weights file says it. Vectors can be compared only where it is the same.
func (e *Encoder) Hash() [sha256.Size]byte { return e.hash }

// Kernels names the code that does the arithmetic on this machine: "avx2", or "portable", which is slower, with the same results.
func (e *Encoder) Kernels() string { return e.kernels.name }
