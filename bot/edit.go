package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Every change that moderators make goes the same way. It is asked for as an operation; the operation is tried on the file as it is, and
// previewed with what it changes; a proposal in the journal keeps it, with the hash of that file, until it is confirmed; and then it is carried
// out on the same bytes or not at all.

// An operation is an edit as it was asked for: what is to be done, and not to which bytes.
type operation struct {
	Kind    journal.EditKind      `json:"kind"`
	Path    string                `json:"path"` // of the file
	Fact    string                `json:"fact,omitempty"`
	Patch   knowledge.Patch       `json:"patch"`
	Sources []knowledge.NewSource `json:"sources,omitempty"` // that the file does not have yet
	Undoes  string                `json:"undoes,omitempty"`  // the id of the edit whose lines are put back, or of an upload
	Blob    string                `json:"blob,omitempty"`    // of an upload: the name of its bytes in the journal
	Why     string                `json:"why,omitempty"`
	Gap     string                `json:"gap,omitempty"`  // the key of the gap that it is to fill
	Form    *factForm             `json:"form,omitempty"` // as it was filled in, to be changed
}

// The routes of an edit's buttons and form; what follows is the key of a proposal.
const (
	routeConfirm = "fok"
	routeChange  = "fchange"
	routeCancel  = "fno"
	routeForm    = "fform"
)

// confirmWithin is the time an edit has from its being written down on. It is not cut short by the end of the process or of Discord's
// patience: a file that was written must be in use, and the journal agree.
const confirmWithin = 20 * time.Second

// recentGaps is how many of the latest gaps are asked again to see what an edit changes.
const recentGaps = 100

// propose keeps an operation, which is about a file with the hash, until it is confirmed, changed or cancelled.
func (m *moderation) propose(ctx context.Context, i *Interaction, op operation, hash string) (key string, err error) {
	raw, err := json.Marshal(op)
	if err != nil {
		return "", err
	}
	p, err := m.journal.Propose(ctx, journal.Proposal{By: i.User.ID, GuildID: i.GuildID, Path: op.Path, File: hash, Op: raw, Blob: op.Blob})
	return p.Key, err
}

// proposed gives the proposal that a button or form is of, and its operation. The response says why it can't be had, to be given when ok is false.
func (m *moderation) proposed(ctx context.Context, i *Interaction) (p journal.Proposal, op operation, r Response, ok bool) {
	var found bool
	var err error
	if key := args(i.CustomID, 1)[0]; isKey(key) {
		p, found, err = m.journal.Proposed(ctx, key)
	}
	if err == nil && found {
		err = json.Unmarshal(p.Op, &op)
	}
	switch {
	case err != nil:
		return p, op, m.failed("a proposal can't be read", err), false
	case !found:
		return p, op, tell(previewGone), false
	case p.By != i.User.ID || p.GuildID != i.GuildID:
		r := tell(notYourPreview)
		r.Then = func(ctx context.Context) { m.refused(ctx, i, op.edit(), notYourPreview) }
		return p, op, r, false
	}
	return p, op, Response{}, true
}

// failed is what a moderator reads when the bot itself failed; the operator reads why.
func (m *moderation) failed(what string, err error) Response {
	m.log.Error(what, "err", err)
	if _, broken := m.journal.Broken(); broken != nil {
		return tell(speak("en").NotKept)
	}
	return tell(wentWrong)
}

// edit is what is known of an operation's edit before it is tried.
func (op operation) edit() journal.Edit {
	return journal.Edit{Kind: op.Kind, Path: op.Path, Fact: op.Fact, Why: op.Why, Undoes: op.Undoes}
}

// read returns the bytes of a file, or nil where there is none.
func (m *moderation) read(path string) ([]byte, error) {
	if len(path) > maxPath {
		return nil, knowledge.ErrPath
	}
	data, err := m.folder.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, m.explain(path, err)
}

// maxPath is the longest path of a file, in bytes: what file systems take as one name, and some room.
const maxPath = 200

// fileHash names the bytes of a file; it is empty where there is none.
func fileHash(data []byte) string {
	if data == nil {
		return ""
	}
	return journal.Hash(data)
}

