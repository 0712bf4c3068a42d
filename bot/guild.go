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

// checkGuild tells the operator, once for each connection to a server, which permissions the bot lacks in all of it. What
// single channels deny shows when they are asked in.
func (b *Bot) checkGuild(data []byte) {
	var g struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Unavailable bool   `json:"unavailable"`
		OwnerID     string `json:"owner_id"`
		Locale      string `json:"preferred_locale"`
		Roles       []struct {
			ID          string `json:"id"`
			Permissions Bits   `json:"permissions"`
		} `json:"roles"`
		Members []Member `json:"members"`
	}
	if err := lenient(data, &g); err != nil || g.Unavailable || len(g.Roles) == 0 {
		return
	}
	b.locales.Store(g.ID, g.Locale)
	me := b.me()
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
