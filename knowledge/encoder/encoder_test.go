package encoder

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// plain reads the encoder anew, with the kernels in plain Go.
func plain(t testing.TB, name string) *Encoder {
	t.Helper()
	weights := englishWeights
	if name == "multilingual" {
		weights = multilingualWeights
	}
	e, err := read(inPlace(weights))
	if err != nil {
		t.Fatal(err)
	}
	e.kernels = &portable
	return e
}

var someTexts = []string{"How do I reset my password?", "", "日本語 👨‍👩‍👧 [SEP] wörld", "a", "The office on the second floor is open from nine to five.", "ok"}

func TestPlainGoGivesTheSameVectors(t *testing.T) {
	encoders(t, func(t *testing.T, name string, e *Encoder) {
		if e.Kernels() == "portable" {
			t.Skip("this machine has no other kernels")
		}
		texts := someTexts
		if testing.Short() {
			texts = texts[:3]
		}
		for i, v := range plain(t, name).Encode(texts, Passage, 0) {
			if got := e.Encode(texts[i:i+1], Passage, 0)[0]; got != v {
				t.Errorf("%q: the cosine of the two is %v", texts[i], Cosine(&got, &v))
			}
		}
	})
}

func TestVectorsDoNotDependOnTheBatch(t *testing.T) {
	encoders(t, func(t *testing.T, _ string, e *Encoder) {
		texts := append(slices.Clone(someTexts), strings.Repeat("A long story. ", 200))
		for range 3 { // more than a batch
			texts = append(texts, "What is the fee for members who live abroad, and until when is it to be paid in full?"+strings.Repeat(" Please?", 60))
		}
		want := make([]Vector, len(texts))
		for i := range texts {
			want[i] = e.Encode(texts[i:i+1], Question, 64)[0]
		}
		if !slices.Equal(e.Encode(texts, Question, 64), want) {
			t.Error("together, texts have other vectors than each alone")
		}
		many := slices.Repeat(texts, 3)
		if !slices.Equal(e.Encode(many, Question, 64), slices.Repeat(want, 3)) {
			t.Error("in several batches, texts have other vectors than each alone")
		}
		if v := e.Encode(nil, Question, 0); len(v) != 0 {
			t.Errorf("%d vectors of no texts", len(v))
		}
	})
}

func TestManyGoroutines(t *testing.T) {
	e, err := English()
	if err != nil {
		t.Fatal(err)
	}
	want := e.Encode(someTexts, Question, 0)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if !slices.Equal(e.Encode(someTexts, Question, 0), want) {
				t.Error("other vectors")
			}
		})
	}
	wait.Wait()
}

func TestLimit(t *testing.T) {
	encoders(t, func(t *testing.T, _ string, e *Encoder) {
		text := strings.Repeat("one two three ", 400)
		all := e.appendPieces(nil, text, Passage, 1<<30)
		if n := e.Pieces(text, Passage); n != len(all) || n < 1000 {
			t.Fatalf("%d pieces, and %d by Pieces", len(all), n)
		}
		for _, limit := range []int{fewestPieces, 9, 50, e.limit} {
			ids := e.appendPieces(nil, text, Passage, limit)
			if len(ids) != limit || !slices.Equal(ids[:limit-1], all[:limit-1]) || ids[limit-1] != e.last {
				t.Errorf("limit %d: %v", limit, ids)
			}
		}
		vector := func(limit int) Vector { return e.Encode([]string{text}, Passage, limit)[0] }
		if v := vector(0); v != vector(e.limit) || v != vector(e.limit+1) || vector(1) != vector(fewestPieces) || vector(10) == vector(20) {
			t.Error("limits are not taken as they are told")
		}
	})
}

func TestRoles(t *testing.T) {
	encoders(t, func(t *testing.T, name string, e *Encoder) {
		texts := []string{"where is the office"}
		if same := e.Encode(texts, Question, 0)[0] == e.Encode(texts, Passage, 0)[0]; same != (name == "english") {
			t.Errorf("a question is as a passage: %v", same)
		}
	})
}

