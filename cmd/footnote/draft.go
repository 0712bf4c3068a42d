package main

import (
	"io"
	"os"
	"path/filepath"

	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// draftCommand makes a fact file out of an article, for a person to finish.
func draftCommand(t *term) *cobra.Command {
	return &cobra.Command{
		Use:   "draft ARTICLE.txt",
		Short: "Draft a fact file out of an article, one sentence a fact",
		Long: `Draft splits an article into a numbered draft of a fact file, one sentence a fact, with its paragraph, and who says it and
when where it can tell. The sentences are the article's: put them into your own words, and check each fact, before you
use it. The name - stands for the input.`,
		Example: `  footnote draft article.txt > facts/topic.yaml
  footnote check facts`,
		Args: between(1, 1, "one article"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"txt", "md"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			article, err := readArticle(t.stdin, args[0])
			if err != nil {
				return err
			}
			file, err := knowledge.Draft(article, filepath.Base(args[0]))
			if err != nil {
				return err
			}
			return t.print(string(file))
		},
	}
}

// readArticle reads no more than shows that an article is too long.
func readArticle(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, knowledge.MaxArticle+1))
}
