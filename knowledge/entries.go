package knowledge

import (
	"fmt"
	"strings"

	"footnote/knowledge/language"
	"footnote/knowledge/rank"
)

// An index is the facts of one language with what ranks them. It never changes.
type index struct {
	*rank.Index
	facts []*Fact // in the order of the entries
}

// entriesOf gives facts as the ranker sees them.
func entriesOf(facts []*Fact) []rank.Entry {
	entries := make([]rank.Entry, len(facts))
	twins := twinsOf(facts)
	for i, f := range facts {
		c := f.Cites[0]
		e := rank.Entry{Text: f.Text, Asks: f.Asks, NotAsks: f.NotAsks, Twins: twins[f]}
		e.Around = append([]string{c.Section, c.Source.Title, f.SaidBy}, f.Topics...)
		if c.Paragraph > 0 {
			place := func(p int) string { return fmt.Sprintf("%s\x00%s\x00%d", f.File.Path, c.Source.ID, p) }
			e.Place = place(c.Paragraph)
			e.Beside = []string{place(c.Paragraph - 1), place(c.Paragraph + 1)}
		}
		entries[i] = e
	}
	return entries
}

// twinsOf groups facts that are no rivals of each other: those that say the same, a superseded one and what took its place, and those that dispute one
// another on a topic; and so on through several of them. A group has the id of one of its facts, which depends on its members only; a fact without twins has none.
func twinsOf(facts []*Fact) map[*Fact]string {
	byID := make(map[string]*Fact, len(facts))
	for _, f := range facts {
		byID[f.ID] = f
	}
	parent := map[*Fact]*Fact{}
	find := func(f *Fact) *Fact {
		for parent[f] != nil {
			f = parent[f]
		}
		return f
	}
	join := func(a, b *Fact) {
		if a, b = find(a), find(b); a != b {
			if a.ID > b.ID {
				a, b = b, a
			}
			parent[b] = a
		}
	}
	same := make(map[string]*Fact, len(facts))
	disputed := map[string]*Fact{}
	first := func(by map[string]*Fact, key string, f *Fact) {
		if by[key] == nil {
			by[key] = f
		}
		join(by[key], f)
	}
	for _, f := range facts {
		switch {
		case f.Status == Superseded && byID[f.SupersededBy] != nil:
			join(f, byID[f.SupersededBy])
		case f.Status == Disputed:
			for _, topic := range f.Topics {
				first(disputed, topic, f)
			}
		}
		first(same, language.Fold(strings.TrimRight(f.Text, " .。")), f)
	}
	group := map[*Fact]string{}
	for f, with := range parent {
		group[f], group[find(with)] = find(with).ID, find(with).ID
	}
	return group
}
