package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"footnote/knowledge"
)

// answer is the answer as the bot would post it, for a terminal: the sentences with their [n], and below them the
// sources; or why there are none, and what could be asked instead.
func (t *term) answer(a knowledge.Answer) string {
	var b strings.Builder
	if a.Reading != "" {
		fmt.Fprintln(&b, t.paint(dim, "Read as: "+printable(a.Reading)))
	}
	for _, s := range a.Sentences() {
		fmt.Fprintf(&b, "%s%s\n", t.paint(bold, printable(s.Fact.Text)), marks(s.Cites))
	}
	for _, c := range a.Citations() {
		line := c.String()
		if link := c.Cite.Link(); link != "" {
			line += " · " + link
		}
		fmt.Fprintln(&b, t.paint(dim, printable(line)))
	}
	if a.Message != "" {
		fmt.Fprintln(&b, printable(a.Message))
	}
	if words := untold(a); len(words) > 0 && !a.Answered() {
		fmt.Fprintf(&b, "No fact covers: %s\n", printable(strings.Join(words, ", ")))
	}
	n := 0
	list := func(title string, known []knowledge.Suggestion) {
		if len(known) > 0 {
			fmt.Fprintln(&b, title)
		}
		for _, s := range known {
			n++
			fmt.Fprintf(&b, "  %d. %s\n", n, printable(s.Question))
		}
	}
	list("Which did you mean?", a.Choices)
	if !a.Answered() {
		list("Nearest questions that the facts answer:", a.Suggestions)
	}
	return b.String()
}

// offered are the questions that answer listed, in the order of their numbers.
func offered(a knowledge.Answer) []knowledge.Suggestion {
	all := append([]knowledge.Suggestion(nil), a.Choices...)
	if !a.Answered() {
		all = append(all, a.Suggestions...)
	}
	return all
}

// untold are the words no fact covers that the message does not name already.
func untold(a knowledge.Answer) []string {
	var words []string
	for _, w := range a.Uncovered {
		if !strings.Contains(a.Message, w) {
			words = append(words, w)
		}
	}
	return words
}

// marks are the numbers of a sentence's citations: " [1][2]".
func marks(cites []int) string {
	var b strings.Builder
	for i, n := range cites {
		if i == 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "[%d]", n)
	}
	return b.String()
}

// candidates is the best facts with their scores, and what those are made of where that was asked for.
func (t *term) candidates(a knowledge.Answer) string {
	if len(a.Candidates) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", t.paint(bold, fmt.Sprintf("The best facts (confidence in the first: %.2f)", a.Confidence)))
	for _, c := range a.Candidates {
		fmt.Fprintf(&b, "%8.3f  %s: %s\n", c.Score, c.Fact.ID, printable(c.Fact.Text))
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, p := range c.Parts {
			fmt.Fprintf(w, "          \t%s\t%.3f\tadds\t%+.3f\t\n", p.Name, p.Value, p.Adds)
		}
		w.Flush() // a strings.Builder does not fail
	}
	return b.String()
}

func (t *term) print(text string) error {
	_, err := io.WriteString(t.stdout, text)
	return err
}
