package discordtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

const (
	guilds   = 1 << 0
	messages = 1 << 9
	content  = 1 << 15
)

func TestGatewaySession(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"plain", "payload compression", "zlib-stream"} {
		t.Run(how, func(t *testing.T) {
			s := discordtest.New(t, discordtest.Options{})
			url := s.GatewayURL() + "/?v=10&encoding=json"
			if how == "zlib-stream" {
				url += "&compress=zlib-stream"
			}
			c := dial(t, s, url)
			var hello struct {
				Interval int `json:"heartbeat_interval"`
			}
			if err := json.Unmarshal(c.op(10).D, &hello); err != nil || hello.Interval != 41250 {
				t.Fatalf("HELLO with interval %d, %v", hello.Interval, err)
			}
			c.send(1, nil)
			c.op(11)
			id := identity(s, guilds|messages)
			id["compress"] = how == "payload compression"
			c.send(2, id)
			c.ready()
			var g struct {
				ID       string
				Channels []struct{ Name string }
			}
			if err := json.Unmarshal(c.event("GUILD_CREATE"), &g); err != nil || g.ID != s.Home().ID || g.Channels[0].Name != "general" {
				t.Fatalf("GUILD_CREATE %+v, %v", g, err)
			}
			must(s.User("alice").Say(s.General(), strings.Repeat("all good things ", 100)))(t)
			c.event("MESSAGE_CREATE")
		})
	}
}

// A client away misses nothing: what happened meanwhile is replayed, in order, once.
func TestResume(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{MessageContent: true})
	c := connect(t, s, guilds|messages|content)
	alice := s.User("alice")
	say := func(n int) { must(alice.Say(s.General(), fmt.Sprint("message ", n)))(t) }
	say(1)
	c.event("MESSAGE_CREATE")
	c.ws.Close() // without a close frame
	if err := s.WaitGone(deadline(t)); err != nil {
		t.Fatal(err)
	}
	say(2)
	say(3)
	d := dial(t, s, s.ResumeURL()+"/?v=10&encoding=json")
	d.op(10)
	d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
	for _, want := range []string{"message 2", "message 3"} {
		var m struct{ Content string }
		if p := d.next(); p.T != "MESSAGE_CREATE" || json.Unmarshal(p.D, &m) != nil || m.Content != want {
			t.Fatalf("replayed %s %s; want %s", p.T, p.D, want)
		}
	}
	if p := d.next(); p.T != "RESUMED" {
		t.Fatalf("%s; want RESUMED", p.T)
	}
	say(4)
	d.event("MESSAGE_CREATE")
	if n := s.SessionStarts(); n != 1 {
		t.Errorf("%d IDENTIFYs", n)
	}
}

// Everything a client can do wrong, and how the gateway ends it.
func TestGatewayCloses(t *testing.T) {
	t.Parallel()
	change := func(k string, v any) func(*client) {
		return func(c *client) {
			id := identity(c.s, 1)
			id[k] = v
			c.send(2, id)
		}
	}
	again := func(seq int) func(*client) {
		return func(c *client) {
			c.send(2, identity(c.s, 1))
			c.ready()
			c.ws.Close()
			d := dial(c.t, c.s, c.s.ResumeURL())
			d.op(10)
			d.send(6, map[string]any{"token": c.s.Token(), "session_id": c.id, "seq": seq})
			*c = *d
		}
	}
	for _, tc := range []struct {
		name string
		do   func(c *client)
		code int
	}{
		{"unknown op", func(c *client) { c.send(99, nil) }, 4001},
		{"no JSON", func(c *client) { c.ws.WriteMessage(websocket.TextMessage, []byte("hello")) }, 4002},
		{"4097 bytes", func(c *client) {
			b := []byte(`{"op":1,"d":null,"x":"`)
			b = append(b, strings.Repeat("x", 4097-len(b)-2)...)
			c.ws.WriteMessage(websocket.TextMessage, append(b, `"}`...))
		}, 4002},
		{"presence before IDENTIFY", func(c *client) { c.send(3, map[string]any{}) }, 4003},
		{"wrong token", change("token", "Bot wrong"), 4004},
		{"IDENTIFY twice", func(c *client) { c.send(2, identity(c.s, 1)); c.ready(); c.send(2, identity(c.s, 1)) }, 4005},
		{"resume from the future", again(1000), 4007},
		{"121 payloads in a minute", func(c *client) {
			for range 121 {
				c.send(1, nil)
			}
		}, 4008},
		{"shard 2 of 2", change("shard", []int{2, 2}), 4010},
		{"unknown intent", change("intents", 1<<30), 4013},
		{"message content switched off", change("intents", content), 4014},
		{"members switched off", change("intents", 1<<1), 4014},
		{"no intents", change("intents", nil), 4002},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := discordtest.New(t, discordtest.Options{})
			c := dial(t, s, s.GatewayURL()+"/?v=10&encoding=json")
			c.op(10)
			tc.do(c)
			if code := c.closed(); code != tc.code {
				t.Errorf("closed with %d; want %d", code, tc.code)
			}
		})
	}
	t.Run("API v6", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		if code := dial(t, s, s.GatewayURL()+"/?v=6").closed(); code != 4012 {
			t.Errorf("closed with %d", code)
		}
	})
}

