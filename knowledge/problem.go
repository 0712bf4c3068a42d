package knowledge

import (
	"fmt"
	"strings"
)

// A Pos is a place in a file of a folder.
type Pos struct {
	File string // slash-separated, relative to the folder that was loaded
	Line int    // from 1; 0 means the file as a whole
	Col  int    // from 1, in characters
}

// String gives file:line:col, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// A Level says whether a problem keeps the facts from loading.
type Level int

// The levels a problem may have.
const (
	Error   Level = iota // blocks a load
	Warning              // only tells
)

// String is how the level is printed.
func (l Level) String() string {
	if l == Warning {
		return "warning"
	}
	return "error"
}

// A Problem is one thing a moderator must mend in a fact file.
type Problem struct {
	Pos   Pos
	Level Level
	Rule  string // stable name, such as "source-missing"
	Msg   string // what is wrong, with the value, lower case, no full stop
	Hint  string // how to mend it; may be empty
}

// String is the problem as it is printed: one line, and a second one with the hint where there is one.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s [%s]", p.Pos, p.Level, p.Msg, p.Rule)
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", p.Hint)
	}
	return b.String()
}

// HasErrors reports whether any of the problems blocks a load.
func HasErrors(problems []Problem) bool {
	for _, p := range problems {
		if p.Level == Error {
			return true
		}
	}
	return false
}
