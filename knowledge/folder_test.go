package knowledge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func openFolder(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// holds fails unless the folder holds just these files.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		got[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the folder holds %q\nwant %q", got, want)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("one"), 0o640))
	f := openFolder(t, dir)
	for _, c := range []struct {
		path     string
		old, new []byte
		err      error
	}{
		{"a.yaml", []byte("two"), []byte("three"), ErrChanged},
		{"a.yaml", []byte("one"), []byte("two"), nil},
		{"a.yaml", []byte("one"), []byte("three"), ErrChanged},
		{"a.yaml", nil, []byte("three"), ErrChanged},
		{"sub/b.yaml", nil, []byte("new"), nil},
		{"sub/b.yaml", nil, []byte("new"), ErrChanged},
		{"sub/c.yaml", []byte(""), []byte("new"), ErrChanged},
		{"sub/d.yml", nil, []byte(""), nil},
		{"sub/b.yaml", []byte("old"), nil, ErrChanged},
		{"sub/b.yaml", []byte("new"), nil, nil},
		{"sub/b.yaml", nil, nil, nil},
		{"none/b.yaml", nil, []byte("new"), fs.ErrNotExist},
	} {
		if err := f.Write(c.path, c.old, c.new); !errors.Is(err, c.err) {
			t.Errorf("%s from %q to %q: %v, want %v", c.path, c.old, c.new, err, c.err)
		}
	}
	holds(t, dir, map[string]string{"a.yaml": "two", "sub/d.yml": ""})
	if info, err := os.Stat(filepath.Join(dir, "a.yaml")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if data, err := f.Read("a.yaml"); err != nil || string(data) != "two" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := f.Read("b.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if data, err := fs.ReadFile(f.FS(), "a.yaml"); err != nil || string(data) != "two" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := OpenFolder(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestFolderPaths holds that nothing but fact files below the folder can be read or written.
func TestFolderPaths(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "facts")
	for _, name := range []string{"facts/sub", "facts/.hidden", "elsewhere"} {
		must(t, os.MkdirAll(filepath.Join(top, name), 0o755))
	}
	for _, name := range []string{"facts/a.yaml", "facts/.hidden/a.yaml", "facts/.a.yaml", "elsewhere/a.yaml", "facts/a_test.yaml", "facts/README.md"} {
		must(t, os.WriteFile(filepath.Join(top, name), []byte("x"), 0o644))
	}
	must(t, os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o755))
	for link, to := range map[string]string{"out.yaml": "../elsewhere/a.yaml", "in.yaml": "a.yaml", "away": "../elsewhere", "near": "sub", "nowhere.yaml": "none.yaml"} {
		must(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	f := openFolder(t, dir)
	for _, path := range []string{
		"", ".", "..", "/a.yaml", "../elsewhere/a.yaml", "sub/../a.yaml", "./a.yaml", "sub//a.yaml", "a.yaml/", `..\elsewhere\a.yaml`, "a.yaml\x00", dir + "/a.yaml",
		".a.yaml", ".hidden/a.yaml", "sub/.a.yaml", "README.md", "a", ".yaml", "sub/.yaml", "folder.yaml", "out.yaml", "in.yaml", "nowhere.yaml", "away/a.yaml", "near/a.yaml", "a.yaml/b.yaml",
	} {
		if data, err := f.Read(path); !errors.Is(err, ErrPath) {
			t.Errorf("read %q: %q, %v", path, data, err)
		}
		for _, old := range [][]byte{nil, []byte("x")} {
			if err := f.Write(path, old, []byte("y")); !errors.Is(err, ErrPath) {
				t.Errorf("write %q: %v", path, err)
			}
		}
	}
	if data, err := f.Read("a_test.yaml"); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	if err := f.Write("a_test.yaml", []byte("x"), []byte("y")); !errors.Is(err, ErrPath) {
		t.Errorf("trials: %v", err)
	}
	holds(t, filepath.Join(top, "elsewhere"), map[string]string{"a.yaml": "x"})
	holds(t, filepath.Join(dir, ".hidden"), map[string]string{"a.yaml": "x"})
	if data, _ := os.ReadFile(filepath.Join(dir, "a.yaml")); string(data) != "x" {
		t.Errorf("%q", data)
	}
}

func TestFolderReadOnly(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("one"), 0o444))
	must(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte("one"), 0o644))
	f := openFolder(t, dir)
	if err := f.Write("a.yaml", []byte("one"), []byte("two")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a file: %v", err)
	}
	must(t, os.Chmod(dir, 0o555))
	defer os.Chmod(dir, 0o755)
	for _, path := range []string{"b.yaml", "c.yaml"} {
		old, _ := f.Read(path)
		if err := f.Write(path, old, []byte("two")); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s in a folder: %v", path, err)
		}
	}
	openFolder(t, dir)
	holds(t, dir, map[string]string{"a.yaml": "one", "b.yaml": "one"})
}

