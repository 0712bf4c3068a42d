package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// What members did with answers comes up for moderators as suggestions: wordings by which they meant a fact, wordings for which a fact was
// off-topic, and what they say is wrong with a fact. Nothing of it changes anything by itself. A suggestion is gone when it is carried out, which
// the facts then show, or dismissed.

// A suggestion is what votes say about one fact.
type suggestion struct {
	id      string
	kind    suggestionKind
	fact    *knowledge.Fact
	wording string         // of the first two kinds
	reasons map[string]int // of complaints, by reason
	notes   []string       // of complaints, the latest first
	votes   []journal.Vote
}

type suggestionKind string

const (
	meantBy   suggestionKind = "meant" // add the wording to the fact's asks
	notMeant  suggestionKind = "not"   // add it to its not_asks
	complaint suggestionKind = "wrong" // correct the fact
)

const (
	suggestionsOnPage = 8
	maxNotes          = 5
)

// suggestions gathers the votes that nobody has dealt with, those first that most members made.
func (m *moderation) suggestions(ctx context.Context) ([]*suggestion, error) {
	votes, err := m.journal.Votes(ctx)
	if err != nil {
		return nil, err
	}
	set := m.base.Set()
	byID := map[string]*suggestion{}
	var all []*suggestion
	for _, v := range slices.Backward(votes) {
		if v.Settled != "" || v.Kind == journal.Up || len(v.Facts) == 0 {
			continue
		}
		f := set.Fact(v.Facts[0])
		if f == nil || f.Status == knowledge.Withdrawn {
			continue
		}
		s := suggestion{kind: complaint, fact: f, wording: oneLine(v.Question)}
		switch {
		case v.Kind == journal.Picked:
			s.kind = meantBy
		case s.wording != "" && !asksSo(f.Asks, s.wording):
			s.kind = notMeant
		default:
			s.wording = "" // one of its own asks can't be one of its not_asks
		}
		if s.kind == meantBy && asksSo(f.Asks, s.wording) || s.kind == notMeant && asksSo(f.NotAsks, s.wording) {
			continue
		}
		s.id = hash(string(s.kind) + "\n" + f.ID + "\n" + s.gist())
		have := byID[s.id]
		if have == nil {
			have = &s
			have.reasons = map[string]int{}
			byID[s.id] = have
			all = append(all, have)
		}
		have.votes = append(have.votes, v)
		have.reasons[v.Reason]++
		if v.Note != "" {
			have.notes = append(have.notes, v.Note)
		}
	}
	slices.SortStableFunc(all, func(a, b *suggestion) int { return cmp.Compare(b.members(), a.members()) })
	return all, nil
}

// gist is what the wording asks; empty for a complaint.
func (s *suggestion) gist() string {
	if s.wording == "" {
		return ""
	}
	return gapKey([]string{s.wording})
}

// asksSo reports whether a wording is among others, in whatever spelling.
func asksSo(asks []string, wording string) bool {
	key := gapKey([]string{wording})
	return slices.ContainsFunc(asks, func(a string) bool { return gapKey([]string{a}) == key })
}

// members is how many members say so.
func (s *suggestion) members() int {
	users := map[string]bool{}
	for _, v := range s.votes {
		users[v.UserID] = true
	}
	return len(users)
}

// line is the suggestion in one line.
func (s *suggestion) line(room int) string {
	said := "“" + quoteSaid(s.wording, room) + "”"
	switch s.kind {
	case meantBy:
		return said + " means " + code(s.fact.ID)
	case notMeant:
		return said + " does not mean " + code(s.fact.ID)
	}
	var reasons []string
	for _, r := range append(slices.Clone(Reasons[:]), "") {
		if n := s.reasons[r]; n > 0 {
			reasons = append(reasons, fmt.Sprintf("%s ×%d", cmp.Or(r, "no reason"), n))
		}
	}
	return "👎 " + code(s.fact.ID) + ": " + strings.Join(reasons, ", ")
}

// label is the suggestion as an option, which shows no markup.
func (s *suggestion) label() string {
	switch s.kind {
	case meantBy:
		return optionText("✓ " + s.wording)
	case notMeant:
		return optionText("✗ " + s.wording)
	}
	return optionText("👎 " + s.fact.ID)
}

// suggested finds a suggestion, or nil where it is gone.
func (m *moderation) suggested(ctx context.Context, id string) (*suggestion, error) {
	all, err := m.suggestions(ctx)
	for _, s := range all {
		if s.id == id {
			return s, err
		}
	}
	return nil, err
}

