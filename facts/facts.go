// Package facts holds the fact files that are built into the binary.
package facts

import "embed"

// FS holds the fact files and the trials beside them.
//
//go:embed *.yaml
var FS embed.FS
