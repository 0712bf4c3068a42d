package knowledge

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
)

// The errors of reading and writing a fact file. They come wrapped, with the path.
var (
	// ErrChanged is the error of writing a file that is not as it was when the change was made.
	ErrChanged = errors.New("the file has changed meanwhile")
	// ErrReadOnly is the error of writing where nothing may be written.
	ErrReadOnly = errors.New("the file or its folder is read-only")
	// ErrPath is the error for a path that is not that of a fact file in the folder.
	ErrPath = errors.New("not a fact file of the folder")
)

// A Folder is where the fact files are and can be written. It may be used from many goroutines at once.
type Folder struct {
	dir string

	mu   sync.Mutex        // held by the one write under way
	step func(done string) // called after each step of a write; nil but in tests
}

// OpenFolder makes a Folder of a directory. It removes what a crash may have left of an unfinished [Folder.Write], and puts back
// what another program had changed just then.
func OpenFolder(dir string) (*Folder, error) {
	abs, err := filepath.Abs(dir) // so that it stays the same wherever the process goes
	if err != nil {
		return nil, fmt.Errorf("open facts: %w", err)
	}
	f := &Folder{dir: abs}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("open facts: %w", err)
	}
	defer root.Close()
	unlock, err := lockFolder(root)
	if err != nil {
		return nil, fmt.Errorf("open facts: %w", err)
	}
	defer unlock()
	// A folder that can't be written to has nothing left in it, and is fine for reading.
	if err := recoverFolder(root); err != nil && !isReadOnly(err) {
		return nil, fmt.Errorf("open facts: %w", err)
	}
	return f, nil
}

// FS returns the folder's files, as [Open] wants them.
func (f *Folder) FS() fs.FS { return os.DirFS(f.dir) }

// Read returns the bytes of the fact file or trial file at a path, which is slash-separated and relative to the folder. The error is
// [ErrPath] for a path that leads elsewhere, and wraps [fs.ErrNotExist] where there is no file.
func (f *Folder) Read(path string) ([]byte, error) {
	data, err := f.read(path)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return data, nil
}

func (f *Folder) read(path string) ([]byte, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	place, err := f.open(path)
	if err != nil {
		return nil, err
	}
	defer place.close()
	data, _, err := place.read(place.base)
	return data, err
}

