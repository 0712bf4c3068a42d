package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A disk that was full for a moment, a quota, a file system mounted read-only, descriptors used up: the embedded server lets a stream that could once not
// write refuse every write for ever after, though its disk has long been well again. So where a write fails, one goroutine finds out whether writes
// work at all: it tries one in each bucket. While they don't, [Journal.Broken] says so, and once the disk takes writes again the embedded server is
// ended and another begun on the same files, which have all that was acknowledged. The connection, and with it the buckets, stay the same.

const (
	// healFirst and healMost are the least and the longest time between two looks whether writes work again.
	healFirst = 500 * time.Millisecond
	healMost  = 30 * time.Second
	// probeKey is the key that is deleted, time and again, to try whether a bucket takes writes. There never is a value.
	probeKey = "probe"
	// probeWithin bounds one such try. A server whose disk takes no more does not answer.
	probeWithin = 2 * time.Second
	// probeSize is how much is written to the disk to try it: more than the server writes at once.
	probeSize = 256 << 10
)

// Broken says since when the journal takes no writes, and why; err is nil while it does.
func (j *Journal) Broken() (since time.Time, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.brokenAt, j.broken
}

// doubt is called when a write has failed.
func (j *Journal) doubt() {
	select {
	case j.doubted <- struct{}{}:
	default:
	}
}

// heal looks, each time that there is a doubt, whether writes work, and brings them back where that can be done, until ctx ends.
func (j *Journal) heal(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.doubted:
		}
		pause := healFirst
		for {
			err := j.probe(ctx)
			if err != nil && ctx.Err() == nil && j.embedded != nil {
				j.broke(err)
				if derr := j.tryDisk(); derr != nil {
					err = derr
				} else if err = j.embedded.restart(); err == nil {
					err = j.probe(ctx)
				}
			}
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				j.mended()
				break
			}
			j.broke(err)
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
				pause = min(2*pause, healMost)
			}
		}
	}
}

// broke notes that no writes work.
func (j *Journal) broke(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.brokenAt = j.now()
		j.log.Error("the journal takes no writes: what is to be remembered is lost till it does, which is tried again and again", "err", err)
	}
	j.broken = err
}

// mended notes that writes work.
func (j *Journal) mended() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		j.log.Info("the journal takes writes again", "after", j.now().Sub(j.brokenAt))
	}
	j.broken, j.brokenAt, j.refusing = nil, time.Time{}, nil
}

// probe tries whether each bucket takes a write: that a key is deleted which is not there; and the object store one byte. Those that don't refuse what is
// written to them at once, from then on: a server whose disk takes no more answers nothing, and members wait.
func (j *Journal) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	errs := make([]error, len(j.probes)+1)
	var all sync.WaitGroup
	for n, b := range j.probes {
		all.Go(func() { errs[n] = b.kv.Purge(ctx, probeKey, b.opts...) })
	}
	all.Go(func() { _, errs[len(j.probes)] = j.blobs.PutBytes(ctx, probeKey, []byte{1}) })
	all.Wait()
	refusing := map[string]bool{}
	var names []string
	var first error
	for n, err := range errs {
		if err == nil {
			continue
		}
		name := blobsBucket
		if n < len(j.probes) {
			name = j.probes[n].kv.Bucket()
		}
		refusing[name] = true
		names = append(names, strings.TrimPrefix(name, prefix))
		if first == nil {
			first = err
		}
	}
	j.mu.Lock()
	j.refusing = refusing
	j.mu.Unlock()
	if first == nil {
		return nil
	}
	if said := j.words.lately(); said != "" {
		first = fmt.Errorf("%w; nats-server says: %s", first, said)
	}
	return fmt.Errorf("%s: %w", strings.Join(names, ", "), first)
}

// refuses returns why a bucket takes no writes, as far as that is known.
func (j *Journal) refuses(bucket string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.refusing[bucket] {
		return nil
	}
	return j.broken
}

// A probe is a bucket to try.
type probe struct {
	kv   jetstream.KeyValue
	opts []jetstream.KVDeleteOpt
}

// tryDisk reports whether the folder takes a file of some size.
func (j *Journal) tryDisk() error {
	name := filepath.Join(j.dir, "probe")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if rerr := os.Remove(name); err == nil {
		err = rerr
	}
	return err
}
