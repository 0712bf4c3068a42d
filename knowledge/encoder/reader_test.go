package encoder

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readers calls the test for both, at the same time.
func readers(t *testing.T, test func(t *testing.T, name string, r *Reader)) {
	for name, get := range map[string]func() (*Reader, error){"english": EnglishReader, "multilingual": MultilingualReader} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := get()
			if err != nil {
				t.Fatal(err)
			}
			test(t, name, r)
		})
	}
}

// A line of testdata/*-reader.jsonl is a pair with the log-odds of the model in full precision (cmd/train/encoder/reader.py).
func TestReadersAreNearTheReferences(t *testing.T) {
	const off, mean = 0.5, 0.12 // eight bits add up over the layers
	readers(t, func(t *testing.T, name string, r *Reader) {
		file, err := os.ReadFile(filepath.Join("testdata", name+"-reader.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		sum, n := 0.0, 0
		for s := bufio.NewScanner(bytes.NewReader(file)); s.Scan(); n++ {
			var l struct {
				Question, Text string
				Odds           float64
			}
			if err := json.Unmarshal(s.Bytes(), &l); err != nil {
				t.Fatal(err)
			}
			d := math.Abs(float64(r.Read(l.Question, []string{l.Text})[0]) - l.Odds)
			if d > off {
				t.Errorf("%q, %q: %.2f off", l.Question, l.Text, d)
			}
			sum += d
		}
		if n < 60 || sum/float64(n) > mean {
			t.Errorf("%d pairs, %.3f off in the mean", n, sum/float64(n))
		}
		t.Logf("%d pairs: %.3f off in the mean", n, sum/float64(n))
	})
}

func TestReadingTellsAnAnswerFromItsNeighbour(t *testing.T) {
	readers(t, func(t *testing.T, name string, r *Reader) {
		got := r.Read("how much is it for kids?", []string{"Children up to 12 pay 4 euros for a day ticket.", "The day ticket can be bought at the gate from 9 to 17.", "Dogs are not allowed in the greenhouse."})
		if got[0] <= got[1] || got[0] <= got[2] {
			t.Errorf("%v", got)
		}
	})
}

func TestReadingDoesNotDependOnTheBatch(t *testing.T) {
	readers(t, func(t *testing.T, name string, r *Reader) {
		question := "When does it open? " + strings.Repeat("I asked before. ", 40) // longer than is read
		texts := slices.Concat(someTexts, []string{strings.Repeat("A long story. ", 200)}, someTexts, someTexts)
		all := r.Read(question, texts)
		for i, text := range texts {
			if one := r.Read(question, []string{text})[0]; one != all[i] {
				t.Errorf("%q: %v alone, %v beside others", text, one, all[i])
			}
		}
		if got := r.Read(question, nil); len(got) != 0 {
			t.Errorf("%d of no texts", len(got))
		}
		weights := englishReaderWeights
		if name == "multilingual" {
			weights = multilingualReaderWeights
		}
		slow, err := readReader(inPlace(weights), plain(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := slow.Read("When does it open?", texts[:1])[0]; got != r.Read("When does it open?", texts[:1])[0] {
			t.Errorf("plain Go gives %v", got)
		}
	})
}

func TestReadersRefuseForeignWeights(t *testing.T) {
	en, err := English()
	if err != nil {
		t.Fatal(err)
	}
	multi, err := Multilingual()
	if err != nil {
		t.Fatal(err)
	}
	good := []byte(englishReaderWeights)
	if _, err := ParseReader(good, en); err != nil {
		t.Fatal(err)
	}
	seal := func(b []byte) []byte {
		sum := sha256.Sum256(b[hashedFrom:])
		copy(b[len(readerMagic):], sum[:])
		return b
	}
	for name, weights := range map[string][]byte{
		"empty": nil, "an encoder's": []byte(englishWeights), "cut": good[:len(good)-64], "cut in its head": good[:100],
		"changed": func() []byte { b := slices.Clone(good); b[5000]++; return b }(),
		"longer":  seal(binary.LittleEndian.AppendUint64(slices.Clone(good), 7)),
		"with more layers than its encoder": func() []byte {
			b := slices.Clone(good)
			binary.LittleEndian.PutUint32(b[hashedFrom+8:], 60)
			return seal(b)
		}(),
	} {
		if _, err := ParseReader(weights, en); !errors.Is(err, ErrWeights) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseReader(good, multi); !errors.Is(err, ErrWeights) {
		t.Errorf("of another encoder: %v", err)
	}
}

func BenchmarkReadPairs(b *testing.B) {
	texts := slices.Repeat([]string{"The day ticket can be bought at the gate from 9 to 17, on Sundays only until noon."}, 4)
	for name, get := range map[string]func() (*Reader, error){"english": EnglishReader, "multilingual": MultilingualReader} {
		r, err := get()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r.Read("until when can I get one on a sunday?", texts)
			}
		})
	}
}