// Write changes the fact file at a path from old to new, all at once: whoever reads it, and whatever crashes, there is the old file or the new
// one, whole. A nil old means that there is no such file, a nil new removes it; the folder that the file is in must be there. When it
// returns nil the change is on the disk.
//
// It writes another file beside it, hidden so that it isn't one of the facts, and then exchanges the two. What was there is looked at after
// the exchange, when nobody can change it any more: if it isn't old, or some program has it open for writing, it is put back, and the error is
// [ErrChanged]; a program that reads within that instant has read what then is not there. So nothing is lost that another program writes meanwhile, in whatever way. That takes Linux and one of its own
// file systems; elsewhere the file is compared just before it is replaced, and what is written within that instant is lost.
//
// Other errors are [ErrReadOnly], and [ErrPath] for what is not the path of a fact file: one that leads out of the folder, through a link, to a hidden
// file or a trial file. Several processes may write to one folder.
func (f *Folder) Write(path string, old, new []byte) error {
	err := f.write(path, old, new)
	switch {
	case err == nil:
		return nil
	case isReadOnly(err):
		err = fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return fmt.Errorf("write %q: %w", path, err)
}

// isReadOnly reports whether an error says that nothing may be written.
func isReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

func (f *Folder) write(path string, old, new []byte) error {
	if err := checkPath(path); err != nil {
		return err
	}
	if isTrials(path) {
		return fmt.Errorf("%w: trials are edited by hand", ErrPath)
	}
	if len(new) > MaxFileBytes {
		return errTooLarge
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	place, err := f.open(path)
	if err != nil {
		return err
	}
	defer place.close()
	unlock, err := lockFolder(place.root)
	if err != nil {
		return err
	}
	defer unlock()
	if info, err := place.dir.Stat(); err == nil && info.Mode().Perm()&0o222 == 0 { // root could write there nonetheless
		return fmt.Errorf("%w: the mode of the folder is %v", ErrReadOnly, info.Mode())
	}
	// Most changes are seen here already, before anything is touched.
	data, info, err := place.read(place.base)
	switch {
	case errors.Is(err, fs.ErrNotExist) && old == nil:
		if new == nil {
			return nil
		}
	case errors.Is(err, fs.ErrNotExist), err == nil && old == nil:
		return ErrChanged
	case err != nil:
		return err
	case !bytes.Equal(data, old):
		return ErrChanged
	case info.Mode().Perm()&0o222 == 0:
		return fmt.Errorf("%w: its mode is %v", ErrReadOnly, info.Mode())
	case new != nil && bytes.Equal(old, new):
		return nil
	}
	w := writing{place: place, old: old, new: new, was: info, done: func(string) {}}
	if f.step != nil {
		w.done = f.step
	}
	if err := w.do(); err != nil {
		return err
	}
	if new != nil {
		// The folder itself, or one in it, may have been put in the place of another.
		if is, err := os.Stat(filepath.Join(f.dir, filepath.FromSlash(path))); err != nil || !os.SameFile(is, w.is) {
			return ErrChanged
		}
	}
	return nil
}

// checkPath refuses a path that can't be one of a fact file or trial file below the folder.
func checkPath(name string) error {
	ext := strings.ToLower(path.Ext(name))
	switch {
	case !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\\x00"):
		return fmt.Errorf("%w: it must be a path inside the folder", ErrPath)
	case strings.HasPrefix(name, ".") || strings.Contains(name, "/."):
		return fmt.Errorf("%w: it is hidden", ErrPath)
	case ext != ".yaml" && ext != ".yml" || path.Base(name) == ext:
		return fmt.Errorf("%w: its name must end in .yaml", ErrPath)
	}
	return nil
}

// A place is the folder that a file is in, held open: what is renamed above it makes no difference any more.
type place struct {
	root, parent *os.Root
	dir          *os.File // the parent
	base         string   // name of the file
}

// open opens the folder that a file is in. It is opened anew each time, since the path may have come to lead elsewhere.
func (f *Folder) open(name string) (*place, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	p := &place{root: root, base: path.Base(name)}
	// The facts of folders that are linked are not read, so they are not written either.
	for i, c := range name {
		if c != '/' {
			continue
		}
		if info, err := root.Lstat(name[:i]); err != nil {
			return nil, errors.Join(err, p.close())
		} else if !info.IsDir() {
			return nil, errors.Join(fmt.Errorf("%w: %q is no folder", ErrPath, name[:i]), p.close())
		}
	}
	if p.parent, err = root.OpenRoot(path.Dir(name)); err == nil {
		p.dir, err = p.parent.Open(".")
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *place) close() error {
	var errs []error
	if p.dir != nil {
		errs = append(errs, p.dir.Close())
	}
	if p.parent != nil {
		errs = append(errs, p.parent.Close())
	}
	return errors.Join(append(errs, p.root.Close())...)
}

// read reads a file of the folder, which must be one, and not a link.
func (p *place) read(name string) ([]byte, fs.FileInfo, error) {
	info, err := p.parent.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, nil, fmt.Errorf("%w: it is a link; edit the file it leads to", ErrPath)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%w: it is no file", ErrPath)
	}
	file, err := p.parent.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	return readOpen(file)
}

func readOpen(file *os.File) ([]byte, fs.FileInfo, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	data := bytes.NewBuffer(make([]byte, 0, min(max(0, info.Size()), MaxFileBytes)+512))
	if n, err := data.ReadFrom(io.LimitReader(file, MaxFileBytes+1)); err != nil {
		return nil, nil, err
	} else if n > MaxFileBytes {
		return nil, nil, errTooLarge
	}
	return data.Bytes(), info, nil
}

// A writing is one change of a file, step by step.
type writing struct {
	*place
	old, new []byte
	was      fs.FileInfo // of the file as it was; nil for a new one
	is       fs.FileInfo // of the new one
	temp     string      // name of the file beside it: first the new one, then what was displaced
	done     func(step string)
}

// do makes the change.
func (w *writing) do() error {
	if w.new != nil {
		if err := w.prepare(); err != nil {
			return errors.Join(err, w.drop())
		}
	}
	var err error
	switch {
	case w.new == nil:
		err = w.takeAway()
	case w.old == nil:
		err = w.putThere()
	default:
		err = w.exchange()
	}
	w.done("decided")
	// Whatever is at the file's name now stays there; what is beside it is not needed.
	err = errors.Join(err, w.drop())
	w.done("removed")
	if sync := syncFolder(w.dir); sync != nil {
		err = errors.Join(err, fmt.Errorf("it is changed, but perhaps not on the disk: %w", sync))
	}
	w.done("synced")
	return err
}

// Names of what is written beside a file. What is named tempPart may be incomplete; what is named tempWhole is complete, or was displaced. The latter tells
// the hashes of what it may hold without being anybody else's.
const (
	tempPart  = ".footnote-part"
	tempWhole = ".footnote-whole"
)

// prepare writes the new file beside the old one.
func (w *writing) prepare() error {
	part := "." + w.base + "." + rand.Text()[:8] + tempPart
	file, err := w.parent.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	w.temp = part
	w.done("made")
	_, err = file.Write(w.new)
	if err == nil && w.was != nil {
		keepOwner(file, w.was)
		err = file.Chmod(w.was.Mode().Perm())
	}
	w.done("written")
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		w.is, err = file.Stat()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	w.done("flushed")
	whole := w.wholeName()
	if err := w.parent.Rename(part, whole); err != nil {
		return err
	}
	w.temp = whole
	w.done("named")
	return nil
}

func (w *writing) wholeName() string {
	sum := strings.Repeat("0", 16) // of no file
	if w.new != nil {
		sum = shortSum(w.new)
	}
	return "." + w.base + "." + shortSum(w.old) + "-" + sum + tempWhole
}

var wholePattern = regexp.MustCompile(`^\.(.+)\.([0-9a-f]{16})-([0-9a-f]{16})` + regexp.QuoteMeta(tempWhole) + `$`)

func shortSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// drop removes what is beside the file.
func (w *writing) drop() error {
	if w.temp == "" {
		return nil
	}
	err := w.parent.Remove(w.temp)
	w.temp = ""
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// putThere gives a new file its name, if that isn't taken.
func (w *writing) putThere() error {
	err := renameNew(w.place, w.temp, w.base)
	w.done("renamed")
	if errors.Is(err, fs.ErrExist) {
		return ErrChanged
	}
	return err
}

// linkNew gives a file another name that isn't taken, by a second link to it.
func linkNew(p *place, from, to string) error {
	if err := p.parent.Link(from, to); err != nil {
		return err
	}
	return p.parent.Remove(from)
}

// takeAway removes the file, if it is still the old one: it is looked at under another name, and else gets its own again.
func (w *writing) takeAway() error {
	w.temp = w.wholeName()
	if err := w.parent.Rename(w.base, w.temp); err != nil {
		w.temp = ""
		return ifGone(err)
	}
	w.done("renamed")
	if w.look(w.temp).is(w.was, w.old) {
		return nil
	}
	// When there is a file of that name again, that one is later.
	if err := renameNew(w.place, w.temp, w.base); err != nil && !errors.Is(err, fs.ErrExist) {
		w.temp = "" // rather leave it than lose it
		return err
	}
	return ErrChanged
}

// ifGone is ErrChanged for the error of a file that has gone, and else that error.
func ifGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrChanged
	}
	return err
}

// exchange puts the new file in the place of the old one, if it is still the old one.
func (w *writing) exchange() error {
	// Once more before it: writing the new file has taken its time, and what is exchanged and put back can be seen by other programs for an instant.
	if !w.look(w.base).is(w.was, w.old) {
		return ErrChanged
	}
	w.done("looked")
	err := exchange(w.place, w.temp, w.base)
	if errors.Is(err, errors.ErrUnsupported) {
		return w.replace()
	}
	if err != nil {
		return ifGone(err)
	}
	w.done("exchanged")
	hold := w.look(w.temp)
	if hold.is(w.was, w.old) {
		return nil
	}
	// It was not what we thought: it must get its place again. But someone may have changed what we put there, too. Whatever is displaced and is not
	// just what we put there is the latest, and takes the place of what was to be put back.
	placed := seen{info: w.is, data: w.new}
	for range 100 {
		switch err := exchange(w.place, w.temp, w.base); {
		case errors.Is(err, fs.ErrNotExist): // removed, which is the latest
			return ErrChanged
		case err != nil:
			w.temp = "" // rather leave it than lose it
			return err
		}
		w.done("put back")
		displaced := w.look(w.temp)
		if displaced.is(placed.info, placed.data) {
			return ErrChanged
		}
		placed, hold = hold, displaced
	}
	w.temp = ""
	return fmt.Errorf("%w, again and again", ErrChanged)
}

// replace does what exchange does where the system can't: what is written between the comparison and the rename is lost.
func (w *writing) replace() error {
	data, _, err := w.read(w.base)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !bytes.Equal(data, w.old):
		return ErrChanged
	case err != nil:
		return err
	}
	if err := w.parent.Rename(w.temp, w.base); err != nil {
		return err
	}
	w.temp = ""
	w.done("exchanged")
	return nil
}

