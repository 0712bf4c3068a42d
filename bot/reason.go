package bot

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"footnote/knowledge"
)

// Why a fact file can't be read or written, where that lies in how the folder was put there: a container mounts single files, a ConfigMap is made of links,
// a disk is full. A moderator can mend none of it, but can tell the operator what is to be done.

// The errors of such files.
var (
	errLinked = errors.New("it is a link, or in a linked folder")
	errBusy   = errors.New("it can't be replaced where it is")
	errNoRoom = errors.New("there is no room for it")
)

// explain gives an error of reading or writing the file at a path its reason, as far as it can be told.
func (m *moderation) explain(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, knowledge.ErrPath) && m.linked(path):
		return fmt.Errorf("%w: %w", errLinked, err)
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EXDEV), errors.Is(err, syscall.ETXTBSY):
		return fmt.Errorf("%w: %w", errBusy, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	return err
}

// linked reports whether a file, or a folder that it is in, is a link.
func (m *moderation) linked(path string) bool {
	if !fs.ValidPath(path) {
		return false
	}
	parts := strings.Split(path, "/")
	for n := range parts {
		info, err := fs.Lstat(m.folder.FS(), strings.Join(parts[:n+1], "/"))
		if err != nil {
			return false
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}
