package knowledge

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The parser, yaml.v3, follows YAML 1.1, where inside brackets any question mark ends a text without quotation marks. In
// [Where is it?, What is it?] and {ask: When was NATO founded?, want: none} it finds keys without values, or nothing it
// can read. In YAML 1.2 these are texts like any other, and questions are what fact files are full of.
//
// So before a piece is parsed, each question mark that cannot begin a key gives its place to a stand-in, and after it was
// parsed the texts get their question marks back. The stand-in is one character too, so all columns stay right. Inside
// quotation marks, comments and block texts the exchange changes nothing either.

// The parser also refuses "\/", which is JSON and what PHP writes for every slash: there the backslash gets a stand-in of its own, which
// is dropped inside double quotation marks and a backslash anywhere else.

// standIn is a noncharacter: Unicode keeps it for the inside of programs, and it may not stand in a file ([readable]
// refuses it, [escapedStandIn] what would decode to it), so that every one we find is ours.
const standIn = '\ufdd0'

// slashStandIn is another, for the backslash before a slash.
const slashStandIn = '\ufdd1'

// hideQuestionMarks returns the text with a stand-in for each question mark that cannot begin a key. One that can has a
// space or the line's end after it, and before it on its line, spaces aside, nothing or what YAML itself is written with.
// (One that begins a line, with a space after it, in the middle of a text in brackets is thus not hidden, and is told as
// a mistake: to know better is to be a YAML parser.)
func hideQuestionMarks(text []byte) []byte {
	n := bytes.IndexByte(text, '?')
	if n < 0 {
		return text
	}
	hidden := make([]byte, 0, len(text)+len(text)/16)
	for ; n >= 0; n = bytes.IndexByte(text, '?') {
		hidden = append(hidden, text[:n]...)
		if beginsKey(hidden, text[n+1:]) {
			hidden = append(hidden, '?')
		} else {
			hidden = append(hidden, string(standIn)...)
		}
		text = text[n+1:]
	}
	return append(hidden, text...)
}

// beginsKey reports whether a question mark between the two texts can begin a key.
func beginsKey(before, after []byte) bool {
	if len(after) > 0 && bytes.IndexByte([]byte(" \t\r\n"), after[0]) < 0 {
		return false
	}
	before = bytes.TrimRight(before, " \t")
	return len(before) == 0 || bytes.IndexByte([]byte("\n[{,-:?"), before[len(before)-1]) >= 0
}

// hideSlashes returns the text with a stand-in for each backslash that escapes a slash.
func hideSlashes(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\/`)) {
		return text
	}
	return slashPattern.ReplaceAllFunc(text, func(run []byte) []byte {
		if n := len(run) - 2; n%2 == 0 { // backslashes before the last one; those of an even number escape each other
			return append(bytes.Clone(run[:n]), string(slashStandIn)+"/"...)
		}
		return run
	})
}

var slashPattern = regexp.MustCompile(`\\+/`)

// hide makes a text ready for the parser.
func hide(text []byte) []byte { return hideSlashes(hideQuestionMarks(text)) }

// unhide undoes hide in a scalar that was parsed.
func unhide(text string, doubleQuoted bool) string {
	backslash := `\`
	if doubleQuoted {
		backslash = ""
	}
	text = strings.ReplaceAll(text, string(slashStandIn), backslash)
	return strings.ReplaceAll(text, string(standIn), "?")
}

var escapedStandInPattern = regexp.MustCompile(`\\(u|U0000)[Ff][Dd][Dd][01]`)

// escapedStandIn refuses a text that holds a stand-in as an escape: "\ufdd0".
func escapedStandIn(text []byte) error {
	at := escapedStandInPattern.FindIndex(text)
	if at == nil {
		return nil
	}
	before := text[:at[0]]
	line := before[1+bytes.LastIndexByte(before, '\n'):]
	return &syntaxError{says: "escape code of a noncharacter", at: mark{1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(line)}}
}
