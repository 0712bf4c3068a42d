package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme holds the transcript at the head of the README to what the program prints, and each command there to one that there is.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), "\n```\n$ ")
	if !ok {
		t.Fatal("no transcript")
	}
	transcript, after, _ := strings.Cut(rest, "```")
	var now strings.Builder
	for i, part := range strings.Split(transcript, "\n$ ") {
		command, want, _ := strings.Cut(part, "\n")
		question, ok := strings.CutPrefix(command, `footnote ask "`)
		if !ok {
			t.Errorf("%s: not a question", command)
			continue
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"ask", strings.TrimSuffix(question, `"`)}, noEnv, strings.NewReader(""), &out, &errs)
		got := strings.TrimSpace(out.String())
		if code != exitGood || got != strings.TrimSpace(want) && !*update {
			t.Errorf("%s: exit code %d\n%s%s\nthe README says\n%s", command, code, got, &errs, want)
		}
		// What each is there to show, whatever the model: where it does not, choose another question for it.
		if begins := [...]string{"AP4 is the name", "Negotiations over", "The closest I have", "The facts don't say"}; i >= len(begins) || !strings.HasPrefix(got, begins[i]) {
			t.Errorf("%s: the answer is not of the kind that it should show:\n%s", command, got)
		}
		if i > 0 {
			now.WriteString("\n$ ")
		}
		now.WriteString(command + "\n" + got + "\n")
	}
	if *update {
		text := before + "\n```\n$ " + now.String() + "```" + after
		if err := os.WriteFile("../../README.md", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range regexp.MustCompile("`(?:go run ./cmd/)?footnote ([a-z]+)[^`]*`").FindAllStringSubmatch(string(raw), -1) {
		if cmd, _, err := rootCommand(newTerm(noEnv, nil, nil, nil)).Find(m[1:2]); m[1] != "help" && (err != nil || !cmd.HasParent()) {
			t.Errorf("%s: there is no such command", m[0])
		}
	}
}
