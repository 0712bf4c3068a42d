package journal

import (
	"context"
	"slices"
	"time"
)

// A Gap is a question that the facts could not answer, however many asked it in whatever spelling: all whose [Gap.Key] is the same.
type Gap struct {
	Key      string    `json:"key"`
	Question string    `json:"question"` // as it was first asked, of those still kept
	Count    int       `json:"count"`    // how often it was asked
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Asked    []Asked   `json:"asked"` // of each member the latest time, of at most [MaxAsked] members, oldest first
}

// An Asked is the last time that a member asked.
type Asked struct {
	Question  string    `json:"question"`
	History   []string  `json:"history,omitempty"` // the earlier questions it was read with
	UserID    string    `json:"user"`
	GuildID   string    `json:"guild,omitempty"`
	ChannelID string    `json:"channel"`
	MessageID string    `json:"message,omitempty"` // the bot's word that it doesn't know; empty where only the asker saw it
	At        time.Time `json:"at"`
}

const (
	// MaxAsked is of how many members it is kept that they asked the same: enough for links, and for a value of some kilobytes.
	MaxAsked = 20
	// MaxOpened is how many gaps one member may open on a day (UTC): questions that nobody has asked before. Somebody curious has that many;
	// somebody who means to fill the journal, or the moderators' list, gets no further. Asking what others asked is not limited.
	MaxOpened = 20
)

// Askers is how many different members asked, of those still kept; at most [MaxAsked].
func (g Gap) Askers() int { return len(g.Asked) }

// A Scope is a moderators' word that a gap is none: what it asks is no business of these facts.
type Scope struct {
	Key      string    `json:"key"`
	Question string    `json:"question"` // empty once it is older than is kept: see [Journal.ForgetScopes]
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Ask counts a question that the facts could not answer. It reports false, and keeps nothing, when the question is new and its asker has
// opened [MaxOpened] gaps that day.
func (j *Journal) Ask(ctx context.Context, key string, a Asked) (Gap, bool, error) {
	if _, known, err := j.gaps.get(ctx, key); err != nil {
		return Gap{}, false, err
	} else if !known {
		may := false
		_, err := j.opened.update(ctx, Day(a.At)+"."+a.UserID, func(n *int, _ bool) bool {
			may = *n < MaxOpened
			*n++
			return may
		})
		if err != nil || !may {
			return Gap{}, false, err
		}
	}
	g, err := j.gaps.update(ctx, key, func(g *Gap, _ bool) bool {
		g.Key = key
		if g.Count++; g.Count == 1 || a.At.Before(g.First) {
			g.First = a.At
		}
		if a.At.After(g.Last) {
			g.Last = a.At
		}
		g.Asked = slices.DeleteFunc(j.fresh(g.Asked), func(b Asked) bool { return b.UserID == a.UserID })
		g.Asked = append(g.Asked, a)
		slices.SortStableFunc(g.Asked, func(a, b Asked) int { return a.At.Compare(b.At) }) // one asked earlier may be kept later
		g.Asked = g.Asked[max(0, len(g.Asked)-MaxAsked):]
		g.Question = g.Asked[0].Question
		return true
	})
	return g, err == nil, err
}

// fresh leaves out what was asked longer ago than is kept.
func (j *Journal) fresh(asked []Asked) []Asked {
	oldest := j.now().Add(-j.retention)
	return slices.DeleteFunc(slices.Clone(asked), func(a Asked) bool { return a.At.Before(oldest) })
}

// Gap returns one gap, and whether there is one.
func (j *Journal) Gap(ctx context.Context, key string) (Gap, bool, error) {
	g, ok, err := j.gaps.get(ctx, key)
	g.Asked = j.fresh(g.Asked)
	return g, ok, err
}

// Gaps lists every gap, the least lately asked first.
func (j *Journal) Gaps(ctx context.Context) ([]Gap, error) {
	gaps, err := j.gaps.list(ctx, ">")
	for i := range gaps {
		gaps[i].Asked = j.fresh(gaps[i].Asked)
	}
	return gaps, err
}

// Fill drops a gap: a fact answers it now, or it is out of scope.
func (j *Journal) Fill(ctx context.Context, key string) error { return j.gaps.remove(ctx, key) }

// SetScope keeps that a gap is out of scope; ClearScope takes that back.
func (j *Journal) SetScope(ctx context.Context, s Scope) error { return j.scope.put(ctx, s.Key, s) }

// ClearScope takes back that a gap is out of scope.
func (j *Journal) ClearScope(ctx context.Context, key string) error { return j.scope.remove(ctx, key) }

// Scopes lists what is out of scope.
func (j *Journal) Scopes(ctx context.Context) ([]Scope, error) { return j.scope.list(ctx, ">") }

// ForgetScopes drops the words of what was put out of scope longer ago than members' words are kept. It stays out of scope.
func (j *Journal) ForgetScopes(ctx context.Context) error {
	all, err := j.Scopes(ctx)
	if err != nil {
		return err
	}
	oldest := j.now().Add(-j.retention)
	for _, s := range all {
		if s.Question == "" || !s.At.Before(oldest) {
			continue
		}
		if _, err := j.scope.update(ctx, s.Key, func(now *Scope, ok bool) bool {
			if !ok || !now.At.Equal(s.At) { // taken back meanwhile, and perhaps put out of scope anew
				return false
			}
			now.Question = ""
			return true
		}); err != nil {
			return err
		}
	}
	return nil
}

// OutOfScope returns the word that a gap is out of scope, where there is one.
func (j *Journal) OutOfScope(ctx context.Context, key string) (Scope, bool, error) {
	return j.scope.get(ctx, key)
}