// A question lies nearest to the text that answers it, in whatever language.
func TestMeaning(t *testing.T) {
	facts := []string{"Members can change their password under Settings, Account.", "The office is closed on Sundays and public holidays.", "Refunds are paid within 14 days."}
	for _, c := range []struct {
		get       func() (*Encoder, error)
		questions []string
	}{
		{English, []string{"i forgot my login secret", "can i come by at the weekend?", "when do i get my money back"}},
		{Multilingual, []string{"Ich habe mein Kennwort vergessen", "日曜日に事務所は開いていますか", "¿Cuándo me devuelven el dinero?"}},
	} {
		e, err := c.get()
		if err != nil {
			t.Fatal(err)
		}
		passages := e.Encode(facts, Passage, 0)
		for i, q := range e.Encode(c.questions, Question, 0) {
			cosines := make([]float32, len(facts))
			Cosines(cosines, &q, passages)
			if slices.Index(cosines, slices.Max(cosines)) != i {
				t.Errorf("%q: %v", c.questions[i], cosines)
			}
		}
	}
}

// Whatever the text, it has pieces of the vocabulary, between the first and the last; and the pieces of a prefix with a limit are those without.
func FuzzPieces(f *testing.F) {
	for _, s := range append([]string{"\xff\xfe", "▁▁", "a\u0300\u0301\u0302", "\u1112\u1161\u11ab", "ﷺ", "[SEP] </s>", "e\u0301\r\n\t\u0085"}, someTexts...) {
		f.Add(s)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		b := []byte{}
		for range r.IntN(40) {
			b = utf8.AppendRune(b, rune(r.IntN(0x3000)))
		}
		f.Add(string(b))
	}
	both := []func() (*Encoder, error){English, Multilingual}
	f.Fuzz(func(t *testing.T, text string) {
		for _, get := range both {
			e, err := get()
			if err != nil {
				t.Fatal(err)
			}
			ids := e.appendPieces(nil, text, Question, 1<<30)
			if len(ids) < 2 || ids[0] != e.first || ids[len(ids)-1] != e.last || slices.Contains(ids[1:], e.first) || slices.Index(ids[1:], e.last) != len(ids)-2 {
				t.Errorf("%q: %v", text, ids)
			}
			if n := len(e.appendPieces(nil, text, Question, e.limit)); n > e.limit || n < min(len(ids), e.limit) {
				t.Errorf("%q: %d pieces, with a limit %d", text, len(ids), n)
			}
		}
	})
}

const (
	question = "How do I get a new password for the wiki?"
	sentence = "The office on the second floor is open on weekdays from nine to five, but not on public holidays in May."
)

func benchmark(b *testing.B, get func() (*Encoder, error), texts []string) {
	e, err := get()
	if err != nil {
		b.Fatal(err)
	}
	pieces := 0
	for _, t := range texts {
		pieces += e.Pieces(t, Passage)
	}
	for b.Loop() {
		e.Encode(texts, Passage, 0)
	}
	b.ReportMetric(float64(pieces)/float64(len(texts)), "pieces/text")
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*len(texts)), "ms/text")
}

func BenchmarkEnglishQuestion(b *testing.B) { benchmark(b, English, []string{question}) }

func BenchmarkEnglishSentences(b *testing.B) {
	benchmark(b, English, slices.Repeat([]string{sentence}, 64))
}

func BenchmarkMultilingualQuestion(b *testing.B) { benchmark(b, Multilingual, []string{question}) }

func BenchmarkMultilingualSentences(b *testing.B) {
	benchmark(b, Multilingual, slices.Repeat([]string{sentence}, 64))
}

func BenchmarkPlainGoQuestion(b *testing.B) {
	benchmark(b, func() (*Encoder, error) { return plain(b, "english"), nil }, []string{question})
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		for _, w := range []string{englishWeights, multilingualWeights} {
			if _, err := read(inPlace(w)); err != nil {
				b.Fatal(err)
			}
		}
	}
}
