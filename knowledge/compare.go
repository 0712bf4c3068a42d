package knowledge

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// DifferenceKind says what became of a fact between two sets.
type DifferenceKind string

// The kinds of differences.
const (
	Added   DifferenceKind = "added"   // the new set has it
	Changed DifferenceKind = "changed" // both have it, and something in it is written otherwise
	Removed DifferenceKind = "removed" // only the old set had it
)

// A Difference is one fact that two sets don't have alike.
type Difference struct {
	Kind DifferenceKind
	Old  *Fact // nil for an added one
	New  *Fact // nil for a removed one
}

// ID returns the id of the fact.
func (d Difference) ID() string {
	if d.New != nil {
		return d.New.ID
	}
	return d.Old.ID
}

// Shows reports whether members see the difference: whether the fact came, went, or has another [Fact.Revision]. What is
// changed in its asks, topics or note they don't.
func (d Difference) Shows() bool {
	return d.Kind != Changed || d.Old.Revision() != d.New.Revision()
}

// Compare tells what differs between two sets, fact by fact, in the order of the files; a removed fact comes where it stood. A fact that
// only stands elsewhere is not different.
func Compare(old, new *Set) []Difference {
	var all []Difference
	for f := range unshared(new, old) {
		if new.byID[f.ID] != f {
			continue // text-blank and id-less facts are not in use
		}
		switch was := old.byID[f.ID]; {
		case was == nil:
			all = append(all, Difference{Kind: Added, New: f})
		case !sameFact(was, f):
			all = append(all, Difference{Kind: Changed, Old: was, New: f})
		}
	}
	for f := range unshared(old, new) {
		if old.byID[f.ID] == f && new.byID[f.ID] == nil {
			all = append(all, Difference{Kind: Removed, Old: f})
		}
	}
	pos := func(d Difference) Pos {
		if d.New != nil {
			return d.New.Pos
		}
		return d.Old.Pos
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(strings.Compare(pos(a).File, pos(b).File), cmp.Compare(pos(a).Line, pos(b).Line))
	})
	return all
}

// unshared goes through the facts of a set but for those that another set has, too, because it was made of the same parts. In a large base that
// leaves few to compare.
func unshared(set, other *Set) iter.Seq[*Fact] {
	theirs := map[partKey][]*Source{}
	for _, f := range other.read {
		for _, p := range f.parts {
			if f.file != nil {
				theirs[p.key] = f.file.Sources
			}
		}
	}
	same := func(a, b *Source) bool { return sameSource(*a, *b) }
	return func(yield func(*Fact) bool) {
		for _, f := range set.read {
			for _, p := range f.parts {
				if sources, ok := theirs[p.key]; ok && slices.EqualFunc(f.file.Sources, sources, same) {
					continue
				}
				for _, fact := range p.facts {
					if !yield(fact) {
						return
					}
				}
			}
		}
	}
}
