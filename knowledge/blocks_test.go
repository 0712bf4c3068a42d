package knowledge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"footnote/knowledge/encoder"
)

func blockFiles(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, filepath.Join(dir, e.Name()))
	}
	return all
}

// vectorsOf are made-up vectors with keys of their own, from one number to another.
func vectorsOf(t testing.TB, from, to int) map[vectorKey]encoder.Vector {
	t.Helper()
	all := map[vectorKey]encoder.Vector{}
	for i := from; i < to; i++ {
		var v encoder.Vector
		if err := v.UnmarshalBinary(bytes.Repeat([]byte{byte(1 + i%100)}, encoder.VectorBytes)); err != nil {
			t.Fatal(err)
		}
		all[vectorKey{byte(i), byte(i >> 8)}] = v
	}
	return all
}

func keepAll(b *blocks, all map[vectorKey]encoder.Vector) {
	for k, v := range all {
		b.add(k, &v)
	}
	b.flush(true)
}

func holdsAll(t testing.TB, what string, b *blocks, all map[vectorKey]encoder.Vector) {
	t.Helper()
	for k, v := range all {
		var got encoder.Vector
		if !b.find(k, &got) || got != v {
			t.Errorf("%s: %x is not there, or another", what, k)
			return
		}
	}
}

// What is kept is found again, in a folder whatever its name, for the same weights only, and many blocks are made one.
func TestBlocks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made anew [1]")
	fail := func(err error) { t.Error(err) }
	for i := range maxBlocks {
		keepAll(newBlocks(dir, "w", nil, fail), vectorsOf(t, 10*i, 10*i+10))
	}
	if n := len(blockFiles(t, dir)); n != maxBlocks {
		t.Errorf("%d blocks, want %d", n, maxBlocks)
	}
	again := newBlocks(dir, "w", nil, fail)
	holdsAll(t, "again", again, vectorsOf(t, 0, 10*maxBlocks))
	if other := newBlocks(dir, "other", nil, fail); len(other.known) != 0 {
		t.Errorf("%d vectors by other weights", len(other.known))
	}
	again.flush(true) // nothing new
	if n := len(blockFiles(t, dir)); n != maxBlocks {
		t.Errorf("%d blocks without anything new", n)
	}
	keepAll(again, vectorsOf(t, 500, 510))
	if left := blockFiles(t, dir); len(left) != 1 {
		t.Errorf("not made one: %v", left)
	}
	holdsAll(t, "one", newBlocks(dir, "w", nil, fail), vectorsOf(t, 0, 10*maxBlocks))
	holdsAll(t, "one, the new ones", newBlocks(dir, "w", nil, fail), vectorsOf(t, 500, 510))
	// Until there is much, nothing is written before the end.
	some := newBlocks(t.TempDir(), "w", nil, fail)
	for k, v := range vectorsOf(t, 0, 3) {
		some.add(k, &v)
	}
	some.flush(false)
	if n := len(blockFiles(t, some.dir)); n != 0 {
		t.Errorf("%d blocks of three vectors, with more to come", n)
	}
}

