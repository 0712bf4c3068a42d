package bot

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"footnote/bot/journal"
)

// How far each channel was heard: the id of the last message up to which all were handled. What came after it, while there was no session or no process, is
// read when there is one again (catchup.go). With a journal the marks outlast the process; they hold no word of anybody's.

const (
	// maxDirect is how many direct message channels are kept in mind, those used last: each is a request when a session begins.
	maxDirect = 100
	// maxLines is how many channels are kept in mind, at some 150 bytes each, before those are forgotten in which nothing was said for a while: past
	// caughtUpWithin it makes no difference how far they were heard.
	maxLines = 50_000
	// keepEvery is the least time between two writes of the marks that moved. A process that is killed loses what it heard since the last, which is
	// then looked at once more.
	keepEvery = time.Second
	// loadWithin bounds the reading of the marks when the bot starts, and their last writing when it ends.
	loadWithin = 5 * time.Second
)

// heard is how far each channel was heard. It may be used from many goroutines.
type heard struct {
	mu       sync.Mutex
	channels map[string]*line
	newest   uint64            // the highest id of all
	swept    uint64            // what that was when quiet channels were last forgotten
	guilds   map[string]uint64 // of each server that was ever there: the last message in it when its channels were last told
	// before and guildsBefore are the same as the session began, till the server has come: what is heard in between says nothing of what was missed.
	before, guildsBefore map[string]uint64
	changed              map[string]bool // the channels and servers whose marks are to be kept
	woken                chan struct{}

	writing sync.Mutex // held while marks are written
}

// A line is a channel as it is heard.
type line struct {
	guild   string   // empty in direct messages
	user    string   // with whom, in direct messages
	last    uint64   // the highest id
	running []uint64 // ids of messages that are being handled, once for each time
}

// mark is the id up to which all is handled.
func (l *line) mark() uint64 {
	if len(l.running) == 0 {
		return l.last
	}
	return min(l.last, slices.Min(l.running)-1)
}

func newHeard() *heard {
	return &heard{channels: map[string]*line{}, guilds: map[string]uint64{}, before: map[string]uint64{}, guildsBefore: map[string]uint64{},
		changed: map[string]bool{}, woken: make(chan struct{}, 1)}
}

// line gives a channel's. The lock is held.
func (h *heard) line(channelID, guildID string) *line {
	l := h.channels[channelID]
	if l == nil {
		if len(h.channels) >= maxLines && h.newest > h.swept+quietFor {
			h.sweep()
		}
		l = &line{guild: guildID}
		h.channels[channelID] = l
		if guildID == "" {
			h.trim(channelID)
		}
	}
	return l
}

// quietFor is for how long nothing was said where a channel is forgotten, as ids count.
const quietFor = uint64(2*caughtUpWithin/time.Millisecond) << 22

// sweep forgets the channels in which nothing was said for a while. The lock is held.
func (h *heard) sweep() {
	h.swept = h.newest
	for id, l := range h.channels {
		if l.guild != "" && len(l.running) == 0 && l.last+quietFor < h.newest {
			delete(h.channels, id)
			delete(h.changed, id)
			delete(h.before, id)
		}
	}
}

// trim forgets the direct message channel that was used longest ago, other than the one named, where there are too many. The lock is held.
func (h *heard) trim(but string) {
	oldest, n := "", 0
	for id, l := range h.channels {
		if l.guild != "" {
			continue
		}
		n++
		if id != but && (oldest == "" || l.last < h.channels[oldest].last) {
			oldest = id
		}
	}
	if n > maxDirect {
		delete(h.channels, oldest)
		delete(h.changed, oldest)
	}
}

// moved notes that a mark is to be kept. The lock is held.
func (h *heard) moved(id string) {
	h.changed[id] = true
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// message takes in one that is about to be handled; done is called when it is. user is who wrote it, empty for a machine. It reports whether the
// message is the first in a direct message channel.
func (h *heard) message(guildID, channelID, user, id string) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if first = guildID == "" && h.channels[channelID] == nil; first && user == "" {
		return false // its member has not written, or had that forgotten
	}
	l := h.line(channelID, guildID)
	if n := snowflake(id); n > 0 {
		l.last, h.newest = max(l.last, n), max(h.newest, n)
		l.running = append(l.running, n)
	}
	if guildID == "" && user != "" {
		l.user = user
	}
	if first {
		h.moved(channelID)
	}
	return first
}

// done takes in that a message was handled.
func (h *heard) done(channelID, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.channels[channelID]
	if l == nil {
		return
	}
	if at := slices.Index(l.running, snowflake(id)); at >= 0 {
		l.running = slices.Delete(l.running, at, at+1)
	}
	h.moved(channelID)
}

// direct takes in that a direct message channel with a member is in use, at the time of the id.
func (h *heard) direct(user, channelID, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.line(channelID, "")
	l.user, l.last = user, max(l.last, snowflake(id))
	h.moved(channelID)
}

// directs counts the direct message channels in use with a member.
func (h *heard) directs(user string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.channels {
		if l.guild == "" && l.user == user {
			n++
		}
	}
	return n
}

