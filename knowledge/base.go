package knowledge

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
	"sync"

	"footnote/knowledge/language"
	"footnote/knowledge/rank"
)

// A Base is the facts and the index in use. It answers questions from many goroutines at once, and keeps
// answering from the old facts until new ones are ready.
type Base struct {
	fsys fs.FS

	vectors *vectors
	sure    Sureness

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
	model   *rank.Model
	vectors *vectors
	indexes []*index // one a language
}

// Open loads the facts below the root of fsys, indexes them, and gives the base that answers from them. With an
// error-level problem there is no base. Close it when done.
func Open(ctx context.Context, fsys fs.FS) (*Base, []Problem, error) {
	return OpenWith(ctx, fsys, OpenOptions{})
}

// OpenOptions say how [OpenWith] opens a base. The zero value keeps nothing and tells nothing.
type OpenOptions struct {
	// Cache is a folder in which to keep the vectors of the facts' wordings, which take some 10 ms each to make (0.8 KB each, 1 GB at most), and what was read of large
	// bases (1 MB of files and more; some 400 bytes a fact, 1 GB at most), so that the next start is quick. It is made where it is not there, and may be deleted at
	// any time. Empty: keep nothing.
	Cache string
	// Vectors are a block of vectors to find some in, such as facts.Vectors for the built-in facts; may be empty.
	Vectors []byte
	// Sure is how sure to be to answer, where a [Question] does not say. Empty: Balanced.
	Sure Sureness
	// KeepQuestions keeps questions' vectors in the cache, too: for training, where they are nobody's.
	KeepQuestions bool
	// Warn is called, at most once, when the cache can't be used; the base does without. It may be nil.
	Warn func(error)
	// Progress is called while a large base is read and indexed, with the share that is done, from 0 to 100. It may be nil.
	Progress func(done, of int)

	// Like is a base whose vectors to share, its cache too, so that nothing is encoded or read twice where many bases are opened; may be nil.
	Like *Base

	from   int64    // how many bytes make a base large; 0: cacheFrom
	shared *vectors // as Like's
}

// vectors are those of Like, or new ones.
func (o OpenOptions) vectors() (*vectors, error) {
	if o.Like != nil {
		o.shared = o.Like.vectors
	}
	if o.shared != nil {
		return o.shared, nil
	}
	v, err := newVectors()
	if err != nil {
		return nil, err
	}
	v.keep = o.KeepQuestions
	v.blocks = newBlocks(o.Cache, v.weightsName(), o.Vectors, o.Warn)
	return v, nil
}

// OpenWith is [Open] with options.
func OpenWith(ctx context.Context, fsys fs.FS, o OpenOptions) (*Base, []Problem, error) {
	found, err := find(ctx, fsys)
	if err != nil {
		return nil, nil, err
	}
	if warn := o.Warn; warn != nil {
		var once sync.Once // snapshots and vectors may be in the same trouble
		o.Warn = func(err error) { once.Do(func() { warn(err) }) }
	}
	v, err := o.vectors()
	if err != nil {
		return nil, nil, err
	}
	b := &Base{fsys: fsys, vectors: v, sure: cmp.Or(o.Sure, Balanced)}
	var was *generation
	p := &progress{tell: o.Progress, bytes: found.bytes()}
	if found.bytes() >= cmp.Or(o.from, cacheFrom) {
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
	m, err := rank.Trained()
	if err != nil {
		return nil, problems, err
	}
	p.texts = set.texts()
	if b.cur, err = nextGeneration(ctx, set, m, v, nil, p.encoded); err != nil {
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
	texts int   // to encode

	mu               sync.Mutex // guards those below, and tell
	wasRead, wasMade int64
}

// readingShare is the part of opening that reading takes, of 100, where vectors must be made.
const readingShare = 10

func (p *progress) read(bytes int)    { p.add(&p.wasRead, bytes) }
func (p *progress) encoded(texts int) { p.add(&p.wasMade, texts) }

func (p *progress) add(to *int64, n int) {
	if p.tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*to += int64(n)
	done := readingShare * p.wasRead / max(1, p.bytes)
	if p.wasMade > 0 {
		done = readingShare + (100-readingShare)*p.wasMade/int64(max(1, p.texts))
	}
	p.tell(int(min(done, 100)), 100)
}

// texts counts what is encoded of a set: the texts and asks of facts, twice where both encoders read them.
func (s *Set) texts() (n int) {
	for _, f := range s.Facts {
		by := 1
		if language.Of(f.File.Language).Tag == "en" {
			by = 2
		}
		n += by * (1 + len(f.Asks) + len(f.NotAsks))
	}
	return n
}

// nextGeneration indexes the facts of a set, each language by itself. It takes over from an earlier generation, which may be nil, what has not changed since, and calls
// step, which may be nil, with the number of texts that are encoded, from many goroutines.
func nextGeneration(ctx context.Context, set *Set, m *rank.Model, v *vectors, was *generation, step func(texts int)) (*generation, error) {
	g := &generation{set: set, model: m, vectors: v}
	defer v.blocks.flush(true) // also when it is cut short: the next one goes on from there
	type ofLanguage struct {
		lang     *language.Language
		facts    []*Fact
		synonyms [][]string
	}
	var all []*ofLanguage
	names := map[string]*ofLanguage{} // by how files name it, and by its own
	for _, f := range set.Files {
		l := names[f.Language]
		if l == nil {
			lang := language.Of(f.Language)
			if l = names[lang.Tag]; l == nil {
				l = &ofLanguage{lang: lang}
				names[lang.Tag] = l
				all = append(all, l)
			}
			names[f.Language] = l
		}
		for _, x := range f.Facts {
			if mayAnswer(x) {
				l.facts = append(l.facts, x)
			}
		}
		l.synonyms = append(l.synonyms, f.Synonyms...)
	}
	for _, l := range all {
		if len(l.facts) == 0 {
			continue
		}
		o := rank.Options{Language: l.lang, Synonyms: l.synonyms, Meanings: v.wordings(ctx, step), Rarity: v.multi.Rarity, Was: was.index(l.lang.Tag)}
		if l.lang.Tag == "en" {
			o.Words = v.words()
		}
		x, err := rank.New(entriesOf(l.facts), o)
		if err != nil {
			return nil, err
		}
		g.indexes = append(g.indexes, &index{x, l.facts})
	}
	return g, ctx.Err()
}

// mayAnswer reports whether a fact may ever be an answer.
func mayAnswer(f *Fact) bool { return f.Status != Withdrawn }

// index returns the index of the language, or nil.
func (g *generation) index(tag string) *rank.Index {
	if g == nil {
		return nil
	}
	for _, x := range g.indexes {
		if x.Language().Tag == tag {
			return x.Index
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
	q.Sure = cmp.Or(q.Sure, b.sure)
	return b.cur.ask(ctx, q)
}

// Close waits for a reload under way, and keeps in the cache what it changed. Asking afterwards is a programmer's mistake.
func (b *Base) Close() error {
	b.reload.Lock()
	defer b.reload.Unlock()
	b.keep()
	b.vectors.blocks.flush(true)
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
