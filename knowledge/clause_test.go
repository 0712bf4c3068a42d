package knowledge

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// The clause that is answered may be in another language than what the question as a whole seemed to be about.
func TestClauseOfAnotherLanguage(t *testing.T) {
	var de strings.Builder
	de.WriteString("language: de\nsources: {s: {title: Die Quelle}}\nfacts:\n")
	for _, place := range []string{"Hafen", "Turm", "Bahnhof", "Garten", "Dom", "Markt", "Kanal", "Speicher", "Friedhof", "Palast"} {
		fmt.Fprintf(&de, "  - {id: %s, text: 'Der %s wurde 1912 am alten Ufer erbaut.', cite: [{paragraph: 1}], asks: ['Wann wurde der %[2]s erbaut?', 'Wer zeichnete den %[2]s?']}\n", strings.ToLower(place), place)
	}
	b := openFiles(t, fstest.MapFS{
		"bridge.yaml": {Data: []byte("sources: {s: {title: The source}}\nfacts:\n  - {id: bridge, text: The Northwick bridge is to open in 2025., cite: [{paragraph: 1}], asks: [When will the bridge open?]}\n")},
		"hafen.yaml":  {Data: []byte(de.String())},
	})
	g := b.cur
	for _, tc := range []struct{ text, want string }{
		{"The bridge is old, wann wurde der Palast erbaut?", "palast"},
		{"It was 1913, wann wurde der Palast erbaut?", ""}, // a number that the fact lacks
	} {
		for _, x := range g.indexes {
			whole, err := g.rank(t.Context(), x, x.lang.read(tc.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := g.clause(t.Context(), Question{Text: tc.text}, whole)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if r != nil {
				got = r.a.x.docs[r.cands[0].doc].fact.ID
			}
			if got != tc.want {
				t.Errorf("%q, read as %s: %q, want %q", tc.text, x.docs[0].fact.ID, got, tc.want)
			}
		}
	}
}
