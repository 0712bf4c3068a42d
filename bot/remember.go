package bot

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// followAgain is how long is waited before a bucket is followed again that could not be: a cluster that is away comes back within seconds.
const followAgain = 5 * time.Second

// remember does what a bot with a journal does beside answering, until ctx ends.
func (b *Bot) remember(ctx context.Context) error {
	var all errgroup.Group
	follow := func(what string, f func(context.Context) error) {
		all.Go(func() error {
			for {
				err := f(ctx)
				if err == nil || ctx.Err() != nil {
					return nil
				}
				b.metrics.journalFailed(what)
				b.log.Warn("the journal can't be followed; it is read each time instead", "what", what, "err", err, "again_in", followAgain)
				if !sleep(ctx, followAgain) {
					return nil
				}
			}
		})
	}
	follow("settings", b.settings.mirror.Follow)
	follow("scope", b.gaps.scopes.Follow)
	all.Go(func() error { return b.heard.keep(ctx, b.opts.Journal, b.log, b.metrics.journalFailed) })
	all.Go(func() error { return b.gaps.run(ctx) })
	all.Go(func() error { return b.tally.run(ctx) })
	all.Go(func() error { return b.moderators.reminding(ctx) })
	return all.Wait()
}
