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
	set, problems, err := Load(ctx, fsys)
	if err != nil || HasErrors(problems) {
		return nil, problems, err
	}
	g, err := newGeneration(ctx, set, trained())
	if err != nil {
		return nil, problems, err
	}
	return &Base{fsys: fsys, cur: g}, problems, nil
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
func (b *Base) Set() *Set {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur.set
}

// Ask answers a question. The error is only ever ctx's: a question that can't be answered, or can't be read,
// gets an answer that says so.
func (b *Base) Ask(ctx context.Context, q Question) (Answer, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur.ask(ctx, q)
}

// Close frees the index. It waits for running questions; asking afterwards is a programmer's mistake.
func (b *Base) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
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
