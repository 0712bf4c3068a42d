package knowledge

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestShortened(t *testing.T) {
	base, problems, err := Open(t.Context(), fstest.MapFS{"f.yaml": {Data: []byte(`sources: {s: {title: T}}
facts:
- {id: a, text: The president opened the harbour., cite: [{paragraph: 1}]}
- {id: b, text: A windlass lifts the anchor., cite: [{paragraph: 2}]}
`)}})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	defer base.Close()
	x := base.cur.indexes[0]
	for _, tt := range []struct{ said, means string }{
		{"hrbr", "harbour"},
		{"wndls", "windlass"},
		{"hr", ""},       // too short to tell
		{"horrible", ""}, // has its vowels
	} {
		var got []string
		for _, a := range x.shortened(tt.said) {
			got = append(got, x.terms[a.term])
		}
		if tt.means == "" && len(got) > 0 || tt.means != "" && !slices.Contains(got, englishWords().stem(tt.means)) {
			t.Errorf("%q may stand for %v, want %q", tt.said, got, tt.means)
		}
	}
}
