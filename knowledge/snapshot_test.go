package knowledge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"footnote/knowledge/rank"
	"time"
)

// varied is a folder of all that facts may be: large and small files, several languages, synonyms, every field, warnings, trials.
func varied(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	put := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	put("de.yaml", strings.ReplaceAll(factFile("language: de",
		`text: Der Hafen von Brunsau wurde 1911 ausgehoben., asks: [Wann wurde der Hafen ausgehoben?]`,
		`text: Der Leuchtturm ist vierzig Meter hoch., asks: [Wie hoch ist der Leuchtturm?]`,
		`text: Die Fähre zur Insel legt am Nordkai ab., asks: [Wo legt die Fähre ab?], not_asks: [Wann legt die Fähre ab?]`), "{id: ", "{id: de-"))
	put("ja.yaml", strings.ReplaceAll(factFile("language: ja", `text: 市長は山田花子です。, asks: [市長は誰ですか?]`), "{id: ", "{id: ja-"))
	var large strings.Builder
	large.WriteString("sources:\n  s: {title: Sample}\n  t: {title: Other, url: \"https://example.org\", published: 2020}\nsynonyms:\n  - [gizmo, windlass]\nfacts:\n")
	for i, s := range madeUp().sentences[:720] {
		fmt.Fprintf(&large, "- {id: l%d, text: %q, cite: [{source: %c, paragraph: %d, section: %q}]}\n", i, s.text, 's'+i%2, s.paragraph+1, s.title)
	}
	put("deep/large.yaml", large.String())
	put("warned.yaml", `sources: {s: {title: A source}, unused: {title: Another}}
facts:
  - id: twice
    text: The windlass was made by Smith and Sons.
    cite: [{source: s, quote: "made by", url: "https://example.org/a"}]
    topics: [harbour, harbour]
    said_by: The harbour master
    as_of: 2021-03
    status: superseded
    superseded_by: thrice
    review_by: 2030-01-01
    overview: true
    note: "kept\nfor moderators"
    asks: [Who made the windlass?]
    not_asks: [Who made the gizmo of Other Town?]
  - {id: thrice, text: The windlass was mended in 1990., cite: [{source: s}], status: withdrawn}
`)
	put("flow.yaml", `{sources: {s: {title: Flow}}, facts: [{id: flow, text: The tower has nine bells., cite: [{paragraph: 2}]}]}`)
	put("warned_test.yaml", "trials:\n  - {ask: Who made the windlass?, want: [twice]}\n  - {ask: Who made the windlass?, want: [twice]}\n  - {ask: gone?, want: [thrice], after: [hm?], voice: short}\n")
	return files
}

var variedQuestions = []string{
	"Who made the gizmo?", "How many bells has the tower?", "When was the harbour of Nowhere dug?", "Wie hoch ist der Leuchtturm?",
	"市長は誰ですか?", "what is this about?", "Who made the gizmo of Other Town?",
}

