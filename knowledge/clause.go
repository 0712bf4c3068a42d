package knowledge

import (
	"context"
	"regexp"
	"strings"
)

// maxClauses and maxClausesText bound what is looked at clause by clause: longer messages are stories, and their parts answer something else.
const (
	maxClauses     = 4
	maxClausesText = 400 // bytes
)

// clauseSure is the confidence that a clause needs: what is left out of the question may have mattered.
const clauseSure = 0.6

var clauseEnd = regexp.MustCompile(`[,;:.!?–—]+\s+|\s+-+\s+`)

// clause answers a question that can't be answered as a whole from the surest of its clauses: "Come on, is it really in Tokyo, or did they chicken
// out?" has an aside at both ends. A clause is read after those before it. nil when none is sure enough, or when the rest holds a name or number
// that the fact doesn't: "as Sweden's ambassador, does he ...?" asks of somebody else.
func (g *generation) clause(ctx context.Context, q Question, whole *result) (*result, error) {
	if len(q.Text) > maxClausesText || whole.exact || whole.not {
		return nil, nil
	}
	texts := clauseEnd.Split(strings.TrimSpace(q.Text), -1)
	if len(texts) < 2 || len(texts) > maxClauses {
		return nil, nil
	}
	history := q.History
	var best *result
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		r, err := g.best(ctx, Question{Text: text, History: history})
		if err != nil {
			return nil, err
		}
		history = append(history[:len(history):len(history)], text)
		if len(r.cands) > 0 && r.confidence >= clauseSure && (best == nil || r.confidence > best.confidence) && !whole.namesMore(r) {
			best = r
			if r.reading == "" {
				r.reading = strings.TrimSpace(text)
			}
		}
	}
	return best, nil
}

// namesMore reports whether the whole question holds a name or a number that the best fact of the clause does not.
func (r *result) namesMore(clause *result) bool {
	top := clause.cands[0]
	d := &clause.a.x.docs[top.doc]
	for u := range r.a.units {
		w := &r.a.units[u]
		if w.old || !w.name && !w.num && !r.a.x.isNamed(w.term) {
			continue
		}
		if !r.a.covers(d, u) {
			return true
		}
	}
	return false
}

// covers reports whether the fact's text or one of its asks has the unit.
func (a *asking) covers(d *doc, u int) bool {
	has := func(t uint32) bool {
		for e := a.table.get(t); e >= 0; e = a.table.list[e].next {
			if x := &a.table.list[e]; int(x.unit) == u && x.weight >= missing {
				return true
			}
		}
		return false
	}
	for _, w := range d.words {
		if has(w.term) {
			return true
		}
	}
	for _, t := range d.phrases {
		if has(t) {
			return true
		}
	}
	for i := range d.asks {
		for _, t := range d.asks[i].terms {
			if has(t) {
				return true
			}
		}
		for _, t := range d.asks[i].phrases {
			if has(t) {
				return true
			}
		}
	}
	return false
}
