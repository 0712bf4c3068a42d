package knowledge

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// TestReadable holds bytes that no parser should see to one clear line each.
func TestReadable(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"utf-16":      {"\xff\xfes\x00o\x00", "x.yaml: error: the file is UTF-16 [encoding]\n  hint: save it as UTF-8\n"},
		"binary":      {"\x7fELF\x00\x00", "x.yaml: error: the file is not text [encoding]\n  hint: save it as UTF-8 text\n"},
		"latin-1":     {"facts:\n- id: caf\xe9\n", "x.yaml:2:10: error: the byte 0xe9 is not UTF-8 [encoding]\n  hint: save the file as UTF-8\n"},
		"bell":        {"é: \a\n", "x.yaml:1:4: error: the character U+0007 can't be seen and is not allowed [control-character]\n  hint: remove it; save the file with usual line ends\n"},
		"separator":   {"a:\n  \u2028\n", "x.yaml:2:3: error: the character U+2028 can't be seen and is not allowed [control-character]\n  hint: remove it; save the file with usual line ends\n"},
		"stand-in":    {"a: \ufdd0\n", "x.yaml:1:4: error: the character U+FDD0 can't be seen and is not allowed [control-character]\n  hint: remove it; save the file with usual line ends\n"},
		"old mac":     {"a:\rb:\n", "x.yaml:1:3: error: the character U+000D can't be seen and is not allowed [control-character]\n  hint: remove it; save the file with usual line ends\n"},
		"empty":       {"", "x.yaml: error: the file has nothing in it [file-empty]\n  hint: it needs \"facts\"; or delete it\n"},
		"only dashes": {"# x\n---", "x.yaml: error: the file has nothing in it [file-empty]\n  hint: it needs \"facts\"; or delete it\n"},
		"only a bom":  {"\ufeff", "x.yaml: error: the file has nothing in it [file-empty]\n  hint: it needs \"facts\"; or delete it\n"},
	} {
		set, problems := loadFiles(t, map[string]string{"x.yaml": c.data})
		if got := printed(problems); got != c.want || set != nil {
			t.Errorf("%s: got\n%swant\n%s", name, got, c.want)
		}
	}
}

// endless is a file of any size whose bytes are made as they are read.
type endless struct {
	fstest.MapFS
	size int64 // as Stat has it
	real int64 // as Read has it
}

func (e endless) Open(name string) (fs.File, error) {
	f, err := e.MapFS.Open(name)
	if err != nil || name == "." {
		return f, err
	}
	return &endlessFile{File: f, e: e}, nil
}

func (e endless) Stat(name string) (fs.FileInfo, error) {
	info, err := e.MapFS.Stat(name)
	if err != nil || info.IsDir() {
		return info, err
	}
	return endlessInfo{info, e.size}, nil
}

type endlessInfo struct {
	fs.FileInfo
	size int64
}

func (i endlessInfo) Size() int64 { return i.size }

type endlessFile struct {
	fs.File
	e    endless
	read int64
}

func (f *endlessFile) Read(p []byte) (int, error) {
	n := min(int64(len(p)), f.e.real-f.read)
	for i := range p[:n] {
		p[i] = ' '
	}
	f.read += n
	if n == 0 {
		return f.File.Read(p[:0])
	}
	return int(n), nil
}

