package bot

import (
	"context"

	"footnote/knowledge"
)

// watch reloads the facts when their files change, until ctx ends. Should watching fail, the facts in use go on serving.
func (b *Bot) watch(ctx context.Context) error {
	err := b.base.Watch(ctx, b.opts.Facts, func(c knowledge.Change, problems []knowledge.Problem, err error) {
		switch {
		case err != nil:
			b.metrics.reloads.WithLabelValues("failed").Inc()
			b.log.Error("the facts could not be read; the ones in use go on serving", "err", err)
			b.health.loads(nil, err)
			return
		case knowledge.HasErrors(problems):
			b.metrics.reloads.WithLabelValues("refused").Inc()
		default:
			b.metrics.reloads.WithLabelValues("changed").Inc()
			b.log.Info("new facts are in use", "added", len(c.Added), "changed", len(c.Changed), "removed", len(c.Removed), "version", c.Version)
		}
		b.loaded(problems)
	})
	if err != nil && ctx.Err() == nil {
		b.log.Error("the facts are no longer watched; the ones in use go on serving, and a restart reads new ones", "dir", b.opts.Facts, "err", err)
	}
	return nil
}

// reload loads the facts at once, after an edit from chat. The watch then finds nothing new.
func (b *Bot) reload(ctx context.Context) ([]knowledge.Problem, error) {
	c, changed, problems, err := b.base.Reload(ctx)
	switch {
	case err != nil:
		b.metrics.reloads.WithLabelValues("failed").Inc()
		b.health.loads(nil, err)
		return nil, err
	case changed:
		b.metrics.reloads.WithLabelValues("changed").Inc()
		b.log.Info("new facts are in use, edited from chat", "added", len(c.Added), "changed", len(c.Changed), "removed", len(c.Removed), "version", c.Version)
	}
	b.loaded(problems)
	return problems, nil
}

// loaded takes in how a load of the facts went.
func (b *Bot) loaded(problems []knowledge.Problem) {
	counts := map[knowledge.Level]int{}
	for _, p := range problems {
		counts[p.Level]++
		b.log.Warn("problem in the facts", "level", p.Level.String(), "at", p.Pos.String(), "rule", p.Rule, "problem", p.Msg, "hint", p.Hint)
	}
	for _, l := range []knowledge.Level{knowledge.Error, knowledge.Warning} {
		b.metrics.problems.WithLabelValues(l.String()).Set(float64(counts[l]))
	}
	b.health.loads(problems, nil)
	b.metrics.facts.Set(float64(b.facts()))
	b.gaps.kick()
	if counts[knowledge.Error] > 0 {
		b.log.Error("the changed facts have errors and are not used; the earlier ones go on serving", "errors", counts[knowledge.Error])
	}
}
