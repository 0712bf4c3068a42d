package knowledge

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// maxClauses and maxClausesText bound what is looked at clause by clause: longer messages are stories, and their parts answer something else.
const (
	maxClauses     = 4
	maxClausesText = 400 // bytes
)

// clauseSure is the confidence that a clause needs: what is left out of the question may have mattered.
const clauseSure = thresholdAsked

var clauseEnd = regexp.MustCompile(`[,;:.!?–—]+\s+|\s+-+\s+`)

// clause answers a question that can't be answered as a whole from the surest of its clauses: "Come on, is it really in Tokyo, or did they chicken
// out?" has an aside at both ends. A clause is read after those before it. nil when none is sure enough, or when the rest holds a name or number
// that the fact doesn't: "as Sweden's ambassador, does he ...?" asks of somebody else.
func (g *generation) clause(ctx context.Context, q Question, whole *result) (*result, error) {
	if len(q.Text) > maxClausesText || whole.not {
		return nil, nil
	}
	texts := clauseEnd.Split(strings.TrimSpace(q.Text), -1)
	if len(texts) < 2 || len(texts) > maxClauses {
		return nil, nil
	}
	history := slices.Clone(q.History)
	var best *result
	for _, text := range texts {
		if text == "" { // what stands before a question that opens with "..."
			continue
		}
		r, err := g.best(ctx, g.read(text), history)
		if err != nil {
			return nil, err
		}
		history = append(history, text)
		if len(r.cands) == 0 || r.confidence < clauseSure || best != nil && r.confidence <= best.confidence || r.lacksName(q.Text) {
			r.done()
			continue
		}
		if best != nil {
			best.done()
		}
		if best = r; r.reading == "" {
			r.reading = text
		}
	}
	return best, nil
}

// lacksName reports whether the question that a clause was taken from holds a name or a number that the clause's best fact does not.
func (r *result) lacksName(question string) bool {
	x := r.a.x
	a := x.ready(x.lang.read(question))
	defer a.done()
	s := scored{doc: r.cands[0].doc}
	a.text(&a.x.docs[s.doc], &s.m)
	a.fact(&s)
	for u := range a.units {
		if w := &a.units[u]; (w.name || w.num || x.isNamed(w.term)) && s.ever[u] < missing {
			return true
		}
	}
	return false
}
