package bot

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
)

// How long Discord waits, and how long the bot tries.
const (
	// firstWithin is how long a first response to an interaction is tried, from the event's arrival. Discord waits 3 seconds.
	firstWithin = 2900 * time.Millisecond
	// sendWithin is how long anything else is tried, rate limits and repeats included.
	sendWithin = 30 * time.Second
	// deniedFor is how long a channel that refused a message is left alone. Discord counts refusals.
	deniedFor = 10 * time.Minute
)

// message answers a message that somebody wrote.
func (b *Bot) message(ctx context.Context, m *Message, received time.Time) {
	if b.handlers.Message == nil {
		return
	}
	hctx, cancel := context.WithTimeout(ctx, answerWithin)
	r := b.safely(hctx, "message", func(ctx context.Context) Response { return b.handlers.Message(ctx, m) })
	cancel()
	if r.Action == Silent {
		return
	}
	ctx, cancel = context.WithTimeout(ctx, sendWithin)
	defer cancel()
	b.sendMessage(ctx, m, r)
	b.metrics.took("message", time.Since(received))
}

// sendMessage sends the response to a message.
func (b *Bot) sendMessage(ctx context.Context, m *Message, r Response) {
	server, channel, replyTo := m.GuildID, m.ChannelID, m.ID
	if r.Private && m.GuildID != "" {
		if b.closed.is("", m.Author.ID) {
			b.sign(ctx, m, r)
			return
		}
		var err error
		if channel, err = b.rest.DirectChannel(ctx, m.Author.ID); err != nil {
			b.log.Warn("a private word could not be sent", "guild", m.GuildID, "channel", m.ChannelID, "err", err)
			b.sign(ctx, m, r)
			return
		}
		server, replyTo = "", ""
		b.heard.direct(m.Author.ID, channel, m.ID)
	}
	for n, part := range append([]Response{r}, r.Also...) {
		if b.denied.is(server, channel) {
			b.log.Debug("a message is not answered: the channel refused the last one", "channel", channel)
			return
		}
		nonce := m.ID
		if n > 0 {
			nonce += "." + strconv.Itoa(n)
		}
		note := func(*Message, error) {}
		if !part.Private {
			note = b.posting(ctx, part, journal.Pending{Trigger: m.ID, Part: n, Posted: journal.Posted{ChannelID: channel, GuildID: m.GuildID, Asker: m.Author.ID}})
		}
		posted, err := b.rest.CreateMessage(ctx, channel, replyTo, nonce, newPost(part))
		note(posted, err)
		switch {
		case err == nil:
			b.sent(ctx, part, posted)
		case restCode(err) == codeCannotMessageUser:
			b.closed.add("", m.Author.ID) // Discord counts refusals, and a member could provoke any number
			b.log.Debug("a private word was not wanted", "guild", m.GuildID, "channel", m.ChannelID, "err", err)
			b.sign(ctx, m, r)
			return
		case restStatus(err) == http.StatusForbidden:
			b.denied.add(server, channel)
			b.log.Warn("the bot may not write in a channel: give it View Channel, Send Messages (in threads: Send Messages in Threads) and Read Message History there, or take the channel from its sight",
				"guild", m.GuildID, "channel", channel, "err", err)
			return
		default:
			b.log.Error("an answer could not be posted", "guild", m.GuildID, "channel", channel, "message", m.ID, "err", err)
			return
		}
	}
}

// sign puts a reaction on a message whose author takes no private word, so that they don't hear nothing at all.
func (b *Bot) sign(ctx context.Context, m *Message, r Response) {
	if m.GuildID == "" || b.denied.is(m.GuildID, m.ChannelID) || b.unsigned.is(m.GuildID, m.ChannelID) {
		return
	}
	err := b.rest.React(ctx, m.ChannelID, m.ID, cmp.Or(r.Sign, signFailed))
	if restStatus(err) == http.StatusForbidden {
		b.unsigned.add(m.GuildID, m.ChannelID) // Discord counts refusals
	}
	if err != nil {
		b.log.Info("a member takes no private word, and no reaction could be put on their message", "guild", m.GuildID, "channel", m.ChannelID, "err", err)
	}
}

