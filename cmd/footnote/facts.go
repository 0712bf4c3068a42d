package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"footnote/facts"
	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// factsFlag gives the command --facts DIR.
func factsFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "facts", "", "answer from the fact files below `DIR` instead of the built-in ones")
	cmd.MarkFlagDirname("facts") // fails only for a flag that isn't there
}

// folder is the files below dir, or the built-in facts where dir is empty.
func folder(dir string) (fs.FS, error) {
	if dir == "" {
		return facts.FS, nil
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; give the folder it is in", dir)
	}
	return os.DirFS(dir), nil
}

// folderName is what to call the folder in a message.
func folderName(dir string) string {
	if dir == "" {
		return "the built-in facts"
	}
	return dir
}

// openFacts gives the base of the facts below dir, or of the built-in ones, and the warnings there are.
func openFacts(ctx context.Context, dir string) (*knowledge.Base, []knowledge.Problem, error) {
	fsys, err := folder(dir)
	if err != nil {
		return nil, nil, err
	}
	base, problems, err := knowledge.Open(ctx, fsys)
	if err != nil {
		return nil, nil, err
	}
	if knowledge.HasErrors(problems) {
		return nil, nil, &knowledge.ProblemsError{Dir: dir, Problems: problems}
	}
	return base, problems, nil
}