// same fails unless two bases hold the same facts and answer alike.
func same(t testing.TB, what string, got, want *Base, more ...string) {
	t.Helper()
	a, b := got.Set(), want.Set()
	if a.Version != b.Version || len(a.Facts) != len(b.Facts) || len(a.Files) != len(b.Files) || !reflect.DeepEqual(a.Trials, b.Trials) || len(a.byID) != len(b.byID) {
		t.Fatalf("%s: version %s, %d facts, want %s, %d", what, a.Version, len(a.Facts), b.Version, len(b.Facts))
	}
	for i, f := range a.Facts {
		x, y := *f, *b.Facts[i]
		if x.File.Path != y.File.Path || a.byID[f.ID] != f {
			t.Fatalf("%s: %s in %s, want %s", what, x.ID, x.File.Path, y.File.Path)
		}
		for k := range max(len(x.Cites), len(y.Cites)) {
			if !reflect.DeepEqual(x.Cites[k], y.Cites[k]) || !slices.Contains(x.File.Sources, x.Cites[k].Source) {
				t.Fatalf("%s: %s cites %+v, want %+v", what, x.ID, x.Cites[k], y.Cites[k])
			}
		}
		x.File, y.File, x.Cites, y.Cites = nil, nil, nil, nil
		if !reflect.DeepEqual(x, y) {
			t.Fatalf("%s:\n%+v, want\n%+v", what, x, y)
		}
	}
	for i, f := range a.Files {
		x, y := *f, *b.Files[i]
		x.Facts, y.Facts = nil, nil
		if !reflect.DeepEqual(x, y) {
			t.Fatalf("%s: file %+v, want %+v", what, x, y)
		}
	}
	questions := slices.Concat(variedQuestions, more)
	for i := 0; i < len(a.Facts); i += 149 { // some of everything there is
		questions = append(questions, "What about "+a.Facts[i].Text)
	}
	for _, q := range questions {
		var said [2]string
		for i, base := range []*Base{got, want} {
			answer, err := base.Ask(context.Background(), Question{Text: q, Candidates: 5, Explain: true})
			if err != nil {
				t.Fatal(err)
			}
			text, err := answer.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			said[i] = string(text)
			for _, c := range answer.Candidates {
				said[i] += fmt.Sprintf("\n%s %v %v", c.Fact.ID, c.Score, c.Parts)
			}
		}
		if said[0] != said[1] {
			t.Fatalf("%s: %q: %s\nwant %s", what, q, said[0], said[1])
		}
	}
}

func openWith(t testing.TB, fsys fs.FS, o OpenOptions) (*Base, []Problem) {
	t.Helper()
	o.shared = testVectors(t)
	b, problems, err := OpenWith(context.Background(), fsys, o)
	if err != nil || b == nil {
		t.Fatal(err, printed(problems))
	}
	return b, problems
}

// A cold base is what any other way to open one is held against.
func cold(t testing.TB, fsys fs.FS) (*Base, []Problem) {
	t.Helper()
	return openWith(t, fsys, OpenOptions{})
}

