package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// An index is the facts of one language, made ready for matching. It never changes once it is built, but for memory that questions leave.
type index struct {
	lang *language
	docs []doc

	vocab map[string]uint32 // term -> number
	terms []string          // number -> term
	rare  []float32         // the term's rarity in the language, see [language.rarity]
	tell  []float32         // how much each term says about what is asked, see telling
	kinds []*kindWeights    // what was learned of each term; nil for nothing
	df    []uint32          // in how many facts the term stands
	used  int               // how many terms stand in any
	alts  map[string][]alt  // stem or phrase -> the base's terms that mean the same or nearly
	words map[string][]alt  // the same by the word as it is listed
	fuzzy map[fuzzyKey][]uint32
	exact exactly
	names []bool  // whether the facts write the term with a capital
	avg   float64 // mean number of words of a fact

	synonyms [][]string            // of all files of the language
	known    map[partKey]*partDocs // what the docs were made of

	wordingsOf postings // the wordings that hold each term

	taught    *classifier                                              // nil where the facts have too few asks
	teacher   func(wording string, without []int) (*classifier, error) // in training: one that never saw them
	search    *search                                                  // for bases too large to score every fact; else nil
	scratches sync.Pool                                                // of *scratch
}

// A doc is one fact, as terms.
type doc struct {
	fact    *Fact
	words   []word
	phrases []uint32 // of the word list, found in the text
	asks    []wording
	notAsks []wording
	context []uint32 // topics, section and title, sorted

	firstWording uint32 // number of the first of its wordings in the index

	para  int  // number of its paragraph; the facts of one stand together
	first bool // of its paragraph
	neg   bool
}

// A word is one word of a fact's text.
type word struct {
	term  uint32
	flags wordFlags
}

// A wording is the distinguishing terms of one of a fact's asks.
type wording struct {
	text    string
	terms   []uint32 // each once
	phrases []uint32
	said    []uint32 // every word, stop words too, to complete what is being typed
	tells   float64  // the sum of what its terms tell
	key     uint64   // of its very words, see verbatimKey
	typ     answerType
	neg     bool
}

type wordFlags uint16

const (
	isStop wordFlags = 1 << iota
	isNumber
	isYear
	isMonth
	isName
	isPlace  // a name after in, at, from, ...
	isPerson // a name after by, and, or a title
	isReason
	isMoney
	isSays
)

// An alt is a term of the base that stands for a term of a question.
type alt struct {
	term   uint32
	weight float32 // 1: the same
}

// What a match through the word list is worth, beside 1 for the same stem. Found on the public question sets; the file's own
// synonyms are what its moderators vouch for, so they count almost as much as the word itself.
const (
	weightFile    = 0.95
	weightSame    = 0.8
	weightRelated = 0.35
	weightFuzzy   = 0.85
)

// smallBase is the number of facts up to which every fact is scored: what is left out by a search is lost, and on small
// bases a tenth of the right sentences share no word with the question.
const smallBase = 600

// newIndex makes the facts of the parts ready, which are of one language. It takes over from an earlier index, which may be nil, what that made of the
// same parts, and calls step with the number of facts of each part when it is analysed. It ends early with ctx's error.
func newIndex(ctx context.Context, lang *language, parts []*part, synonyms [][]string, was *index, step func(facts int)) (*index, error) {
	x := &index{lang: lang, alts: map[string][]alt{}, words: map[string][]alt{}, synonyms: synonyms}
	groups := x.readSynonyms()
	analysed, err := x.analyse(ctx, parts, was, step)
	if err != nil {
		return nil, err
	}
	x.place(parts, analysed)
	x.countFacts()
	var group errgroup.Group
	if len(x.docs) > smallBase {
		group.Go(func() error { // beside the rest: it takes half of the time, and needs none of it
			x.search = newSearch(x)
			return nil
		})
	}
	x.weigh()
	for _, g := range groups {
		x.link(g, weightFile, weightRelated)
	}
	if lang.words != nil {
		for _, g := range lang.words.same {
			x.link(g, weightSame, weightRelated)
		}
	}
	x.fuzzy = x.newFuzzy()
	x.exact = newExactly(x)
	if err := group.Wait(); err != nil {
		return nil, err
	}
	x.taught, err = x.teach(ctx, nil)
	return x, err
}

// readSynonyms makes groups of the files' synonyms, and has the language find their phrases.
func (x *index) readSynonyms() []group {
	finder := newPhrases()
	if x.lang.words != nil {
		for first, list := range x.lang.words.groupWord.byFirst {
			finder.byFirst[first] = slices.Clip(list)
		}
	}
	var groups []group
	for _, s := range x.synonyms {
		g := group{}
		for _, y := range s {
			terms := x.lang.terms(y)
			if len(terms) > 1 {
				finder.add(terms)
			}
			m := member{term: strings.Join(terms, " ")}
			if len(terms) == 1 {
				m.word = strings.ToLower(fold(y))
			}
			g.same = append(g.same, m)
		}
		groups = append(groups, g)
	}
	finder.sort()
	x.lang.phrases = finder
	return groups
}