// TestFolderRecovers opens folders as a crash may leave them.
func TestFolderRecovers(t *testing.T) {
	name := func(old, new string) string {
		return (&writing{place: &place{base: "a.yaml"}, old: []byte(old), new: []byte(new)}).wholeName()
	}
	for what, c := range map[string]struct{ there, want map[string]string }{
		"before":    {map[string]string{"a.yaml": "one", name("one", "two"): "two", ".a.yaml.ABC.footnote-part": "t"}, map[string]string{"a.yaml": "one"}},
		"after":     {map[string]string{"a.yaml": "two", name("one", "two"): "one"}, map[string]string{"a.yaml": "two"}},
		"new":       {map[string]string{name("", "two"): "two"}, map[string]string{}},
		"displaced": {map[string]string{"a.yaml": "two", name("one", "two"): "an editor's"}, map[string]string{"a.yaml": "an editor's"}},
		"removed":   {map[string]string{name("one", "two"): "an editor's"}, map[string]string{"a.yaml": "an editor's"}},
		"both":      {map[string]string{"a.yaml": "git's", name("one", "two"): "an editor's"}, map[string]string{"a.yaml": "git's"}},
		"not ours":  {map[string]string{".a.yaml.swp": "x", "a.yaml": "one"}, map[string]string{".a.yaml.swp": "x", "a.yaml": "one"}},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
			for name, text := range c.there {
				must(t, os.WriteFile(filepath.Join(dir, "sub", name), []byte(text), 0o644))
			}
			openFolder(t, dir)
			holds(t, filepath.Join(dir, "sub"), c.want)
		})
	}
}

// TestFolderBetween has other programs change the file between the steps of a write: what they wrote last is there in the end, or the edit is, on top
// of it or where it was; and the write says which.
func TestFolderBetween(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems can't exchange files")
	}
	inPlace := func(t *testing.T, path, text string) { must(t, os.WriteFile(path, []byte(text), 0o644)) }
	over := func(t *testing.T, path, text string) {
		must(t, os.WriteFile(path+".lock", []byte(text), 0o644))
		must(t, os.Rename(path+".lock", path))
	}
	gone := func(t *testing.T, path, text string) { must(t, os.Remove(path)) }
	type act struct {
		step string
		do   func(*testing.T, string, string)
		text string
	}
	for name, c := range map[string]struct {
		acts []act
		want string // "" when there is no file
		err  error
	}{
		"nothing":                        {nil, "two", nil},
		"in place before":                {[]act{{"named", inPlace, "editor"}}, "editor", ErrChanged},
		"in place in the last instant":   {[]act{{"looked", inPlace, "editor"}}, "editor", ErrChanged},
		"over in the last instant":       {[]act{{"looked", over, "git"}}, "git", ErrChanged},
		"over before":                    {[]act{{"named", over, "git"}}, "git", ErrChanged},
		"over with the same bytes":       {[]act{{"named", over, "one"}}, "one", ErrChanged},
		"gone before":                    {[]act{{"named", gone, ""}}, "", ErrChanged},
		"in place after":                 {[]act{{"exchanged", inPlace, "editor"}}, "editor", nil},
		"over after":                     {[]act{{"exchanged", over, "git"}}, "git", ErrChanged},
		"gone after":                     {[]act{{"exchanged", gone, ""}}, "", ErrChanged},
		"in place before, over after":    {[]act{{"looked", inPlace, "editor"}, {"exchanged", over, "git"}}, "git", ErrChanged},
		"in place before and after":      {[]act{{"looked", inPlace, "editor"}, {"exchanged", inPlace, "later"}}, "later", ErrChanged},
		"over before, in place after":    {[]act{{"looked", over, "git"}, {"exchanged", inPlace, "editor"}}, "editor", ErrChanged},
		"over before, gone after":        {[]act{{"looked", over, "git"}, {"exchanged", gone, ""}}, "", ErrChanged},
		"over before, during, put back":  {[]act{{"looked", over, "git"}, {"exchanged", over, "later"}, {"put back", over, "latest"}}, "latest", ErrChanged},
		"in place before, when put back": {[]act{{"looked", inPlace, "editor"}, {"put back", inPlace, "later"}}, "later", ErrChanged},
		"when decided":                   {[]act{{"decided", over, "git"}}, "git", ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.yaml")
			inPlace(t, path, "one")
			f := openFolder(t, dir)
			acts := c.acts
			f.step = func(step string) {
				if len(acts) > 0 && acts[0].step == step {
					a := acts[0]
					acts = acts[1:]
					a.do(t, path, a.text)
				}
			}
			err := f.Write("a.yaml", []byte("one"), []byte("two"))
			if !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("%v, want %v", err, c.err)
			}
			if len(acts) > 0 {
				t.Errorf("not reached: %s", acts[0].step)
			}
			want := map[string]string{}
			if c.want != "" {
				want["a.yaml"] = c.want
			}
			holds(t, dir, want)
		})
	}
}

