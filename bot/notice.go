package bot

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Changes of the facts are noticed by comparing them with the facts as the bot last saw them, which the journal keeps: so it makes no difference
// whether a moderator's Confirm, an editor, git or an upload changed them, nor whether the bot was running. What came from chat is in the log of
// edits already; all else is written there now, as done on disk. Then the facts as they are now are kept as last seen.

const (
	// maxRemembered is how many bytes of fact and trial files are kept as last seen. Of more only the hash of each file is: then the log
	// says which files changed, and not which facts.
	maxRemembered = 32 << 20
	// maxNoticed is of how many facts of one file it is written down that they changed on disk, at one look. Where there are more, the file's
	// change is written down as one, with both files.
	maxNoticed = 100
	// hashesName is the entry of what is kept that says the hash of each file. It is hidden, so it is no fact file.
	hashesName = ".seen.json"
)

// A remembered is the facts as they were last seen.
type remembered struct {
	Version string            `json:"version"` // of the set
	At      time.Time         `json:"at"`
	Hashes  map[string]string `json:"hashes"` // of each file, by path
	files   fs.FS             // the files themselves; nil where they were too large
}

// file gives a file's bytes, or nil where it is not there.
func (r remembered) file(path string) []byte {
	if r.files == nil {
		return nil
	}
	data, err := fs.ReadFile(r.files, path)
	if err != nil {
		return nil
	}
	return data
}

// pack writes what is to be remembered of files: a zip archive, which is read again as a folder.
func (r remembered) pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, data []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	hashes, err := json.Marshal(r)
	if err == nil {
		err = add(hashesName, hashes)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err == nil {
			err = add(name, files[name])
		}
	}
	err = errors.Join(err, z.Close()) // writes the rest
	return out.Bytes(), err
}

// unpack reads what pack wrote.
func unpack(data []byte) (remembered, error) {
	var r remembered
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return r, err
	}
	f, err := z.Open(hashesName)
	if err != nil {
		return r, err
	}
	defer f.Close()
	hashes, err := io.ReadAll(f)
	if err == nil {
		err = json.Unmarshal(hashes, &r)
	}
	if len(z.File) > 1 {
		r.files = z
	}
	return r, err
}

// notice takes in how the facts differ from those last seen. Of the facts that posted answers use it keeps since when they are as they are.
// An error means that it is to be tried again.
func (l *living) notice(ctx context.Context, set *knowledge.Set, used map[string]bool) error {
	if l.folder == nil {
		return nil // built in: another version of the program has others, and nobody edits them
	}
	data, ok, err := l.journal.Remembered(ctx)
	if err != nil {
		return err
	}
	var old remembered
	if ok {
		if old, err = unpack(data); err != nil {
			l.log.Error("the facts as they were last seen can't be read; what has changed since is not written down", "err", err)
			ok = false
		}
	}
	if ok && old.Version == set.Version {
		return nil
	}
	files, sums, version, err := knowledge.ReadFiles(ctx, l.folder, l.most)
	if err != nil {
		return err
	}
	if version != set.Version {
		return nil // they have changed again: either the next reload takes them in, or they have errors, and are looked at once these are mended
	}
	now := remembered{Version: version, At: l.now(), Hashes: map[string]string{}}
	for path, sum := range sums {
		now.Hashes[path] = hex.EncodeToString(sum[:16]) // journal.Hash of the file
	}
	if ok {
		if err := l.record(ctx, old, now, files, set, used); err != nil {
			return err
		}
	}
	if data, err = now.pack(files); err != nil {
		return err
	}
	l.at("remember")
	return l.journal.Remember(ctx, data)
}

