package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"

	"footnote/facts"
	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// trainingSets are the folders of question sets that the weights are trained on.
var trainingSets = [...]string{"squad1", "squad1-heldout", "squad2-tune", "selqa", "qed-tune"}

// trainCommand makes again what the ranker has learned. It is for those who work on Footnote: nobody else needs it.
func trainCommand(t *term) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Make again what the ranker has learned (for developers)",
		Long: `Train writes the files in the folder knowledge that were learned from data, in this order; each is built into the
binary, so build it again before the next:

  footnote train frequencies ../shared/qa > freq.txt && mv freq.txt knowledge/
  footnote train wordnet /usr/share/wordnet > wordnet.txt && mv wordnet.txt knowledge/
  footnote train translations ../shared/qa > translations.txt && mv translations.txt knowledge/
  footnote train model ../shared/qa > model.json && mv model.json knowledge/

The sets are squad1, squad1-heldout, squad2-tune, selqa and qed-tune. The same data give the same files. "train validate" leaves out
half of the articles in turn, and scores what was trained on the other half on them.`,
		Hidden: true,
		RunE:   func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	sub := func(use, short, what string, do func(ctx context.Context, dir string, out io.Writer) error) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: between(1, 1, what),
			RunE: func(cmd *cobra.Command, args []string) error {
				var out bytes.Buffer
				if err := do(cmd.Context(), args[0], &out); err != nil {
					return err
				}
				return t.print(out.String())
			},
		})
	}
	sub("frequencies DIR", "Count words", "the folder of question sets", func(ctx context.Context, dir string, out io.Writer) error {
		return knowledge.WriteFrequencies(ctx, questionSets(dir), out)
	})
	sub("wordnet DIR", "Pick word relations out of WordNet", "WordNet's folder", func(_ context.Context, dir string, out io.Writer) error {
		return knowledge.WriteWordNet(os.DirFS(dir), out)
	})
	sub("translations DIR", "Learn what words of questions stand for in answers", "the folder of question sets", func(ctx context.Context, dir string, out io.Writer) error {
		return knowledge.WriteTranslations(ctx, questionSets(dir), out)
	})
	sub("model DIR", "Train the ranker and its confidence", "the folder of question sets", func(ctx context.Context, dir string, out io.Writer) error {
		return knowledge.WriteModel(ctx, withOwnFacts(dir), out, t.stderr)
	})
	sub("validate DIR", "Score the training by cross-validation", "the folder of question sets", func(ctx context.Context, dir string, out io.Writer) error {
		return knowledge.Validate(ctx, withOwnFacts(dir), 2, out)
	})
	return cmd
}

func questionSets(dir string) []knowledge.TrainSet {
	var sets []knowledge.TrainSet
	for _, name := range trainingSets {
		sets = append(sets, knowledge.TrainSet{Name: name, FS: os.DirFS(filepath.Join(dir, name))})
	}
	return sets
}

func withOwnFacts(dir string) []knowledge.TrainSet {
	return append(questionSets(dir), knowledge.TrainSet{Name: "built-in facts", FS: facts.FS, Own: true})
}
