package facts_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"footnote/facts"
	"footnote/knowledge"
)

var update = flag.Bool("update", false, "write score.txt and vectors.block anew")

// score is how the trials went when somebody last looked: a table, then a line for each that fails. A change of facts
// or of ranking shows in it. It may not fall without a word in the commit that says why.
const score = "score.txt"

// vectors is the file of facts.Vectors.
const vectors = "vectors.block"

// open gives the base of the built-in facts, which must load without a problem, a warning included. A block of vectors, which may be empty, spares it
// encoding what is in there.
func open(t *testing.T, block []byte) *knowledge.Base {
	t.Helper()
	base, problems, err := knowledge.OpenWith(t.Context(), facts.FS, knowledge.OpenOptions{Vectors: block})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if base == nil {
		t.FailNow()
	}
	t.Cleanup(func() {
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	return base
}

func TestTrials(t *testing.T) {
	base := open(t, facts.Vectors)
	results, err := base.RunTrials(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The floor, so that trials can't go missing unseen.
	declined := 0
	for _, r := range results {
		if len(r.Trial.Want) == 0 {
			declined++
		}
	}
	if len(results) < 200 || declined < 70 {
		t.Errorf("%d trials, of which %d must be declined; want at least 200 and 70", len(results), declined)
	}

	got := report(results)
	if *update {
		if err := os.WriteFile(score, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(score)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	t.Errorf("the trials went otherwise than %s says, with %d passed. Should that be right: go test ./facts -update, and say why in the commit.\n%s",
		score, knowledge.Passed(results), difference(string(want), got))
}

// TestVectors holds the vectors in the binary to those that the encoders in it make of the facts as they are now, all of them: a base that is opened
// with them encodes nothing before its first question.
func TestVectors(t *testing.T) {
	got := open(t, nil).VectorBlock()
	if *update {
		if err := os.WriteFile(vectors, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, facts.Vectors) {
		t.Errorf("%s has other vectors than the facts; write it anew: go test ./facts -run TestVectors -update", vectors)
	}
}

// TestWordings keeps the wordings of each fact to a handful, as moderators are told to: more teach the bot little, and what stands here is read by people.
func TestWordings(t *testing.T) {
	const maxAsks, maxNotAsks = 12, 8
	for _, f := range open(t, facts.Vectors).Set().Facts {
		if len(f.Asks) == 0 || len(f.Asks) > maxAsks || len(f.NotAsks) > maxNotAsks {
			t.Errorf("%s has %d asks and %d not_asks; it should have an ask, and at most %d and %d", f.ID, len(f.Asks), len(f.NotAsks), maxAsks, maxNotAsks)
		}
	}
}

func report(results []knowledge.TrialResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d trials pass\n\n%s\n", knowledge.Passed(results), len(results), knowledge.TrialTable(results))
	for _, r := range results {
		if !r.Pass {
			fmt.Fprintf(&b, "fails: %s\n", r)
		}
	}
	return b.String()
}

// difference is the lines of only one of the texts, which is enough where each line tells which trial it is about.
func difference(old, new string) string {
	var b strings.Builder
	only := func(mark, in, other string) {
		known := map[string]bool{}
		for line := range strings.Lines(other) {
			known[line] = true
		}
		for line := range strings.Lines(in) {
			if !known[line] {
				b.WriteString(mark + line)
			}
		}
	}
	only("- ", old, new)
	only("+ ", new, old)
	return b.String()
}