// apply returns the file as the operation makes it. Both may be nil: there is no file.
func (m *moderation) apply(ctx context.Context, op operation, old []byte) ([]byte, error) {
	switch {
	case op.Undoes != "":
		e, ok, err := m.journal.Edit(ctx, op.Undoes)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("%w: the edit is no longer in the log", knowledge.ErrConflict)
		}
		// An edit that made or removed the file is taken back with the file.
		if made := (e.FileBefore == "" || e.FileAfter == "") && fileHash(old) == e.FileAfter; e.Fact != "" && !made {
			return knowledge.ReplaceBlock(old, e.Fact, e.After, e.Before, e.Next)
		}
		if fileHash(old) != e.FileAfter {
			return nil, fmt.Errorf("%w: the file is not as that edit left it", knowledge.ErrConflict)
		}
		return m.blob(ctx, e.FileBefore)
	case op.Kind == journal.Uploaded:
		return m.blob(ctx, op.Blob)
	case op.Kind == journal.Added:
		return knowledge.AddFact(old, op.Fact, op.Patch, op.Sources...)
	}
	var err error
	if len(op.Sources) > 0 {
		if old, err = knowledge.AddSources(old, op.Sources...); err != nil {
			return nil, err
		}
	}
	return knowledge.EditFact(old, op.Fact, op.Patch)
}

// blob returns a whole file that the journal keeps; an empty name stands for no file.
func (m *moderation) blob(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	data, ok, err := m.journal.Blob(ctx, name)
	if err == nil && !ok {
		err = fmt.Errorf("%w: the journal does not have the file any more", knowledge.ErrConflict)
	}
	return data, err
}

// cantEdit says why an edit can't be made, to the moderator; ok is false for what only the operator can mend.
func cantEdit(err error) (why string, ok bool) {
	switch {
	case errors.Is(err, knowledge.ErrConflict), errors.Is(err, knowledge.ErrNoFact):
		return "That no longer applies: " + err.Error() + ".", true
	case errors.Is(err, knowledge.ErrForm):
		return "I can't do that without spoiling the file: " + err.Error() + ". Edit it by hand, or use `/facts download` and `/facts upload`.", true
	case errors.Is(err, knowledge.ErrChanged):
		return changedMeanwhile, true
	case errors.Is(err, knowledge.ErrReadOnly):
		return readOnly, true
	case errors.Is(err, errLinked):
		return isLinked, true
	case errors.Is(err, errBusy):
		return isBusy, true
	case errors.Is(err, errNoRoom):
		return noRoom, true
	case errors.Is(err, knowledge.ErrPath):
		return notAPath, true
	}
	return "", false
}

// preview shows what an operation would do, as members will see it and with the answers it changes, and asks to confirm it. Nothing is changed.
func (m *moderation) preview(ctx context.Context, i *Interaction, op operation) Response {
	return m.previewAfter(ctx, i, op, "")
}

// previewAfter is preview with a word above it.
func (m *moderation) previewAfter(ctx context.Context, i *Interaction, op operation, above string) Response {
	if m.folder == nil {
		return tell(builtIn)
	}
	old, err := m.read(op.Path)
	var new []byte
	if err == nil {
		new, err = m.apply(ctx, op, old)
	}
	if err != nil {
		if why, ok := cantEdit(err); ok {
			return m.unconfirmed(ctx, i, op, joinLines(above, "⛔ "+escapeSaid(why)))
		}
		return m.failed("an edit can't be tried", err)
	}
	if slices.Equal(old, new) && (old == nil) == (new == nil) {
		return m.unconfirmed(ctx, i, op, joinLines(above, changesNothing))
	}
	p, err := m.base.Propose(ctx, op.Path, old, new)
	if err != nil {
		if why, ok := cantEdit(err); ok {
			return m.unconfirmed(ctx, i, op, joinLines(above, "⛔ "+why))
		}
		return m.failed("an edit can't be checked", err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			m.log.Error("a proposal's index can't be closed", "err", err)
		}
	}()
	if !p.OK() {
		return m.unconfirmed(ctx, i, op, joinLines(above, "⛔ "+hasProblems, renderProblems(p.Problems, maxContent-600)))
	}
	recent := m.recent(ctx)
	for _, q := range op.Patch.AddNotAsks {
		recent = append(recent, knowledge.Question{Text: q})
	}
	effects, err := p.Effects(ctx, recent)
	if err != nil {
		return m.failed("what an edit changes can't be told", err)
	}
	key, err := m.propose(ctx, i, op, fileHash(old))
	if err != nil {
		return m.failed("a proposal can't be kept", err)
	}
	shown := m.renderProposed(speak(i.Locale), op, p)
	below := joinLines(renderEffects(effects), renderWarnings(p.Problems, m.health.now().problems), "-# "+fmt.Sprintf(notYetLive, code(op.Path)))
	buttons := op.buttons(key, true)
	if whole := joinLines(above, shown, below); units(whole) <= maxContent {
		return Response{Action: Reply, Private: true, Content: whole, Components: buttons}
	}
	return Response{Action: Reply, Private: true, Content: clip(joinLines(above, shown), maxContent), Also: []Response{
		{Action: Reply, Private: true, Content: clip(below, maxContent), Components: buttons}}}
}