// What 4096 bytes and 120 payloads are is allowed.
func TestGatewayLimitsReached(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	c := dial(t, s, s.GatewayURL())
	c.op(10)
	b := []byte(`{"op":1,"d":null,"x":"`)
	b = append(b, strings.Repeat("x", 4096-len(b)-2)...)
	c.ws.WriteMessage(websocket.TextMessage, append(b, `"}`...))
	for range 119 {
		c.send(1, nil)
	}
	for range 120 {
		c.op(11)
	}
	noRefusals(t, s)
}

// Faults in place of what a client expects.
func TestGatewayFaults(t *testing.T) {
	t.Parallel()
	t.Run("op 9 in place of READY", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.OnIdentify(discordtest.InvalidSession(false))
		c := dial(t, s, s.GatewayURL())
		c.op(10)
		c.send(2, identity(s, 1))
		if p := c.next(); p.Op != 9 || string(p.D) != "false" {
			t.Fatalf("op %d %s", p.Op, p.D)
		}
		c.send(2, identity(s, 1)) // on the same connection, as discordgo does
		c.ready()
	})
	t.Run("op 7 in place of READY", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.OnIdentify(discordtest.AskReconnect())
		c := dial(t, s, s.GatewayURL())
		c.op(10)
		c.send(2, identity(s, 1))
		if p := c.next(); p.Op != 7 {
			t.Fatalf("op %d", p.Op)
		}
	})
	t.Run("close in place of HELLO", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.OnHello(discordtest.CloseWith(4004))
		if code := dial(t, s, s.GatewayURL()).closed(); code != 4004 {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("op 1 before READY", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.OnIdentify(discordtest.AskHeartbeat())
		c := dial(t, s, s.GatewayURL())
		c.op(10)
		c.send(2, identity(s, 1))
		if p := c.next(); p.Op != 1 {
			t.Fatalf("op %d", p.Op)
		}
		c.ready()
	})
	t.Run("refused RESUME", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.OnResume(discordtest.InvalidSession(false))
		c := connect(t, s, 1)
		c.ws.Close()
		for range 2 { // the session is gone, not only refused once
			d := dial(t, s, s.ResumeURL())
			d.op(10)
			d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
			if p := d.next(); p.Op != 9 || string(p.D) != "false" {
				t.Fatalf("op %d %s", p.Op, p.D)
			}
		}
	})
	t.Run("op 9 with true keeps the session", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		c := connect(t, s, 1)
		s.Gateway(discordtest.InvalidSession(true))
		if p := c.op(9); string(p.D) != "true" {
			t.Fatalf("op 9 %s", p.D)
		}
		c.ws.Close()
		d := dial(t, s, s.ResumeURL())
		d.op(10)
		d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
		d.event("RESUMED")
	})
	for _, code := range []int{1000, 1001} {
		t.Run(fmt.Sprint("the client's close ", code, " ends the session"), func(t *testing.T) {
			s := discordtest.New(t, discordtest.Options{})
			c := connect(t, s, 1)
			c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(patience))
			if got := c.closed(); got != code { // the server echoes
				t.Errorf("echo %d", got)
			}
			d := dial(t, s, s.ResumeURL())
			d.op(10)
			d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
			if p := d.next(); p.Op != 9 {
				t.Errorf("op %d; the session should be over", p.Op)
			}
		})
	}
	t.Run("silent link", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{MessageContent: true})
		c := connect(t, s, guilds|messages|content)
		s.Gateway(discordtest.Ignore())
		c.send(1, c.seq)
		must(s.User("alice").Say(s.General(), "anybody there?"))(t)
		d := dial(t, s, s.ResumeURL()) // a new connection takes the session over and gets what was missed
		d.op(10)
		d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
		d.event("MESSAGE_CREATE")
		d.event("RESUMED")
		for _, e := range s.GatewayEvents() {
			if e.Conn == 1 && e.Kind == "heartbeat" {
				t.Error("the silent link heard a heartbeat")
			}
		}
	})
	t.Run("gateway down", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		s.RefuseConnections(1)
		if _, resp, err := s.Dialer().Dial(s.GatewayURL(), nil); err == nil || resp.StatusCode != 503 {
			t.Errorf("%v %v", resp, err)
		}
		connect(t, s, 1)
	})
	t.Run("ring overrun", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{ResumeRing: 5})
		c := connect(t, s, guilds|messages)
		c.ws.Close()
		for i := range 20 {
			must(s.User("alice").Say(s.General(), fmt.Sprint(i)))(t)
		}
		d := dial(t, s, s.ResumeURL())
		d.op(10)
		d.send(6, map[string]any{"token": s.Token(), "session_id": c.id, "seq": c.seq})
		if p := d.next(); p.Op != 9 {
			t.Errorf("op %d", p.Op)
		}
	})
}

