package discordtest

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"
)

// The kinds of channel this server has (docs: resources/channel, "Channel Types").
const (
	ChannelText    = 0
	ChannelDM      = 1
	ChannelGroupDM = 3
	ChannelThread  = 11
)

// A User is somebody on this Discord: a member whom the test drives, another bot, or the bot under test itself.
type User struct {
	s      *Server
	ID     string // a snowflake
	Name   string
	Bot    bool
	locale string // guarded by Server.mu

	installed bool // the application is installed for this user
	closed    bool // the user takes no direct messages from members of the server; guarded by Server.mu
	webhook   bool
}

// A Guild is a server in the users' sense of the word.
type Guild struct {
	s    *Server
	ID   string
	Name string

	// All below is guarded by Server.mu.
	owner    *User
	hasBot   bool
	everyone *Role
	roles    []*Role
	channels []*Channel
	members  map[string]*member
	locale   string
}

type member struct {
	user   *User
	roles  []*Role
	joined time.Time
}

// A Role of a guild.
type Role struct {
	guild *Guild
	ID    string
	Name  string
	perms Permissions // guarded by Server.mu
	of    *User       // the bot whose own role it is; nil for others
}

// A Channel is where messages are: in a guild, a thread, or a direct message.
type Channel struct {
	s    *Server
	ID   string
	Name string
	Kind int

	// All below is guarded by Server.mu.
	guild      *Guild
	parent     *Channel // of a thread
	recipients []*User  // of a direct message
	overwrites map[string]overwrite
	messages   []*message
	byID       map[string]*message
}

// Home is the guild every user made by [Server.User] belongs to; the bot is in it.
func (s *Server) Home() *Guild { return s.home }

// General is the first channel of [Server.Home].
func (s *Server) General() *Channel { return s.general }

// BotUser is the bot under test.
func (s *Server) BotUser() *User { return s.bot }

// User returns the user of that name, made on first use as a member of the home guild.
func (s *Server) User(name string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.userNamed(name, false)
}

// Bot returns another bot of that name, made on first use as a member of the home guild. Its messages say that a bot wrote them.
func (s *Server) Bot(name string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.userNamed(name, true)
}

// Webhook returns the webhook of that name, made on first use; it may send messages in the home guild.
func (s *Server) Webhook(name string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Name == name && u.webhook {
			return u
		}
	}
	u := s.newUser(name, true)
	u.webhook = true
	s.home.add(u)
	return u
}

func (s *Server) userNamed(name string, bot bool) *User {
	for _, u := range s.users {
		if u.Name == name && u.Bot == bot && !u.webhook {
			return u
		}
	}
	u := s.newUser(name, bot)
	s.home.add(u)
	return u
}

func (s *Server) newUser(name string, bot bool) *User {
	u := &User{s: s, ID: s.newID(), Name: name, Bot: bot, locale: "en-US"}
	s.users = append(s.users, u)
	s.userByID[u.ID] = u
	return u
}

// Guild returns the guild of that name, made on first use with the bot in it. Nobody but the bot and the guild's owner belongs to a new guild.
func (s *Server) Guild(name string) *Guild { return s.guild(name, true) }

// GuildWithoutBot is Guild for a guild that has not installed the application; users that have may still use its commands there.
func (s *Server) GuildWithoutBot(name string) *Guild { return s.guild(name, false) }

func (s *Server) guild(name string, bot bool) *Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.guilds {
		if g.Name == name {
			return g
		}
	}
	g := s.newGuild(name, bot)
	if bot {
		s.dispatch("GUILD_CREATE", intentGuilds, g, nil, func(*session) any { return g.wireFull() })
	}
	return g
}

func (s *Server) newGuild(name string, bot bool) *Guild {
	g := &Guild{s: s, ID: s.newID(), Name: name, members: map[string]*member{}, locale: "en-US", hasBot: bot}
	g.everyone = &Role{guild: g, ID: g.ID, Name: "@everyone", perms: DefaultPermissions}
	g.roles = []*Role{g.everyone}
	g.owner = s.newUser("owner of "+name, false)
	g.add(g.owner)
	if bot {
		g.add(s.bot)
		r := &Role{guild: g, ID: s.newID(), Name: s.bot.Name, perms: s.opt.BotPermissions, of: s.bot}
		g.roles = append(g.roles, r)
		g.members[s.bot.ID].roles = []*Role{r}
	}
	s.guilds = append(s.guilds, g)
	s.guildByID[g.ID] = g
	return g
}

