package bot

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A lost session takes with it what was said until the next one: the gateway replays only to who resumes. A process that ended, or was killed, was
// deaf till the next. But a new session begins with every server's channels and the last message of each, so the bot can see where something was
// said meanwhile, and read it there; direct message channels it looks into. What it answered already it knows again: in this process by the
// message's id, and from before by its own reply, which stands in the same channel.

const (
	// caughtUpWithin is how old a question may be to be answered late; past it, an answer would only puzzle.
	caughtUpWithin = 10 * time.Minute
	// maxCaughtUp is how many channels are read in one server.
	maxCaughtUp = 50
	// maxCatchUpPages is how many times a hundred messages are read in one channel.
	maxCatchUpPages = 10
)

// catchUp reads the channels with missed and handles what was said there, as if it had been delivered.
func (b *Bot) catchUp(ctx context.Context, missed []unheard) {
	if len(missed) == 0 || !b.begin() {
		return
	}
	go func() {
		defer b.end()
		oldest := atOrAfter(b.opts.Now().Add(-caughtUpWithin))
		found := 0
		for _, g := range missed {
			if b.unread.is("", g.channel) || b.rest.limits.refused() > maxInvalid/4 {
				continue // Discord counts refusals, and there are better things to be refused
			}
			if g.newest > 0 && g.newest < oldest {
				b.heard.read(g.channel, g.guild, g.newest) // nothing there is young enough
				continue
			}
			list, err := b.saidAfter(ctx, g.channel, max(g.after, oldest))
			if err != nil {
				if restStatus(err) == http.StatusForbidden || restStatus(err) == http.StatusNotFound {
					b.unread.add("", g.channel) // it can't have been asked there either
					b.heard.read(g.channel, g.guild, g.newest)
				}
				b.log.Debug("what was said in a channel meanwhile could not be read", "channel", g.channel, "err", err)
				continue
			}
			found += b.hearAgain(ctx, g, list)
		}
		b.log.Info("read what was said while there was no session", "channels", len(missed), "messages", found)
	}()
}

// saidAfter reads what was said in a channel after a message, the oldest first.
func (b *Bot) saidAfter(ctx context.Context, channelID string, after uint64) (all []*Message, err error) {
	for range maxCatchUpPages {
		rctx, cancel := context.WithTimeout(ctx, sendWithin)
		list, err := b.rest.MessagesAfter(rctx, channelID, strconv.FormatUint(after, 10))
		cancel()
		if err != nil {
			return all, err
		}
		from := after
		for _, m := range slices.Backward(list) { // Discord gives the newest first
			if id := snowflake(m.ID); id > from {
				all = append(all, m)
				after = max(after, id)
			}
		}
		if len(list) < 100 || after == from {
			break
		}
	}
	return all, nil
}

// hearAgain handles what was read in a channel, as if it had been delivered, but for what has the bot's answer. It gives how many messages that are.
func (b *Bot) hearAgain(ctx context.Context, g unheard, list []*Message) (found int) {
	self := b.me().userID
	answered := map[string]bool{}
	for _, m := range list {
		if m.Author.ID == self {
			answered[m.RepliesTo()] = true
		}
	}
	newest := g.newest
	for _, m := range list {
		newest = max(newest, snowflake(m.ID))
		if m.GuildID = g.guild; !answered[m.ID] && b.received(ctx, m, time.Now()) {
			found++
		}
	}
	b.heard.read(g.channel, g.guild, newest)
	return found
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
