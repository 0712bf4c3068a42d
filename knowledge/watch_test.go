package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// lamps writes a folder whose facts all tell the same number.
func lamps(t *testing.T, dir string, n int) {
	t.Helper()
	for _, name := range []string{"north", "south"} {
		text := fmt.Sprintf(`sources:
  log: {title: Log of the keeper}
facts:
  - id: %[1]s-lamps
    text: The %[1]s lighthouse of Port Example has %[2]d lamps.
    cite: [{paragraph: 1}]
    asks: [How many lamps does the %[1]s lighthouse of Port Example have?]
`, name, n)
		path := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, dir string) *Base {
	t.Helper()
	b, problems, err := Open(t.Context(), os.DirFS(dir))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, printed(problems))
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// TestReload asks while the facts are reloaded many times: no question fails, and each answer is
// of one version.
func TestReload(t *testing.T) {
	const reloads, readers = 40, 2
	dir := t.TempDir()
	lamps(t, dir, 0)
	b := open(t, dir)

	var versions sync.Map // version -> number of lamps
	versions.Store(b.Set().Version, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	asked := make([]int, readers)
	for r := range readers {
		wg.Go(func() {
			names := []string{"north", "south"}
			for i := 0; ctx.Err() == nil; i++ {
				name := names[(r+i)%2]
				a, err := b.Ask(context.Background(), Question{Text: "How many lamps does the " + name + " lighthouse of Port Example have?"})
				if err != nil || !a.Answered() {
					t.Errorf("not answered: %v, %q", err, a.Message)
					return
				}
				n, ok := versions.Load(a.Version)
				want := fmt.Sprintf("The %s lighthouse of Port Example has %d lamps.", name, n)
				for _, s := range a.Sentences() {
					if !ok || s.Fact.Text != want && s.Fact.ID == name+"-lamps" || !strings.HasSuffix(s.Fact.Text, fmt.Sprintf(" %d lamps.", n)) {
						t.Errorf("version %s: %q, want %q", a.Version, s.Fact.Text, want)
						return
					}
				}
				asked[r]++
			}
		})
	}
	for n := 1; n <= reloads; n++ {
		lamps(t, dir, n)
		hash, err := hashFolder(t.Context(), os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		versions.Store(hash, n)
		change, changed, problems, err := b.Reload(t.Context())
		if err != nil || !changed || len(problems) > 0 || change.Version != hash || len(change.Changed) != 2 || len(change.Added)+len(change.Removed) > 0 {
			t.Fatalf("reload %d: %+v, %v, %v, %s", n, change, changed, err, printed(problems))
		}
		if _, changed, _, err := b.Reload(t.Context()); changed || err != nil {
			t.Fatalf("the same bytes: %v, %v", changed, err)
		}
	}
	cancel()
	wg.Wait()
	for r, n := range asked {
		if n == 0 {
			t.Errorf("reader %d asked nothing", r)
		}
	}
	t.Logf("%d reloads, questions: %v", reloads, asked)
}

// TestReloadBad holds that the old facts serve on when the folder is bad or gone.
func TestReloadBad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "facts")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lamps(t, dir, 1)
	b := open(t, dir)
	was := b.Set()
	if err := os.WriteFile(filepath.Join(dir, "bad.yaml"), []byte("facts: ["), 0o644); err != nil {
		t.Fatal(err)
	}
	_, changed, problems, err := b.Reload(t.Context())
	if changed || err != nil || !HasErrors(problems) || b.Set() != was {
		t.Errorf("a bad folder: changed %v, %v, %s", changed, err, printed(problems))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, changed, _, err := b.Reload(t.Context()); changed || err == nil || b.Set() != was {
		t.Errorf("no folder: changed %v, %v", changed, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, changed, _, err := b.Reload(ctx); changed || err != context.Canceled {
		t.Errorf("a cancelled reload: changed %v, %v", changed, err)
	}
	if a, err := b.Ask(t.Context(), Question{Text: "How many lamps does the north lighthouse of Port Example have?"}); err != nil || !a.Answered() {
		t.Errorf("the old facts don't serve: %v", err)
	}
}

// TestWatch changes a folder in several ways, and holds each to being taken over or told.
func TestWatch(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "facts")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// As Kubernetes mounts a ConfigMap: the files are links through a link that is swapped.
	for i, name := range []string{"..one", "..two"} {
		must(os.MkdirAll(filepath.Join(dir, name), 0o755))
		lamps(t, filepath.Join(dir, name), i)
	}
	must(os.Symlink("..one", filepath.Join(dir, "..data")))
	for _, name := range []string{"north.yaml", "south.yaml"} {
		must(os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
	}
	b := open(t, dir)

	type news struct {
		change   Change
		problems []Problem
		err      error
	}
	reports := make(chan news)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		// What is settled is looked at again at once, and nobody looks unless something is heard.
		after := func(d time.Duration) <-chan time.Time {
			if d != settle {
				return nil
			}
			c := make(chan time.Time, 1)
			c <- time.Time{}
			return c
		}
		done <- b.watch(ctx, dir, after, func(c Change, problems []Problem, err error) { reports <- news{c, problems, err} })
	}()

	must(os.Symlink("..two", filepath.Join(dir, "..tmp")))
	must(os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	if n := <-reports; n.err != nil || len(n.change.Changed) != 2 || n.change.Version != b.Set().Version {
		t.Errorf("swapped: %+v", n)
	}
	if f := b.Set().Fact("north-lamps"); f.Text != "The north lighthouse of Port Example has 1 lamps." {
		t.Error(f.Text)
	}

	extra := strings.ReplaceAll(small, "one", "extra")
	must(os.MkdirAll(filepath.Join(dir, "new", "deep"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "new", "deep", "x.new"), []byte(extra), 0o644))
	must(os.Rename(filepath.Join(dir, "new", "deep", "x.new"), filepath.Join(dir, "new", "deep", "x.yaml")))
	if n := <-reports; n.err != nil || len(n.change.Added) != 1 || n.change.Added[0] != "extra" {
		t.Errorf("a new folder: %+v", n)
	}

	must(os.WriteFile(filepath.Join(dir, "bad.yaml"), []byte("facts: ["), 0o644))
	n := <-reports
	for n.err == nil && len(n.problems) == 1 && n.problems[0].Rule == "file-empty" {
		n = <-reports // seen between the file's being made and written
	}
	if n.err != nil || !HasErrors(n.problems) || n.problems[0].Pos.File != "bad.yaml" || b.Set().Fact("extra") == nil {
		t.Errorf("a bad file: %+v", n)
	}
	must(os.Remove(filepath.Join(dir, "bad.yaml")))
	n = <-reports
	for errors.Is(n.err, fs.ErrNotExist) {
		n = <-reports // looked at between its being listed and read
	}
	if n.err != nil || len(n.problems) > 0 || n.change.Version != b.Set().Version {
		t.Errorf("put back: %+v", n)
	}

	must(os.RemoveAll(filepath.Join(dir, "new")))
	n = <-reports
	for n.err != nil && errors.Is(n.err, fs.ErrNotExist) {
		n = <-reports // looked at between two of its folders' removals
	}
	if n.err != nil || len(n.change.Removed) != 1 {
		t.Errorf("removed: %+v", n)
	}

	must(os.Rename(dir, dir+".old"))
	if n := <-reports; n.err == nil || b.Set().Fact("north-lamps") == nil {
		t.Errorf("gone: %+v", n)
	}
	must(os.Rename(dir+".old", dir))
	if n := <-reports; n.err != nil || n.change.Version != b.Set().Version {
		t.Errorf("back: %+v", n)
	}
	cancel()
	if err := <-done; err != context.Canceled {
		t.Error(err)
	}
}

func TestChangeOf(t *testing.T) {
	two := strings.ReplaceAll(small, "one", "two")
	old, _ := loadFiles(t, map[string]string{"a.yaml": small, "b.yaml": two})
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"moved":          {map[string]string{"sub/a.yaml": "# moved\n" + small, "b.yaml": two}, "[] [] []"},
		"text":           {map[string]string{"a.yaml": strings.Replace(small, "a number", "not a number", 1), "b.yaml": two}, "[] [one] []"},
		"source":         {map[string]string{"a.yaml": strings.Replace(small, "An article", "Another", 1), "b.yaml": two}, "[] [one] []"},
		"paragraph":      {map[string]string{"a.yaml": strings.Replace(small, "paragraph: 1", "paragraph: 2", 1), "b.yaml": two}, "[] [one] []"},
		"added, removed": {map[string]string{"a.yaml": small, "b.yaml": strings.ReplaceAll(small, "one", "three")}, "[three] [] [two]"},
	} {
		set, problems := loadFiles(t, c.files)
		if set == nil {
			t.Fatal(printed(problems))
		}
		got := changeOf(old, set)
		if s := fmt.Sprint(got.Added, got.Changed, got.Removed); s != c.want || got.Version != set.Version {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}