// turnSuggested turns the pages of suggestions, and shows the one that was chosen.
func (m *moderation) turnSuggested(ctx context.Context, i *Interaction) Response {
	if len(i.Values) > 0 {
		return m.suggestionDetail(ctx, i.Values[0])
	}
	n, _ := strconv.Atoi(args(i.CustomID, 1)[0])
	return m.suggestedPage(ctx, n)
}

func (m *moderation) suggestedPage(ctx context.Context, want int) Response {
	all, err := m.suggestions(ctx)
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	back := button("All gaps", customID(routeGaps, "0"))
	if len(all) == 0 {
		return Response{Action: Update, Private: true, Content: noSuggestions, Components: []discordgo.MessageComponent{row(back)}}
	}
	from, to, at, pages := page(len(all), suggestionsOnPage, want)
	choose := menu{CustomID: routeSuggested, Placeholder: "Choose one"}
	content := suggestionsTitle + pageLine(speak("en"), at, pages)
	for _, s := range all[from:to] {
		content = addLines(content, "• "+s.line(90)+" · "+plural(s.members(), "member"))
		choose.Options = append(choose.Options, menuOption{Label: s.label(), Value: s.id, Description: optionText(s.fact.ID)})
	}
	return Response{Action: Update, Private: true, Content: content, Components: append([]discordgo.MessageComponent{row(choose)},
		turn(speak("en"), at, pages, func(n int) string { return customID(routeSuggested, itoa(n)) }, back)...)}
}

// suggestionDetail shows one suggestion with its fact, what members wrote, and what can be done about it.
func (m *moderation) suggestionDetail(ctx context.Context, id string) Response {
	s, err := m.suggested(ctx, id)
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	if s == nil {
		return m.suggestedPage(ctx, 0)
	}
	lines := []string{s.line(300), "> " + escapeFact(s.fact.Text), "-# said by " + plural(s.members(), "member")}
	var links []string
	for _, v := range s.votes {
		link := messageLink(v.GuildID, v.ChannelID, v.MessageID)
		if v.GuildID != "" && len(links) < maxLinks && !slices.Contains(links, link) {
			links = append(links, link)
		}
	}
	content := clip(joinLines(append(lines, strings.Join(links, " "))...), maxContent)
	for _, note := range s.notes[:min(len(s.notes), maxNotes)] {
		content = addLines(content, "• “"+quoteSaid(oneLine(note), 200)+"”")
	}
	var do discordgo.Button
	switch s.kind {
	case meantBy:
		do = button("Add to its asks", customID(routeAccept, s.id))
	case notMeant:
		do = button("Add to its not_asks", customID(routeAccept, s.id))
	default:
		do = button("Correct the fact", customID(routeCorrect, s.id))
	}
	do.Style, do.Disabled = discordgo.PrimaryButton, m.folder == nil
	return Response{Action: Update, Private: true, Content: content, Components: []discordgo.MessageComponent{
		row(do, button("Dismiss", customID(routeDismiss, s.id)), button("All suggestions", customID(routeSuggested, "0")))}}
}

// accept previews what a suggestion asks for.
func (m *moderation) accept(ctx context.Context, i *Interaction) Response {
	s, err := m.suggested(ctx, args(i.CustomID, 1)[0])
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	if s == nil || s.kind == complaint {
		return tell(suggestionGone)
	}
	op := operation{Kind: journal.Edited, Path: s.fact.File.Path, Fact: s.fact.ID, Patch: knowledge.Patch{AddAsks: []string{s.wording}}, Why: "members meant it so"}
	if s.kind == notMeant {
		op.Patch, op.Why = knowledge.Patch{AddNotAsks: []string{s.wording}}, "members say that it is off-topic"
	}
	return m.preview(ctx, i, op)
}

// correct opens the form of the fact that a complaint is about.
func (m *moderation) correct(ctx context.Context, i *Interaction) Response {
	s, err := m.suggested(ctx, args(i.CustomID, 1)[0])
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	if s == nil {
		return tell(suggestionGone)
	}
	named := *i
	named.Options = map[string]string{optionFact: s.fact.ID}
	return m.edit(ctx, &named)
}

// dismiss notes that a moderator has dealt with a suggestion.
func (m *moderation) dismiss(ctx context.Context, i *Interaction) Response {
	s, err := m.suggested(ctx, args(i.CustomID, 1)[0])
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	if s != nil {
		for _, v := range s.votes {
			if err := m.journal.Settle(ctx, v.Key(), i.User.ID); err != nil {
				return m.failed("a vote can't be settled", err)
			}
		}
	}
	return m.suggestedPage(ctx, 0)
}
