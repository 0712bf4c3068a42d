package rank

import (
	"strings"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// A Query is a question, made ready for an index: as it may be read, each reading with its vectors.
type Query struct {
	readings []reading
	near     []int32 // docs that answered the question before
	foreign  bool    // the question is in another language than the facts
}

// How a question is read.
type how uint8

const (
	whole  how = iota
	asking     // of a long story the sentence that asks, alone
	joined     // with the question before it
)

// A reading is a question as one of its readings has it.
type reading struct {
	language.Reading
	how     how
	before  string // the question before it, where it is joined
	units   []unit
	needed  float64 // weight of the units
	plain   string  // see wording
	written string  // the same before spelling was repaired
	content string
	en      *encoder.Vector // nil where the English encoder has no say
	multi   *encoder.Vector
}

// A unit is one telling word of a question, weighed for an index.
type unit struct {
	language.Unit
	id     uint32 // noTerm where the index doesn't hold it
	weight float64
	also   []uint32 // terms that a moderator says mean the same
	old    bool     // a word of the question before
	reach  bool     // some text holds it
}

const noTerm = ^uint32(0)

// maxUnits is how many units a reading has at most, so that a [cover] has room for them: a question before may have as many as the question.
const maxUnits = 64

// What a word is worth beside one that distinguishes: one that only names the kind of answer ("city"), and one of the question before.
const (
	softWorth = 0.3
	oldWorth  = 0.4
)

// Question reads a question. before is the member's question before it, or empty; near are the entries that answered that one. foreign says that it is in
// another language than the facts, so that their language's spelling and the English encoder have no say. The error is that of Meanings.
func (x *Index) Question(text, before string, near []int, foreign bool, m Meanings) (*Query, error) {
	q := &Query{foreign: foreign}
	for _, n := range near {
		q.near = append(q.near, int32(n))
	}
	var mend func(language.Token) string
	if x.mender != nil && !foreign {
		mend = x.mender.Mend
	}
	r := x.lang.Read(text, mend)
	q.readings = append(q.readings, x.reading(r, whole, nil))
	if mend != nil {
		// A word that only an ask has may be taken for a slip; the ask itself is still known.
		q.readings[0].written = plainOf(x.lang.Read(text, nil).Tokens)
	}
	if in := x.inTheirWords(r); in != "" {
		q.readings = append(q.readings, x.reading(x.lang.Read(in, mend), whole, nil))
	}
	if r.Asking != "" && r.Asking != r.Mended {
		q.readings = append(q.readings, x.reading(x.lang.Read(r.Asking, mend), asking, nil))
	}
	if before != "" {
		b := x.lang.Read(before, mend)
		j := x.reading(r, joined, &b)
		q.readings = append(q.readings, j)
	}
	texts := make([]string, len(q.readings))
	for i := range q.readings {
		texts[i] = q.readings[i].Mended
		if b := q.readings[i].before; b != "" {
			texts[i] = b + " " + texts[i]
		}
	}
	en, multi, err := m(texts, encoder.Question, x.english && !foreign)
	if err != nil {
		return nil, err
	}
	for i := range q.readings {
		q.readings[i].multi = &multi[i]
		if en != nil {
			q.readings[i].en = &en[i]
		}
	}
	return q, nil
}

// reading weighs the words of a question, with those of the one before it where that is given.
func (x *Index) reading(r language.Reading, h how, before *language.Reading) reading {
	out := reading{Reading: r, how: h, content: content(r)}
	out.plain = plainOf(r.Tokens)
	out.written = out.plain
	add := func(u language.Unit, old bool) {
		if len(out.units) == maxUnits {
			return
		}
		w := unit{Unit: u, id: noTerm, old: old}
		df := uint32(0)
		if id, ok := x.vocab[u.Term]; ok {
			w.id, df = id, x.df[id]
			w.reach = df > 0
		}
		w.also = x.synonyms[u.Term]
		w.reach = w.reach || len(w.also) > 0
		if u.Filler && !w.reach {
			return // "mention" and "list" are words of the question only where the facts know them
		}
		w.weight = x.weigh(u.Word, df)
		switch {
		case old:
			w.weight = float64(w.weight * oldWorth)
		case u.Soft || u.Filler:
			w.weight = float64(w.weight * softWorth)
		}
		out.needed += w.weight
		out.units = append(out.units, w)
	}
	for _, u := range r.Units {
		add(u, false)
	}
	x.phrases(&out)
	if before != nil {
		out.before = before.Mended
		if len(out.Codes) == 0 {
			out.Codes = before.Codes // "how do I fix that?" is about the E403 of the question before
		}
		for _, u := range before.Units {
			again := false
			for _, v := range r.Units {
				again = again || v.Term == u.Term
			}
			if !again {
				add(u, true)
			}
		}
	}
	return out
}

// inTheirWords gives a question with each word that no text holds replaced by one that a moderator says means the same and a text holds, so that encoders compare what
// is meant; empty where there is none.
func (x *Index) inTheirWords(r language.Reading) string {
	if len(x.instead) == 0 {
		return ""
	}
	var b strings.Builder
	at := 0
	for i := 0; i < len(r.Tokens); i++ {
		key, last := "", -1
		by := ""
		for k := i; k < len(r.Tokens) && k < i+5; k++ {
			key = strings.TrimPrefix(key+" "+r.Tokens[k].Term, " ")
			if s := x.instead[key]; s != "" {
				by, last = s, k
			}
		}
		if last < 0 {
			continue
		}
		b.WriteString(r.Text[at:r.Tokens[i].Start])
		b.WriteString(by)
		at = r.Tokens[last].Start + len(r.Tokens[last].Raw)
		i = last
	}
	if at == 0 {
		return ""
	}
	b.WriteString(r.Text[at:])
	return b.String()
}

// plainOf joins the words of a text.
func plainOf(toks []language.Token) string {
	words := make([]string, len(toks))
	for i, t := range toks {
		words[i] = t.Word
	}
	return strings.Join(words, " ")
}

// is reports whether the reading is a wording, word for word.
func (r *reading) is(w *wording) bool {
	return w.plain != "" && (w.plain == r.plain || w.plain == r.written)
}

// phrases lets the words of a phrase that moderators gave synonyms stand for these.
func (x *Index) phrases(r *reading) {
	if len(x.synonyms) == 0 {
		return
	}
	for i := range r.Tokens {
		key := r.Tokens[i].Term
		for k := i + 1; k < len(r.Tokens) && k < i+5; k++ {
			key += " " + r.Tokens[k].Term
			also, ok := x.synonyms[key]
			if !ok {
				continue
			}
			for n := range r.units {
				if u := &r.units[n]; u.Token >= i && u.Token <= k {
					u.also = append(u.also[:len(u.also):len(u.also)], also...)
					u.reach = true
				}
			}
		}
	}
}
