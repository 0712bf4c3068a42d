package knowledge

import (
	"context"
	"crypto/sha256"
	"io/fs"
)

// ReadFiles reads every file that [Load] reads, by path, and gives the version that the facts loaded from them have. Where the files have more than
// most bytes together, their bytes are left out: then sums has their paths and files is nil. The sums are of SHA-256.
func ReadFiles(ctx context.Context, fsys fs.FS, most int64) (files map[string][]byte, sums map[string][sha256.Size]byte, version string, err error) {
	found, err := find(ctx, fsys)
	if err != nil {
		return nil, nil, "", err
	}
	files, sums = map[string][]byte{}, map[string][sha256.Size]byte{}
	var bytes int64
	for i := range found.files {
		f := &found.files[i]
		data, err := f.read(ctx, fsys)
		if err == errTooLarge {
			continue
		}
		if err != nil {
			return nil, nil, "", loadError(ctx, err)
		}
		f.sum = sha256.Sum256(data)
		sums[f.path] = f.sum
		if bytes += int64(len(data)); bytes > most {
			files = nil
		}
		if files != nil {
			files[f.path] = data
		}
	}
	return files, sums, found.version(), nil
}

// HoldsTrials reports whether a path is that of a trial file, which holds no facts.
func HoldsTrials(path string) bool { return isTrials(path) }
