package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Block returns the very lines of one fact, from its dash to its end, with the comments inside it. Comments and blank lines between two
// facts belong to neither. The last line has no line end where the file has none there.
func Block(file []byte, id string) ([]byte, error) {
	s, err := newSheet(file)
	if err != nil {
		return nil, err
	}
	i, err := s.find(id)
	if err != nil {
		return nil, err
	}
	b, err := s.block(i)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(s.data[b.from:b.to]), nil
}

// ReplaceBlock returns the file with the lines of one fact replaced, as undo needs it: old must be what is there, else the error is
// [ErrConflict]. With a nil old the fact must not be there; then the new lines are inserted after the fact with the id after, or at the end of the
// facts where that is empty or is not there. With a nil new the fact is removed.
//
// Line ends count for nothing in the comparison, and what is inserted gets those of the file.
func ReplaceBlock(file []byte, id string, old, new []byte, after string) ([]byte, error) {
	s, err := newSheet(file)
	if err != nil {
		return nil, err
	}
	i, err := s.find(id)
	if old == nil {
		switch {
		case err == nil:
			return nil, fmt.Errorf("%w: there is a fact %s already", ErrConflict, show(id))
		case errors.Is(err, ErrForm):
			return nil, err
		case new == nil:
			return file, nil
		}
		return s.insert(new, after, func(got *value) bool { return hasID(got, id) }).bytes()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConflict, err)
	}
	b, err := s.block(i)
	if err != nil {
		return nil, err
	}
	there := s.data[b.from:b.to]
	if !bytes.Equal(lines(there), lines(old)) {
		return nil, fmt.Errorf("%w: the lines of %s are not what they were", ErrConflict, show(id))
	}
	if new == nil {
		return s.remove(i, b).bytes()
	}
	text := new
	if bytes.Contains(there, []byte("\r\n")) != bytes.Contains(old, []byte("\r\n")) { // the whole file was saved otherwise
		text = s.withEOL(new)
	}
	// The last line ends the file, or doesn't, as it does now.
	content, end := text[:trimEnd(text, len(text))], there[trimEnd(there, len(there)):]
	if len(content) == len(text) || len(end) == 0 {
		text = slices.Concat(content, end)
	}
	return s.become(change{b.from, b.to, string(text)}, s.root, i, 0, func(got *value) bool { return hasID(got, id) }).bytes()
}

// lines returns the text with line ends as Unix has them, and none at its end.
func lines(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.TrimSuffix(text, []byte("\n"))
}

// A span is the bytes of a file from one offset to another.
type span struct{ from, to int }

// A sheet is a fact file whose facts stand in a list of lines, ready to be changed. One with an error can only be asked for its bytes, which
// gives the error.
type sheet struct {
	err   error
	bom   []byte
	data  []byte // of the file, without the byte order mark
	head  []byte // the data with the lines of all facts left empty
	root  *value // of the head; nil when there is nothing in the file
	eol   string
	items []span // of the list of facts, each to the next or to the end of the list
	key   int    // where the line after "facts:" begins; negative when there is no such key
}

// factKeys are the ways in which the key of the facts may be written.
var factKeys = []string{"facts", `"facts"`, `'facts'`}

// newSheet finds the facts of a file. Its error is [ErrForm].
func newSheet(file []byte) (*sheet, error) {
	s := &sheet{data: bytes.TrimPrefix(file, []byte("\ufeff")), eol: "\n", key: -1}
	s.bom = file[:len(file)-len(s.data)]
	var probs problems
	if !readable(s.data, &probs) {
		return nil, fmt.Errorf("%w: %s", ErrForm, probs.list[0].Msg)
	}
	if n := bytes.IndexByte(s.data, '\n'); n > 0 && s.data[n-1] == '\r' {
		s.eol = "\r\n"
	}
	p := cut(s.data, factKeys...)
	s.head = p.head
	s.root = parseHead(p.head, &probs)
	if len(probs.list) > 0 {
		return nil, fmt.Errorf("%w: line %d: %s", ErrForm, probs.list[0].Pos.Line, probs.list[0].Msg)
	}
	if s.root == nil {
		return s, nil
	}
	if s.root.kind != mapKind || len(p.lists) > 1 {
		return nil, fmt.Errorf("%w: it is not one mapping with one list of facts", ErrForm)
	}
	for i, k := range s.root.keys {
		if k.text != "facts" {
			continue
		}
		if v := s.root.items[i]; v.kind != nullKind || len(p.lists) > 0 && !p.hasList(k.line) || k.col > 1 || s.key >= 0 {
			return nil, fmt.Errorf(`%w: line %d: write "facts:" on a line of its own at the left margin, and below it each fact on lines of its own, beginning with a dash`, ErrForm, k.line)
		}
		s.key = s.lineStart(k.line + 1)
	}
	for _, l := range p.lists {
		for _, c := range l.chunks {
			for _, from := range c.items {
				s.items = append(s.items, span{from: c.from + from})
			}
			s.items[len(s.items)-1].to = c.from + len(c.text)
		}
	}
	for i := range len(s.items) - 1 {
		s.items[i].to = s.items[i+1].from
	}
	return s, nil
}

