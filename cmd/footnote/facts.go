package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"

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

// cacheFlag gives the command --cache DIR.
func cacheFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "cache", "", "keep in `DIR` the vectors of the facts' wordings, and what was read of large fact folders, to start fast the next time; it may be deleted; "+noCache+": keep nothing (default $XDG_CACHE_HOME/footnote or ~/.cache/footnote)")
	cmd.MarkFlagDirname("cache") // fails only for a flag that isn't there
}

// sureFlag gives the command --sure.
func sureFlag(cmd *cobra.Command, sure *string) {
	cmd.Flags().StringVar(sure, "sure", "", "how sure to be to answer: careful, balanced or generous (default balanced); else the closest facts are offered")
}

// noCache is how to say that nothing should be kept. A folder of that name is ./off.
const noCache = "off"

// cacheDir is where programs keep what can be made anew: the XDG Base Directory Specification, XDG_CACHE_HOME. It is empty where
// the environment names no home.
func (t *term) cacheDir() string { return t.userDir("XDG_CACHE_HOME", ".cache") }

// opening says how to open large bases: with the cache of --cache, and showing progress until finish is called.
func (t *term) opening(cache string) (o knowledge.OpenOptions, finish func()) {
	if cache != noCache {
		o.Cache = cmp.Or(cache, t.cacheDir())
	}
	o.Warn = func(err error) {
		fmt.Fprintf(t.stderr, "footnote: %s; all works without, but the next start will take as long as this one\n", printable(err.Error()))
	}
	o.Progress, finish = t.progress("reading the facts")
	return o, finish
}

// openForCheck gives the base of the facts in fsys, which is dir's, with all problems; the base is nil where they keep it from loading.
func (t *term) openForCheck(ctx context.Context, dir string, fsys fs.FS) (*knowledge.Base, []knowledge.Problem, error) {
	o, finish := t.opening("")
	defer finish()
	o.KeepQuestions = true // the trials', so that checking again after an edit is quick
	if dir == "" {
		o.Vectors = facts.Vectors
	}
	return knowledge.OpenWith(ctx, fsys, o)
}

// openFacts gives the base of the facts below dir, or of the built-in ones, and the warnings there are.
func (t *term) openFacts(ctx context.Context, dir, cache, sure string) (*knowledge.Base, []knowledge.Problem, error) {
	fsys, err := folder(dir)
	if err != nil {
		return nil, nil, err
	}
	if sure != "" && !slices.Contains(knowledge.Surenesses[:], knowledge.Sureness(sure)) {
		return nil, nil, fmt.Errorf("--sure %s: it must be careful, balanced or generous", sure)
	}
	o, finish := t.opening(cache)
	o.Sure = knowledge.Sureness(sure)
	if dir == "" {
		o.Vectors = facts.Vectors
	}
	base, problems, err := knowledge.OpenWith(ctx, fsys, o)
	finish()
	if err != nil {
		return nil, nil, err
	}
	if knowledge.HasErrors(problems) {
		return nil, nil, &knowledge.ProblemsError{Dir: dir, Problems: problems}
	}
	return base, problems, nil
}
