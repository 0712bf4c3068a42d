package knowledge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"
)

// Questions take memory from one another, so each is answered the same whatever was asked before it, and is asked beside it.
func TestAskAmongOthers(t *testing.T) {
	var en strings.Builder
	en.WriteString("sources: {s: {title: The source}}\nfacts:\n")
	for i, place := range []string{"harbour", "tower", "station", "garden", "market", "canal", "palace", "bridge"} {
		fmt.Fprintf(&en, "  - {id: %s, text: 'The old %[1]s of Northwick opened in %d.', cite: [{paragraph: %d}], asks: ['When did the %[1]s open?', 'Since when has Northwick had a %[1]s?'], not_asks: ['Who opened the %[1]s?']}\n", place, 1900+i, 1+i/3)
	}
	b := openFiles(t, fstest.MapFS{
		"en.yaml": {Data: []byte(en.String())},
		"de.yaml": {Data: []byte("language: de\nsources: {s: {title: Die Quelle}}\nfacts:\n  - {id: hafen, text: Der Hafen wurde 1912 erbaut., cite: [{paragraph: 1}], asks: ['Wann wurde der Hafen erbaut?']}\n")},
	})
	questions := []Question{
		{Text: "When did the harbour open?"},
		{Text: "Since when has there been a tower in Northwick?"},
		{Text: "Who opened the station?"},
		{Text: "When did the garden open and since when has Northwick had a market?"}, // two questions
		{Text: "Come on, is the canal really old, or when did it open?"},              // clauses
		{Text: "and the palace?", History: []string{"When did the bridge open?"}},
		{Text: "Wann wurde der Hafen erbaut?"},
		{Text: "Is it?"}, // no words to match
		{Text: "What does the ferry cost?"},
	}
	answer := func(q Question) (string, error) {
		q.Candidates, q.Explain = 5, true
		a, err := b.Ask(t.Context(), q)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(a)
		return string(text), err
	}
	var want []string
	for _, q := range questions {
		text, err := answer(q)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, text)
	}
	var askers errgroup.Group
	for first := range questions {
		askers.Go(func() error {
			order := slices.Concat(questions[first:], questions[:first])
			if first%2 == 0 {
				slices.Reverse(order)
			}
			for _, q := range slices.Repeat(order, 5) {
				got, err := answer(q)
				if err != nil {
					return err
				}
				i := slices.IndexFunc(questions, func(p Question) bool { return p.Text == q.Text })
				if got != want[i] {
					return fmt.Errorf("%q is answered\n%s\nand was\n%s", q.Text, got, want[i])
				}
			}
			return nil
		})
	}
	if err := askers.Wait(); err != nil {
		t.Error(err)
	}
}
