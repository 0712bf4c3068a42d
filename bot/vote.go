package bot

import (
	"context"
	"slices"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Reasons are why an answer may be bad, as they are kept.
var Reasons = [...]string{"wrong", offTopic, "outdated", "source does not say this"}

// offTopic is the reason that moderators can act on by a not_ask.
const offTopic = "off-topic"

// The fields of the form behind 👎.
const (
	fieldReason = "reason"
	fieldNote   = "note"
	maxNote     = 500
)

// up takes a 👍.
func (d *desk) up(ctx context.Context, i *Interaction) Response {
	return d.vote(ctx, i, journal.Vote{Kind: journal.Up}, d.speakTo(i).VotedUp)
}

// down asks what is wrong.
func (d *desk) down(_ context.Context, i *Interaction) Response {
	p := d.speakTo(i)
	options := make([]menuOption, len(Reasons))
	for n, reason := range Reasons {
		options[n] = menuOption{Label: p.Reasons[n], Value: reason}
	}
	return Response{Action: Form, CustomID: i.CustomID, Title: p.DownTitle, Components: []discordgo.MessageComponent{
		labelled{Label: p.DownReason, Component: menu{CustomID: fieldReason, Options: options}},
		labelled{Label: p.DownNote, Component: textField{CustomID: fieldNote, Style: discordgo.TextInputParagraph, MaxLength: maxNote}},
	}}
}

// downed takes a 👎 with its reason. Of an answer that is off-topic the question is kept as well, so that moderators can put it among those that
// must not bring the fact; but only on the word of who asked it.
func (d *desk) downed(ctx context.Context, i *Interaction) Response {
	v := journal.Vote{Kind: journal.Down, Reason: i.Form(fieldReason), Note: clip(visible(i.Form(fieldNote)), maxNote)}
	if !slices.Contains(Reasons[:], v.Reason) { // not from our form
		v.Reason = ""
	}
	if v.Reason == offTopic && d.journal != nil && i.Message != nil && (onPrivate(i) || askerOf(i.Message) == i.User.ID) {
		v.Question = d.wordingFor(ctx, i.Message)
	}
	return d.vote(ctx, i, v, d.speakTo(i).VotedDown)
}

// wordingFor is the question that a message of the bot's is about, where it stands on its own: what leans on an earlier question is no wording
// for a fact.
func (d *desk) wordingFor(ctx context.Context, m *Message) string {
	h := readHead(m.Content)
	if len((head{reading: h.reading}).turns()) > 1 {
		return ""
	}
	question := h.question
	if question == "" { // the message replies to it
		if turns := d.questionsOf(ctx, &Message{ChannelID: m.ChannelID, Reference: m.Reference}); len(turns) == 1 {
			question = turns[0]
		}
	}
	if units(visible(question)) >= echoes[0] { // a part of it, perhaps
		return ""
	}
	return question
}

// picked keeps that a member meant a fact by a question that was not understood.
func (d *desk) picked(ctx context.Context, i *Interaction, f *knowledge.Fact, wording string) {
	if d.journal == nil || wording == "" {
		return
	}
	d.keepVote(ctx, i, journal.Vote{Kind: journal.Picked, Question: wording, Facts: []string{f.ID}})
}

func (d *desk) vote(ctx context.Context, i *Interaction, v journal.Vote, thanks string) Response {
	for _, f := range factsOf(d.base.Set(), i.CustomID) {
		v.Facts = append(v.Facts, f.ID)
	}
	d.log.Info("vote", "up", v.Kind == journal.Up, "reason", v.Reason, "facts", v.Facts, "noted", v.Note != "")
	if !d.keepVote(ctx, i, v) {
		return Response{Action: Reply, Private: true, Content: d.speakTo(i).NotKept}
	}
	return Response{Action: Reply, Private: true, Content: thanks}
}

// keepVote puts a vote into the journal, where there is one.
func (d *desk) keepVote(ctx context.Context, i *Interaction, v journal.Vote) bool {
	if d.journal == nil {
		return true
	}
	v.ChannelID, v.GuildID, v.UserID, v.At = i.ChannelID, i.GuildID, i.User.ID, d.now()
	if i.Message != nil {
		v.MessageID = i.Message.ID
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if err := d.journal.Vote(ctx, v); err != nil {
		d.metrics.journalFailed("vote")
		d.log.Error("a vote could not be kept", "err", err)
		return false
	}
	return true
}
