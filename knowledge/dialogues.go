package knowledge

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
)

// Dialogues to learn follow-ups from are made of questions asked about one text: put in the order of the sentences that answer them, with
// what the earlier one said left out of the later, as people leave it out.

// dialogues ranks the facts of the base for such follow-ups.
func (b *trainBase) dialogues(ctx context.Context) ([]trainExample, error) {
	x, err := b.index(ctx)
	if err != nil {
		return nil, err
	}
	type turn struct {
		text string
		gold []string
		at   int
	}
	var turns []turn
	for _, q := range b.questions {
		if !q.Answerable {
			continue
		}
		if i := slices.IndexFunc(x.docs, func(d doc) bool { return d.fact.ID == q.Gold[0] }); i >= 0 {
			turns = append(turns, turn{q.Text, q.Gold, i})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at - b.at })
	r := rand.New(rand.NewPCG(uint64(b.group()), uint64(len(turns))))
	var out []trainExample
	for i := 1; i < len(turns); i += 2 {
		before, now := turns[i-1], turns[i]
		jump := r.IntN(6) == 0
		if jump {
			before = turns[r.IntN(len(turns))]
		}
		text := now.text
		if !jump && r.IntN(4) > 0 {
			text = x.lang.shorten(text, before.text, r)
		}
		e, err := x.turn(ctx, text, "", []string{before.text}, func(f *Fact) bool { return slices.Contains(now.gold, f.ID) })
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		e.group, e.answerable, e.set = b.group(), true, "dialogues"
		out = append(out, *e)
	}
	return out, nil
}

// turn is example for a question after others; what the fact cited last is, a plain ranking tells, which is often wrong, as it will be then.
func (x *index) turn(ctx context.Context, text, except string, history []string, gold func(*Fact) bool) (*trainExample, error) {
	if len(history) == 0 {
		return x.exampleOf(ctx, x.lang.read(text), cmp.Or(except, text), nil, gold)
	}
	last, err := x.turn(ctx, history[len(history)-1], "", history[:len(history)-1], func(*Fact) bool { return false })
	if err != nil {
		return nil, err
	}
	if last == nil || len(last.cands) == 0 {
		return x.turn(ctx, text, except, nil, gold)
	}
	r := x.lang.read(text)
	if r.leans() {
		r = joinUnits(r, last.a)
	}
	return x.exampleOf(ctx, r, cmp.Or(except, text), []int{last.cands[0].doc}, gold)
}

// shorten leaves out of a question what the one before said, as a follow-up does: names become pronouns, words said are dropped, and
// sometimes little more than the question word stays.
func (l *language) shorten(text, before string, r *rand.Rand) string {
	said := map[string]bool{}
	for _, u := range l.read(before).units {
		said[u.term] = true
	}
	pronoun := []string{"it", "he", "they", "she"}[r.IntN(4)]
	keep := 100
	switch r.IntN(8) {
	case 0:
		keep = 1
	case 1, 2:
		keep = 2
	}
	var out []string
	content := 0
	for i, t := range l.read(text).tokens {
		switch {
		case t.stop:
			out = append(out, t.raw)
			continue
		case i > 0 && (t.name || said[t.term]):
			if len(out) > 0 && out[len(out)-1] != pronoun {
				if out[len(out)-1] == "the" {
					out = out[:len(out)-1]
				}
				out = append(out, pronoun)
			}
			continue
		}
		if content++; content > keep {
			break
		}
		out = append(out, t.raw)
	}
	if r.IntN(10) == 0 {
		out = append([]string{"and"}, out...)
	}
	return strings.Join(out, " ") + "?"
}
