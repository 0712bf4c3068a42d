package journal

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// A Mirror is a copy of a small bucket in memory, so that what is needed with every message costs no read. Changes of other processes come
// with a delay of milliseconds, those of this one at once where it calls [Mirror.Refresh].
type Mirror[T any] struct {
	b bucket[T]

	mu    sync.Mutex
	whole bool // holds all there is; before, and while it is not followed, each Get reads the journal: a server that lags tells what was
	have  map[string]mirrored[T]
}

// mirrored is a value at a revision.
type mirrored[T any] struct {
	v        T
	ok       bool // false: it was deleted at that revision
	revision uint64
}

func newMirror[T any](b bucket[T]) *Mirror[T] {
	return &Mirror[T]{b: b, have: map[string]mirrored[T]{}}
}

// MirrorSettings makes a copy of every server's settings, by server.
func (j *Journal) MirrorSettings() *Mirror[Settings] { return newMirror(j.settings) }

// MirrorScopes makes a copy of what is out of scope, by the gap's key.
func (j *Journal) MirrorScopes() *Mirror[Scope] { return newMirror(j.scope) }

// Get returns the value of a key, and whether there is one. It can only fail while the copy is not followed.
func (m *Mirror[T]) Get(ctx context.Context, key string) (T, bool, error) {
	m.mu.Lock()
	got, whole := m.have[key], m.whole
	m.mu.Unlock()
	if whole {
		return got.v, got.ok, nil
	}
	return m.b.get(ctx, key)
}

// Refresh takes in a key as it is in the journal now.
func (m *Mirror[T]) Refresh(ctx context.Context, key string) error {
	m.mu.Lock()
	before := m.have[key].revision
	m.mu.Unlock()
	v, revision, ok, err := m.b.read(ctx, key)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !ok {
		if m.have[key].revision == before { // nothing was written since
			delete(m.have, key)
		}
		return nil
	}
	m.set(key, mirrored[T]{v, true, revision})
	return nil
}

// set takes in a value, unless a later one is known. The lock is held.
func (m *Mirror[T]) set(key string, v mirrored[T]) {
	if v.revision >= m.have[key].revision {
		m.have[key] = v
	}
}

// Follow keeps the copy up to date until ctx ends, which is no error.
func (m *Mirror[T]) Follow(ctx context.Context) error {
	last, err := m.b.last(ctx, ">") // see all, of bucket
	var w jetstream.KeyWatcher
	if err == nil {
		w, err = m.b.kv.WatchAll(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return m.b.wrap("follow", ">", err)
	}
	defer func() {
		_ = w.Stop()
		m.mu.Lock()
		m.whole, m.have = false, map[string]mirrored[T]{}
		m.mu.Unlock()
	}()
	m.mu.Lock()
	m.whole = last == 0
	m.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-w.Updates():
			if !open {
				return m.b.wrap("follow", ">", context.Cause(ctx))
			}
			if e == nil { // that was all that one server has, so far
				continue
			}
			m.mu.Lock()
			got := mirrored[T]{revision: e.Revision()}
			if e.Operation() == jetstream.KeyValuePut {
				got.ok = json.Unmarshal(e.Value(), &got.v) == nil
			}
			m.set(e.Key(), got)
			m.whole = m.whole || e.Revision() >= last // they come in the order in which they were written
			m.mu.Unlock()
		}
	}
}
