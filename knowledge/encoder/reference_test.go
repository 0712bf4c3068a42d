package encoder

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"
)

// A reference is what another implementation makes of a text: the tokenizers library and the model in full precision (cmd/train/encoder/reference.py).
type reference struct {
	text   string
	ids    []int32 // uncut, as of a question
	vector [Width]float64
}

func readReferences(t testing.TB, name string) []reference {
	t.Helper()
	var all []reference
	lines(t, "texts.jsonl", func(line []byte) error {
		var r reference
		err := json.Unmarshal(line, &r.text)
		all = append(all, r)
		return err
	})
	i := 0
	lines(t, name, func(line []byte) error {
		var l struct {
			IDs    []int32
			Vector string
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		b, err := base64.StdEncoding.DecodeString(l.Vector)
		if err != nil || len(b) != 2*Width || i == len(all) {
			t.Fatalf("%s:%d: not the vector of a text: %v", name, i+1, err)
		}
		all[i].ids = l.IDs
		for j := range all[i].vector {
			all[i].vector[j] = float64(half(binary.LittleEndian.Uint16(b[2*j:])))
		}
		i++
		return nil
	})
	if i != len(all) || i < 300 {
		t.Fatalf("%s is of %d texts, not of %d: run reference.py", name, i, len(all))
	}
	return all
}

func lines(t testing.TB, name string, do func(line []byte) error) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if err := do(s.Bytes()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
}

// encoders calls the test for both, at the same time.
func encoders(t *testing.T, test func(t *testing.T, name string, e *Encoder)) {
	for name, get := range map[string]func() (*Encoder, error){"english": English, "multilingual": Multilingual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := get()
			if err != nil {
				t.Fatal(err)
			}
			test(t, name, e)
		})
	}
}

func TestPiecesAreTheReferences(t *testing.T) {
	encoders(t, func(t *testing.T, name string, e *Encoder) {
		for _, r := range readReferences(t, name+".jsonl") {
			if ids := e.appendPieces(nil, r.text, Question, 1<<30); !slices.Equal(ids, r.ids) {
				t.Errorf("%q:\n got %v\nwant %v", r.text, ids, r.ids)
			}
		}
	})
}

// Eight bits are enough for texts made of words. What the vocabulary can only spell out, or has not at all, may be further off: there is not much to it anyway.
func TestVectorsAreNearTheReferences(t *testing.T) {
	const words, spelt, mean = 0.995, 0.97, 0.997
	encoders(t, func(t *testing.T, name string, e *Encoder) {
		sum, least, n := 0.0, 1.0, 0
		for i, r := range readReferences(t, name+".jsonl") {
			if testing.Short() && i%10 > 0 {
				continue
			}
			v := e.Encode([]string{r.text}, Question, 0)[0]
			var got [Width]float32
			v.Floats(&got)
			cosine, squares := 0.0, 0.0
			for j, f := range r.vector {
				cosine += f * float64(got[j])
				squares += f * f
			}
			cosine /= math.Sqrt(squares)
			sum, least, n = sum+cosine, min(least, cosine), n+1
			want := spelt
			if len(r.ids) >= 6 && utf8.RuneCountInString(r.text) >= 3*len(r.ids) {
				want = words
			}
			if cosine < want {
				t.Errorf("%.4f, below %v, of %q", cosine, want, r.text)
			}
		}
		if sum /= float64(n); sum < mean {
			t.Errorf("%.4f in the mean, below %v", sum, mean)
		}
		t.Logf("%d texts: %.4f in the mean, %.4f at least", n, sum, least)
	})
}
