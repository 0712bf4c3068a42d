package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// The commands that change one fact.

// A prefill is what the form of a new fact holds when it is opened.
type prefill struct {
	Path    string // of the file; empty: the one with the most facts
	Text    string
	Sources string // where it is written, one place a line, as in the form
	Asks    string // questions it answers, one a line
	Gap     string // the key of the gap that the fact is to fill; may be empty
}

// add answers /facts add with the form of a new fact.
func (m *moderation) add(ctx context.Context, i *Interaction) Response {
	return m.addForm(ctx, i, prefill{Path: strings.TrimSpace(i.Options[optionFile])})
}

// addForm opens the form of a new fact. What comes of it is previewed, and confirmed or not.
func (m *moderation) addForm(ctx context.Context, i *Interaction, p prefill) Response {
	if m.folder == nil {
		return tell(builtIn)
	}
	if p.Path == "" {
		p.Path = m.mainFile()
	}
	if _, err := m.read(p.Path); err != nil {
		return m.unreadable(p.Path, err)
	}
	if knowledge.HoldsTrials(p.Path) {
		return tell("%s: %s", code(p.Path), notAPath)
	}
	form := factForm{Text: oneLine(p.Text), Sources: p.Sources, Asks: p.Asks, Details: blankDetails}
	if form.Sources == "" {
		if s := m.sourcesOf(p.Path); len(s) == 1 {
			form.Sources = s[0].ID + " ¶"
		}
	}
	key, err := m.propose(ctx, i, operation{Kind: journal.Added, Path: p.Path, Gap: p.Gap}, "")
	if err != nil {
		return m.failed("a proposal can't be kept", err)
	}
	return form.open(key, "A new fact in "+p.Path, true)
}

// unreadable says why a fact file can't be edited.
func (m *moderation) unreadable(path string, err error) Response {
	why, ok := cantEdit(err)
	if !ok {
		return m.failed("a fact file can't be read", err)
	}
	return tell("⛔ %s: %s", code(path), why)
}

// edit answers /facts edit with the form of a fact.
func (m *moderation) edit(ctx context.Context, i *Interaction) Response {
	f, r, ok := m.named(i)
	if !ok {
		return r
	}
	if _, err := m.read(f.File.Path); err != nil { // better told before the form is filled in
		return m.unreadable(f.File.Path, err)
	}
	key, err := m.propose(ctx, i, operation{Kind: journal.Edited, Path: f.File.Path, Fact: f.ID}, "")
	if err != nil {
		return m.failed("a proposal can't be kept", err)
	}
	return formOf(f).open(key, "Correct "+f.ID, false)
}

// change answers the button Change: the form again, as it was filled in.
func (m *moderation) change(ctx context.Context, i *Interaction) Response {
	p, op, r, ok := m.proposed(ctx, i)
	if !ok {
		return r
	}
	if op.Form == nil {
		return tell(speak(i.Locale).OldButton)
	}
	title := "Correct " + op.Fact
	if op.Kind == journal.Added {
		title = "A new fact in " + op.Path
	}
	return op.Form.open(p.Key, title, op.Kind == journal.Added)
}

// submitForm takes a form, and previews what it says.
func (m *moderation) submitForm(ctx context.Context, i *Interaction) Response {
	_, op, r, ok := m.proposed(ctx, i)
	if !ok {
		return r
	}
	set := m.base.Set()
	var f *knowledge.Fact
	if op.Kind == journal.Edited {
		if f = set.Fact(op.Fact); f == nil {
			return tell("There is no fact %s any more.", code(op.Fact))
		}
	}
	form := submitted(i)
	op.Form, op.Why = &form, oneLine(form.Why)
	var wrong []string
	op.Patch, op.Sources, wrong = form.read(f, m.sourcesOf(op.Path))
	if op.Kind == journal.Added {
		op.Fact = knowledge.NewID(*op.Patch.Text, func(id string) bool { return set.Fact(id) != nil })
	}
	if len(wrong) > 0 {
		lines := []string{"⛔ I can't read that yet:"}
		for _, w := range wrong {
			lines = append(lines, "• "+escapeSaid(w))
		}
		r = m.unconfirmed(ctx, i, op, strings.Join(lines, "\n"))
	} else {
		r = m.preview(ctx, i, op)
	}
	return r
}

// withdraw answers /facts withdraw.
func (m *moderation) withdraw(ctx context.Context, i *Interaction) Response {
	f, r, ok := m.named(i)
	if !ok {
		return r
	}
	if f.Status == knowledge.Withdrawn {
		return tell("%s is withdrawn already.", code(f.ID))
	}
	status := string(knowledge.Withdrawn)
	return m.preview(ctx, i, operation{Kind: journal.Withdrew, Path: f.File.Path, Fact: f.ID, Patch: knowledge.Patch{Status: &status}, Why: oneLine(i.Options[optionWhy])})
}

