package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const harbour = `sources:
  log: {title: Log of the harbour}
facts:
  - id: dug
    text: The harbour of Port Example was dug in 1911.
    cite: [{paragraph: 1}]
    asks: [When was the harbour dug?]
  - id: mayor
    text: The mayor of Port Example is Anna Berg.
    cite: [{paragraph: 2}]
    asks: [Who is the mayor?]
`

const harbourTrials = `trials:
  - {ask: in which year did they dig the harbour of Port Example?, want: [dug]}
  - {ask: what is the name of the mayor of Port Example?, want: [mayor]}
  - {ask: Who owns the windlass?, want: [windlass]}
  - {ask: Who won the cup final?, want: none}
`

func harbourBase(t testing.TB) (*Base, []byte) {
	t.Helper()
	file := harbour + "  - {id: windlass, text: The pilot boat is painted red., cite: [{paragraph: 3}]}\n"
	b, problems, err := Open(t.Context(), fstest.MapFS{"a.yaml": {Data: []byte(file)}, "a_test.yaml": {Data: []byte(harbourTrials)}})
	if err != nil || HasErrors(problems) {
		t.Fatal(err, printed(problems))
	}
	t.Cleanup(func() { b.Close() })
	return b, []byte(file)
}

func propose(t testing.TB, b *Base, path string, old, new []byte) *Proposal {
	t.Helper()
	p, err := b.Propose(t.Context(), path, old, new)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func asked(list []Effect) (all []string) {
	for _, e := range list {
		all = append(all, e.Question.Text)
	}
	return all
}

func TestEffects(t *testing.T) {
	b, file := harbourBase(t)
	recent := []Question{{Text: "So who owns the windlass now?"}, {Text: "who is the MAYOR"}}
	for name, c := range map[string]struct {
		id   string
		p    Patch
		want string
	}{
		"reworded": {"dug", Patch{Text: ptr("The harbour of Port Example was dug in 1912.")},
			"changed [in which year did they dig the harbour of Port Example? When was the harbour dug?] answered [] silent [] broken [] mended []"},
		"withdrawn": {"mayor", Patch{Status: ptr("withdrawn")},
			"changed [] answered [] silent [what is the name of the mayor of Port Example? Who is the mayor?] broken [what is the name of the mayor of Port Example?] mended []"},
		"begins": {"windlass", Patch{Text: ptr("The windlass is owned by Smith and Sons."), AddAsks: []string{"Who has the windlass of Port Example?"}},
			"changed [] answered [Who owns the windlass? Who has the windlass of Port Example? So who owns the windlass now?] silent [] broken [] mended [Who owns the windlass?]"},
		"unseen": {"dug", Patch{Note: ptr("look again")}, "changed [] answered [] silent [] broken [] mended []"},
	} {
		t.Run(name, func(t *testing.T) {
			new, err := EditFact(file, c.id, c.p)
			if err != nil {
				t.Fatal(err)
			}
			p := propose(t, b, "a.yaml", file, new)
			e, err := p.Effects(t.Context(), recent)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint("changed ", asked(e.Changed), " answered ", asked(e.Answered), " silent ", asked(e.Silent), " broken ", asked(e.Broken), " mended ", asked(e.Mended))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if e.Asked != e.Of || e.Asked < 7 {
				t.Errorf("%d of %d compared", e.Asked, e.Of)
			}
			again, err := p.Effects(t.Context(), recent)
			if err != nil || !reflect.DeepEqual(asked(again.Changed), asked(e.Changed)) {
				t.Errorf("another time: %v", err)
			}
		})
	}
}

func TestPropose(t *testing.T) {
	b, file := harbourBase(t)
	bad := propose(t, b, "a.yaml", file, []byte(strings.Replace(string(file), "cite:", "cit:", 1)))
	if bad.OK() || bad.Set() != nil || !HasErrors(bad.Problems) || bad.Problems[0].Pos.File != "a.yaml" || bad.Problems[0].Pos.Line == 0 {
		t.Errorf("a bad file: %v", printed(bad.Problems))
	}
	if _, err := bad.Effects(t.Context(), nil); err == nil {
		t.Error("effects of a bad file")
	}
	other := strings.NewReplacer("dug", "quay", "mayor", "baker").Replace(harbour)
	added := propose(t, b, "b.yaml", nil, []byte(other))
	if !added.OK() || added.Set().Fact("quay") == nil || added.Set().Fact("dug") == nil || b.Set().Fact("quay") != nil {
		t.Errorf("another file: %s", printed(added.Problems))
	}
	if twice := propose(t, b, "b.yaml", nil, file); twice.OK() {
		t.Error("ids that are taken are accepted")
	}
	if gone := propose(t, b, "a.yaml", file, nil); gone.OK() || !strings.Contains(printed(gone.Problems), "facts-none") {
		t.Errorf("no file left: %s", printed(gone.Problems))
	}
	for name, c := range map[string]struct {
		path     string
		old, new []byte
		err      error
	}{
		"changed":    {"a.yaml", []byte("x"), file, ErrChanged},
		"there":      {"a.yaml", nil, file, ErrChanged},
		"not there":  {"b.yaml", file, file, ErrChanged},
		"elsewhere":  {"../b.yaml", nil, file, ErrPath},
		"not a file": {"b.txt", nil, file, ErrPath},
	} {
		if _, err := b.Propose(t.Context(), c.path, c.old, c.new); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
}

// The overlay is as good a file system as the one below it.
func TestOverlay(t *testing.T) {
	below := fstest.MapFS{"a.yaml": {Data: []byte("a")}, "sub/b.yaml": {Data: []byte("b")}}
	for _, c := range []struct {
		o    overlay
		want []string
	}{
		{overlay{below, "a.yaml", []byte("new")}, []string{"a.yaml", "sub/b.yaml"}},
		{overlay{below, "sub/a.yaml", []byte("new")}, []string{"a.yaml", "sub/a.yaml", "sub/b.yaml"}},
		{overlay{below, "a.yaml", nil}, []string{"sub/b.yaml"}},
	} {
		var got []string
		must(t, fs.WalkDir(c.o, ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				got = append(got, path)
			}
			return err
		}))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.o.path, got, c.want)
		}
		data, err := fs.ReadFile(c.o, c.o.path)
		if c.o.data == nil != errors.Is(err, fs.ErrNotExist) || string(data) != string(c.o.data) {
			t.Errorf("%s: %q, %v", c.o.path, data, err)
		}
	}
}