// A block that is not what was written is as none, and is taken away; what others put into the folder stays, but for what a process that died left.
func TestBlocksDamaged(t *testing.T) {
	dir := t.TempDir()
	all := vectorsOf(t, 0, 20)
	b := newBlocks(dir, "w", nil, func(err error) { t.Error(err) })
	keepAll(b, all)
	path := blockFiles(t, dir)[0]
	good, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(good, b.bytes(all)) || !bytes.Equal(good, b.bytes(vectorsOf(t, 0, 20))) {
		t.Error("the same vectors give other bytes")
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for what, data := range map[string][]byte{
		"empty": {}, "head only": []byte(blockHead("w")), "cut": good[:len(good)/2], "cut at the end": good[:len(good)-1], "a bit flipped": flipped,
		"longer": append(slices.Clone(good), 0), "a record less": slices.Delete(slices.Clone(good), len(blockHead("w")), len(blockHead("w"))+recordSize),
		"by other weights": newBlocks("", "x", nil, nil).bytes(all), "garbage": []byte(strings.Repeat("garbage ", 1000)),
	} {
		must(t, os.WriteFile(path, data, 0o600))
		b := newBlocks(dir, "w", nil, func(err error) { t.Errorf("%s: %v", what, err) })
		if len(b.known) != 0 {
			t.Errorf("%s: %d vectors", what, len(b.known))
		}
		if left := blockFiles(t, dir); len(left) != 0 {
			t.Errorf("%s: left %v", what, left)
		}
		keepAll(b, all)
		holdsAll(t, what, newBlocks(dir, "w", nil, nil), all)
	}
	old := time.Now().Add(-2 * staleAfter)
	for name, stays := range map[string]bool{"notes.txt": true, "vectors-1.part": false, "vectors-2.part": true, "vectors-other-0-1.block": true} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, nil, 0o600))
		if name != "vectors-2.part" { // that one is being written
			must(t, os.Chtimes(path, old, old))
		}
		newBlocks(dir, "w", nil, nil)
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A folder that can't be used is told once, and all works without.
func TestBlocksTrouble(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		var told []error
		b := newBlocks(dir, "w", nil, func(err error) { told = append(told, err) })
		var adding sync.WaitGroup
		for i := range 4 {
			adding.Go(func() { keepAll(b, vectorsOf(t, i*10, i*10+10)) })
		}
		adding.Wait()
		holdsAll(t, dir, b, vectorsOf(t, 0, 40))
		if len(told) != 1 || !strings.Contains(told[0].Error(), dir) {
			t.Errorf("told %v", told)
		}
		keepAll(newBlocks(dir, "w", nil, nil), vectorsOf(t, 0, 1)) // nobody to tell
	}
}

// Processes that share a folder find what each has made.
func TestBlocksShared(t *testing.T) {
	dir := t.TempDir()
	fail := func(err error) { t.Error(err) }
	one, two := newBlocks(dir, "w", nil, fail), newBlocks(dir, "w", nil, fail)
	for i := range maxBlocks + 2 { // each makes one of many, which takes what the other has read away
		keepAll(one, vectorsOf(t, 20*i, 20*i+10))
		keepAll(two, vectorsOf(t, 20*i+10, 20*i+20))
	}
	three := newBlocks(dir, "w", nil, fail)
	holdsAll(t, "a third", three, vectorsOf(t, 0, 20*(maxBlocks+2)))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for k := range 12 {
				keepAll(newBlocks(dir, "w", nil, fail), vectorsOf(t, 1000+100*i+k, 1000+100*i+k+1))
			}
		})
	}
	all.Wait()
	if n := len(blockFiles(t, dir)); n > 4*maxBlocks {
		t.Errorf("%d blocks", n)
	}
	holdsAll(t, "after all", newBlocks(dir, "w", nil, fail), vectorsOf(t, 0, 20*(maxBlocks+2)))
}

