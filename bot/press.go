package bot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// What the buttons below an answer do.

// around is how many facts before and after are shown in context.
const around = 2

// inContext shows the facts around those of the answer, each in its source.
func (d *desk) inContext(_ context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	var parts []Response
	shown := map[*knowledge.Fact]bool{}
	for _, f := range factsOf(d.base.Set(), i.CustomID) {
		if shown[f] {
			continue
		}
		near := d.base.Around(f, around)
		found := false
		for _, n := range near {
			shown[n], found = true, found || n == f
		}
		if !found {
			near = []*knowledge.Fact{f}
		}
		parts = append(parts, Response{Action: Reply, Private: true, Content: renderContext(p, f.Cites[0].Source, near, f)})
	}
	if len(parts) == 0 {
		return Response{Action: Reply, Private: true, Content: p.Gone}
	}
	r := parts[0]
	r.Also = parts[1:]
	return r
}

// why explains an answer to whoever wants to know.
func (d *desk) why(ctx context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	facts := factsOf(d.base.Set(), i.CustomID)
	if len(facts) == 0 {
		return Response{Action: Reply, Private: true, Content: p.Gone}
	}
	asked := d.questionsOf(ctx, i.Message)
	if len(asked) == 0 {
		return Response{Action: Reply, Private: true, Content: p.QuestionGone}
	}
	question := asked[len(asked)-1]
	a, err := d.ask(ctx, knowledge.Question{Text: question, History: asked[:len(asked)-1], Candidates: maxRefs + 1, Explain: true})
	if err != nil {
		return Response{Action: Reply, Private: true, Content: p.TookTooLong}
	}
	return Response{Action: Reply, Private: true, Content: renderWhy(p, question, asked[:len(asked)-1], facts, a, moderates(i))}
}

// questionsOf finds the question that a message of the bot's answers, in its head or in the message it replies to, after those it was
// read with. There may be none left.
func (d *desk) questionsOf(ctx context.Context, m *Message) []string {
	if m == nil {
		return nil
	}
	if turns := readHead(m.Content).turns(); len(turns) > 0 {
		return turns
	}
	if m.RepliesTo() == "" {
		return nil
	}
	asked, err := d.fetch(ctx, m.ChannelID, m.RepliesTo())
	if err != nil {
		return nil
	}
	text := questionIn(asked)
	if text == "" && asked.Referenced != nil {
		text = questionIn(asked.Referenced)
	}
	if text == "" {
		return nil
	}
	return []string{text}
}

// renderWhy says which words of the question brought the facts, and what came next. With detail, which moderators get, it adds the
// parts of the score.
func renderWhy(p *phrases, question string, earlier []string, facts []*knowledge.Fact, a knowledge.Answer, detail bool) string {
	lines := []string{"**" + p.WhyTitle + "**", "-# " + fmt.Sprintf(p.WhyAsked, quoteSaid(question, echoes[0]))}
	if reading := closed(a.Reading, slices.Concat(earlier, []string{question})...); reading != "" {
		lines = append(lines, signReading+fmt.Sprintf(p.ReadAs, quoteSaid(reading, echoes[0])))
	}
	first := a.Answered() && a.Sentences()[0].Fact == facts[0]
	switch {
	case a.Kind == knowledge.Overview:
		lines = append(lines, "• "+p.WhyOverview)
	case !first:
		lines = append(lines, "• "+p.WhyPicked)
	default:
		if words := quoteWords(a.Matched, question, maxQuoted); words != "" {
			lines = append(lines, "• "+fmt.Sprintf(p.WhyMatched, words))
		}
		if words := quoteWords(a.Missed, question, maxQuoted); words != "" {
			lines = append(lines, "• "+fmt.Sprintf(p.WhyUncovered, words))
		}
	}
	var next *knowledge.Fact
	for _, c := range a.Candidates {
		if !slices.Contains(facts, c.Fact) {
			next = c.Fact
			break
		}
	}
	if next == nil {
		lines = append(lines, "• "+p.WhyAlone)
	}
	content := strings.Join(lines, "\n")
	if next != nil && a.Kind != knowledge.Overview {
		for detail := wholeSource; detail <= leastDetail; detail++ {
			if s := addLines(content, "• "+p.WhyRunnerUp+"\n"+renderFacts(p, nil, []*knowledge.Fact{next}, nil, detail, false)); s != content {
				content = s
				break
			}
		}
	}
	if detail {
		content = addLines(content, whyDetail(a)...)
	}
	return content
}

