package journal

import "context"

// A Heard is how far a channel was heard: the last message up to which all were handled. It holds no word, and of a member only with whom a direct
// message channel is.
type Heard struct {
	ChannelID string `json:"channel,omitempty"` // empty: a server as a whole, for the channels that nothing is kept of
	GuildID   string `json:"guild,omitempty"`   // empty in direct messages
	UserID    string `json:"user,omitempty"`    // with whom, in direct messages
	Last      string `json:"last"`              // the message's id
}

// Hear keeps how far a channel, or a server, was heard.
func (j *Journal) Hear(ctx context.Context, h Heard) error {
	key := h.ChannelID
	if key == "" {
		key = h.GuildID
	}
	return j.heard.put(ctx, key, h)
}

// AllHeard lists how far each channel was heard, the least lately written first.
func (j *Journal) AllHeard(ctx context.Context) ([]Heard, error) { return j.heard.list(ctx, ">") }
