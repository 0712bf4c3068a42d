package bot

import (
	"strings"

	"github.com/bwmarrin/discordgo"
)

// needs are the permissions the bot misses when they are not there, by the names the operator sees in Discord.
var needs = [...]struct {
	bit  int64
	name string
}{
	{discordgo.PermissionViewChannel, "View Channels"},
	{discordgo.PermissionSendMessages, "Send Messages"},
	{discordgo.PermissionSendMessagesInThreads, "Send Messages in Threads"},
	{discordgo.PermissionReadMessageHistory, "Read Message History"},
}

// A role is what the bot uses of one.
type role struct {
	ID          string `json:"id"`
	Permissions Bits   `json:"permissions"`
	Tags        struct {
		BotID string `json:"bot_id"` // the bot that Discord made the role for
	} `json:"tags"`
}

// checkGuild tells the operator, once for each connection to a server, which permissions the bot lacks in all of it. What
// single channels deny shows when they are asked in.
func (b *Bot) checkGuild(data []byte) {
	var g struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		Unavailable bool     `json:"unavailable"`
		OwnerID     string   `json:"owner_id"`
		Locale      string   `json:"preferred_locale"`
		Roles       []role   `json:"roles"`
		Members     []Member `json:"members"`
	}
	if err := lenient(data, &g); err != nil || g.Unavailable || len(g.Roles) == 0 {
		return
	}
	b.locales.Store(g.ID, g.Locale)
	me := b.me()
	for _, r := range g.Roles {
		b.tookRole(g.ID, r)
	}
	var roles []string
	found := false
	for _, m := range g.Members {
		if m.User != nil && m.User.ID == me.userID {
			roles, found = m.Roles, true
		}
	}
	if !found || me.userID == "" || g.OwnerID == me.userID {
		return
	}
	var have Bits
	for _, r := range g.Roles {
		if r.ID == g.ID { // everyone's
			have |= r.Permissions
		}
		for _, id := range roles {
			if r.ID == id {
				have |= r.Permissions
			}
		}
	}
	if missing := lacking(have); missing != "" {
		b.log.Warn("the bot lacks permissions in a server: give them to its role, or invite it again with: "+InviteLink(me.appID),
			"guild", g.ID, "name", g.Name, "missing", missing)
	}
}

// lacking names the permissions that are missing.
func lacking(have Bits) string {
	if have.Has(discordgo.PermissionAdministrator) {
		return ""
	}
	var names []string
	for _, n := range needs {
		if !have.Has(n.bit) {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// guildLocale is a server's language, such as "de", or "" where it is not known.
func (b *Bot) guildLocale(guildID string) string {
	l, _ := b.locales.Load(guildID)
	s, _ := l.(string)
	return s
}

// tookRole takes in a role of a server: Discord makes one for each bot there, of its name, and members who type that name mention the role as
// easily as the bot.
func (b *Bot) tookRole(guildID string, r role) {
	if me := b.me().userID; me != "" && r.Tags.BotID == me {
		b.roles.Store(guildID, r.ID)
	}
}

// roleChanged takes in the event of a role that was made or changed.
func (b *Bot) roleChanged(data []byte) {
	var e struct {
		GuildID string `json:"guild_id"`
		Role    role   `json:"role"`
	}
	if lenient(data, &e) == nil && e.GuildID != "" {
		b.tookRole(e.GuildID, e.Role)
	}
}

// ownRole is the id of the bot's own role in a server, or "" where it has none.
func (b *Bot) ownRole(guildID string) string {
	r, _ := b.roles.Load(guildID)
	s, _ := r.(string)
	return s
}
