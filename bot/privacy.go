package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
)

// privacy tells members what is kept of them, and deletes it. It works everywhere, whatever a server's moderators have set.
type privacy struct {
	journal *journal.Journal // nil: nothing is kept
	heard   *heard
	metrics *metrics
	log     *slog.Logger
}

// The steps, as the argument of the route.
const (
	privacyAsk = "ask" // shall it be deleted?
	privacyYes = "yes"
)

// aboutPrivacy reports whether an interaction is of /privacy. Asking what is kept adds nothing to it.
func aboutPrivacy(i *Interaction) bool {
	return i.Command == "privacy" || strings.HasPrefix(i.CustomID, routePrivacy+":")
}

// show answers /privacy.
func (v *privacy) show(ctx context.Context, i *Interaction) Response {
	p := speak(i.Locale)
	if v.journal == nil {
		return Response{Action: Reply, Private: true, Content: p.PrivacyNothing}
	}
	k, err := v.journal.Kept(ctx, i.User.ID)
	if err != nil {
		return v.failed(err)
	}
	k.Direct = max(k.Direct, v.heard.directs(i.User.ID)) // of which some may be kept in a moment only
	r := Response{Action: Reply, Private: true, Content: fmt.Sprintf(p.Privacy, int(v.journal.Retention()/(24*time.Hour)))}
	if k == (journal.Kept{}) {
		r.Content += "\n" + p.PrivacyNothing
		return r
	}
	r.Content += "\n" + fmt.Sprintf(p.PrivacyKept, k.Answers, k.Gaps, k.Votes, k.Waits, k.Direct)
	r.Components = []discordgo.MessageComponent{row(danger(p.PrivacyDelete, customID(routePrivacy, privacyAsk)))}
	return r
}

// press takes the buttons: the first asks again, the second deletes. It is only ever what the presser's own is.
func (v *privacy) press(ctx context.Context, i *Interaction) Response {
	p := speak(i.Locale)
	switch {
	case v.journal == nil:
		return Response{Action: Update, Content: p.PrivacyNothing}
	case args(i.CustomID, 1)[0] != privacyYes:
		return Response{Action: Update, Content: p.PrivacySure, Components: []discordgo.MessageComponent{row(danger(p.PrivacyYes, customID(routePrivacy, privacyYes)))}}
	}
	var k journal.Kept
	err := v.heard.forget(i.User.ID, func() (err error) {
		k, err = v.journal.Forget(ctx, i.User.ID)
		return err
	})
	if err != nil {
		r := v.failed(err)
		r.Content = p.NotDeleted
		return r
	}
	v.log.Info("a member had theirs deleted", "answers", k.Answers, "gaps", k.Gaps, "votes", k.Votes, "waits", k.Waits, "direct", k.Direct)
	return Response{Action: Update, Content: p.PrivacyDone}
}

func (v *privacy) failed(err error) Response {
	v.metrics.journalFailed("privacy")
	v.log.Error("what is kept of a member could not be read or deleted", "err", err)
	return Response{Action: Reply, Private: true, Content: wentWrong}
}

// danger is a red button.
func danger(label, id string) discordgo.Button {
	b := button(label, id)
	b.Style = discordgo.DangerButton
	return b
}
