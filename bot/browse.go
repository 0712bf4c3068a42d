package bot

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// Looking round in the facts without a question. All of it is for the asker alone but /fact, which is for citing.

// A topic is a topic with its facts, in the order of the files.
type topic struct {
	name  string
	facts []*knowledge.Fact
}

// topicsOf gives the topics by name. A fact without one belongs to the topic that its file is.
func topicsOf(set *knowledge.Set) []topic {
	at := map[string]int{}
	var topics []topic
	for _, f := range set.Facts {
		if f.Status == knowledge.Withdrawn {
			continue
		}
		names := f.Topics
		if len(names) == 0 && f.File != nil {
			names = []string{strings.TrimSuffix(path.Base(f.File.Path), path.Ext(f.File.Path))}
		}
		for _, name := range names {
			n, ok := at[name]
			if !ok {
				n = len(topics)
				at[name] = n
				topics = append(topics, topic{name: name})
			}
			topics[n].facts = append(topics[n].facts, f)
		}
	}
	slices.SortStableFunc(topics, func(a, b topic) int { return strings.Compare(a.name, b.name) })
	return topics
}

// page gives the part of n things that a page of the size shows, and how many pages there are. A page that is no longer there is the last.
func page(n, size, want int) (from, to, at, pages int) {
	pages = max(1, (n+size-1)/size)
	at = min(max(0, want), pages-1)
	return at * size, min(n, (at+1)*size), at, pages
}

// turn is a row of buttons to the pages before and after, or nothing where there is one page.
func turn(p *phrases, at, pages int, id func(page int) string, others ...discordgo.MessageComponent) []discordgo.MessageComponent {
	if pages > 1 {
		back, more := button("◀ "+p.Back, id(at-1)), button(p.More+" ▶", id(at+1))
		back.Disabled, more.Disabled = at == 0, at == pages-1
		if back.Disabled {
			back.CustomID = id(pages) // never two with one id
		}
		others = append([]discordgo.MessageComponent{back, more}, others...)
	}
	if len(others) == 0 {
		return nil
	}
	return []discordgo.MessageComponent{row(others...)}
}

func pageLine(p *phrases, at, pages int) string {
	if pages == 1 {
		return ""
	}
	return "\n-# " + fmt.Sprintf(p.Page, at+1, pages)
}

// topics answers /topics.
func (d *desk) topics(_ context.Context, i *Interaction) Response {
	return d.topicsPage(d.speakTo(i), 0, Reply)
}

// turnTopics turns its pages.
func (d *desk) turnTopics(_ context.Context, i *Interaction) Response {
	n, _ := strconv.Atoi(args(i.CustomID, 1)[0])
	return d.topicsPage(d.speakTo(i), n, Update)
}

func (d *desk) topicsPage(p *phrases, want int, action Action) Response {
	topics := topicsOf(d.base.Set())
	if len(topics) == 0 {
		return Response{Action: action, Private: true, Content: p.NoFacts}
	}
	facts := map[*knowledge.Fact]bool{}
	for _, t := range topics {
		for _, f := range t.facts {
			facts[f] = true
		}
	}
	from, to, at, pages := page(len(topics), maxOptions, want)
	m := menu{CustomID: routeTopic, Placeholder: p.TopicsPick}
	for _, t := range topics[from:to] {
		m.Options = append(m.Options, menuOption{Label: optionText(t.name), Value: hash(t.name), Description: count(p.FactCount, len(t.facts))})
	}
	return Response{Action: action, Private: true, Content: fmt.Sprintf(p.TopicsTitle, count(p.FactCount, len(facts)), count(p.TopicCount, len(topics))) + pageLine(p, at, pages),
		Components: append([]discordgo.MessageComponent{row(m)}, turn(p, at, pages, func(n int) string { return customID(routeTopics, itoa(n)) })...)}
}

// optionText makes any text a label of a menu's option, which shows no markup.
func optionText(s string) string {
	if s = clip(visible(s), maxChoice); s == "" {
		return "–"
	}
	return s
}

// topic shows the facts of one topic: the one chosen in the menu, or a further page of it.
func (d *desk) topic(_ context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	a := args(i.CustomID, 2)
	want, _ := strconv.Atoi(a[1])
	if len(i.Values) > 0 {
		a[0], want = i.Values[0], 0
	}
	for _, t := range topicsOf(d.base.Set()) {
		if hash(t.name) != a[0] {
			continue
		}
		from, to, at, pages := page(len(t.facts), maxOptions, want)
		m := menu{CustomID: routeOpen, Placeholder: p.FactPick}
		for _, f := range t.facts[from:to] {
			m.Options = append(m.Options, menuOption{Label: optionText(f.Text), Value: hash(f.ID), Description: optionText(f.ID)})
		}
		return Response{Action: Update, Content: fmt.Sprintf(p.TopicTitle, "**"+escapeFact(clip(t.name, 100))+"**", count(p.FactCount, len(t.facts))) + pageLine(p, at, pages),
			Components: append([]discordgo.MessageComponent{row(m)},
				turn(p, at, pages, func(n int) string { return customID(routeTopic, a[0], itoa(n)) }, button(p.AllTopics, customID(routeTopics, "0")))...)}
	}
	return d.topicsPage(p, 0, Update) // the topic is gone
}

