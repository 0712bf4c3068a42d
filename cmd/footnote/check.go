package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// checkCommand tells every problem of a folder, and how its trials go.
func checkCommand(t *term) *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Find every problem of the fact files, then put the trials to them",
		Long: `Check reads the fact files below DIR (the built-in ones without it) and prints every problem with its place and
how to mend it. When the facts can be used, it asks every fact's own asks, and warns of each that the fact does not surely
answer; then every question of the trials, and prints how many were answered as they should be, by voice, and each that
was not.

It exits with 0 when all is good (warnings do no harm), 1 on problems or failed trials, 2 when it could not run.`,
		Example: `  footnote check facts`,
		Args:    between(0, 1, "one folder"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := ""
			if len(args) > 0 {
				dir = args[0]
			}
			return t.check(cmd.Context(), dir)
		},
	}
}

func (t *term) check(ctx context.Context, dir string) (err error) {
	fsys, err := folder(dir)
	if err != nil {
		return err
	}
	base, problems, err := t.openForCheck(ctx, dir, fsys)
	if err != nil {
		return err
	}
	t.problems(dir, problems)
	broken := 0
	for _, p := range problems {
		if p.Level == knowledge.Error {
			broken++
		}
	}
	if broken > 0 {
		fmt.Fprintf(t.stderr, "footnote: %s in %s; the trials were not run\n", count(broken, "error"), folderName(dir))
		return errReported
	}
	defer func() { err = errors.Join(err, base.Close()) }()

	step, finish := t.progress("asks")
	warnings, checked, err := base.CheckAsks(ctx, step)
	finish()
	if err != nil {
		return err
	}
	t.problems(dir, warnings)
	problems = append(problems, warnings...)

	set := base.Set()
	summary := fmt.Sprintf("%s in %s", count(len(set.Facts), "fact"), count(len(set.Files), "file"))
	if len(problems) > 0 {
		summary += ", " + count(len(problems), "warning")
	}
	if !checked {
		summary += "; they have so many wordings that their own asks were not asked"
	}
	if len(set.Trials) == 0 {
		return t.print(summary + "; no trials\n")
	}
	if err := t.print(summary + "\n\n"); err != nil { // trials may take a minute
		return err
	}
	step, finish = t.progress("trials")
	results, err := base.RunTrials(ctx, step)
	finish()
	if err != nil {
		return err
	}
	passed := knowledge.Passed(results)
	var b strings.Builder
	b.WriteString(printable(knowledge.TrialTable(results)))
	for _, r := range results {
		if !r.Pass {
			fmt.Fprintf(&b, "\n%s: %s\n%s", path.Join(dir, r.Trial.Pos.String()), t.paint(red, "failed"), failure(r))
		}
	}
	if err := t.print(b.String()); err != nil {
		return err
	}
	if passed < len(results) {
		fmt.Fprintf(t.stderr, "footnote: %d of %s failed\n", len(results)-passed, count(len(results), "trial"))
		return errReported
	}
	return nil
}

// failure is what was wanted and what came, with the sentences and the confidence, so that nobody must ask again.
func failure(r knowledge.TrialResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s (confidence %.2f)\n", r, r.Answer.Confidence)
	for _, s := range r.Answer.Sentences() {
		fmt.Fprintf(&b, "    %s: %s\n", s.Fact.ID, s.Fact.Text)
	}
	return printable(b.String())
}

// count is the number with its noun: "1 fact", "2 facts".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
