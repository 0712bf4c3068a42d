package knowledge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Changing a file in place. YAML's own encoder would write the whole file anew, without its comments and with its lines broken otherwise. So we
// find out where a value stands and change these bytes only.
//
// The parser tells where a value begins, but not where it ends. The rule for that is simple and safe: what can be taken away without
// changing what is read doesn't belong to the value. And every change is read back before it is used: when anything else than was meant
// comes out, whatever the reason, the change is refused.

// A passage is a piece of YAML that is changed in place: one item of a list, or a file without the items of its lists.
type passage struct {
	text  []byte
	eol   string
	inner bool // it is an item: the mapping that is changed is the only item of a list

	top   *value // what it says
	lines []int  // offsets at which its lines begin
	last  change // that made it what it is
}

// A change is other text in the place of some bytes.
type change struct {
	from, to int
	with     string
}

// of returns the text with the change made.
func (c change) of(text []byte) []byte {
	return slices.Concat(text[:c.from], []byte(c.with), text[c.to:])
}

// newPassage reads a passage.
func newPassage(text []byte, eol string, inner bool) (*passage, error) {
	p := &passage{text: text, eol: eol, inner: inner, top: valueOf(text)}
	if p.top == nil || inner && len(p.top.items) != 1 || p.mapping() == nil || p.mapping().kind != mapKind {
		return nil, fmt.Errorf("%w: it can't be read", ErrForm)
	}
	for at := 0; at < len(text); {
		p.lines = append(p.lines, at)
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return p, nil
}

// valueOf reads a piece of YAML; it is nil where that can't be done.
func valueOf(text []byte) *value {
	node, err := parse(text)
	if err != nil || node == nil {
		return nil
	}
	var probs problems
	v := convert(node, 1, 0, &probs)
	if len(probs.list) > 0 {
		return nil
	}
	return v
}

func (p *passage) mapping() *value {
	if p.inner {
		return p.top.items[0]
	}
	return p.top
}

// like reports whether two values say the same. The order of keys makes no difference, nor does how a scalar without a tag is written.
func (v *value) like(w *value) bool {
	if v.kind != w.kind || v.text != w.text || v.tag != "" && w.tag != "" && v.tag != w.tag || len(v.items) != len(w.items) || len(v.keys) != len(w.keys) {
		return false
	}
	if v.kind != mapKind {
		return slices.EqualFunc(v.items, w.items, (*value).like)
	}
	for i, k := range v.keys {
		at := i // the same order is the rule
		if w.keys[at].text != k.text {
			at = slices.IndexFunc(w.keys, func(x *value) bool { return x.text == k.text })
		}
		if at < 0 || !k.like(w.keys[at]) || !v.items[i].like(w.items[at]) {
			return false
		}
	}
	return true
}

// with returns the value with a part of it exchanged; it shares all else.
func (v *value) with(old, new *value) *value {
	if v == old {
		return new
	}
	for i, item := range v.items {
		if x := item.with(old, new); x != item {
			w := *v
			w.items = slices.Clone(v.items)
			w.items[i] = x
			return &w
		}
	}
	return v
}

// become makes a change, if the passage then says what the mapping m should be now and all else as before.
func (p *passage) become(c change, m, want *value) error {
	q, err := newPassage(c.of(p.text), p.eol, p.inner)
	if err != nil || !p.top.with(m, want).like(q.top) {
		return fmt.Errorf("%w: the line %q can't be changed alone", ErrForm, bytes.TrimSpace(p.line(m.line)))
	}
	*p = *q
	p.last = c
	return nil
}

func (p *passage) line(n int) []byte { return p.text[p.lines[n-1]:p.start(n+1)] }

// start is the offset at which a line begins; of the line after the last, where the text ends.
func (p *passage) start(line int) int {
	if line > len(p.lines) {
		return len(p.text)
	}
	return p.lines[line-1]
}

// after is the number of the line that begins at an offset, or of the one after the last where the text ends there.
func (p *passage) after(at int) int {
	n, _ := slices.BinarySearch(p.lines, at)
	return n + 1
}

// offset is where a value begins. A null may have no place.
func (p *passage) offset(v *value) int {
	at := p.lines[v.line-1]
	for range v.col - 1 {
		_, n := utf8.DecodeRune(p.text[at:])
		at += n
	}
	return min(at, len(p.text))
}

// at reports whether the value begins with one of the characters.
func (p *passage) at(v *value, chars string) bool {
	o := p.offset(v)
	return v.kind != nullKind && o < len(p.text) && strings.IndexByte(chars, p.text[o]) >= 0
}

// inBrackets reports whether a list or mapping is written in brackets.
func (p *passage) inBrackets(v *value) bool { return p.at(v, "[{") }

// style is how values are written into a mapping.
func (p *passage) style(m *value) style {
	flow := p.inBrackets(m)
	return style{flow: flow, json: flow && len(m.keys) > 0 && p.at(m.keys[0], `"`)}
}

// end returns where the content of the lines from a line to before another ends, at the start of a line: blank lines and comments at the end are
// no content. The value is the mapping entry's that begins on the line from.
func (p *passage) end(from, before int) int {
	n := before
	for n > from+1 && blankOrComment(p.line(n-1)) {
		n--
	}
	// What looks like a comment may be a line of a text, and a blank line may count.
	for ; n < before; n++ {
		if v := valueOf(slices.Concat(p.text[:p.start(n)], p.text[p.start(before):])); v != nil && p.top.like(v) {
			break
		}
	}
	return p.start(n)
}

// A keyValue is a key of a mapping with its value, and where it stands.
type keyValue struct {
	i          int // of the mapping's keys
	key, value *value
	from, to   int // in brackets from the key to the last character; else from the start of the key's line to the start of the one after its content
}

// keyValue finds the i-th key of a mapping that ends before a line.
func (p *passage) keyValue(m *value, i, before int) (keyValue, error) {
	e := keyValue{i: i, key: m.keys[i], value: m.items[i]}
	if p.inBrackets(m) {
		parts, _, ok := bracketed(p.text, p.offset(m))
		if !ok || len(parts) != len(m.keys) || parts[i].from != p.offset(e.key) {
			return e, fmt.Errorf("%w: the brackets of line %d can't be followed", ErrForm, m.line)
		}
		e.from, e.to = parts[i].from, parts[i].to
		return e, nil
	}
	if i+1 < len(m.keys) {
		before = m.keys[i+1].line
	}
	if before <= e.key.line {
		return e, fmt.Errorf("%w: two keys on one line", ErrForm)
	}
	e.from, e.to = p.start(e.key.line), p.end(e.key.line, before)
	return e, nil
}

// find finds the entry with a key; its i is negative when there is none.
func (p *passage) find(m *value, key string, before int) (keyValue, error) {
	for i, k := range m.keys {
		if k.text == key {
			return p.keyValue(m, i, before)
		}
	}
	return keyValue{i: -1}, nil
}

// colon is the offset of the colon after an entry's key.
func (p *passage) colon(e keyValue) int {
	at := p.offset(e.key)
	return at + max(0, bytes.IndexByte(p.text[at:], ':'))
}

// trimEnd is where the text before an offset ends, without a line end.
func trimEnd(text []byte, to int) int {
	if to > 0 && text[to-1] == '\n' {
		if to--; to > 0 && text[to-1] == '\r' {
			to--
		}
	}
	return to
}

// uncommented is where the content of an entry ends, without the line end and a comment on the last line.
func (p *passage) uncommented(e keyValue, from int) int {
	to := trimEnd(p.text, e.to)
	last := max(from, 1+bytes.LastIndexByte(p.text[:to], '\n'))
	for i := last; i < to; i++ {
		if p.text[i] != '#' || p.text[i-1] != ' ' && p.text[i-1] != '\t' {
			continue
		}
		if v := valueOf(slices.Concat(p.text[:i], p.text[to:])); v != nil && p.top.like(v) {
			return max(from, len(bytes.TrimRight(p.text[:i], " \t")))
		}
	}
	return to
}

// set gives a key of the mapping m a value, or removes it when that is nil. The mapping ends before a line.
func (p *passage) set(m *value, order []string, key string, v *value, before int) error {
	e, err := p.find(m, key, before)
	if err != nil {
		return err
	}
	switch {
	case e.i < 0 && v == nil:
		return nil
	case v == nil:
		return p.remove(m, e, before)
	case e.i < 0:
		return p.insert(m, order, key, v, before)
	}
	want := m.with(e.value, v)
	st := p.style(m)
	for _, st.quoted = range []bool{false, true} {
		var from, to int
		var text string
		if st.flow {
			from, to, text = p.colon(e)+1, e.to, " "+v.inline(st)
			if e.value.kind != nullKind {
				from, text = p.offset(e.value), v.inline(st)
			}
		} else {
			from, to, text = p.over(m, e, v, st)
		}
		if err = p.become(change{from, to, text}, m, want); err == nil {
			return nil
		}
	}
	return err
}

// over says what takes the place of an entry's value outside brackets: the bytes from, to and the text.
func (p *passage) over(m *value, e keyValue, v *value, st style) (from, to int, text string) {
	from = p.colon(e) + 1
	indent := m.col + 1
	null := e.value.kind == nullKind
	if e.value.kind == listKind && p.at(e.value, "-") {
		indent = e.value.col - 1
	}
	text = v.after(e.key.text, indent, p.eol, st)
	ownLines := strings.HasPrefix(text, p.eol)
	switch {
	case null:
	case ownLines && e.value.line > e.key.line: // a comment after the key stays
		from = trimEnd(p.text, p.start(e.value.line))
	case ownLines:
	case p.at(e.value, "-"):
		text += string(p.text[from:trimEnd(p.text, p.start(e.value.line))])
	default:
		from, text = p.offset(e.value), text[1:]
	}
	to = p.uncommented(e, from)
	if line := trimEnd(p.text, e.to); ownLines && from == p.colon(e)+1 && !bytes.Contains(p.text[from:line], []byte("\n")) {
		text = string(p.text[to:line]) + text // a comment stays beside the key
		to = line
	}
	if !null && p.at(e.value, "|>") { // the comment after it stays
		head := p.line(e.value.line)[p.offset(e.value)-p.start(e.value.line):]
		head = head[:trimEnd(head, len(head))]
		if i := bytes.IndexByte(head, '#'); i > 0 && !strings.Contains(text, p.eol) {
			text += " " + string(head[i:])
		}
	}
	return from, to, text
}

// insert adds an entry to a mapping: after the last one that comes before it in the order of keys, else after the first.
func (p *passage) insert(m *value, order []string, key string, v *value, before int) error {
	want := *m
	want.keys, want.items = slices.Clone(m.keys), slices.Clone(m.items)
	want.put(key, v)
	st := p.style(m)
	after, rank := 0, slices.Index(order, key)
	for i, k := range m.keys {
		if n := slices.Index(order, k.text); rank < 0 || n >= 0 && n < rank {
			after = i
		}
	}
	if len(m.keys) == 0 {
		return fmt.Errorf("%w: there are no keys on line %d", ErrForm, m.line)
	}
	e, err := p.keyValue(m, after, before)
	if err != nil {
		return err
	}
	for _, st.quoted = range []bool{false, true} {
		var text string
		if st.flow {
			text = ", " + nameOf(key).inline(st) + ": " + v.inline(st)
		} else {
			text = strings.Repeat(" ", m.col-1) + nameOf(key).inline(st) + ":" + v.after(key, m.col+1, p.eol, st)
			text = p.asLines(e.to, text)
		}
		if err = p.become(change{e.to, e.to, text}, m, &want); err == nil {
			return nil
		}
	}
	return err
}

// asLines makes whole lines of a text that is to be inserted at the start of a line, or at the end of the text, where the
// last line may have no end; then there is none after it either.
func (p *passage) asLines(at int, text string) string {
	if at > 0 && p.text[at-1] != '\n' {
		return p.eol + text
	}
	return text + p.eol
}

// remove removes an entry of a mapping.
func (p *passage) remove(m *value, e keyValue, before int) error {
	want := *m
	want.keys, want.items = slices.Delete(slices.Clone(m.keys), e.i, e.i+1), slices.Delete(slices.Clone(m.items), e.i, e.i+1)
	if p.inBrackets(m) {
		from, to := e.from, e.to
		if e.i+1 < len(m.keys) {
			to = p.offset(m.keys[e.i+1])
		} else if e.i > 0 {
			last, err := p.keyValue(m, e.i-1, before)
			if err != nil {
				return err
			}
			from = last.to
		}
		return p.become(change{from, to, ""}, m, &want)
	}
	if key := p.offset(e.key); len(bytes.TrimSpace(p.text[e.from:key])) > 0 { // it stands after the dash
		if e.i+1 < len(m.keys) && e.to == p.start(m.keys[e.i+1].line) {
			return p.become(change{key, p.offset(m.keys[e.i+1]), ""}, m, &want)
		}
		return p.become(change{len(bytes.TrimRight(p.text[:key], " ")), trimEnd(p.text, e.to), ""}, m, &want)
	}
	from, to := e.from, e.to
	if e.i+1 == len(m.keys) && e.i > 0 { // blank lines before it would be left at the end of the fact
		last, err := p.keyValue(m, e.i-1, before)
		if err != nil {
			return err
		}
		for n := p.after(from); n > p.after(last.to) && len(bytes.TrimSpace(p.line(n-1))) == 0; n-- {
			from = p.start(n - 1)
		}
	}
	if to == len(p.text) && p.text[to-1] != '\n' { // the line before ends the text then
		from = trimEnd(p.text, from)
	}
	return p.become(change{from, to, ""}, m, &want)
}

// extend adds items to the list of a key.
func (p *passage) extend(m *value, order []string, key string, texts []string, before int) error {
	e, err := p.find(m, key, before)
	if err != nil || len(texts) == 0 {
		return err
	}
	if e.i < 0 || e.value.kind == nullKind || e.value.kind == listKind && len(e.value.items) == 0 {
		return p.set(m, order, key, listOf(texts), before)
	}
	if e.value.kind != listKind {
		return fmt.Errorf("%w: %q is not a list", ErrForm, key)
	}
	more := listOf(texts)
	longer := *e.value
	longer.items = slices.Concat(e.value.items, more.items)
	want := m.with(e.value, &longer)
	st := p.style(m)
	st.flow = p.inBrackets(e.value)
	for _, st.quoted = range []bool{false, true} {
		at, text := e.to, ""
		if st.flow {
			st.json = st.json || p.at(e.value.items[0], `"`) // as its neighbours
			parts, _, ok := bracketed(p.text, p.offset(e.value))
			if !ok || len(parts) != len(e.value.items) {
				return fmt.Errorf("%w: the brackets of line %d can't be followed", ErrForm, e.value.line)
			}
			at = parts[len(parts)-1].to
			text = ", " + strings.TrimSuffix(more.inline(st)[1:], "]")
		} else {
			text = p.asLines(at, strings.TrimPrefix(more.dashes(p.eol+strings.Repeat(" ", e.value.col-1), st), p.eol))
		}
		if err = p.become(change{at, at, text}, m, want); err == nil {
			return nil
		}
	}
	return err
}

// A bracketPart is what stands between two commas in brackets, without the spaces and comments around it.
type bracketPart struct{ from, to int }

// bracketed finds the parts of a list or mapping in brackets that opens at an offset, and the offset of the bracket that closes it.
func bracketed(text []byte, open int) (parts []bracketPart, close int, ok bool) {
	depth := 0
	part := bracketPart{-1, -1}
	token := true // what comes begins a token, so a quotation mark opens a text
	note := func(from, to int) {
		if part.from < 0 {
			part.from = from
		}
		part.to = to
	}
	flush := func() {
		if part.from >= 0 {
			parts = append(parts, part)
		}
		part = bracketPart{-1, -1}
	}
	for i := open; i < len(text); i++ {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		case c == '#' && i > 0 && (text[i-1] == ' ' || text[i-1] == '\t' || text[i-1] == '\n'):
			n := bytes.IndexByte(text[i:], '\n')
			if n < 0 {
				return nil, 0, false
			}
			i += n
			continue
		case (c == '"' || c == '\'') && token:
			n := closing(text[i:])
			if n < 0 {
				return nil, 0, false
			}
			note(i, i+n+1)
			i += n
			token = false
			continue
		case c == '[' || c == '{':
			if depth++; depth > 1 {
				note(i, i+1)
			}
			token = true
			continue
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				flush()
				return parts, i, true
			}
			note(i, i+1)
			token = false
			continue
		case c == ',' && depth == 1:
			flush()
			token = true
			continue
		}
		note(i, i+1)
		token = c == ',' || c == ':' && (i+1 == len(text) || strings.IndexByte(" \t\r\n,[]{}\"'", text[i+1]) >= 0)
	}
	return nil, 0, false
}

// closing is the offset of the quotation mark that closes the one with which the text begins, or negative.
func closing(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[0] == '"':
			i++
		case text[i] != text[0]:
		case text[0] == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return -1
}
