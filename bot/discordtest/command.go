package discordtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A Command that the bot registered.
type Command struct {
	ID      string
	Name    string
	Type    int    // 1 slash, 2 user, 3 message
	GuildID string // empty: global

	def     obj // as Discord gives it back
	allowed map[string]bool
}

type budget struct {
	day time.Time
	n   int
}

// Commands returns what is registered, in order of registration.
func (s *Server) Commands() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Command
	for _, c := range s.commands {
		out = append(out, *c)
	}
	return out
}

// JSON is the command as Discord gives it back.
func (c Command) JSON() string {
	b, _ := json.MarshalIndent(c.def, "", "  ")
	return string(b)
}

// SetCommandPermission does what a guild's administrator can: let a user have a command or not, whatever its default permissions say.
func (s *Server) SetCommandPermission(command string, u *User, allow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.commands {
		if c.Name == command {
			c.allowed[u.ID] = allow
		}
	}
}

// scopeOf checks the application and guild of a commands path, and returns the guild's id.
func (s *Server) scopeOf(c *call) (string, *apiError) {
	if c.vals["application_id"] != s.bot.ID {
		return "", fail(403, 20012, "You are not authorized to perform this action on this application")
	}
	id := c.vals["guild_id"]
	if id == "" {
		return "", nil
	}
	if g := s.guildByID[id]; g == nil || !g.hasBot {
		return "", noAccess()
	}
	return id, nil
}

func (s *Server) inScope(guild string) []*Command {
	var out []*Command
	for _, c := range s.commands {
		if c.GuildID == guild {
			out = append(out, c)
		}
	}
	return out
}

func (s *Server) getCommands(c *call) (int, any, *apiError) {
	guild, ae := s.scopeOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	out := list{}
	full := c.r.URL.Query().Get("with_localizations") == "true"
	for _, cmd := range s.inScope(guild) {
		out = append(out, cmd.wire(full))
	}
	return 200, out, nil
}

// wire leaves the localisations out unless asked for, as Discord does.
func (c *Command) wire(full bool) obj {
	if full {
		return c.def
	}
	o := obj{}
	for k, v := range c.def {
		if k != "name_localizations" && k != "description_localizations" {
			o[k] = v
		}
	}
	return o
}

func (s *Server) putCommands(c *call) (int, any, *apiError) {
	guild, ae := s.scopeOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	var made []*Command
	out := list{}
	defs, _ := c.body.(list)
	for _, d := range defs {
		cmd, _, ae := s.upsert(guild, d.(obj), false)
		if ae != nil {
			return 0, nil, ae
		}
		made = append(made, cmd)
		out = append(out, cmd.def)
	}
	s.commands = slices.DeleteFunc(s.commands, func(cmd *Command) bool { return cmd.GuildID == guild && !slices.Contains(made, cmd) })
	return 200, out, nil
}

func (s *Server) postCommand(c *call) (int, any, *apiError) {
	guild, ae := s.scopeOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	cmd, fresh, ae := s.upsert(guild, c.obj(), true)
	if ae != nil {
		return 0, nil, ae
	}
	if fresh {
		return 201, cmd.def, nil
	}
	return 200, cmd.def, nil
}

// upsert registers a command, in place of the one of the same name and type if there is one (docs: interactions/application-commands). The number is limited where the
// command is added; of a full overwrite a rule has counted all.
func (s *Server) upsert(guild string, d obj, limit bool) (*Command, bool, *apiError) {
	kind := 1
	if d["type"] != nil {
		kind = number(d["type"])
	}
	name, _ := d["name"].(string)
	n := 0
	for _, cmd := range s.inScope(guild) {
		if cmd.Name == name && cmd.Type == kind {
			cmd.define(s, d)
			return cmd, false, nil
		}
		if cmd.Type == kind {
			n++
		}
	}
	most := 15
	if kind == 1 {
		most = 100
	}
	if limit && n >= most {
		return nil, false, fail(400, 30032, fmt.Sprintf("Maximum number of application commands reached (%d)", most))
	}
	b := s.created[guild]
	if b == nil || s.clock.Now().Sub(b.day) >= 24*time.Hour {
		b = &budget{day: s.clock.Now()}
		s.created[guild] = b
	}
	b.n++
	if b.n > 200 {
		return nil, false, fail(400, 30034, "Max number of daily application command creates has been reached (200)")
	}
	cmd := &Command{ID: s.newID(), Name: name, Type: kind, GuildID: guild, allowed: map[string]bool{}}
	cmd.define(s, d)
	s.commands = append(s.commands, cmd)
	return cmd, true, nil
}

