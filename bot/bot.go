package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// How much is done at once, and how long is waited for it.
const (
	// maxRunning is how many handlers run at once. They only compute, so a few for each processor keep it busy.
	maxRunning = 32
	// maxWaiting is how many events may wait or run; more are dropped and counted. It holds several bursts of a
	// thousand, at some kilobytes each.
	maxWaiting = 10_000
	// deferAfter is when an answer that is not there yet is deferred. Discord wants the first response within 3 seconds of
	// its own sending the event; this leaves a second for the request's own way, and its repeat.
	deferAfter = 1500 * time.Millisecond
	// swampedAt is how many events must be waiting or running for the bot to defer first and think afterwards: then thinking takes
	// its time, events reach the bot late as well, and a first response that comes too late is an answer lost.
	swampedAt = 4 * maxRunning
	// answerWithin is the longest a handler may take. An interaction's token lasts 15 minutes, but nobody waits that long.
	answerWithin = 30 * time.Second
	// completeWithin is how long completions are of any use.
	completeWithin = 2 * time.Second
	// drainWithin is how long answers that are being given may take once the bot is told to end.
	drainWithin = 5 * time.Second
)

// Options are what a Bot can do without.
type Options struct {
	// Discord is the base of the API where it isn't Discord's own: http://127.0.0.1:8080, with or without /api or /api/v10.
	// The gateway is where its GET /gateway says.
	Discord string
	// Facts is the folder that the base was opened from, watched for changes; empty where there is none.
	Facts string
	// Folder is where facts are written when moderators edit them from chat; nil where they can't be: the built-in facts.
	Folder *knowledge.Folder
	// Journal keeps what must be remembered; without one nothing is: no gaps, no edits from chat, no answers that correct themselves.
	Journal *journal.Journal
	// Homes are the ids of the servers whose moderators may edit the facts.
	Homes []string
	// Problems are what opening the base found.
	Problems []knowledge.Problem
	// Listen is the address, such as 127.0.0.1:9090, that serves /healthz, /readyz and /metrics; empty for none.
	Listen string
	// Log takes what the operator should read; nil for nothing.
	Log *slog.Logger
	// Transport and Dial replace the network in tests.
	Transport http.RoundTripper
	Dial      func(ctx context.Context, network, addr string) (net.Conn, error)
	// Now replaces the clock in tests.
	Now func() time.Time
}

// A Bot answers on Discord from a base of facts. Make one with [New]; it runs once.
type Bot struct {
	base     *knowledge.Base
	token    string
	opts     Options
	log      *slog.Logger
	rest     *rest
	metrics  *metrics
	health   *health
	handlers Handlers
	seen     *seen
	heard    *heard
	slots    chan struct{} // one for each running handler
	self     atomic.Pointer[identity]
	ready    atomic.Int32 // shards that are connected
	shards   atomic.Int32 // shards there are; 0 before it is known
	denied   *denials     // channels where the bot may not write
	unread   *denials     // channels that it may not read
	unsigned *denials     // channels where it may not put reactions
	closed   *denials     // members who take no direct messages
	locales  sync.Map     // a server's id to its language; as many as there are servers
	roles    sync.Map     // a server's id to that of the bot's own role there
	settings *settings
	gaps     *gaps        // nil without a journal
	tally    *tally       // likewise
	living   *living      // likewise
	step     func(string) // told of each step of what must survive a crash, where tests end the process; nil elsewhere

	moderators *moderation

	mu       sync.Mutex
	draining bool
	busy     sync.WaitGroup
	waiting  int
}

// An identity is who the bot is on Discord.
type identity struct {
	userID, appID, name string
}

// New makes a bot that answers from the base, with the token of a Discord application.
func New(base *knowledge.Base, token string, o Options) (*Bot, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = slog.New(redact(log.Handler(), token))
	m := newMetrics()
	r, err := newREST(o.Discord, token, o.Transport, log, m)
	if err != nil {
		return nil, err
	}
	if o.Dial == nil {
		d := &net.Dialer{Timeout: dialWithin, KeepAlive: 30 * time.Second}
		o.Dial = d.DialContext
	}
	b := &Bot{base: base, token: token, opts: o, log: log, rest: r, metrics: m,
		seen: newSeen(8192), denied: newDenials(), unread: newDenials(), unsigned: newDenials(), closed: newDenials(), heard: newHeard(), slots: make(chan struct{}, maxRunning)}
	if b.opts.Now == nil {
		b.opts.Now = time.Now
	}
	b.health = &health{clock: b.opts.Now}
	if base != nil {
		b.health.kernels = base.Kernels()
	}
	b.settings = newSettings(b)
	if o.Journal != nil {
		m.keeping(func() bool { _, err := b.notKeeping(); return err == nil })
		b.gaps, b.tally = newGaps(b, b.settings, b.opts.Now), newTally(b, b.opts.Now)
		b.living = newLiving(b)
		b.gaps.posted = b.living.kick
	}
	b.handlers = b.routes(b.opts.Now)
	return b, nil
}

