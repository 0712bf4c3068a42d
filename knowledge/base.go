package knowledge

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
	"sync"
)

// A Base is the facts and the index in use. It answers questions from many goroutines at once, and keeps
// answering from the old facts until new ones are ready.
type Base struct {
	fsys fs.FS

	reload  sync.Mutex          // held by the one reload under way
	swapped func(old, new *Set) // called after each; may be nil

	cache *cache // nil where nothing is kept
	kept  string // the version that is in it; guarded by reload

	mu  sync.RWMutex // guards cur; held by each question as long as it reads
	cur *generation
}

// A generation is one set of facts with its indexes. It never changes.
type generation struct {
	set     *Set
	model   *model
	indexes []*index // one a language
}

// Open loads the facts below the root of fsys, indexes them, and gives the base that answers from them. With an
// error-level problem there is no base. Close it when done.
func Open(ctx context.Context, fsys fs.FS) (*Base, []Problem, error) {
	return OpenWith(ctx, fsys, OpenOptions{})
}

// OpenOptions say how [OpenWith] opens a base. The zero value keeps nothing and tells nothing.
type OpenOptions struct {
	// Cache is a folder in which to keep what was read of large bases (1 MB of files and more), so that the next start takes a fraction of a
	// second. It is made where it is not there, holds some 400 bytes a fact, 1 GB at most, and may be deleted at any time. Empty: keep nothing.
	Cache string
	// Warn is called, at most once, when the cache can't be used; the base does without. It may be nil.
	Warn func(error)
	// Progress is called while a large base is read and indexed, with the share that is done, from 0 to 100. It may be nil.
	Progress func(done, of int)

	from int64 // how many bytes make a base large; 0: cacheFrom
}

// OpenWith is [Open] with options.
func OpenWith(ctx context.Context, fsys fs.FS, o OpenOptions) (*Base, []Problem, error) {
	found, err := find(ctx, fsys)
	if err != nil {
		return nil, nil, err
	}
	b := &Base{fsys: fsys}
	var was *generation
	p := &progress{}
	if found.bytes() >= cmp.Or(o.from, cacheFrom) {
		p.tell, p.bytes = o.Progress, found.bytes()
		if o.Cache != "" {
			b.cache = &cache{dir: o.Cache, warn: o.Warn}
			version, err := hashFolder(ctx, fsys)
			if err != nil {
				return nil, nil, err
			}
			if was = b.cache.find(version); was != nil {
				b.kept = was.set.Version
			}
		}
	}
	set, _, problems, err := loadNext(ctx, fsys, was.facts(), p.read)
	if err != nil || HasErrors(problems) {
		return nil, problems, err
	}
	p.facts = len(set.Facts)
	if b.cur, err = nextGeneration(ctx, set, trained(), was, p.index); err != nil {
		return nil, problems, err
	}
	b.keep()
	return b, problems, nil
}

// keep writes the generation in use to the cache, unless it is there.
func (b *Base) keep() {
	if b.cache != nil && b.kept != b.cur.set.Version {
		b.kept = b.cur.set.Version
		b.cache.put(b.cur)
	}
}

// facts returns the facts of a generation, which may be nil.
func (g *generation) facts() *Set {
	if g == nil {
		return nil
	}
	return g.set
}

// A progress tells how far the opening of a base has come.
type progress struct {
	tell  func(done, of int)
	bytes int64 // of all files
	facts int

	mu               sync.Mutex // guards those below, and tell
	wasRead, indexed int64
}

// readingShare is the part of opening that reading takes, of 100: YAML takes twice as long as the index.
const readingShare = 65

func (p *progress) read(bytes int)  { p.add(&p.wasRead, bytes) }
func (p *progress) index(facts int) { p.add(&p.indexed, facts) }

func (p *progress) add(to *int64, n int) {
	if p.tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*to += int64(n)
	done := readingShare * p.wasRead / max(1, p.bytes)
	if p.indexed > 0 {
		done = readingShare + (100-readingShare)*p.indexed/int64(max(1, p.facts))
	}
	p.tell(int(min(done, 100)), 100)
}

// newGeneration indexes the facts of a set, each language by itself.
func newGeneration(ctx context.Context, set *Set, m *model) (*generation, error) {
	return nextGeneration(ctx, set, m, nil, nil)
}

// nextGeneration is newGeneration, but takes over from an earlier one, which may be nil, what has not changed since. It calls step, which
// may be nil, with the number of facts that are done, from many goroutines.
func nextGeneration(ctx context.Context, set *Set, m *model, was *generation, step func(facts int)) (*generation, error) {
	if step == nil {
		step = func(int) {}
	}
	g := &generation{set: set, model: m}
	type ofLanguage struct {
		lang     *language
		parts    []*part
		synonyms [][]string
	}
	var all []*ofLanguage
	names := map[string]*ofLanguage{} // by how files name it, and by its own
	for _, f := range set.read {
		if f.file == nil {
			continue
		}
		l := names[f.file.Language]
		if l == nil {
			lang := newLanguage(f.file.Language)
			if l = names[lang.name]; l == nil {
				l = &ofLanguage{lang: lang}
				names[lang.name] = l
				all = append(all, l)
			}
			names[f.file.Language] = l
		}
		l.parts = append(l.parts, f.parts...)
		l.synonyms = append(l.synonyms, f.file.Synonyms...)
	}
	for _, l := range all {
		if !slices.ContainsFunc(l.parts, func(p *part) bool { return slices.ContainsFunc(p.facts, mayAnswer) }) {
			continue
		}
		x, err := newIndex(ctx, l.lang, l.parts, l.synonyms, was.index(l.lang), step)
		if err != nil {
			return nil, err
		}
		g.indexes = append(g.indexes, x)
	}
	return g, nil
}

// mayAnswer reports whether a fact may ever be an answer.
func mayAnswer(f *Fact) bool { return f.Status != Withdrawn }

// index returns the index of the language, or nil.
func (g *generation) index(l *language) *index {
	if g == nil {
		return nil
	}
	for _, x := range g.indexes {
		if x.lang.name == l.name {
			return x
		}
	}
	return nil
}

// Set returns the facts in use.
func (b *Base) Set() *Set { return b.current().set }

// current returns the generation in use. It stays good when another takes its place.
func (b *Base) current() *generation {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur
}

// Ask answers a question. The error is only ever ctx's: a question that can't be answered, or can't be read,
// gets an answer that says so.
func (b *Base) Ask(ctx context.Context, q Question) (Answer, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur.ask(ctx, q)
}

// Close waits for a reload under way, and keeps in the cache what it changed. Asking afterwards is a programmer's mistake.
func (b *Base) Close() error {
	b.reload.Lock()
	defer b.reload.Unlock()
	b.keep()
	return nil
}

// Around returns the facts of one source in the order of their paragraphs: the fact itself with at most n before and n after it.
func (b *Base) Around(f *Fact, n int) []*Fact {
	var all []*Fact
	for _, x := range f.File.Facts {
		if x.Status != Withdrawn && len(x.Cites) > 0 && x.Cites[0].Source == f.Cites[0].Source {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b *Fact) int { return cmp.Compare(a.Cites[0].Paragraph, b.Cites[0].Paragraph) })
	i := slices.Index(all, f)
	if i < 0 {
		return []*Fact{f}
	}
	return all[max(0, i-n):min(len(all), i+n+1)]
}
