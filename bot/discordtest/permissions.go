package discordtest

// Permissions is a set of Discord's permission bits (docs: topics/permissions).
type Permissions uint64

// The bits that this server looks at.
const (
	Administrator          Permissions = 1 << 3
	ManageChannels         Permissions = 1 << 4
	ManageGuild            Permissions = 1 << 5
	AddReactions           Permissions = 1 << 6
	ViewChannel            Permissions = 1 << 10
	SendMessages           Permissions = 1 << 11
	ManageMessages         Permissions = 1 << 13
	EmbedLinks             Permissions = 1 << 14
	AttachFiles            Permissions = 1 << 15
	ReadMessageHistory     Permissions = 1 << 16
	MentionEveryone        Permissions = 1 << 17
	ManageRoles            Permissions = 1 << 28
	UseApplicationCommands Permissions = 1 << 31
	CreatePublicThreads    Permissions = 1 << 35
	SendMessagesInThreads  Permissions = 1 << 38
	UseExternalApps        Permissions = 1 << 50

	allPermissions Permissions = 1<<53 - 1
)

// DefaultPermissions is what @everyone may do in a new guild.
const DefaultPermissions = AddReactions | ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadMessageHistory |
	UseApplicationCommands | CreatePublicThreads | SendMessagesInThreads | UseExternalApps

// dmPermissions is what everybody may do in a direct message, where roles mean nothing.
const dmPermissions = DefaultPermissions | MentionEveryone

// Has reports whether every bit of want is set.
func (p Permissions) Has(want Permissions) bool { return p&want == want }

type overwrite struct {
	user        bool // else a role
	allow, deny Permissions
}

// permissions computes what u may do in c, as topics/permissions "Permission Overwrites" does: @everyone, then roles together, then the member.
// The lock is held.
func (c *Channel) permissions(u *User) Permissions {
	if c.guild == nil {
		for _, r := range c.recipients {
			if r == u {
				return dmPermissions
			}
		}
		return 0
	}
	g := c.guild
	p := g.permissions(u)
	if p.Has(Administrator) {
		return allPermissions
	}
	m := g.members[u.ID]
	if m == nil {
		return 0
	}
	over := c
	if c.parent != nil { // a thread has its parent's overwrites
		over = c.parent
	}
	if o, ok := over.overwrites[g.ID]; ok {
		p = p&^o.deny | o.allow
	}
	var allow, deny Permissions
	for _, r := range m.roles {
		o := over.overwrites[r.ID]
		allow |= o.allow
		deny |= o.deny
	}
	p = p&^deny | allow
	if o, ok := over.overwrites[u.ID]; ok {
		p = p&^o.deny | o.allow
	}
	if !p.Has(ViewChannel) { // implicit: who cannot see a channel can do nothing in it
		return 0
	}
	if c.parent != nil {
		if p.Has(SendMessagesInThreads) {
			p |= SendMessages
		} else {
			p &^= SendMessages
		}
	}
	if !p.Has(SendMessages) {
		p &^= MentionEveryone | EmbedLinks | AttachFiles
	}
	return p
}

// permissions computes what u may do in the guild as a whole. The lock is held.
func (g *Guild) permissions(u *User) Permissions {
	m := g.members[u.ID]
	if m == nil {
		return 0
	}
	if g.owner == u {
		return allPermissions
	}
	p := g.everyone.perms
	for _, r := range m.roles {
		p |= r.perms
	}
	if p.Has(Administrator) {
		return allPermissions
	}
	return p
}
