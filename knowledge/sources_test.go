package knowledge

import (
	"errors"
	"strings"
	"testing"
)

// TestAddSources holds that sources are put after those there are, once, and never in another's place.
func TestAddSources(t *testing.T) {
	file := "sources:\n  a: {title: One} # kept\nfacts:\n  - id: x\n    text: It is so.\n    cite: [{paragraph: 1}]\n"
	two := NewSource{ID: "b", Title: "Two", URL: "https://b.example"}
	got, err := AddSources([]byte(file), two, NewSource{ID: "a", Title: "One"})
	want := "sources:\n  a: {title: One} # kept\n  b:\n    title: Two\n    url: https://b.example\nfacts:\n  - id: x\n    text: It is so.\n    cite: [{source: a, paragraph: 1}]\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := AddSources([]byte(file), NewSource{ID: "a", Title: "Another"}); !errors.Is(err, ErrConflict) {
		t.Errorf("another source of one id: %v", err)
	}
}

// TestNameSource holds that a file's only source is named where it was left out before it gets a second one, however the places are written, and that
// nothing else is changed.
func TestNameSource(t *testing.T) {
	two := NewSource{ID: "b", Title: "Two"}
	for _, c := range []struct{ cite, want string }{
		{"cite: [{paragraph: 1}, {source: a, paragraph: 2}, { section: Money }]", "cite: [{source: a, paragraph: 1}, {source: a, paragraph: 2}, { source: a, section: Money }]"},
		{"cite:\n      - paragraph: 1 # the first\n      -   section: Money\n          # why\n          quote: so", "cite:\n      - source: a\n        paragraph: 1 # the first\n      -   source: a\n          section: Money\n          # why\n          quote: so"},
		{"cite: [{\"paragraph\": 1}]", "cite: [{\"source\": \"a\", \"paragraph\": 1}]"},
		{"cite: [{source: a}]", "cite: [{source: a}]"},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			in := "sources:\n  a: {title: One}\nfacts:\n  - id: x # one\n    text: It is so.\n    " + c.cite + "\n  - id: y\n    " + c.cite + "\n    text: And so.\n"
			got, err := AddSources([]byte(strings.ReplaceAll(in, "\n", eol)), two)
			want := strings.ReplaceAll(strings.Replace(in, "facts:", "  b:\n    title: Two\nfacts:", 1), c.cite, c.want)
			if err != nil || string(got) != strings.ReplaceAll(want, "\n", eol) {
				t.Errorf("%v\n%q\nwant\n%q", err, got, strings.ReplaceAll(want, "\n", eol))
			}
		}
	}
}
