package discordtest

import "strconv"

func (s *Server) getMe(*call) (int, any, *apiError) {
	o := s.bot.wire()
	o["verified"], o["mfa_enabled"], o["email"], o["locale"] = true, true, nil, "en-US"
	return 200, o, nil
}

func (s *Server) getUser(c *call) (int, any, *apiError) {
	u := s.userByID[c.vals["user_id"]]
	if u == nil {
		return 0, nil, unknown(10013, "User")
	}
	return 200, u.wire(), nil
}

func (s *Server) getMyGuilds(*call) (int, any, *apiError) {
	out := list{}
	for _, g := range s.guilds {
		if g.hasBot {
			out = append(out, obj{"id": g.ID, "name": g.Name, "icon": nil, "banner": nil, "owner": false, "permissions": bits(g.permissions(s.bot)), "features": list{}})
		}
	}
	return 200, out, nil
}

func (s *Server) getApplication(*call) (int, any, *apiError) {
	return 200, s.application(), nil
}

func (s *Server) application() obj {
	owner := s.home.owner.wire()
	return obj{"id": s.bot.ID, "name": s.bot.Name, "icon": nil, "description": "", "type": nil, "summary": "", "bot": s.bot.wire(), "bot_public": true, "bot_require_code_grant": false, "verify_key": "00",
		"flags": s.applicationFlags(), "flags_new": strconv.Itoa(s.applicationFlags()), "eligible_oauth2_scopes": list{"bot", "applications.commands"}, "hook": true, "owner": owner, "team": nil, "approximate_guild_count": len(s.guilds), "approximate_user_install_count": 0,
		"approximate_user_authorization_count": 0, "redirect_uris": list{}, "interactions_endpoint_url": nil, "role_connections_verification_url": nil,
		"explicit_content_filter": 0, "integration_types_config": obj{"0": obj{}, "1": obj{}}}
}

func (s *Server) getAuthorization(*call) (int, any, *apiError) {
	return 200, obj{"application": s.application(), "scopes": list{}, "expires": stamp(s.clock.Now().AddDate(0, 0, 7))}, nil
}

// guildOf finds the guild of a path, if the bot is in it.
func (s *Server) guildOf(c *call) (*Guild, *apiError) {
	g := s.guildByID[c.vals["guild_id"]]
	if g == nil {
		return nil, unknown(10004, "Guild")
	}
	if !g.hasBot {
		return nil, noAccess()
	}
	return g, nil
}

func (s *Server) getGuild(c *call) (int, any, *apiError) {
	g, ae := s.guildOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	return 200, g.wire(), nil
}

func (s *Server) getGuildChannels(c *call) (int, any, *apiError) {
	g, ae := s.guildOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	out := list{}
	for _, ch := range g.channels {
		if ch.Kind != ChannelThread {
			out = append(out, ch.wire())
		}
	}
	return 200, out, nil
}

func (s *Server) getGuildRoles(c *call) (int, any, *apiError) {
	g, ae := s.guildOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	out := list{}
	for _, r := range g.roles {
		out = append(out, r.wire())
	}
	return 200, out, nil
}

func (s *Server) getMember(c *call) (int, any, *apiError) {
	g, ae := s.guildOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	m := g.members[c.vals["user_id"]]
	if m == nil {
		if s.userByID[c.vals["user_id"]] == nil {
			return 0, nil, unknown(10013, "User")
		}
		return 0, nil, unknown(10007, "Member")
	}
	return 200, m.wireFull(), nil
}

// channelOf finds the channel of a path, if the bot may do all of want in it.
func (s *Server) channelOf(c *call, want Permissions) (*Channel, *apiError) {
	ch := s.channelByID[c.vals["channel_id"]]
	if ch == nil {
		return nil, unknown(10003, "Channel")
	}
	p := ch.permissions(s.bot)
	if ch.guild != nil && !ch.guild.hasBot || !p.Has(ViewChannel) {
		return nil, noAccess()
	}
	if !p.Has(want) {
		return nil, noPermission()
	}
	return ch, nil
}

func (s *Server) getChannel(c *call) (int, any, *apiError) {
	ch, ae := s.channelOf(c, 0)
	if ae != nil {
		return 0, nil, ae
	}
	return 200, ch.wire(), nil
}

func (s *Server) postDM(c *call) (int, any, *apiError) {
	id, _ := c.obj()["recipient_id"].(string)
	u := s.userByID[id]
	switch {
	case u == nil:
		return 0, nil, unknown(10013, "User")
	case u == s.bot:
		return 0, nil, fail(400, 50007, "Cannot send messages to this user")
	}
	return 200, s.dm(u, s.bot).wire(), nil
}

func (s *Server) postTyping(c *call) (int, any, *apiError) {
	ch, ae := s.channelOf(c, SendMessages)
	if ae != nil {
		return 0, nil, ae
	}
	s.typing[ch.ID]++
	s.changed.tell()
	return 204, nil, nil
}

// Typing counts how often the bot showed that it types in the channel.
func (s *Server) Typing(c *Channel) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typing[c.ID]
}
