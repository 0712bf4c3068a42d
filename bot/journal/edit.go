package journal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Edit is one change of one fact, or of one file as a whole: who, when, what and why. It is written before the file is, as pending,
// so that after a crash the files tell whether it came about.
type Edit struct {
	ID      string    `json:"id"` // grows with time
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"` // a user's id; empty where files were changed on disk, by whomever
	GuildID string    `json:"guild,omitempty"`
	Kind    EditKind  `json:"kind"`
	Path    string    `json:"path"` // of the file
	Fact    string    `json:"fact,omitempty"`
	Why     string    `json:"why,omitempty"`
	Undoes  string    `json:"undoes,omitempty"` // the id of the edit that it takes back

	// The lines of the fact in the file, as they were and as they are; null where there was or is none.
	Before []byte `json:"before"`
	After  []byte `json:"after"`
	Next   string `json:"next,omitempty"` // the id of the fact it stood or stands after; empty: it is the first
	// What the fact said and says, for people.
	BeforeText string `json:"before_text,omitempty"`
	AfterText  string `json:"after_text,omitempty"`
	// Hashes of the whole file; of an upload also the names of the blobs that hold it.
	FileBefore string `json:"file_before,omitempty"`
	FileAfter  string `json:"file_after,omitempty"`

	State   EditState `json:"state"`
	Refusal string    `json:"refusal,omitempty"` // why it did not come about
}

// EditKind says how a change came about.
type EditKind string

// The kinds of edits.
const (
	Added    EditKind = "add"
	Edited   EditKind = "edit"
	Withdrew EditKind = "withdraw"
	Restored EditKind = "restore"
	Undid    EditKind = "undo"
	Uploaded EditKind = "upload"
	OnDisk   EditKind = "disk" // by an editor, git or another program
)

// EditState says what became of an edit.
type EditState string

// The states.
const (
	Begun   EditState = "begun"   // the file may or may not be changed
	Done    EditState = "done"    // it is
	Refused EditState = "refused" // it is not
)

// Begin writes an edit down before it is done, and gives it its id.
func (j *Journal) Begin(ctx context.Context, e Edit) (Edit, error) {
	e.State = Begun
	return j.addEdit(ctx, e)
}

// Record writes down an edit whose outcome is known.
func (j *Journal) Record(ctx context.Context, e Edit) (Edit, error) { return j.addEdit(ctx, e) }

func (j *Journal) addEdit(ctx context.Context, e Edit) (Edit, error) {
	if e.At.IsZero() {
		e.At = j.now()
	}
	for {
		e.ID = newEditID(j.now())
		ok, err := j.edits.create(ctx, e.ID, e)
		if ok || err != nil {
			return e, err
		}
	}
}

// newEditID names an edit so that later ones sort after earlier ones, and no two are the same.
func newEditID(at time.Time) string {
	return fmt.Sprintf("%011x%s", at.UnixMilli(), strings.ToLower(rand.Text()[:8]))
}

// Finish says what became of an edit that was begun; why, when it was refused.
func (j *Journal) Finish(ctx context.Context, id string, s EditState, why string) error {
	_, err := j.edits.update(ctx, id, func(e *Edit, ok bool) bool {
		e.State, e.Refusal = s, why
		return ok
	})
	return err
}

// Edit returns one edit, and whether there is one.
func (j *Journal) Edit(ctx context.Context, id string) (Edit, bool, error) {
	return j.edits.get(ctx, id)
}

// Edits lists every edit, the oldest first.
func (j *Journal) Edits(ctx context.Context) ([]Edit, error) {
	edits, err := j.edits.list(ctx, ">")
	slices.SortFunc(edits, func(a, b Edit) int { return strings.Compare(a.ID, b.ID) })
	return edits, err
}

// A Proposal is an edit that a moderator was shown a preview of, and may confirm within the hour.
type Proposal struct {
	Key     string          `json:"key"`
	By      string          `json:"by"` // who alone may confirm
	GuildID string          `json:"guild"`
	At      time.Time       `json:"at"`
	Path    string          `json:"path"`
	File    string          `json:"file"`           // the hash of the file it was made from; empty where there was none
	Op      json.RawMessage `json:"op"`             // what is to be done, as whoever proposed it wrote it
	Blob    string          `json:"blob,omitempty"` // of an upload
}

// Propose keeps a proposal and gives it its key.
func (j *Journal) Propose(ctx context.Context, p Proposal) (Proposal, error) {
	p.Key, p.At = strings.ToLower(rand.Text()), j.now()
	return p, j.proposals.put(ctx, p.Key, p)
}

// Proposed returns a proposal, and whether it is still there.
func (j *Journal) Proposed(ctx context.Context, key string) (Proposal, bool, error) {
	return j.proposals.get(ctx, key)
}

// Take takes a proposal off the list, and reports whether it was still on it: of two that confirm, one is told so.
func (j *Journal) Take(ctx context.Context, key string) (bool, error) {
	return j.proposals.take(ctx, key)
}