// TestOnReload holds that each reload that changed the facts is told once, in order, whichever way it came about.
func TestOnReload(t *testing.T) {
	dir := t.TempDir()
	file := []byte(harbour)
	must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), file, 0o644))
	b, f := open(t, dir), openFolder(t, dir)
	var told []string
	last := b.Set()
	b.OnReload(func(old, new *Set) {
		if old != last || b.Set() != new {
			t.Error("not the sets that were and are in use")
		}
		last = new
		for _, d := range Compare(old, new) {
			told = append(told, fmt.Sprintf("%s %s %v", d.Kind, d.ID(), d.Shows()))
		}
	})
	write := func(new []byte, err error) {
		t.Helper()
		must(t, err)
		must(t, f.Write("a.yaml", file, new))
		file = new
		for range 2 { // the second changes nothing
			if _, _, _, err := b.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(EditFact(file, "mayor", Patch{Status: ptr("withdrawn")}))
	write(EditFact(file, "mayor", Patch{AddAsks: []string{"Which woman governs?"}}))
	write(append(slices.Clone(file), "facts:\n"...), nil) // can't be loaded
	write(EditFact([]byte(harbour), "dug", Patch{SaidBy: ptr("The keeper")}))
	block, err := Block(file, "dug")
	must(t, err)
	write(ReplaceBlock(file, "dug", block, nil, ""))
	write(AddFact(file, "new", Patch{Text: ptr("The pier is new."), Cites: []NewCite{{Paragraph: 9}}}))
	want := []string{"changed mayor true", "changed mayor false", "changed dug true", "changed mayor true", "removed dug true", "added new true"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q\nwant %q", told, want)
	}
}

func TestRevision(t *testing.T) {
	of := func(file string) string {
		set, problems := loadFiles(t, map[string]string{"a.yaml": file})
		if set == nil {
			t.Fatal(printed(problems))
		}
		return set.Fact("dug").Revision()
	}
	was := of(harbour)
	edit := func(old, new string) string {
		file := strings.Replace(harbour, old, new, 1)
		if file == harbour {
			t.Fatalf("no %q", old)
		}
		return file
	}
	for name, file := range map[string]string{
		"a comment": "# hello\n" + harbour, "an ask": edit("asks: [When", "asks: [Ever so long ago?, When"), "the id of the source": strings.ReplaceAll(harbour, "log:", "book:"),
		"another fact": edit("Anna", "Berta"), "a note": edit("asks:", "note: x\n    asks:"), "quotation marks": edit("The harbour of Port Example was dug in 1911.", `"The harbour of Port Example was dug in 1911."`),
	} {
		if of(file) != was {
			t.Errorf("%s makes another revision", name)
		}
	}
	all := map[string]string{was: "nothing"}
	for name, file := range map[string]string{
		"text": edit("1911", "1912"), "paragraph": edit("paragraph: 1", "paragraph: 4"), "title": edit("Log of", "Book of"), "said_by": edit("asks:", "said_by: x\n    asks:"), "as_of": edit("asks:", "as_of: 1911\n    asks:"),
		"status": edit("asks:", "status: planned\n    asks:"), "superseded_by": edit("asks:", "status: superseded\n    superseded_by: mayor\n    asks:"), "quote": edit("paragraph: 1", "quote: x"), "section": edit("paragraph: 1", "section: x"),
		"url": edit("paragraph: 1", "url: https://example.org/"), "publisher": edit("title:", "publisher: x, title:"), "published": edit("title:", "published: 1911, title:"),
	} {
		r := of(file)
		if all[r] != "" {
			t.Errorf("%s and %s have one revision", name, all[r])
		}
		all[r] = name
	}
	if len(all) != 13 {
		t.Error(slices.Sorted(maps.Values(all)))
	}
}

// A large base has more questions than are compared: those nearest to what changes are.
func TestComparedOfLarge(t *testing.T) {
	set, problems, err := Load(t.Context(), stations(3000))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, printed(problems))
	}
	changed := stations(3000)
	fact := set.Fact("fact-1234")
	file, err := EditFact(changed["file-001.yaml"].Data, fact.ID, Patch{Status: ptr("withdrawn")})
	must(t, err)
	changed["file-001.yaml"].Data = file
	next, problems, err := Load(t.Context(), changed)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, printed(problems))
	}
	all := questionsOf(set, next, []Question{{Text: "And " + fact.Asks[0]}, {Text: "Who won the cup final?"}})
	compared := nearestTo(all, Compare(set, next), limit(len(next.Facts)))
	if len(all) != 6002 || len(compared) != limit(3000) || len(compared) >= len(all) {
		t.Errorf("%d of %d compared", len(compared), len(all))
	}
	for _, ask := range append(slices.Clone(fact.Asks), "And "+fact.Asks[0]) {
		if !slices.ContainsFunc(compared, func(q comparedQuestion) bool { return q.Text == ask }) {
			t.Errorf("%q is not compared", ask)
		}
	}
	most := maxCompared
	for _, facts := range []int{0, 50, 600, 5000, 100_000, 100_000_000} {
		got := limit(facts)
		if got > most || got < minCompared {
			t.Errorf("%d facts: %d questions, after %d", facts, got, most)
		}
		most = got
	}
	if most != minCompared {
		t.Errorf("at the most facts: %d questions", most)
	}
}

// BenchmarkEffectsOfArticle is to see how long the effects on the project's own facts take.
func BenchmarkEffectsOfArticle(t *testing.B) {
	b := article(t)
	file, err := os.ReadFile("../facts/nato-tokyo-office.yaml")
	must(t, err)
	new, err := EditFact(file, "tokyo-office", Patch{Status: ptr("withdrawn")})
	must(t, err)
	start := time.Now()
	p := propose(t, b, "nato-tokyo-office.yaml", file, new)
	took := time.Since(start)
	e, err := p.Effects(t.Context(), nil)
	must(t, err)
	if len(e.Silent)+len(e.Changed) == 0 || len(e.Broken) == 0 || e.Asked != min(e.Of, limit(len(b.Set().Facts))) {
		t.Errorf("%d silent, %d changed, %d broken, %d of %d questions", len(e.Silent), len(e.Changed), len(e.Broken), e.Asked, e.Of)
	}
	t.Logf("proposed in %v, effects in %v: %d of %d questions, %d changed, %d answered, %d silent, %d broken, %d mended", took, time.Since(start)-took, e.Asked, e.Of, len(e.Changed), len(e.Answered), len(e.Silent), len(e.Broken), len(e.Mended))
}
