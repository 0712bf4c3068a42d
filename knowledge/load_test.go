package knowledge

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// folder makes a folder of the files of a txtar archive but those named *.golden.
func folder(a *txtar.Archive) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".golden") {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return fsys
}

// golden compares got with the named file of the archive, or writes it there.
func golden(t *testing.T, path string, a *txtar.Archive, name, got string) {
	t.Helper()
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if *update {
		if i < 0 {
			a.Files = append(a.Files, txtar.File{Name: name})
			i = len(a.Files) - 1
		}
		a.Files[i].Data = []byte(got)
		if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if i < 0 {
		t.Fatalf("%s holds no %s; run the test with -update", path, name)
	}
	if want := string(a.Files[i].Data); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// printed is what footnote check prints of problems.
func printed(problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

// TestCheck holds the problems of each folder in testdata/check to what is written beside it.
func TestCheck(t *testing.T) {
	paths, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			fsys := folder(a)
			set, problems, err := Load(t.Context(), fsys)
			if err != nil {
				t.Fatal(err)
			}
			if (set == nil) != HasErrors(problems) {
				t.Errorf("a set: %v, errors: %v", set != nil, HasErrors(problems))
			}
			realPlaces(t, fsys, problems)
			golden(t, path, a, "problems.golden", printed(problems))
		})
	}
}

// realPlaces fails the test for a problem whose place is not in its file, or whose rule is unknown.
func realPlaces(t *testing.T, fsys fstest.MapFS, problems []Problem) {
	t.Helper()
	for _, p := range problems {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == p.Rule && r.level == p.Level }) {
			t.Errorf("no such rule and level: %s", p)
		}
		if p.Msg == "" || strings.Contains(p.Msg, "yaml:") || strings.ContainsAny(p.Msg+p.Hint, "\n\r") {
			t.Errorf("not a message for a moderator: %s", p)
		}
		if p.Pos.File == "." && p.Pos.Line == 0 {
			continue
		}
		f := fsys[p.Pos.File]
		if f == nil {
			t.Errorf("no such file: %s", p)
			continue
		}
		if p.Pos.Line == 0 && p.Pos.Col == 0 {
			continue
		}
		lines := strings.Split(string(f.Data), "\n")
		if p.Pos.Line < 1 || p.Pos.Line > len(lines) {
			t.Errorf("no such line: %s", p)
			continue
		}
		if line := []rune(lines[p.Pos.Line-1]); p.Pos.Col < 0 || p.Pos.Col > len(line)+1 {
			t.Errorf("no such column: %s in %q", p, string(line))
		}
	}
}

// TestEveryRule holds every rule to being broken by some folder in testdata/check, but those that a moderator meets
// in folders too large for it.
func TestEveryRule(t *testing.T) {
	elsewhere := map[string]string{
		"folder-large": "TestTooMuch", "folder-linked": "TestLinks", "link-broken": "TestLinks", "file-large": "TestTooMuch", "piece-large": "TestTooMuch", "problems-many": "TestTooMuch",
		"encoding": "TestReadable", "control-character": "TestReadable", "ask-not-sure": "TestCheckAsks",
	}
	var all strings.Builder
	paths, _ := filepath.Glob("testdata/check/*.txtar")
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, problems, _ := Load(t.Context(), folder(a))
		all.WriteString(printed(problems))
	}
	for _, r := range rules {
		if !strings.Contains(all.String(), "["+r.name+"]") && elsewhere[r.name] == "" {
			t.Errorf("no folder in testdata/check breaks the rule %s", r.name)
		}
	}
}

func loadFiles(t *testing.T, files map[string]string) (*Set, []Problem) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	set, problems, err := Load(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	realPlaces(t, fsys, problems)
	return set, problems
}

const small = `sources:
  article: {title: An article}
facts:
  - id: one
    text: One is a number.
    cite: [{paragraph: 1}]
`

