package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Limits of a folder, so that loading takes bounded memory whatever is put there.
const (
	// MaxFileBytes is the largest file that is read: 300,000 machine-written facts of a sentence each.
	MaxFileBytes = 64 << 20
	// MaxFolderBytes is the most the files of a folder may have together. A loaded fact takes some three times
	// its bytes in memory, and its index as much again.
	MaxFolderBytes = 256 << 20
	// MaxFiles is the most fact and trial files a folder may have.
	MaxFiles = 20_000
)

// Load reads every fact file and trial file below the root of fsys: those that end in .yaml or .yml, in folders too, but none that is
// hidden (begins with a dot) or in a hidden folder. Files that end in _test.yaml or _test.yml hold trials.
//
// The problems are all there are, sorted by place; when one of them is an [Error] the set is nil. An error
// means that the folder could not be read at all, or that ctx ended.
func Load(ctx context.Context, fsys fs.FS) (*Set, []Problem, error) {
	set, _, problems, err := load(ctx, fsys)
	return set, problems, err
}

// load is Load, and gives the version of what was read also when there is no set.
func load(ctx context.Context, fsys fs.FS) (*Set, string, []Problem, error) {
	return loadNext(ctx, fsys, nil, nil)
}

// loadNext is load, but takes over from an earlier set, which may be nil, whatever has not changed since. It calls step, which may be
// nil, with the number of bytes that were read, from many goroutines.
func loadNext(ctx context.Context, fsys fs.FS, was *Set, step func(bytes int)) (*Set, string, []Problem, error) {
	found, err := find(ctx, fsys)
	if err != nil {
		return nil, "", nil, err
	}
	problems := found.problems
	if HasErrors(problems) { // nothing to read, or too much
		return nil, found.version(), problems, nil
	}
	if step == nil {
		step = func(int) {}
	}
	known := newKnownParts(was)
	l := loaded{files: make([]*readFile, len(found.files))}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range found.files {
		f := &found.files[i]
		group.Go(func() error {
			data, err := f.read(groupCtx, fsys)
			if err == errTooLarge {
				l.files[i] = tooLarge(f.path)
				return nil
			}
			if err != nil {
				return err
			}
			l.files[i], err = readBytes(groupCtx, f.path, data, known, step)
			if err == nil {
				f.sum = l.files[i].sum
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, "", nil, loadError(ctx, err)
	}
	set := l.set()
	for _, rule := range setRules {
		rule(&l)
	}
	for _, f := range l.files {
		problems = append(problems, f.probs.done()...)
	}
	sortProblems(problems)
	if HasErrors(problems) {
		return nil, found.version(), problems, nil
	}
	set.Version = found.version()
	return set, set.Version, problems, nil
}

// hashFolder returns the version that load would give what is in the folder now.
func hashFolder(ctx context.Context, fsys fs.FS) (string, error) {
	found, err := find(ctx, fsys)
	if err != nil {
		return "", err
	}
	for i := range found.files {
		if HasErrors(found.problems) {
			break
		}
		f := &found.files[i]
		data, err := f.read(ctx, fsys)
		if err != nil && err != errTooLarge {
			return "", loadError(ctx, err)
		}
		if err == nil {
			f.sum = sha256.Sum256(data)
		}
	}
	return found.version(), nil
}

// set puts together what was read of all files.
func (l *loaded) set() *Set {
	n := 0
	for _, f := range l.files {
		if f.file != nil {
			n += len(f.file.Facts)
		}
	}
	l.facts = make(map[string]*Fact, n)
	set := &Set{byID: l.facts, Facts: make([]*Fact, 0, n), read: l.files}
	for _, f := range l.files {
		for t := range f.trials() {
			set.Trials = append(set.Trials, *t)
		}
		if f.file == nil {
			continue
		}
		set.Files = append(set.Files, f.file)
		set.Facts = append(set.Facts, f.file.Facts...)
		for _, fact := range f.file.Facts {
			if _, taken := l.facts[fact.ID]; !taken && fact.ID != "" {
				l.facts[fact.ID] = fact
			}
		}
	}
	return set
}

// A foundFile is a fact file or trial file of a folder.
type foundFile struct {
	path string
	size int64
	sum  [sha256.Size]byte // of its bytes, once it was read
}

// found is what a folder holds.
type found struct {
	files    []foundFile // by path
	problems []Problem
}

// bytes is how many bytes the files have together.
func (f found) bytes() int64 {
	n := int64(0)
	for _, file := range f.files {
		n += file.size
	}
	return n
}

// find looks for the files of a folder.
func find(ctx context.Context, fsys fs.FS) (found, error) {
	var all found
	var bytes int64
	facts := 0
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		ext := strings.ToLower(path.Ext(name))
		isYAML := ext == ".yaml" || ext == ".yml"
		isLink := d.Type()&fs.ModeSymlink != 0
		if d.IsDir() || !isYAML && !isLink {
			return nil
		}
		info, err := fs.Stat(fsys, name) // of what a link leads to
		if isLink && errors.Is(err, fs.ErrNotExist) {
			if isYAML {
				all.problems = append(all.problems, Problem{Pos{File: name}, levelOf("link-broken"), "link-broken", "the link leads nowhere", "mend it or remove it"})
			}
			return nil // any other is none of ours
		}
		if err != nil {
			return err
		}
		if info.IsDir() && isLink {
			all.problems = append(all.problems, Problem{Pos{File: name}, levelOf("folder-linked"), "folder-linked", "a link to a folder is not followed", "put the folder itself here"})
		}
		if !info.Mode().IsRegular() || !isYAML {
			return nil
		}
		all.files = append(all.files, foundFile{path: name, size: info.Size()})
		bytes += min(info.Size(), MaxFileBytes)
		if !isTrials(name) {
			facts++
		}
		if len(all.files) > MaxFiles {
			all.tooMuch(fmt.Sprintf("more than %d files", MaxFiles))
			return fs.SkipAll
		}
		if bytes > MaxFolderBytes {
			all.tooMuch(fmt.Sprintf("the files have more than %s together", size(MaxFolderBytes)))
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return found{}, loadError(ctx, err)
	}
	if facts == 0 {
		all.problems = append(all.problems, Problem{Pos{File: "."}, Error, "facts-none", "no fact files in the folder", "a fact file ends in .yaml and not in _test.yaml"})
	}
	return all, nil
}

func (f *found) tooMuch(msg string) {
	f.problems = append(f.problems, Problem{Pos{File: "."}, Error, "folder-large", msg, "split it into several folders, each for a bot of its own"})
}

// errTooLarge is the error of a file that has more than [MaxFileBytes].
var errTooLarge = errors.New("file too large")

// read reads the file; its error is errTooLarge when that would take too much memory.
func (f foundFile) read(ctx context.Context, fsys fs.FS) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.size > MaxFileBytes {
		return nil, errTooLarge
	}
	file, err := fsys.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Reading to the end, in case the file grows meanwhile, into room for what it had.
	data := make([]byte, 0, f.size+512)
	for {
		n, err := file.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: f.path, Err: err}
		case len(data) > MaxFileBytes:
			return nil, errTooLarge
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

func tooLarge(path string) *readFile {
	f := &readFile{path: path, unread: true, probs: problems{file: path}}
	f.probs.add(0, 0, "file-large", fmt.Sprintf("the file is larger than %s", size(MaxFileBytes)), "split it into several files")
	return f
}

// loadError says which of the two kinds of errors it was.
func loadError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var at *fs.PathError
	if errors.As(err, &at) && at.Path == "." {
		err = at.Err
	}
	return fmt.Errorf("read facts: %w", err)
}

// version is the hash of the paths and the bytes of files: 64 bits of SHA-256, in hexadecimal digits. Of files that are not
// read because they are too large it knows the sizes only.
func (f found) version() string {
	h := sha256.New()
	for _, file := range f.files {
		n := file.size
		if n <= MaxFileBytes {
			n = 0 // the sum tells it, and more exactly where the file was growing
		}
		fmt.Fprintf(h, "%q %d %x\n", file.path, n, file.sum)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
