package main

import (
	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// schemaCommand prints what an editor needs to complete and check fact files.
func schemaCommand(t *term) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of fact files, for editors",
		Example: `  footnote schema > facts/schema.json`,
		Args:    between(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			return t.print(string(knowledge.Schema()))
		},
	}
}
