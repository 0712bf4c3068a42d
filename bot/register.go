package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/cenkalti/backoff/v5"
)

// register makes the bot's commands those that are registered, writing only when they differ: each writing makes members'
// clients fetch them anew, and new ones are rationed to 200 a day. Moderators' commands are registered in the home servers alone.
func (b *Bot) register(ctx context.Context) {
	app := b.me().appID
	b.registerIn(ctx, app, "", b.commands())
	for _, home := range b.opts.Homes {
		b.registerIn(ctx, app, home, moderatorCommands())
	}
}

// registerIn registers the commands of a server, or those there are everywhere where guildID is empty.
func (b *Bot) registerIn(ctx context.Context, app, guildID string, want []Command) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 5*time.Second, 10*time.Minute
	for {
		err := b.registerOnce(ctx, app, guildID, want)
		switch {
		case err == nil || ctx.Err() != nil:
			return
		case guildID != "" && (restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusNotFound):
			b.log.Error("moderators' commands can't be registered in a server named with --home: is the bot in it? Invite it with "+InviteLink(app)+" and start it again", "guild", guildID, "err", err)
			return
		case restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusUnauthorized:
			b.log.Error("the bot may not register its commands: is the token that of the application? mentions, replies and direct messages are answered all the same", "application", app, "err", err)
			return
		case restStatus(err) == http.StatusBadRequest:
			b.log.Error("Discord refuses the commands; those registered before stay; please report this", "err", err)
			return
		}
		pause := wait.NextBackOff()
		b.log.Warn("the commands could not be registered yet", "err", err, "again_in", pause.Round(time.Second))
		if !sleep(ctx, pause) {
			return
		}
	}
}

// registerOnce compares and writes.
func (b *Bot) registerOnce(ctx context.Context, app, guildID string, want []Command) error {
	have, err := b.rest.Commands(ctx, app, guildID)
	if err != nil && (guildID != "" || restStatus(err) != http.StatusNotFound) { // a test server may only know how to write them
		return err
	}
	if sameCommands(have, want) {
		b.log.Info("the commands are registered already", "commands", len(want), "guild", guildID)
		return nil
	}
	if err := b.rest.PutCommands(ctx, app, guildID, want); err != nil {
		return err
	}
	b.log.Info("registered the commands", "commands", len(want), "before", len(have), "guild", guildID)
	return nil
}

// sameCommands reports whether two lists of commands are the same to a member, in whatever order and with whatever
// defaults they are written.
func sameCommands(a, b []Command) bool {
	x, err := json.Marshal(normal(a))
	y, err2 := json.Marshal(normal(b))
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// normal sorts commands and writes their defaults out.
func normal(cs []Command) []Command {
	cs = slices.Clone(cs)
	for n := range cs {
		c := &cs[n]
		if c.Type == 0 {
			c.Type = discordgo.ChatApplicationCommand
		}
		c.Contexts = slices.Sorted(slices.Values(c.Contexts))
		c.IntegrationTypes = slices.Sorted(slices.Values(c.IntegrationTypes))
		if len(c.IntegrationTypes) == 0 {
			c.IntegrationTypes = []discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall}
		}
		c.NameLocalizations, c.DescriptionLocalizations = filled(c.NameLocalizations), filled(c.DescriptionLocalizations)
		c.Options = normalOptions(c.Options)
	}
	slices.SortFunc(cs, func(a, b Command) int {
		if a.Type != b.Type {
			return int(a.Type) - int(b.Type)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return cs
}

// normalOptions keeps the order, which members see.
func normalOptions(os []CommandOption) []CommandOption {
	os = slices.Clone(os)
	for n := range os {
		o := &os[n]
		o.NameLocalizations, o.DescriptionLocalizations = filled(o.NameLocalizations), filled(o.DescriptionLocalizations)
		o.Options = normalOptions(o.Options)
		o.Choices = slices.Clone(o.Choices)
		for k := range o.Choices {
			o.Choices[k].NameLocalizations = filled(o.Choices[k].NameLocalizations)
		}
	}
	return os
}

// filled drops empty texts.
func filled(m map[discordgo.Locale]string) map[discordgo.Locale]string {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(_ discordgo.Locale, s string) bool { return s == "" })
	return m
}