// restore answers /facts restore: the fact's lines as they were before it was withdrawn, where the log has them and they still apply, else with
// no status, since nobody knows what it was.
func (m *moderation) restore(ctx context.Context, i *Interaction) Response {
	f, r, ok := m.named(i)
	if !ok {
		return r
	}
	if f.Status != knowledge.Withdrawn {
		return tell("%s is not withdrawn.", code(f.ID))
	}
	status := ""
	op := operation{Kind: journal.Restored, Path: f.File.Path, Fact: f.ID, Patch: knowledge.Patch{Status: &status}, Why: oneLine(i.Options[optionWhy])}
	edits, err := m.journal.Edits(ctx)
	if err != nil {
		return m.failed("the log of edits can't be read", err)
	}
	file, err := m.read(f.File.Path)
	if err != nil {
		return m.failed("a fact file can't be read", err)
	}
	for _, e := range slices.Backward(edits) {
		if e.Fact != f.ID || e.State != journal.Done {
			continue
		}
		if e.Kind == journal.Withdrew {
			if _, err := knowledge.ReplaceBlock(file, e.Fact, e.After, e.Before, e.Next); err == nil {
				op.Undoes = e.ID
			}
		}
		break // what came before the latest edit is not what it was last
	}
	return m.preview(ctx, i, op)
}

// makeFact answers the message command: the form of a new fact, with a message's text, and the message as a source that may be cited.
func (m *moderation) makeFact(ctx context.Context, i *Interaction) Response {
	t := i.Target
	if t == nil || oneLine(plainText(t)) == "" {
		return tell(speak(i.Locale).NothingToAsk)
	}
	author := cmp.Or(t.Author.GlobalName, t.Author.Username)
	source := fmt.Sprintf("Message by %s | https://discord.com/channels/%s/%s/%s", strings.ReplaceAll(author, "|", " "), i.GuildID, i.ChannelID, t.ID)
	if len(t.Timestamp) >= 10 && isDate.MatchString(t.Timestamp[:10]) {
		source += " | " + t.Timestamp[:10]
	}
	return m.addForm(ctx, i, prefill{Text: clip(oneLine(plainText(t)), knowledge.MaxText), Sources: source})
}

// named finds the fact that a command names, and that it can be edited.
func (m *moderation) named(i *Interaction) (*knowledge.Fact, Response, bool) {
	if m.folder == nil {
		return nil, tell(builtIn), false
	}
	f := m.find(i.Options[optionFact])
	if f == nil {
		return nil, tell(speak("en").NoSuchFact, "“"+escapeSaid(clip(visible(i.Options[optionFact]), 100))+"”"), false
	}
	return f, Response{}, true
}

// find returns the fact that was typed or chosen, or nil; withdrawn ones too.
func (m *moderation) find(typed string) *knowledge.Fact {
	typed = strings.TrimSpace(typed)
	set := m.base.Set()
	if f := set.Fact(typed); f != nil {
		return f
	}
	h, ok := strings.CutPrefix(typed, pickSign)
	if !ok {
		return nil
	}
	for _, f := range set.Facts {
		if hash(f.ID) == h {
			return f
		}
	}
	return nil
}

// mainFile is the file with the most facts; the name of the first, where there is none.
func (m *moderation) mainFile() string {
	var most *knowledge.File
	for _, f := range m.base.Set().Files {
		if most == nil || len(f.Facts) > len(most.Facts) {
			most = f
		}
	}
	if most == nil {
		return firstFile
	}
	return most.Path
}

// firstFile is where the first fact of an empty folder is put.
const firstFile = "facts.yaml"

// sourcesOf are the sources of a file in use.
func (m *moderation) sourcesOf(path string) []*knowledge.Source {
	for _, f := range m.base.Set().Files {
		if f.Path == path {
			return f.Sources
		}
	}
	return nil
}

// factChoices suggests facts for what is typed: those whose id or text holds it. Only withdrawn ones can be restored.
func (m *moderation) factChoices(typed string, withdrawn bool) []Choice {
	typed = strings.ToLower(strings.TrimSpace(typed))
	choices := []Choice{}
	for _, inID := range []bool{true, false} {
		for _, f := range m.base.Set().Facts {
			in := strings.Contains(f.ID, strings.ReplaceAll(typed, " ", "-"))
			if inID != in || !in && !strings.Contains(strings.ToLower(f.Text), typed) || withdrawn && f.Status != knowledge.Withdrawn {
				continue
			}
			value := f.ID
			if units(value) > maxChoice {
				value = pickSign + hash(f.ID)
			}
			if choices = append(choices, Choice{Name: clip(visible(f.ID+": "+f.Text), maxChoice), Value: value}); len(choices) == maxChoices {
				return choices
			}
		}
	}
	return choices
}

// fileChoices suggests fact files.
func (m *moderation) fileChoices(typed string) []Choice {
	typed = strings.ToLower(strings.TrimSpace(typed))
	choices := []Choice{}
	for _, f := range m.base.Set().Files {
		if strings.Contains(strings.ToLower(f.Path), typed) && units(f.Path) <= maxChoice && len(choices) < maxChoices {
			choices = append(choices, Choice{Name: clip(visible(f.Path)+": "+plural(len(f.Facts), "fact"), maxChoice), Value: f.Path})
		}
	}
	return choices
}
