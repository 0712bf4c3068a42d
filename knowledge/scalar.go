package knowledge

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How values are written into a file. What is written is read back by our own parser before it is used, so these only choose the form that
// people like best among those that may work.

// A style is how a value may be written.
type style struct {
	flow   bool // inside brackets, so on one line
	json   bool // as JSON writes it: the neighbours are
	quoted bool // every text in quotation marks: a nicer form didn't do
}

// textOf, nameOf and numberOf make values to be written: a text; what has a form of its own and stands without quotation marks,
// such as an id or a date; a number.
func textOf(s string) *value { return &value{kind: scalarKind, text: s, tag: "!!str"} }
func nameOf(s string) *value { return &value{kind: scalarKind, text: s} }
func numberOf(n int) *value  { return &value{kind: scalarKind, text: strconv.Itoa(n), tag: "!!int"} }
func mapOf() *value          { return &value{kind: mapKind} }
func listOf(s []string) *value {
	v := &value{kind: listKind}
	for _, s := range s {
		v.items = append(v.items, textOf(s))
	}
	return v
}

// put adds a key to a mapping, or gives it another value.
func (v *value) put(key string, x *value) {
	for i, k := range v.keys {
		if k.text == key {
			v.items[i] = x
			return
		}
	}
	v.keys = append(v.keys, nameOf(key))
	v.items = append(v.items, x)
}

// inline writes a value on one line.
func (v *value) inline(st style) string {
	switch v.kind {
	case listKind, mapKind:
		st.flow = true
		var parts []string
		for i, item := range v.items {
			s := item.inline(st)
			if v.kind == mapKind {
				s = v.keys[i].inline(st) + ": " + s
			}
			parts = append(parts, s)
		}
		if v.kind == mapKind {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case nullKind:
		return "null"
	}
	if v.tag == "!!int" || !st.json && !st.quoted && v.readsPlain(st.flow) {
		return v.text
	}
	return quoted(v.text)
}

// shortLine is the most characters a list may have to be written in brackets, on one line.
const shortLine = 100

// after writes a value after its key and colon, with a space or a line break before it. Lines of its own begin with as many spaces.
func (v *value) after(key string, indent int, eol string, st style) string {
	line := eol + strings.Repeat(" ", indent)
	switch {
	case key == "topics" && v.short(): // words, where other lists hold sentences
	case v.kind == scalarKind && !st.quoted && v.literal():
		text, chomp := strings.CutSuffix(v.text, "\n")
		head := " |-"
		if chomp {
			head = " |"
		}
		var b strings.Builder
		b.WriteString(head)
		for l := range strings.SplitSeq(text, "\n") {
			b.WriteString(eol)
			if l != "" {
				b.WriteString(line[len(eol):] + l)
			}
		}
		return b.String()
	case v.kind == mapKind && len(v.keys) > 0:
		var b strings.Builder
		for i, k := range v.keys {
			b.WriteString(line + k.inline(st) + ":" + v.items[i].after(k.text, indent+2, eol, st))
		}
		return b.String()
	case v.kind == listKind && len(v.items) > 0:
		return v.dashes(line, st)
	}
	return " " + v.inline(st)
}

// dashes writes a list with an item a line.
func (v *value) dashes(line string, st style) string {
	var b strings.Builder
	for _, item := range v.items {
		b.WriteString(line + "- " + item.inline(st))
	}
	return b.String()
}

// short reports whether a list fits on a line.
func (v *value) short() bool {
	n := 0
	for _, item := range v.items {
		n += len(item.text) + len(", ")
	}
	return n <= shortLine
}

// Words that YAML or some reader of it takes for something else than a text.
var notTexts = wordSet(`y n yes no on off true false null`)

// readsPlain reports whether the text can stand without quotation marks, and be read as what it is.
func (v *value) readsPlain(flow bool) bool {
	s := v.text
	first, _ := utf8.DecodeRuneInString(s)
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, escaped) {
		return false
	}
	if v.tag == "!!str" {
		if !unicode.IsLetter(first) || notTexts[strings.ToLower(s)] {
			return false
		}
	} else if !namePattern.MatchString(s) {
		return false
	}
	text := "k: " + s + "\n"
	if flow {
		if strings.ContainsAny(s, ",[]{}:#\"'?&*!|>%@`") {
			return false
		}
		text = "k: [" + s + "]\n"
	}
	got := valueOf([]byte(text))
	if got == nil || len(got.items) != 1 {
		return false
	}
	if got = got.items[0]; flow && len(got.items) == 1 {
		got = got.items[0]
	}
	return v.like(got)
}

var namePattern = regexp.MustCompile(`^[\p{L}\d][\p{L}\d._-]*$`)

// literal reports whether a text is best written line by line, below a "|".
func (v *value) literal() bool {
	s := strings.TrimSuffix(v.text, "\n")
	if !strings.Contains(s, "\n") || s[0] == '\n' || s[0] == ' ' || strings.HasSuffix(s, "\n") {
		return false
	}
	for l := range strings.SplitSeq(s, "\n") {
		if strings.ContainsFunc(l, escaped) || l != strings.TrimRight(l, " \t") {
			return false
		}
	}
	return true
}

// escaped reports whether a character can't stand for itself in a file.
func escaped(r rune) bool {
	return unicode.IsControl(r) || isLineBreak(r) || r == '\ufeff' || r == utf8.RuneError || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// quoted writes a text in double quotation marks, as JSON and YAML both read it.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case escaped(r) && r <= 0xffff && r != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x`, r)
		case escaped(r) && r != utf8.RuneError:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
