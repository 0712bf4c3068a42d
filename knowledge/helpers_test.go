package knowledge

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"footnote/facts"
	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// base opens a base of one file in which each string is a fact in YAML, without its id and cite: "text: ..., asks: [...]".
func base(t testing.TB, head string, facts ...string) *Base {
	t.Helper()
	return openFiles(t, fstest.MapFS{"facts.yaml": {Data: []byte(factFile(head, facts...))}})
}

// factFile writes a fact file whose facts are called a, b, c and so on.
func factFile(head string, facts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sources: {s: {title: The source}}\n%s\nfacts:\n", head)
	for i, f := range facts {
		fmt.Fprintf(&b, "  - {id: %s, cite: [{source: s, paragraph: %d}], %s}\n", factName(i), i+1, f)
	}
	return b.String()
}

func factName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return fmt.Sprintf("f%d", i)
}

func openFiles(t testing.TB, files fstest.MapFS) *Base {
	t.Helper()
	return opened(t, files, OpenOptions{})
}

func opened(t testing.TB, files fstest.MapFS, o OpenOptions) *Base {
	t.Helper()
	b, problems, err := OpenWith(t.Context(), files, o)
	if err != nil {
		t.Fatal(err)
	}
	if HasErrors(problems) {
		t.Fatal(problems)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// article opens the built-in facts with their vectors.
func article(t testing.TB) *Base {
	t.Helper()
	b, _, err := OpenWith(t.Context(), os.DirFS("../facts"), OpenOptions{Vectors: facts.Vectors})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// many opens a base of n [stations].
func many(t testing.TB, n int) *Base {
	t.Helper()
	return openFiles(t, stations(n))
}

// stations are files of n facts, each with two asks whose words its text lacks.
func stations(n int) fstest.MapFS {
	files := fstest.MapFS{}
	for file := 0; file*1000 < n; file++ {
		var b strings.Builder
		b.WriteString("sources: {s: {title: The source}}\nfacts:\n")
		for i := file * 1000; i < min(n, file*1000+1000); i++ {
			fmt.Fprintf(&b, "  - {id: fact-%d, text: 'Station %s was built near the town of %s in %d.', cite: [{source: s, paragraph: %d}], asks: ['How old is the railway stop %s?', 'Which halt do locals call %s?']}\n",
				i, callSign(i), "New "+callSign(i+500_000), 1800+i%200, i%1000/4+1, callSign(i), callSign(i+2_000_000))
		}
		files[fmt.Sprintf("file-%03d.yaml", file)] = &fstest.MapFile{Data: []byte(b.String()), Mode: 0o644}
	}
	return files
}

// madeUpVectors are vectors for all wordings of some facts, of no meaning, where only how they are kept or how long they take to read is looked at.
func madeUpVectors(fsys fs.FS) ([]byte, error) {
	set, problems, err := Load(context.Background(), fsys)
	if err != nil || HasErrors(problems) {
		return nil, fmt.Errorf("%w\n%s", err, printed(problems))
	}
	v, err := newVectors()
	if err != nil {
		return nil, err
	}
	all := map[vectorKey]encoder.Vector{}
	random := rand.NewPCG(1, 2)
	put := func(text string, role encoder.Role) {
		for _, e := range []*encoder.Encoder{v.en, v.multi} {
			var bytes [encoder.VectorBytes]byte
			for i := range bytes {
				bytes[i] = byte(random.Uint64()%255 + 129) // -127 to 127
			}
			var vec encoder.Vector
			_ = vec.UnmarshalBinary(bytes[:]) // only -128 is none
			all[keyOf(e, text, role)] = vec
		}
	}
	for _, f := range set.Facts {
		put(f.Text, encoder.Passage)
		for _, ask := range slices.Concat(f.Asks, f.NotAsks) {
			put(ask, encoder.Question)
		}
	}
	return newBlocks("", v.weightsName(), nil, nil).bytes(all), nil
}

// callSign gives each number a word of its own that is no English one.
func callSign(i int) string {
	var b strings.Builder
	b.WriteByte('Q')
	for range 4 {
		b.WriteByte("bdfgklmnprstvz"[i%14])
		i /= 14
		b.WriteByte("aeiou"[i%5])
		i /= 5
	}
	return b.String()
}

func answer(t testing.TB, b *Base, q Question) Answer {
	t.Helper()
	a, err := b.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, b, a)
	return a
}

// said asks, and gives the ids of the facts said, joined by a space; for an answer without sentences its kind.
func said(t testing.TB, b *Base, question string, history ...string) string {
	t.Helper()
	return spoken(answer(t, b, Question{Text: question, History: history}))
}

func spoken(a Answer) string {
	if !a.Answered() {
		return string(a.Kind)
	}
	var out []string
	for _, s := range a.Sentences() {
		out = append(out, s.Fact.ID)
	}
	return strings.Join(out, " ")
}

// offered gives the ids of the facts that an answer offers, joined by a space.
func offered(a Answer) string {
	var out []string
	for _, o := range a.Offers {
		out = append(out, o.Fact.ID)
	}
	return strings.Join(out, " ")
}

// shown gives what a member sees first: the facts said or, after "near", the one that is quoted.
func shown(a Answer) string {
	if a.Kind == Near {
		return "near " + a.Offers[0].Fact.ID
	}
	return spoken(a)
}

// lacksItsCode reports whether an ask names a code that the fact's text lacks: such an ask vouches for nothing.
func lacksItsCode(f *Fact, ask string) bool {
	own := language.Codes(f.Text)
	return slices.ContainsFunc(language.Codes(ask), func(c string) bool { return !slices.Contains(own, c) })
}

// testVectors are shared by all bases of the tests that open the same facts time and again, so that each text is encoded once.
func testVectors(t testing.TB) *vectors {
	t.Helper()
	v, err := sharedVectors()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var sharedVectors = sync.OnceValues(func() (*vectors, error) {
	v, err := newVectors()
	if err == nil {
		v.blocks = newBlocks("", v.weightsName(), nil, nil)
	}
	return v, err
})
