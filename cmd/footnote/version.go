package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"footnote/facts"
	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// versionCommand tells which program this is, and which facts are built in.
func versionCommand(t *term) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the program and of the built-in facts",
		Example: `  footnote version`,
		Args:    between(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, problems, err := knowledge.Load(cmd.Context(), facts.FS)
			if err != nil {
				return err
			}
			if knowledge.HasErrors(problems) {
				return &knowledge.ProblemsError{Problems: problems}
			}
			return t.print(fmt.Sprintf("footnote %s\nfacts %s (%s)\n", programVersion(), set.Version, count(len(set.Facts), "fact")))
		},
	}
}

// programVersion is the module's version, the commit it was built from where Go knows it, and the platform.
func programVersion() string {
	version := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		if version == "" {
			version = "(devel)"
		}
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if commit := settings["vcs.revision"]; commit != "" {
			version += " " + commit[:min(12, len(commit))]
			if settings["vcs.modified"] == "true" {
				version += ", modified"
			}
		}
	}
	return fmt.Sprintf("%s %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
