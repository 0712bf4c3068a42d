package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
)

// The log of edits, and taking one back.

// The routes of the log's buttons.
const (
	routeHistory = "fhist" // hash of the fact, or nothing; page
	routeUndo    = "fundo" // edit; a menu without arguments, whose values are edits
)

// historyOnPage is how many edits a page shows. Each takes up to 360 characters of a message's 2,000.
const historyOnPage = 5

// history answers /facts history.
func (m *moderation) history(ctx context.Context, i *Interaction) Response {
	typed := strings.TrimSpace(i.Options[optionFact])
	if h, ok := strings.CutPrefix(typed, pickSign); ok {
		return m.historyPage(ctx, h, typed, 0, Reply)
	}
	if typed == "" {
		return m.historyPage(ctx, "", "", 0, Reply)
	}
	return m.historyPage(ctx, hash(typed), typed, 0, Reply)
}

// turnHistory turns its pages.
func (m *moderation) turnHistory(ctx context.Context, i *Interaction) Response {
	a := args(i.CustomID, 2)
	n, _ := strconv.Atoi(a[1])
	return m.historyPage(ctx, a[0], "", n, Update)
}

// historyPage shows the edits of the fact whose id has the hash, which may be gone, or of all; the latest first.
func (m *moderation) historyPage(ctx context.Context, of, typed string, want int, action Action) Response {
	edits, err := m.journal.Edits(ctx)
	if err != nil {
		return m.failed("the log of edits can't be read", err)
	}
	edits = slices.DeleteFunc(edits, func(e journal.Edit) bool { return of != "" && (e.Fact == "" || hash(e.Fact) != of) || e.Kind == "" })
	slices.Reverse(edits)
	if len(edits) == 0 {
		content := noEdits
		if of != "" {
			content = fmt.Sprintf(noEditsOf, code(typed))
		}
		return Response{Action: action, Private: true, Content: content}
	}
	from, to, at, pages := page(len(edits), historyOnPage, want)
	content := historyTitle
	if of != "" {
		content = fmt.Sprintf(historyOf, code(edits[0].Fact))
	}
	content += pageLine(speak("en"), at, pages)
	undo := menu{CustomID: routeUndo, Placeholder: "Undo an edit"}
	for _, e := range edits[from:to] {
		content = addLines(content, fmt.Sprintf("<t:%d:f> ", e.At.Unix())+clipEdit(renderEdit(e, true)))
		if e.State == journal.Done {
			undo.Options = append(undo.Options, menuOption{Label: editName(e), Value: e.ID})
		}
	}
	var rows []discordgo.MessageComponent
	if len(undo.Options) > 0 {
		rows = append(rows, row(undo))
	}
	rows = append(rows, turn(speak("en"), at, pages, func(n int) string { return customID(routeHistory, of, itoa(n)) })...)
	return Response{Action: action, Private: true, Content: content, Components: rows}
}

// clipEdit keeps each edit of a page to its share, whole lines as far as they go.
func clipEdit(s string) string {
	const share = (maxContent - 200) / historyOnPage
	var kept []string
	for _, line := range strings.Split(s, "\n") {
		if units(strings.Join(append(kept, line), "\n")) > share {
			line = clip(line, max(20, share-units(strings.Join(kept, "\n"))-8))
			if strings.HasPrefix(line, "> ~~") {
				line += "~~"
			}
			return strings.Join(append(kept, line), "\n")
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// editName names an edit in a menu or completion, which show no markup.
func editName(e journal.Edit) string {
	name := e.At.UTC().Format("2006-01-02 15:04") + " " + editWords[e.Kind] + " "
	if e.Fact == "" {
		return optionText(name + e.Path)
	}
	said := e.AfterText
	if said == "" {
		said = e.BeforeText
	}
	return optionText(name + e.Fact + ": " + said)
}

// editChoices suggests the latest edits that came about, for what is typed.
func (m *moderation) editChoices(ctx context.Context, typed string) []Choice {
	edits, err := m.journal.Edits(ctx)
	if err != nil {
		m.log.Error("the log of edits can't be read", "err", err)
	}
	typed = strings.ToLower(strings.TrimSpace(typed))
	choices := []Choice{}
	for _, e := range slices.Backward(edits) {
		if name := editName(e); e.State == journal.Done && strings.Contains(strings.ToLower(name), typed) && len(choices) < maxChoices {
			choices = append(choices, Choice{Name: name, Value: e.ID})
		}
	}
	return choices
}

// undo answers /facts undo.
func (m *moderation) undo(ctx context.Context, i *Interaction) Response {
	return m.takeBack(ctx, i, strings.TrimSpace(i.Options[optionEdit]))
}

// undoButton answers the button below an edit, and the menu below the log.
func (m *moderation) undoButton(ctx context.Context, i *Interaction) Response {
	if len(i.Values) > 0 {
		return m.takeBack(ctx, i, i.Values[0])
	}
	return m.takeBack(ctx, i, args(i.CustomID, 1)[0])
}

// takeBack previews the undoing of an edit. What it changed since then by others is not touched: where those lines, or that file, are no longer as
// the edit left them, it does not apply.
func (m *moderation) takeBack(ctx context.Context, i *Interaction, id string) Response {
	if m.folder == nil {
		return tell(builtIn)
	}
	if !isKey(id) {
		return tell(undone)
	}
	e, ok, err := m.journal.Edit(ctx, id)
	switch {
	case err != nil:
		return m.failed("the log of edits can't be read", err)
	case !ok:
		return tell(undone)
	case e.State != journal.Done:
		return tell(neverHappened)
	}
	why := "undoes what was done on " + e.At.UTC().Format(time.DateTime) + " UTC"
	return m.preview(ctx, i, operation{Kind: journal.Undid, Path: e.Path, Fact: e.Fact, Undoes: e.ID, Why: why})
}

// isKey reports whether a text that somebody sent can be the key of an edit or a proposal.
func isKey(id string) bool {
	return id != "" && len(id) <= 40 && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}