// TestTooMuch holds folders that are too large to one clear line each.
func TestTooMuch(t *testing.T) {
	one := fstest.MapFS{"x.yaml": {Mode: 0o644}}
	many := fstest.MapFS{}
	for i := range MaxFiles + 1 {
		many[fmt.Sprintf("%05d.yaml", i)] = &fstest.MapFile{Data: []byte(small), Mode: 0o644}
	}
	large := fstest.MapFS{}
	for i := range MaxFolderBytes/MaxFileBytes + 1 {
		large[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Mode: 0o644}
	}
	broken := "sources:\n  s: {title: T}\nfacts:\n" + strings.Repeat("- {}\n", maxProblems)
	item := fmt.Sprintf("sources:\n  s: {title: T}\nfacts:\n- {id: x, text: %s}\n- {}\n", strings.Repeat("x ", maxPiece/2))
	head := "facts: [" + strings.Repeat("{}, ", maxPiece/4) + "]\n"
	for name, c := range map[string]struct {
		fsys  fs.FS
		lines int
		want  string
	}{
		"a 100 MB file":      {endless{one, 100 << 20, 100 << 20}, 1, "x.yaml: error: the file is larger than 64.0 MB [file-large]"},
		"a growing file":     {endless{one, 10, 1 << 40}, 1, "x.yaml: error: the file is larger than 64.0 MB [file-large]"},
		"too many files":     {many, 1, ".: error: more than 20000 files [folder-large]"},
		"too large a folder": {endless{large, MaxFileBytes, 0}, 1, ".: error: the files have more than 256.0 MB together [folder-large]"},
		"too many problems":  {fstest.MapFS{"x.yaml": {Data: []byte(broken), Mode: 0o644}}, maxProblems + 1, "x.yaml: error: 2000 more problems of this file are not listed [problems-many]"},
		"a large item":       {fstest.MapFS{"x.yaml": {Data: []byte(item), Mode: 0o644}}, 4, "x.yaml:4:1: error: an item of 4.0 MB, limit 4.0 MB [piece-large]"},
		"a large head":       {fstest.MapFS{"x.yaml": {Data: []byte(head), Mode: 0o644}}, 1, "x.yaml: error: 4.0 MB of the file are not in a list whose items begin on lines of their own, limit 4.0 MB [piece-large]"},
	} {
		set, problems, err := Load(t.Context(), c.fsys)
		if err != nil || set != nil {
			t.Errorf("%s: set %v, error %v", name, set != nil, err)
		}
		if len(problems) != c.lines || !strings.Contains(printed(problems), c.want+"\n") {
			t.Errorf("%s: %d problems, want %d with %s, the first:\n%s", name, len(problems), c.lines, c.want, printed(problems[:min(len(problems), 3)]))
		}
	}
}

// TestDeep holds YAML nested deep to an answer: some parsers run out of stack.
func TestDeep(t *testing.T) {
	for _, deep := range []string{
		strings.Repeat("[", 1_000_000), strings.Repeat("{a: ", 1_000_000), strings.Repeat("- ", 1_000_000), strings.Repeat("? ", 1_000_000),
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000), strings.Repeat("- ", 5000) + "x",
		"facts:\n- id: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "facts:\n- " + strings.Repeat("- ", 5000) + "x",
	} {
		_, problems := loadFiles(t, map[string]string{"x.yaml": deep})
		if !strings.Contains(printed(problems), "[nested-deep]") || len(problems) > 5 {
			t.Errorf("%.20q…: %s", deep, printed(problems))
		}
	}
}

// TestLinks holds that links to files are followed, as Kubernetes writes them, and links to folders told.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "mount", "..2024"), 0o755),
		os.WriteFile(filepath.Join(dir, "mount", "..2024", "x.yaml"), []byte(small), 0o644),
		os.Symlink("..2024", filepath.Join(dir, "mount", "..data")),
		os.Symlink(filepath.Join("..data", "x.yaml"), filepath.Join(dir, "mount", "x.yaml")),
		os.Symlink("..data", filepath.Join(dir, "mount", "linked")),
		os.Symlink("mount", filepath.Join(dir, "facts")),
		os.Symlink("gone", filepath.Join(dir, "mount", "notes")),
		os.Symlink("gone.yaml", filepath.Join(dir, "mount", "z.yaml")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, problems, err := Load(t.Context(), os.DirFS(filepath.Join(dir, "facts")))
	if got := printed(problems); err != nil || !strings.Contains(got, "z.yaml: error: the link leads nowhere [link-broken]\n") || strings.Contains(got, "notes") {
		t.Error(err, got)
	}
	if err := os.Remove(filepath.Join(dir, "mount", "z.yaml")); err != nil {
		t.Fatal(err)
	}
	set, problems, err := Load(t.Context(), os.DirFS(filepath.Join(dir, "facts")))
	if err != nil || set == nil || len(set.Facts) != 1 {
		t.Fatal(set, problems, err)
	}
	if got := printed(problems); got != "linked: warning: a link to a folder is not followed [folder-linked]\n  hint: put the folder itself here\n" {
		t.Error(got)
	}
}

