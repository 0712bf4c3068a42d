package knowledge

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// A partDocs is the facts of a part as terms, each by its number in the vocabulary of the index. It never changes, and later indexes take it over
// wherever the part then stands, with the vocabulary: there a term keeps its number.
type partDocs struct {
	docs     []doc // one for each fact of the part; without what depends on the rest of the base
	wordings int   // how many asks and not_asks they have together
}

// maxUnused is how many terms of facts that are gone a vocabulary may hold beside as many as it uses, before it is made anew.
const maxUnused = 50_000

// analyse gives the docs of the parts, and the index its vocabulary.
func (x *index) analyse(ctx context.Context, parts []*part, was *index, step func(facts int)) ([]*partDocs, error) {
	all := make([]*partDocs, len(parts))
	missing := false
	if was.fits(x) {
		x.vocab, x.terms, x.rare = was.vocab, was.terms, was.rare
	} else {
		was = nil
	}
	x.known = make(map[partKey]*partDocs, len(parts))
	for i, p := range parts {
		if was != nil {
			all[i] = was.known[p.key]
		}
		if all[i] == nil {
			missing = true
			continue
		}
		x.known[p.key] = all[i]
		step(len(p.facts))
	}
	if !missing && was != nil {
		return all, nil
	}
	// Each part is analysed with numbers of its own, so that many can be at once.
	drafts := make([]*analyst, len(parts))
	var group errgroup.Group
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			stems := map[string]token{}
			for i := w; i < len(parts); i += workers {
				if all[i] != nil {
					continue
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if len(stems) > maxMemo {
					clear(stems)
				}
				a := &analyst{lang: x.lang, memo: stems, number: map[string]uint32{}}
				a.part(parts[i])
				drafts[i] = a
				step(len(parts[i].facts))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	x.ownVocabulary()
	for i, a := range drafts {
		if a == nil {
			continue
		}
		all[i] = a.done(x)
		x.known[parts[i].key] = all[i]
	}
	return all, nil
}

// fits reports whether what the earlier index made of parts holds in x too.
func (was *index) fits(x *index) bool {
	if was == nil || was.lang.name != x.lang.name || !slices.EqualFunc(was.synonyms, x.synonyms, slices.Equal) {
		return false
	}
	return len(was.terms) <= 2*was.used+maxUnused
}

// ownVocabulary makes the vocabulary one that may be added to: questions still read the earlier index's.
func (x *index) ownVocabulary() {
	if x.vocab = maps.Clone(x.vocab); x.vocab == nil {
		x.vocab = map[string]uint32{}
	}
	x.terms, x.rare = slices.Clip(x.terms), slices.Clip(x.rare)
}

// id returns the number of a term, a new one where it has none.
func (x *index) id(term string) uint32 {
	n, ok := x.vocab[term]
	if !ok {
		n = uint32(len(x.terms))
		term = strings.Clone(term)
		x.vocab[term] = n
		x.terms = append(x.terms, term)
		x.rare = append(x.rare, float32(x.lang.rarity(term)))
	}
	return n
}

// An analyst analyses one part, numbering terms from 0.
type analyst struct {
	lang   *language
	memo   map[string]token // what words are as tokens; for many parts
	number map[string]uint32
	terms  []string
	docs   []doc

	toks   []token
	words  int // of all docs
	around struct {
		said    []string // what the last context was made of
		context []uint32
	}
}

// maxMemo is how many words are remembered, a few MB.
const maxMemo = 50_000

func (a *analyst) id(term string) uint32 {
	n, ok := a.number[term]
	if !ok {
		n = uint32(len(a.terms))
		a.number[term] = n
		a.terms = append(a.terms, term)
	}
	return n
}

func (a *analyst) part(p *part) {
	a.docs = make([]doc, len(p.facts))
	for i, f := range p.facts {
		a.docs[i] = a.doc(f)
	}
}

func (a *analyst) tokens(text string) []token {
	a.toks = a.lang.tokensInto(text, a.toks[:0], a.memo)
	return a.toks
}

func (a *analyst) doc(f *Fact) doc {
	var d doc
	toks := a.tokens(f.Text)
	d.words = make([]word, len(toks))
	a.words += len(toks)
	prev := token{}
	for i, t := range toks {
		d.words[i] = word{a.id(t.term), flagsOf(t, prev, i == 0)}
		prev = t
		if a.lang.words != nil && a.lang.words.negation[t.word] {
			d.neg = true
		}
	}
	d.phrases = a.phrasesOf(toks)
	for _, ask := range f.Asks {
		d.asks = append(d.asks, a.wording(ask))
	}
	for _, ask := range f.NotAsks {
		d.notAsks = append(d.notAsks, a.wording(ask))
	}
	around := append([]string{f.Cites[0].Section, f.Cites[0].Source.Title, f.SaidBy}, f.Topics...)
	if !slices.Equal(around, a.around.said) { // the facts of a section share it
		a.around.said, a.around.context = around, a.context(around)
	}
	d.context = a.around.context
	return d
}

func (a *analyst) context(around []string) []uint32 {
	var out []uint32
	for _, s := range around {
		toks := a.tokens(s)
		for _, t := range toks {
			if !t.stop {
				out = append(out, a.id(t.term))
			}
		}
		out = append(out, a.phrasesOf(toks)...)
	}
	return out
}

func (a *analyst) wording(ask string) wording {
	r := a.lang.read(ask)
	w := wording{text: ask, typ: r.typ, neg: r.neg, key: verbatimKey(a.lang.verbatim(r))}
	for _, u := range r.units {
		w.terms = append(w.terms, a.id(u.term))
	}
	w.phrases = a.phrasesOf(r.tokens)
	w.said = make([]uint32, len(r.tokens))
	for i, t := range r.tokens {
		w.said[i] = a.id(t.term)
	}
	return w
}

// phrasesOf gives the numbers of the known phrases in the tokens.
func (a *analyst) phrasesOf(toks []token) []uint32 {
	var out []uint32
	term := func(i int) string { return toks[i].term }
	for i := range toks {
		if p := a.lang.phrases.at(i, len(toks), term); p != nil {
			out = append(out, a.id(strings.Join(p, " ")))
		}
	}
	return out
}

// done gives the docs with the numbers of the index's vocabulary.
func (a *analyst) done(x *index) *partDocs {
	to := make([]uint32, len(a.terms))
	for i, term := range a.terms {
		to[i] = x.id(term)
	}
	out := &partDocs{docs: a.docs}
	renumber := func(list []uint32) {
		for i, t := range list {
			list[i] = to[t]
		}
	}
	wordings := func(ws []wording) {
		out.wordings += len(ws)
		for i := range ws {
			renumber(ws[i].terms)
			renumber(ws[i].phrases)
			renumber(ws[i].said)
		}
	}
	flat := make([]word, 0, a.words)
	var local, global []uint32 // of the context before
	for i := range a.docs {
		d := &a.docs[i]
		for _, w := range d.words {
			flat = append(flat, word{to[w.term], w.flags})
		}
		d.words = slices.Clip(flat[len(flat)-len(d.words):])
		renumber(d.phrases)
		wordings(d.asks)
		wordings(d.notAsks)
		if len(d.context) > 0 && len(local) > 0 && &d.context[0] == &local[0] {
			d.context = global
			continue
		}
		local, global = d.context, slices.Clone(d.context)
		renumber(global)
		slices.Sort(global)
		global = slices.Compact(global)
		d.context = global
	}
	return out
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
