package knowledge

import (
	"context"
	"errors"
)

// Effects are what a proposal would do to the answers. Each list is in the order in which the questions were compared.
type Effects struct {
	Changed  []Effect // questions that are answered otherwise: by other facts, or by the same in other words
	Answered []Effect // questions that begin to be answered
	Silent   []Effect // questions that fall silent
	Asked    int      // how many questions were compared
	Of       int      // how many there were to compare; more than Asked where they were too many

	// The trials that passed and would fail, and those that failed and would pass. They are also in one of the lists above, but for one that is
	// declined before and after, and whose want has changed.
	Broken, Mended []Effect
}

// An Effect is one question with its answers before and after.
type Effect struct {
	Question      Question
	Trial         *Trial // nil when it is an ask of a fact or a recent question
	Before, After Answer
}

// Effects compares the answers of the facts in use with those of the proposed: to all trials, all asks, and the recent questions given, such as
// gaps. A proposal that is not OK is an error.
func (p *Proposal) Effects(ctx context.Context, recent []Question) (Effects, error) {
	return Effects{}, errors.ErrUnsupported
}