// TestManyFacts loads a hundred thousand facts from one file, and holds memory to a bound.
func TestManyFacts(t *testing.T) {
	const n = 100_000
	var b bytes.Buffer
	b.WriteString("sources:\n  text: {\"title\": \"All\"}\nfacts:\n")
	for i := range n {
		fmt.Fprintf(&b, "- {\"id\": \"s%d\", \"text\": \"Sentence number %d is about as long as one of an encyclopedia, which has some twenty-five words, commas, and now and then the name of a place.\", \"cite\": [{\"paragraph\": %d, \"section\": \"A section\"}]}\n", i, i, i+1)
	}
	fsys := fstest.MapFS{"x.yaml": {Data: b.Bytes(), Mode: 0o644}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	set, problems, err := Load(t.Context(), fsys)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || len(problems) > 0 || len(set.Facts) != n {
		t.Fatal(err, len(problems))
	}
	last := set.Facts[n-1]
	if last.ID != "s99999" || last.Pos.Line != n+3 || last.Cites[0].Paragraph != n || set.Fact("s500") != set.Facts[500] {
		t.Errorf("last fact %+v", last)
	}
	if perFact := (after.HeapAlloc - before.HeapAlloc) / n; perFact > 1200 {
		t.Errorf("%d bytes of memory a fact", perFact)
	}
}

func TestManyFiles(t *testing.T) {
	fsys := fstest.MapFS{}
	for i := range 10_000 {
		fsys[fmt.Sprintf("%02d/%05d.yaml", i%100, i)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(small, "one", fmt.Sprintf("f%d", i))), Mode: 0o644}
	}
	set, problems, err := Load(t.Context(), fsys)
	if err != nil || len(problems) > 0 || len(set.Facts) != 10_000 || len(set.Files) != 10_000 {
		t.Fatal(err, printed(problems[:min(len(problems), 3)]))
	}
}

// TestMillionLines holds that a file of a million lines of comments in and between facts is a file like any other.
func TestMillionLines(t *testing.T) {
	text := strings.Repeat("# c\n", 500_000) + small + strings.Repeat("    # d\n\n", 250_000) + "  - {}\n"
	set, problems := loadFiles(t, map[string]string{"x.yaml": text})
	if set != nil || len(problems) != 3 || problems[0].Pos.Line != 1_000_007 {
		t.Error(printed(problems))
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fsys := endless{fstest.MapFS{"x.yaml": {Mode: 0o644}}, 10, 1 << 40}
	cancel()
	if _, _, err := Load(ctx, fsys); err != context.Canceled {
		t.Error(err)
	}
}

// FuzzLoad holds that nothing in a file stops the program, and that every problem has a real place.
func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(small))
	f.Add([]byte("facts:\n- {id: a, text: \"\\ud83d\\ude00\"}\n- [\n- |\n x\n- >\n-\n- ? a\n: b\n"))
	f.Add([]byte("---"))
	f.Add([]byte("facts:\n- {id: a}\n---"))
	f.Add([]byte("trials:\n  - ask: x\n - ask: y\n  - 'ask': \"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{"x.yaml": {Data: data, Mode: 0o644}, "x_test.yaml": {Data: data, Mode: 0o644}}
		set, problems, err := Load(context.Background(), fsys)
		if err != nil {
			t.Fatal(err)
		}
		if (set == nil) != HasErrors(problems) {
			t.Error("a set and errors, or neither")
		}
		realPlaces(t, fsys, problems)
		if set != nil {
			for _, fact := range set.Facts {
				if fact.ID == "" || fact.Text == "" || len(fact.Cites) == 0 || strings.ContainsFunc(fact.Text, isLineBreak) || fact.Cites[0].Source == nil {
					t.Errorf("not a fact: %+v", fact)
				}
			}
		}
	})
}
