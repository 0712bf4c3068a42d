package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
)

// A setup is the panel that /setup shows a server's moderators: each menu on it changes one setting, which holds at once. What is only of use
// where facts are edited, the log channel and the moderators' role, is shown in home servers alone.
type setup struct {
	settings *settings
	homes    []string
	rest     *rest
	log      *slog.Logger
	now      func() time.Time
}

// The menus, as the argument of their route.
const (
	setMode     = "mode"
	setChannels = "in"
	setLog      = "log"
	setRole     = "role"
)

// maxSetChannels is how many channels can be named: as many as a menu takes.
const maxSetChannels = maxOptions

// show answers /setup.
func (s *setup) show(ctx context.Context, i *Interaction) Response {
	if why := s.may(i); why != "" {
		return Response{Action: Reply, Private: true, Content: why}
	}
	return s.panel(Reply, s.settings.of(ctx, i.GuildID), "")
}

// may returns why a member may not set up the bot, or nothing: they need Manage Server or Administrator, at that moment.
func (s *setup) may(i *Interaction) string {
	switch {
	case s.settings.journal == nil:
		return nothingKept
	case i.GuildID == "" || i.Member == nil || visiting(i):
		return setupElsewhere
	case i.Member.Permissions.Has(discordgo.PermissionManageGuild) || i.Member.Permissions.Has(discordgo.PermissionAdministrator):
		return ""
	}
	s.log.Warn("setting up the bot was refused", "user", i.User.ID, "guild", i.GuildID)
	return notManager
}

// change takes what was chosen in one of the menus.
func (s *setup) change(ctx context.Context, i *Interaction) Response {
	if why := s.may(i); why != "" {
		return Response{Action: Reply, Private: true, Content: why}
	}
	one := ""
	if len(i.Values) > 0 {
		one = i.Values[0]
	}
	what := args(i.CustomID, 1)[0]
	home := slices.Contains(s.homes, i.GuildID)
	word := ""
	set := func(f func(*journal.Settings)) Response {
		got, err := s.settings.set(ctx, i.GuildID, func(now *journal.Settings) bool {
			f(now)
			now.By, now.At = i.User.ID, s.now()
			return true
		})
		if err != nil {
			s.log.Error("a server's settings could not be kept", "guild", i.GuildID, "err", err)
			return Response{Action: Reply, Private: true, Content: speak(i.Locale).NotKept}
		}
		s.log.Info("set up", "guild", i.GuildID, "by", i.User.ID, "what", what)
		return s.panel(Update, got, word)
	}
	for _, id := range i.Values {
		if what != setMode && snowflake(id) == 0 { // not from our menu
			return Response{Action: Reply, Private: true, Content: speak(i.Locale).OldButton}
		}
	}
	switch {
	case what == setMode && slices.ContainsFunc(modes(journal.Everything), func(o menuOption) bool { return o.Value == one }):
		return set(func(now *journal.Settings) { now.Mode = modeOf(one) })
	case what == setChannels && len(i.Values) <= maxSetChannels:
		return set(func(now *journal.Settings) { now.Channels = i.Values })
	case what == setLog && home:
		if one != "" && one != s.settings.of(ctx, i.GuildID).LogChannel {
			if _, err := s.rest.CreateMessage(ctx, one, "", "", newPost(Response{Content: setupFirstLog})); err != nil {
				s.log.Info("a log channel was chosen that the bot can't write in", "guild", i.GuildID, "channel", one, "err", err)
				return s.panel(Update, s.settings.of(ctx, i.GuildID), fmt.Sprintf(setupNoLog, one))
			}
		}
		return set(func(now *journal.Settings) { now.LogChannel = one })
	case what == setRole && home:
		if one == i.GuildID {
			return s.panel(Update, s.settings.of(ctx, i.GuildID), setupEverybody)
		}
		return set(func(now *journal.Settings) { now.Role = one })
	}
	return Response{Action: Reply, Private: true, Content: speak(i.Locale).OldButton}
}

// modes are what the bot may answer, with the present one marked.
func modes(now journal.Mode) []menuOption {
	var all []menuOption
	for _, m := range []struct {
		mode              journal.Mode
		label, said, what string
	}{
		{journal.Everything, "everything", "Everything", "Commands, mentions and replies"},
		{journal.Commands, "commands", "Commands only", "No mentions, no replies"},
		{journal.Off, "off", "Off", "Nothing but what moderators do"},
	} {
		all = append(all, menuOption{Label: m.said, Value: m.label, Description: m.what, Default: m.mode == now})
	}
	return all
}

