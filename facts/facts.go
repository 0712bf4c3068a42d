// Package facts holds the fact files that are built into the binary.
package facts

import "embed"

// FS holds the fact files and the trials beside them.
//
//go:embed *.yaml
var FS embed.FS

// Vectors are the vectors of the facts' wordings, so that the first answer need not wait for them: what `go test ./facts -update` writes.
//
//go:embed vectors.block
var Vectors []byte
