package knowledge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// Vectors are kept in blocks: files of a line that names the format and the weights, records of a key and a vector, and a CRC-32C of all that. A block is
// written aside and renamed, so it is whole or not there; one that is damaged is as none, and its vectors are made anew. Any may be deleted at any time,
// and processes may share a folder.
type blocks struct {
	dir     string
	weights string
	warn    func(error)

	mu    sync.Mutex
	known map[vectorKey]encoder.Vector
	fresh map[vectorKey]encoder.Vector // not yet in a block
	files []string                     // that were read
	told  bool
}

const (
	blockPrefix = "vectors-"
	blockSuffix = ".block"
	partSuffix  = ".part" // of one that is not yet whole
	recordSize  = len(vectorKey{}) + encoder.VectorBytes

	flushFrom     = 2048    // so many vectors, some 10 s of work, are written while there are more to make
	maxBlocks     = 8       // more are made one
	maxBlockBytes = 1 << 30 // of one folder: 2,600,000 vectors
)

func blockHead(weights string) string { return "footnote vectors 1 " + weights + "\n" }

// newBlocks reads the blocks of a folder, and what is built in. An empty dir keeps nothing.
func newBlocks(dir, weights string, builtIn []byte, warn func(error)) *blocks {
	b := &blocks{dir: dir, weights: weights, warn: warn, known: map[vectorKey]encoder.Vector{}, fresh: map[vectorKey]encoder.Vector{}}
	if len(builtIn) > 0 {
		_ = b.read(builtIn) // made by other weights: they are made anew, and a test tells
	}
	if dir == "" {
		return b
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.tell(fmt.Errorf("the cache folder can't be used: %w", err))
		b.dir = ""
		return b
	}
	total := 0
	for _, e := range entries { // in the order of their names
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), blockPrefix) && strings.HasSuffix(e.Name(), partSuffix) {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
				_ = os.Remove(path) // left by a process that was killed
			}
		}
		if !strings.HasPrefix(e.Name(), blockPrefix+weights+"-") || !strings.HasSuffix(e.Name(), blockSuffix) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // another process has made one of many
				b.tell(err)
			}
			continue
		}
		total += len(data)
		if err := b.read(data); err != nil || total > maxBlockBytes {
			_ = os.Remove(path) // damaged, or too much: it is of no use to anybody
			continue
		}
		b.files = append(b.files, path)
	}
	return b
}

var errBlock = errors.New("not a block of vectors by these weights")

func (b *blocks) read(data []byte) error {
	head := blockHead(b.weights)
	if len(data) < len(head)+crc32.Size || string(data[:len(head)]) != head {
		return errBlock
	}
	body := data[len(head) : len(data)-crc32.Size]
	if len(body)%recordSize != 0 || crc32.Checksum(data[:len(data)-crc32.Size], castagnoli) != binary.BigEndian.Uint32(data[len(data)-crc32.Size:]) {
		return errBlock
	}
	for ; len(body) > 0; body = body[recordSize:] {
		var k vectorKey
		var v encoder.Vector
		copy(k[:], body)
		if err := v.UnmarshalBinary(body[len(k):recordSize]); err != nil {
			return errBlock
		}
		b.known[k] = v
	}
	return nil
}

// find reads a kept vector. A nil blocks has none.
func (b *blocks) find(k vectorKey, into *encoder.Vector) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.known[k]
	if ok {
		*into = v
	}
	return ok
}

// add keeps a vector.
func (b *blocks) add(k vectorKey, v *encoder.Vector) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[k] = *v
	if b.dir != "" {
		b.fresh[k] = *v
	}
}

// flush writes what is not yet in a block, where it is much, or all of it.
func (b *blocks) flush(all bool) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" || len(b.fresh) == 0 || !all && len(b.fresh) < flushFrom {
		return
	}
	out := b.fresh
	merge := all && len(b.files) >= maxBlocks
	if merge {
		out = b.known
	}
	path, err := b.write(out)
	if err != nil {
		b.tell(fmt.Errorf("the cache folder can't be used: %w", err))
		b.dir, b.fresh = "", nil // all works without
		return
	}
	b.fresh = map[vectorKey]encoder.Vector{}
	if merge {
		for _, f := range b.files {
			if f != path {
				_ = os.Remove(f)
			}
		}
		b.files = nil
	}
	b.files = append(b.files, path)
}

// bytes gives vectors as a block, the same bytes for the same vectors.
func (b *blocks) bytes(all map[vectorKey]encoder.Vector) []byte {
	data := make([]byte, 0, len(all)*recordSize+64)
	data = append(data, blockHead(b.weights)...)
	for _, k := range slices.SortedFunc(maps.Keys(all), func(a, b vectorKey) int { return strings.Compare(string(a[:]), string(b[:])) }) {
		v := all[k]
		data = append(data, k[:]...)
		data, _ = v.AppendBinary(data) // never fails
	}
	return binary.BigEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
}

func (b *blocks) write(all map[vectorKey]encoder.Vector) (path string, err error) {
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return "", err
	}
	data := b.bytes(all)
	f, err := os.CreateTemp(b.dir, blockPrefix+"*"+partSuffix)
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // where it was renamed, it is not there any more
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, fmt.Sprintf("%s%s-%08x-%d%s", blockPrefix, b.weights, crc32.Checksum(data, castagnoli), len(all), blockSuffix))
	return path, os.Rename(f.Name(), path)
}

// tell tells the first trouble.
func (b *blocks) tell(err error) {
	if !b.told && b.warn != nil {
		b.told = true
		b.warn(err)
	}
}

// VectorBlock gives the vectors of all wordings of the facts in use as a block: see [OpenOptions.Vectors]. The same facts and weights give the same bytes.
func (b *Base) VectorBlock() []byte {
	v := b.vectors
	v.blocks.mu.Lock()
	defer v.blocks.mu.Unlock()
	all := map[vectorKey]encoder.Vector{}
	put := func(text string, role encoder.Role, english bool) {
		for _, e := range []*encoder.Encoder{v.en, v.multi} {
			if k := keyOf(e, text, role); english || e == v.multi {
				all[k] = v.blocks.known[k]
			}
		}
	}
	for _, f := range b.Set().Facts {
		if !mayAnswer(f) {
			continue
		}
		english := language.Of(f.File.Language).Tag == "en"
		put(f.Text, encoder.Passage, english)
		for _, ask := range slices.Concat(f.Asks, f.NotAsks) {
			put(ask, encoder.Question, english)
		}
	}
	return v.blocks.bytes(all)
}
