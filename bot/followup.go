package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// A dialogue is kept nowhere. Each time a member goes on with an answer, the earlier questions are read from Discord again:
// from the head of the answer where it has one, else from the message that the answer replies to, and so on backwards. That
// works the same after a restart, and it ends by itself where a message was deleted.
//
// Nothing is carried from one member to another: of somebody else's answer only what stands in that answer is used.

const (
	// maxTurns is how many earlier questions are looked for. The facts look at no more.
	maxTurns = 3
	// maxFetches is how many messages are fetched for it.
	maxFetches = 4
)

// history gives the earlier questions of the dialogue that a member goes on with by replying to the message, oldest first.
func (d *desk) history(ctx context.Context, member string, earlier *Message) []string {
	self := d.self()
	var questions []string // latest first
	fetches := 0
	fetch := func(m *Message) *Message {
		if m == nil || m.RepliesTo() == "" || fetches == maxFetches {
			return nil
		}
		fetches++
		channel := m.Reference.ChannelID
		if channel == "" {
			channel = m.ChannelID
		}
		got, err := d.fetch(ctx, channel, m.RepliesTo())
		if err != nil {
			return nil
		}
		return got
	}
	for m := earlier; m != nil && len(questions) < maxTurns; {
		if m.Author.ID != self {
			// The member replied to a message of their own.
			if m.Author.ID == member {
				if text := questionIn(m); text != "" {
					questions = append(questions, text)
				}
			}
			break
		}
		if asked := readHead(m.Content).turns(); len(asked) > 0 {
			slices.Reverse(asked)
			questions = append(questions, asked...)
			break
		}
		asked := fetch(m)
		if asked == nil || asked.Author.ID != member {
			// Somebody else's answer, or one whose question is gone: its facts are what is there.
			questions = append(questions, known(factsBehind(d.base.Set(), m))...)
			break
		}
		before := asked.Referenced
		if before == nil {
			before = fetch(asked)
		}
		text := questionIn(asked)
		if text == "" && before != nil && before.Author.ID != self {
			text = questionIn(before) // it asked for the message it replied to
		}
		if text == "" {
			break
		}
		questions = append(questions, text)
		if before == nil || before.Author.ID != self {
			break
		}
		m = before
	}
	slices.Reverse(questions)
	return questions
}

// factsBehind gives the facts of an answer, which its buttons name.
func factsBehind(set *knowledge.Set, m *Message) []*knowledge.Fact {
	for _, id := range m.CustomIDs() {
		if strings.HasPrefix(id, routeContext+":") {
			return factsOf(set, id)
		}
	}
	return nil
}

// known gives a question that the first of the facts answers, which stands for whatever was asked: nothing that another member
// wrote.
func known(facts []*knowledge.Fact) []string {
	switch {
	case len(facts) == 0:
		return nil
	case len(facts[0].Asks) > 0:
		return facts[0].Asks[:1]
	}
	return []string{facts[0].Text}
}

// askerOf gives the member whose question a message of the bot's answers, or "" where that can't be told.
func askerOf(m *Message) string {
	for _, id := range m.CustomIDs() {
		if strings.HasPrefix(id, routeRemove+":") {
			return args(id, 1)[0]
		}
	}
	if m.Caused != nil {
		return m.Caused.User.ID
	}
	return ""
}

// fieldQuestion is the field of the form for a follow-up.
const fieldQuestion = "question"

// follow opens the form for a follow-up. Discord lets no bot read a reply to the answer to a slash command, so a reply alone
// would not do.
func (d *desk) follow(_ context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	return Response{Action: Form, CustomID: i.CustomID, Title: p.FollowTitle, Components: []discordgo.MessageComponent{
		labelled{Label: p.FollowLabel, Component: textField{CustomID: fieldQuestion, Style: discordgo.TextInputParagraph, Placeholder: p.FollowHint, Required: true, MaxLength: maxQuestion}},
	}}
}

// followed answers what was entered in that form, where the answer was: for everybody, or for the member alone.
func (d *desk) followed(ctx context.Context, i *Interaction) Response {
	d.metrics.ask("form")
	return d.limited(i, func() Response {
		q := d.asking(i, strings.TrimSpace(i.Form(fieldQuestion)), onPrivate(i))
		switch m := i.Message; {
		case m == nil:
			q.history = known(factsOf(d.base.Set(), i.CustomID))
		case m.Ephemeral() || askerOf(m) == i.User.ID:
			m.Author.ID = d.self() // Discord's word for it differs between ways to answer
			q.history = d.history(ctx, i.User.ID, m)
		default:
			if q.history = readHead(m.Content).turns(); len(q.history) == 0 {
				q.history = known(factsOf(d.base.Set(), i.CustomID))
			}
		}
		return d.answer(ctx, q)
	})
}

// onPrivate reports whether the button or form belongs to a message that only one member sees.
func onPrivate(i *Interaction) bool { return i.Message != nil && i.Message.Ephemeral() }
