package knowledge

import "slices"

// sortScored sorts by what by gives, best first, and by place in the base where that is equal: the same input, the same output.
func sortScored(s []*scored, by func(*scored) float64) {
	slices.SortFunc(s, func(a, b *scored) int {
		switch x, y := by(a), by(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return a.doc - b.doc
	})
}
