package bot

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// The fake here is a small scripted Discord on an in-memory network, so that it runs inside a synctest bubble: every
// deadline of the bot passes on the bubble's clock, in no time, and can be measured to the millisecond. What the whole
// protocol asks for is bot/discordtest's business, on loopback and the real clock.

// script plays the gateway in the connection with the number, from 1. HELLO was sent already.
type script func(n int, c *link)

// fake is one scripted Discord.
type fake struct {
	t        *testing.T
	interval time.Duration // of heartbeats
	noHello  bool
	script   script
	// refuse answers a request in place of the fake, where it returns true.
	refuse func(w http.ResponseWriter, r *http.Request, body []byte) bool

	start   time.Time
	conns   chan net.Conn
	serving sync.WaitGroup
	gone    chan struct{}

	mu       sync.Mutex
	calls    []apiCall
	lines    []string // what happened on the gateway, with the time
	linked   int
	dials    []string
	down     bool   // whether dialling fails
	deadHost string // that can't be dialled
	hang     bool   // whether it connects and then says nothing
	struck   time.Time
}

// fault notes when the fault came.
func (f *fake) fault() {
	f.note("-: fault")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.struck = time.Now()
}

// set changes what dialling does.
func (f *fake) set(down, hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down, f.hang = down, hang
}

// apiCall is one request that came in.
type apiCall struct {
	at     time.Duration
	method string
	path   string
	body   string
	header http.Header
}

// link is one gateway connection.
type link struct {
	f   *fake
	n   int
	ws  *websocket.Conn
	in  chan frame // what the client sent, but for heartbeats; closed at its end
	ack bool
	mu  sync.Mutex
	seq int64
	zip bool
}

// newFake makes a Discord that plays the script. To be called inside a bubble.
func newFake(t *testing.T, s script) *fake {
	f := &fake{t: t, interval: 41250 * time.Millisecond, script: s, start: time.Now(), conns: make(chan net.Conn), gone: make(chan struct{})}
	srv := &http.Server{Handler: f}
	over := make(chan error, 1)
	go func() { over <- srv.Serve(f) }()
	t.Cleanup(func() {
		close(f.gone)
		srv.Close()
		<-over
		f.serving.Wait()
	})
	return f
}

// Accept, Close and Addr make the fake its own listener.
func (f *fake) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.gone:
		return nil, net.ErrClosed
	}
}
func (f *fake) Close() error   { return nil }
func (f *fake) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial is the way in.
func (f *fake) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	f.mu.Lock()
	f.dials = append(f.dials, addr)
	down, hang := f.down, f.hang
	f.mu.Unlock()
	if down || f.deadHost != "" && strings.HasPrefix(addr, f.deadHost+":") {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("no route to %s", addr)}
	}
	a, b := net.Pipe()
	if hang {
		go io.Copy(io.Discard, b)
		return a, nil
	}
	select {
	case f.conns <- b:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.gone:
		return nil, net.ErrClosed
	}
}

// since is the time since the fake began.
func (f *fake) since() time.Duration { return time.Since(f.start).Round(time.Millisecond) }

// note writes down what happened on the gateway.
func (f *fake) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

// notes gives what happened, joined.
func (f *fake) notes() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.lines, "\n")
}

// callsTo gives the requests whose method and path hold the text.
func (f *fake) callsTo(text string) []apiCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []apiCall
	for _, c := range f.calls {
		if strings.Contains(c.method+" "+c.path, text) {
			out = append(out, c)
		}
	}
	return out
}

