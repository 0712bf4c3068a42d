package encoder

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
)

// A Reader reads a question and a text together, each word of the one beside each of the other, and tells how likely the text answers the question. It sees what two
// vectors, made apart, don't: that "until when" is asked and only "from when" is told. It costs as much as encoding both anew, so it is for the few texts that vectors and words
// find. It never changes; many goroutines may use it at once.
type Reader struct {
	encoder *Encoder
	layers  []layer   // its encoder's first ones, then its own
	second  []float32 // what is added to the rows of the second text
	head    []float32 // of each number of the mean row
	bias    float32
	gap     int // how many last pieces stand between the texts
	hash    [sha256.Size]byte
}

const (
	readerMagic = "FNREADR1"

	// textPieces is how much of a text is read beside a question, in pieces: facts are single sentences.
	textPieces = 160
)

// questionPieces is how much of a question is read, likewise.
const questionPieces = 64

// ParseReader reads a reader from a weights file as cmd/train/encoder/reader.py writes it, made for the encoder: its first layers and its table are the encoder's. It keeps the
// bytes, which must not be changed afterwards. Whatever is not such a file, whole and unchanged, is an [ErrWeights].
func ParseReader(weights []byte, e *Encoder) (*Reader, error) {
	r, err := readReader(weights, e)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(weights[hashedFrom:]) != r.hash {
		return nil, fmt.Errorf("%w: the hash differs", ErrWeights)
	}
	return r, nil
}

// readReader is ParseReader without the hash.
func readReader(weights []byte, e *Encoder) (*Reader, error) {
	fail := func(err error) (*Reader, error) { return nil, fmt.Errorf("%w: %w", ErrWeights, err) }
	if len(weights) < headBytes || string(weights[:len(readerMagic)]) != readerMagic {
		return fail(errors.New("it does not begin as a reader's"))
	}
	h := head{bytes: weights[hashedFrom:headBytes]}
	size := h.long()
	own, gap, inner, steps := h.upTo(64), h.upTo(2), h.upTo(8192), h.upTo(groupSteps)
	of := h.bytes[:sha256.Size]
	switch {
	case size != uint64(len(weights)):
		return fail(fmt.Errorf("it has %d bytes and should have %d", len(weights), size))
	case h.bad || gap == 0 || inner != e.inner || steps != groupSteps || own > len(e.layers):
		return fail(errors.New("its head has sizes that no reader of this encoder has"))
	case [sha256.Size]byte(of) != e.hash:
		return fail(errors.New("it is another encoder's"))
	}
	s := &sections{data: weights, at: headBytes}
	r := &Reader{encoder: e, gap: gap, hash: [sha256.Size]byte(weights[len(readerMagic):])}
	r.second, r.head = s.floats(Width), s.floats(Width)
	bias := s.floats(1)
	r.layers = append(r.layers, e.layers[:len(e.layers)-own]...)
	for range own {
		r.layers = append(r.layers, s.layer(inner))
	}
	if s.bad || s.at != len(weights) {
		return fail(errors.New("its sections do not end where it ends"))
	}
	r.bias = bias[0]
	return r, nil
}

// Read tells of each text how likely it answers the question: the log-odds of "this one" beside "none", as the reader has learned them on the bases it was trained on. It has the
// same bits whatever other texts stand beside it, and on every machine.
//
// Of a question 64 pieces are read and of a text 160. One text takes 3 to 10 ms on one core with AVX2, by [Multilingual] twice that. The work is done on the calling goroutine.
func (r *Reader) Read(question string, texts []string) []float32 {
	e := r.encoder
	s, _ := e.spare.Get().(*scratch)
	if s == nil {
		s = new(scratch)
	}
	defer e.spare.Put(s)
	asked := e.tokenizer.appendPieces([]int32{e.first}, question, questionPieces)
	asked = asked[:min(len(asked), questionPieces+1)]
	for range r.gap {
		asked = append(asked, e.last)
	}
	var out []float32
	clear := func() { s.ids, s.lengths, s.splits = s.ids[:0], s.lengths[:0], s.splits[:0] }
	clear()
	for _, text := range texts {
		if len(s.ids)+len(asked)+textPieces+1 > batchPieces {
			out = r.run(out, s)
			clear()
		}
		from := len(s.ids)
		s.ids = append(s.ids, asked...)
		n := len(s.ids)
		s.ids = e.tokenizer.appendPieces(s.ids, text, textPieces)
		s.ids = append(s.ids[:min(len(s.ids), n+textPieces)], e.last)
		split := len(asked)
		if r.gap > 1 {
			split-- // the second of them begins the second text
		}
		s.lengths, s.splits = append(s.lengths, len(s.ids)-from), append(s.splits, split)
	}
	return r.run(out, s)
}

// run appends the log-odds of the pairs in s.
func (r *Reader) run(out []float32, s *scratch) []float32 {
	r.encoder.begin(s, r.second)
	r.encoder.pass(s, r.layers)
	x := s.x
	for _, n := range s.lengths {
		var sum [Width]float32
		x = add(&sum, x, n)
		odds := float32(0)
		for i, f := range sum {
			odds += float32(f * r.head[i])
		}
		odds = float32(odds/float32(n)) + r.bias
		if math.IsNaN(float64(odds)) {
			odds = 0 // only weights that nobody trained give that
		}
		out = append(out, odds)
	}
	return out
}

// Hash gives the SHA-256 of the reader's own weights, as their file says it.
func (r *Reader) Hash() [sha256.Size]byte { return r.hash }
