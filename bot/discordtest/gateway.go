package discordtest

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// The intents (docs: events/gateway, "List of Intents").
const (
	intentGuilds         = 1 << 0
	intentMembers        = 1 << 1
	intentPresences      = 1 << 8
	intentGuildMessages  = 1 << 9
	intentReactions      = 1 << 10
	intentTyping         = 1 << 11
	intentDirectMessages = 1 << 12
	intentDMReactions    = 1 << 13
	intentDMTyping       = 1 << 14
	intentContent        = 1 << 15

	knownIntents = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25
)

// The gateway's limits (docs: events/gateway, "Rate Limiting" and "Sending Events").
const (
	maxSend     = 4096
	maxSends    = 120
	sendsPer    = time.Minute
	identifyPer = 5 * time.Second
	closeWait   = 5 * time.Second // for the client's close frame, after ours; then TCP is closed
)

// A GatewayEvent is something that happened on the gateway.
type GatewayEvent struct {
	At   time.Time // real time
	Conn int       // the connection, counted from 1
	// Kind is one of: connect, identify, resume, heartbeat, ready, resumed, send (any other payload of the client), close (the client's, with its
	// code; 1006 if it went without one), closed (by the server), fault, refused.
	Kind string
	Path string // of connect
	Code int    // of a close
	Data json.RawMessage
}

// String is the event on one line.
func (e GatewayEvent) String() string {
	s := fmt.Sprintf("conn %d %s", e.Conn, e.Kind)
	if e.Path != "" {
		s += " " + e.Path
	}
	if e.Code != 0 {
		s += " " + strconv.Itoa(e.Code)
	}
	return s
}

// An Action is what the gateway does in place of what the client expects.
type Action struct {
	kind      string
	op        int
	d         any
	code      int
	thenServe bool
}

// AskReconnect sends op 7.
func AskReconnect() Action { return Action{kind: "op", op: 7} }

// InvalidSession sends op 9; resumable says whether the session may still be resumed.
func InvalidSession(resumable bool) Action { return Action{kind: "op", op: 9, d: resumable} }

// AskHeartbeat sends op 1, which the client has to answer at once, and then what was expected.
func AskHeartbeat() Action { return Action{kind: "op", op: 1, thenServe: true} }

// CloseWith closes the connection with a code, such as 4004.
func CloseWith(code int) Action { return Action{kind: "close", code: code} }

// Cut cuts the TCP connection without a close frame.
func Cut() Action { return Action{kind: "cut"} }

// Ignore answers nothing: the link is up and dead.
func Ignore() Action { return Action{kind: "silence"} }

// Serve does what the client expects; for a place in a row of actions.
func Serve() Action { return Action{kind: "serve"} }

// OnHello sets what happens to the next connections in place of HELLO, one action each.
func (s *Server) OnHello(a ...Action) { s.script(&s.onHello, a) }

// OnIdentify sets what happens to the next IDENTIFYs in place of READY, one action each.
func (s *Server) OnIdentify(a ...Action) { s.script(&s.onIdentify, a) }

// OnResume sets what happens to the next RESUMEs in place of the replay, one action each. The usual refusal is InvalidSession(false).
func (s *Server) OnResume(a ...Action) { s.script(&s.onResume, a) }

func (s *Server) script(list *[]Action, a []Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, a...)
}

// RefuseConnections answers the next n attempts to open the gateway with 503.
func (s *Server) RefuseConnections(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.downFor = n
}

// Gateway does something to every open connection now.
func (s *Server) Gateway(a Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.do(a)
	}
}

// Reconnect asks every connection to reconnect (op 7).
func (s *Server) Reconnect() { s.Gateway(AskReconnect()) }

