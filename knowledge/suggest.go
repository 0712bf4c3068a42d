package knowledge

import "strings"

// Suggest completes what a member has typed so far to at most n known questions: question wordings first,
// then facts by their text. An empty prefix gives the overview facts' questions first. A fact is suggested once.
func (b *Base) Suggest(prefix string, n int) []Suggestion {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.cur.suggest(prefix, n)
}

func (g *generation) suggest(prefix string, n int) []Suggestion {
	type ranked struct {
		s    Suggestion
		rank float64
	}
	typed := englishWords().tokenize(prefix, nil)
	var best []ranked
	for i, f := range g.set.Facts {
		if f.Status == Withdrawn {
			continue
		}
		r := ranked{rank: -1}
		try := func(text string, bonus float64) {
			if v := completes(typed, text) + bonus; v > r.rank {
				r = ranked{Suggestion{text, f}, v}
			}
		}
		for _, q := range f.Asks {
			try(q, .5)
		}
		try(f.Text, 0)
		if len(typed) == 0 {
			if len(f.Asks) > 0 {
				r = ranked{Suggestion{f.Asks[0], f}, .5}
			}
			if f.Overview {
				r.rank++
			}
		} else if r.rank < 1 {
			continue // not one word of what was typed
		}
		r.rank -= float64(i) * 1e-9
		best = append(best, r)
	}
	for i := 1; i < len(best); i++ {
		for j := i; j > 0 && best[j].rank > best[j-1].rank; j-- {
			best[j], best[j-1] = best[j-1], best[j]
		}
	}
	var out []Suggestion
	for _, r := range best[:min(len(best), n)] {
		out = append(out, r.s)
	}
	return out
}

// completes counts how many of the typed words stand in the text, the last one perhaps not finished; 0 when none does.
func completes(typed []token, text string) float64 {
	low := strings.ToLower(text)
	words := englishWords().tokenize(text, nil)
	n := 0.0
	for i, t := range typed {
		for _, w := range words {
			if w.term == t.term || i == len(typed)-1 && strings.HasPrefix(w.word, t.word) {
				n++
				if t.stop {
					n -= .8
				}
				break
			}
		}
	}
	if len(typed) > 0 && strings.HasPrefix(low, strings.ToLower(strings.TrimSpace(typed[0].raw))) {
		n += .1
	}
	return n
}