// whyDetail is for moderators: the scores and what they are made of.
func whyDetail(a knowledge.Answer) []string {
	lines := []string{fmt.Sprintf("-# confidence %.2f · facts `%s`", a.Confidence, clip(a.Version, 12))}
	for _, c := range a.Candidates[:min(len(a.Candidates), 2)] {
		line := fmt.Sprintf("-# `%s` %.3f", clip(c.Fact.ID, 60), c.Score)
		parts := slices.Clone(c.Parts)
		slices.SortStableFunc(parts, func(a, b knowledge.Part) int { return cmp.Compare(math.Abs(b.Adds), math.Abs(a.Adds)) })
		for _, part := range parts[:min(len(parts), maxParts)] {
			line += fmt.Sprintf(" · %s %+.2f", escapeFact(part.Name), part.Adds)
		}
		lines = append(lines, clip(line, 500))
	}
	return lines
}

// maxParts is how many parts of a score are shown, the weightiest first: some thirty are more than anybody reads. `footnote ask
// --explain` has them all.
const maxParts = 8

// moderates reports whether the member may do in the channel what moderators may. Discord says so with each interaction.
func moderates(i *Interaction) bool {
	if i.Member == nil {
		return false
	}
	p := i.Member.Permissions
	return p.Has(discordgo.PermissionManageMessages) || p.Has(discordgo.PermissionManageGuild) || p.Has(discordgo.PermissionAdministrator)
}

// remove deletes an answer for the member who asked, or a moderator.
func (d *desk) remove(_ context.Context, i *Interaction) Response {
	asker := args(i.CustomID, 1)[0]
	if asker != i.User.ID && !moderates(i) {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).NotYours}
	}
	return Response{Action: Remove, Sent: func(_ context.Context, gone *Message) {
		d.log.Info("removed", "channel", gone.ChannelID, "message", gone.ID, "by_asker", asker == i.User.ID)
	}}
}

// share posts a private answer in the channel, made anew out of its facts.
func (d *desk) share(_ context.Context, i *Interaction) Response {
	facts := factsOf(d.base.Set(), i.CustomID)
	if len(facts) == 0 || i.Message == nil {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).Gone}
	}
	if i.KeptPrivate() {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).CantShare}
	}
	h, a := readHead(i.Message.Content), knowledge.Tell(facts...)
	mine, all := d.speakTo(i), d.speakIn(i)
	buttons := answerButtons(mine, facts, i.User.ID, true)
	last := buttons[1].(discordgo.ActionsRow)
	buttons[1] = row(last.Components[:2]...)
	return Response{Action: Update, Content: addLines(renderAnswer(mine, h, a), "-# "+mine.Shared), Components: buttons,
		Also: []Response{{Action: Reply, Content: renderAnswer(all, h, a), Components: answerButtons(all, facts, i.User.ID, false),
			Shows: facts, Language: all.language()}}}
}

// pick answers one of the questions that were offered: in place of the offer for the member it was made to, and for others privately.
func (d *desk) pick(_ context.Context, i *Interaction) Response {
	a := args(i.CustomID, 3)
	facts := resolve(d.base.Set(), a[0])
	if len(facts) == 0 || i.Message == nil {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).Gone}
	}
	f, asker := facts[0], a[1]
	question := ""
	if n, err := strconv.Atoi(a[2]); err == nil && n >= 0 && n < len(f.Asks) {
		question = f.Asks[n]
	}
	d.log.Info("picked", "fact", f.ID, "ask", a[2])
	d.metrics.ask("button")
	d.metrics.outcome("answered")
	d.tally.answered(f.ID)
	told := knowledge.Tell(f)
	if i.Message.Ephemeral() || asker == i.User.ID {
		private := onPrivate(i)
		p := d.speakIn(i)
		if private {
			p = d.speakTo(i)
		}
		h := readHead(i.Message.Content)
		h.reading = question
		r := Response{Action: Update, Content: renderAnswer(p, h, told), Components: answerButtons(p, facts, i.User.ID, private),
			Shows: facts, Language: p.language()}
		if asker == i.User.ID {
			r.Then = func(ctx context.Context) { d.picked(ctx, i, f, d.wordingFor(ctx, i.Message)) }
		}
		return r
	}
	p := d.speakTo(i)
	return Response{Action: Reply, Private: true, Content: renderAnswer(p, head{question: question}, told), Components: answerButtons(p, facts, i.User.ID, true)}
}

// none takes "None of these" from the member who asked: then the facts don't say.
func (d *desk) none(ctx context.Context, i *Interaction) Response {
	asker := args(i.CustomID, 1)[0]
	if i.Message == nil || !i.Message.Ephemeral() && asker != i.User.ID {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).NotYourChoice}
	}
	d.metrics.outcome("declined")
	d.tally.declined()
	d.log.Info("none of the offered questions was meant")
	q := d.asking(i, "", onPrivate(i))
	r := Response{Action: Update}
	d.missed(ctx, q, readHead(i.Message.Content), q.p.DeclinedNone, nil, d.questionsOf(ctx, i.Message), d.base.Set().Version, &r)
	return r
}