func snapshots(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCache holds that a base opened by a snapshot is the base it was made of, to the last place and score, and that what has changed since is read.
func TestCache(t *testing.T) {
	files := varied(t)
	o := OpenOptions{Cache: filepath.Join(t.TempDir(), "made", "anew"), from: 1, Warn: func(err error) { t.Error(err) }}
	want, wantProblems := cold(t, files)
	check := func(what string) {
		t.Helper()
		got, problems := openWith(t, files, o)
		defer got.Close()
		if printed(problems) != printed(wantProblems) || len(problems) == 0 {
			t.Fatalf("%s: problems %s\nwant %s", what, printed(problems), printed(wantProblems))
		}
		same(t, what, got, want)
	}
	check("first")
	if n := len(snapshots(t, o.Cache)); n != 1 {
		t.Fatalf("%d snapshots", n)
	}
	info, err := os.Stat(snapshots(t, o.Cache)[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read what the facts say", info.Mode(), err)
	}
	check("second")
	g := (&cache{dir: o.Cache}).find(want.Set().Version)
	if g == nil {
		t.Fatal("no snapshot")
	}
	set, _, _, err := loadNext(t.Context(), files, g.set, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range set.Files {
		if f != g.set.read[slices.IndexFunc(g.set.read, func(r *readFile) bool { return r.path == f.Path })].file {
			t.Errorf("file %d, %s, was read again", i, f.Path)
		}
	}

	// Another version: what has not changed is taken from the snapshot there is.
	large := files["deep/large.yaml"]
	large.Data = bytes.Replace(large.Data, []byte("- {id: l600,"), []byte("# A line more.\n- {id: l600, status: planned,"), 1)
	want, wantProblems = cold(t, files)
	check("changed")
	check("changed, and again")
	if n := len(snapshots(t, o.Cache)); n != 2 {
		t.Fatalf("%d snapshots", n)
	}
	for _, path := range snapshots(t, o.Cache) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	check("deleted")

	// What a reload changes is kept when the base is closed.
	b, _ := openWith(t, files, o)
	large.Data = bytes.Replace(large.Data, []byte("status: planned,"), []byte("status: confirmed,"), 1)
	if _, changed, problems, err := b.Reload(t.Context()); !changed || err != nil {
		t.Fatal(changed, printed(problems), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := readSnapshot((&cache{dir: o.Cache}).path(b.Set().Version)); err != nil {
		t.Error(err)
	}
}

// TestCacheDamaged holds that a snapshot that is not what was written is as none, and is written anew.
func TestCacheDamaged(t *testing.T) {
	files := varied(t)
	o := OpenOptions{Cache: t.TempDir(), from: 1, Warn: func(err error) { t.Error(err) }}
	want, _ := openWith(t, files, o)
	path := snapshots(t, o.Cache)[0]
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for what, data := range map[string][]byte{
		"empty":          {},
		"head only":      good[:len(snapshotHead())],
		"cut":            good[:len(good)/2],
		"cut at the end": good[:len(good)-1],
		"garbage":        []byte(strings.Repeat("garbage ", 1000)),
		"a bit flipped":  flipped,
		"longer":         append(slices.Clone(good), 0),
		"older":          bytes.Replace(good, []byte("snapshot "), []byte("snapshot 0"), 1),
		"empty of facts": []byte(snapshotHead() + "\x00\x00\x00\x00"),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readSnapshot(path); err != errSnapshot {
			t.Errorf("%s: read with %v", what, err)
		}
		got, _ := openWith(t, files, o)
		same(t, what, got, want)
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, good) {
			t.Errorf("%s: not written anew: %v", what, err)
		}
	}
}

// TestCacheTrouble holds that a folder that can't be used is told once, and that facts are served without.
func TestCacheTrouble(t *testing.T) {
	files := varied(t)
	want, _ := cold(t, files)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	for what, dir := range map[string]string{"a file": file, "below a file": filepath.Join(file, "x"), "read only": closed} {
		if what == "read only" && os.Getuid() == 0 {
			continue // nothing is closed to root
		}
		var told []error
		b, _ := openWith(t, files, OpenOptions{Cache: dir, from: 1, Warn: func(err error) { told = append(told, err) }})
		same(t, what, b, want)
		if err := b.Close(); err != nil {
			t.Error(what, err)
		}
		if len(told) != 1 || !strings.Contains(told[0].Error(), dir) || strings.Contains(told[0].Error(), "\n") {
			t.Errorf("%s: told %q", what, told)
		}
		openWith(t, files, OpenOptions{Cache: dir, from: 1}) // nobody to tell
	}
	b, _ := openWith(t, files, OpenOptions{Cache: file}) // small bases don't look
	same(t, "small", b, want)
}

// TestCacheShared opens one base many times at once, as processes do that share a folder.
func TestCacheShared(t *testing.T) {
	files := varied(t)
	want, _ := cold(t, files)
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			mine := maps.Clone(files)
			if i%3 == 0 { // some of another version
				mine["more.yaml"] = &fstest.MapFile{Data: []byte(small), Mode: 0o644}
			}
			for range 2 {
				b, _, err := OpenWith(context.Background(), mine, OpenOptions{Cache: dir, from: 1, shared: want.vectors, Warn: func(err error) { t.Error(err) }})
				if err != nil {
					t.Error(err)
					return
				}
				if i%3 != 0 {
					same(t, "shared", b, want)
				}
				b.Close()
			}
		})
	}
	wg.Wait()
	if all, err := os.ReadDir(dir); err != nil || len(all) != 2 {
		t.Errorf("left in the folder: %v, %v", all, err)
	}
}

// TestCacheCleaned holds that the folder does not grow, and that what is not ours stays.
func TestCacheCleaned(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * staleAfter)
	for name, age := range map[string]time.Time{"facts-1.tmp": old, "facts-2.tmp": time.Now(), "notes.txt": old, "facts-0123456789abcdef-0-old.snapshot": old} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, age, age)); err != nil {
			t.Fatal(err)
		}
	}
	files := fstest.MapFS{"x.yaml": {Mode: 0o644}}
	var first, last string
	for i := range maxSnapshots + 3 {
		files["x.yaml"].Data = []byte(strings.ReplaceAll(small, "one", fmt.Sprintf("n%d", i)))
		b, _ := openWith(t, files, OpenOptions{Cache: dir, from: 1})
		last = (&cache{dir: dir}).path(b.Set().Version)
		if i == 0 {
			first = last
		}
		// Files written in one tick of the clock have no order; the first is used again and again.
		at := old.Add(time.Duration(i) * time.Minute)
		if err := errors.Join(os.Chtimes(last, at, at), os.Chtimes(first, time.Now(), time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	left := snapshots(t, dir)
	if len(left) != maxSnapshots || !slices.Contains(left, first) || !slices.Contains(left, last) {
		t.Errorf("left: %v", left)
	}
	for name, want := range map[string]bool{"facts-1.tmp": false, "facts-2.tmp": true, "notes.txt": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReloadAlike makes many changes, one after another, and holds the reloaded base to one opened anew: answers depend on the files, not on how they came to
// be so.
func TestReloadAlike(t *testing.T) {
	files := varied(t)
	b, _ := cold(t, files)
	defer b.Close()
	r := rand.New(rand.NewPCG(1, 2))
	line := func(name string, do func(lines []string, at int) []string) {
		lines := strings.SplitAfter(string(files[name].Data), "\n")
		first := 1 + slices.Index(lines, "facts:\n")
		lines = do(lines, first+r.IntN(len(lines)-first-1))
		files[name] = &fstest.MapFile{Data: []byte(strings.Join(lines, "")), Mode: 0o644}
	}
	replace := func(name, old, new string) {
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[name].Data), old, new, 1)), Mode: 0o644}
	}
	const name = "deep/large.yaml"
	n := 0
	written := func() string {
		n++
		return fmt.Sprintf("- {id: new-%d, text: The Lighthouse of Port Example Number %d has %d lamps., cite: [{source: s, paragraph: 1}]}\n", n, n, 70+n)
	}
	ask := "How many lamps has the lighthouse of Port Example Number 1?"
	for i, change := range []func(){
		func() { line(name, func(l []string, at int) []string { l[at] = written(); return l }) },
		func() { line(name, func(l []string, at int) []string { return slices.Insert(l, at, written()) }) },
		func() {
			line(name, func(l []string, at int) []string { return slices.Insert(l, at, "# one\n", "\n", "# two\n") })
		},
		func() { line(name, func(l []string, at int) []string { return slices.Delete(l, at, at+1) }) },
		func() {
			line(name, func(l []string, at int) []string { return slices.Delete(l, at, min(len(l)-1, at+50)) })
		},
		func() { replace(name, "title: Sample", "title: The Sample") },         // what facts take from the head
		func() { replace(name, "https://example.org", "https://example.com") }, // and what only cites do
		func() { replace(name, "[gizmo, windlass]", "[gizmo, crane]\n  - [widget, windlass]") },
		func() { replace(name, "[gizmo, crane]\n  - [widget, windlass]", "[gizmo, windlass]") },
		func() { replace(name, "sources:\n", "# At the top.\nsources:\n") },
		func() { files["moved.yaml"] = files[name]; delete(files, name) },
		func() { files[name] = files["moved.yaml"]; delete(files, "moved.yaml") },
		func() { replace("warned.yaml", "  - id: twice", "  # More.\n  - id: twice") }, // a warning moves down
		func() { replace("warned.yaml", "status: withdrawn", "status: stated") },
		func() { delete(files, "de.yaml") },
		func() { replace("warned_test.yaml", "gone?", "is it gone?") },
	} {
		before := b.Set()
		change()
		_, changed, problems, err := b.Reload(t.Context())
		if err != nil || !changed {
			t.Fatal(i, changed, err, printed(problems))
		}
		want, wantProblems := cold(t, files)
		if printed(problems) != printed(wantProblems) {
			t.Fatalf("change %d: problems %s\nwant %s", i, printed(problems), printed(wantProblems))
		}
		same(t, fmt.Sprintf("change %d", i), b, want, ask)
		apart := fresh(t, before)
		if got, want := Compare(before, b.Set()), Compare(apart, b.Set()); !reflect.DeepEqual(told(got), told(want)) {
			t.Fatalf("change %d: differences %v, want %v", i, told(got), told(want))
		}
	}
}

