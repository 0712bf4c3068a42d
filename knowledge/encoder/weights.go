package encoder

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// A weights file is a head and sections, each from a multiple of 64 bytes on, all numbers little-endian. README.md tells what is in it; convert.py writes it.
const (
	magic      = "FNENCOD1"
	headBytes  = 192
	hashedFrom = len(magic) + sha256.Size // the hash is of all from there on
	align      = 64
)

// ErrWeights is wrapped by every error of [Parse].
var ErrWeights = errors.New("not a weights file of an encoder")

// Parse reads an encoder from a weights file as cmd/train/encoder/convert.py writes it. It keeps the bytes, which must not be changed afterwards. Whatever is not
// such a file, whole and unchanged, is an [ErrWeights].
func Parse(weights []byte) (*Encoder, error) {
	e, err := read(weights)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(weights[hashedFrom:]) != e.hash {
		return nil, fmt.Errorf("%w: the hash differs", ErrWeights)
	}
	return e, nil
}

// read is Parse without the hash, which takes longer than all the rest: the embedded files are as sound as the program. Whatever the bytes, an encoder that is returned
// without an error does not panic.
func read(weights []byte) (*Encoder, error) {
	fail := func(err error) (*Encoder, error) { return nil, fmt.Errorf("%w: %w", ErrWeights, err) }
	if len(weights) < headBytes || string(weights[:len(magic)]) != magic {
		return fail(errors.New("it does not begin as one"))
	}
	h := head{bytes: weights[hashedFrom:headBytes]}
	size := h.long()
	kind, vocab, layers, inner, positions, tableBits, steps := h.upTo(2), h.upTo(1<<20), h.upTo(64), h.upTo(8192), h.upTo(4096), h.upTo(8), h.upTo(groupSteps)
	epsilon := math.Float32frombits(uint32(h.upTo(math.MaxInt32)))
	nodes, words, mapped, mappedBytes := h.upTo(1<<24), h.upTo(1<<20), h.upTo(1<<20), h.upTo(1<<24)
	first, last, unknown := h.upTo(vocab-1), h.upTo(vocab-1), h.upTo(vocab-1)
	prefixes := [2]string{h.text(16), h.text(16)}
	switch {
	case size != uint64(len(weights)):
		return fail(fmt.Errorf("it has %d bytes and should have %d", len(weights), size))
	case h.bad || vocab == 0 || inner == 0 || inner%(4*groupSteps) != 0 || positions < fewestPieces || steps != groupSteps || !(epsilon > 0 && epsilon < 1):
		return fail(errors.New("its head has sizes that no encoder has"))
	}

	r := &sections{data: weights, at: headBytes}
	e := &Encoder{kernels: fastest(), limit: positions, inner: inner, epsilon: epsilon, first: int32(first), last: int32(last), prefixes: prefixes}
	e.hash = [sha256.Size]byte(weights[len(magic):])
	switch tableBits {
	case 8:
		e.table = &table8{codes: r.int8s(vocab * Width), scales: r.floats(vocab)}
	case 4:
		e.table = &table4{codes: r.bytes(vocab * Width / 2), scales: r.bytes(vocab * Width / groupWidth * 2)}
	default:
		return fail(errors.New("its table is of neither 4 nor 8 bits"))
	}
	e.positions = r.floats(positions * Width)
	e.norm = r.norm()
	for range layers {
		e.layers = append(e.layers, r.layer(inner))
	}
	bitBytes := (nodes + 63) / 64 * 8
	labels, lastBits, innerBits, wordBits, ids := r.bytes(nodes), r.bytes(bitBytes), r.bytes(bitBytes), r.bytes(bitBytes), r.bytes(3*words)
	var scores []float32
	var runes, ends, text []byte
	if kind == kindUnigram {
		scores, runes, ends, text = r.floats(vocab), r.bytes(4*mapped), r.bytes(4*mapped), r.bytes(mappedBytes)
	}
	if r.bad || r.at != len(weights) {
		return fail(errors.New("its sections do not end where it ends"))
	}

	t, err := newTrie(labels, lastBits, innerBits, wordBits, ids, vocab)
	if err != nil {
		return fail(err)
	}
	switch kind {
	case kindWordPiece:
		inside, ok := t.walk("##")
		if !ok {
			return fail(errTrie)
		}
		e.tokenizer = &wordPiece{vocab: t, inside: inside, unknown: int32(unknown)}
	case kindUnigram:
		m, err := newCharacterMap(runes, ends, text)
		if err != nil {
			return fail(err)
		}
		if e.tokenizer, err = newUnigram(t, scores, int32(unknown), m); err != nil {
			return fail(err)
		}
	default:
		return fail(errors.New("its tokenizer is of no known kind"))
	}
	return e, nil
}

// The kinds of tokenizers.
const (
	kindWordPiece = 1
	kindUnigram   = 2
)

// A head takes numbers from the beginning of the file.
type head struct {
	bytes []byte
	bad   bool // a number was more than it may be
}

func (h *head) text(n int) string {
	s := string(bytes.TrimRight(h.bytes[:n], "\x00"))
	h.bytes = h.bytes[n:]
	return s
}

func (h *head) long() uint64 {
	v := binary.LittleEndian.Uint64(h.bytes)
	h.bytes = h.bytes[8:]
	return v
}

func (h *head) upTo(most int) int {
	v := binary.LittleEndian.Uint32(h.bytes)
	h.bytes = h.bytes[4:]
	if uint64(v) > uint64(max(most, 0)) {
		h.bad = true
		return 0
	}
	return int(v)
}

// A sections takes one section after another, in place where that can be. All it gives has the length asked for, unless it is bad.
type sections struct {
	data []byte
	at   int
	bad  bool // a section ends behind the end
}

func (r *sections) bytes(n int) []byte {
	if r.bad || n > len(r.data)-r.at {
		r.bad = true
		return nil
	}
	b := r.data[r.at : r.at+n : r.at+n]
	r.at = min(len(r.data), (r.at+n+align-1)/align*align)
	return b
}

func (r *sections) int8s(n int) []int8 {
	b := r.bytes(n)
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}

// floats copies where the bytes do not lie as the machine wants them.
func (r *sections) floats(n int) []float32 {
	b := r.bytes(4 * n)
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%unsafe.Alignof(float32(0)) == 0 && binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*float32)(p), len(b)/4)
	}
	f := make([]float32, len(b)/4)
	for i := range f {
		f[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return f
}

func (r *sections) norm() norms { return norms{weight: r.floats(Width), bias: r.floats(Width)} }

func (r *sections) matrix(inputs, outputs int) matrix {
	return matrix{inputs: inputs, outputs: outputs, codes: r.int8s(inputs * outputs), terms: r.floats(3 * outputs), smooth: r.floats(inputs)}
}

func (r *sections) layer(inner int) layer {
	return layer{
		queries: r.matrix(Width, 3*Width), attention: r.matrix(Width, Width), expand: r.matrix(Width, inner), contract: r.matrix(inner, Width),
		attended: r.norm(), done: r.norm(),
	}
}
