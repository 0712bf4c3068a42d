package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A bucket holds values of one type, as JSON.
type bucket[T any] struct {
	kv     jetstream.KeyValue
	stream jetstream.Stream // what is behind kv
	log    *slog.Logger
	marks  time.Duration // how long it is kept that a key was removed; 0: as long as a value
	said   func() string // what the embedded server last complained of; empty where it did not lately
	doubt  func()        // told that a write has failed
	// refused says why the bucket takes no writes, as far as is known: see heal.go.
	refused func() error
}

// open makes the bucket hold what is in kv.
func (b *bucket[T]) open(kv jetstream.KeyValue, stream jetstream.Stream, marks time.Duration, j *Journal) {
	b.kv, b.stream, b.marks, b.log, b.said, b.doubt = kv, stream, marks, j.log, j.words.lately, j.doubt
	b.refused = func() error { return j.refuses(kv.Bucket()) }
}

// get returns the value of a key, and whether there is one.
func (b bucket[T]) get(ctx context.Context, key string) (v T, ok bool, err error) {
	v, _, ok, err = b.read(ctx, key)
	return v, ok, err
}

// read is get with the revision that was read; 0 where there is no value.
func (b bucket[T]) read(ctx context.Context, key string) (v T, revision uint64, ok bool, err error) {
	e, err := b.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return v, 0, false, nil
	}
	if err != nil {
		return v, 0, false, b.wrap("read", key, err)
	}
	if err := json.Unmarshal(e.Value(), &v); err != nil {
		return v, 0, false, b.wrap("read", key, err)
	}
	return v, e.Revision(), true, nil
}