// An editor that has the file open may write when it likes, to what it has open.
func TestFolderOpenElsewhere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems don't tell")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.yaml")
	must(t, os.WriteFile(path, []byte("one"), 0o644))
	f := openFolder(t, dir)
	editor, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	for _, new := range [][]byte{[]byte("two"), nil} {
		if err := f.Write("a.yaml", []byte("one"), new); !errors.Is(err, ErrChanged) {
			t.Errorf("while it is open: %v", err)
		}
	}
	_, err = editor.WriteString("editor")
	must(t, err)
	must(t, editor.Close())
	holds(t, dir, map[string]string{"a.yaml": "editor"})
	must(t, f.Write("a.yaml", []byte("editor"), []byte("two")))
	holds(t, dir, map[string]string{"a.yaml": "two"})
}

// The folder may be a link that is led elsewhere, or be put in the place of another, as deployments do.
func TestFolderSwapped(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{"v1", "v2"} {
		must(t, os.Mkdir(filepath.Join(top, name), 0o755))
		must(t, os.WriteFile(filepath.Join(top, name, "a.yaml"), []byte("one"), 0o644))
	}
	link := filepath.Join(top, "facts")
	must(t, os.Symlink("v1", link))
	f := openFolder(t, link)
	must(t, f.Write("a.yaml", []byte("one"), []byte("two")))
	lead := func() {
		must(t, os.Symlink("v2", link+".new"))
		must(t, os.Rename(link+".new", link))
	}
	f.step = func(step string) {
		if step == "exchanged" {
			lead()
		}
	}
	if err := f.Write("a.yaml", []byte("two"), []byte("three")); !errors.Is(err, ErrChanged) {
		t.Errorf("led elsewhere: %v", err)
	}
	f.step = nil
	must(t, f.Write("a.yaml", []byte("one"), []byte("four")))
	holds(t, filepath.Join(top, "v2"), map[string]string{"a.yaml": "four"})
}

