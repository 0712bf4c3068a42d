package knowledge

import (
	"context"
	"slices"
	"time"
)

// A Change is what a reload changed: ids, sorted. A fact that only stands elsewhere has not changed.
type Change struct {
	Added, Changed, Removed []string
	Version                 string // of the facts now in use
}

// Reload loads the folder anew. The old facts serve until the new index is ready, and go on serving when there is
// a problem or an error. The same bytes reload nothing: changed is false.
func (b *Base) Reload(ctx context.Context) (change Change, changed bool, problems []Problem, err error) {
	return b.reloadTo(ctx, "")
}

// OnReload has f called with the facts that were in use and those that are now, after each reload that changed them, whichever way it came
// about: by [Base.Reload] or by [Base.Watch]. It gets every one exactly once, in order, one at a time: the new set of one call is the
// old set of the next. The reload returns when f has, so f must not reload, and should be quick. Call OnReload before the first reload; a later
// f takes the place of an earlier.
func (b *Base) OnReload(f func(old, new *Set)) {
	b.reload.Lock()
	defer b.reload.Unlock()
	b.swapped = f
}

// Watch reloads whenever the files below dir change, until ctx ends; dir is the folder the base was opened from. It reloads only
// what looked the same twice, half a second apart, so a checkout half done is waited for. Where the system tells nothing of
// changes they are seen within half a minute.
//
// It calls report after each reload that changed the facts or failed, but once only for the same bytes or the same
// error; and when the files are again those in use after that: with that version, no ids and no problems. It returns when the last
// report has returned.
func (b *Base) Watch(ctx context.Context, dir string, report func(Change, []Problem, error)) error {
	return b.watch(ctx, dir, time.After, report)
}

func (b *Base) watch(ctx context.Context, dir string, after func(time.Duration) <-chan time.Time, report func(Change, []Problem, error)) error {
	e := newEar(dir)
	defer e.close()
	w := watcher{
		hash:    func(ctx context.Context) (string, error) { return hashFolder(ctx, b.fsys) },
		serving: func() string { return b.Set().Version },
		reload: func(ctx context.Context, hash string) (Change, []Problem, error) {
			change, _, problems, err := b.reloadTo(ctx, hash)
			return change, problems, err
		},
		report: report,
		follow: e.follow,
		heard:  e.changes(),
		after:  after,
	}
	w.run(ctx)
	return ctx.Err()
}

// reloadTo is Reload, but does nothing if the folder has another hash than the given one, unless that is empty.
func (b *Base) reloadTo(ctx context.Context, hash string) (change Change, changed bool, problems []Problem, err error) {
	b.reload.Lock()
	defer b.reload.Unlock()
	old := b.current()
	set, version, problems, err := loadNext(ctx, b.fsys, old.set, nil)
	if err != nil {
		return Change{}, false, nil, err
	}
	if hash != "" && version != hash {
		return Change{}, false, nil, errMoved
	}
	if set == nil {
		return Change{}, false, problems, nil
	}
	if version == old.set.Version {
		return Change{Version: version}, false, problems, nil
	}
	next, err := nextGeneration(ctx, set, old.model, old.vectors, old, nil)
	if err != nil {
		return Change{}, false, problems, err
	}
	change = changeOf(old.set, set)
	b.mu.Lock() // waits for the questions that read the old facts
	b.cur = next
	b.mu.Unlock()
	if b.swapped != nil {
		b.swapped(old.set, set)
	}
	return change, true, problems, nil
}

// changeOf returns what is different in the new set.
func changeOf(old, set *Set) Change {
	c := Change{Version: set.Version}
	for _, d := range Compare(old, set) {
		switch d.Kind {
		case Added:
			c.Added = append(c.Added, d.ID())
		case Changed:
			c.Changed = append(c.Changed, d.ID())
		case Removed:
			c.Removed = append(c.Removed, d.ID())
		}
	}
	slices.Sort(c.Added)
	slices.Sort(c.Changed)
	slices.Sort(c.Removed)
	return c
}

// sameFact reports whether two facts say the same, wherever they stand.
func sameFact(a, b *Fact) bool {
	return a.Text == b.Text && a.SaidBy == b.SaidBy && a.AsOf == b.AsOf && a.Status == b.Status &&
		a.SupersededBy == b.SupersededBy && a.ReviewBy == b.ReviewBy && a.Overview == b.Overview && a.Note == b.Note &&
		slices.Equal(a.Topics, b.Topics) && slices.Equal(a.Asks, b.Asks) && slices.Equal(a.NotAsks, b.NotAsks) &&
		a.File.Language == b.File.Language && slices.EqualFunc(a.Cites, b.Cites, sameCite)
}

func sameCite(a, b Cite) bool {
	s, t := *a.Source, *b.Source
	a.Source, b.Source = nil, nil
	return a == b && sameSource(s, t)
}

// sameSource reports whether two sources are the same, wherever they stand.
func sameSource(a, b Source) bool {
	a.Pos, b.Pos = Pos{}, Pos{}
	return a == b
}