// open shows the fact chosen in a topic's menu.
func (d *desk) open(_ context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	var facts []*knowledge.Fact
	if len(i.Values) > 0 {
		facts = resolve(d.base.Set(), i.Values[0])
	}
	if len(facts) == 0 {
		return Response{Action: Reply, Private: true, Content: p.Gone}
	}
	return Response{Action: Reply, Private: true, Content: renderFact(p, facts[0]), Components: answerButtons(p, facts, i.User.ID, true)}
}

// fact answers /fact.
func (d *desk) fact(_ context.Context, i *Interaction) Response {
	return d.limited(i, func() Response {
		id := strings.TrimSpace(i.Options["id"])
		f := d.base.Set().Fact(id)
		if h, ok := strings.CutPrefix(id, pickSign); ok && f == nil {
			if facts := resolve(d.base.Set(), h); len(facts) == 1 {
				f = facts[0]
			}
		}
		if f == nil || f.Status == knowledge.Withdrawn {
			return Response{Action: Reply, Private: true, Content: fmt.Sprintf(d.speakTo(i).NoSuchFact, "“"+escapeSaid(clip(visible(id), 100))+"”")}
		}
		private := askPrivately(i)
		p := d.speakIn(i)
		if private {
			p = d.speakTo(i)
		}
		return Response{Action: Reply, Private: private, Content: renderFact(p, f), Components: answerButtons(p, []*knowledge.Fact{f}, i.User.ID, private),
			Shows: []*knowledge.Fact{f}, Language: p.language()}
	})
}

// completeFact suggests facts for what is typed into /fact: those whose id holds it, then those whose questions or text do.
func (d *desk) completeFact(_ context.Context, i *Interaction) Response {
	typed := strings.ToLower(strings.TrimSpace(i.Options["id"]))
	r := Response{Action: Complete, Choices: []Choice{}}
	seen := map[*knowledge.Fact]bool{}
	add := func(f *knowledge.Fact) {
		if seen[f] || f.Status == knowledge.Withdrawn || len(r.Choices) == maxChoices {
			return
		}
		seen[f] = true
		value := f.ID
		if units(value) > maxChoice {
			value = pickSign + hash(f.ID)
		}
		r.Choices = append(r.Choices, Choice{Name: clip(visible(f.ID+": "+f.Text), maxChoice), Value: value})
	}
	for _, f := range d.base.Set().Facts {
		if len(r.Choices) == maxChoices {
			return r
		}
		if strings.Contains(f.ID, strings.ReplaceAll(typed, " ", "-")) {
			add(f)
		}
	}
	for _, s := range d.base.Suggest(typed, maxChoices) {
		add(s.Fact)
	}
	return r
}

// sources answers /sources.
func (d *desk) sources(_ context.Context, i *Interaction) Response {
	return d.sourcesPage(d.speakTo(i), 0, Reply)
}

// turnSources turns its pages.
func (d *desk) turnSources(_ context.Context, i *Interaction) Response {
	n, _ := strconv.Atoi(args(i.CustomID, 1)[0])
	return d.sourcesPage(d.speakTo(i), n, Update)
}

// sourcesOnPage is how many sources a page shows. Each takes at most 200 characters of a message, escaped, and an address.
const sourcesOnPage = 8

func (d *desk) sourcesPage(p *phrases, want int, action Action) Response {
	var all []*knowledge.Source
	cited := map[*knowledge.Source]int{}
	for _, f := range d.base.Set().Files {
		all = append(all, f.Sources...)
	}
	for _, f := range d.base.Set().Facts {
		if f.Status == knowledge.Withdrawn {
			continue
		}
		once := map[*knowledge.Source]bool{}
		for _, c := range f.Cites {
			if !once[c.Source] {
				once[c.Source] = true
				cited[c.Source]++
			}
		}
	}
	from, to, at, pages := page(len(all), sourcesOnPage, want)
	content := fmt.Sprintf(p.Sources, len(all)) + pageLine(p, at, pages)
	for _, s := range all[from:to] {
		linked := addLines(content, renderSource(p, s, cited[s], true))
		if linked == content {
			linked = addLines(content, renderSource(p, s, cited[s], false))
		}
		content = linked
	}
	return Response{Action: action, Private: true, Content: content, Components: turn(p, at, pages, func(n int) string { return customID(routeSources, itoa(n)) })}
}

// renderSource is a source in a line.
func renderSource(p *phrases, s *knowledge.Source, cited int, linked bool) string {
	line := "• “" + escapeTitle(s.Title, 100) + "”"
	for _, part := range []string{escapeTitle(s.Publisher, 60), escapeFact(s.Published.Words()), fmt.Sprintf(p.CitedBy, count(p.FactCount, cited))} {
		if part != "" {
			line += " · " + part
		}
	}
	if link := renderLink(s.URL); link != "" && linked {
		line += " · " + link
	}
	return line
}

// helpCommand answers /help.
func (d *desk) helpCommand(ctx context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	r := d.hello(p, d.help(p))
	if why := d.off(ctx, i); why != "" { // and then the questions to begin with would not be answered
		r = Response{Action: Reply, Content: d.help(p) + "\n" + why}
	}
	r.Private = true
	return r
}
