package knowledge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cacheFrom is how many bytes of files make it worth to keep a snapshot: some 5,000 facts, which take a fifth of a second to
// read and index.
const cacheFrom = 1 << 20

// What a cache folder holds at most. What was used last stays; a snapshot of 140,000 facts has 50 MB.
const (
	maxSnapshots     = 8
	maxSnapshotBytes = 1 << 30
	staleAfter       = time.Hour // of a file that a process was killed while writing
)

// A cache is a folder of snapshots, each named for the content of the facts it was made of and the format. Any of them may be deleted at any time,
// and processes may share it: a snapshot is written aside and then renamed, and read whole.
type cache struct {
	dir  string
	warn func(error) // called for the first trouble there is
	told bool
}

const (
	snapshotPrefix = "facts-"
	snapshotSuffix = ".snapshot"
)

func (c *cache) path(version string) string {
	return filepath.Join(c.dir, snapshotPrefix+version+"-"+snapshotFormat()+snapshotSuffix)
}

// tell tells the first trouble; the facts are served without a snapshot all the same.
func (c *cache) tell(err error) {
	if c.told || c.warn == nil {
		return
	}
	c.told = true
	c.warn(err)
}

// find returns the snapshot of the version, or else the one used last, of which parts may still be so; nil when there is none that can be read. One
// that is damaged is as none: it is written anew.
func (c *cache) find(version string) *generation {
	path := c.path(version)
	g, err := readSnapshot(path)
	if err == nil {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // only so that it is kept longer
		return g
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errSnapshot) {
		c.tell(fmt.Errorf("the cache folder can't be used: %w", err))
		return nil
	}
	for _, f := range c.list() {
		if f.path == path || !strings.HasSuffix(f.path, "-"+snapshotFormat()+snapshotSuffix) {
			continue
		}
		if g, err := readSnapshot(f.path); err == nil {
			return g
		}
	}
	return nil
}

func readSnapshot(path string) (*generation, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSnapshotBytes {
		return nil, errSnapshot
	}
	var b strings.Builder
	b.Grow(int(info.Size()))
	if _, err := io.Copy(&b, f); err != nil {
		return nil, err
	}
	return decodeSnapshot(b.String())
}

// put writes the snapshot of a generation, and deletes those that are too many.
func (c *cache) put(g *generation) {
	if err := c.write(g); err != nil {
		c.tell(fmt.Errorf("the cache folder can't be used: %w", err))
		return
	}
	c.clean()
}

func (c *cache) write(g *generation) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.dir, snapshotPrefix+"*.tmp") // which only its owner may read
	if err != nil {
		return err
	}
	_, err = f.Write(g.encode())
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), c.path(g.set.Version))
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// A cached is a file of the cache folder.
type cached struct {
	path string
	size int64
	used time.Time
}

// list lists the snapshots, those used last first.
func (c *cache) list() []cached {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil // there are none, or none that can be used
	}
	var all []cached
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, snapshotPrefix) || !strings.HasSuffix(name, snapshotSuffix) && !strings.HasSuffix(name, ".tmp") {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			all = append(all, cached{filepath.Join(c.dir, e.Name()), info.Size(), info.ModTime()})
		}
	}
	slices.SortStableFunc(all, func(a, b cached) int { return b.used.Compare(a.used) })
	return all
}

// clean deletes the snapshots that were not used for longest, where there are too many, and what is left of writing that was cut short. Another process may do
// the same at the same time.
func (c *cache) clean() {
	n, bytes := 0, int64(0)
	for _, f := range c.list() {
		if strings.HasSuffix(f.path, ".tmp") {
			if time.Since(f.used) > staleAfter {
				_ = os.Remove(f.path)
			}
			continue
		}
		n++
		bytes += f.size
		if n > maxSnapshots || n > 1 && bytes > maxSnapshotBytes {
			_ = os.Remove(f.path)
		}
	}
}