// A conn is one connection of a client to the gateway.
type conn struct {
	s    *Server
	n    int
	ws   *websocket.Conn
	wake chan struct{} // the outbox has something
	done chan struct{} // the reader is gone

	// All below is guarded by Server.mu.
	out      []frame
	silent   bool
	closing  bool // a close frame was sent: nothing more is
	compress bool // the payload compression that IDENTIFY asks for
	session  *session
	sends    []time.Time

	// Used by the writer only.
	stream  *zlib.Writer // of zlib-stream
	payload *zlib.Writer // of payload compression
	buf     bytes.Buffer
}

type frame struct {
	data     []byte
	compress bool
	code     int // a close
}

// A session outlives its connections, until it is invalidated.
type session struct {
	s       *Server
	id      string
	conn    *conn // nil while the client is away
	intents int
	shard   [2]int
	seq     int
	ring    []sent // what a RESUME may ask for again
	ready   bool
}

type sent struct {
	seq  int
	data []byte
}

func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.closed || s.downFor > 0 {
		s.downFor--
		s.event(GatewayEvent{Kind: "refused", Path: r.URL.String()})
		s.mu.Unlock()
		http.Error(w, "503: upstream unavailable", http.StatusServiceUnavailable)
		return
	}
	s.mu.Unlock()
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	q := r.URL.Query()
	c := &conn{s: s, ws: ws, wake: make(chan struct{}, 1), done: make(chan struct{})}
	if q.Get("compress") == "zlib-stream" {
		c.stream = zlib.NewWriter(&c.buf)
	}
	echo := ws.CloseHandler()
	ws.SetCloseHandler(func(code int, text string) error {
		s.mu.Lock()
		if code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway { // docs: events/gateway, "Disconnecting": these end the session
			s.forget(c.session) // before the answer: the client may be back at once
		}
		dead := c.silent
		s.mu.Unlock()
		if dead {
			return nil // a dead link answers nothing
		}
		return echo(code, text)
	})
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		ws.Close()
		return
	}
	s.connN++
	c.n = s.connN
	s.conns[c] = true
	s.event(GatewayEvent{Conn: c.n, Kind: "connect", Path: r.URL.String()})
	s.wg.Add(2)
	if q.Get("v") != "" && q.Get("v") != "9" && q.Get("v") != "10" {
		c.close(4012)
	} else if a, ok := next(&s.onHello); !ok || c.do(a) {
		c.op(10, obj{"heartbeat_interval": s.opt.HeartbeatInterval.Milliseconds(), "_trace": list{}})
	}
	s.mu.Unlock()
	go c.write()
	c.read() // serve's goroutine is the reader
}

// next takes the first action off a script.
func next(script *[]Action) (Action, bool) {
	if len(*script) == 0 {
		return Action{}, false
	}
	a := (*script)[0]
	*script = (*script)[1:]
	return a, true
}

// do performs a scripted action and reports whether the client is to be served all the same. The lock is held.
func (c *conn) do(a Action) bool {
	if a.kind != "serve" {
		c.s.event(GatewayEvent{Conn: c.n, Kind: "fault", Path: a.String()})
	}
	switch a.kind {
	case "serve":
		return true
	case "op":
		c.op(a.op, a.d)
		if a.op == 9 && a.d == false {
			c.s.forget(c.session)
			c.session = nil
		}
	case "close":
		c.close(a.code)
	case "cut":
		c.cut()
	case "silence":
		c.silent = true
		c.out = nil
	}
	return a.thenServe
}

// String names the action.
func (a Action) String() string {
	switch a.kind {
	case "op":
		if a.op == 9 {
			return fmt.Sprintf("op 9 (%v)", a.d)
		}
		return fmt.Sprintf("op %d", a.op)
	case "close":
		return fmt.Sprintf("close %d", a.code)
	}
	return a.kind
}

// op queues a payload that is not a dispatch. The lock is held.
func (c *conn) op(op int, d any) {
	b, err := json.Marshal(obj{"op": op, "d": d, "s": nil, "t": nil})
	if err != nil {
		panic(fmt.Sprintf("discordtest: op %d: %v", op, err))
	}
	c.queue(b)
}