func (g *Guild) add(u *User) *member {
	m := g.members[u.ID]
	if m == nil {
		m = &member{user: u, joined: g.s.clock.Now()}
		g.members[u.ID] = m
	}
	return m
}

// Add makes u a member with these roles, besides those it has.
func (g *Guild) Add(u *User, roles ...*Role) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	m := g.add(u)
	m.roles = append(m.roles, roles...)
}

// Take takes roles from a member.
func (g *Guild) Take(u *User, roles ...*Role) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	if m := g.members[u.ID]; m != nil {
		m.roles = slices.DeleteFunc(m.roles, func(r *Role) bool { return slices.Contains(roles, r) })
	}
}

// RemoveBot takes the bot out of the guild, which is told with GUILD_DELETE.
func (g *Guild) RemoveBot() {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.dispatch("GUILD_DELETE", intentGuilds, g, nil, func(*session) any { return obj{"id": g.ID} })
	g.hasBot = false
	delete(g.members, g.s.bot.ID)
}

// SetLocale sets the guild's language, such as "de".
func (g *Guild) SetLocale(l string) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.locale = l
	g.s.dispatch("GUILD_UPDATE", intentGuilds, g, nil, func(*session) any { return g.wire() })
}

// Owner may do everything in the guild.
func (g *Guild) Owner() *User {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.owner
}

// Role returns the role of that name, made on first use with the permissions given.
func (g *Guild) Role(name string, p Permissions) *Role {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for _, r := range g.roles {
		if r.Name == name {
			return r
		}
	}
	r := &Role{guild: g, ID: g.s.newID(), Name: name, perms: p}
	g.roles = append(g.roles, r)
	g.s.dispatch("GUILD_ROLE_CREATE", intentGuilds, g, nil, func(*session) any { return obj{"guild_id": g.ID, "role": r.wire()} })
	return r
}

// Everyone is the role that all members have.
func (g *Guild) Everyone() *Role { return g.everyone }

// BotRole is the role that Discord made for the bot when it joined, named like it; nil where the bot is not in the guild.
func (g *Guild) BotRole() *Role {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for _, r := range g.roles {
		if r.of == g.s.bot {
			return r
		}
	}
	return nil
}

// Mention is how a message names the role.
func (r *Role) Mention() string { return "<@&" + r.ID + ">" }

// Grant adds permissions to the role in the whole guild.
func (r *Role) Grant(p Permissions) {
	r.guild.s.mu.Lock()
	defer r.guild.s.mu.Unlock()
	r.perms |= p
	r.changed()
}

// Revoke takes permissions from the role in the whole guild.
func (r *Role) Revoke(p Permissions) {
	r.guild.s.mu.Lock()
	defer r.guild.s.mu.Unlock()
	r.perms &^= p
	r.changed()
}

func (r *Role) changed() {
	r.guild.s.dispatch("GUILD_ROLE_UPDATE", intentGuilds, r.guild, nil, func(*session) any { return obj{"guild_id": r.guild.ID, "role": r.wire()} })
}

// Channel returns the text channel of that name, made on first use.
func (g *Guild) Channel(name string) *Channel {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for _, c := range g.channels {
		if c.Name == name {
			return c
		}
	}
	return g.newChannel(name, ChannelText, nil)
}

func (g *Guild) newChannel(name string, kind int, parent *Channel) *Channel {
	c := g.s.newChannel(name, kind)
	c.guild, c.parent = g, parent
	g.channels = append(g.channels, c)
	event := "CHANNEL_CREATE"
	if kind == ChannelThread {
		event = "THREAD_CREATE"
	}
	g.s.dispatch(event, intentGuilds, g, c, func(*session) any { return c.wire() })
	return c
}

func (s *Server) newChannel(name string, kind int) *Channel {
	c := &Channel{s: s, ID: s.newID(), Name: name, Kind: kind, overwrites: map[string]overwrite{}, byID: map[string]*message{}}
	s.channelByID[c.ID] = c
	return c
}

