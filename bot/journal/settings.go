package journal

import (
	"context"
	"time"
)

// Settings are what a server's moderators set with /setup. The zero value is what holds before.
type Settings struct {
	GuildID    string    `json:"guild"`
	LogChannel string    `json:"log_channel,omitempty"` // where edits and refusals are told; empty: nowhere
	Role       string    `json:"role,omitempty"`        // whose members may edit facts, beside those with Manage Server
	Channels   []string  `json:"channels,omitempty"`    // where the bot answers; empty: everywhere
	Mode       Mode      `json:"mode,omitempty"`
	By         string    `json:"by,omitempty"`
	At         time.Time `json:"at,omitzero"`
	Reminded   time.Time `json:"reminded,omitzero"` // when moderators were last reminded of facts to review
}

// Mode says what the bot answers in a server.
type Mode string

// The modes.
const (
	Everything Mode = ""         // commands, mentions and replies
	Commands   Mode = "commands" // commands alone
	Off        Mode = "off"      // nothing but moderators' commands
)

// Settings returns a server's settings.
func (j *Journal) Settings(ctx context.Context, guildID string) (Settings, error) {
	s, _, err := j.settings.get(ctx, guildID)
	s.GuildID = guildID
	return s, err
}

// Set changes a server's settings with f, unless it returns false.
func (j *Journal) Set(ctx context.Context, guildID string, f func(*Settings) bool) (Settings, error) {
	return j.settings.update(ctx, guildID, func(s *Settings, _ bool) bool {
		s.GuildID = guildID
		return f(s)
	})
}

// AllSettings lists the settings of every server that has some.
func (j *Journal) AllSettings(ctx context.Context) ([]Settings, error) {
	return j.settings.list(ctx, ">")
}
