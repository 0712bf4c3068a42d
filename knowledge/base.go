package knowledge

import (
	"context"
	"errors"
	"io/fs"
)

// A Question is what a member asks.
type Question struct {
	Text       string
	History    []string // earlier questions of the same member's dialogue, oldest first
	Candidates int      // how many candidates the answer should hold
	Explain    bool     // whether the candidates should hold the parts of their scores
}

// A Base is the facts and the index in use. It answers questions from many goroutines at once, and keeps
// answering from the old facts until new ones are ready.
type Base struct {
	set *Set
}

// Open loads the facts below the root of fsys, indexes them, and gives the base that answers from them. With an
// error-level problem there is no base. Close it when done.
func Open(ctx context.Context, fsys fs.FS) (*Base, []Problem, error) {
	return nil, nil, errors.New("not built yet")
}

// Set returns the facts in use.
func (b *Base) Set() *Set { return b.set }

// Ask answers a question. The error is only ever ctx's: a question that can't be answered, or can't be read,
// gets an answer that says so.
func (b *Base) Ask(ctx context.Context, q Question) (Answer, error) {
	return Answer{}, errors.New("not built yet")
}

// Suggest completes what a member has typed so far to at most n known questions: question wordings first,
// then facts. An empty prefix gives the overview facts' questions first.
func (b *Base) Suggest(prefix string, n int) []Suggestion { return nil }

// Around returns the facts of one source in the order of their paragraphs, at most n before and n after the fact.
func (b *Base) Around(f *Fact, n int) []*Fact { return nil }

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

// Close frees the index. It waits for running questions.
func (b *Base) Close() error { return nil }
