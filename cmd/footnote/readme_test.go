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
	_, transcript, ok := strings.Cut(string(raw), "\n```\n$ ")
	if !ok {
		t.Fatal("no transcript")
	}
	transcript, _, _ = strings.Cut(transcript, "```")
	none := func(string) string { return "" }
	for _, part := range strings.Split(transcript, "\n$ ") {
		command, want, _ := strings.Cut(part, "\n")
		question, ok := strings.CutPrefix(command, `footnote ask "`)
		if !ok {
			t.Errorf("%s: not a question", command)
			continue
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"ask", strings.TrimSuffix(question, `"`)}, none, strings.NewReader(""), &out, &errs)
		if got := strings.TrimSpace(out.String()); code != exitGood || got != strings.TrimSpace(want) {
			t.Errorf("%s: exit code %d\n%s%s\nthe README says\n%s", command, code, got, &errs, want)
		}
	}
	for _, m := range regexp.MustCompile("`(?:go run ./cmd/)?footnote ([a-z]+)[^`]*`").FindAllStringSubmatch(string(raw), -1) {
		if cmd, _, err := rootCommand(newTerm(none, nil, nil, nil)).Find(m[1:2]); m[1] != "help" && (err != nil || !cmd.HasParent()) {
			t.Errorf("%s: there is no such command", m[0])
		}
	}
}
