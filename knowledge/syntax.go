package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A mark is a place in a piece of text, both from 1, col in characters. The zero mark is no place.
type mark struct{ line, col int }

// before reports whether m comes before n.
func (m mark) before(n mark) bool { return m.line < n.line || m.line == n.line && m.col < n.col }

// A syntaxError is what yaml says is wrong with a piece of text, and where.
type syntaxError struct {
	says  string
	at    mark
	opens mark // of what is being read there, such as a text in quotation marks
}

func (e *syntaxError) Error() string { return e.says }

// newSyntaxError makes a syntaxError of an error of dec.
//
// The message of yaml names a line only, often that of where a list or a mapping begins, and sometimes the one before.
// Its parser knows the place to the character, and keeps it in fields that are not exported; reflect may read them.
// Another version of yaml without these fields would cost us the place and nothing else, and TestSyntax would tell.
func newSyntaxError(dec *yaml.Decoder, err error) *syntaxError {
	e := &syntaxError{says: err.Error()}
	parser := inside(reflect.ValueOf(dec), "parser")
	scanner := inside(parser, "parser")
	if kind := inside(scanner, "error"); !kind.IsValid() || kind.IsZero() {
		// The YAML is well-formed, but refers to an anchor that isn't there: that is what was read last.
		e.at = markOf(inside(parser, "event", "start_mark"))
		return e
	}
	e.at = markOf(inside(scanner, "problem_mark"))
	if context := inside(scanner, "context"); context.IsValid() && context.String() != "" {
		e.says += " " + context.String()
		e.opens = markOf(inside(scanner, "context_mark"))
	}
	return e
}

// inside follows the names of fields into v; the value is not valid where there is no such field.
func inside(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}

// markOf reads a mark of yaml, which counts from 0.
func markOf(v reflect.Value) mark {
	line, col := inside(v, "line"), inside(v, "column")
	if !line.CanInt() || !col.CanInt() {
		return mark{}
	}
	return mark{int(line.Int()) + 1, int(col.Int()) + 1}
}

// syntaxErrors translates what yaml says: what of its message, what we say, and the hint.
var syntaxErrors = []struct{ says, msg, hint string }{
	{"mapping values are not allowed", "a colon and a space inside a text without quotation marks", `put the text in quotation marks: "..."`},
	{"could not find expected ':'", "a key without its colon, or a text that goes on outside its quotation marks", `write "key: value", with a space after the colon; put a text of several lines in quotation marks`},
	{"did not find expected key", "something that doesn't belong here: a line indented unlike its neighbours, or text after a closing quotation mark or bracket", `keys of one fact begin in the same column; inside "..." write \" for a quotation mark, inside '...' write '' for an apostrophe; put text that begins with a bracket in quotation marks`},
	{"did not find expected '-' indicator", "a line that is neither an item of the list nor part of one", "items of a list begin with a dash in the same column, what belongs to an item is indented further"},
	{"did not find expected ',' or '}'", "a { that is not closed, or a comma missing after a value", "write {key: value, key: value}; put text that holds commas, brackets or quotation marks in quotation marks"},
	{"did not find expected ',' or ']'", "a [ that is not closed, or a comma missing after a value", "write [one, two]; put text that holds commas, brackets or quotation marks in quotation marks"},
	{"did not find expected node content", "a value is missing", "put text that begins with a comma or a bracket in quotation marks"},
	{"cannot start any token", "a text without quotation marks can't begin like this", "put the text in quotation marks; indent with spaces, not tabs"},
	{"found a tab", "a tab where only spaces may be", "indent with spaces"},
	{"unexpected end of stream", "a quotation mark that is never closed", `close it; inside "..." write \" for a quotation mark, inside '...' write '' for an apostrophe`},
	{"unexpected document indicator", "a quotation mark that is never closed", `close it; inside "..." write \" for a quotation mark, inside '...' write '' for an apostrophe`},
	{"unknown escape character", `a backslash that escapes nothing, inside "..."`, `write \\ for a backslash, or use '...'`},
	{"escape code", `an escape that is no character, inside "..."`, `write the character itself instead of \ud83d\ude00 and the like; in Python: json.dumps(..., ensure_ascii=False)`},
	{"hexdecimal number", `an escape that is no character, inside "..."`, `write \\ for a backslash`},
	{"block sequence entries are not allowed", "a list's dash where a value should be", "begin the list on the line below, or put the text in quotation marks"},
	{"mapping keys are not allowed", "a question mark that begins a key", "put the text in quotation marks"},
	{"expected <document start>", "text after the end of the file's mapping", "keys of a file begin at the left margin"},
	{"directive", "a line that begins with %", "put the text in quotation marks"},
	{"comment or line break", "text after a | or > that should end its line", "begin the text on the next line, or put it in quotation marks"},
	{"anchor", "an & that names nothing", "put text that begins with & in quotation marks"},
	{"alias", "a * that names nothing", "put text that begins with * in quotation marks"},
	{"tag", "a ! that is no tag", "put text that begins with ! in quotation marks"},
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)'`)

// syntax tells that text, whose first line is the given one, is not YAML.
func (p *problems) syntax(text []byte, first int, err error) {
	p.unread = append(p.unread, text)
	lines := bytes.Split(bytes.TrimRight(text, " \r\n"), []byte("\n"))
	says, at := err.Error(), mark{}
	if e, ok := errors.AsType[*syntaxError](err); ok {
		at = e.at
		last := mark{len(lines), utf8.RuneCount(lines[len(lines)-1])}
		// What is never closed is to be mended where it opens.
		if e.opens.line > 0 && (last.before(at) || strings.Contains(says, "document indicator") || strings.Contains(says, "expected ':'")) {
			at = e.opens
		}
	}
	if at.line < 1 { // no place is known: the first thing there is
		at = mark{1, 1 + len(text) - len(bytes.TrimLeft(text, " "))}
	}
	n := min(at.line, len(lines))
	line, col := first+n-1, min(at.col, 1+utf8.RuneCount(lines[n-1]))
	if at.line > len(lines) { // something is missing at the end
		col = 1 + utf8.RuneCount(lines[n-1])
	}
	// A space that is none to YAML is part of the text or the key it stands before, so that what yaml says is of no help.
	for i, s := range lines[:n] {
		r, _ := utf8.DecodeRune(bytes.TrimLeft(s, " "))
		if r > unicode.MaxASCII && unicode.IsSpace(r) {
			p.add(first+i, 1+len(s)-len(bytes.TrimLeft(s, " ")), "yaml-syntax", fmt.Sprintf("the character %U where only usual spaces may be", r), "indent with usual spaces")
			return
		}
	}
	switch m := unknownAnchor.FindStringSubmatch(says); {
	case m != nil:
		p.add(line, col, "alias", fmt.Sprintf("the alias *%s is not allowed", m[1]), "write the value out; put text that begins with * in quotes")
		return
	case strings.Contains(says, "exceeded max depth"):
		p.add(line, col, "nested-deep", fmt.Sprintf("lists and mappings are nested more than %d deep", maxDepth), "a fact needs no more than three levels; is a text in brackets missing its quotes?")
		return
	}
	for _, e := range syntaxErrors {
		if strings.Contains(says, e.says) {
			p.add(line, col, "yaml-syntax", e.msg, e.hint)
			return
		}
	}
	p.add(line, col, "yaml-syntax", "this can't be read as YAML", "compare it with a fact that can")
}