func (c *conn) queue(b []byte) {
	if c.silent || c.closing {
		return
	}
	c.out = append(c.out, frame{data: b, compress: c.compress})
	c.poke()
}

func (c *conn) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close sends a close frame after all that is queued, and ends the session if the code does. The lock is held.
func (c *conn) close(code int) {
	if c.closing {
		return
	}
	c.closing = true
	c.out = append(c.out, frame{code: code})
	c.s.event(GatewayEvent{Conn: c.n, Kind: "closed", Code: code})
	if endsSession(code) {
		c.s.forget(c.session)
	}
	c.detach()
	c.poke()
}

// endsSession reports whether a close code of the server's ends the session (docs: topics/opcodes-and-status-codes).
func endsSession(code int) bool {
	switch code {
	case 1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014:
		return true
	}
	return false
}

// cut closes TCP. The lock is held.
func (c *conn) cut() {
	c.closing = true
	c.out = nil
	c.detach()
	c.ws.Close()
}

func (c *conn) detach() {
	if c.session != nil && c.session.conn == c {
		c.session.conn = nil
	}
	c.session = nil
	c.s.evChanged.tell()
}

// write is the connection's writer goroutine.
func (c *conn) write() {
	defer c.s.wg.Done()
	for {
		select {
		case <-c.wake:
		case <-c.done:
			return
		}
		c.s.mu.Lock()
		out := c.out
		c.out = nil
		c.s.mu.Unlock()
		for _, f := range out {
			if f.code != 0 {
				c.ws.SetReadDeadline(time.Now().Add(closeWait)) // an error is the reader's to see
				c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(f.code, closeText(f.code)), time.Now().Add(closeWait))
				return // the reader hears the echo, or its deadline, and closes TCP
			}
			kind, data := websocket.TextMessage, f.data
			switch {
			case c.stream != nil:
				c.buf.Reset()
				c.stream.Write(data)
				c.stream.Flush() // ends with 00 00 FF FF, as clients wait for
				kind, data = websocket.BinaryMessage, c.buf.Bytes()
			case f.compress:
				c.buf.Reset()
				if c.payload == nil {
					c.payload = zlib.NewWriter(&c.buf)
				}
				c.payload.Reset(&c.buf) // a stream for each payload, but one compressor: a new one takes 800 kB
				c.payload.Write(data)
				c.payload.Close()
				kind, data = websocket.BinaryMessage, c.buf.Bytes()
			}
			if c.ws.WriteMessage(kind, data) != nil {
				return // the reader hears of it too
			}
		}
	}
}

func closeText(code int) string {
	switch code {
	case 4001:
		return "Unknown opcode."
	case 4002:
		return "Error while decoding payload."
	case 4003:
		return "Not authenticated."
	case 4004:
		return "Authentication failed."
	case 4005:
		return "Already authenticated."
	case 4007:
		return "Invalid seq."
	case 4008:
		return "Rate limited."
	case 4009:
		return "Session timed out."
	case 4010:
		return "Invalid shard."
	case 4011:
		return "Sharding required."
	case 4012:
		return "Invalid API version."
	case 4013:
		return "Invalid intent(s)."
	case 4014:
		return "Disallowed intent(s)."
	}
	return ""
}

// read is the connection's reader; it returns when the connection is over.
func (c *conn) read() {
	s := c.s
	defer s.wg.Done()
	defer close(c.done)
	for {
		_, b, err := c.ws.ReadMessage()
		s.mu.Lock()
		if err != nil {
			code := 1006
			var ce *websocket.CloseError
			if errors.As(err, &ce) {
				code = ce.Code
			}
			if !c.closing || ce != nil {
				s.event(GatewayEvent{Conn: c.n, Kind: "close", Code: code})
			}
			c.detach()
			delete(s.conns, c)
			s.evChanged.tell()
			s.mu.Unlock()
			c.ws.Close()
			return
		}
		c.receive(b)
		s.mu.Unlock()
	}
}