// lineStart is where a line of the file begins.
func (s *sheet) lineStart(line int) int {
	at := 0
	for ; line > 1; line-- {
		n := bytes.IndexByte(s.data[at:], '\n')
		if n < 0 {
			return len(s.data)
		}
		at += n + 1
	}
	return at
}

// text is the lines of an item, up to the next one.
func (s *sheet) text(i int) []byte { return s.data[s.items[i].from:s.items[i].to] }

// itemOf reads one item of a list; nil where it can't be read or is none.
func itemOf(text []byte) *value {
	v := valueOf(text)
	if v == nil || v.kind != listKind || len(v.items) != 1 {
		return nil
	}
	return v.items[0]
}

func hasID(v *value, id string) bool {
	if v == nil || v.kind != mapKind {
		return false
	}
	x := v.get("id")
	return x != nil && x.kind == scalarKind && x.text == id
}

// find returns the number of the first fact with an id; the error is [ErrNoFact], or [ErrForm] where the lines of the facts can't be told apart.
// Only the items that may have it are parsed: a large file has very many.
func (s *sheet) find(id string) (int, error) {
	if id == "" {
		return 0, fmt.Errorf("%w: without an id", ErrNoFact)
	}
	usual, err := regexp.Compile(`id["']?[ \t]*:\s*["']?` + regexp.QuoteMeta(id) + `(["'},#\s]|$)`)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoFact, err)
	}
	for i := range s.items {
		text := s.text(i)
		if bytes.Contains(text, []byte(id)) && usual.Match(text) && hasID(itemOf(text), id) {
			return i, s.whole(i)
		}
	}
	var torn error
	read := -1               // the item that was read last
	for i := range s.items { // written in an odd way
		text := s.text(i)
		if !bytes.Contains(text, []byte(id)) && bytes.IndexByte(text, '\\') < 0 {
			continue
		}
		v := itemOf(text)
		switch {
		case hasID(v, id):
			return i, s.whole(i)
		case torn != nil:
		case v == nil:
			torn = s.torn(i)
		case read != i-1: // else it could be read
			torn = s.whole(i)
		}
		read = i
	}
	if torn != nil {
		return 0, torn
	}
	return 0, fmt.Errorf("%w as %s", ErrNoFact, show(id))
}

// whole says whether an item begins where it seems to. A quoted text may go on over a line that begins with a dash, as the next fact would; then what is
// before the dash can't be read by itself.
func (s *sheet) whole(i int) error {
	if i > 0 && itemOf(s.text(i-1)) == nil {
		return s.torn(i - 1)
	}
	return nil
}

func (s *sheet) torn(i int) error {
	line := 1 + bytes.Count(s.data[:s.items[i].from], []byte("\n"))
	return fmt.Errorf("%w: line %d: where this fact ends can't be told from its lines; is there one in a text that begins with a dash?", ErrForm, line)
}

// block returns the lines of an item itself, without what stands between it and the next.
func (s *sheet) block(i int) (span, error) {
	p, err := newPassage(s.text(i), s.eol, true)
	if err != nil {
		return span{}, err
	}
	b := s.items[i]
	n := len(p.lines) + 1
	end := p.end(1, n)
	// A comment below that is indented as what is in the fact is about it.
	for line := p.after(end); line < n; line++ {
		if text := p.line(line); len(bytes.TrimSpace(text)) > 0 && indentOf(text) > indentOf(p.text) {
			end = p.start(line + 1)
		}
	}
	b.to = b.from + end
	return b, nil
}

// indentOf is the number of spaces with which a line begins.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// eolAt is the line end of the item, or else of the file.
func (s *sheet) eolAt(i int) string {
	text := s.text(i)
	if n := bytes.IndexByte(text, '\n'); n > 0 && text[n-1] == '\r' {
		return "\r\n"
	} else if n >= 0 {
		return "\n"
	}
	return s.eol
}

func (s *sheet) withEOL(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte(s.eol))
}

// bytes returns the file.
func (s *sheet) bytes() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	return slices.Concat(s.bom, s.data), nil
}