// route finds who handles an interaction.
func (b *Bot) route(i *Interaction) (rt Route, kind, name string, ok bool) {
	prefix, _, _ := strings.Cut(i.CustomID, ":")
	switch i.Type {
	case discordgo.InteractionApplicationCommand:
		rt, ok = b.handlers.Commands[i.Command]
		return rt, "command", i.Command, ok
	case discordgo.InteractionApplicationCommandAutocomplete:
		rt, ok = b.handlers.Commands[i.Command]
		return rt, "complete", i.Command, ok && rt.Complete != nil
	case discordgo.InteractionMessageComponent:
		rt, ok = b.handlers.Buttons[prefix]
		return rt, "button", prefix, ok
	case discordgo.InteractionModalSubmit:
		rt, ok = b.handlers.Forms[prefix]
		return rt, "form", prefix, ok
	}
	return Route{}, "other", "", false
}

// noLonger answers what was a button, form or command of an earlier footnote's, or is made up.
func noLonger(i *Interaction) Response {
	p := speak(i.Locale)
	content := p.OldButton
	switch i.Type {
	case discordgo.InteractionApplicationCommand:
		content = p.OldCommand
	case discordgo.InteractionModalSubmit:
		content = p.OldForm
	}
	return Response{Action: Reply, Private: true, Content: content}
}

// interaction answers an interaction: at once when the handler is quick, else by deferring and editing.
func (b *Bot) interaction(ctx context.Context, i *Interaction) {
	rt, kind, name, ok := b.route(i)
	defer func() { b.metrics.took(kind, time.Since(i.Received)) }()
	if kind == "complete" {
		b.complete(ctx, i, rt, ok)
		return
	}
	handle := rt.Handle
	if !ok || handle == nil {
		b.log.Info("an interaction of a kind that is not known", "kind", kind, "name", name)
		handle = func(_ context.Context, i *Interaction) Response { return noLonger(i) }
	}
	private := rt.Private != nil && rt.Private(i)

	hctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	early := b.swamped() && !rt.Opens
	if early && !b.deferral(ctx, i, rt.Updates, private) {
		return
	}
	done := make(chan Response, 1)
	go func() {
		done <- b.safely(hctx, kind+" "+name, func(ctx context.Context) Response { return handle(ctx, i) })
	}()
	if !early {
		late := time.NewTimer(deferAfter - time.Since(i.Received))
		defer late.Stop()
		select {
		case r := <-done:
			b.respond(ctx, i, r)
			b.then(ctx, r)
			return
		case <-late.C:
		}
		if !b.deferral(ctx, i, rt.Updates, private) {
			cancel()
			b.then(ctx, <-done)
			return
		}
	}
	r := <-done
	sctx, stop := context.WithTimeout(ctx, sendWithin)
	defer stop()
	b.settle(sctx, i, r, rt.Updates, private)
	b.then(ctx, r)
}

// then does what a response leaves to be done.
func (b *Bot) then(ctx context.Context, r Response) {
	if r.Then == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	r.Then(ctx)
}

// complete answers a request for completions. It is never deferred; late completions are of no use.
func (b *Bot) complete(ctx context.Context, i *Interaction, rt Route, ok bool) {
	ctx, cancel := context.WithDeadline(ctx, i.Received.Add(completeWithin))
	defer cancel()
	var r Response
	if ok {
		r = b.safely(ctx, "complete "+i.Command, func(ctx context.Context) Response { return rt.Complete(ctx, i) })
	}
	choices := r.Choices
	if choices == nil {
		choices = []Choice{}
	}
	if _, err := b.rest.Respond(ctx, i, answer{Type: discordgo.InteractionApplicationCommandAutocompleteResult, Data: completions{choices}}); err != nil {
		b.log.Debug("completions came to nothing", "err", err) // as they do when the member types on
	}
}