// at tells of a step of what must survive a crash.
func (b *Bot) at(step string) {
	if b.step != nil {
		b.step(step)
	}
}

// begin reports whether a new event may be handled; each true needs one end.
func (b *Bot) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draining {
		return false
	}
	if b.waiting >= maxWaiting {
		b.metrics.shed.Inc()
		return false
	}
	b.waiting++
	b.metrics.running.Set(float64(b.waiting))
	b.busy.Add(1)
	return true
}

// swamped reports whether so much is waiting that an answer may come too late.
func (b *Bot) swamped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting > swampedAt
}

// end is called when an event that began is done.
func (b *Bot) end() {
	b.mu.Lock()
	b.waiting--
	b.metrics.running.Set(float64(b.waiting))
	b.mu.Unlock()
	b.busy.Done()
}

// drain lets no new event begin and waits until those that did are done, or ctx ends.
func (b *Bot) drain(ctx context.Context) error {
	b.mu.Lock()
	b.draining = true
	n := b.waiting
	b.mu.Unlock()
	if n > 0 {
		b.log.Info("waiting for running answers", "events", n)
	}
	done := make(chan struct{})
	go func() { // ends when they end, which their own contexts see to
		b.busy.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// event handles one dispatched event of the gateway, in a goroutine of its own. It never waits.
func (b *Bot) event(ctx context.Context, name string, data []byte) {
	received := time.Now()
	b.log.Debug("event", "name", name, "bytes", len(data))
	defer func() { // what a server sends must not end the bot
		if p := recover(); p != nil {
			b.metrics.panics.Inc()
			b.log.Error("reading an event panicked; it cost that event", "event", name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	switch name {
	case "MESSAGE_CREATE":
		m, err := decodeMessage(data)
		if err != nil {
			b.metrics.event("undecodable")
			b.log.Warn("an event could not be read", "event", name, "err", err)
			return
		}
		b.received(ctx, m, received)
	case "INTERACTION_CREATE":
		i, err := decodeInteraction(data)
		if err != nil {
			b.metrics.event("undecodable")
			b.log.Warn("an event could not be read", "event", name, "err", err)
			return
		}
		i.Received = received
		if i.GuildID == "" && i.Context == int(discordgo.InteractionContextBotDM) && !aboutPrivacy(i) {
			b.heard.direct(i.User.ID, i.ChannelID, i.ID) // who uses a command there may write there as well
		}
		b.start(i.ID, name, func() { b.interaction(ctx, i) })
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		b.deleted(ctx, data)
	case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE":
		b.roleChanged(data)
	case "READY":
		b.living.kick()
		b.catchUp(ctx, b.heard.ready())
	case "GUILD_CREATE":
		b.checkGuild(data)
		if id, last := channelsOf(data); id != "" {
			b.catchUp(ctx, b.heard.guild(id, last))
		}
	}
}

// received handles a message, and reports whether it does: it was written by a person, and is new.
func (b *Bot) received(ctx context.Context, m *Message, at time.Time) bool {
	done := func() { b.heard.done(m.ChannelID, m.ID) }
	if m.FromMachine() || m.Type != int(discordgo.MessageTypeDefault) && m.Type != int(discordgo.MessageTypeReply) {
		b.heard.message(m.GuildID, m.ChannelID, "", m.ID)
		done()
		b.metrics.event("ignored")
		return false
	}
	first := b.heard.message(m.GuildID, m.ChannelID, m.Author.ID, m.ID)
	if b.start(m.ID, "MESSAGE_CREATE", func() {
		defer func() {
			if ctx.Err() == nil {
				done()
			} // else it was given up for the process to end, and the next one looks at it again
		}()
		if first && b.opts.Journal != nil { // that there is this channel is in no list of Discord's
			nctx, cancel := context.WithTimeout(ctx, noteWithin)
			_ = b.heard.write(nctx, b.opts.Journal) // tried again, and told, by keep
			cancel()
		}
		b.message(ctx, m, at)
	}) {
		return true
	}
	if !b.ending() { // else likewise
		done()
	}
	return false
}

// ending reports whether no new event begins any more.
func (b *Bot) ending() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.draining
}

// start runs handle in a goroutine, unless the event was seen before or can't begin. It reports whether it does.
func (b *Bot) start(id, name string, handle func()) bool {
	if !b.seen.add(id) {
		b.metrics.event("repeated")
		b.log.Debug("an event came again", "event", name, "id", id)
		return false
	}
	if !b.begin() {
		b.metrics.event("late")
		return false
	}
	b.metrics.event("handled")
	go func() {
		defer b.end()
		defer func() { // handlers have a recover of their own; this is for all that is around them
			if p := recover(); p != nil {
				b.metrics.panics.Inc()
				b.log.Error("sending panicked; it cost one answer", "event", name, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		handle()
	}()
	return true
}

// safely runs a handler and gives its response. A panic costs this one answer: it is logged with its stack, and
// the asker gets a word.
func (b *Bot) safely(ctx context.Context, what string, f func(context.Context) Response) (r Response) {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return Response{Action: Reply, Private: true, Content: tooBusy}
	}
	defer func() { <-b.slots }()
	defer func() {
		if p := recover(); p != nil {
			b.metrics.panics.Inc()
			b.metrics.outcome("failed")
			b.log.Error("a handler panicked; it cost one answer", "handler", what, "panic", p, "stack", string(debug.Stack()))
			r = Response{Action: Reply, Private: true, Content: wentWrong}
		}
	}()
	return f(ctx)
}

// What a member reads when the bot itself fails.
const (
	wentWrong = "Something went wrong on my side, and my operator can see it. Please ask again."
	tooBusy   = "I am too busy just now. Please ask again in a minute."
)

// errStopped means that ctx ended, which is how a bot is meant to end.
var errStopped = errors.New("stopped")

// Run connects to Discord and answers until ctx ends, which is no error. It ends earlier only with a [StopError], which tells
// the operator what to do, or when the address to listen on can't be had.
func (b *Bot) Run(ctx context.Context) error {
	return b.run(ctx)
}

// seen remembers the last so many ids.
type seen struct {
	mu       sync.Mutex
	size     int
	new, old map[string]bool
}

func newSeen(size int) *seen {
	return &seen{size: size, new: map[string]bool{}, old: map[string]bool{}}
}

// has reports whether the id is remembered.
func (s *seen) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.new[id] || s.old[id]
}

// add reports whether the id is new, and remembers it. At least the last size ids are remembered, at most twice as many.
func (s *seen) add(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.new[id] || s.old[id] {
		return false
	}
	if len(s.new) >= s.size {
		s.old, s.new = s.new, make(map[string]bool, s.size)
	}
	s.new[id] = true
	return true
}

// maxDenied is how many channels of one server may refuse the bot for the others there to be tried at all. Discord counts refusals, and a server
// of five hundred channels made for the purpose could use up what all servers share.
const maxDenied = 20

// denials are the channels that refused something lately, by server; direct message channels, and members, are under "".
type denials struct {
	mu    sync.Mutex
	until map[string]map[string]time.Time
}

func newDenials() *denials { return &denials{until: map[string]map[string]time.Time{}} }

// add leaves the channel alone for a while.
func (d *denials) add(server, channel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for s, channels := range d.until {
		maps.DeleteFunc(channels, func(_ string, t time.Time) bool { return t.Before(now) })
		if len(channels) == 0 {
			delete(d.until, s)
		}
	}
	if d.until[server] == nil {
		d.until[server] = map[string]time.Time{}
	}
	d.until[server][channel] = now.Add(deniedFor)
}

// is reports whether the channel is to be left alone.
func (d *denials) is(server, channel string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, others := time.Now(), 0
	for c, t := range d.until[server] {
		switch {
		case !now.Before(t):
		case c == channel:
			return true
		default:
			others++
		}
	}
	return server != "" && others >= maxDenied
}

// isCanceled reports whether an error only says that the bot was told to end.
func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, errStopped) || errors.Is(err, os.ErrClosed)
}
