package knowledge

import (
	"context"
	"errors"
)

// A Change is what a reload changed: ids, sorted.
type Change struct {
	Added, Changed, Removed []string
	Version                 string
}

// Reload loads the folder anew. The old facts serve until the new index is ready, and go on serving when there is
// a problem or an error. The same bytes reload nothing: changed is false.
func (b *Base) Reload(ctx context.Context) (change Change, changed bool, problems []Problem, err error) {
	return Change{}, false, nil, errors.New("not built yet")
}

// Watch reloads whenever the files below dir change, until ctx ends. After each try that changed the facts or failed it
// calls report from its own goroutine.
func (b *Base) Watch(ctx context.Context, dir string, report func(Change, []Problem, error)) error {
	return errors.New("not built yet")
}
