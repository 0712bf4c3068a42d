package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// What moderators see of gaps, and what they do about them: /facts gaps.

const (
	gapsOnPage = 8
	// nearGap is how much of what two gaps ask must be the same for them to be shown as one: the share of their telling words that both have.
	// With it "who is the bridge's architect" and "the name of the architect of the bridge" are one, and the bridge's cost is another.
	nearGap = 0.6
	// maxWordings is how many wordings of a gap are put among a fact's asks at once.
	maxWordings = 3
	maxLinks    = 5
	// maxGrouped is how many gaps are looked through for near ones, the most asked first: each is compared with every group.
	maxGrouped = 2000
)

// A gapGroup is a gap with those that ask nearly the same.
type gapGroup struct {
	head  journal.Gap // the most asked
	gaps  []journal.Gap
	gist  []string
	users map[string]bool
	count int
}

// groupGaps puts near gaps together and ranks them: first by how many members ask, so that no single one gets to the top, then by how often, then the
// latest.
func groupGaps(all []journal.Gap) []*gapGroup {
	all = slices.DeleteFunc(slices.Clone(all), func(g journal.Gap) bool { return len(g.Asked) == 0 })
	slices.SortStableFunc(all, func(a, b journal.Gap) int {
		return cmp.Or(cmp.Compare(b.Askers(), a.Askers()), cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last))
	})
	var groups []*gapGroup
	for _, g := range all[:min(len(all), maxGrouped)] {
		gist := knowledge.Gist(strings.Join(append(slices.Clone(g.Asked[0].History), g.Question), " "))
		at := slices.IndexFunc(groups, func(o *gapGroup) bool { return nearness(o.gist, gist) >= nearGap })
		if at < 0 {
			at = len(groups)
			groups = append(groups, &gapGroup{head: g, gist: gist, users: map[string]bool{}})
		}
		o := groups[at]
		o.gaps = append(o.gaps, g)
		o.count += g.Count
		for _, a := range g.Asked {
			o.users[a.UserID] = true
		}
	}
	slices.SortStableFunc(groups, func(a, b *gapGroup) int {
		return cmp.Or(cmp.Compare(len(b.users), len(a.users)), cmp.Compare(b.count, a.count))
	})
	return groups
}

// nearness is the share of the words of both that both have; 0 where they ask for different kinds of answers: who, and when.
func nearness(a, b []string) float64 {
	kind := func(gist []string) (string, []string) {
		if len(gist) > 0 && strings.HasPrefix(gist[0], "?") {
			return gist[0], gist[1:]
		}
		return "", gist
	}
	x, a := kind(a)
	y, b := kind(b)
	if x != y && x != "" && y != "" {
		return 0
	}
	both := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			both++
		}
	}
	if all := len(a) + len(b) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}

// wordings are how the gap was asked, once for each way, those first that most ask. What only makes sense after an earlier question is none.
func (g *gapGroup) wordings() []string {
	var all []string
	for _, one := range g.gaps {
		if len(one.Asked[0].History) == 0 && !slices.Contains(all, oneLine(one.Question)) {
			all = append(all, oneLine(one.Question))
		}
	}
	return all
}

// links are where the gap was asked, the latest first, as far as others can see it.
func (g *gapGroup) links(n int) []string {
	var asked []journal.Asked
	for _, one := range g.gaps {
		asked = append(asked, one.Asked...)
	}
	slices.SortStableFunc(asked, func(a, b journal.Asked) int { return b.At.Compare(a.At) })
	var all []string
	for _, a := range asked {
		if a.MessageID != "" && a.GuildID != "" && len(all) < n {
			all = append(all, messageLink(a.GuildID, a.ChannelID, a.MessageID))
		}
	}
	return all
}

// messageLink is where a message can be read.
func messageLink(guildID, channelID, messageID string) string {
	return "https://discord.com/channels/" + guildID + "/" + channelID + "/" + messageID
}

// asks says how many ask, and how often.
func (g *gapGroup) asks() string {
	return fmt.Sprintf("%s, %s", plural(len(g.users), "member"), plural(g.count, "time"))
}

