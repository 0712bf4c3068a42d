package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultRetention is how long what members wrote is kept where the operator says nothing: product.md, promise 6.
const DefaultRetention = 30 * 24 * time.Hour

// Options say where the journal is kept, and for how long.
type Options struct {
	// Dir is the folder of the embedded server; made where it is missing. One process at a time may use it.
	Dir string
	// URL is of an existing NATS cluster (nats://a:4222,nats://b:4222), which then keeps the journal instead.
	URL string
	// Replicas is on how many servers of a cluster each bucket is kept: 1, 3 or 5. 0 means 1 embedded, and 3 on a cluster that has as many.
	Replicas int
	// Retention is how long answers, gaps, votes and requests are kept; 0 means [DefaultRetention].
	Retention time.Duration
	// Log takes what the operator should read; nil for nothing.
	Log *slog.Logger
	// Now replaces the clock in tests.
	Now func() time.Time
}

// A Journal is open until it is closed. All its methods may be called from many goroutines at once, and by several
// processes on one cluster. An error is the operator's: the disk or the cluster failed, or ctx ended.
type Journal struct {
	retention time.Duration
	now       func() time.Time

	embedded *embedded // nil on a cluster
	dir      string    // of the embedded server
	lock     *dirLock  // on the folder; nil on a cluster
	words    complaint
	conn     *nats.Conn
	log      *slog.Logger

	// Whether writes work: see heal.go.
	mu       sync.Mutex
	broken   error
	brokenAt time.Time
	refusing map[string]bool // the buckets that take none
	doubted  chan struct{}   // holds one after a write has failed
	probes   []probe
	healing  sync.WaitGroup
	endHeal  context.CancelFunc

	answers   bucket[Posted]
	pending   bucket[Pending]
	versions  bucket[Version]
	gaps      bucket[Gap]
	scope     bucket[Scope]
	opened    bucket[int] // how many gaps a member opened on a day
	waits     bucket[Wait]
	votes     bucket[Vote]
	settings  bucket[Settings]
	edits     bucket[Edit]
	proposals bucket[Proposal]
	counts    bucket[Count]
	leads     bucket[lead]
	heard     bucket[Heard]
	blobs     objects
}

// proposalsLast is how long a preview may wait for its Confirm.
const proposalsLast = time.Hour

// openedLast is how long it is kept how many gaps a member opened on a day: till that day is over everywhere.
const openedLast = 48 * time.Hour

// countsLast is how long the daily counts are kept: a year and a bit, for a comparison with last year. They hold no member's words.
const countsLast = 400 * 24 * time.Hour

// pendingMarks is how long it is kept that an answer is no longer pending. Each answer leaves such a mark, so they must not pile up.
const pendingMarks = time.Minute

// openWithin bounds the making of the buckets on a cluster that may be electing a leader, and askWithin each request of it: what a server was
// asked that then ceased to lead is never answered, and has to be asked again.
const (
	openWithin = 30 * time.Second
	askWithin  = 3 * time.Second
)

