package journal

import (
	"context"
	"errors"
	"slices"
)

// Kept is how much of a member's is kept.
type Kept struct {
	Answers int // posted for them: ids of messages and facts, no words
	Gaps    int // questions of theirs that the facts could not answer, with their text
	Votes   int // with what they wrote beside
	Waits   int // wishes to be told
	Direct  int // direct message channels in use: ids
}

// Kept counts what is kept of a member.
func (j *Journal) Kept(ctx context.Context, userID string) (Kept, error) {
	return j.ofMember(ctx, userID, false)
}

// Forget deletes what is kept of a member, and returns how much that was. Of the answers only who asked is forgotten: they stand in
// their channels, and corrections must still reach them.
func (j *Journal) Forget(ctx context.Context, userID string) (Kept, error) {
	return j.ofMember(ctx, userID, true)
}

func (j *Journal) ofMember(ctx context.Context, userID string, forget bool) (k Kept, err error) {
	var errs []error
	failed := func(err error) bool {
		if err != nil {
			errs = append(errs, err)
		}
		return err != nil
	}
	for key, r := range j.answers.all(ctx, ">") {
		if failed(r.err) || r.v.Asker != userID {
			continue
		}
		k.Answers++
		if forget {
			failed(j.Amend(ctx, key, func(p *Posted) bool { p.Asker = ""; return true }))
		}
	}
	for key, r := range j.gaps.all(ctx, ">") {
		mine := func(a Asked) bool { return a.UserID == userID }
		if failed(r.err) || !slices.ContainsFunc(r.v.Asked, mine) {
			continue
		}
		for _, a := range r.v.Asked {
			if mine(a) {
				k.Gaps++
			}
		}
		if !forget {
			continue
		}
		empty := false
		_, err := j.gaps.update(ctx, key, func(g *Gap, ok bool) bool {
			g.Asked = slices.DeleteFunc(g.Asked, mine)
			if empty = len(g.Asked) == 0; !empty {
				g.Question = g.Asked[0].Question
			}
			return ok
		})
		if !failed(err) && empty {
			failed(j.gaps.remove(ctx, key))
		}
	}
	for key, r := range j.votes.all(ctx, "*."+userID) {
		if failed(r.err) {
			continue
		}
		k.Votes++
		if forget {
			failed(j.votes.remove(ctx, key))
		}
	}
	for key, r := range j.waits.all(ctx, "*."+userID) {
		if failed(r.err) {
			continue
		}
		k.Waits++
		if forget {
			failed(j.waits.remove(ctx, key))
		}
	}
	for key, r := range j.heard.all(ctx, ">") {
		if failed(r.err) || r.v.UserID != userID {
			continue
		}
		k.Direct++
		if forget {
			failed(j.heard.remove(ctx, key))
		}
	}
	if forget { // the number of gaps opened goes with the gaps
		for key, r := range j.opened.all(ctx, "*."+userID) {
			if !failed(r.err) {
				failed(j.opened.remove(ctx, key))
			}
		}
	}
	return k, errors.Join(errs...)
}