// plural is a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// gapRoutes puts the routes of gaps and suggestions among the others.
func (m *moderation) gapRoutes(h Handlers) {
	always := func(*Interaction) bool { return true }
	for route, handle := range map[string]doer{routeGaps: m.turnGaps, routeScope: m.setScope, routeSuggested: m.turnSuggested, routeDismiss: m.dismiss} {
		h.Buttons[route] = Route{Private: always, Updates: true, Handle: m.guard(handle)}
	}
	for route, handle := range map[string]doer{routeFill: m.fillGap, routeCorrect: m.correct} {
		h.Buttons[route] = Route{Private: always, Opens: true, Handle: m.guard(handle)}
	}
	for route, handle := range map[string]doer{routeBelongs: m.belongs, routeAccept: m.accept} {
		h.Buttons[route] = Route{Private: always, Handle: m.guard(handle)}
	}
}

// grouped are the gaps as moderators see them.
func (m *moderation) grouped(ctx context.Context) ([]*gapGroup, error) {
	all, err := m.journal.Gaps(ctx)
	return groupGaps(all), err
}

// group finds the group that a gap with the key is in, or nil where the gap is gone.
func (m *moderation) group(ctx context.Context, key string) (*gapGroup, error) {
	all, err := m.grouped(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		if slices.ContainsFunc(g.gaps, func(one journal.Gap) bool { return one.Key == key }) {
			return g, nil
		}
	}
	return nil, nil
}

// gaps answers /facts gaps.
func (m *moderation) gaps(ctx context.Context, _ *Interaction) Response {
	return m.gapsPage(ctx, Reply, 0)
}

// turnGaps turns the pages of gaps, and shows the gap that was chosen.
func (m *moderation) turnGaps(ctx context.Context, i *Interaction) Response {
	if len(i.Values) > 0 {
		return m.gapDetail(ctx, i.Values[0], "")
	}
	n, _ := strconv.Atoi(args(i.CustomID, 1)[0])
	return m.gapsPage(ctx, Update, n)
}

func (m *moderation) gapsPage(ctx context.Context, action Action, want int) Response {
	all, err := m.grouped(ctx)
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	suggested, err := m.suggestions(ctx)
	if err != nil {
		return m.failed("the votes can't be read", err)
	}
	var others []discordgo.MessageComponent
	if len(suggested) > 0 {
		others = append(others, button(fmt.Sprintf("Suggestions: %d", len(suggested)), customID(routeSuggested, "0")))
	}
	scopes, err := m.outOfScope(ctx)
	if err != nil {
		return m.failed("what is out of scope can't be read", err)
	}
	if len(scopes) > 0 {
		others = append(others, button(fmt.Sprintf("Out of scope: %d", len(scopes)), customID(routeScope, "0", scopeList)))
	}
	r := Response{Action: action, Private: true, Content: noGaps}
	if len(all) == 0 {
		if len(others) > 0 {
			r.Components = []discordgo.MessageComponent{row(others...)}
		}
		return r
	}
	from, to, at, pages := page(len(all), gapsOnPage, want)
	choose := menu{CustomID: routeGaps, Placeholder: "Choose one to do something about it"}
	r.Content = fmt.Sprintf(gapsTitle, plural(len(all), "question")) + pageLine(speak("en"), at, pages)
	for _, g := range all[from:to] {
		line := "• “" + quoteSaid(g.head.Question, 90) + "”"
		if len(g.head.Asked[0].History) > 0 {
			line += " (after another question)"
		}
		line += " · " + g.asks()
		if links := g.links(1); len(links) > 0 {
			line += " · " + links[0]
		}
		r.Content = addLines(r.Content, line)
		choose.Options = append(choose.Options, menuOption{Label: optionText(g.head.Question), Value: g.head.Key, Description: g.asks()})
	}
	r.Components = append([]discordgo.MessageComponent{row(choose)}, turn(speak("en"), at, pages, func(n int) string { return customID(routeGaps, itoa(n)) }, others...)...)
	return r
}