// modeOf is the mode of a menu's value.
func modeOf(value string) journal.Mode {
	if value == "everything" {
		return journal.Everything
	}
	return journal.Mode(value)
}

// panel shows the settings, and the menus to change them.
func (s *setup) panel(action Action, now journal.Settings, word string) Response {
	home := slices.Contains(s.homes, now.GuildID)
	var lines []string
	if word != "" {
		lines = append(lines, "⚠️ "+word)
	}
	all := modes(now.Mode)
	mode := all[slices.IndexFunc(all, func(o menuOption) bool { return o.Default })]
	where := "every channel"
	if len(now.Channels) > 0 {
		where = "<#" + strings.Join(now.Channels, ">, <#") + ">, and threads there"
	}
	lines = append(lines, "**How I work on this server**", "• I answer: "+strings.ToLower(mode.Label)+" ("+strings.ToLower(mode.Description[:1])+mode.Description[1:]+")", "• In: "+where)
	rows := []discordgo.MessageComponent{
		row(menu{CustomID: customID(routeSetup, setMode), Placeholder: "What I answer", Options: all}),
		row(entityMenu{Kind: discordgo.ChannelSelectMenu, CustomID: customID(routeSetup, setChannels), Placeholder: "Channels I answer in; none chosen: every one",
			MaxValues: maxSetChannels, ChannelTypes: answerable, Default: now.Channels}),
	}
	if home {
		log, role := "nowhere", "who has Manage Server"
		var logs, roles []string
		if now.LogChannel != "" {
			log, logs = "<#"+now.LogChannel+">", []string{now.LogChannel}
		}
		if now.Role != "" {
			role, roles = "<@&"+now.Role+">, and "+role, []string{now.Role}
		}
		lines = append(lines, "• Edits, refusals and reminders are told: "+log, "• The facts are edited by: "+role)
		rows = append(rows,
			row(entityMenu{Kind: discordgo.ChannelSelectMenu, CustomID: customID(routeSetup, setLog), Placeholder: "Log channel; none chosen: nowhere", MaxValues: 1, ChannelTypes: writable, Default: logs}),
			row(entityMenu{Kind: discordgo.RoleSelectMenu, CustomID: customID(routeSetup, setRole), Placeholder: "Role that may edit the facts; none chosen: no role", MaxValues: 1, Default: roles}))
	}
	last := "-# What you choose holds at once."
	if now.By != "" {
		last += fmt.Sprintf(" Last changed by <@%s>, <t:%d:R>.", now.By, now.At.Unix())
	}
	return Response{Action: action, Private: true, Content: strings.Join(append(lines, last), "\n"), Components: rows}
}

var (
	// answerable are the kinds of channels that members ask in, writable those to write a log in. Neither is ever changed.
	answerable = []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews, discordgo.ChannelTypeGuildVoice, discordgo.ChannelTypeGuildForum,
		discordgo.ChannelTypeGuildPublicThread, discordgo.ChannelTypeGuildPrivateThread}
	writable = []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews, discordgo.ChannelTypeGuildPublicThread, discordgo.ChannelTypeGuildPrivateThread}
)

// An entityMenu is a menu of channels or roles, in which none may be chosen as well. Discordgo's writes empty lists that Discord refuses.
type entityMenu struct {
	Kind         discordgo.SelectMenuType
	CustomID     string
	Placeholder  string
	MaxValues    int
	ChannelTypes []discordgo.ChannelType
	Default      []string // ids
}

// Type implements discordgo.MessageComponent.
func (m entityMenu) Type() discordgo.ComponentType { return discordgo.ComponentType(m.Kind) }

// MarshalJSON implements discordgo.MessageComponent.
func (m entityMenu) MarshalJSON() ([]byte, error) {
	type value struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	kind := "channel"
	if m.Kind == discordgo.RoleSelectMenu {
		kind = "role"
	}
	var values []value
	for _, id := range m.Default {
		values = append(values, value{id, kind})
	}
	return json.Marshal(struct {
		Type         discordgo.ComponentType `json:"type"`
		CustomID     string                  `json:"custom_id"`
		Placeholder  string                  `json:"placeholder,omitempty"`
		MinValues    int                     `json:"min_values"`
		MaxValues    int                     `json:"max_values"`
		ChannelTypes []discordgo.ChannelType `json:"channel_types,omitempty"`
		Default      []value                 `json:"default_values,omitempty"`
	}{m.Type(), m.CustomID, m.Placeholder, 0, m.MaxValues, m.ChannelTypes, values})
}