// receive handles one payload of the client. The lock is held.
func (c *conn) receive(b []byte) {
	s := c.s
	if c.silent || c.closing {
		return
	}
	if len(b) > maxSend {
		s.refuse("gateway payload of %d bytes; at most %d may be sent", len(b), maxSend)
		c.close(4002)
		return
	}
	var p struct {
		Op int             `json:"op"`
		D  json.RawMessage `json:"d"`
	}
	p.Op = -1
	if json.Unmarshal(b, &p) != nil || p.Op < 0 {
		s.refuse("gateway payload that is no JSON object with an op: %.80q", b)
		c.close(4002)
		return
	}
	if p.Op != 1 || s.opt.HeartbeatInterval >= 10*time.Second { // beats of a test's short interval would use the limit up
		now := time.Now()
		for len(c.sends) > 0 && now.Sub(c.sends[0]) >= sendsPer {
			c.sends = c.sends[1:]
		}
		c.sends = append(c.sends, now)
		if len(c.sends) > maxSends {
			s.refuse("more than %d gateway payloads in a minute", maxSends)
			c.close(4008)
			return
		}
	}
	switch p.Op {
	case 1:
		s.event(GatewayEvent{Conn: c.n, Kind: "heartbeat", Data: p.D})
		c.op(11, nil)
	case 2:
		s.event(GatewayEvent{Conn: c.n, Kind: "identify", Data: p.D})
		c.identify(p.D)
	case 6:
		s.event(GatewayEvent{Conn: c.n, Kind: "resume", Data: p.D})
		c.resume(p.D)
	case 3, 4, 8, 31:
		s.event(GatewayEvent{Conn: c.n, Kind: "send", Data: b})
		if c.session == nil {
			c.close(4003)
		}
	default:
		s.refuse("unknown gateway op %d", p.Op)
		c.close(4001)
	}
}

// refuse notes something wrong on the gateway among the refusals. The lock is held.
func (s *Server) refuse(format string, args ...any) {
	s.refusals = append(s.refusals, Refusal{Method: "GATEWAY", Message: fmt.Sprintf(format, args...)})
}

// identify begins a session. The lock is held.
func (c *conn) identify(raw json.RawMessage) {
	s := c.s
	var d struct {
		Token      string
		Properties map[string]any
		Compress   bool
		Shard      []int
		Intents    *int
	}
	if json.Unmarshal(raw, &d) != nil || d.Intents == nil || d.Properties == nil {
		s.refuse("IDENTIFY without intents or properties: %.200s", raw)
		c.close(4002)
		return
	}
	if c.session != nil {
		s.refuse("IDENTIFY twice on one connection")
		c.close(4005)
		return
	}
	if a, ok := next(&s.onIdentify); ok && !c.do(a) {
		return
	}
	now := s.clock.Now()
	for len(s.identifies) > 0 && now.Sub(s.identifies[0]) >= 24*time.Hour {
		s.identifies = s.identifies[1:]
	}
	if len(s.identifies) >= s.opt.SessionStarts { // docs: events/gateway, "Session Start Limit": the token is reset
		s.refuse("more than %d IDENTIFYs in a day", s.opt.SessionStarts)
		c.close(4004)
		return
	}
	if max := s.opt.MaxConcurrency; max > 0 {
		n := 0
		for _, t := range s.identifies {
			if now.Sub(t) < identifyPer {
				n++
			}
		}
		if n >= max {
			s.refuse("more than %d IDENTIFYs in %v", max, identifyPer)
			c.op(9, false)
			return
		}
	}
	s.identifies = append(s.identifies, now)
	if strings.TrimPrefix(d.Token, "Bot ") != s.opt.Token {
		c.close(4004)
		return
	}
	in := *d.Intents
	if in&^knownIntents != 0 {
		c.close(4013)
		return
	}
	if (in&intentContent != 0 && !s.opt.MessageContent) || (in&intentMembers != 0 && !s.opt.GuildMembers) || (in&intentPresences != 0 && !s.opt.Presences) {
		c.close(4014)
		return
	}
	shard := [2]int{0, 1}
	if len(d.Shard) > 0 {
		if len(d.Shard) != 2 || d.Shard[0] < 0 || d.Shard[1] < 1 || d.Shard[0] >= d.Shard[1] {
			c.close(4010)
			return
		}
		shard = [2]int(d.Shard)
	}
	se := &session{s: s, id: fmt.Sprintf("%032x", s.newID()), conn: c, intents: in, shard: shard}
	s.sessions[se.id] = se
	c.session, c.compress = se, d.Compress && c.stream == nil
	guilds := list{}
	for _, g := range s.guilds {
		if g.hasBot && se.hasGuild(g) {
			guilds = append(guilds, obj{"id": g.ID, "unavailable": true})
		}
	}
	me := s.bot.wire()
	me["verified"], me["mfa_enabled"], me["email"] = true, true, nil
	se.send("READY", obj{"v": 10, "user": me, "guilds": guilds, "session_id": se.id, "resume_gateway_url": s.ResumeURL(), "session_type": "normal", "shard": shard[:],
		"application": obj{"id": s.bot.ID, "flags": s.applicationFlags()}, "private_channels": list{}, "relationships": list{}, "user_settings": obj{}})
	se.ready = true
	if in&intentGuilds != 0 {
		for _, g := range s.guilds {
			if g.hasBot && se.hasGuild(g) {
				se.send("GUILD_CREATE", g.wireFull())
			}
		}
	}
	s.event(GatewayEvent{Conn: c.n, Kind: "ready"})
}

