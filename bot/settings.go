package bot

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"footnote/bot/journal"
)

// settings are what servers' moderators set with /setup, at hand in memory: they are looked at with every message.
type settings struct {
	journal *journal.Journal // nil: no server has any
	mirror  *journal.Mirror[journal.Settings]
	parent  func(ctx context.Context, channelID string) (string, error) // of a thread; "" where it is none
	metrics *metrics
	log     *slog.Logger

	mu      sync.Mutex
	parents map[string]string // of channels that were asked for
}

// maxParents is how many channels it is kept of whether they are threads, at some 100 bytes each. Then it is begun anew.
const maxParents = 10_000

func newSettings(b *Bot) *settings {
	s := &settings{journal: b.opts.Journal, parent: b.rest.ChannelParent, metrics: b.metrics, log: b.log, parents: map[string]string{}}
	if s.journal != nil {
		s.mirror = s.journal.MirrorSettings()
	}
	return s
}

// of returns a server's settings. Where the journal can't be read they are those that hold before anything is set.
func (s *settings) of(ctx context.Context, guildID string) journal.Settings {
	if s == nil || s.journal == nil || guildID == "" {
		return journal.Settings{GuildID: guildID}
	}
	ctx, cancel := context.WithTimeout(ctx, journalWithin)
	defer cancel()
	got, _, err := s.mirror.Get(ctx, guildID)
	if err != nil {
		s.metrics.journalFailed("settings")
		s.log.Error("a server's settings could not be read; it is answered as if it had none", "guild", guildID, "err", err)
	}
	got.GuildID = guildID
	return got
}

// set changes a server's settings. They hold at once.
func (s *settings) set(ctx context.Context, guildID string, f func(*journal.Settings) bool) (journal.Settings, error) {
	got, err := s.journal.Set(ctx, guildID, f)
	if err == nil {
		err = s.mirror.Refresh(ctx, guildID)
	}
	return got, err
}

// answersIn reports whether the bot answers anything in a channel, which a thread does where the channel it hangs on does.
func (s *settings) answersIn(ctx context.Context, guildID, channelID string) bool {
	of := s.of(ctx, guildID)
	return of.Mode != journal.Off && s.allows(ctx, of, channelID)
}

// allows reports whether a channel, or the one that a thread hangs on, is among those the bot answers in.
func (s *settings) allows(ctx context.Context, of journal.Settings, channelID string) bool {
	if len(of.Channels) == 0 || slices.Contains(of.Channels, channelID) {
		return true
	}
	s.mu.Lock()
	parent, known := s.parents[channelID]
	s.mu.Unlock()
	if !known {
		var err error
		if parent, err = s.parent(ctx, channelID); err != nil {
			return false // it is none that was named
		}
		s.mu.Lock()
		if len(s.parents) >= maxParents {
			clear(s.parents)
		}
		s.parents[channelID] = parent
		s.mu.Unlock()
	}
	return parent != "" && slices.Contains(of.Channels, parent)
}

// obeying lets a route do only what the server's moderators have set: elsewhere a private line says why not.
func (d *desk) obeying(r Route) Route {
	handle, complete := r.Handle, r.Complete
	r.Handle = func(ctx context.Context, i *Interaction) Response {
		if why := d.off(ctx, i); why != "" {
			return Response{Action: Reply, Private: true, Content: why}
		}
		return handle(ctx, i)
	}
	if complete != nil {
		r.Complete = func(ctx context.Context, i *Interaction) Response {
			if d.off(ctx, i) != "" {
				return Response{Action: Complete}
			}
			return complete(ctx, i)
		}
	}
	return r
}

// off returns why a member is not served where they are, or nothing where they are.
func (d *desk) off(ctx context.Context, i *Interaction) string {
	if i.GuildID == "" || visiting(i) {
		return ""
	}
	switch s := d.settings.of(ctx, i.GuildID); {
	case s.Mode == journal.Off:
		return d.speakTo(i).OffServer
	case !d.settings.allows(ctx, s, i.ChannelID):
		return d.speakTo(i).OffHere
	}
	return ""
}

// hears reports whether messages, as opposed to commands, are answered where one was written.
func (d *desk) hears(ctx context.Context, m *Message) bool {
	s := d.settings.of(ctx, m.GuildID)
	return s.Mode == journal.Everything && d.settings.allows(ctx, s, m.ChannelID)
}