// TestFolderRaces has fifty moderators edit one file, while an editor saves it in place and a checkout renames over it: an edit that was
// confirmed is there, unless the file was saved anew after it was begun; and what was saved last is there.
func TestFolderRaces(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems lose what is written within the instant of a rename")
	}
	const moderators, facts, edits, saves = 50, 25, 2, 15
	dir := t.TempDir()
	path := filepath.Join(dir, "a.yaml")
	var b strings.Builder
	b.WriteString("# saved 0\nsources:\n  log: {title: The log}\nfacts:\n")
	for i := range facts {
		fmt.Fprintf(&b, "  # about %[1]d\n  - id: lamp-%[1]d\n    text: Lamp %[1]d is lit.\n    cite: [{paragraph: %[2]d}]\n", i, i+1)
	}
	must(t, os.WriteFile(path, []byte(b.String()), 0o644))
	f := openFolder(t, dir)
	base := open(t, dir)

	// A clock that ticks with each event, so that "before" is what happened before.
	var clock atomic.Int64
	type event struct {
		name       string
		begin, end int64
		saved      string // what was saved, by another program
	}
	var mu sync.Mutex
	var confirmed, others []event
	note := func(list *[]event, e event) {
		e.end = clock.Add(1)
		mu.Lock()
		*list = append(*list, e)
		mu.Unlock()
	}
	var refused, refusedProposals, running atomic.Int64 // running: other programs
	edit := func(name, id string) {
		for try := 0; ; try++ {
			alone := running.Load() == 0
			e := event{name: name, begin: clock.Add(1)}
			old, err := f.Read("a.yaml")
			if err != nil {
				t.Error(err)
				return
			}
			new, err := EditFact(old, id, Patch{AddAsks: []string{name}})
			if err != nil { // the editor has emptied the file and not yet written it
				if alone {
					t.Errorf("%s: the file has lost %s: %v", name, id, err)
					return
				}
				refused.Add(1)
				continue
			}
			if try == 0 { // looking at the proposal takes far longer than the rest
				p, err := base.Propose(context.Background(), "a.yaml", old, new)
				if errors.Is(err, ErrChanged) {
					refusedProposals.Add(1)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				must(t, p.Close())
				if !p.OK() { // of what the editor has half written
					refused.Add(1)
					continue
				}
			}
			switch err := f.Write("a.yaml", old, new); {
			case err == nil:
				note(&confirmed, e)
				return
			case !errors.Is(err, ErrChanged):
				t.Error(err)
				return
			}
			refused.Add(1)
		}
	}
	moderate := func(n int, phase string) {
		for k := range edits {
			edit(fmt.Sprintf("%s: does moderator %d ask %d?", phase, n, k), fmt.Sprintf("lamp-%d", n%facts))
		}
	}
	saved := regexp.MustCompile(`# saved .*`)
	var saving sync.Mutex // else the checkout may read half of what the editor saves, and save that: their own affair
	another := func(who string, save func(data []byte)) {
		r := rand.New(rand.NewPCG(7, 8))
		for k := range saves {
			func() {
				saving.Lock()
				defer saving.Unlock()
				e := event{name: fmt.Sprintf("# saved %d by %s", k, who), begin: clock.Add(1)}
				data, err := os.ReadFile(path)
				must(t, err)
				for bytes.Count(data, []byte("- id: lamp-")) < facts { // what is put back at once: see Write
					data, err = os.ReadFile(path)
					must(t, err)
				}
				data = saved.ReplaceAll(data, []byte(e.name))
				for range r.IntN(20) {
					runtime.Gosched()
				}
				save(data)
				e.saved = string(data)
				note(&others, e)
			}()
			runtime.Gosched()
		}
	}
	var wg, otherPrograms sync.WaitGroup
	running.Store(2)
	otherPrograms.Go(func() {
		defer running.Add(-1)
		another("editor", func(data []byte) {
			file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
			must(t, err)
			for len(data) > 0 {
				n := min(len(data), 1024)
				_, err = file.Write(data[:n])
				must(t, err)
				data = data[n:]
				runtime.Gosched()
			}
			must(t, file.Close())
		})
	})
	otherPrograms.Go(func() {
		defer running.Add(-1)
		another("git", func(data []byte) {
			must(t, os.WriteFile(path+".lock", data, 0o644))
			must(t, os.Rename(path+".lock", path))
		})
	})
	for n := range moderators {
		wg.Go(func() { moderate(n, "first") })
	}
	wg.Wait()
	otherPrograms.Wait()

	final, err := os.ReadFile(path)
	must(t, err)
	lost, overwritten := 0, 0
	missing := func(e event, text string, list []event) bool {
		if bytes.Contains(final, []byte(text)) {
			return false
		}
		for _, o := range list { // saved by another program, which may have been after e
			if o.end > e.begin && o.name != e.name && !strings.Contains(o.saved, text) {
				overwritten++
				return false
			}
		}
		return true
	}
	for _, e := range confirmed {
		if missing(e, e.name, others) {
			lost++
			t.Errorf("lost: %s", e.name)
		}
	}
	for _, e := range others {
		if missing(e, e.name, others) {
			t.Errorf("lost: %s", e.name)
		}
	}
	if len(confirmed) != moderators*edits {
		t.Errorf("%d edits confirmed, want %d", len(confirmed), moderators*edits)
	}
	first := len(confirmed)
	t.Logf("%d edits confirmed, %d saves by other programs, %d edits replaced by those, %d refused and tried again, %d of them at the proposal", first, len(others), overwritten, refused.Load()+refusedProposals.Load(), refusedProposals.Load())

	// Without other programs nothing at all may be missing.
	others = nil
	for n := range moderators {
		wg.Go(func() { moderate(n, "second") })
	}
	wg.Wait()
	final, err = os.ReadFile(path)
	must(t, err)
	for _, e := range confirmed[first:] {
		if !bytes.Contains(final, []byte(e.name)) {
			t.Errorf("lost: %s", e.name)
		}
	}
	if len(confirmed)-first != moderators*edits {
		t.Errorf("%d edits confirmed, want %d", len(confirmed)-first, moderators*edits)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
	if _, _, problems, err := base.Reload(t.Context()); err != nil || HasErrors(problems) {
		t.Error(err, printed(problems))
	}
}
