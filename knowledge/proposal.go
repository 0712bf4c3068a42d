package knowledge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// A Proposal is a candidate for the whole folder: what it would be with the bytes of one file replaced. Nothing is written. Close it
// when done. It is for one goroutine at a time.
type Proposal struct {
	Path     string
	Old, New []byte    // of the file; a nil Old: it is new; a nil New: it is removed
	Problems []Problem // of the whole folder as proposed, sorted by place

	base *Base
	set  *Set
	next *generation // built when it is first needed
}

// Propose checks the folder as it would be with the file at a path changed from old to new. A nil old means that there is no such file, a nil
// new that it is removed. The error is [ErrChanged] when the file in the folder is not old any more; else it is ctx's, or that the folder can't be read.
func (b *Base) Propose(ctx context.Context, path string, old, new []byte) (*Proposal, error) {
	if err := checkPath(path); err != nil {
		return nil, fmt.Errorf("propose %q: %w", path, err)
	}
	is, err := fs.ReadFile(b.fsys, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if old != nil {
			return nil, fmt.Errorf("propose %q: %w", path, ErrChanged)
		}
	case err != nil:
		return nil, fmt.Errorf("propose %q: %w", path, err)
	case old == nil || !bytes.Equal(is, old):
		return nil, fmt.Errorf("propose %q: %w", path, ErrChanged)
	}
	set, _, problems, err := loadNext(ctx, overlay{b.fsys, path, new}, b.Set(), nil)
	if err != nil {
		return nil, err
	}
	return &Proposal{Path: path, Old: old, New: new, Problems: problems, base: b, set: set}, nil
}

// OK reports whether the proposed folder could be loaded: it has no error-level problem.
func (p *Proposal) OK() bool { return p.set != nil }

// Set returns the facts as proposed, or nil unless the proposal is [Proposal.OK].
func (p *Proposal) Set() *Set { return p.set }

// Close frees the index of the proposed facts, where one was built.
func (p *Proposal) Close() error {
	p.next = nil
	return nil
}

// An overlay is a folder with other bytes in the place of one file.
type overlay struct {
	fs.FS
	path string
	data []byte // nil: there is no such file
}

// Open, Stat and ReadDir are all that loading a folder asks for.
func (o overlay) Open(name string) (fs.File, error) {
	if name != o.path {
		return o.FS.Open(name)
	}
	if o.data == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return overlayFile{bytes.NewReader(o.data), overlayInfo{o}}, nil
}

func (o overlay) Stat(name string) (fs.FileInfo, error) {
	if name != o.path {
		return fs.Stat(o.FS, name)
	}
	if o.data == nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return overlayInfo{o}, nil
}

func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	if err != nil || name != path.Dir(o.path) {
		return all, err
	}
	base := path.Base(o.path)
	all = slices.DeleteFunc(all, func(d fs.DirEntry) bool { return d.Name() == base })
	if o.data != nil {
		i, _ := slices.BinarySearchFunc(all, base, func(d fs.DirEntry, base string) int { return strings.Compare(d.Name(), base) })
		all = slices.Insert(all, i, fs.FileInfoToDirEntry(overlayInfo{o}))
	}
	return all, nil
}

type overlayFile struct {
	io.Reader
	overlayInfo
}

func (f overlayFile) Stat() (fs.FileInfo, error) { return f.overlayInfo, nil }
func (overlayFile) Close() error                 { return nil }

type overlayInfo struct{ o overlay }

func (i overlayInfo) Name() string     { return path.Base(i.o.path) }
func (i overlayInfo) Size() int64      { return int64(len(i.o.data)) }
func (overlayInfo) Mode() fs.FileMode  { return 0o644 }
func (overlayInfo) ModTime() time.Time { return time.Time{} }
func (overlayInfo) IsDir() bool        { return false }
func (overlayInfo) Sys() any           { return nil }
