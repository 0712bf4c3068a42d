package knowledge

import (
	"errors"
	"io/fs"
	"os"
)

// The errors of writing a file. They come wrapped, with the path.
var (
	// ErrChanged is the error of writing a file that is not as it was when the change was made.
	ErrChanged = errors.New("the file has changed meanwhile")
	// ErrReadOnly is the error of writing where the system allows no writing.
	ErrReadOnly = errors.New("the folder can't be written to")
	// ErrPath is the error for a path that is not that of a fact file in the folder.
	ErrPath = errors.New("not the path of a fact file")
)

// A Folder is where the fact files are and can be written.
type Folder struct{ dir string }

// OpenFolder makes a Folder of a directory. It removes what a crash may have left of an unfinished [Folder.Write].
func OpenFolder(dir string) (*Folder, error) { return &Folder{dir: dir}, nil }

// FS returns the folder's files, as [Open] wants them.
func (f *Folder) FS() fs.FS { return os.DirFS(f.dir) }

// Read returns the bytes of the fact file or trial file at path, which is slash-separated and relative to the folder. The error is
// [ErrPath] for a path that leads elsewhere, and wraps [fs.ErrNotExist] where there is no file.
func (f *Folder) Read(path string) ([]byte, error) { return nil, errors.ErrUnsupported }

// Write changes the fact file at path from old to new, all at once: whoever reads it, and whatever crashes, there is the old file or the new
// one, whole. A nil old means that there is no such file, a nil new removes it. When it returns nil the change is on the disk.
//
// No change that another program made meanwhile is lost: when the file is not old at the moment of the exchange, it stays or is put back as it
// is, and the error is [ErrChanged]. Other errors are [ErrReadOnly] and [ErrPath].
func (f *Folder) Write(path string, old, new []byte) error { return errors.ErrUnsupported }