// ServeHTTP is the whole of it.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.serving.Add(1)
	defer f.serving.Done()
	if strings.HasPrefix(r.URL.Path, "/gw") {
		f.gateway(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.calls = append(f.calls, apiCall{f.since(), r.Method, r.URL.RequestURI(), string(body), r.Header.Clone()})
	n := len(f.calls)
	f.mu.Unlock()
	if f.refuse != nil && f.refuse(w, r, body) {
		return
	}
	p := r.URL.Path
	switch {
	case strings.HasSuffix(p, "/gateway"):
		fmt.Fprint(w, `{"url":"ws://fake/gw"}`)
	case strings.HasSuffix(p, "/gateway/bot"):
		fmt.Fprint(w, `{"url":"ws://fake/gw","shards":1,"session_start_limit":{"total":1000,"remaining":1000,"reset_after":86400000,"max_concurrency":1}}`)
	case strings.HasSuffix(p, "/commands") && r.Method == "GET":
		fmt.Fprint(w, `[]`)
	case strings.HasSuffix(p, "/callback"):
		fmt.Fprintf(w, `{"interaction":{"id":"1"},"resource":{"message":{"id":"7%d","channel_id":"10"}}}`, n)
	default:
		fmt.Fprintf(w, `{"id":"9%d","channel_id":"10"}`, n)
	}
}

// gateway plays the script on a new connection.
func (f *fake) gateway(w http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		f.t.Errorf("upgrade: %v", err)
		return
	}
	f.mu.Lock()
	f.linked++
	n := f.linked
	f.mu.Unlock()
	f.note("%d: connected at %s?%s", n, r.URL.Path, r.URL.RawQuery)
	c := &link{f: f, n: n, ws: ws, in: make(chan frame, 100), ack: true}
	f.mu.Lock()
	noHello := f.noHello
	f.mu.Unlock()
	if noHello {
		io.Copy(io.Discard, ws.NetConn())
		return
	}
	c.op(10, map[string]any{"heartbeat_interval": f.interval.Milliseconds()})
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer close(c.in)
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				if ce, ok := err.(*websocket.CloseError); ok {
					f.note("%d: closed by the bot with %d", n, ce.Code)
				}
				return
			}
			var m frame
			if err := json.Unmarshal(data, &m); err != nil {
				f.t.Errorf("the bot sent no JSON: %v", err)
				return
			}
			switch m.Op {
			case 1:
				c.mu.Lock()
				ack := c.ack
				c.mu.Unlock()
				f.note("%d: heartbeat %s", n, m.D)
				if ack {
					c.op(11, nil)
				}
				continue
			case 2:
				var d struct {
					Token    string
					Intents  int
					Compress bool
					Shard    [2]int
				}
				json.Unmarshal(m.D, &d)
				f.note("%d: IDENTIFY shard %v intents %d", n, d.Shard, d.Intents)
			case 6:
				var d struct {
					Session string `json:"session_id"`
					Seq     int64
				}
				json.Unmarshal(m.D, &d)
				f.note("%d: RESUME %s after %d", n, d.Session, d.Seq)
			default:
				f.note("%d: op %d", n, m.Op)
			}
			c.in <- m
		}
	}()
	f.script(n, c)
	<-over
	ws.Close()
}

// op sends one message.
func (c *link) op(op int, d any) { c.raw(map[string]any{"op": op, "d": d}) }

func (c *link) raw(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		c.f.t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := websocket.TextMessage
	if c.zip {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		z.Write(data)
		z.Close()
		kind, data = websocket.BinaryMessage, b.Bytes()
	}
	c.ws.SetWriteDeadline(time.Now().Add(time.Second))
	c.ws.WriteMessage(kind, data) // the bot may be gone, as scripts want it
}

// dispatch sends an event.
func (c *link) dispatch(name string, d any) {
	c.mu.Lock()
	c.seq++
	seq := c.seq
	c.mu.Unlock()
	c.raw(map[string]any{"op": 0, "t": name, "s": seq, "d": d})
}

// close closes with the code.
func (c *link) close(code int) {
	c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "scripted"), time.Now().Add(time.Second))
}

// silence acknowledges no more beats.
func (c *link) silence() {
	c.mu.Lock()
	c.ack = false
	c.mu.Unlock()
}

// stall reads nothing any more, and says nothing, for two minutes.
func (c *link) stall() {
	c.ws.SetReadDeadline(time.Unix(1, 0))
	select {
	case <-c.f.gone:
	case <-time.After(2 * time.Minute):
	}
}

// welcome answers IDENTIFY and RESUME as they want, and gives what came first.
func (c *link) welcome() frame {
	m := <-c.in
	switch m.Op {
	case 2:
		c.ready()
	case 6:
		var d struct{ Seq int64 }
		json.Unmarshal(m.D, &d)
		c.seq = d.Seq
		c.dispatch("RESUMED", map[string]any{})
	}
	return m
}

