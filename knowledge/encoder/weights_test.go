package encoder

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// small writes the weights of an encoder with few pieces and layers, as convert.py would. They are the same on every machine.
func small(kind uint32, layers int) []byte {
	pieces := map[string]uint32{"a": 4, "b": 5, "##b": 6, "##": 7}
	if kind == kindUnigram {
		pieces = map[string]uint32{"▁": 4, "a": 5, "▁a": 6, "äb": 7}
	}
	const vocab, positions = 8, fewestPieces
	var body []byte
	put := func(values any) {
		var err error
		if body, err = binary.Append(body, binary.LittleEndian, values); err != nil {
			panic(err)
		}
		body = append(body, make([]byte, -len(body)&(align-1))...)
	}
	state := uint32(1)
	next := func() int { // -8 to 7: of such codes, 16 never come to more than 128
		state = state*1664525 + 1013904223
		return int(state>>28) - 8
	}
	some := func(n int) []float32 {
		f := make([]float32, n)
		for i := range f {
			f[i] = float32(next()) / 8
		}
		return f
	}
	const between = 4 * groupSteps
	tableBits := uint32(8)
	if kind == kindUnigram {
		tableBits = 4
		put(bytes.Repeat([]byte{0x2b, 0x78, 0x91}, vocab*Width/2/3))
		put(slices.Repeat([]uint16{0x3c00, 0x2e66}, vocab*Width/groupWidth/2)) // 1 and 0.1
	} else {
		put(bytes.Repeat([]byte{1, 200, 99}, vocab*Width/3))
		put(some(vocab))
	}
	put(some(positions * Width))
	norm := func() {
		put(some(Width))
		put(some(Width))
	}
	norm()
	for range layers {
		for _, m := range []struct{ inputs, outputs int }{{Width, 3 * Width}, {Width, Width}, {Width, between}, {between, Width}} {
			codes := make([]int8, m.inputs*m.outputs)
			for i := range codes {
				codes[i] = int8(next())
			}
			put(codes)
			terms := some(3 * m.outputs)
			for i := range terms {
				terms[i] /= 64
			}
			put(terms)
			put(some(m.inputs))
		}
		norm()
		norm()
	}

	nodes := map[string]bool{}
	for p := range pieces {
		for n := range len(p) + 1 {
			nodes[p[:n]] = true
		}
	}
	order := slices.SortedFunc(maps.Keys(nodes), func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	parent := func(p string) string { return p[:len(p)-1] }
	labels, last, inner, word, ids := []byte{}, make([]uint64, 1), make([]uint64, 1), make([]uint64, 1), []byte{}
	for i, p := range order {
		label := byte(0)
		if p != "" {
			label = p[len(p)-1]
			inner[0] |= 1 << slices.Index(order, parent(p))
		}
		labels = append(labels, label)
		if p == "" || i+1 == len(order) || parent(order[i+1]) != parent(p) {
			last[0] |= 1 << i
		}
		if id, ok := pieces[p]; ok {
			word[0] |= 1 << i
			ids = append(ids, byte(id), 0, 0)
		}
	}
	for _, section := range []any{labels, last, inner, word, ids} {
		put(section)
	}
	mapped, mappedBytes := uint32(0), uint32(0)
	if kind == kindUnigram {
		mapped, mappedBytes = 2, 3
		put(some(vocab))
		put([]uint32{'\n', 'ß'})
		put([]uint32{1, 3})
		put([]byte(" ss"))
	}

	head := binary.LittleEndian.AppendUint64(nil, uint64(headBytes+len(body)))
	for _, v := range []uint32{
		kind, vocab, uint32(layers), between, positions, tableBits, groupSteps, math.Float32bits(1e-12), uint32(len(labels)), uint32(len(ids) / 3), mapped, mappedBytes, 1, 2, 3,
	} {
		head = binary.LittleEndian.AppendUint32(head, v)
	}
	head = append(head, "q: \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00p: \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	head = append(head, make([]byte, headBytes-hashedFrom-len(head))...)
	return sealed(append(append(make([]byte, hashedFrom), head...), body...))
}

// sealed gives weights the hash that they should have.
func sealed(weights []byte) []byte {
	hash := sha256.Sum256(weights[hashedFrom:])
	copy(weights, magic)
	copy(weights[len(magic):], hash[:])
	return weights
}

var kinds = map[string]uint32{"word pieces": kindWordPiece, "unigram": kindUnigram}

func TestSmallWeights(t *testing.T) {
	for name, kind := range kinds {
		e, err := Parse(small(kind, 0))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []int32{1, 3, 3, 4, 6, 2} // [CLS] q : a ##b [SEP]
		text := "ab"
		if kind == kindUnigram {
			want, text = []int32{1, 4, 3, 6, 4, 7, 3, 2}, "a\na\u0308bß" // <s> ▁ q: ▁a ▁ äb ss </s>
		}
		if ids := e.appendPieces(nil, text, Question, 100); !slices.Equal(ids, want) {
			t.Errorf("%s: pieces are %v, not %v", name, ids, want)
		}
		if v := e.Encode([]string{text}, Question, 0)[0]; v.scale == 0 {
			t.Errorf("%s: no vector", name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, kind := range kinds {
		good := small(kind, 0)
		set32 := func(at int, v uint32) func([]byte) []byte {
			return func(b []byte) []byte {
				binary.LittleEndian.PutUint32(b[hashedFrom+at:], v)
				return sealed(b)
			}
		}
		for what, broken := range map[string]func([]byte) []byte{
			"nothing":                  func(b []byte) []byte { return nil },
			"only a magic":             func(b []byte) []byte { return b[:len(magic)] },
			"only a head":              func(b []byte) []byte { return b[:headBytes] },
			"one byte less":            func(b []byte) []byte { return b[:len(b)-1] },
			"one byte more":            func(b []byte) []byte { return append(b, 0) },
			"a foreign file":           func(b []byte) []byte { return []byte(strings.Repeat("PK\x03\x04", 1000)) },
			"another version":          func(b []byte) []byte { b[len(magic)-1]++; return b },
			"another hash":             func(b []byte) []byte { b[len(magic)]++; return b },
			"a cut file, sealed again": func(b []byte) []byte { return sealed(b[:len(b)-align]) },
			"no such tokenizer":        set32(8, 0),
			"no vocabulary":            set32(12, 0),
			"a larger vocabulary":      set32(12, 9),
			"a smaller vocabulary":     set32(12, 7),
			"a huge vocabulary":        set32(12, math.MaxUint32),
			"a layer more":             set32(16, 1),
			"a width without kernels":  set32(20, 33),
			"few positions":            set32(24, fewestPieces-1),
			"a table of 5 bits":        set32(28, 5),
			"longer sums":              set32(32, groupSteps+1),
			"no epsilon":               set32(36, 0),
			"a node less":              set32(40, 5),
			"an id less":               set32(44, 3),
			"a foreign piece":          set32(60, 8),
		} {
			if e, err := Parse(broken(slices.Clone(good))); !errors.Is(err, ErrWeights) || e != nil {
				t.Errorf("%s, %s: %v, %v", name, what, e != nil, err)
			}
		}
		for i := 0; i < len(good); i += 7 {
			b := slices.Clone(good)
			b[i] ^= 1 << (i % 8)
			if _, err := Parse(b); !errors.Is(err, ErrWeights) {
				t.Errorf("%s: a flipped bit of byte %d: %v", name, i, err)
			}
		}
	}
}

// Whatever the file, what is read from it without an error does not panic. The hash is left out: it would stop the fuzzer at the door.
func FuzzWeights(f *testing.F) {
	for _, kind := range kinds {
		b := small(kind, 0)
		f.Add(b, "ab ß")
		f.Add(b[:len(b)-64], "")
	}
	f.Fuzz(func(t *testing.T, weights []byte, text string) {
		e, err := read(weights)
		if err != nil {
			if !errors.Is(err, ErrWeights) {
				t.Errorf("not an ErrWeights: %v", err)
			}
			return
		}
		for _, role := range []Role{Question, Passage} {
			for _, id := range e.appendPieces(nil, text, role, math.MaxInt32) {
				if id < 0 || int(id) >= 1<<20 {
					t.Errorf("piece %d", id)
				}
			}
			e.Encode([]string{text, "ab"}, role, 0)
		}
	})
}

// The bits of vectors are the same on every machine, by every kernel: these were made on one with AVX2.
func TestVectorsAreTheSameEverywhere(t *testing.T) {
	const want = "aba130bbb2be769ed7a5e7cb05a8b7188a0890c0831639f03885ecd5a922b4c2"
	e, err := Parse(small(kindUnigram, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*kernels{fastest(), &portable} {
		e.kernels = k
		hash := sha256.New()
		for _, v := range e.Encode([]string{"", "a", "a äb", "äbäb a", "aaaaaaaaaa"}, Passage, 0) {
			b, _ := v.AppendBinary(nil)
			hash.Write(b)
			if v == (Vector{}) {
				t.Error("a vector without direction")
			}
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != want {
			t.Errorf("%s: the hash of the vectors is %s", k.name, got)
		}
	}
}

func TestUnalignedWeights(t *testing.T) {
	good := small(kindWordPiece, 1)
	want, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	shifted := append(make([]byte, 1, 1+len(good)), good...)[1:]
	got, err := Parse(shifted)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"a", "b ab"}
	if !slices.Equal(got.Encode(texts, Question, 0), want.Encode(texts, Question, 0)) {
		t.Error("vectors differ where floats do not lie on multiples of 4")
	}
}

// The embedded weights are read where they lie: nothing of their size is ever on the heap.
func TestEmbeddedWeightsAreNotCopied(t *testing.T) {
	for name, weights := range map[string]string{"english": englishWeights, "multilingual": multilingualWeights} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e, err := read(inPlace(weights))
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
			t.Errorf("%s: reading took %d bytes of heap", name, n)
		}
		from := uintptr(unsafe.Pointer(unsafe.StringData(weights)))
		if p := uintptr(unsafe.Pointer(&e.positions[0])); p < from || p >= from+uintptr(len(weights)) {
			t.Errorf("%s: floats were copied: the weights lie at %x", name, from)
		}
	}
}

// The hashes are those of README.md, the files' own, and right.
func TestHashes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	holds := func(t *testing.T, name, weights string, hash [sha256.Size]byte) {
		if hash != sha256.Sum256(inPlace(weights[hashedFrom:])) {
			t.Error("the weights are not those that were written")
		}
		if h := hex.EncodeToString(hash[:]); !bytes.Contains(readme, []byte("| `"+name+".weights` | `"+h+"` |")) {
			t.Errorf("README.md does not say that the hash of %s.weights is %s", name, h)
		}
	}
	files := map[string]string{
		"english": englishWeights, "multilingual": multilingualWeights, "english-reader": englishReaderWeights, "multilingual-reader": multilingualReaderWeights,
	}
	encoders(t, func(t *testing.T, name string, e *Encoder) { holds(t, name, files[name], e.Hash()) })
	readers(t, func(t *testing.T, name string, r *Reader) { holds(t, name+"-reader", files[name+"-reader"], r.Hash()) })
}