// unconfirmed shows an operation that can't be confirmed, but may be changed.
func (m *moderation) unconfirmed(ctx context.Context, i *Interaction, op operation, content string) Response {
	r := tell("%s", content)
	if op.Form == nil {
		return r
	}
	key, err := m.propose(ctx, i, op, "")
	if err != nil {
		return m.failed("a proposal can't be kept", err)
	}
	r.Components = op.buttons(key, false)
	return r
}

// buttons are those below a preview.
func (op operation) buttons(key string, good bool) []discordgo.MessageComponent {
	var all []discordgo.MessageComponent
	if good {
		confirm := button("Confirm", customID(routeConfirm, key))
		confirm.Style = discordgo.SuccessButton
		all = append(all, confirm)
	}
	if op.Form != nil {
		all = append(all, button("Change", customID(routeChange, key)))
	}
	return []discordgo.MessageComponent{row(append(all, button("Cancel", customID(routeCancel, key)))...)}
}

// recent are the latest gaps as they were asked. Without them an edit can still be judged, so that they can't be read is only logged.
func (m *moderation) recent(ctx context.Context) []knowledge.Question {
	gaps, err := m.journal.Gaps(ctx)
	if err != nil {
		m.log.Error("the gaps can't be read", "err", err)
	}
	slices.Reverse(gaps)
	var qs []knowledge.Question
	for _, g := range gaps[:min(len(gaps), recentGaps)] {
		if n := len(g.Asked); n > 0 {
			qs = append(qs, knowledge.Question{Text: g.Asked[n-1].Question, History: g.Asked[n-1].History})
		}
	}
	return qs
}

// cancel drops a proposal.
func (m *moderation) cancel(ctx context.Context, i *Interaction) Response {
	p, _, r, ok := m.proposed(ctx, i)
	if !ok {
		return r
	}
	if _, err := m.journal.Take(ctx, p.Key); err != nil {
		return m.failed("a proposal can't be dropped", err)
	}
	return Response{Action: Update, Content: cancelled}
}

// confirm carries a proposal out, if the file is still the one it was made from.
func (m *moderation) confirm(ctx context.Context, i *Interaction) Response {
	p, op, r, ok := m.proposed(ctx, i)
	if !ok {
		return r
	}
	if m.folder == nil {
		return tell(builtIn)
	}
	if ok, err := m.journal.Take(ctx, p.Key); err != nil {
		return m.failed("a proposal can't be taken", err)
	} else if !ok {
		return tell(previewGone)
	}
	refuse := func(why string) Response {
		r := m.previewAfter(ctx, i, op, "⛔ "+why+" "+asItWouldBe)
		r.Action = Update
		r.Then = func(ctx context.Context) { m.refused(ctx, i, op.edit(), why) }
		return r
	}
	old, err := m.read(op.Path)
	if err == nil && fileHash(old) != p.File {
		return refuse(changedMeanwhile)
	}
	var e journal.Edit
	if err == nil {
		e, err = m.carryOut(ctx, i, op, old)
	}
	var late *notLoaded
	switch {
	case errors.As(err, &late):
		r = Response{Action: Update, Content: clip("⚠️ "+fmt.Sprintf(writtenNotLive, code(op.Path))+"\n"+renderProblems(late.problems, 1500), maxContent)}
	case err != nil:
		why, ok := cantEdit(err)
		if !ok {
			m.log.Error("an edit could not be made", "path", op.Path, "err", err)
			return Response{Action: Update, Content: editFailed}
		}
		return refuse(why)
	default:
		r = Response{Action: Update, Content: "✅ " + fmt.Sprintf(nowLive, code(op.Path)) + "\n" + renderEdit(e, false)}
	}
	r.Components = []discordgo.MessageComponent{row(button("Undo", customID(routeUndo, e.ID)))}
	r.Then = func(ctx context.Context) { m.announce(ctx, renderEdit(e, true)) }
	return r
}

