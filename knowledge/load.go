package knowledge

import (
	"context"
	"errors"
	"io/fs"
)

// Load reads every fact file and trial file below the root of fsys.
//
// The problems are all there are, sorted by place; when one of them is an [Error] the set is nil. An error
// means that the folder could not be read at all, or that ctx ended.
func Load(ctx context.Context, fsys fs.FS) (*Set, []Problem, error) {
	return nil, nil, errors.New("not built yet")
}