func TestIdentifyBudget(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{MaxConcurrency: 1, SessionStarts: 3})
	try := func() payload {
		c := dial(t, s, s.GatewayURL())
		c.op(10)
		c.send(2, identity(s, 0))
		return c.next()
	}
	if p := try(); p.T != "READY" {
		t.Fatalf("op %d %s", p.Op, p.T)
	}
	if p := try(); p.Op != 9 {
		t.Errorf("a second IDENTIFY within 5 s: op %d %s", p.Op, p.T)
	}
	s.Advance(5 * time.Second)
	if p := try(); p.T != "READY" {
		t.Errorf("5 s later: op %d", p.Op)
	}
	_, v := call(t, s, "GET", "/gateway/bot", nil)
	if left := get(v, "session_start_limit", "remaining"); left != 1.0 {
		t.Errorf("%v starts remain", left)
	}
	s.Advance(5 * time.Second)
	try()
	s.Advance(5 * time.Second)
	c := dial(t, s, s.GatewayURL())
	c.op(10)
	c.send(2, identity(s, 0))
	if code := c.closed(); code != 4004 {
		t.Errorf("over the budget: %d", code)
	}
}

func TestShards(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{MessageContent: true})
	var cs [2]*client
	for i := range cs {
		c := dial(t, s, s.GatewayURL())
		c.op(10)
		id := identity(s, guilds|messages|content|1<<12)
		id["shard"] = []int{i, 2}
		c.send(2, id)
		c.ready()
		cs[i] = c
	}
	must(s.User("alice").Say(s.General(), "in the guild"))(t)
	must(s.User("alice").DM("in private"))(t)
	s.Dispatch("END", json.RawMessage("{}"))
	var got [2][]string
	for i, c := range cs {
		for p := c.next(); p.T != "END"; p = c.next() {
			var m struct{ Content string }
			if p.T == "MESSAGE_CREATE" && json.Unmarshal(p.D, &m) == nil {
				got[i] = append(got[i], m.Content)
			}
		}
	}
	var id uint64
	fmt.Sscan(s.Home().ID, &id)
	want := [2][]string{}
	want[id>>22%2] = append(want[id>>22%2], "in the guild")
	want[0] = append(want[0], "in private") // direct messages are shard 0's
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("shard %d of 2 heard %q; want %q", i, got[i], want[i])
		}
	}
}

// The real discordgo, where it does well.
func TestDiscordgoResumes(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		t.Run(fmt.Sprint("refused ", refuse), func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			s := discordtest.New(t, discordtest.Options{})
			d := session(t, s)
			d.ShouldReconnectOnError = true
			heard := make(chan string, 10)
			d.AddHandler(func(_ *discordgo.Session, m *discordgo.MessageCreate) { heard <- m.ID })
			open(t, s, d)
			if refuse {
				s.OnResume(discordtest.InvalidSession(false))
			}
			if _, err := s.WaitGateway(ctx, func(e discordtest.GatewayEvent) bool { return e.Kind == "heartbeat" }); err != nil {
				t.Fatal(err) // op 7 before the first beat makes discordgo reconnect twice
			}
			s.Reconnect()
			want := "resumed"
			if refuse {
				want = "ready"
			}
			if _, err := s.WaitGateway(ctx, func(e discordtest.GatewayEvent) bool { return e.Conn > 1 && e.Kind == want }); err != nil {
				t.Fatal(err, s.GatewayEvents())
			}
			m := must(s.User("alice").Say(s.General(), "hello again"))(t)
			select {
			case id := <-heard:
				if id != m.ID {
					t.Errorf("heard %s", id)
				}
			case <-ctx.Done():
				t.Fatal("nothing heard after the reconnection")
			}
		})
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.WaitReady(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s, err := discordtest.Run(discordtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s, 1)
	connect(t, s, 1)
	h := s.Hold("GET", "/users/@me")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := s.Transport().RoundTrip(mustRequest(t, s)); err == nil {
			resp.Body.Close()
		}
	}()
	if err := h.Wait(deadline(t), 1); err != nil {
		t.Fatal(err)
	}
	s.Close()
	<-done
	goleak.VerifyNone(t, before)
}
