package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"footnote/bot/journal"
)

// What was asked, and what became of it, over some time: /facts stats.

const (
	defaultDays = 30
	maxDays     = 365
	topFacts    = 5
	topGaps     = 5
)

// stats answers /facts stats.
func (m *moderation) stats(ctx context.Context, i *Interaction) Response {
	days := defaultDays
	if n, err := strconv.Atoi(i.Options[optionDays]); err == nil {
		days = min(max(1, n), maxDays)
	}
	if m.tally != nil {
		if err := m.tally.flush(ctx); err != nil {
			return m.failed("the counts can't be written", err)
		}
	}
	to := m.now().UTC()
	from := to.AddDate(0, 0, 1-days)
	counts, err := m.journal.Counts(ctx, from, to)
	if err != nil {
		return m.failed("the counts can't be read", err)
	}
	groups, err := m.grouped(ctx)
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	var sum journal.Count
	busiest := journal.Count{}
	for _, c := range counts {
		sum.Add(c)
		if c.Asked > busiest.Asked {
			busiest = c
		}
	}
	lines := []string{fmt.Sprintf("**Asked from %s to %s** (UTC, %s)", dayLabel(journal.Day(from)), dayLabel(journal.Day(to)), plural(days, "day"))}
	if sum.Asked+sum.Answered+sum.Declined == 0 {
		return tell(strings.Join(append(lines, statsNothing), "\n"))
	}
	told := fmt.Sprintf("%s: %d answered, %d not in the facts", plural(sum.Asked, "question"), sum.Answered, sum.Declined)
	uncounted := ""
	if open := sum.Asked - sum.Answered - sum.Declined; open > 0 {
		told += fmt.Sprintf(", %d where nothing was chosen", open)
		uncounted = ", without those where nothing was chosen"
	}
	lines = append(lines, told)
	if n := sum.Answered + sum.Declined; n > 0 {
		share := (100*sum.Answered + n/2) / n
		lines = append(lines, fmt.Sprintf("Share answered: %d %% (%d of %d%s). Most were asked on %s: %d.", share, sum.Answered, n, uncounted, dayLabel(busiest.Day), busiest.Asked))
	}
	content := strings.Join(lines, "\n")
	facts := slices.SortedFunc(maps.Keys(sum.Facts), func(a, b string) int {
		return cmp.Or(cmp.Compare(sum.Facts[b], sum.Facts[a]), strings.Compare(a, b))
	})
	if len(facts) > 0 {
		content = addLines(content, "**Said most often**")
	}
	for n, id := range facts[:min(len(facts), topFacts)] {
		line := fmt.Sprintf("%d. %s ×%d", n+1, code(id), sum.Facts[id])
		if f := m.base.Set().Fact(id); f != nil {
			line += " " + escapeFact(clip(visible(f.Text), 90))
		}
		content = addLines(content, line)
	}
	groups = slices.DeleteFunc(groups, func(g *gapGroup) bool { return journal.Day(g.last()) < journal.Day(from) })
	if len(groups) > 0 {
		content = addLines(content, "**Asked most often and not in the facts**")
	}
	for n, g := range groups[:min(len(groups), topGaps)] {
		content = addLines(content, fmt.Sprintf("%d. “%s” · %s", n+1, quoteSaid(g.head.Question, 90), g.asks()))
	}
	r := Response{Action: Reply, Private: true, Content: content}
	if data, err := drawCounts(counts); err != nil {
		m.log.Error("a chart could not be drawn", "err", err) // the numbers are told all the same
	} else {
		alt := fmt.Sprintf("A bar for each day or few days from %s to %s: how many questions were answered (blue), and how many the facts did not cover (orange). In all %d and %d.",
			dayLabel(journal.Day(from)), dayLabel(journal.Day(to)), sum.Answered, sum.Declined)
		r.Files = []File{{Name: "questions.png", Data: data, Alt: alt}}
	}
	return r
}
