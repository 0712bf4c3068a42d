package knowledge

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long after a change the folder is looked at, and then looked at again: what looks the same twice is
	// no checkout or upload half done. Writing the files of a checkout takes milliseconds each.
	settle = 500 * time.Millisecond
	// pollEvery is how often the folder is looked at though nothing was heard of a change: network folders and some
	// container mounts tell nothing. Hashing 40 MB takes about 50 ms.
	pollEvery = 30 * time.Second
	// maxWatched is how many folders changes are heard of at once; Linux allows a user some 8,000 on small
	// machines. Changes in others are seen by looking.
	maxWatched = 1000
)

// errMoved is the error of a reload that found other bytes than were announced.
var errMoved = errors.New("the folder changed while it was read")

// A watcher finds out when what is in a folder has changed and come to rest, and then reloads.
type watcher struct {
	hash    func(context.Context) (string, error) // of what is in the folder now
	serving func() string                         // the hash of what is in use
	reload  func(ctx context.Context, hash string) (Change, []Problem, error)
	report  func(Change, []Problem, error)
	follow  func()                               // called before each look, to hear of changes in new folders, too
	heard   <-chan struct{}                      // something has changed
	after   func(time.Duration) <-chan time.Time // time.After, but in tests

	pending string // a new hash that was seen once
	failed  string // a hash that can't be loaded, which was told
	told    string // the error that was told last
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) {
	look := w.after(settle) // the folder may have changed since it was loaded
	soon := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.heard:
			if !soon { // else what is heard meanwhile is seen then
				look, soon = w.after(settle), true
			}
			continue
		case <-look:
		}
		w.follow()
		if soon = w.look(ctx); soon {
			look = w.after(settle)
		} else {
			look = w.after(pollEvery)
		}
	}
}

// look looks at the folder, and reloads when it sees the same new hash as the last time. It reports whether to look again soon.
func (w *watcher) look(ctx context.Context) (again bool) {
	hash, err := w.hash(ctx)
	if ctx.Err() != nil {
		return false
	}
	last := w.pending
	w.pending = ""
	switch {
	case err != nil:
		w.tell(err)
		return false
	case hash == w.serving():
		if w.failed != "" || w.told != "" { // all is well again
			w.failed, w.told = "", ""
			w.report(Change{Version: hash}, nil, nil)
		}
		return false
	case hash == w.failed:
		return false
	case hash != last:
		w.pending = hash
		return true
	}
	change, problems, err := w.reload(ctx, hash)
	switch {
	case ctx.Err() != nil:
		return false
	case errors.Is(err, errMoved):
		return true
	case err != nil:
		w.tell(err)
		return false
	}
	w.told, w.failed = "", ""
	if HasErrors(problems) {
		w.failed = hash
	}
	w.report(change, problems, nil)
	return false
}

// tell reports an error, but not the same one again at each look.
func (w *watcher) tell(err error) {
	if err.Error() != w.told {
		w.told = err.Error()
		w.report(Change{}, nil, err)
	}
}

// An ear hears of changes in a folder and the folders in it.
type ear struct {
	dir     string // as given, absolute; perhaps a link
	real    string // where it leads
	watcher *fsnotify.Watcher
	heard   chan struct{}
	done    chan struct{} // closed when run has ended
}

// newEar begins to listen. Where the system has no ears left there is a nil ear, which hears nothing.
func newEar(dir string) *ear {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	fw, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	e := &ear{dir: abs, watcher: fw, heard: make(chan struct{}, 1), done: make(chan struct{})}
	e.follow()
	go e.run()
	return e
}

func (e *ear) run() {
	defer close(e.done)
	for {
		select {
		case event, ok := <-e.watcher.Events:
			if !ok {
				return
			}
			// Beside the folder there may be much that is none of our business.
			if filepath.Dir(event.Name) == filepath.Dir(e.dir) && event.Name != e.dir {
				continue
			}
		case _, ok := <-e.watcher.Errors: // such as too many events at once
			if !ok {
				return
			}
		}
		select {
		case e.heard <- struct{}{}:
		default: // it is known already
		}
	}
}

// changes is sent to after something has changed.
func (e *ear) changes() <-chan struct{} {
	if e == nil {
		return nil
	}
	return e.heard
}

// follow listens to folders that are new, and to another folder where the link now leads to that. What can't be listened to is
// left out: the folder is looked at now and then anyway.
func (e *ear) follow() {
	if e == nil {
		return
	}
	real, err := filepath.EvalSymlinks(e.dir)
	if err != nil {
		real = e.dir
	}
	if e.real != "" && e.real != real {
		for _, path := range e.watcher.WatchList() {
			_ = e.watcher.Remove(path)
		}
	}
	e.real = real
	_ = e.watcher.Add(filepath.Dir(e.dir)) // to hear when the link leads elsewhere, or the folder is put in place of another
	n := 0
	_ = filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if path != real && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if n++; n > maxWatched {
			return fs.SkipAll
		}
		_ = e.watcher.Add(path)
		return nil
	})
}

// close stops listening and waits until it has.
func (e *ear) close() {
	if e == nil {
		return
	}
	_ = e.watcher.Close()
	<-e.done
}
