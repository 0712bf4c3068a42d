package knowledge

import (
	"slices"
	"strings"
	"unicode"
)

// Wordings are what moderators vouch for, so a question put in the very words of one needs no weighing: an ask's fact
// answers it, whatever the ranker makes of it, and a not_ask's never does.

// exactly holds the facts of an index by the very words of their asks and not_asks, see [language.verbatim].
type exactly struct{ asks, notAsks map[string][]int }

// exactSure is the confidence that a fact answers a question put in the words of its own ask: a moderator wrote both, and may err too.
const exactSure = 0.99

func newExactly() exactly { return exactly{map[string][]int{}, map[string][]int{}} }

func (e exactly) add(doc int, l *language, f *Fact) {
	put := func(to map[string][]int, wordings []string) {
		for _, w := range wordings {
			if key := l.verbatim(l.read(w)); key != "" && !slices.Contains(to[key], doc) {
				to[key] = append(to[key], doc)
			}
		}
	}
	put(e.asks, f.Asks)
	put(e.notAsks, f.NotAsks)
}

// of returns the documents that answer the question in these very words, and those that must not.
func (e exactly) of(key string) (docs, not []int) {
	if key == "" {
		return nil, nil
	}
	not = e.notAsks[key]
	for _, d := range e.asks[key] {
		if !slices.Contains(not, d) {
			docs = append(docs, d)
		}
	}
	return docs, not
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

// exactly tells of each index whether its facts hold the question in its very words.
func (g *generation) exactly(text string) bool {
	return slices.ContainsFunc(g.indexes, func(x *index) bool {
		docs, _ := x.exact.of(x.lang.verbatim(x.lang.read(text)))
		return len(docs) > 0
	})
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
			r.cands = append(r.cands, &scored{doc: d, score: -1e3})
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
