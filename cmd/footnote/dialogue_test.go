package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/knowledge"
)

var update = flag.Bool("update", false, "write the dialogues in testdata/dialogue, and the transcript in the README, anew")

// dialogues are what a person at a terminal says and sees where the bot is sure, where it is not but one fact is the closest, and where several are equally near:
// first in a conversation, then the same question by itself. They stand in testdata/dialogue, to be read.
var dialogues = []struct {
	name   string
	said   []string
	kinds  []knowledge.Kind // of the answers, a picked one among them
	covers string           // what must be in what is shown
}{
	{"sure", []string{"Which countries are in the AP4?", "/context", "Who is Stoltenberg?"},
		[]knowledge.Kind{knowledge.Answered, "", knowledge.Answered}, "\nAP4 is the name"},
	{"near", []string{"Did Japan join NATO?", "/context", "3"},
		[]knowledge.Kind{knowledge.Near, "", knowledge.Answered}, "\n> NATO and Japan have increased their engagement"},
	{"choose", []string{"Give NATO's criticism of China's secrecy.", "2", "/context"},
		[]knowledge.Kind{knowledge.Choose, knowledge.Answered, ""}, "\n  1. "},
}

// TestDialogues holds the golden dialogues to what is said. The kinds of answers must be those that each is there to show, whatever the model: where one is
// not, choose another question for it.
func TestDialogues(t *testing.T) {
	for _, d := range dialogues {
		t.Run(d.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			tm := newTerm(noEnv, nil, &out, &errs)
			base, _, err := tm.openFacts(t.Context(), "", noCache, "")
			if err != nil {
				t.Fatal(err)
			}
			defer base.Close()
			k := &talk{t: tm, base: base}
			fmt.Fprintln(&out, "$ footnote ask")
			for i, said := range d.said {
				reply, err := k.reply(t.Context(), said)
				if err != nil {
					t.Fatal(err)
				}
				if d.kinds[i] != "" && k.last.Kind != d.kinds[i] {
					t.Errorf("%q gets an answer that is %s, not %s", said, k.last.Kind, d.kinds[i])
				}
				fmt.Fprintf(&out, "> %s\n%s\n", said, reply)
			}
			fmt.Fprintf(&out, "$ footnote ask %q\n", d.said[0])
			if code := run(t.Context(), []string{"ask", d.said[0]}, noEnv, strings.NewReader(""), &out, &errs); code != exitGood || errs.Len() > 0 {
				t.Fatalf("exit code %d: %s", code, &errs)
			}
			if !strings.Contains(out.String(), d.covers) {
				t.Errorf("it lacks %q", d.covers)
			}
			path := filepath.Join("testdata", "dialogue", d.name+".txt")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("it goes otherwise than %s says. Should that be right: go test ./cmd/footnote -run TestDialogues -update\n%s", path, &out)
			}
		})
	}
}
