package bot

import (
	"context"
	"log/slog"
	"slices"

	"github.com/bwmarrin/discordgo"
)

// A Vote is what a member thinks of an answer. Votes are for moderators; they never change which fact answers.
type Vote struct {
	Up        bool
	Reason    string // of a 👎: one of Reasons
	Note      string // in the member's own words; may be empty
	Facts     []string
	MessageID string // the answer
	ChannelID string
	GuildID   string
	UserID    string // who votes: a later vote of the same member on the same answer takes the place of the earlier
}

// Reasons are why an answer may be bad, as they are kept.
var Reasons = [...]string{"wrong", "off-topic", "outdated", "source does not say this"}

// Votes keeps votes.
type Votes interface {
	Vote(ctx context.Context, v Vote) error
}

// loggedVotes only tells the operator's log of votes, without what members wrote.
type loggedVotes struct{ log *slog.Logger }

// Vote implements Votes.
func (l loggedVotes) Vote(_ context.Context, v Vote) error {
	l.log.Info("vote", "up", v.Up, "reason", v.Reason, "facts", v.Facts, "message", v.MessageID, "noted", v.Note != "")
	return nil
}

// The fields of the form behind 👎.
const (
	fieldReason = "reason"
	fieldNote   = "note"
	maxNote     = 500
)

// up takes a 👍.
func (d *desk) up(ctx context.Context, i *Interaction) Response {
	return d.vote(ctx, i, Vote{Up: true}, d.speakTo(i).VotedUp)
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

// downed takes a 👎 with its reason.
func (d *desk) downed(ctx context.Context, i *Interaction) Response {
	v := Vote{Reason: i.Form(fieldReason), Note: clip(visible(i.Form(fieldNote)), maxNote)}
	if !slices.Contains(Reasons[:], v.Reason) { // not from our form
		v.Reason = ""
	}
	return d.vote(ctx, i, v, d.speakTo(i).VotedDown)
}

func (d *desk) vote(ctx context.Context, i *Interaction, v Vote, thanks string) Response {
	for _, f := range factsOf(d.base.Set(), i.CustomID) {
		v.Facts = append(v.Facts, f.ID)
	}
	v.ChannelID, v.GuildID, v.UserID = i.ChannelID, i.GuildID, i.User.ID
	if i.Message != nil {
		v.MessageID = i.Message.ID
	}
	if err := d.votes.Vote(ctx, v); err != nil {
		d.log.Error("a vote could not be kept", "err", err)
		return Response{Action: Reply, Private: true, Content: wentWrong}
	}
	return Response{Action: Reply, Private: true, Content: thanks}
}
