package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// What is too large for a value of a bucket is kept in an object store, which cuts it up: whole files, and the facts as they were last seen.

// objects is the object store.
type objects struct {
	jetstream.ObjectStore
	refused func() error // why it takes no writes, as far as is known
	doubt   func()       // told that a write has failed
}

// put keeps bytes under a name.
func (o objects) put(ctx context.Context, name string, data []byte) error {
	err := o.refused()
	if err == nil {
		_, err = o.PutBytes(ctx, name, data)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		o.doubt()
	}
	return err
}

// Hash names bytes: the first 32 hexadecimal digits of their SHA-256.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// Keep keeps bytes under their hash.
func (j *Journal) Keep(ctx context.Context, data []byte) (string, error) {
	name := Hash(data)
	if _, err := j.blobs.GetInfo(ctx, name); err == nil {
		return name, nil
	}
	return name, j.blobs.put(ctx, name, data)
}

// Blob returns the bytes kept under a hash, and whether there are any. Once begun it does not stop with ctx, but ends within seconds (see [Journal.Remembered]).
func (j *Journal) Blob(ctx context.Context, name string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	// A read that is stopped leaves the goroutine that fills its pipe behind for ever (nats.go 1.55, ObjectStore.Get returns without closing the
	// pipe when its subscription is refused). Without the caller's ctx, the library gives each read its own deadline, by default 5 s.
	data, err := j.blobs.GetBytes(context.WithoutCancel(ctx), name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// lastSeen is the name of the facts as they were last seen. No hash is that short.
const lastSeen = "last-seen"

// Remember keeps the facts as they are now, in whatever form the caller reads them again, so that changes made while no process runs are seen.
func (j *Journal) Remember(ctx context.Context, facts []byte) error {
	return j.blobs.put(ctx, lastSeen, facts)
}

// Remembered returns the facts as they were last seen, and whether there are any. It must not be called while Remember is under way: it could then
// wait, up to the library's 5 s, for a part that is no longer there, and fail. Who leads the work (see [Journal.Lead]) calls both.
func (j *Journal) Remembered(ctx context.Context) ([]byte, bool, error) { return j.Blob(ctx, lastSeen) }
