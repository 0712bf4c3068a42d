package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// listen opens the operator's address, and gives what serves it until its context ends.
func (b *Bot) listen(addr string) (func(context.Context) error, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, errListen(addr, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		b.log.Warn("the operator's pages are open to others than this machine", "addr", l.Addr().String())
	}
	b.log.Info("listening for the operator", "addr", l.Addr().String())
	s := &http.Server{Handler: b.pages(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	return func(ctx context.Context) error {
		over := make(chan error, 1)
		go func() { over <- s.Serve(l) }()
		select {
		case err := <-over:
			return errListen(addr, err)
		case <-ctx.Done():
		}
		sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if s.Shutdown(sctx) != nil {
			s.Close()
		}
		if err := <-over; !errors.Is(err, http.ErrServerClosed) {
			return errListen(addr, err)
		}
		return nil
	}, nil
}

// pages are what the operator may read.
//
//	/healthz  200 as long as the process runs and its journal takes writes, else 503 with why: members are answered all the same, and it is
//	          tried again and again, so make room; restart it when this gives no answer
//	/readyz   200 while every shard is connected, facts are loaded and the journal takes writes, else 503; says which as JSON
//	/metrics  counters for Prometheus
func (b *Bot) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if since, err := b.notKeeping(); err != nil {
			http.Error(w, fmt.Sprintf("the journal takes no writes since %s: %v", since.UTC().Format(time.RFC3339), err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		draining := b.ending()
		state := struct {
			Ready    bool `json:"ready"`
			Shards   int  `json:"shards"`
			Up       int  `json:"shards_connected"`
			Facts    int  `json:"facts"`
			Draining bool `json:"draining"`
			// Journal is why it takes no writes; empty while it does, and where there is none.
			Journal string `json:"journal,omitempty"`
		}{Shards: int(b.shards.Load()), Up: int(b.ready.Load()), Facts: b.facts(), Draining: draining}
		if _, err := b.notKeeping(); err != nil {
			state.Journal = err.Error()
		}
		state.Ready = state.Shards > 0 && state.Up == state.Shards && state.Facts > 0 && !draining && state.Journal == ""
		w.Header().Set("Content-Type", "application/json")
		if !state.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(state) // whoever asked has gone
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{}))
	return mux
}

// notKeeping says since when the journal takes no writes, and why; err is nil while it does, and where there is none.
func (b *Bot) notKeeping() (since time.Time, err error) {
	if b.opts.Journal == nil {
		return time.Time{}, nil
	}
	return b.opts.Journal.Broken()
}

// facts counts the facts in use.
func (b *Bot) facts() int {
	if b.base == nil {
		return 0
	}
	set := b.base.Set()
	if set == nil {
		return 0
	}
	return len(set.Facts)
}
