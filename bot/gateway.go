package bot

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"
)

// The gateway client is our own. Discordgo v0.29.0 never returns from Open, its mutex held, when op 7 comes in place of
// READY; reconnects for ever on a final close; runs two reconnect loops at once when op 7 follows READY; notices a dead
// link after five beats, and ends the session when it does; and keeps session and sequence where no supervisor can
// carry them over. Here one loop owns one connection, everything in it has a deadline, and what is left when it ends
// is a value that says what to do next.

// intents are the events the bot asks for. None is privileged: without Message Content, Discord gives the content of
// messages that mention the bot, of replies to it and of direct messages, which is all it answers.
const intents = discordgo.IntentGuilds | discordgo.IntentGuildMessages | discordgo.IntentDirectMessages

// The deadlines of a connection.
const (
	dialWithin  = 10 * time.Second // for TCP, TLS and the upgrade together
	helloWithin = 10 * time.Second // from then to HELLO
	readyWithin = 30 * time.Second // from then to READY or RESUMED, counted anew at each event in between
	writeWithin = 5 * time.Second
	// ackWithin is how long a beat may go without anything at all being heard. Without an ACK before the next beat the
	// link counts as dead whatever is heard.
	ackWithin = 10 * time.Second
	// closeWithin is how long the other side's part of a farewell is waited for.
	closeWithin = time.Second
	// maxPause is the longest between two tries, give or take half of it.
	maxPause = 30 * time.Second
	// settledAfter is how long a connection must last for the next loss of one to be mended without a pause.
	settledAfter = 30 * time.Second
	// maxUnresumed is how many connections may end between RESUME and RESUMED before a new session is begun.
	maxUnresumed = 3
	// maxPayload is the largest message taken, unpacked; servers with a great many channels need some megabytes.
	maxPayload = 64 << 20
	// maxSends is how many messages a minute are sent on demand, out of Discord's 120.
	maxSends = 100
)

// gateway keeps one shard connected.
type gateway struct {
	shard, shards int
	token         string
	starts        *starts
	dialer        *websocket.Dialer
	log           *slog.Logger
	event         func(name string, data []byte)
	state         func(ready bool)
	lost          func(why string)
	tried         chan struct{} // closed when the first session has its turn

	session    string // empty where there is none to resume
	resumeURL  string
	sequence   int64
	unresumed  int // connections in a row that sent RESUME and never heard RESUMED
	failedDial int // dials in a row that failed
	sends      [maxSends]time.Time
	nextSend   int
}

// An ending says why a connection is over and what follows.
type ending struct {
	why    string // for the log and the counter, a few words without what varies
	err    error
	stop   *StopError    // nothing follows
	fresh  bool          // the session is gone
	pause  time.Duration // at least this long
	lasted time.Duration // since it was ready; 0 if it never was
	hello  bool          // whether the gateway said HELLO
}