func TestLoad(t *testing.T) {
	text := strings.ReplaceAll(small, "cite:", "said_by: Somebody\n    as_of: 2023-05\n    status: planned\n    overview: true\n    topics: [numbers]\n    asks: [What is one?]\n    not_asks: [What is two?]\n    note: |\n      two\n      lines\n    cite:")
	set, problems := loadFiles(t, map[string]string{
		"b.yaml":      strings.ReplaceAll(small, "one", "two"),
		"a/c.yml":     text,
		"a_test.yaml": "trials:\n- ask: \"\\a\"\n  want: none\n- {ask: and two?, after: [what is one?], want: [one, two], voice: slang}\n",
		".git/x.yaml": "nonsense: [", ".x.yaml": "nonsense: [", "README.md": "# facts",
	})
	if len(problems) > 0 {
		t.Fatal(printed(problems))
	}
	if len(set.Files) != 2 || len(set.Facts) != 2 || len(set.Trials) != 2 || set.Version == "" {
		t.Fatalf("%d files, %d facts, %d trials, version %q", len(set.Files), len(set.Facts), len(set.Trials), set.Version)
	}
	f := set.Fact("one")
	got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%v|%v|%v|%v|%q|%s|%d|%s|%s", f.ID, f.Text, f.Pos, f.SaidBy, f.AsOf, f.Status, f.Overview, f.Topics, f.Asks, f.NotAsks, f.Note,
		f.Cites[0].Source.Title, f.Cites[0].Paragraph, f.File.Path, f.File.Language)
	const want = `one|One is a number.|a/c.yml:4:5|Somebody|2023-05|planned|true|[numbers]|[What is one?]|[What is two?]|"two\nlines\n"|An article|1|a/c.yml|en`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if tr := set.Trials[1]; tr.Ask != "and two?" || tr.After[0] != "what is one?" || len(tr.Want) != 2 || tr.Voice != "slang" || tr.Pos.String() != "a_test.yaml:4:3" {
		t.Errorf("trial %+v", tr)
	}
	if tr := set.Trials[0]; tr.Ask != "\a" || len(tr.Want) != 0 {
		t.Errorf("trial %+v", tr)
	}
}

// TestSame holds that how a file is written doesn't change what it says.
func TestSame(t *testing.T) {
	for name, text := range map[string]string{
		"bom":   "\ufeff" + small,
		"crlf":  strings.ReplaceAll(small, "\n", "\r\n"),
		"flow":  `{"sources": {"article": {"title": "An article"}}, "facts": [{"id": "one", "text": "One is a number.", "cite": [{"paragraph": 1}]}]}`,
		"json":  "{\n\"sources\": {\"article\": {\"title\": \"An article\"}},\n\"facts\":\n[\n{\"id\": \"one\",\n \"text\": \"One is a number.\", \"cite\": [{\"paragraph\": 1}]}\n]}",
		"lines": "sources:\n  article: {\"title\": \"An article\"}\nfacts:\n- {\"id\": \"one\", \"text\": \"One is a number.\", \"cite\": [{\"paragraph\": 1}]}\n",
		"start": "---\n# A comment.\nfacts: # here\n\n# and here\n-   id: one\n    text: >-\n      One is\n      a number.\n# here, too\n    cite:\n    - paragraph: 1\nsources:\n  article:\n    title: An article\n    publisher:\n...\n",
		"end":   strings.TrimSuffix(small, "\n"),
	} {
		set, problems := loadFiles(t, map[string]string{"x.yaml": text})
		if len(problems) > 0 {
			t.Errorf("%s: %s", name, printed(problems))
			continue
		}
		if f := set.Fact("one"); f == nil || f.Text != "One is a number." || f.Cites[0].Source.Title != "An article" || f.Cites[0].Paragraph != 1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestVersion(t *testing.T) {
	one, _ := loadFiles(t, map[string]string{"x.yaml": small})
	same, _ := loadFiles(t, map[string]string{"x.yaml": small, "README.md": "not a fact"})
	moved, _ := loadFiles(t, map[string]string{"y.yaml": small})
	edited, _ := loadFiles(t, map[string]string{"x.yaml": small + "# a comment\n"})
	tried, _ := loadFiles(t, map[string]string{"x.yaml": small, "x_test.yaml": "trials:\n- {ask: x, want: none}\n"})
	if one.Version != same.Version {
		t.Error("the same bytes, another version")
	}
	if all := []string{one.Version, moved.Version, edited.Version, tried.Version}; len(slices.Compact(slices.Sorted(slices.Values(all)))) != 4 {
		t.Errorf("other bytes, the same version: %v", all)
	}
}

func TestErrors(t *testing.T) {
	if _, _, err := Load(t.Context(), os.DirFS(filepath.Join(t.TempDir(), "nowhere"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that isn't there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Load(ctx, fstest.MapFS{"x.yaml": {Data: []byte(small)}}); err != context.Canceled {
		t.Errorf("a cancelled context: %v", err)
	}
}