// read takes in that a channel was read up to a message.
func (h *heard) read(channelID, guildID string, upTo uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.line(channelID, guildID)
	l.last = max(l.last, upTo)
	h.moved(channelID)
}

// An unheard is a channel in which something may have been said that the bot did not hear.
type unheard struct {
	guild, channel string
	after, newest  uint64 // newest: the last message there is, 0 where that is not known
}

// guild takes in the channels of a server, and gives those with messages that were not heard. In a server that was never there before, there are none.
func (h *heard) guild(id string, last map[string]uint64) []unheard {
	h.mu.Lock()
	defer h.mu.Unlock()
	sessionBegins := true
	of, known := h.guildsBefore[id]
	if !known {
		sessionBegins = false
		of, known = h.guilds[id]
	}
	newest := h.guilds[id]
	var missed []unheard
	for channel, n := range last {
		newest = max(newest, n)
		after, ok := h.before[channel]
		if l := h.channels[channel]; !sessionBegins && l != nil {
			after, ok = l.mark(), true
		}
		if !ok {
			after = of
		}
		delete(h.before, channel)
		l := h.line(channel, id)
		l.guild = id
		if known && n > after {
			missed = append(missed, unheard{id, channel, after, n})
			if l.last == 0 {
				l.last = after // until it is read
			}
			continue
		}
		if n > l.last {
			l.last = n
			h.moved(channel)
		}
	}
	delete(h.guildsBefore, id)
	h.guilds[id] = newest
	h.moved(id)
	// The channels with the newest messages first, should there be too many.
	slices.SortFunc(missed, func(a, b unheard) int { return cmp.Compare(b.newest, a.newest) })
	return missed[:min(len(missed), maxCaughtUp)]
}

// ready takes in the beginning of a session, and gives the direct message channels that were in use before it, those used last first.
func (h *heard) ready() []unheard {
	h.mu.Lock()
	defer h.mu.Unlock()
	var missed []unheard
	for id, l := range h.channels {
		if l.guild == "" {
			missed = append(missed, unheard{"", id, l.mark(), 0})
		} else if _, ok := h.before[id]; !ok { // else another shard's session began, and this server is still to come
			h.before[id] = l.mark()
		}
	}
	for id, n := range h.guilds {
		if _, ok := h.guildsBefore[id]; !ok {
			h.guildsBefore[id] = n
		}
	}
	slices.SortFunc(missed, func(a, b unheard) int { return cmp.Compare(b.after, a.after) })
	return missed
}

// load takes in what an earlier process heard.
func (h *heard) load(ctx context.Context, j *journal.Journal) error {
	ctx, cancel := context.WithTimeout(ctx, loadWithin)
	defer cancel()
	all, err := j.AllHeard(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range all {
		if k.ChannelID == "" {
			h.guilds[k.GuildID] = snowflake(k.Last)
			continue
		}
		l := h.line(k.ChannelID, k.GuildID)
		l.user, l.last = k.UserID, snowflake(k.Last)
	}
	return err
}

// keep writes the marks as they move, until ctx ends, and then once more.
func (h *heard) keep(ctx context.Context, j *journal.Journal, log *slog.Logger, failed func(string)) error {
	well := true
	write := func(ctx context.Context) {
		err := h.write(ctx, j)
		if err != nil {
			failed("heard")
		}
		if was := well; was != (err == nil) {
			if well = err == nil; well {
				log.Info("how far channels were heard is kept again")
			} else {
				log.Warn("how far channels were heard could not be kept: what is asked while the bot is away may be missed", "err", err)
			}
		}
	}
	for {
		select {
		case <-h.woken:
			write(ctx)
			sleep(ctx, keepEvery)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadWithin)
			defer cancel()
			write(last)
			return nil
		}
	}
}

// write writes the marks that moved.
func (h *heard) write(ctx context.Context, j *journal.Journal) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	var all []journal.Heard
	for id := range h.changed {
		if l := h.channels[id]; l != nil && (l.guild != "" || l.user != "") {
			all = append(all, journal.Heard{ChannelID: id, GuildID: l.guild, UserID: l.user, Last: strconv.FormatUint(l.mark(), 10)})
		} else if n, ok := h.guilds[id]; ok {
			all = append(all, journal.Heard{GuildID: id, Last: strconv.FormatUint(n, 10)})
		}
	}
	clear(h.changed)
	h.mu.Unlock()
	for n, k := range all {
		if err := j.Hear(ctx, k); err != nil {
			h.mu.Lock()
			for _, k := range all[n:] {
				h.moved(cmp.Or(k.ChannelID, k.GuildID))
			}
			h.mu.Unlock()
			return err
		}
	}
	return nil
}

// forget forgets the direct message channels with a member, and runs what deletes them in the journal, with no mark written meanwhile.
func (h *heard) forget(user string, kept func() error) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	for id, l := range h.channels {
		if l.guild == "" && l.user == user {
			delete(h.channels, id)
			delete(h.changed, id)
		}
	}
	h.mu.Unlock()
	return kept()
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