// place makes the docs of the facts that may answer, in the order of the parts.
func (x *index) place(parts []*part, analysed []*partDocs) {
	n, asks := 0, 0
	for i, p := range parts {
		n += len(p.facts)
		asks += analysed[i].wordings
	}
	x.docs = make([]doc, 0, n)
	// What a wording tells depends on the whole base, so each index has its own.
	room := make([]wording, 0, asks)
	own := func(ws []wording) []wording {
		if len(ws) == 0 {
			return nil
		}
		room = append(room, ws...)
		return slices.Clip(room[len(room)-len(ws):])
	}
	para, words := -1, 0
	var last *Fact
	for i, p := range parts {
		for k, f := range p.facts {
			if !mayAnswer(f) {
				continue
			}
			d := analysed[i].docs[k]
			d.fact = f
			d.first = last == nil || !sameParagraph(last, f)
			if d.first {
				para++
			}
			d.para = para
			d.firstWording = uint32(len(room))
			d.asks, d.notAsks = own(d.asks), own(d.notAsks)
			words += len(d.words)
			x.docs = append(x.docs, d)
			last = f
		}
	}
	x.avg = float64(words) / float64(max(1, len(x.docs)))
	x.wordingsOf = newPostings(len(x.terms), room)
}

func sameParagraph(a, b *Fact) bool {
	return a.File == b.File && a.Cites[0].Source == b.Cites[0].Source && a.Cites[0].Paragraph == b.Cites[0].Paragraph
}

// countFacts counts in how many facts each term stands, in the text or in any of its asks, and notes the names.
func (x *index) countFacts() {
	x.df = make([]uint32, len(x.terms))
	x.names = make([]bool, len(x.terms))
	last := make([]int32, len(x.terms))
	for i := range x.docs {
		mark := func(t uint32) {
			if last[t] != int32(i)+1 {
				last[t] = int32(i) + 1
				if x.df[t]++; x.df[t] == 1 {
					x.used++
				}
			}
		}
		d := &x.docs[i]
		for _, w := range d.words {
			mark(w.term)
			if w.flags&isName != 0 {
				x.names[w.term] = true
			}
		}
		for _, p := range d.phrases {
			mark(p)
		}
		for _, a := range d.asks {
			for _, t := range a.terms {
				mark(t)
			}
			for _, t := range a.phrases {
				mark(t)
			}
		}
	}
}

// isNamed reports whether the facts write the term with a capital.
func (x *index) isNamed(term string) bool {
	n, ok := x.vocab[term]
	return ok && x.names[n]
}

// weigh computes what each term tells, and each wording, and puts what was learned of the terms in order.
func (x *index) weigh() {
	x.tell, x.kinds = make([]float32, len(x.terms)), make([]*kindWeights, len(x.terms))
	for t, term := range x.terms {
		x.tell[t] = float32(telling(float64(x.rare[t]), x.idf(x.df[t])))
		x.kinds[t] = x.lang.kinds(term)
	}
	sum := func(ws []wording) {
		for i := range ws {
			ws[i].tells = 0
			for _, t := range ws[i].terms {
				ws[i].tells += float64(x.tell[t])
			}
		}
	}
	for i := range x.docs {
		sum(x.docs[i].asks)
		sum(x.docs[i].notAsks)
	}
}

// link lets each term of the group stand for the others, as far as the base holds them.
func (x *index) link(g group, same, related float32) {
	add := func(from, to member, w float32) {
		if from.term == to.term || x.stops(from) || x.stops(to) {
			return
		}
		n, ok := x.vocab[to.term]
		if !ok || x.df[n] == 0 {
			return
		}
		if from.word != "" {
			x.words[from.word] = addAlt(x.words[from.word], alt{n, w})
		}
		x.alts[from.term] = addAlt(x.alts[from.term], alt{n, w})
	}
	for _, a := range g.same {
		for _, b := range g.same {
			add(a, b, same)
		}
		for _, b := range g.related {
			add(a, b, related)
			add(b, a, related)
		}
	}
}

func addAlt(list []alt, a alt) []alt {
	for i := range list {
		if list[i].term == a.term {
			list[i].weight = max(list[i].weight, a.weight)
			return list
		}
	}
	return append(list, a)
}

// stops reports whether a member is, but for its capitals, a word without a topic: WHO, IT.
func (x *index) stops(m member) bool {
	return x.lang.words != nil && m.word != "" && x.lang.words.stop[m.word]
}

// idf is how much a term that stands in df of the base's facts tells: BM25's, which is never negative.
func (x *index) idf(df uint32) float64 {
	n := float64(len(x.docs))
	return math.Log(1 + (n-float64(df)+.5)/(float64(df)+.5))
}
