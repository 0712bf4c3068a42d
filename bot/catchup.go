package bot

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A lost session takes with it what was said until the next one: the gateway replays only to who resumes. But a new session
// begins with every server's channels and the last message of each, so the bot can see where something was said meanwhile,
// and read it there. What it answered already it knows again by its id.

const (
	// caughtUpWithin is how old a question may be to be answered late; past it, an answer would only puzzle.
	caughtUpWithin = 10 * time.Minute
	// maxCaughtUp is how many channels are read in one server, and how many direct message channels are kept in mind.
	maxCaughtUp = 50
)

// heard remembers the last message of each server, and of each direct message channel that was used lately.
type heard struct {
	mu      sync.Mutex
	guilds  map[string]uint64 // the highest message id by guild
	before  map[string]uint64 // the same when the session began, till the guild has come
	direct  map[string]uint64 // by channel
	readies int
}

func newHeard() *heard { return &heard{guilds: map[string]uint64{}, direct: map[string]uint64{}} }

// message takes in one that was delivered.
func (h *heard) message(guildID, channelID, id string) {
	n := snowflake(id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if guildID != "" {
		h.guilds[guildID] = max(h.guilds[guildID], n)
		return
	}
	if _, known := h.direct[channelID]; !known && len(h.direct) >= maxCaughtUp {
		oldest := channelID
		least := n
		for c, last := range h.direct {
			if last < least {
				oldest, least = c, last
			}
		}
		delete(h.direct, oldest)
	}
	h.direct[channelID] = max(h.direct[channelID], n)
}

// An unheard is a channel in which something was said that the bot did not hear.
type unheard struct {
	guild, channel string
	after          uint64
}

// guild takes in the channels of a server, and gives those with messages since the last that was heard from it. The first time
// there are none.
func (h *heard) guild(id string, last map[string]uint64) []unheard {
	h.mu.Lock()
	defer h.mu.Unlock()
	newest, known := h.guilds[id]
	before, ok := h.before[id]
	if !ok {
		before = newest
	}
	delete(h.before, id)
	var missed []unheard
	for channel, n := range last {
		newest = max(newest, n)
		if known && n > before {
			missed = append(missed, unheard{id, channel, before})
		}
	}
	h.guilds[id] = newest
	// The channels with the newest messages first, should there be too many.
	slices.SortFunc(missed, func(a, b unheard) int {
		if last[a.channel] > last[b.channel] {
			return -1
		}
		return 1
	})
	return missed[:min(len(missed), maxCaughtUp)]
}

// ready takes in the beginning of a session, and gives the direct message channels that were in use before it.
func (h *heard) ready() []unheard {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readies++; h.readies == 1 {
		return nil
	}
	h.before = maps.Clone(h.guilds)
	var missed []unheard
	for c, n := range h.direct {
		missed = append(missed, unheard{"", c, n})
	}
	return missed
}

// snowflake gives the number of an id, which grows with time; 0 where it is none.
func snowflake(id string) uint64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// discordEpoch is the millisecond from which ids count.
const discordEpoch = 1420070400000

// atOrAfter gives the lowest id that can have been given at the time.
func atOrAfter(t time.Time) uint64 { return uint64(max(t.UnixMilli()-discordEpoch, 0)) << 22 }

// catchUp reads the channels with missed and handles what was said there, as if it had been delivered.
func (b *Bot) catchUp(ctx context.Context, missed []unheard) {
	if len(missed) == 0 || !b.begin() {
		return
	}
	go func() {
		defer b.end()
		oldest := atOrAfter(time.Now().Add(-caughtUpWithin))
		found := 0
		for _, g := range missed {
			if b.unread.is("", g.channel) || b.rest.limits.refused() > maxInvalid/4 {
				continue // Discord counts refusals, and there are better things to be refused
			}
			rctx, cancel := context.WithTimeout(ctx, sendWithin)
			list, err := b.rest.MessagesAfter(rctx, g.channel, strconv.FormatUint(max(g.after, oldest), 10))
			cancel()
			if err != nil {
				if restStatus(err) == http.StatusForbidden {
					b.unread.add("", g.channel) // it can't have been asked there either
				}
				b.log.Debug("what was said in a channel meanwhile could not be read", "channel", g.channel, "err", err)
				continue
			}
			for _, m := range slices.Backward(list) { // Discord gives the newest first
				m.GuildID = g.guild
				if snowflake(m.ID) > oldest && b.received(ctx, m, time.Now()) {
					found++
				}
			}
		}
		b.log.Info("read what was said while there was no session", "channels", len(missed), "messages", found)
	}()
}

// channelsOf reads which channels of a server, its threads included, hold which last message.
func channelsOf(guildCreate []byte) (id string, last map[string]uint64) {
	type channel struct {
		ID   string `json:"id"`
		Last string `json:"last_message_id"`
	}
	var g struct {
		ID       string            `json:"id"`
		Channels []json.RawMessage `json:"channels"`
		Threads  []json.RawMessage `json:"threads"`
	}
	if err := lenient(guildCreate, &g); err != nil {
		return "", nil
	}
	last = map[string]uint64{}
	for _, raw := range append(g.Channels, g.Threads...) {
		var c channel
		if lenient(raw, &c) == nil && c.ID != "" && c.Last != "" {
			last[c.ID] = snowflake(c.Last)
		}
	}
	return g.ID, last
}