// fresh is the set without what it was read from, so that nothing in it is known to be the same.
func fresh(t *testing.T, s *Set) *Set {
	t.Helper()
	c := *s
	c.read = nil
	for _, f := range s.read {
		r := *f
		r.parts = nil
		for _, p := range f.parts {
			q := *p
			q.key = sha256.Sum256(append([]byte("fresh"), q.key[:]...))
			r.parts = append(r.parts, &q)
		}
		c.read = append(c.read, &r)
	}
	return &c
}

func told(all []Difference) []string {
	var out []string
	for _, d := range all {
		out = append(out, string(d.Kind)+" "+d.ID())
	}
	return out
}

// TestTakenOver holds that a change in a large file has only the part around it read again, and only the text that is new encoded.
func TestTakenOver(t *testing.T) {
	files := fstest.MapFS{"x.yaml": varied(t)["deep/large.yaml"]}
	b, _ := cold(t, files)
	parts := b.cur.set.read[0].parts
	if len(parts) < 3 {
		t.Fatalf("%d parts", len(parts))
	}
	before := len(b.vectors.blocks.known)
	files["x.yaml"] = &fstest.MapFile{Data: bytes.Replace(files["x.yaml"].Data, []byte("- {id: l10,"), []byte("\n- {id: changed, text: A fact that stands in no other file., cite: [{source: s}]}\n- {id: l10,"), 1), Mode: 0o644}
	if _, _, problems, err := b.Reload(t.Context()); err != nil || len(problems) > 0 {
		t.Fatal(err, printed(problems))
	}
	anew := 0
	for _, p := range b.cur.set.read[0].parts {
		if !slices.ContainsFunc(parts, func(q *part) bool { return q.key == p.key }) {
			anew++
		}
	}
	if anew < 1 || anew > 2 { // the one, and perhaps its neighbour, when the line between them moves
		t.Errorf("%d of %d parts were read again", anew, len(parts))
	}
	if made := len(b.vectors.blocks.known) - before; made != 2 {
		t.Errorf("%d vectors were made for one text by two encoders", made)
	}
}

