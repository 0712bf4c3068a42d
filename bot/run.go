package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"footnote/knowledge"
)

// CheckToken reports what is wrong with a token that can't be one, so that the operator hears it before Discord is asked.
func CheckToken(token string) error {
	if token == "" {
		return &StopError{Msg: "there is no token: set DISCORD_TOKEN to the one from " + developerPortal + " (your application, Bot, Reset Token)"}
	}
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return &StopError{Msg: "DISCORD_TOKEN holds a character no token has (a space or a line's end, perhaps): copy it anew from " + developerPortal}
		}
	}
	return nil
}

// run is Run.
func (b *Bot) run(ctx context.Context) error {
	if err := CheckToken(b.token); err != nil {
		return err
	}
	defer b.rest.client.CloseIdleConnections()
	// Three lives, each ending after the one before: taking events (ctx), the side work (side), running answers (work).
	work, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	side, endSide := context.WithCancel(context.WithoutCancel(ctx))
	defer endSide()

	var others errgroup.Group
	if b.opts.Listen != "" {
		serve, err := b.listen(b.opts.Listen)
		if err != nil {
			return err
		}
		others.Go(func() error { return serve(side) })
	}
	b.loaded(b.opts.Problems)
	if b.health.slow() {
		b.log.Warn("questions take longer here: there is no fast code for this machine's processor, which is for x86-64 with AVX2", "kernels", b.health.kernels)
	}
	if b.opts.Facts != "" && b.base != nil {
		others.Go(func() error { return b.watch(side) })
	}

	if b.opts.Journal != nil {
		if err := b.heard.load(ctx, b.opts.Journal); err != nil {
			b.metrics.journalFailed("heard")
			b.log.Warn("how far channels were heard can't be read: what was asked meanwhile may be missed", "err", err)
		}
		others.Go(func() error { return b.remember(side) })
		if b.base != nil {
			b.base.OnReload(func(_, _ *knowledge.Set) {
				b.gaps.kick()
				b.living.kick()
			})
		}
		others.Go(func() error { return b.living.run(side) })
	}

	err := b.connect(ctx, work, side, &others)

	// No new event begins; those that did have their time; only then the gateway closes, as connect sees to.
	endSide()
	if oerr := others.Wait(); err == nil && oerr != nil && !isCanceled(oerr) {
		b.log.Error("a part of the bot failed while it ended", "err", oerr)
	}
	return err
}

// connect keeps all shards connected until ctx ends, then drains the bot and closes them.
func (b *Bot) connect(ctx, work, side context.Context, others *errgroup.Group) error {
	info, err := b.findGateway(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	b.log.Info("starting", "gateway", info.URL, "shards", info.Shards, "sessions_left_today", info.Start.Remaining)
	b.shards.Store(int32(info.Shards))
	st := newStarts(b.rest.Gateway, info, b.log)
	dialer := gatewayDialer(b.opts.Dial)
	if b.opts.Dial != nil && b.opts.Transport != nil {
		dialer.Proxy = nil
	}

	wctx, endWork := context.WithCancel(work)
	defer endWork()
	registered := make(chan struct{}, 1)
	event := func(name string, data []byte) {
		if name == "READY" && b.identify(data) {
			select {
			case registered <- struct{}{}:
			default:
			}
		}
		b.event(wctx, name, data)
	}
	others.Go(func() error {
		select {
		case <-registered:
			b.register(side)
		case <-side.Done():
		}
		return nil
	})

	gctx, closeAll := context.WithCancel(context.WithoutCancel(ctx))
	defer closeAll()
	shards, gctx := errgroup.WithContext(gctx)
	shards.Go(func() error { // the one who closes: when told to, or when a shard ended for good
		select {
		case <-ctx.Done():
			b.log.Info("told to end")
			dctx, cancel := context.WithTimeout(work, drainWithin)
			err := b.drain(dctx)
			cancel()
			if err != nil {
				b.log.Error("some answers took too long and were given up", "after", drainWithin)
				endWork()
			}
		case <-gctx.Done():
		}
		closeAll()
		return nil
	})
	for n := range info.Shards {
		name := shardName(n, info.Shards)
		up := false
		g := &gateway{shard: n, shards: info.Shards, token: b.token, starts: st, dialer: dialer,
			log: b.log.With("shard", name), event: event, tried: make(chan struct{}),
			lost: func(why string) { b.metrics.reconnects.WithLabelValues(why).Inc() },
			state: func(ready bool) {
				if ready != up {
					up = ready
					b.connected(n, ready)
				}
			}}
		b.metrics.shards.WithLabelValues(strconv.Itoa(n)).Set(0)
		shards.Go(func() error { return g.run(gctx) })
		<-g.tried // in order
		if gctx.Err() != nil {
			break
		}
	}
	err = shards.Wait()
	// A shard that ended for good leaves answers running as well.
	dctx, cancel := context.WithTimeout(work, drainWithin)
	defer cancel()
	_ = b.drain(dctx)
	endWork()
	b.busy.Wait() // their contexts have ended
	return err
}

// connected counts a shard in or out.
func (b *Bot) connected(shard int, ready bool) {
	v, d := 0.0, int32(-1)
	if ready {
		v, d = 1, 1
	}
	b.ready.Add(d)
	b.metrics.shards.WithLabelValues(strconv.Itoa(shard)).Set(v)
}

// findGateway asks where the gateway is, until it is told.
func (b *Bot) findGateway(ctx context.Context) (gatewayInfo, error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = time.Second, time.Minute
	for {
		info, err := b.rest.Gateway(ctx)
		switch {
		case err == nil:
			return info, nil
		case restStatus(err) == http.StatusUnauthorized:
			return info, wrongToken(http.StatusUnauthorized)
		case ctx.Err() != nil:
			return info, ctx.Err()
		}
		pause := wait.NextBackOff()
		var re *restError
		if errors.As(err, &re) && re.RetryAfter > pause {
			pause = re.RetryAfter
		}
		b.log.Warn("Discord can't be reached", "err", err, "again_in", pause.Round(time.Millisecond))
		if !sleep(ctx, pause) {
			return info, ctx.Err()
		}
	}
}

// identify takes in who the bot is. It reports whether that is known.
func (b *Bot) identify(ready []byte) bool {
	var r struct {
		User        User `json:"user"`
		Application struct {
			ID string `json:"id"`
		} `json:"application"`
		Guilds []struct {
			ID string `json:"id"`
		} `json:"guilds"`
	}
	if err := lenient(ready, &r); err != nil || r.User.ID == "" {
		b.log.Warn("READY does not say who the bot is", "err", err)
		return false
	}
	id := &identity{userID: r.User.ID, appID: r.Application.ID, name: r.User.Username}
	if id.appID == "" {
		id.appID = r.User.ID // the same for all applications made since 2016
	}
	b.self.Store(id)
	b.log.Info("logged in", "name", id.name, "user", id.userID, "application", id.appID, "servers", len(r.Guilds))
	if len(r.Guilds) == 0 && b.shards.Load() == 1 {
		b.log.Warn("the bot is in no server yet; invite it with: " + InviteLink(id.appID))
	}
	return true
}

// me gives who the bot is; all fields are empty before the first READY.
func (b *Bot) me() identity {
	if id := b.self.Load(); id != nil {
		return *id
	}
	return identity{}
}

// errListen wraps what keeps the operator's address from being served.
func errListen(addr string, err error) error {
	return fmt.Errorf("listen on %s for the operator: %w", addr, err)
}