// A base encodes what is not kept, and nothing else: not at the next start, not by a built-in block, not for a reload, a proposal or another wording of the same text.
func TestVectorsKept(t *testing.T) {
	files := fstest.MapFS{"a.yaml": {Data: []byte(harbour), Mode: 0o644}}
	const wordings = 4 // two texts, two asks; by both encoders
	encoded := func(o OpenOptions) (*Base, int) {
		b := opened(t, files, o)
		n := 0
		if o.Cache != "" {
			n = len(b.vectors.blocks.known)
		}
		return b, n
	}
	dir := t.TempDir()
	o := OpenOptions{Cache: dir, Warn: func(err error) { t.Error(err) }}
	b, n := encoded(o)
	if n != 2*wordings || len(blockFiles(t, dir)) != 1 {
		t.Errorf("%d vectors in %d blocks", n, len(blockFiles(t, dir)))
	}
	written := blockFiles(t, dir)
	block := b.VectorBlock()
	if !bytes.Equal(block, b.VectorBlock()) || len(block) != len(blockHead(b.vectors.weightsName()))+2*wordings*recordSize+4 {
		t.Errorf("a block of %d bytes", len(block))
	}
	encoded(o)
	if now := blockFiles(t, dir); !slices.Equal(now, written) {
		t.Errorf("another start wrote %v, after %v", now, written)
	}
	other := t.TempDir()
	again, _ := encoded(OpenOptions{Cache: other, Vectors: block})
	if left := blockFiles(t, other); len(left) != 0 {
		t.Errorf("by a built-in block: %v", left)
	}
	if !bytes.Equal(again.VectorBlock(), block) {
		t.Error("another block")
	}
	broken := slices.Clone(block)
	broken[len(broken)-1] ^= 1
	if anew, _ := encoded(OpenOptions{Vectors: broken}); !bytes.Equal(anew.VectorBlock(), block) {
		t.Error("a damaged built-in block is not made anew")
	}

	// A reload: one ask more, one text moved.
	changed, err := EditFact([]byte(harbour), "dug", Patch{AddAsks: []string{"How old is the harbour?"}})
	must(t, err)
	p := propose(t, b, "a.yaml", []byte(harbour), changed)
	if _, err := p.Effects(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if n := len(b.vectors.blocks.known); n != 2*wordings+2 {
		t.Errorf("%d vectors after a proposal", n)
	}
	files["a.yaml"].Data = changed
	if _, ok, _, err := b.Reload(t.Context()); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if n := len(b.vectors.blocks.known); n != 2*wordings+2 {
		t.Errorf("%d vectors after the reload", n)
	}
	// Members' questions are kept nowhere.
	before := fmt.Sprint(blockFiles(t, dir))
	said(t, b, "Who may enter the harbour of Port Example at night?")
	must(t, b.Close())
	if after := fmt.Sprint(blockFiles(t, dir)); after != before || len(b.vectors.blocks.known) != 2*wordings+2 {
		t.Errorf("a question is kept: %s, before %s", after, before)
	}
}

// Opening tells how far it has come; one that is broken off keeps what it has made.
func TestVectorsProgress(t *testing.T) {
	last := -1
	var mu sync.Mutex
	b := opened(t, stations(3), OpenOptions{Progress: func(done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if done < last || of != 100 {
			t.Errorf("%d of %d after %d", done, of, last)
		}
		last = done
	}})
	if last != 100 {
		t.Errorf("ends at %d of 100", last)
	}
	if len(b.vectors.blocks.known) != 2*9 {
		t.Errorf("%d vectors", len(b.vectors.blocks.known))
	}
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	_, _, err := OpenWith(ctx, stations(2*encodeAtOnce), OpenOptions{Cache: dir, Progress: func(done, _ int) {
		if done > readingShare {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if kept := newBlocks(dir, b.vectors.weightsName(), nil, nil); len(kept.known) < encodeAtOnce {
		t.Errorf("%d vectors kept", len(kept.known))
	}
}

// The last questions' vectors are remembered, and no more than so many.
func TestAskedVectors(t *testing.T) {
	v, err := newVectors()
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxAsked + 10 { // as if encoded
		v.asked[fmt.Sprint("q", i)] = &meanings{}
		v.recent = append(v.recent, fmt.Sprint("q", i))
	}
	v.question("What is it?", false)
	first := v.question("What is it?", false)
	both := v.question("What is it?", true)
	if first.en != nil || both.en == nil || *first.multi != *both.multi || v.question("What is it?", false) != both {
		t.Error("not remembered")
	}
	if n := len(v.recent); n != len(v.asked) || n > maxAsked+10 {
		t.Errorf("%d texts, %d vectors", n, len(v.asked))
	}
}
