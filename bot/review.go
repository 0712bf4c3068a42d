package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Facts may say until when they should be looked at again (review_by). Once that day is over, moderators of home servers are reminded in their log
// channel: at most once a week, whatever number of processes runs, since when it was last done is kept among the settings.

const (
	reminderEvery = 7 * 24 * time.Hour
	// remindAgain is how often it is looked whether a reminder is due.
	remindAgain = time.Hour
	maxReminded = 15 // facts that are named
)

// due are the facts that are past the day by which they should have been looked at, those longest past first.
func due(set *knowledge.Set, now time.Time) []*knowledge.Fact {
	var all []*knowledge.Fact
	for _, f := range set.Facts {
		if end, ok := over(f.ReviewBy); ok && f.Status != knowledge.Withdrawn && !now.Before(end) {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b *knowledge.Fact) int { return strings.Compare(string(a.ReviewBy), string(b.ReviewBy)) })
	return all
}

// over is when a day is over (UTC).
func over(d knowledge.Date) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t.AddDate(0, 0, 1), err == nil
}

// remind reminds the moderators of each home server of what is due, where it is time to.
func (m *moderation) remind(ctx context.Context) {
	facts := due(m.base.Set(), m.now())
	if len(facts) == 0 {
		return
	}
	content := fmt.Sprintf(reviewDue, plural(len(facts), "fact"))
	for _, f := range facts[:min(len(facts), maxReminded)] {
		content = addLines(content, fmt.Sprintf("• %s by %s: %s", code(f.ID), escapeFact(f.ReviewBy.Words()), escapeFact(clip(visible(f.Text), 80))))
	}
	if more := len(facts) - maxReminded; more > 0 {
		content = addLines(content, fmt.Sprintf("• and %d more", more))
	}
	for _, home := range m.homes {
		mine := false
		var before time.Time
		s, err := m.journal.Set(ctx, home, func(s *journal.Settings) bool {
			mine = s.LogChannel != "" && m.now().Sub(s.Reminded) >= reminderEvery
			before, s.Reminded = s.Reminded, m.now()
			return mine
		})
		if err != nil {
			m.metrics.journalFailed("reminder")
			m.log.Error("whether a reminder is due can't be told", "guild", home, "err", err)
			continue
		}
		if !mine {
			continue
		}
		nonce := "r" + hash(home+" "+s.Reminded.String())
		if _, err := m.rest.CreateMessage(ctx, s.LogChannel, "", nonce, newPost(Response{Content: content})); err != nil && ctx.Err() == nil {
			m.log.Warn("moderators could not be reminded of facts to review", "guild", home, "channel", s.LogChannel, "err", err)
			if status := restStatus(err); status >= 400 && status < 500 { // it was not posted
				if _, err := m.journal.Set(ctx, home, func(s *journal.Settings) bool { s.Reminded = before; return true }); err != nil {
					m.log.Error("a reminder can't be put off", "guild", home, "err", err)
				}
			}
		}
	}
}

// reminding looks every hour, and first at once, until ctx ends; and drops the words of old questions that are out of scope.
func (m *moderation) reminding(ctx context.Context) error {
	tick := time.NewTicker(remindAgain)
	defer tick.Stop()
	for {
		m.remind(ctx)
		if m.journal != nil {
			if err := m.journal.ForgetScopes(ctx); err != nil && ctx.Err() == nil {
				m.metrics.journalFailed("scope")
				m.log.Error("the words of what is out of scope could not be dropped; it is tried again", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
