package knowledge

import (
	"context"
	"errors"
)

// A Proposal is a candidate for the whole folder: what it would be with the bytes of one file replaced. Nothing is written. Close it
// when done.
type Proposal struct {
	Path     string
	Old, New []byte    // of the file; a nil Old: it is new; a nil New: it is removed
	Problems []Problem // of the whole folder as proposed, sorted by place

	base *Base
	set  *Set
}

// Propose checks the folder as it would be with the file at path changed from old to new. A nil old means that there is no such file, a nil
// new that it is removed. The error is [ErrChanged] when the file in the folder is not old any more.
func (b *Base) Propose(ctx context.Context, path string, old, new []byte) (*Proposal, error) {
	return nil, errors.ErrUnsupported
}

// OK reports whether the proposed folder could be loaded: it has no error-level problem.
func (p *Proposal) OK() bool { return p.set != nil }

// Set returns the facts as proposed, or nil unless the proposal is [Proposal.OK].
func (p *Proposal) Set() *Set { return p.set }

// Close frees the index of the proposed facts, where one was built.
func (p *Proposal) Close() error { return nil }