// Open starts the embedded server, or connects to the cluster, and makes the buckets that are missing. Close it when done.
func Open(ctx context.Context, o Options) (j *Journal, err error) {
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	j = &Journal{retention: o.Retention, now: o.Now, dir: o.Dir, log: o.Log, doubted: make(chan struct{}, 1), endHeal: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open the journal: %w", err), j.Close())
			j = nil
		}
	}()
	if o.URL == "" {
		err = j.embed(o)
	} else {
		err = j.dial(o)
	}
	if err != nil {
		return j, err
	}
	js, err := jetstream.New(j.conn)
	if err != nil {
		return j, err
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	replicas := o.Replicas
	if replicas == 0 {
		replicas = 1
		if o.URL != "" && len(j.conn.Servers()) >= 3 {
			replicas = 3
		}
	}
	for _, b := range []struct {
		name  string
		ttl   time.Duration // of a key that is not written again; 0: for ever
		marks time.Duration // how long it is kept that a key was removed; 0: as long as a value
		in    interface {
			open(kv jetstream.KeyValue, stream jetstream.Stream, marks time.Duration, j *Journal)
		}
	}{
		{"answers", o.Retention, 0, &j.answers},
		{"pending", o.Retention, pendingMarks, &j.pending},
		{"versions", 0, 0, &j.versions},
		{"gaps", o.Retention, 0, &j.gaps},
		{"scope", 0, 0, &j.scope},
		{"opened", openedLast, 0, &j.opened},
		{"waits", o.Retention, 0, &j.waits},
		{"votes", o.Retention, 0, &j.votes},
		{"settings", 0, 0, &j.settings},
		{"edits", 0, 0, &j.edits},
		{"proposals", proposalsLast, 0, &j.proposals},
		{"counts", countsLast, 0, &j.counts},
		{"leads", time.Hour, 0, &j.leads},
		{"heard", o.Retention, 0, &j.heard},
	} {
		var kv jetstream.KeyValue
		var stream jetstream.Stream
		err := patiently(ctx, func(ctx context.Context) (err error) {
			kv, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: prefix + b.name, TTL: b.ttl, Storage: jetstream.FileStorage, Replicas: replicas, LimitMarkerTTL: b.marks})
			if err != nil {
				return err
			}
			if stream, err = readFromLeader(ctx, js, "KV_"+prefix+b.name); err != nil {
				return err
			}
			kv, err = js.KeyValue(ctx, prefix+b.name)
			return err
		})
		if err != nil {
			return j, fmt.Errorf("bucket %s: %w", b.name, err)
		}
		b.in.open(kv, stream, b.marks, j)
		one := probe{kv: kv}
		if b.marks > 0 {
			one.opts = append(one.opts, jetstream.PurgeTTL(b.marks))
		}
		j.probes = append(j.probes, one)
	}
	err = patiently(ctx, func(ctx context.Context) (err error) {
		j.blobs.refused, j.blobs.doubt = func() error { return j.refuses(blobsBucket) }, j.doubt
		j.blobs.ObjectStore, err = js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: blobsBucket, Storage: jetstream.FileStorage, Replicas: replicas})
		if err != nil || replicas == 1 {
			return err
		}
		if _, err := readFromLeader(ctx, js, "OBJ_"+blobsBucket); err != nil {
			return err
		}
		j.blobs.ObjectStore, err = js.ObjectStore(ctx, blobsBucket)
		return err
	})
	if err != nil {
		return j, fmt.Errorf("object store: %w", err)
	}
	hctx, end := context.WithCancel(context.Background())
	j.endHeal = end
	j.healing.Go(func() { j.heal(hctx) })
	return j, nil
}

// patiently does what may be done twice, and does it again while it isn't answered in time, or the cluster says that it isn't whole yet.
func patiently(ctx context.Context, do func(context.Context) error) error {
	for {
		one, cancel := context.WithTimeout(ctx, askWithin)
		err := do(one)
		late := one.Err() != nil
		cancel()
		var refused *jetstream.APIError
		notYet := late || errors.Is(err, nats.ErrNoResponders) || errors.As(err, &refused) && (refused.Code == 503 || refused.ErrorCode == noPeers)
		if err == nil || !notYet {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// noPeers is what a cluster answers that has not enough servers in it at the moment: JSClusterNoPeersErrF of nats-server.
const noPeers = 10005

// readFromLeader lets a stream be read from the server that leads it alone. By default any that has a copy answers, and one that lags
// behind may not have yet what was written a moment before: an edit begun would not be there to be finished.
func readFromLeader(ctx context.Context, js jetstream.JetStream, stream string) (jetstream.Stream, error) {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	c := s.CachedInfo().Config
	if !c.AllowDirect {
		return s, nil
	}
	c.AllowDirect = false
	return js.UpdateStream(ctx, c)
}

// prefix sets the bot's buckets apart from others on the same cluster.
const prefix = "footnote_"

// blobsBucket is the object store's.
const blobsBucket = prefix + "blobs"

// dial connects to a cluster, and goes on trying to whenever the connection is lost.
func (j *Journal) dial(o Options) (err error) {
	j.conn, err = nats.Connect(o.URL, nats.Name("footnote"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(false),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				o.Log.Warn("the connection to the journal's cluster is lost; trying again", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { o.Log.Info("connected to the journal's cluster again") }))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", redacted(o.URL), err)
	}
	return nil
}

// redacted is a list of addresses without the passwords or tokens in them.
func redacted(urls string) string {
	all := strings.Split(urls, ",")
	for n, one := range all {
		before, host, found := strings.Cut(one, "@")
		if !found {
			continue
		}
		scheme, _, has := strings.Cut(before, "://")
		if all[n] = "xxxxx@" + host; has {
			all[n] = scheme + "://xxxxx@" + host
		}
	}
	return strings.Join(all, ",")
}

// Retention is how long what members wrote is kept.
func (j *Journal) Retention() time.Duration { return j.retention }

// Close ends the connection and the embedded server. What was acknowledged is on disk already.
func (j *Journal) Close() error {
	j.endHeal()
	j.healing.Wait()
	if j.conn != nil {
		j.conn.Close()
	}
	if j.embedded != nil {
		j.embedded.end()
	}
	if l := j.lock; l != nil {
		j.lock = nil
		return l.release()
	}
	return nil
}