// run stays connected until ctx ends, which gives nil, or Discord says that there is no point.
func (g *gateway) run(ctx context.Context) error {
	defer func() {
		select {
		case <-g.tried:
		default:
			close(g.tried)
		}
	}()
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval, wait.Multiplier = time.Second, maxPause, 2
	quick := true // whether the next pause may be nearly none
	hello := true // whether the connection before said HELLO
	for {
		end := g.connect(ctx)
		g.state(false)
		if ctx.Err() != nil {
			return nil
		}
		if end.stop != nil {
			return end.stop
		}
		if end.fresh {
			g.session, g.resumeURL, g.sequence, g.unresumed = "", "", 0, 0
		}
		// A gateway that says HELLO again after it did not is back: what ends this connection (the session is gone, as after any longer
		// outage) is not what the wait grew for. One that says it each time and then closes is waited for longer and longer all the same.
		if end.lasted >= settledAfter || end.hello && !hello {
			wait.Reset()
			quick = true
		}
		hello = end.hello
		pause := time.Duration(rand.Int64N(int64(250 * time.Millisecond)))
		if !quick {
			pause = wait.NextBackOff()
		}
		quick = false
		pause = max(pause, end.pause)
		g.lost(end.why)
		g.log.Warn("the gateway connection ended", "why", end.why, "err", end.err, "resume", g.session != "", "again_in", pause.Round(time.Millisecond))
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// A frame is one message of the gateway.
type frame struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	S  *int64          `json:"s"`
	T  string          `json:"t"`
}

// connect makes one connection and stays in it till it ends.
func (g *gateway) connect(ctx context.Context) ending {
	resuming := g.session != ""
	base, err := g.starts.address(ctx)
	if err != nil {
		return refused("where the gateway is could not be asked", err)
	}
	addr := base
	// The resume address is of one machine of Discord's. Should that not answer, the common address may still know the session.
	if resuming && g.resumeURL != "" && g.failedDial%2 == 0 {
		addr = g.resumeURL
	}
	if !resuming {
		if err := g.starts.take(ctx, g.shard, func() { g.reserved() }); err != nil {
			return refused("a session could not be started", err)
		}
	}
	if addr, err = withVersion(addr); err != nil {
		return ending{why: "the gateway has no good address", err: err}
	}
	conn, err := g.dial(ctx, addr)
	if err != nil {
		g.failedDial++
		return ending{why: "could not connect", err: err}
	}
	g.failedDial = 0
	conn.SetReadLimit(maxPayload)
	g.sends = [maxSends]time.Time{}

	frames := make(chan frame)
	quit := make(chan struct{})
	over := make(chan error, 1)
	go g.read(conn, frames, quit, over)
	c := &connection{g: g, conn: conn, resuming: resuming}
	end, code := c.loop(ctx, frames, over)
	end.hello = c.interval != 0
	// Whatever the reason, the connection closes here and its reader is waited for.
	if code != 0 {
		g.farewell(conn, code, frames, over)
	}
	conn.Close()
	close(quit)
	for range frames { // closed by the reader when it ends
	}
	if c.sentResume && !c.ready {
		if g.unresumed++; g.unresumed >= maxUnresumed {
			end.fresh = true
		}
	}
	if c.ready {
		g.unresumed = 0
		end.lasted = time.Since(c.since)
	}
	return end
}

// maySend counts a message that is sent on demand, and reports whether the minute's share has room for it. A flood of op 1 must
// not make the bot send more than Discord allows; what it sends by itself is too little to count.
func (g *gateway) maySend() bool {
	now := time.Now()
	if at := g.sends[g.nextSend]; !at.IsZero() && now.Sub(at) < time.Minute {
		return false
	}
	g.sends[g.nextSend] = now
	g.nextSend = (g.nextSend + 1) % maxSends
	return true
}

// reserved is called when the shard has its turn to start a session.
func (g *gateway) reserved() {
	select {
	case <-g.tried:
	default:
		close(g.tried)
	}
}

// refused makes an ending of a failure to ask for the gateway.
func refused(why string, err error) ending {
	var stop *StopError
	if errors.As(err, &stop) {
		return ending{why: why, err: err, stop: stop}
	}
	return ending{why: why, err: err}
}

// dial opens a connection, within dialWithin.
func (g *gateway) dial(ctx context.Context, addr string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	conn, resp, err := g.dialer.DialContext(ctx, addr, http.Header{"User-Agent": {userAgent}})
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("%w: HTTP %d", err, resp.StatusCode)
		}
		return nil, err
	}
	return conn, nil
}

