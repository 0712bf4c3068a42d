package knowledge

import (
	"slices"
	"testing"
)

func TestGist(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"How much does the office cost?", "how much do the offices COST??", true},
		{"When will the office open?", "who will open the office?", false},
		{"How much does the office cost?", "How many people work in the office?", false},
		{"why?", "when?", false},
		{"", " \t", true},
	} {
		if a, b := Gist(tt.a), Gist(tt.b); slices.Equal(a, b) != tt.same {
			t.Errorf("%q: %q, %q: %q", tt.a, a, tt.b, b)
		}
	}
}
