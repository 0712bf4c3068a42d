package main

import (
	"encoding/json"
	"errors"
	"strings"

	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// askCommand answers one question, a conversation, or a batch.
func askCommand(t *term) *cobra.Command {
	var o struct {
		facts       string
		cache, sure string
		json, batch bool
		explain     bool
		history     []string
		candidates  int
	}
	cmd := &cobra.Command{
		Use:   "ask [QUESTION]",
		Short: "Answer a question, or hold a conversation",
		Long: `Ask answers a question with sentences from the facts, each with its source. Where it is not sure, it quotes the
closest fact as such, and lists what else may be meant. Else it says that the facts don't say.

Without a question it holds a conversation, a question a line, in which follow-ups such as "and when?" are understood,
and a number picks what was listed. With --batch it reads JSON Lines such as
{"id":"q1","question":"...","history":["..."]} from its input and writes a line for each, in order, as soon as it is
answered.`,
		Example: `  footnote ask "Who are the AP4?"
  footnote ask --history "Where will the office be?" "and when does it open?"
  footnote ask --json --candidates 5 "Who are the AP4?"
  footnote ask --facts my-facts
  footnote ask --batch < questions.jsonl > answers.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			question := strings.Join(args, " ")
			switch {
			case o.candidates < 0:
				return usagef(cmd, "--candidates can't be less than 0, and is %d", o.candidates)
			case o.batch && len(args) > 0:
				return usagef(cmd, "with --batch the questions come from the input, not %q", args[0])
			case o.batch && len(o.history) > 0:
				return usagef(cmd, "with --batch each line has its own history, not --history")
			case o.json && !o.batch && len(args) == 0:
				return usagef(cmd, "--json needs a question; for many, see --batch")
			}
			base, _, err := t.openFacts(cmd.Context(), o.facts, o.cache, o.sure)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, base.Close()) }()

			if o.explain && !cmd.Flags().Changed("candidates") {
				o.candidates = explainDepth
			}
			q := knowledge.Question{Text: question, History: o.history, Candidates: o.candidates, Explain: o.explain}
			switch {
			case o.batch:
				return t.batch(cmd.Context(), base, q)
			case len(args) == 0:
				return t.talk(cmd.Context(), base, q)
			}
			a, err := base.Ask(cmd.Context(), q)
			if err != nil {
				return err
			}
			if o.json {
				line, err := answerLine(json.RawMessage(`""`), a)
				if err != nil {
					return err
				}
				_, err = t.stdout.Write(line)
				return err
			}
			return t.print(t.answer(a) + t.candidates(a))
		},
	}
	factsFlag(cmd, &o.facts)
	cacheFlag(cmd, &o.cache)
	sureFlag(cmd, &o.sure)
	cmd.Flags().BoolVar(&o.json, "json", false, "print the answer as one JSON object")
	cmd.Flags().BoolVar(&o.batch, "batch", false, "read questions and write answers as JSON Lines")
	cmd.Flags().StringArrayVar(&o.history, "history", nil, "an earlier `QUESTION` of the dialogue; may be repeated, oldest first")
	cmd.Flags().IntVar(&o.candidates, "candidates", 0, "tell the `N` best facts too, also when it declines")
	cmd.Flags().BoolVar(&o.explain, "explain", false, "tell what the scores are made of")
	return cmd
}

// explainDepth is how many facts are explained where --candidates says nothing: the one it took, and the two it
// left.
const explainDepth = 3
