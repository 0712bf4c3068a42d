package knowledge

import (
	"strings"
	"testing"
)

func TestTranslation(t *testing.T) {
	// "died" goes with "death" in every pair; the rest differs.
	var pairs []learntPair
	for _, other := range []string{"king", "poet", "queen", "duke"} {
		pairs = append(pairs, learntPair{typ: askWhen, question: []string{"die", other}, sentence: []string{"death", other}, kinds: []string{"#year"}})
	}
	learnt := learnTranslation(pairs)
	if of := learnt.of["die"]; len(of) == 0 || of[0].term != "death" {
		t.Errorf("die stands for %v, want death first", of)
	}
	if of := learnt.of["king"]; len(of) > 0 {
		t.Errorf("king, met once, stands for %v", of)
	}

	var text strings.Builder
	if err := learnt.write(&text, len(pairs)); err != nil {
		t.Fatal(err)
	}
	again, err := readTranslations(text.String())
	if err != nil {
		t.Fatal(err)
	}
	if len(again.of) != len(learnt.of) || again.of["die"][0] != learnt.of["die"][0] {
		t.Errorf("written and read again: %v, was %v", again.of, learnt.of)
	}
	for name, bad := range map[string]string{"no weight": "die: death", "no number": "die: death often", "no such kind": "=whence: #year 1"} {
		if _, err := readTranslations(bad); err == nil || !strings.Contains(err.Error(), "translations.txt:1") {
			t.Errorf("%s: error %v, want one that names the line", name, err)
		}
	}
}
