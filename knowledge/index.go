package knowledge

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An index is the facts of one language, made ready for matching. It never changes once it is built.
type index struct {
	lang  *language
	docs  []doc
	facts map[*Fact]int

	vocab map[string]uint32 // term -> number
	terms []string          // number -> term
	tell  []float32         // how much each term says about what is asked, see telling
	df    []uint32          // in how many facts the term stands
	alts  map[string][]alt  // stem or phrase -> the base's terms that mean the same or nearly
	words map[string][]alt  // the same by the word as it is listed
	fuzzy map[fuzzyKey][]uint32
	exact exactly
	names map[string]bool // terms that the facts write with a capital
	avg   float64         // mean number of words of a fact

	search *search // bleve's, for bases too large to score every fact; else nil
}

// A doc is one fact, as terms.
type doc struct {
	fact    *Fact
	words   []word
	phrases []uint32 // of the word list, found in the text
	asks    []wording
	notAsks []wording
	context []uint32 // topics, section and title, sorted
	para    int      // number of its paragraph; the facts of one stand together
	first   bool     // of its paragraph
	neg     bool
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

// newIndex makes the facts of one language ready. It ends early with ctx's error.
func newIndex(ctx context.Context, lang *language, facts []*Fact, synonyms [][]string) (*index, error) {
	x := &index{
		lang: lang, docs: make([]doc, len(facts)), facts: make(map[*Fact]int, len(facts)),
		vocab: map[string]uint32{}, alts: map[string][]alt{}, words: map[string][]alt{}, names: map[string]bool{},
		exact: newExactly(),
	}
	finder := newPhrases()
	if lang.words != nil {
		for first, list := range lang.words.groupWord.byFirst {
			finder.byFirst[first] = slices.Clip(list)
		}
	}
	var groups []group
	for _, s := range synonyms {
		g := group{}
		for _, y := range s {
			terms := lang.terms(y)
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
	lang.phrases = finder
	para, words := -1, 0
	for i, f := range facts {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i == 0 || !sameParagraph(facts[i-1], f) {
			para++
		}
		x.facts[f] = i
		x.docs[i] = x.newDoc(f, finder)
		x.exact.add(i, lang, f)
		x.docs[i].para = para
		x.docs[i].first = i == 0 || x.docs[i-1].para != para
		words += len(x.docs[i].words)
	}
	x.avg = float64(words) / float64(max(1, len(facts)))
	x.countFacts()
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
	if len(facts) > smallBase {
		var err error
		if x.search, err = newSearch(ctx, lang.name, facts); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func sameParagraph(a, b *Fact) bool {
	return a.File == b.File && a.Cites[0].Source == b.Cites[0].Source && a.Cites[0].Paragraph == b.Cites[0].Paragraph
}

func (x *index) id(term string) uint32 {
	n, ok := x.vocab[term]
	if !ok {
		n = uint32(len(x.terms))
		term = strings.Clone(term)
		x.vocab[term] = n
		x.terms = append(x.terms, term)
	}
	return n
}

func (x *index) newDoc(f *Fact, finder *phrases) doc {
	d := doc{fact: f}
	toks := x.lang.tokens(f.Text)
	d.words = make([]word, len(toks))
	prev := token{}
	for i, t := range toks {
		d.words[i] = word{x.id(t.term), flagsOf(t, prev, i == 0)}
		if d.words[i].flags&isName != 0 {
			x.names[t.term] = true
		}
		prev = t
		if x.lang.words != nil && x.lang.words.negation[t.word] {
			d.neg = true
		}
	}
	d.phrases = x.phrasesOf(toks, finder)
	for _, a := range f.Asks {
		d.asks = append(d.asks, x.newWording(a, finder))
	}
	for _, a := range f.NotAsks {
		d.notAsks = append(d.notAsks, x.newWording(a, finder))
	}
	around := append([]string{f.Cites[0].Section, f.Cites[0].Source.Title, f.SaidBy}, f.Topics...)
	for _, s := range around {
		toks := x.lang.tokens(s)
		for _, t := range toks {
			if !t.stop {
				d.context = append(d.context, x.id(t.term))
			}
		}
		d.context = append(d.context, x.phrasesOf(toks, finder)...)
	}
	slices.Sort(d.context)
	d.context = slices.Compact(d.context)
	return d
}

func (x *index) newWording(ask string, finder *phrases) wording {
	r := x.lang.read(ask)
	w := wording{text: ask, typ: r.typ, neg: r.neg}
	for _, u := range r.units {
		w.terms = append(w.terms, x.id(u.term))
	}
	w.phrases = x.phrasesOf(r.tokens, finder)
	w.said = make([]uint32, len(r.tokens))
	for i, t := range r.tokens {
		w.said[i] = x.id(t.term)
	}
	return w
}

// phrasesOf gives the numbers of the known phrases in the tokens.
func (x *index) phrasesOf(toks []token, finder *phrases) []uint32 {
	var out []uint32
	term := func(i int) string { return toks[i].term }
	for i := range toks {
		if p := finder.at(i, len(toks), term); p != nil {
			out = append(out, x.id(strings.Join(p, " ")))
		}
	}
	return out
}

// countFacts counts in how many facts each term stands, in the text or in any of its asks.
func (x *index) countFacts() {
	x.df = make([]uint32, len(x.terms))
	last := make([]int32, len(x.terms))
	for i := range x.docs {
		mark := func(t uint32) {
			if last[t] != int32(i)+1 {
				last[t] = int32(i) + 1
				x.df[t]++
			}
		}
		d := &x.docs[i]
		for _, w := range d.words {
			mark(w.term)
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

// weigh computes what each term tells, and each wording.
func (x *index) weigh() {
	x.tell = make([]float32, len(x.terms))
	for t, term := range x.terms {
		x.tell[t] = float32(telling(x.lang.rarity(term), x.idf(x.df[t])))
	}
	sum := func(ws []wording) {
		for i := range ws {
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

// flagsOf says what kind of answer a word may be part of.
func flagsOf(t, prev token, first bool) wordFlags {
	var f wordFlags
	if t.stop {
		f |= isStop
	}
	if t.num {
		f |= isNumber
		if n, err := strconv.Atoi(t.term); err == nil && len(t.term) == 4 && n >= 1000 && n < 2100 || len(t.term) == 5 && strings.HasSuffix(t.word, "0s") {
			f |= isYear
		}
	}
	if monthNames[t.word] {
		f |= isMonth
	} else if t.name && !first && !t.stop {
		f |= isName
		switch prev.word {
		case "in", "at", "near", "from", "of", "to", "outside", "into", "across":
			f |= isPlace
		case "by", "and", "president", "minister", "mr", "mrs", "dr", "secretary", "general", "ambassador", "king", "queen", "actor", "director", "author", "singer", "professor", "sir":
			f |= isPerson
		}
	}
	switch t.word {
	case "because", "due", "since", "so", "reason", "result", "therefore", "order", "thus", "cause", "caused", "amid", "concerns", "help", "allow", "enable":
		f |= isReason
	case "dollar", "dollars", "euro", "euros", "pounds", "million", "billion", "cost", "price", "paid", "pay", "fund", "funded", "yen", "cents", "usd":
		f |= isMoney
	case "said", "says", "told", "according", "reported", "announced", "stated", "claimed", "warned", "wrote", "reports":
		f |= isSays
	}
	return f
}

var monthNames = map[string]bool{
	"january": true, "february": true, "march": true, "april": true, "may": true, "june": true, "july": true, "august": true, "september": true,
	"october": true, "november": true, "december": true, "monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true,
	"saturday": true, "sunday": true, "century": true, "decade": true,
}