// seen is what a displaced file is found to be.
type seen struct {
	info fs.FileInfo
	data []byte
	open bool // for writing, by somebody: so it may yet change
}

// is reports whether it is that very file with that very content, which nobody can change any more.
func (s seen) is(info fs.FileInfo, data []byte) bool {
	return s.info != nil && os.SameFile(s.info, info) && !s.open && bytes.Equal(s.data, data)
}

// look looks at a file, as a rule at what was displaced. What can't be read is not what was expected.
func (w *writing) look(name string) seen {
	info, err := w.parent.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return seen{info: info}
	}
	file, err := w.parent.Open(name)
	if err != nil {
		return seen{info: info}
	}
	defer file.Close()
	open := openForWriting(file) // before it is read
	data, info, err := readOpen(file)
	if err != nil {
		return seen{}
	}
	return seen{info, data, open}
}

// recoverFolder removes what a crash has left, in the folder and those in it.
func recoverFolder(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), ".") && strings.HasSuffix(d.Name(), tempPart):
			return root.Remove(name)
		}
		m := wholePattern.FindStringSubmatch(d.Name())
		if m == nil {
			return nil
		}
		data, err := fs.ReadFile(root.FS(), name)
		if err != nil {
			return err
		}
		if sum := shortSum(data); sum != m[2] && sum != m[3] {
			// Another program had changed the file when it was displaced. Unless the file is another one again, it gets its place back.
			file := path.Join(path.Dir(name), m[1])
			is, err := fs.ReadFile(root.FS(), file)
			if errors.Is(err, fs.ErrNotExist) || err == nil && shortSum(is) == m[3] {
				return root.Rename(name, file)
			}
		}
		return root.Remove(name)
	})
}
