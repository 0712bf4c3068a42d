package knowledge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestWatcher plays changes of a folder to the watcher, a look at a time.
func TestWatcher(t *testing.T) {
	const soon, later = settle, pollEvery
	bad := []Problem{{Rule: "bad"}}
	type look struct {
		hash string        // what is in the folder; "!..." is an error
		want string        // what is reported
		next time.Duration // when the next look is
	}
	for name, looks := range map[string][]look{
		"nothing new":           {{"a", "", later}, {"a", "", later}},
		"seen twice":            {{"b", "", soon}, {"b", "now b", later}, {"b", "", later}},
		"a checkout half done":  {{"b", "", soon}, {"c", "", soon}, {"d", "", soon}, {"d", "now d", later}},
		"there and back":        {{"b", "", soon}, {"a", "", later}, {"b", "", soon}, {"b", "now b", later}},
		"bad, told once":        {{"bad", "", soon}, {"bad", "problem", later}, {"bad", "", later}, {"bad", "", later}},
		"bad, and mended":       {{"bad", "", soon}, {"bad", "problem", later}, {"b", "", soon}, {"b", "now b", later}},
		"bad, and put back":     {{"bad", "", soon}, {"bad", "problem", later}, {"a", "well a", later}, {"a", "", later}},
		"bad, mended, bad":      {{"bad", "", soon}, {"bad", "problem", later}, {"a", "well a", later}, {"bad", "", soon}, {"bad", "problem", later}},
		"gone, told once":       {{"!gone", "error gone", later}, {"!gone", "", later}, {"!other", "error other", later}, {"a", "well a", later}, {"!gone", "error gone", later}},
		"gone, then other":      {{"b", "", soon}, {"!gone", "error gone", later}, {"b", "", soon}, {"b", "now b", later}},
		"moved while it's read": {{"moved", "", soon}, {"moved", "", soon}, {"b", "", soon}, {"b", "now b", later}},
		"unreadable":            {{"torn", "", soon}, {"torn", "error torn", later}, {"torn", "", soon}, {"torn", "", later}, {"b", "", soon}, {"b", "now b", later}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			serving, now, reported := "a", "", ""
			waits, ticks, heard := make(chan time.Duration), make(chan time.Time), make(chan struct{})
			w := watcher{
				hash: func(context.Context) (string, error) {
					if now[0] == '!' {
						return "", errors.New(now[1:])
					}
					return now, nil
				},
				serving: func() string { return serving },
				reload: func(_ context.Context, hash string) (Change, []Problem, error) {
					switch hash {
					case "bad":
						return Change{}, bad, nil
					case "moved":
						return Change{}, nil, errMoved
					case "torn":
						return Change{}, nil, errors.New("torn")
					}
					serving = hash
					return Change{Version: hash, Added: []string{"x"}}, nil, nil
				},
				report: func(c Change, problems []Problem, err error) {
					switch {
					case err != nil:
						reported += "error " + err.Error()
					case problems != nil:
						reported += "problem"
					case c.Added == nil:
						reported += "well " + c.Version
					default:
						reported += "now " + c.Version
					}
				},
				follow: func() {},
				heard:  heard,
				after:  func(d time.Duration) <-chan time.Time { waits <- d; return ticks },
			}
			done := make(chan struct{})
			go func() { w.run(ctx); close(done) }()
			if d := <-waits; d != soon {
				t.Errorf("the first look after %v", d)
			}
			for i, l := range looks {
				now, reported = l.hash, ""
				ticks <- time.Time{}
				if d := <-waits; d != l.next || reported != l.want {
					t.Errorf("look %d at %q: reported %q, next after %v; want %q, %v", i+1, l.hash, reported, d, l.want, l.next)
				}
			}
			now = "a"
			serving = "a"
			ticks <- time.Time{}
			if d := <-waits; d != later {
				t.Errorf("at rest, the next look after %v", d)
			}
			heard <- struct{}{}
			if d := <-waits; d != soon {
				t.Errorf("a change was heard, the next look after %v", d)
			}
			heard <- struct{}{} // and once more before that: there is no second look to wait for
			cancel()
			<-done
		})
	}
}

// TestEar holds that changes are heard of wherever they happen.
func TestEar(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(path string) {
		t.Helper()
		must(os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755))
		must(os.WriteFile(filepath.Join(dir, path), []byte(path), 0o644))
	}
	write("one/sub/x.yaml")
	write("two/x.yaml")
	must(os.Symlink("one", filepath.Join(dir, "facts")))
	e := newEar(filepath.Join(dir, "facts"))
	defer e.close()
	for i, change := range []func(){
		func() { write("one/x.yaml") },
		func() { write("one/sub/x.yaml") },
		func() { must(os.Rename(filepath.Join(dir, "one/x.yaml"), filepath.Join(dir, "one/y.yaml"))) },
		func() { must(os.MkdirAll(filepath.Join(dir, "one/new/deep"), 0o755)) },
		func() { write("one/new/deep/x.yaml") },
		func() { must(os.RemoveAll(filepath.Join(dir, "one/new"))) },
		func() {
			must(os.Symlink("two", filepath.Join(dir, ".facts")))
			must(os.Rename(filepath.Join(dir, ".facts"), filepath.Join(dir, "facts")))
		},
		func() { write("two/x.yaml") },
	} {
		e.follow()
		for range 2 { // what is still under way of the change before
			select {
			case <-e.changes():
			default:
			}
		}
		change()
		select {
		case <-e.changes():
		case <-t.Context().Done():
			t.Fatalf("change %d was not heard", i)
		}
	}
	if list := e.watcher.WatchList(); slices.Contains(list, filepath.Join(dir, "one")) {
		t.Errorf("still listening to %v", list)
	}
}

func TestHashFolder(t *testing.T) {
	dir := t.TempDir()
	for i, text := range []string{"", small, small + small, "\xff", "facts: ["} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, version, _, err := load(t.Context(), os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		if hash, err := hashFolder(t.Context(), os.DirFS(dir)); err != nil || hash != version {
			t.Errorf("hash %s, version %s, %v", hash, version, err)
		}
	}
	for _, name := range []string{"0", "1", "2", "3", "4"} {
		if err := os.Remove(filepath.Join(dir, name+".yaml")); err != nil {
			t.Fatal(err)
		}
	}
	_, version, _, err := load(t.Context(), os.DirFS(dir))
	if hash, err2 := hashFolder(t.Context(), os.DirFS(dir)); err != nil || err2 != nil || hash != version {
		t.Errorf("an empty folder: hash %s, version %s", hash, version)
	}
}