// resume goes on with a session, on this connection. The lock is held.
func (c *conn) resume(raw json.RawMessage) {
	s := c.s
	var d struct {
		Token     string
		SessionID string `json:"session_id"`
		Seq       int
	}
	if json.Unmarshal(raw, &d) != nil {
		c.close(4002)
		return
	}
	if c.session != nil {
		c.close(4005)
		return
	}
	se := s.sessions[d.SessionID]
	if a, ok := next(&s.onResume); ok {
		if a.kind == "op" && a.op == 9 && a.d == false {
			s.forget(se)
		}
		if !c.do(a) {
			return
		}
	}
	if strings.TrimPrefix(d.Token, "Bot ") != s.opt.Token {
		c.close(4004)
		return
	}
	if se == nil {
		c.op(9, false)
		return
	}
	if d.Seq > se.seq {
		c.close(4007)
		s.forget(se)
		return
	}
	if len(se.ring) > 0 && d.Seq < se.ring[0].seq-1 { // too much is gone
		s.forget(se)
		c.op(9, false)
		return
	}
	if old := se.conn; old != nil { // a new connection takes the session from the one before
		old.session = nil
		if !old.silent {
			old.close(4000)
		}
	}
	se.conn, c.session = c, se
	for _, f := range se.ring {
		if f.seq > d.Seq {
			c.queue(f.data)
		}
	}
	se.send("RESUMED", obj{"_trace": list{}})
	s.event(GatewayEvent{Conn: c.n, Kind: "resumed"})
}

// forget ends a session, if there is one. The lock is held.
func (s *Server) forget(se *session) {
	if se != nil {
		delete(s.sessions, se.id)
	}
}

// send dispatches an event to the session. The lock is held.
func (se *session) send(t string, d any) {
	se.seq++
	b, err := json.Marshal(obj{"op": 0, "t": t, "s": se.seq, "d": d})
	if err != nil {
		panic(fmt.Sprintf("discordtest: %s: %v", t, err))
	}
	se.ring = append(se.ring, sent{se.seq, b})
	keep(&se.ring, se.s.opt.ResumeRing)
	if se.conn != nil {
		se.conn.queue(b)
	}
}

// hasGuild reports whether the guild belongs to the session's shard (docs: events/gateway, "Sharding").
func (se *session) hasGuild(g *Guild) bool {
	id, _ := strconv.ParseUint(g.ID, 10, 64)
	return int((id>>22)%uint64(se.shard[1])) == se.shard[0]
}