// record writes down what changed on disk, and since when used facts are as they are.
func (l *living) record(ctx context.Context, old, now remembered, files map[string][]byte, set *knowledge.Set, used map[string]bool) error {
	all, err := l.journal.Edits(ctx)
	if err != nil {
		return err
	}
	log := editLog{seen: old.At, all: all}
	var was *knowledge.Set
	if old.files != nil && files != nil {
		if was, _, err = knowledge.Load(ctx, old.files); err != nil {
			return err
		}
	}
	var edits []journal.Edit
	if was == nil {
		for _, path := range changedFiles(old, now) {
			if !knowledge.HoldsTrials(path) && !log.byChat(path, old.Hashes[path], now.Hashes[path]) {
				edits = append(edits, journal.Edit{Path: path})
			}
		}
	} else {
		byFile := map[string][]knowledge.Difference{}
		for _, d := range knowledge.Compare(was, set) {
			byFile[pathOf(d)] = append(byFile[pathOf(d)], d)
			if err := l.renew(ctx, d, used); err != nil {
				return err
			}
		}
		for _, path := range slices.Sorted(maps.Keys(byFile)) {
			more, err := l.differences(ctx, path, byFile[path], old, files, log)
			if err != nil {
				return err
			}
			edits = append(edits, more...)
		}
	}
	var fresh []journal.Edit
	for _, e := range edits {
		e.Kind, e.State, e.At = journal.OnDisk, journal.Done, now.At
		e.FileBefore, e.FileAfter = old.Hashes[e.Path], now.Hashes[e.Path]
		if log.has(e) {
			continue // written down before the process ended
		}
		if _, err := l.journal.Record(ctx, e); err != nil {
			return err
		}
		l.at("recorded")
		fresh = append(fresh, e)
	}
	if len(fresh) > 0 {
		l.log.Info("facts were changed on disk", "edits", len(fresh), "since", old.At, "version", now.Version)
		ctx, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		l.tell(ctx, renderNoticed(fresh))
	}
	return nil
}

// noticedNamed is how many edits on disk moderators are told of at once, each in up to 360 characters.
const noticedNamed = 4

// renderNoticed tells of edits on disk: git may bring hundreds.
func renderNoticed(edits []journal.Edit) string {
	var said []string
	for _, e := range edits[:min(len(edits), noticedNamed)] {
		said = append(said, clipEdit(renderEdit(e, true)))
	}
	if n := len(edits) - noticedNamed; n > 0 {
		said = append(said, fmt.Sprintf("-# and %d more: `/facts history`", n))
	}
	return strings.Join(said, "\n")
}

// renew keeps since when a fact that answers use is as it is, and what it was.
func (l *living) renew(ctx context.Context, d knowledge.Difference, used map[string]bool) error {
	if !used[d.ID()] || !d.Shows() {
		return nil
	}
	if d.Old != nil {
		if _, err := l.journal.See(ctx, l.version(d.Old)); err != nil {
			return err
		}
	}
	if revision(d.New) == journal.Gone {
		return l.journal.Renew(ctx, journal.Version{Revision: journal.GoneRevision(d.ID()), Fact: d.ID(), Since: l.now()})
	}
	return l.journal.Renew(ctx, l.version(d.New))
}

// differences gives the edits that brought about the differences in one file, as far as they were not made from chat.
func (l *living) differences(ctx context.Context, path string, ds []knowledge.Difference, old remembered, files map[string][]byte, log editLog) ([]journal.Edit, error) {
	before, after := old.file(path), files[path]
	if log.byChat(path, journal.Hash(before), journal.Hash(after)) {
		return nil, nil
	}
	var edits []journal.Edit
	for _, d := range ds {
		e := journal.Edit{Path: path, Fact: d.ID()}
		where := d.New
		if d.Old != nil {
			where = d.Old
			e.BeforeText = d.Old.Text
			e.Before, _ = knowledge.Block(old.file(d.Old.File.Path), d.ID()) // none in a form that can only be edited by hand
		}
		if d.New != nil {
			where = d.New
			e.AfterText = d.New.Text
			e.After, _ = knowledge.Block(files[d.New.File.Path], d.ID())
		}
		if e.Before = log.lastByChat(e.Fact, e.Before); e.Before != nil && bytes.Equal(e.Before, e.After) {
			continue // that fact was changed from chat, and another of the file on disk
		}
		if at := slices.Index(where.File.Facts, where); at > 0 {
			e.Next = where.File.Facts[at-1].ID
		}
		edits = append(edits, e)
	}
	if len(edits) <= maxNoticed {
		return edits, nil
	}
	whole := journal.Edit{Path: path, Why: fmt.Sprintf("%d facts", len(edits))}
	for _, data := range [][]byte{before, after} {
		if data != nil {
			if _, err := l.journal.Keep(ctx, data); err != nil {
				return nil, err
			}
		}
	}
	return []journal.Edit{whole}, nil
}

// pathOf is the file a difference is in.
func pathOf(d knowledge.Difference) string {
	if d.New != nil {
		return d.New.File.Path
	}
	return d.Old.File.Path
}