// gapDetail shows one gap, and what can be done about it.
func (m *moderation) gapDetail(ctx context.Context, key, word string) Response {
	g, err := m.group(ctx, key)
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	if g == nil {
		return m.gapsPage(ctx, Update, 0)
	}
	lines := []string{word, "**“" + quoteSaid(g.head.Question, 300) + "”**"}
	for _, h := range g.head.Asked[0].History {
		lines = append(lines, "-# after “"+quoteSaid(h, 200)+"”")
	}
	lines = append(lines, fmt.Sprintf("Asked by %s, first <t:%d:R>, last <t:%d:R>.", strings.Replace(g.asks(), ", ", ", ", 1), g.first().Unix(), g.last().Unix()))
	if links := g.links(maxLinks); len(links) > 0 {
		lines = append(lines, strings.Join(links, " "))
	}
	content := joinLines(lines...)
	for _, w := range g.wordings() {
		if w != oneLine(g.head.Question) {
			content = addLines(content, "-# also “"+quoteSaid(w, 150)+"”")
		}
	}
	r := Response{Action: Update, Private: true, Content: content}
	if near := m.nearest(ctx, g); len(near) > 0 && len(g.wordings()) > 0 && m.folder != nil {
		choose := menu{CustomID: customID(routeBelongs, g.head.Key), Placeholder: "It belongs to a fact: choose which"}
		for _, f := range near {
			choose.Options = append(choose.Options, menuOption{Label: optionText(f.Text), Value: hash(f.ID), Description: optionText(f.ID)})
		}
		r.Components = append(r.Components, row(choose))
	}
	add := button("Add a fact", customID(routeFill, g.head.Key))
	add.Style, add.Disabled = discordgo.PrimaryButton, m.folder == nil
	r.Components = append(r.Components, row(add, button("Out of scope", customID(routeScope, g.head.Key)), button("All gaps", customID(routeGaps, "0"))))
	return r
}

func (g *gapGroup) first() time.Time {
	t := g.gaps[0].First
	for _, one := range g.gaps {
		if one.First.Before(t) {
			t = one.First
		}
	}
	return t
}

func (g *gapGroup) last() time.Time {
	var t time.Time
	for _, one := range g.gaps {
		t = latest(t, one.Last)
	}
	return t
}

// nearest are the facts that come nearest to what is asked, best first.
func (m *moderation) nearest(ctx context.Context, g *gapGroup) []*knowledge.Fact {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	a, err := m.base.Ask(ctx, knowledge.Question{Text: g.head.Question, History: g.head.Asked[0].History, Candidates: maxOptions})
	if err != nil {
		return nil
	}
	var facts []*knowledge.Fact
	for _, c := range a.Candidates {
		facts = append(facts, c.Fact)
	}
	return facts
}

// fillGap opens the form of a new fact that answers the gap.
func (m *moderation) fillGap(ctx context.Context, i *Interaction) Response {
	g, err := m.group(ctx, args(i.CustomID, 1)[0])
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	if g == nil {
		return tell(gapGone)
	}
	asks := g.wordings()
	if len(asks) == 0 {
		asks = []string{oneLine(g.head.Question)} // to be written out by whoever fills in the form
	}
	return m.addForm(ctx, i, prefill{Asks: strings.Join(asks[:min(len(asks), maxWordings)], "\n"), Gap: g.head.Key})
}

// belongs previews that a fact answers the gap: its wordings are put among the fact's asks.
func (m *moderation) belongs(ctx context.Context, i *Interaction) Response {
	if len(i.Values) == 0 {
		return tell(speak(i.Locale).OldButton)
	}
	g, err := m.group(ctx, args(i.CustomID, 1)[0])
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	f := m.find(pickSign + i.Values[0])
	switch {
	case g == nil:
		return tell(gapGone)
	case f == nil:
		return tell(speak("en").Gone)
	}
	asks := g.wordings()
	return m.preview(ctx, i, operation{Kind: journal.Edited, Path: f.File.Path, Fact: f.ID, Patch: knowledge.Patch{AddAsks: asks[:min(len(asks), maxWordings)]},
		Why: "members ask so", Gap: g.head.Key})
}

// outOfScope lists what was put out of scope, the latest first: of the wordings that were together the first.
func (m *moderation) outOfScope(ctx context.Context) ([]journal.Scope, error) {
	all, err := m.journal.Scopes(ctx)
	slices.SortStableFunc(all, func(a, b journal.Scope) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.By, b.By)) })
	return slices.CompactFunc(all, together), err
}

// together reports whether two were put out of scope by one press.
func together(a, b journal.Scope) bool { return a.By == b.By && a.At.Equal(b.At) }

