package knowledge

import (
	"errors"
	"testing"
)

// TestAddSources holds that sources are put after those there are, once, and never in another's place.
func TestAddSources(t *testing.T) {
	file := "sources:\n  a: {title: One} # kept\nfacts:\n  - id: x\n    text: It is so.\n    cite: [{paragraph: 1}]\n"
	two := NewSource{ID: "b", Title: "Two", URL: "https://b.example"}
	got, err := AddSources([]byte(file), two, NewSource{ID: "a", Title: "One"})
	want := "sources:\n  a: {title: One} # kept\n  b:\n    title: Two\n    url: https://b.example\nfacts:\n  - id: x\n    text: It is so.\n    cite: [{paragraph: 1}]\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := AddSources([]byte(file), NewSource{ID: "a", Title: "Another"}); !errors.Is(err, ErrConflict) {
		t.Errorf("another source of one id: %v", err)
	}
}