// withVersion gives the address with what is to be asked of it.
func withVersion(addr string) (string, error) {
	u, err := url.Parse(addr)
	if err != nil {
		return "", err
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return "", fmt.Errorf("%q is no address of a gateway", addr)
	}
	q := u.Query()
	q.Set("v", apiVersion)
	q.Set("encoding", "json")
	q.Del("compress") // payloads are compressed one by one instead, as IDENTIFY asks
	u.RawQuery = q.Encode()
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// read gives each message to frames until the connection or quit ends it; then it tells why and closes frames.
func (g *gateway) read(conn *websocket.Conn, frames chan<- frame, quit <-chan struct{}, over chan<- error) {
	defer close(frames)
	for {
		kind, r, err := conn.NextReader()
		if err != nil {
			over <- err
			return
		}
		if kind == websocket.BinaryMessage {
			z, err := zlib.NewReader(r)
			if err != nil {
				g.log.Warn("a compressed event could not be unpacked", "err", err)
				continue
			}
			r = z
		}
		data, err := io.ReadAll(io.LimitReader(r, maxPayload))
		if err != nil {
			// A broken link ends NextReader too; broken compression is this one message's trouble.
			g.log.Warn("an event could not be read", "err", err)
			continue
		}
		var f frame
		if err := lenient(data, &f); err != nil {
			g.log.Warn("an event could not be read", "err", err, "bytes", len(data))
			continue
		}
		select {
		case frames <- f:
		case <-quit:
			over <- errStopped
			return
		}
	}
}

// farewell closes with the code, and gives the other side a moment to do its part.
func (g *gateway) farewell(conn *websocket.Conn, code int, frames <-chan frame, over <-chan error) {
	msg := websocket.FormatCloseMessage(code, "")
	if conn.WriteControl(websocket.CloseMessage, msg, time.Now().Add(closeWithin)) != nil || code != websocket.CloseNormalClosure {
		return
	}
	t := time.NewTimer(closeWithin)
	defer t.Stop()
	for {
		select {
		case _, ok := <-frames:
			if !ok {
				return
			}
		case <-over:
			return
		case <-t.C:
			return
		}
	}
}

// A connection is the state of one.
type connection struct {
	g          *gateway
	conn       *websocket.Conn
	resuming   bool
	sentResume bool
	ready      bool
	since      time.Time // when it became ready
	interval   time.Duration
	acked      bool      // whether the last regular beat was answered
	beaten     time.Time // when it was sent
	heard      time.Time // when anything was last heard
}

// The codes to close with. 1000 and 1001 end the session; any other keeps it.
const (
	closeKeep = 4000
	closeEnd  = websocket.CloseNormalClosure
)

// loop lives in the connection. It gives why it ended, and the code to close it with; 0 when there is nobody left to tell.
func (c *connection) loop(ctx context.Context, frames <-chan frame, over <-chan error) (ending, int) {
	deadline := time.NewTimer(helloWithin)
	defer deadline.Stop()
	beat := time.NewTimer(time.Hour)
	beat.Stop()
	defer beat.Stop()
	ack := time.NewTimer(time.Hour)
	ack.Stop()
	defer ack.Stop()
	for {
		select {
		case <-ctx.Done():
			return ending{why: "told to end", err: ctx.Err()}, closeEnd
		case <-deadline.C:
			if c.interval == 0 {
				return ending{why: "no HELLO"}, closeKeep
			}
			return ending{why: "neither READY nor RESUMED"}, closeKeep
		case <-ack.C:
			if !c.acked && c.heard.Before(c.beaten) {
				return ending{why: "dead link", err: fmt.Errorf("nothing heard for %v after a heartbeat", ackWithin)}, closeKeep
			}
		case <-beat.C:
			if !c.acked {
				return ending{why: "dead link", err: errors.New("a heartbeat was not answered before the next")}, closeKeep
			}
			c.acked, c.beaten = false, time.Now()
			if err := c.beat(); err != nil {
				return ending{why: "could not write", err: err}, 0
			}
			beat.Reset(c.interval)
			ack.Reset(min(ackWithin, c.interval))
		case f, ok := <-frames:
			if !ok { // the reader has said why
				frames = nil
				continue
			}
			c.heard = time.Now()
			if f.S != nil && *f.S > c.g.sequence {
				c.g.sequence = *f.S
			}
			switch f.Op {
			case 10: // HELLO
				var hello struct {
					Interval int64 `json:"heartbeat_interval"` // milliseconds
				}
				if err := json.Unmarshal(f.D, &hello); err != nil || hello.Interval <= 0 {
					return ending{why: "a HELLO that can't be read", err: err}, closeKeep
				}
				again := c.interval != 0
				c.interval = time.Duration(hello.Interval) * time.Millisecond
				if again {
					continue
				}
				c.acked = true
				beat.Reset(time.Duration(rand.Float64() * float64(c.interval)))
				if err := c.introduce(); err != nil {
					return ending{why: "could not write", err: err}, 0
				}
				deadline.Reset(readyWithin)
			case 11: // heartbeat ACK
				c.acked = true
			case 1: // a beat is wanted now; it is no part of the regular ones
				if !c.g.maySend() {
					continue
				}
				if err := c.beat(); err != nil {
					return ending{why: "could not write", err: err}, 0
				}
			case 7:
				return ending{why: "told to reconnect"}, closeKeep
			case 9:
				var resumable bool
				_ = json.Unmarshal(f.D, &resumable) // anything but true means that it is gone
				if resumable {
					return ending{why: "session interrupted"}, closeKeep
				}
				end := ending{why: "session refused", fresh: true}
				if !c.sentResume || c.ready {
					// After an IDENTIFY it means one too many at once; Discord asks for 1 to 5 seconds.
					end.pause = time.Second + time.Duration(rand.Int64N(int64(4*time.Second)))
				}
				return end, closeEnd
			case 0:
				if !c.ready {
					deadline.Reset(readyWithin)
				}
				if f.T == "READY" {
					var ready struct {
						Session   string `json:"session_id"`
						ResumeURL string `json:"resume_gateway_url"`
					}
					if err := lenient(f.D, &ready); err != nil || ready.Session == "" {
						return ending{why: "a READY that can't be read", err: err, fresh: true}, closeEnd
					}
					c.g.session, c.g.resumeURL = ready.Session, ready.ResumeURL
				}
				// The event is handled first, so that whoever waits for readiness finds what READY says.
				c.g.event(f.T, f.D)
				if f.T == "READY" || f.T == "RESUMED" {
					deadline.Stop()
					c.ready, c.since = true, time.Now()
					c.g.state(true)
					c.g.log.Info("connected to the gateway", "resumed", f.T == "RESUMED")
				}
			}
		case err := <-over:
			return ended(err), 0
		}
	}
}

// ended says what follows when the other side closed, or the link broke.
func ended(err error) ending {
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code == websocket.CloseAbnormalClosure {
		return ending{why: "link broken", err: err}
	}
	e := ending{why: fmt.Sprintf("closed with %d", closed.Code), err: err}
	switch closed.Code {
	case 4004, 4010, 4011, 4012, 4013, 4014:
		e.stop = finalClose(closed.Code)
	case 4007, 4009: // a bad sequence, a session that timed out
		e.fresh = true
	case 4008: // too many messages; it is our fault, so slowly
		e.pause = 5 * time.Second
	}
	return e
}

// introduce sends IDENTIFY or RESUME.
func (c *connection) introduce() error {
	if c.resuming {
		c.sentResume = true
		return c.send(6, map[string]any{"token": c.g.token, "session_id": c.g.session, "seq": c.g.sequence})
	}
	return c.send(2, map[string]any{
		"token":           c.g.token,
		"intents":         int(intents),
		"compress":        true,
		"large_threshold": 50,
		"shard":           [2]int{c.g.shard, c.g.shards},
		"properties":      map[string]string{"os": runtime.GOOS, "browser": "footnote", "device": "footnote"},
	})
}

// beat sends a heartbeat.
func (c *connection) beat() error {
	if c.g.sequence == 0 {
		return c.send(1, nil)
	}
	return c.send(1, c.g.sequence)
}

// send writes one message.
func (c *connection) send(op int, d any) error {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(map[string]any{"op": op, "d": d}); err != nil {
		return err
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeWithin))
	return c.conn.WriteMessage(websocket.TextMessage, b.Bytes())
}

// gatewayDialer makes the dialer of all shards.
func gatewayDialer(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: dial, HandshakeTimeout: dialWithin, Proxy: http.ProxyFromEnvironment}
}

// shardName is how a shard is called in logs and counters.
func shardName(shard, shards int) string { return fmt.Sprintf("%d/%d", shard, shards) }