// define sets what the bot said of the command, with Discord's defaults for the rest.
func (cmd *Command) define(s *Server, d obj) {
	def := obj{"id": cmd.ID, "application_id": s.bot.ID, "version": s.newID(), "type": cmd.Type, "name": cmd.Name, "description": "", "default_member_permissions": nil,
		"dm_permission": true, "nsfw": false, "name_localizations": nil, "description_localizations": nil, "contexts": nil, "integration_types": list{0}}
	if cmd.GuildID != "" {
		def["guild_id"] = cmd.GuildID
	}
	for k, v := range d {
		if v != nil && k != "id" && k != "version" && k != "application_id" && k != "guild_id" {
			def[k] = v
		}
	}
	if v := def["default_member_permissions"]; v != nil {
		def["default_member_permissions"] = fmt.Sprint(v)
	}
	cmd.def = def
}

func (s *Server) commandOf(c *call) (*Command, *apiError) {
	guild, ae := s.scopeOf(c)
	if ae != nil {
		return nil, ae
	}
	for _, cmd := range s.inScope(guild) {
		if cmd.ID == c.vals["command_id"] {
			return cmd, nil
		}
	}
	return nil, unknown(10063, "application command")
}

func (s *Server) getCommand(c *call) (int, any, *apiError) {
	cmd, ae := s.commandOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	return 200, cmd.def, nil
}

func (s *Server) patchCommand(c *call) (int, any, *apiError) {
	cmd, ae := s.commandOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	def := obj{}
	for k, v := range cmd.def {
		def[k] = v
	}
	for k, v := range c.obj() {
		def[k] = v
	}
	if n, ok := def["name"].(string); ok {
		cmd.Name = n
	}
	cmd.define(s, def)
	return 200, cmd.def, nil
}

func (s *Server) deleteCommand(c *call) (int, any, *apiError) {
	cmd, ae := s.commandOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	s.commands = slices.DeleteFunc(s.commands, func(o *Command) bool { return o == cmd })
	return 204, nil, nil
}

// command finds the command of that name and type that u can use in ch: a guild's own before a global one. The lock is held.
func (s *Server) command(u *User, ch *Channel, name string, kind int) (*Command, bool, error) {
	var found *Command
	for _, c := range s.commands {
		if c.Name == name && c.Type == kind && (c.GuildID == "" && found == nil || ch.guild != nil && c.GuildID == ch.guild.ID) {
			found = c
		}
	}
	if found == nil {
		var have []string
		for _, c := range s.commands {
			have = append(have, c.Name)
		}
		return nil, false, fmt.Errorf("discordtest: no command %q of type %d here; registered: %q", name, kind, have)
	}
	in := &interaction{s: s, user: u, ch: ch}
	here := in.context()
	if cs, ok := found.def["contexts"].(list); ok && !slices.ContainsFunc(cs, func(v any) bool { return number(v) == here }) {
		return nil, false, fmt.Errorf("discordtest: command %q is not for context %d", name, here)
	}
	types, _ := found.def["integration_types"].(list)
	has := func(t int) bool { return slices.ContainsFunc(types, func(v any) bool { return number(v) == t }) }
	server := has(0) && (ch.guild != nil && ch.guild.hasBot || here == 1)
	user := has(1) && u.installed
	if !server && !user {
		return nil, false, fmt.Errorf("discordtest: %s has no command %q here: the application is not installed for this place or user", u.Name, name)
	}
	if ch.guild != nil {
		p := ch.permissions(u)
		if !p.Has(ViewChannel | UseApplicationCommands) {
			return nil, false, fmt.Errorf("discordtest: %s may not use commands in %s", u.Name, ch.title())
		}
		want := Permissions(0)
		if v, ok := found.def["default_member_permissions"].(string); ok {
			n, _ := strconv.ParseUint(v, 10, 64)
			want = Permissions(n)
			if n == 0 {
				want = Administrator // docs: "0" is for administrators only
			}
		}
		ok := p.Has(want)
		if set, over := found.allowed[u.ID]; over && !p.Has(Administrator) {
			ok = set
		}
		if !ok {
			return nil, false, fmt.Errorf("discordtest: %s does not have the permissions that command %q asks for", u.Name, name)
		}
	}
	return found, !server, nil
}