// become makes a change, if the file then says what was meant: outside the facts what root says, and among the facts all as before, but that
// the item i is another one (more is 0), there is one more at i (1), or one less (-1). check looks at that item.
func (s *sheet) become(c change, root *value, i, more int, check func(*value) bool) *sheet {
	refused := func(why string) *sheet { return &sheet{err: fmt.Errorf("%w: %s", ErrForm, why)} }
	t, err := newSheet(c.of(s.data))
	switch {
	case err != nil:
		return &sheet{err: err}
	case len(t.items) != len(s.items)+more:
		return refused("another number of facts would be read")
	case (root == nil) != (t.root == nil) || root != nil && !root.like(t.root):
		return refused("what is outside the facts would be read otherwise")
	case check != nil && !check(itemOf(t.text(i))):
		return refused("the fact would be read otherwise than meant")
	}
	was, is := slices.Clone(s.items), slices.Clone(t.items)
	if check != nil {
		is = slices.Delete(is, i, i+1)
	}
	if i >= 0 && more <= 0 {
		was = slices.Delete(was, i, i+1)
	}
	for j := range was {
		old, new := s.data[was[j].from:was[j].to], t.data[is[j].from:is[j].to]
		if bytes.Equal(old, new) {
			continue
		}
		// The lines between two facts may have gone from one to the other.
		if v, w := itemOf(old), itemOf(new); v == nil || w == nil || !v.like(w) {
			return refused("another fact would be read otherwise")
		}
	}
	t.bom = s.bom
	return t
}

// place is where a fact can be inserted: the number it will have, the offset, and the indent of its dash.
func (s *sheet) place(after string) (i, at, indent int, err error) {
	if len(s.items) == 0 {
		return 0, s.key, 2, nil
	}
	i = len(s.items) - 1
	if n, err := s.find(after); after != "" && err == nil {
		i = n
	}
	b, err := s.block(i)
	return i + 1, b.to, indentOf(s.text(i)), err
}

// insert inserts the lines of a fact after another; check says whether it reads as meant.
func (s *sheet) insert(block []byte, after string, check func(*value) bool) *sheet {
	if s.err != nil {
		return s
	}
	if s.key < 0 {
		return &sheet{err: fmt.Errorf(`%w: there is no "facts:" in it`, ErrForm)}
	}
	i, at, indent, err := s.place(after)
	if err != nil {
		return &sheet{err: err}
	}
	text := string(s.withEOL(shift(block[:trimEnd(block, len(block))], indent)))
	if s.spaced(i - 1) {
		text = s.eol + text
	}
	if at > 0 && s.data[at-1] != '\n' {
		text = s.eol + text
	} else {
		text += s.eol
	}
	return s.become(change{at, at, text}, s.root, i, 1, check)
}

// spaced reports whether an item has a blank line before it, though it isn't the first: then it is the file's way.
func (s *sheet) spaced(i int) bool {
	return i > 0 && endsBlank(s.data[:s.items[i].from])
}

// endsBlank reports whether the last line of a text is blank.
func endsBlank(text []byte) bool {
	text = text[:trimEnd(text, len(text))]
	return len(bytes.TrimSpace(text[1+bytes.LastIndexByte(text, '\n'):])) == 0
}

// shift moves lines left or right, so that the first has the indent.
func shift(block []byte, indent int) []byte {
	by := indent - indentOf(block)
	if by == 0 {
		return block
	}
	var out []byte
	for line := range bytes.Lines(block) {
		switch {
		case len(bytes.TrimSpace(line)) == 0:
		case by > 0:
			out = append(out, strings.Repeat(" ", by)...)
		default:
			line = line[min(-by, indentOf(line)):]
		}
		out = append(out, line...)
	}
	return out
}

// remove removes an item, and with it a blank line that set it apart: of the last one where that is the file's way, and where two would meet.
func (s *sheet) remove(i int, b span) *sheet {
	from, to := b.from, b.to
	rest := s.data[to:]
	next, _, _ := bytes.Cut(rest, []byte("\n"))
	if i > 0 && endsBlank(s.data[:from]) && (len(bytes.TrimSpace(next)) == 0 || i == len(s.items)-1 && s.spaced(i-1)) {
		blank := 1 + bytes.LastIndexByte(s.data[:from-1], '\n')
		if last, err := s.block(i - 1); err == nil && blank >= last.to { // else it is in a text
			from = blank
		}
	}
	if len(rest) == 0 && s.data[to-1] != '\n' { // the line before ends the file then
		from = trimEnd(s.data, from)
	}
	return s.become(change{from, to, ""}, s.root, i, -1, nil)
}
