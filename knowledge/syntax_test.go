package knowledge

import (
	"strings"
	"testing"
)

// TestSyntax holds what is not YAML to its place and to words of ours. The item begins on line 4 of the file.
func TestSyntax(t *testing.T) {
	for _, c := range []struct{ item, at, msg string }{
		{"- id: one\n  text: NATO: an office\n", "5:13", "a colon and a space inside a text"},
		{"- id: one\n  text: \"An \"office\"\"\n", "5:14", "something that doesn't belong here"},
		{"- id: one\n  text: \"Ein Büro\" für Tokio\n", "5:20", "something that doesn't belong here"},
		{"- id: one\n   text: x\n", "5:8", "a colon and a space inside a text"},
		{"- id: one\n text: x\n", "5:2", "a line that is neither an item"},
		{"- id: one\n  text: \"An office\n", "5:9", "a quotation mark that is never closed"},
		{"- id: one\n  text: 'é é é é\n  status: planned\n\n", "5:9", "a quotation mark that is never closed"},
		{"- {id: one, cite: [{paragraph: 1}]\n", "4:3", "a { that is not closed"},
		{"- {id: one, text: \"a\" b}\n", "4:23", "a { that is not closed, or a comma missing"},
		{"- id: one\n  topics: [a, \"b\" c]\n", "5:19", "a [ that is not closed, or a comma missing"},
		{"- id: one\n  text: \"\\d\"\n", "5:10", "a backslash that escapes nothing"},
		{"- id: one\n  text: \"\\ud83d\\ude00\"\n", "5:12", "an escape that is no character"},
		{"- id: one\n  text: \"é \\uFDD1\"\n", "5:12", "an escape that is no character"},
		{"- id: one\n  text: @office\n", "5:9", "can't begin like this"},
		{"- id: one\n\ttext: x\n", "5:1", "a tab where only spaces may be"},
		{"- id: one\n  text: x\n  status\n", "6:3", "a key without its colon"},
		{"- id: one\n  text: ? x\n", "5:9", "a question mark that begins a key"},
		{"- id: one\n  text: - x\n", "5:9", "a list's dash where a value should be"},
		{"- id: one\n  text: | x\n", "5:11", "text after a | or >"},
		{"  - id: one\n ?   text: x\n", "5:2", "text after the end"},
		{"  - id: one\n    text: |\n :  x\n", "6:2", "text after the end"},
		{"- id: one\n  text: *bold text\n", "5:9", "the alias *bold is not allowed"},
		{"- id: one\n  text: **bold** text\n", "5:10", "a * that names nothing"},
		{"- id: one\n  text: &text\n", "5:9", "the anchor &text is not allowed"},
		{"- id: one\n  text: !text x\n", "5:9", "the tag !text is not allowed"},
		{"- id: one\n  text:One.\n  cite: [{paragraph: 1}]\n", "5:3", "a key without its colon"},
		{"- id: one\n  text: [red] bridge\n", "5:15", "or text after a closing quotation mark or bracket"},
		{"- id: one\n \u00a0text: One.\n", "5:2", "the character U+00A0 where only usual spaces may be"},
		{"- id: one\n\u3000\u3000text: One.\n", "5:1", "the character U+3000 where only usual spaces may be"},
		{"- id: one\n  cite: s\n", "5:9", "hint: write it below, a dash before each item"},
	} {
		_, problems := loadFiles(t, map[string]string{"x.yaml": "sources:\n  s: {title: T}\nfacts:\n" + c.item + "- id: two\n  text: Two.\n  cite: [{paragraph: 2}]\n"})
		if got := printed(problems); !strings.Contains("\n"+got, "\nx.yaml:"+c.at+": error: ") || !strings.Contains(got, c.msg) {
			t.Errorf("%q: want %s: %s, got\n%s", c.item, c.at, c.msg, got)
		}
	}
}

// TestQuestionMarks holds that a text keeps its question marks wherever it may have them, and its place.
func TestQuestionMarks(t *testing.T) {
	for _, c := range []struct{ item, want string }{
		{`- {ask: When was NATO founded?, want: none}`, "ask|When was NATO founded?|want|none"},
		{`- {ask: When was NATO founded?}`, "ask|When was NATO founded?"},
		{`- [Where is it?, "Who?", '?']`, "Where is it?|Who?|?"},
		{`- [Où est le bureau ?, Qui ? Quand ?]`, "Où est le bureau ?|Qui ? Quand ?"},
		{`- [What?! Where??, a?b, ?a, é?, 何？, '{? x', wait... what? yes]`, "What?! Where??|a?b|?a|é?|何？|{? x|wait... what? yes"},
		{`- {url: http://example.org/?q=1?&r=2, what?: yes?}`, "url|http://example.org/?q=1?&r=2|what?|yes?"},
		{"- [Where\n  is it?, Who\n  ?]", "Where is it?|Who ?"},
		{"- {? a : b}", "a|b"},
		{"- ? a\n  : b", "a|b"},
		{"- ask: who? # really?\n  want?: Who? Me?", "ask|who?|want?|Who? Me?"},
		{"- |\n  Who?\n  ? Me?\n- >\n  ? x", "Who?\n? Me?\n|? x"},
		{"- what ?", "what ?"},
		{`- ["http:\/\/a.org\/?x", "a\\/b", "a\\\/b", 'a\/b', a\/b?, a\\/b]`, `http://a.org/?x|a\/b|a\/b|a\/b|a\/b?|a\\/b`},
		{"- \"a? \\u003f\"\n- 'a? ''?'''", "a? ?|a? '?'"},
	} {
		node, err := parse([]byte(c.item))
		if err != nil {
			t.Errorf("%s: %v", c.item, err)
			continue
		}
		if got := strings.Join(texts(convert(node, 1, 0, &problems{})), "|"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.item, got, c.want)
		}
	}
	set, problems := loadFiles(t, map[string]string{"x.yaml": small, "x_test.yaml": "trials:\n- {ask: When?, want: none}\n- {after: [Où est-ce ?, What? Now?], ask: who?, want: [two]}\n"})
	if set != nil || !strings.HasPrefix(printed(problems), "x_test.yaml:3:56: ") {
		t.Error(printed(problems))
	}
}

// texts returns the scalars of v, in order.
func texts(v *value) (all []string) {
	if v.kind == scalarKind {
		return []string{v.text}
	}
	for i := range v.items {
		if v.kind == mapKind {
			all = append(all, texts(v.keys[i])...)
		}
		all = append(all, texts(v.items[i])...)
	}
	return all
}

// TestTrialsAmongFacts holds that trials in a file of facts are told where they belong.
func TestTrialsAmongFacts(t *testing.T) {
	_, problems := loadFiles(t, map[string]string{"x.yaml": small + "\ntrials:\n- {ask: When?, want: none}\n"})
	if got := printed(problems); !strings.Contains(got, "hint: trials stand in a file of their own, whose name ends in _test.yaml") {
		t.Error(got)
	}
}
