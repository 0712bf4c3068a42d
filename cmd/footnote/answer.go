package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"footnote/knowledge"
)

// answer is the answer as the bot would post it, for a terminal: the sentences with their [n], and below them the sources; or, where it is not sure, the
// closest as a quotation, and what else may be meant as a list; or why there is nothing, and what could be asked instead.
func (t *term) answer(a knowledge.Answer) string {
	var b strings.Builder
	if a.Reading != "" {
		fmt.Fprintln(&b, t.paint(dim, "Read as: "+printable(a.Reading)))
	}
	b.WriteString(t.said(a, "", bold))
	if a.Message != "" {
		fmt.Fprintln(&b, printable(a.Message))
	}
	if a.Kind == knowledge.Near {
		b.WriteString(t.said(quoted(a), "> ", normal))
	}
	picks := offered(a)
	if len(picks) > 0 {
		switch a.Kind {
		case knowledge.Near:
			fmt.Fprintln(&b, "Or did you mean:")
		case knowledge.Declined:
			fmt.Fprintln(&b, "Nearest questions that the facts answer:")
		}
	}
	for i, s := range picks {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, printable(s.Question))
	}
	return b.String()
}

// said is the sentences of an answer, each after the mark, and its sources.
func (t *term) said(a knowledge.Answer, mark, style string) string {
	var b strings.Builder
	for _, s := range a.Sentences() {
		fmt.Fprintf(&b, "%s%s%s\n", mark, t.paint(style, printable(s.Fact.Text)), marks(s.Cites))
	}
	for _, c := range a.Citations() {
		line := c.String()
		if link := c.Cite.Link(); link != "" {
			line += " · " + link
		}
		fmt.Fprintln(&b, t.paint(dim, printable(line)))
	}
	return b.String()
}

// quoted is what is quoted as the closest, with its sources: the first offer of an answer that is near.
func quoted(a knowledge.Answer) knowledge.Answer { return knowledge.Tell(a.Offers[0].Fact) }

// offered are the questions that answer lists, in the order of their numbers: the facts offered, but for one that is quoted, or what is nearest where nothing is offered.
func offered(a knowledge.Answer) []knowledge.Suggestion {
	all := a.Suggestions
	for i, o := range a.Offers {
		if a.Kind == knowledge.Choose || i > 0 {
			all = append(all[:len(all):len(all)], knowledge.Suggestion{Question: o.Question, Fact: o.Fact})
		}
	}
	return all
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
	if len(a.Matched)+len(a.Missed) > 0 {
		fmt.Fprintf(&b, "Words of the question that the first covers: %s; and doesn't: %s\n", quotedWords(a.Matched), quotedWords(a.Missed))
	}
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

// quotedWords lists words of a question.
func quotedWords(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return printable("“" + strings.Join(words, "”, “") + "”")
}

func (t *term) print(text string) error {
	_, err := io.WriteString(t.stdout, text)
	return err
}