// TestSnapshotVersion tells when the same files give another snapshot than they did: then what older programs kept must not be used.
func TestSnapshotVersion(t *testing.T) {
	b, _ := cold(t, varied(t))
	g := b.cur
	got := fmt.Sprintf("%d %x\n", snapshotVersion, sha256.Sum256(g.encode()[len(snapshotHead()):]))
	const path = "testdata/snapshot.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if version, _, _ := strings.Cut(string(want), " "); got != string(want) && version == fmt.Sprint(snapshotVersion) {
		t.Errorf("what is kept of a fact has changed: raise snapshotVersion, then go test ./knowledge -run TestSnapshotVersion -update")
	} else if got != string(want) {
		t.Errorf("a new version: go test ./knowledge -run TestSnapshotVersion -update")
	}
}

// FuzzSnapshot holds that no bytes stop the program, and that what is accepted can be used.
func FuzzSnapshot(f *testing.F) {
	whole := func(files fstest.MapFS) string {
		b, _ := cold(f, files)
		data := b.cur.encode()
		return string(data[len(snapshotHead()) : len(data)-4])
	}
	model, err := rank.Trained()
	if err != nil {
		f.Fatal(err)
	}
	v := testVectors(f)
	f.Add(whole(fstest.MapFS{"x.yaml": {Data: []byte(small), Mode: 0o644}}))
	files := varied(f)
	delete(files, "deep/large.yaml")
	f.Add(whole(files))
	f.Fuzz(func(t *testing.T, body string) {
		g, err := decodeBody(body)
		if err != nil {
			return
		}
		if set, _, _, err := loadNext(context.Background(), fstest.MapFS{"x.yaml": {Data: []byte(small), Mode: 0o644}}, g.set, nil); err != nil {
			t.Fatal(err)
		} else if set == nil {
			return // it says that the file has problems
		} else if next, err := nextGeneration(context.Background(), set, model, v, nil, nil); err != nil {
			t.Fatal(err)
		} else if _, err := next.ask(context.Background(), Question{Text: "What is it?"}); err != nil {
			t.Fatal(err)
		}
	})
}
