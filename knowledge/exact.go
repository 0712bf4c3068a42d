package knowledge

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// Wordings are what moderators vouch for, so a question put in the very words of one needs no weighing: an ask's fact
// answers it, whatever the ranker makes of it, and a not_ask's never does.

// exactly finds the facts of an index by the very words of their asks and not_asks, see [language.verbatim].
type exactly struct {
	x             *index
	asks, notAsks map[uint64][]int32 // by verbatimKey
}

// exactSure is the confidence that a fact answers a question put in the words of its own ask: a moderator wrote both, and may err too.
const exactSure = 0.99

func newExactly(x *index) exactly {
	put := func(of func(*doc) []wording) map[uint64][]int32 {
		n := 0
		for i := range x.docs {
			n += len(of(&x.docs[i]))
		}
		all := make(map[uint64][]int32, n)
		room := make([]int32, 0, n) // most keys have one fact
		for i := range x.docs {
			for _, w := range of(&x.docs[i]) {
				if w.key == 0 {
					continue
				}
				if list, ok := all[w.key]; ok {
					if !slices.Contains(list, int32(i)) {
						all[w.key] = append(list, int32(i))
					}
					continue
				}
				room = append(room, int32(i))
				all[w.key] = slices.Clip(room[len(room)-1:])
			}
		}
		return all
	}
	return exactly{x, put(func(d *doc) []wording { return d.asks }), put(func(d *doc) []wording { return d.notAsks })}
}

// verbatimKey is the hash of a text's very words (64 bits of FNV-1a), and 0 for no words.
func verbatimKey(verbatim string) uint64 {
	if verbatim == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(verbatim))
	return h.Sum64()
}

// of returns the documents that answer the question in these very words, and those that must not.
func (e exactly) of(verbatim string) (docs, not []int) {
	key := verbatimKey(verbatim)
	if key == 0 {
		return nil, nil
	}
	for _, d := range e.notAsks[key] {
		if e.has(e.x.docs[d].notAsks, key, verbatim) {
			not = append(not, int(d))
		}
	}
	for _, d := range e.asks[key] {
		if e.has(e.x.docs[d].asks, key, verbatim) && !slices.Contains(not, int(d)) {
			docs = append(docs, int(d))
		}
	}
	return docs, not
}

// has reports whether one of the wordings has these very words: two texts may have one key.
func (e exactly) has(all []wording, key uint64, verbatim string) bool {
	l := e.x.lang
	return slices.ContainsFunc(all, func(w wording) bool { return w.key == key && l.verbatim(l.read(w.text)) == verbatim })
}

// verbatim gives all words of a reading, stop words too, in lower case and without accents, chat forms written out, joined by spaces:
// two texts with the same are the same question.
func (l *language) verbatim(r reading) string {
	var b strings.Builder
	add := func(word string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	if l.words != nil {
		for _, t := range r.tokens {
			add(t.word)
		}
		return b.String()
	}
	// Other analyzers drop stop words, and a Japanese sentence has no spaces, so its runs of letters are compared.
	for word := range strings.FieldsFuncSeq(r.text, func(c rune) bool { return !isWordRune(c) && !unicode.Is(unicode.Mc, c) }) {
		add(fold(word))
	}
	return b.String()
}

// exactly reports whether the facts of any index hold the question in its very words. It is given as each index reads it.
func (g *generation) exactly(read []reading) bool {
	for i, x := range g.indexes {
		if docs, _ := x.exact.of(x.lang.verbatim(read[i])); len(docs) > 0 {
			return true
		}
	}
	return false
}

// putFirst puts the documents that answer in these very words first, in the order the ranker has them, and drops those that must not.
func (r *result) putFirst(docs, not []int) {
	r.cands = slices.DeleteFunc(r.cands, func(s *scored) bool { return slices.Contains(not, s.doc) })
	if len(docs) == 0 {
		return
	}
	top := 0.0
	if len(r.cands) > 0 {
		top = r.cands[0].score
	}
	for _, d := range docs {
		if !slices.ContainsFunc(r.cands, func(s *scored) bool { return s.doc == d }) {
			// The ranker leaves it out when it has no word that tells anything: "who is it?"
			// Its not_asks were not compared, and may be as near as can be.
			r.cands = append(r.cands, &scored{doc: d, score: -1e3, not: nearness{near: 1}})
		}
	}
	lift := 0.0
	for _, s := range r.cands {
		if slices.Contains(docs, s.doc) {
			lift = top + 1 - s.score
			break
		}
	}
	for _, s := range r.cands {
		if slices.Contains(docs, s.doc) {
			s.score += lift
		}
	}
	first := func(s *scored) bool { return slices.Contains(docs, s.doc) }
	slices.SortStableFunc(r.cands, func(a, b *scored) int {
		switch {
		case first(a) == first(b):
			return 0
		case first(a):
			return -1
		}
		return 1
	})
}