// A notLoaded is the error of an edit that is in the file, while the files as a whole can't be loaded: another one was spoilt meanwhile.
type notLoaded struct{ problems []knowledge.Problem }

func (n *notLoaded) Error() string {
	return "the edit is in the file, but the files have problems and the earlier facts go on serving"
}

// carryOut makes an edit: it is written down as begun, the file is written, the facts are loaded, and the edit is written down as done. old is
// the file as it was when the proposal was made.
func (m *moderation) carryOut(ctx context.Context, i *Interaction, op operation, old []byte) (journal.Edit, error) {
	e := op.edit()
	new, err := m.apply(ctx, op, old)
	if err != nil {
		return e, err
	}
	p, err := m.base.Propose(ctx, op.Path, old, new)
	if err != nil {
		return e, err
	}
	set := p.Set()
	if err := p.Close(); err != nil {
		return e, err
	}
	if set == nil {
		return e, fmt.Errorf("%w: with the other files as they are now there are problems", knowledge.ErrConflict)
	}
	e.By, e.GuildID, e.At = i.User.ID, i.GuildID, m.now()
	e.FileBefore, e.FileAfter = fileHash(old), fileHash(new)
	was, is := m.base.Set(), set
	if op.Fact != "" {
		e.Before, e.After = block(old, op.Fact), block(new, op.Fact)
		e.Next = before(is, op.Path, op.Fact)
		if e.After == nil {
			e.Next = before(was, op.Path, op.Fact)
		}
		if f := was.Fact(op.Fact); f != nil && e.Before != nil {
			e.BeforeText = f.Text
		}
		if f := is.Fact(op.Fact); f != nil && e.After != nil {
			e.AfterText = f.Text
		}
	}
	if op.Fact == "" || old == nil || new == nil {
		for _, data := range [][]byte{old, new} {
			if data == nil {
				continue
			}
			if _, err := m.journal.Keep(ctx, data); err != nil {
				return e, err
			}
		}
	}
	if op.Fact == "" {
		e.AfterText = countDifferences(knowledge.Compare(was, is))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmWithin)
	defer cancel()
	m.at("begin")
	if e, err = m.journal.Begin(ctx, e); err != nil {
		return e, err
	}
	m.at("begun")
	if err := m.explain(op.Path, m.folder.Write(op.Path, old, new)); err != nil {
		why, ok := cantEdit(err)
		if !ok {
			why = "the file could not be written"
		}
		return e, errors.Join(err, m.journal.Finish(ctx, e.ID, journal.Refused, why))
	}
	m.at("written")
	problems, err := m.reload(ctx)
	m.at("loaded")
	err = errors.Join(err, m.journal.Finish(ctx, e.ID, journal.Done, ""))
	m.at("finished")
	e.State = journal.Done
	if err == nil && knowledge.HasErrors(problems) {
		err = &notLoaded{problems}
	}
	return e, err
}

// block returns the lines of a fact, or nil where the file has none of that id.
func block(file []byte, id string) []byte {
	if file == nil {
		return nil
	}
	b, err := knowledge.Block(file, id)
	if err != nil {
		return nil
	}
	return b
}

// before returns the id of the fact that stands before another in its file, or nothing.
func before(set *knowledge.Set, path, id string) string {
	for _, f := range set.Files {
		if f.Path != path {
			continue
		}
		if n := slices.IndexFunc(f.Facts, func(f *knowledge.Fact) bool { return f.ID == id }); n > 0 {
			return f.Facts[n-1].ID
		}
	}
	return ""
}

// joinLines joins those that are not empty.
func joinLines(lines ...string) string {
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

// code shows a name, such as a file's, as it is.
func code(s string) string {
	return "`" + strings.ReplaceAll(clip(visible(s), 100), "`", "'") + "`"
}