// Thread returns the public thread of that name in the channel, made on first use.
func (c *Channel) Thread(name string) *Channel {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	for _, t := range c.guild.channels {
		if t.parent == c && t.Name == name {
			return t
		}
	}
	return c.guild.newChannel(name, ChannelThread, c)
}

// Allow gives a *User or *Role permissions in this channel, whatever the guild says.
func (c *Channel) Allow(who any, p Permissions) { c.overwrite(who, p, 0) }

// Deny takes permissions from a *User or *Role in this channel, whatever the guild says.
func (c *Channel) Deny(who any, p Permissions) { c.overwrite(who, 0, p) }

func (c *Channel) overwrite(who any, allow, deny Permissions) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	var id string
	var user bool
	switch w := who.(type) {
	case *User:
		id, user = w.ID, true
	case *Role:
		id = w.ID
	default:
		panic(fmt.Sprintf("discordtest: overwrite for %T; want *User or *Role", who))
	}
	o := c.overwrites[id]
	o.user = user
	o.allow = o.allow&^deny | allow
	o.deny = o.deny&^allow | deny
	c.overwrites[id] = o
	c.s.dispatch("CHANNEL_UPDATE", intentGuilds, c.guild, c, func(*session) any { return c.wire() })
}

// SetLocale sets the language of the user's Discord, such as "de".
func (u *User) SetLocale(l string) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.locale = l
}

// Install installs the application for this user, who then has its commands everywhere.
func (u *User) Install() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.installed = true
}

// CloseDMs lets the user take no direct messages any more from who only shares a server with them.
func (u *User) CloseDMs() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.closed = true
}

// Mention is how a message names the user.
func (u *User) Mention() string { return "<@" + u.ID + ">" }

// DMChannel is the direct message channel of this user and the bot, opened on first use.
func (u *User) DMChannel() *Channel {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return u.s.dm(u, u.s.bot)
}

// PrivateChannel is the direct message channel of two users other than the bot, where only commands that a user installed work.
func (s *Server) PrivateChannel(a, b *User) *Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(a, b)
}

func (s *Server) dm(a, b *User) *Channel {
	for _, c := range s.dms {
		if (c.recipients[0] == a && c.recipients[1] == b) || (c.recipients[0] == b && c.recipients[1] == a) {
			return c
		}
	}
	c := s.newChannel("", ChannelDM)
	c.recipients = []*User{a, b}
	s.dms = append(s.dms, c)
	return c
}

// title is the channel's name in transcripts.
func (c *Channel) title() string {
	switch {
	case c.guild == nil:
		return "@" + c.recipients[0].Name + " & " + c.recipients[1].Name
	case c.parent != nil:
		return "#" + c.parent.Name + " > " + c.Name
	case c.guild != c.s.home:
		return c.guild.Name + " #" + c.Name
	}
	return "#" + c.Name
}

// sees reports whether u can read new messages in c. The lock is held.
func (c *Channel) sees(u *User) bool { return c.permissions(u).Has(ViewChannel) }

// obj and list are JSON as Go values.
type (
	obj  = map[string]any
	list = []any
)

func (u *User) wire() obj {
	return obj{"id": u.ID, "username": u.Name, "discriminator": "0", "global_name": nil, "avatar": nil, "bot": u.Bot, "public_flags": 0, "flags": 0,
		"banner": nil, "accent_color": nil, "primary_guild": nil}
}

func (m *member) wire() obj {
	ids := list{}
	for _, r := range m.roles {
		ids = append(ids, r.ID)
	}
	return obj{"roles": ids, "nick": nil, "avatar": nil, "banner": nil, "joined_at": stamp(m.joined), "premium_since": nil, "deaf": false, "mute": false, "flags": 0,
		"pending": false, "communication_disabled_until": nil}
}

func (m *member) wireFull() obj {
	o := m.wire()
	o["user"] = m.user.wire()
	return o
}

func (r *Role) wire() obj {
	pos := 0
	if r != r.guild.everyone {
		pos = 1
	}
	o := obj{"id": r.ID, "name": r.Name, "color": 0, "colors": obj{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil}, "hoist": false, "icon": nil,
		"unicode_emoji": nil, "position": pos, "permissions": strconv.FormatUint(uint64(r.perms), 10), "managed": r.of != nil, "mentionable": false, "flags": 0, "description": nil}
	if r.of != nil { // docs: topics/permissions, "Role Tags Structure"
		o["tags"] = obj{"bot_id": r.of.ID}
	}
	return o
}