// writable is a value as it is written, unless nothing is.
func (b bucket[T]) writable(v T) ([]byte, error) {
	if err := b.refused(); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// put sets a key, whatever it was before.
func (b bucket[T]) put(ctx context.Context, key string, v T) error {
	data, err := b.writable(v)
	if err == nil {
		_, err = b.kv.Put(ctx, key, data)
	}
	return b.wrap("write", key, err)
}

// create sets a key that there must not be yet, and reports whether there was none.
func (b bucket[T]) create(ctx context.Context, key string, v T) (bool, error) {
	data, err := b.writable(v)
	if err == nil {
		_, err = b.kv.Create(ctx, key, data)
	}
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	return err == nil, b.wrap("write", key, err)
}

// update changes the value of a key with f, which is given the zero value where there is none, and may be called again when others
// change it meanwhile. Nothing is written when f returns false. It returns the value as it is now.
func (b bucket[T]) update(ctx context.Context, key string, f func(v *T, exists bool) bool) (T, error) {
	for {
		v, revision, ok, err := b.read(ctx, key)
		if err != nil {
			return v, err
		}
		if !f(&v, ok) {
			return v, nil
		}
		data, err := b.writable(v)
		if err != nil {
			return v, b.wrap("write", key, err)
		}
		if ok {
			_, err = b.kv.Update(ctx, key, data, revision)
		} else {
			_, err = b.kv.Create(ctx, key, data)
		}
		switch {
		case err == nil:
			return v, nil
		case !changedMeanwhile(err):
			return v, b.wrap("write", key, err)
		}
	}
}

// changedMeanwhile reports whether a write was refused because the revision it began from is no longer the last.
func changedMeanwhile(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) || errors.As(err, &api) &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// remove deletes a key and every trace of its value. That there is none is no error.
func (b bucket[T]) remove(ctx context.Context, key string) error {
	var opts []jetstream.KVDeleteOpt
	if b.marks > 0 {
		opts = append(opts, jetstream.PurgeTTL(b.marks))
	}
	err := b.refused()
	if err == nil {
		err = b.kv.Purge(ctx, key, opts...)
	}
	return b.wrap("delete", key, err)
}

// take deletes a key, and reports whether it was there: of several that take at once, one is told so.
func (b bucket[T]) take(ctx context.Context, key string) (bool, error) {
	_, revision, ok, err := b.read(ctx, key)
	if err != nil || !ok {
		return false, err
	}
	if err = b.refused(); err == nil {
		err = b.kv.Purge(ctx, key, jetstream.LastRevision(revision))
	}
	if err != nil && changedMeanwhile(err) {
		return false, nil
	}
	return err == nil, b.wrap("delete", key, err)
}

// all gives every value whose key is like the pattern, in the order they were last written: ">" is every key, "a.*" those of two parts that
// begin with a. What is written meanwhile may be among them or not. A value that can't be read, such as one of a later version's, is logged
// and passed over: the others must not be lost for it. After an error it ends.
//
// It ends when the value has come that was the last to be written before, which the server that leads is asked for. The end that the watcher
// tells of won't do: a server that was down tells of it before it has got all there is, and where a value's time is over while it is listed,
// it is not told at all. Of several servers nothing is given before the end.
func (b bucket[T]) all(ctx context.Context, pattern string) iter.Seq2[string, result[T]] {
	return func(yield func(string, result[T]) bool) {
		failed := func(err error) { yield("", result[T]{err: b.wrap("list", pattern, err)}) }
		last, err := b.last(ctx, pattern)
		if err != nil {
			failed(err)
			return
		}
		w, err := b.kv.Watch(ctx, pattern)
		if err != nil {
			failed(err)
			return
		}
		defer func() { _ = w.Stop() }()
		give := func(e jetstream.KeyValueEntry) bool {
			var r result[T]
			if err := json.Unmarshal(e.Value(), &r.v); err != nil {
				b.log.Error("a value in the journal can't be read and is passed over; did a later version of the bot write it?", "err", b.wrap("read", e.Key(), err))
				return true
			}
			return yield(e.Key(), r)
		}
		copied := b.stream.CachedInfo().Config.Replicas > 1
		latest := map[string]jetstream.KeyValueEntry{} // where copied; what one that lags has listed may be written anew before the last comes
		again := time.NewTicker(lagging)
		defer again.Stop()
		for seen := uint64(0); seen < last; {
			select {
			case <-ctx.Done():
				failed(ctx.Err())
				return
			case <-again.C:
				now, err := b.last(ctx, pattern)
				if err != nil {
					failed(err)
					return
				}
				last = min(last, now) // it may be gone since: its time was over
			case e, open := <-w.Updates():
				switch {
				case !open:
					failed(errors.New("the list ended before it was whole"))
					return
				case e == nil: // that was all that server has, so far
					continue
				}
				seen = max(seen, e.Revision())
				switch put := e.Operation() == jetstream.KeyValuePut; {
				case copied && put:
					latest[e.Key()] = e
				case copied:
					delete(latest, e.Key())
				case put && !give(e):
					return
				}
			}
		}
		for _, e := range slices.SortedFunc(maps.Values(latest), func(a, b jetstream.KeyValueEntry) int { return cmp.Compare(a.Revision(), b.Revision()) }) {
			if !give(e) {
				return
			}
		}
	}
}

// lagging is how often the leader is asked again while what it named has not come.
const lagging = 200 * time.Millisecond

// last is the revision of what was last written to the keys like the pattern and is still there, a removal as well, as the leader has it; 0 where
// there is none.
func (b bucket[T]) last(ctx context.Context, pattern string) (uint64, error) {
	m, err := b.stream.GetLastMsgForSubject(ctx, "$KV."+b.kv.Bucket()+"."+pattern)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return m.Sequence, nil
}

// A result is a value or why it could not be read.
type result[T any] struct {
	v   T
	err error
}

// list is all as a slice of the values, up to the first error.
func (b bucket[T]) list(ctx context.Context, pattern string) ([]T, error) {
	var out []T
	for _, r := range b.all(ctx, pattern) {
		if r.err != nil {
			return out, r.err
		}
		out = append(out, r.v)
	}
	return out, nil
}

func (b bucket[T]) wrap(verb, key string, err error) error {
	if err == nil {
		return nil
	}
	if (verb == "write" || verb == "delete") && !errors.Is(err, context.Canceled) {
		b.doubt()
	}
	if errors.Is(err, context.DeadlineExceeded) { // a disk that takes no more is told so: the server then does not answer
		if said := b.said(); said != "" {
			return fmt.Errorf("journal: %s %s in %s: %w; nats-server says: %s", verb, key, b.kv.Bucket(), err, said)
		}
	}
	return fmt.Errorf("journal: %s %s in %s: %w", verb, key, b.kv.Bucket(), err)
}