// dispatch sends an event to every session that is to have it: those with the intent, of the guild's shard (direct messages are shard 0's), if the bot is in the
// guild and sees the channel. The lock is held.
func (s *Server) dispatch(t string, intent int, g *Guild, c *Channel, make func(*session) any) {
	if g != nil && !g.hasBot && intent != 0 {
		return
	}
	if c != nil && intent != 0 && !c.sees(s.bot) {
		return
	}
	for _, se := range s.sessions {
		if !se.ready || se.intents&intent != intent {
			continue
		}
		if g != nil && !se.hasGuild(g) || g == nil && se.shard[0] != 0 {
			continue
		}
		se.send(t, make(se))
	}
}

// Dispatch sends any event to every session, as it is: what Discord may send tomorrow, and what no client should ever get.
func (s *Server) Dispatch(name string, data json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.sessions {
		if se.ready {
			se.send(name, data)
		}
	}
}

// event logs something of the gateway. The lock is held.
func (s *Server) event(e GatewayEvent) {
	e.At = time.Now()
	s.events = append(s.events, e)
	s.evBase += keep(&s.events, s.opt.LogLimit)
	s.opt.Logf("gateway: %s", e)
	s.evChanged.tell()
}

// GatewayEvents returns what happened on the gateway, the newest LogLimit events.
func (s *Server) GatewayEvents() []GatewayEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]GatewayEvent(nil), s.events...)
}

// WaitGateway waits for a gateway event that ok likes, past or future.
func (s *Server) WaitGateway(ctx context.Context, ok func(GatewayEvent) bool) (GatewayEvent, error) {
	var got GatewayEvent
	at := 0
	err := s.await(ctx, &s.evChanged, "a gateway event", func() bool {
		for at = max(at, s.evBase); at < s.evBase+len(s.events); at++ {
			if e := s.events[at-s.evBase]; ok(e) {
				got = e
				at++
				return true
			}
		}
		return false
	})
	return got, err
}

// WaitReady waits until n sessions are connected and ready.
func (s *Server) WaitReady(ctx context.Context, n int) error {
	return s.await(ctx, &s.evChanged, fmt.Sprintf("%d ready sessions", n), func() bool { return s.connected() >= n })
}

// WaitGone waits until no session is connected.
func (s *Server) WaitGone(ctx context.Context) error {
	return s.await(ctx, &s.evChanged, "the bot to leave", func() bool { return s.connected() == 0 })
}

func (s *Server) connected() int {
	n := 0
	for _, se := range s.sessions {
		if se.ready && se.conn != nil && !se.conn.silent {
			n++
		}
	}
	return n
}

// SessionStarts counts the IDENTIFYs of the last 24 hours of the server's clock.
func (s *Server) SessionStarts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.identifies)
}

// applicationFlags are the application's, as the portal's switches set them (docs: resources/application, "Application Flags").
func (s *Server) applicationFlags() int {
	f := 1 << 23 // APPLICATION_COMMAND_BADGE
	if s.opt.Presences {
		f |= 1 << 13 // GATEWAY_PRESENCE_LIMITED: under 10,000 users there is no review
	}
	if s.opt.GuildMembers {
		f |= 1 << 15
	}
	if s.opt.MessageContent {
		f |= 1 << 19
	}
	return f
}

func (s *Server) getGateway(*call) (int, any, *apiError) {
	return 200, obj{"url": s.GatewayURL()}, nil
}

func (s *Server) getGatewayBot(*call) (int, any, *apiError) {
	return 200, obj{"url": s.GatewayURL(), "shards": 1, "session_start_limit": obj{"total": s.opt.SessionStarts, "remaining": max(0, s.opt.SessionStarts-len(s.identifies)),
		"reset_after": (14 * time.Hour).Milliseconds(), "max_concurrency": max(1, s.opt.MaxConcurrency)}}, nil
}