// changedFiles lists the files that are not alike.
func changedFiles(old, now remembered) []string {
	var paths []string
	for path, hash := range now.Hashes {
		if old.Hashes[path] != hash {
			paths = append(paths, path)
		}
	}
	for path := range old.Hashes {
		if now.Hashes[path] == "" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// An editLog is the log of edits, of which those since the facts were last seen matter.
type editLog struct {
	seen time.Time
	all  []journal.Edit // the oldest first
}

// fromChat gives the edits that moderators made from chat and that came about, or may have. A few minutes before the facts were last seen are
// looked at as well: an edit is written down before its file is.
func (l editLog) fromChat(yield func(journal.Edit) bool) {
	for _, e := range l.all {
		if e.Kind != journal.OnDisk && e.State != journal.Refused && e.At.After(l.seen.Add(-10*time.Minute)) && !yield(e) {
			return
		}
	}
}

// byChat reports whether edits from chat, one after another, made a file of one hash into that of another.
func (l editLog) byChat(path, from, to string) bool {
	if from == to {
		return true
	}
	for e := range l.fromChat {
		if e.Path == path && same(e.FileBefore, from) && e.FileAfter != "" {
			if from = e.FileAfter; from == to {
				return true
			}
		}
	}
	return false
}

// same reports whether two hashes are of the same file; no file has no hash, or that of no bytes.
func same(a, b string) bool {
	none := journal.Hash(nil)
	return a == b || (a == "" || a == none) && (b == "" || b == none)
}

// lastByChat gives the lines of a fact as the last edit from chat left them, where these edits began from the given ones.
func (l editLog) lastByChat(fact string, lines []byte) []byte {
	for e := range l.fromChat {
		if e.Fact == fact && bytes.Equal(e.Before, lines) {
			lines = e.After
		}
	}
	return lines
}

// has reports whether an edit on disk was written down since the facts were last seen.
func (l editLog) has(e journal.Edit) bool {
	for _, o := range l.all {
		if o.Kind == journal.OnDisk && !o.At.Before(l.seen) && o.Path == e.Path && o.Fact == e.Fact && o.FileBefore == e.FileBefore && o.FileAfter == e.FileAfter &&
			bytes.Equal(o.Before, e.Before) && bytes.Equal(o.After, e.After) {
			return true
		}
	}
	return false
}

// settleEdits finds out what became of edits that were begun by a process that ended: the files tell. Edits that a process may still be at
// are left alone; it reports whether there were none.
func (l *living) settleEdits(ctx context.Context) bool {
	all, err := l.journal.Edits(ctx)
	if err != nil {
		l.failed("edits", err)
		return false
	}
	done := true
	for _, e := range all {
		if e.State != journal.Begun {
			continue
		}
		if !e.At.Before(l.began) || !l.journal.Sole() && l.now().Sub(e.At) < unsureFor {
			done = done && l.journal.Sole() // this process's own are finished by who began them
			continue
		}
		state, why := l.outcome(e)
		if err := l.journal.Finish(ctx, e.ID, state, why); err != nil {
			l.failed("edits", err)
			return false
		}
		l.log.Warn("an edit was begun when the bot ended; the file tells what became of it", "edit", e.ID, "fact", e.Fact, "path", e.Path, "state", string(state), "why", why)
	}
	return done
}

// outcome tells from the files what became of an edit.
func (l *living) outcome(e journal.Edit) (journal.EditState, string) {
	const notDone = "the bot ended before the file was written"
	if l.folder == nil {
		return journal.Refused, notDone
	}
	data, err := fs.ReadFile(l.folder, e.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return journal.Refused, "the bot ended while it was done, and the file can't be read"
	}
	hash := ""
	if err == nil {
		hash = journal.Hash(data)
	}
	switch {
	case same(hash, e.FileAfter):
		return journal.Done, ""
	case same(hash, e.FileBefore):
		return journal.Refused, notDone
	}
	// The file was changed since; the fact's own lines may tell.
	lines, err := knowledge.Block(data, e.Fact)
	switch {
	case e.Fact == "" || err != nil && !errors.Is(err, knowledge.ErrNoFact):
	case bytes.Equal(lines, e.After):
		return journal.Done, ""
	case bytes.Equal(lines, e.Before):
		return journal.Refused, notDone
	}
	return journal.Refused, "the bot ended while it was done, and the file has been changed since"
}