// scopePage shows what is out of scope, to be taken back.
func (m *moderation) scopePage(ctx context.Context, want int) Response {
	all, err := m.outOfScope(ctx)
	if err != nil {
		return m.failed("what is out of scope can't be read", err)
	}
	if len(all) == 0 {
		return m.gapsPage(ctx, Update, 0)
	}
	from, to, at, pages := page(len(all), gapsOnPage, want)
	content := scopeTitle + pageLine(speak("en"), at, pages)
	choose := menu{CustomID: routeScope, Placeholder: "Take one back"}
	for _, s := range all[from:to] {
		said, label := "“"+quoteSaid(s.Question, 90)+"”", s.Question
		if s.Question == "" {
			said, label = scopeForgotten, scopeForgotten+" ("+s.At.UTC().Format(time.DateTime)+")"
		}
		content = addLines(content, fmt.Sprintf("• %s · <@%s>, <t:%d:f>", said, s.By, s.At.Unix()))
		choose.Options = append(choose.Options, menuOption{Label: optionText(label), Value: s.Key})
	}
	return Response{Action: Update, Private: true, Content: content, Components: append([]discordgo.MessageComponent{row(choose)},
		turn(speak("en"), at, pages, func(n int) string { return customID(routeScope, itoa(n), scopeList) }, button("All gaps", customID(routeGaps, "0")))...)}
}

// setScope puts what a gap asks out of scope, shows what is, or takes that back.
func (m *moderation) setScope(ctx context.Context, i *Interaction) Response {
	a := args(i.CustomID, 2)
	switch {
	case len(i.Values) > 0:
		return m.clearScope(ctx, i, i.Values[0])
	case a[1] == scopeBack:
		return m.clearScope(ctx, i, a[0])
	case a[1] == scopeList:
		n, _ := strconv.Atoi(a[0])
		return m.scopePage(ctx, n)
	}
	g, err := m.group(ctx, a[0])
	if err != nil {
		return m.failed("the gaps can't be read", err)
	}
	if g == nil {
		return m.gapsPage(ctx, Update, 0)
	}
	now := m.now()
	for _, one := range g.gaps {
		if err := m.journal.SetScope(ctx, journal.Scope{Key: one.Key, Question: one.Question, By: i.User.ID, At: now}); err != nil {
			return m.failed("what is out of scope can't be kept", err)
		}
		if err := m.scopes.Refresh(ctx, one.Key); err != nil {
			m.log.Warn("what is out of scope is known a moment later", "err", err)
		}
		if err := m.journal.Fill(ctx, one.Key); err != nil {
			return m.failed("a gap can't be taken off the list", err)
		}
	}
	said := "“" + quoteSaid(g.head.Question, 150) + "”"
	r := Response{Action: Update, Private: true, Content: fmt.Sprintf(scopeSet, said), Components: []discordgo.MessageComponent{
		row(button("Take that back", customID(routeScope, g.head.Key, scopeBack)), button("All gaps", customID(routeGaps, "0")))}}
	r.Then = func(ctx context.Context) {
		m.announce(ctx, fmt.Sprintf("🚫 <@%s> put out of scope: %s", i.User.ID, said))
	}
	return r
}

// The second argument of the route that takes back what is out of scope, and of the one that shows it.
const (
	scopeBack = "back"
	scopeList = "list"
)

// clearScope takes back that something is out of scope. The gap comes back when it is asked again.
func (m *moderation) clearScope(ctx context.Context, i *Interaction, key string) Response {
	all, err := m.journal.Scopes(ctx)
	if err != nil {
		return m.failed("what is out of scope can't be read", err)
	}
	at := slices.IndexFunc(all, func(s journal.Scope) bool { return s.Key == key })
	if at < 0 {
		return m.gapsPage(ctx, Update, 0)
	}
	for _, s := range all {
		if together(s, all[at]) {
			if err := m.journal.ClearScope(ctx, s.Key); err != nil {
				return m.failed("what is out of scope can't be kept", err)
			}
			if err := m.scopes.Refresh(ctx, s.Key); err != nil {
				m.log.Warn("what is out of scope is known a moment later", "err", err)
			}
		}
	}
	said := "“" + quoteSaid(all[at].Question, 150) + "”"
	if all[at].Question == "" {
		said = scopeForgotten
	}
	return Response{Action: Update, Private: true, Content: fmt.Sprintf(scopeCleared, said), Components: []discordgo.MessageComponent{row(button("All gaps", customID(routeGaps, "0")))},
		Then: func(ctx context.Context) {
			m.announce(ctx, fmt.Sprintf("↩️ <@%s> took back that this is out of scope: %s", i.User.ID, said))
		}}
}