func (c *link) ready() {
	c.dispatch("READY", map[string]any{"v": 10, "session_id": fmt.Sprintf("s%d", c.n), "resume_gateway_url": "ws://resume/gw-resume",
		"user": map[string]any{"id": "1", "username": "footnote", "bot": true}, "guilds": []any{map[string]any{"id": "20", "unavailable": true}},
		"application": map[string]any{"id": "2", "flags": 0}})
}

// message makes the event of a message that mentions the bot.
func aMessage(id, text string) map[string]any {
	return map[string]any{"id": id, "channel_id": "10", "guild_id": "20", "type": 0, "content": "<@1> " + text,
		"author": map[string]any{"id": "5", "username": "ann"}, "mentions": []any{map[string]any{"id": "1"}}}
}

// aCommand makes the event of a slash command.
func aCommand(id, name, question string) map[string]any {
	return map[string]any{"id": id, "application_id": "2", "type": 2, "token": "secret-" + id, "channel_id": "10", "guild_id": "20",
		"member": map[string]any{"user": map[string]any{"id": "5", "username": "ann"}, "permissions": "32", "roles": []any{"30"}},
		"data":   map[string]any{"id": "3", "name": name, "type": 1, "options": []any{map[string]any{"name": "question", "type": 3, "value": question}}}}
}

// aButton makes the event of a pressed button.
func aButton(id, customID string) map[string]any {
	e := aCommand(id, "", "")
	e["type"] = 3
	e["data"] = map[string]any{"custom_id": customID, "component_type": 2}
	e["message"] = map[string]any{"id": "50", "channel_id": "10", "author": map[string]any{"id": "1", "bot": true}, "components": offering(customID)}
	return e
}

const testToken = "MTIzNDU2Nzg5MDEyMzQ1Njc4.secret.part"

// running is a bot that runs against a fake.
type running struct {
	*Bot
	log  *syncBuffer
	stop context.CancelFunc
	over chan error
	http *http.Transport
}

// syncBuffer is what the bot logs.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// run starts a bot against the fake, with handlers that say "echo: " and the question, unless others are given.
func (f *fake) run(h *Handlers) *running {
	f.t.Helper()
	r := &running{log: &syncBuffer{}, over: make(chan error, 1), http: &http.Transport{DialContext: f.dial, MaxIdleConnsPerHost: 10}}
	b, err := New(nil, testToken, Options{Discord: "http://fake", Transport: r.http, Dial: f.dial,
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		f.t.Fatal(err)
	}
	r.Bot = b
	if h == nil {
		h = &Handlers{
			Message: func(_ context.Context, m *Message) Response {
				return Response{Action: Reply, Content: "echo: " + m.Content}
			},
			Commands: map[string]Route{"ask": {Handle: func(_ context.Context, i *Interaction) Response {
				return Response{Action: Reply, Content: "echo: " + i.Options["question"]}
			}}},
		}
	}
	b.handlers = *h
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.over <- b.Run(ctx) }()
	return r
}

// end stops the bot and checks that it ended well, and that the token was told to nobody.
func (r *running) end(f *fake) {
	f.t.Helper()
	r.stop()
	if err := <-r.over; err != nil {
		f.t.Errorf("Run: %v", err)
	}
	r.clean(f)
}

func (r *running) clean(f *fake) {
	f.t.Helper()
	r.http.CloseIdleConnections()
	for _, secret := range []string{testToken, "secret-"} {
		if strings.Contains(r.log.String(), secret) {
			f.t.Errorf("a secret is in the log:\n%s", r.log)
		}
	}
	if f.t.Failed() {
		f.t.Logf("gateway:\n%s\nlog:\n%s", f.notes(), r.log)
	}
}

// until lets the bubble's clock run until ok, at most for d.
func (f *fake) until(what string, d time.Duration, ok func() bool) time.Duration {
	f.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > d {
			f.t.Fatalf("not within %v: %s\ngateway:\n%s", d, what, f.notes())
		}
		time.Sleep(max(time.Millisecond, time.Since(began)/1000)) // on the bubble's clock
	}
	return time.Since(began)
}

// says waits until the gateway's notes hold the text, and gives how long it took.
func (f *fake) says(text string, d time.Duration) time.Duration {
	f.t.Helper()
	return f.until(text, d, func() bool { return strings.Contains(f.notes(), text) })
}