// onMessage reports whether the interaction is of a button on a message, or of a form such a button opened.
func onMessage(i *Interaction) bool {
	return i.Type == discordgo.InteractionMessageComponent || i.Type == discordgo.InteractionModalSubmit && i.Message != nil
}

// respond gives the first response, which shows the whole answer.
func (b *Bot) respond(ctx context.Context, i *Interaction, r Response) {
	first, cancel := context.WithDeadline(ctx, i.Received.Add(firstWithin))
	defer cancel()
	if r.Action == Update && !onMessage(i) {
		r.Action = Reply
	}
	var a answer
	switch r.Action {
	case Reply:
		a = answer{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: newPost(r), files: r.Files}
	case Update:
		r.Private = false // who sees the message is settled
		a = answer{Type: discordgo.InteractionResponseUpdateMessage, Data: newPost(r), files: r.Files}
	case Form:
		if i.Type == discordgo.InteractionModalSubmit {
			b.log.Error("a form can't answer a form", "form", r.CustomID)
			a = answer{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: newPost(Response{Private: true, Content: wentWrong})}
			break
		}
		a = answer{Type: discordgo.InteractionResponseModal, Data: modal{r.CustomID, r.Title, r.Components}}
	case Silent, Remove, Complete:
		a = answer{Type: discordgo.InteractionResponseDeferredMessageUpdate}
		if !onMessage(i) {
			b.log.Error("a command was left without an answer", "command", i.Command)
			a = answer{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: newPost(Response{Private: true, Content: wentWrong})}
		}
	}
	note := b.answering(first, i, r, 0)
	posted, err := b.rest.Respond(first, i, a)
	if err != nil && !b.inDoubt(i, err) {
		note(nil, err)
		b.unanswered(first, i, err)
		return
	}
	ctx, stop := context.WithTimeout(ctx, sendWithin)
	defer stop()
	if r.Action == Remove && onMessage(i) {
		if err := b.rest.DeleteOriginal(ctx, i); err != nil && restCode(err) != codeUnknownMessage {
			b.log.Error("a message could not be removed", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
		} else {
			b.forget(ctx, i.Message.ID)
			if err == nil {
				b.sent(ctx, r, i.Message)
			}
		}
	}
	if r.Action == Reply || r.Action == Update {
		if (r.Sent != nil || b.keeps(i, r)) && (posted == nil || posted.ID == "") { // not every server gives it
			if posted, err = b.rest.GetOriginal(ctx, i); err != nil {
				b.log.Warn("an answer was posted, but what its id is can't be told", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
				posted = nil
			}
		}
		note(posted, nil)
		b.sent(ctx, r, posted)
	}
	b.also(ctx, i, r)
}

// unanswered is called when a first response was refused.
func (b *Bot) unanswered(ctx context.Context, i *Interaction, err error) {
	switch {
	case restCode(err) == codeUnknownInteraction:
		b.metrics.event("expired")
		b.log.Warn("an interaction was answered too late, or came too late to be answered", "guild", i.GuildID, "channel", i.ChannelID, "after", time.Since(i.Received).Round(time.Millisecond), "err", err)
	case restCode(err) == codeAlreadyAnswered:
		b.log.Warn("an interaction was answered already: does another process run with this token?", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
	case restStatus(err) == http.StatusBadRequest:
		b.log.Error("Discord refused the form of an answer", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
		if _, err := b.rest.Respond(ctx, i, answer{Type: discordgo.InteractionResponseChannelMessageWithSource,
			Data: newPost(Response{Private: true, Content: wentWrong})}); err != nil {
			b.log.Error("nor could that be said", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
		}
	default:
		b.log.Error("an interaction could not be answered", "guild", i.GuildID, "channel", i.ChannelID, "after", time.Since(i.Received).Round(time.Millisecond), "err", err)
	}
}

// inDoubt reports whether it can't be told if Discord took a first response: its time was over before Discord said so. Then what
// follows it is tried all the same, since a member would otherwise read "thinking..." for a quarter of an hour, or "shared" of what is not.
func (b *Bot) inDoubt(i *Interaction, err error) bool {
	if !errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	b.log.Warn("whether a first response was taken can't be told", "guild", i.GuildID, "channel", i.ChannelID, "after", time.Since(i.Received).Round(time.Millisecond), "err", err)
	return true
}

// deferral tells Discord that the answer comes later. It reports whether that was taken, or may have been.
func (b *Bot) deferral(ctx context.Context, i *Interaction, updates, private bool) bool {
	ctx, cancel := context.WithDeadline(ctx, i.Received.Add(firstWithin))
	defer cancel()
	a := answer{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	if updates && onMessage(i) {
		a.Type = discordgo.InteractionResponseDeferredMessageUpdate
	} else if private {
		a.Data = struct {
			Flags discordgo.MessageFlags `json:"flags"`
		}{discordgo.MessageFlagsEphemeral}
	}
	if _, err := b.rest.Respond(ctx, i, a); err != nil && !b.inDoubt(i, err) {
		b.unanswered(ctx, i, err)
		return false
	}
	return true
}

// settle shows the answer after a deferral.
func (b *Bot) settle(ctx context.Context, i *Interaction, r Response, updates, private bool) {
	updating := updates && onMessage(i) // the original is the message the button is on, else the one that says "thinking"
	if r.Action == Form || r.Action == Complete {
		b.log.Error("a form came too late to be opened", "form", r.CustomID)
		r = Response{Action: Reply, Private: true, Content: tooBusy}
	}
	note := b.answering(ctx, i, r, 0)
	var posted *Message
	var err error
	switch {
	case updating && r.Action == Silent:
	case updating && r.Action == Remove, !updating && r.Action == Silent:
		err = b.rest.DeleteOriginal(ctx, i)
	case !updating && r.Action == Remove:
		if err = b.rest.DeleteOriginal(ctx, i); i.Message != nil {
			err = b.rest.DeleteMessage(ctx, i.Message.ChannelID, i.Message.ID)
		}
	case updating && r.Action == Reply:
		posted, err = b.rest.Followup(ctx, i, newPost(r))
	case !updating && r.Action == Reply && r.Private != private:
		// Who sees the deferred message can't be changed, and the first followup would only fill it; so it goes.
		if err = b.rest.DeleteOriginal(ctx, i); err == nil {
			posted, err = b.rest.Followup(ctx, i, newPost(r))
		}
	default:
		posted, err = b.rest.EditOriginal(ctx, i, newPost(r))
	}
	note(posted, err)
	if err != nil {
		b.log.Error("a deferred answer could not be given", "guild", i.GuildID, "channel", i.ChannelID, "after", time.Since(i.Received).Round(time.Millisecond), "err", err)
		return
	}
	if r.Action == Remove && i.Message != nil {
		b.forget(ctx, i.Message.ID)
		posted = i.Message
	}
	b.sent(ctx, r, posted)
	b.also(ctx, i, r)
}

// also sends what comes after the first response.
func (b *Bot) also(ctx context.Context, i *Interaction, r Response) {
	for n, part := range r.Also {
		note := b.answering(ctx, i, part, n+1)
		posted, err := b.rest.Followup(ctx, i, newPost(part))
		note(posted, err)
		if err != nil {
			b.log.Error("a second message could not be sent", "guild", i.GuildID, "channel", i.ChannelID, "err", err)
			return
		}
		b.sent(ctx, part, posted)
	}
}

// sent tells whoever wants to know of a posted message.
func (b *Bot) sent(ctx context.Context, r Response, posted *Message) {
	if r.Sent != nil && posted != nil && posted.ID != "" {
		r.Sent(ctx, posted)
	}
}
