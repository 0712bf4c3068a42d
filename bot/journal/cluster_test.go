package journal_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"footnote/bot/journal"
)

// A cluster is three NATS servers with JetStream in this process, on ports of 127.0.0.1 that the system gave.
type cluster struct {
	t      *testing.T
	routes []*url.URL
	opts   []*server.Options
	nodes  []*server.Server
}

// newCluster starts three servers and waits until they have a leader.
func newCluster(t *testing.T, ctx context.Context) *cluster {
	c := &cluster{t: t}
	for n := range 3 {
		o := &server.Options{ServerName: fmt.Sprint("node", n), Host: "127.0.0.1", Port: freePort(t), NoLog: true, NoSigs: true,
			JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: freePort(t)}}
		c.opts = append(c.opts, o)
		c.routes = append(c.routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", o.Cluster.Port)})
	}
	for n := range c.opts {
		c.nodes = append(c.nodes, nil)
		c.start(n)
	}
	t.Cleanup(func() {
		for _, s := range c.nodes {
			s.Shutdown()
			s.WaitForShutdown()
		}
	})
	c.until(ctx, "a leader", func() bool {
		for _, s := range c.nodes {
			if s.JetStreamIsLeader() {
				return true
			}
		}
		return false
	})
	return c
}

func (c *cluster) start(n int) {
	c.t.Helper()
	o := c.opts[n].Clone()
	o.Routes = c.routes
	s, err := server.NewServer(o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.nodes[n] = s
	go s.Start() // ends with Shutdown
	if !s.ReadyForConnections(10 * time.Second) {
		c.t.Fatal("a node did not start")
	}
}

func (c *cluster) stop(n int) {
	c.nodes[n].Shutdown()
	c.nodes[n].WaitForShutdown()
}

func (c *cluster) until(ctx context.Context, what string, ok func() bool) {
	c.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// url lists the nodes.
func (c *cluster) url() string {
	var all []string
	for _, o := range c.opts {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", o.Port))
	}
	return strings.Join(all, ",")
}

// freePort gives a port that nobody listens on.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestCluster keeps the journal on three servers, of which each in turn stops during writes and comes back. Nothing that was acknowledged may be lost, and
// with two left the writes must go on. At the end one process writes and another reads.
func TestCluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := newCluster(t, ctx)
	j, err := journal.Open(ctx, journal.Options{URL: c.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, j)

	var acked, failed atomic.Int64
	var mu sync.Mutex
	var kept []string
	wctx, stop := context.WithCancel(ctx)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; wctx.Err() == nil; n++ {
				id := fmt.Sprintf("%d-%d", w, n)
				one, cancel := context.WithTimeout(wctx, 2*time.Second)
				err := j.Post(one, "t"+id, posted(id))
				if err == nil {
					_, _, err = j.Ask(one, "gap", journal.Asked{Question: "q", UserID: fmt.Sprint("u", w), At: time.Now()})
				}
				cancel()
				if err != nil {
					failed.Add(1) // while a leader is elected
					continue
				}
				mu.Lock()
				kept = append(kept, id)
				mu.Unlock()
				acked.Add(1)
			}
		})
	}
	more := func(what string, n int64) {
		from := acked.Load()
		began := time.Now()
		c.until(ctx, fmt.Sprintf("%d writes %s", n, what), func() bool { return acked.Load() >= from+n })
		t.Logf("%d writes %s after %v; so far %d acknowledged, %d failed", n, what, time.Since(began).Round(time.Millisecond), acked.Load(), failed.Load())
	}
	// listed lists the answers again and again, as of three servers any may. Each list must have all that was acknowledged before it, or be an error.
	lists, late := 0, 0
	listed := func(what string) {
		t.Helper()
		short, most := 0, 0
		for range 12 {
			mu.Lock()
			want := slices.Clone(kept)
			mu.Unlock()
			have, err := answersOf(ctx, j)
			if err != nil {
				late++
				continue
			}
			lists++
			if n := missing(have, want); n > 0 {
				short, most = short+1, max(most, n)
			}
		}
		if short > 0 {
			t.Errorf("%s: %d of 12 lists lack answers that were acknowledged, up to %d", what, short, most)
		}
	}
	more("with three nodes", 50)
	for n := range c.nodes {
		c.stop(n)
		more(fmt.Sprintf("without node %d", n), 50)
		c.start(n)
		listed(fmt.Sprintf("when node %d has just started", n))
		c.until(ctx, "the node to be whole", func() bool { return c.nodes[n].JetStreamIsCurrent() })
		more(fmt.Sprintf("with node %d back", n), 50)
	}
	stop()
	writers.Wait()

	other, err := journal.Open(ctx, journal.Options{URL: c.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, other)
	have, err := answersOf(ctx, other)
	if err != nil {
		t.Fatal(err)
	}
	lost := missing(have, kept)
	gap, ok, err := other.Gap(ctx, "gap")
	if lost > 0 || err != nil || !ok || int64(gap.Count) < acked.Load() {
		t.Errorf("%d of %d acknowledged answers are lost; %d of %d askings are counted; %v", lost, len(kept), gap.Count, acked.Load(), err)
	}
	t.Logf("%d answers and %d askings were acknowledged, %d are lost; %d lists while a node caught up, %d told that they could not", len(kept), acked.Load(), lost, lists, late)

	// Of two processes one leads, till it resigns or its time is over.
	if ok, err := j.Lead(ctx, "work", "a", time.Minute); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := other.Lead(ctx, "work", "b", time.Minute); ok || err != nil {
		t.Error("two lead", err)
	}
	if ok, err := j.Lead(ctx, "work", "a", time.Nanosecond); !ok || err != nil {
		t.Error("it can't go on leading", err)
	}
	if ok, err := other.Lead(ctx, "work", "b", time.Minute); !ok || err != nil {
		t.Error("nobody leads, and it can't", err)
	}
	if err := other.Resign(ctx, "work", "b"); err != nil {
		t.Error(err)
	}
	if ok, err := j.Lead(ctx, "work", "a", time.Minute); !ok || err != nil {
		t.Error("after it resigned another can't lead", err)
	}
	var leaders atomic.Int64
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			if ok, err := []*journal.Journal{j, other}[n%2].Lead(ctx, "race", fmt.Sprint(n), time.Minute); ok {
				leaders.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if leaders.Load() != 1 {
		t.Errorf("%d lead at once", leaders.Load())
	}
}

// answersOf lists the messages of the answers that a journal has, in at most some seconds.
func answersOf(ctx context.Context, j *journal.Journal) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	have := map[string]bool{}
	for p, err := range j.Answers(ctx) {
		if err != nil {
			return nil, err
		}
		have[p.MessageID] = true
	}
	return have, nil
}

// missing counts those that are not there.
func missing(have map[string]bool, want []string) (n int) {
	for _, id := range want {
		if !have[id] {
			n++
		}
	}
	return n
}

// TestNoCluster holds that a cluster that is not there, or does not answer, is told and not waited for.
func TestNoCluster(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct{ name, url string }{
		{"nothing there", fmt.Sprintf("nats://127.0.0.1:%d", freePort(t))},
		{"silent", "nats://" + l.Addr().String()},
		{"with passwords", fmt.Sprintf("nats://u:secret@127.0.0.1:%d,nats://secret@127.0.0.1:%d", freePort(t), freePort(t))},
		{"no address", "nats://127.0.0.1:x"},
	} {
		began := time.Now()
		_, err := journal.Open(t.Context(), journal.Options{URL: c.url})
		if err == nil || !strings.Contains(err.Error(), "connect to nats://") || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", c.name, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password is told: %v", c.name, err)
		}
		t.Logf("%s: after %v: %v", c.name, time.Since(began).Round(time.Millisecond), err)
	}
}
