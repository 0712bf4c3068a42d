package rank

import "slices"

// Reads tells how likely each of the texts answers a question, as log-odds, by reading it beside the question, with the English reader or, where english is false, the
// multilingual one. See encoder.Reader.
type Reads func(question string, texts []string, english bool) []float32

// A Reread is the trained numbers for a second look at the best facts: their texts, read beside the question.
type Reread struct {
	Facts  int     `json:"facts"`  // how many are read
	First  float64 `json:"first"`  // of the score at the first look
	Read   float64 `json:"read"`   // of the log-odds that reading gives
	None   float64 `json:"none"`   // of the scores of both reasons why none answers, at the first look
	Offset float64 `json:"offset"` // added to these
}

// Reread judges anew: the best facts' texts are read beside the question, and what that tells decides with the first look. What is surely nothing that the facts talk of isn't read, nor is a
// question that is one of a fact's asks, word for word: there a moderator vouches for it.
//
// Facts that aren't read stay behind those that are: they count as read like the least likely of these.
func (m *Model) Reread(t *Table, v Verdict, read Reads) Verdict {
	s := m.Of(t)
	if s.Reread == nil || len(v.Facts) == 0 || v.About < s.About || slices.ContainsFunc(v.Facts, func(f Scored) bool { return f.Same && !f.Barred }) {
		return v
	}
	unsaid, elsewhere := s.none(t)
	return t.reread(s.Reread, v, t.Read(v, s.Reread.Facts, read), unsaid, elsewhere)
}

// Read gives the log-odds that reading gives to the first n facts of a verdict.
func (t *Table) Read(v Verdict, n int, read Reads) []float32 {
	texts := make([]string, min(n, len(v.Facts)))
	for i := range texts {
		texts[i] = t.index.docs[v.Facts[i].Doc].entry.Text
	}
	r := &t.query.readings[0]
	question := r.Mended
	if first := v.Facts[0].Row.question; first.how == joined {
		question = first.before + " " + first.Mended
	}
	return read(question, texts, r.en != nil)
}

func (t *Table) reread(w *Reread, v Verdict, odds []float32, unsaid, elsewhere float64) Verdict {
	least := slices.Min(odds)
	out := slices.Clone(v.Facts)
	for i := range out {
		out[i].Read = float64(least)
		if i < len(odds) {
			out[i].Read = float64(odds[i])
		}
		out[i].Read = float64(out[i].Read * out[i].Unsaid())
		out[i].Score = float64(w.First*out[i].Score) + float64(w.Read*out[i].Read)
	}
	slices.SortStableFunc(out, byScore)
	again := t.share(out, float64(w.None*unsaid)+w.Offset, float64(w.None*elsewhere)+w.Offset)
	again.About = v.About
	return again
}

// Unsaid is the part of the question's weight that neither the fact's text nor its nearest ask says, word for word or nearly: as far as reading counts. The readers have learned from members who know
// no fact's words, beside near misses that use them, so they mistrust a question in a fact's own words; there the first look knows better.
func (f *Scored) Unsaid() float64 {
	switch {
	case f.Row == nil:
		return 1
	case f.Row.F[fCodes] == 1: // nor have they learned what a code is
		return 0
	}
	return float64(1 - min(1, max(0, f.Row.F[fAlike], f.Row.F[fAskAlike])))
}

// None gives the scores of both reasons why no fact answers, at the first look: to train the second with.
func (m *Model) None(t *Table) (unsaid, elsewhere float64) { return m.Of(t).none(t) }
