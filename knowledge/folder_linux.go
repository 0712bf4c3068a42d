package knowledge

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// exchange exchanges two files of a folder in one step; the error is errors.ErrUnsupported where the file system can't.
func exchange(p *place, a, b string) error {
	return p.rename(a, b, unix.RENAME_EXCHANGE)
}

// renameNew renames a file of a folder to a name that isn't taken; else the error is fs.ErrExist.
func renameNew(p *place, from, to string) error {
	err := p.rename(from, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, errors.ErrUnsupported) {
		return linkNew(p, from, to)
	}
	return err
}

func (p *place) rename(from, to string, flags uint) error {
	fd := int(p.dir.Fd())
	err := unix.Renameat2(fd, from, fd, to, flags)
	if err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP {
		return errors.ErrUnsupported
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// openForWriting reports whether anybody has a file open for writing. Linux gives a lease to read only where nobody has; where it gives none
// for other reasons, the answer is no.
func openForWriting(file *os.File) bool {
	_, err := unix.FcntlInt(file.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	if err == nil {
		_, _ = unix.FcntlInt(file.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	}
	return err == unix.EAGAIN
}

// lockFolder keeps other processes from writing by a [Folder] of their own, until the returned func is called.
func lockFolder(root *os.Root) (unlock func(), err error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	// File systems without locks are served by one process.
	return func() { dir.Close() }, nil
}

// syncFolder writes the names in a folder to the disk.
func syncFolder(dir *os.File) error { return dir.Sync() }

// keepOwner gives a file the owner of another, where that is allowed.
func keepOwner(file *os.File, like fs.FileInfo) {
	if s, ok := like.Sys().(*syscall.Stat_t); ok {
		_ = file.Chown(int(s.Uid), int(s.Gid))
	}
}