func (c *Channel) wire() obj {
	o := obj{"id": c.ID, "type": c.Kind, "flags": 0, "last_message_id": nil}
	if n := len(c.messages); n > 0 {
		o["last_message_id"] = c.messages[n-1].id
	}
	if c.guild == nil {
		rs := list{}
		for _, r := range c.recipients {
			if r != c.s.bot {
				rs = append(rs, r.wire())
			}
		}
		o["recipients"] = rs
		return o
	}
	o["guild_id"], o["name"], o["parent_id"] = c.guild.ID, c.Name, nil
	if c.parent != nil {
		o["parent_id"] = c.parent.ID
		o["owner_id"] = c.guild.owner.ID
		o["message_count"], o["member_count"], o["total_message_sent"], o["rate_limit_per_user"] = len(c.messages), 1, len(c.messages), 0
		o["thread_metadata"] = obj{"archived": false, "auto_archive_duration": 1440, "archive_timestamp": stamp(c.s.clock.Now()), "locked": false}
		return o
	}
	o["position"], o["topic"], o["nsfw"], o["rate_limit_per_user"] = 0, nil, false, 0
	ows := list{}
	ids := make([]string, 0, len(c.overwrites))
	for id := range c.overwrites {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		ow := c.overwrites[id]
		kind := 0
		if ow.user {
			kind = 1
		}
		ows = append(ows, obj{"id": id, "type": kind, "allow": strconv.FormatUint(uint64(ow.allow), 10), "deny": strconv.FormatUint(uint64(ow.deny), 10)})
	}
	o["permission_overwrites"] = ows
	return o
}

// wire is the guild as GET /guilds/{id} has it.
func (g *Guild) wire() obj {
	roles := list{}
	for _, r := range g.roles {
		roles = append(roles, r.wire())
	}
	return obj{"id": g.ID, "name": g.Name, "icon": nil, "description": nil, "home_header": nil, "splash": nil, "discovery_splash": nil, "features": list{}, "banner": nil,
		"owner_id": g.owner.ID, "application_id": nil, "region": "deprecated", "afk_channel_id": nil, "afk_timeout": 300, "system_channel_id": nil, "system_channel_flags": 0,
		"widget_enabled": false, "widget_channel_id": nil, "verification_level": 0, "roles": roles, "default_message_notifications": 0, "mfa_level": 0, "explicit_content_filter": 0,
		"max_presences": nil, "max_members": 500000, "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": nil, "premium_tier": 0,
		"premium_subscription_count": 0, "preferred_locale": g.locale, "rules_channel_id": nil, "safety_alerts_channel_id": nil, "public_updates_channel_id": nil,
		"premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "emojis": list{}, "stickers": list{}, "incidents_data": nil}
}

// wireFull is the guild as GUILD_CREATE has it.
func (g *Guild) wireFull() obj {
	o := g.wire()
	o["joined_at"], o["large"], o["unavailable"], o["member_count"] = stamp(g.members[g.s.bot.ID].joined), false, false, len(g.members)
	channels, threads := list{}, list{}
	for _, c := range g.channels {
		if !c.sees(g.s.bot) {
			continue
		}
		if c.Kind == ChannelThread {
			threads = append(threads, c.wire())
		} else {
			channels = append(channels, c.wire())
		}
	}
	o["channels"], o["threads"] = channels, threads
	o["members"] = list{g.members[g.s.bot.ID].wireFull()}
	o["voice_states"], o["presences"], o["stage_instances"], o["guild_scheduled_events"], o["soundboard_sounds"] = list{}, list{}, list{}, list{}, list{}
	return o
}

// stamp is a time as Discord writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// epoch is the first instant of snowflakes (docs: reference, "Snowflakes").
var epoch = time.UnixMilli(1420070400000)

// newID makes a snowflake of the server's time, larger than any before. The lock is held.
func (s *Server) newID() string {
	id := uint64(s.clock.Now().Sub(epoch).Milliseconds()) << 22
	if id <= s.lastID {
		id = s.lastID + 1
	}
	s.lastID = id
	return strconv.FormatUint(id, 10)
}
