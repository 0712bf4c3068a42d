package knowledge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxProblems is how many problems of one file are listed; a machine-written file can have a mistake in each of
// 100,000 lines, and nobody reads further than this.
const maxProblems = 1000

// A problems collects the problems of one file, or of a part of it.
type problems struct {
	file string
	list []Problem
	more int // how many are not listed

	// unread is the text that could not be read: whatever is named and not found may be in there.
	unread [][]byte
}

// add notes a problem; its level is the rule's.
func (p *problems) add(line, col int, rule, msg, hint string) {
	if len(p.list) >= maxProblems {
		p.more++
		return
	}
	p.list = append(p.list, Problem{Pos{p.file, line, col}, levelOf(rule), rule, msg, hint})
}

// at notes a problem at the place of a value.
func (p *problems) at(v *value, rule, msg, hint string) { p.add(v.line, v.col, rule, msg, hint) }

// join takes over what another part of the same file found.
func (p *problems) join(q problems) {
	room := min(len(q.list), maxProblems-len(p.list))
	p.list = append(p.list, q.list[:room]...)
	p.more += q.more + len(q.list) - room
	p.unread = append(p.unread, q.unread...)
}

// done returns what was found, with a last line on what is not listed.
func (p *problems) done() []Problem {
	if p.more == 0 {
		return p.list
	}
	return append(p.list, Problem{Pos{File: p.file}, Error, "problems-many", fmt.Sprintf("%d more problems of this file are not listed", p.more), "mend these first"})
}

// sortProblems sorts by place, then by rule.
func sortProblems(all []Problem) {
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col), strings.Compare(a.Rule, b.Rule))
	})
}

// size gives a number of bytes as people read it.
func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// show quotes a value for a message, shortened.
func show(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// nearest returns the word that s was perhaps meant to be, or nothing.
func nearest(s string, words []string) string {
	best, dist := "", 1+max(1, len(s)/3)
	for _, w := range words {
		if d := editDistance(strings.ToLower(s), w); d < dist {
			best, dist = w, d
		}
	}
	return best
}

// editDistance is the optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
func editDistance(a, b string) int {
	if len(a) > 2*MaxID { // no key is as long
		return len(a)
	}
	x, y := []rune(a), []rune(b)
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, cur := rows[0], rows[1], rows[2]
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(last[j]+1, cur[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		rows = [3][]int{last, cur, before}
	}
	return rows[1][len(y)]
}
