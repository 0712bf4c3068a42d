//go:build !linux

package knowledge

import (
	"errors"
	"io/fs"
	"os"
)

// Other systems have no exchange of two files, and no telling whether one is open.

func exchange(*place, string, string) error { return errors.ErrUnsupported }

func renameNew(p *place, from, to string) error { return linkNew(p, from, to) }

func openForWriting(*os.File) bool { return false }

func lockFolder(*os.Root) (unlock func(), err error) { return func() {}, nil }

// syncFolder does what it can: some systems don't let folders be synced.
func syncFolder(dir *os.File) error {
	_ = dir.Sync()
	return nil
}

func keepOwner(*os.File, fs.FileInfo) {}
