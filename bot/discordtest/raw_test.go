package discordtest_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"github.com/gorilla/websocket"
)

// client speaks the gateway's protocol byte by byte, so that a test sees what a library would hide.
type client struct {
	t   *testing.T
	s   *discordtest.Server
	ws  *websocket.Conn
	zr  *io.PipeWriter // zlib-stream: frames are written here
	dec *json.Decoder  // and payloads read here
	seq int
	id  string // session
}

type payload struct {
	Op int
	D  json.RawMessage
	S  int
	T  string
}

// dial opens a connection without sending anything.
func dial(t *testing.T, s *discordtest.Server, url string) *client {
	t.Helper()
	ws, _, err := s.Dialer().DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, s: s, ws: ws}
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(patience))
	if strings.Contains(url, "zlib-stream") {
		r, w := io.Pipe()
		c.zr = w
		done := make(chan struct{})
		go func() { // feeds frames to the one zlib stream
			defer close(done)
			for {
				kind, b, err := ws.ReadMessage()
				if err != nil {
					w.CloseWithError(err)
					return
				}
				if kind != websocket.BinaryMessage || !bytes.HasSuffix(b, []byte{0, 0, 0xff, 0xff}) {
					w.CloseWithError(errors.New("a frame that is no flushed part of a zlib stream"))
					return
				}
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}()
		t.Cleanup(func() { r.Close(); ws.Close(); <-done })
		z, err := zlib.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		c.dec = json.NewDecoder(z)
	}
	return c
}

// next reads one payload, in whatever form it comes.
func (c *client) next() payload {
	c.t.Helper()
	var p payload
	if c.dec != nil {
		if err := c.dec.Decode(&p); err != nil {
			c.t.Fatal(err)
		}
		return p
	}
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Fatalf("reading the gateway: %v", err)
	}
	if kind == websocket.BinaryMessage {
		z, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			c.t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := json.Unmarshal(b, &p); err != nil {
		c.t.Fatal(err)
	}
	if p.S > 0 {
		c.seq = p.S
	}
	return p
}

// op reads payloads until one of that op comes.
func (c *client) op(op int) payload {
	c.t.Helper()
	for {
		if p := c.next(); p.Op == op {
			return p
		}
	}
}

// event reads payloads until a dispatch of that name comes.
func (c *client) event(name string) json.RawMessage {
	c.t.Helper()
	for {
		if p := c.next(); p.T == name {
			return p.D
		}
	}
}

func (c *client) send(op int, d any) {
	c.t.Helper()
	if err := c.ws.WriteJSON(map[string]any{"op": op, "d": d}); err != nil {
		c.t.Fatal(err)
	}
}

// closed reads until the server closes and returns the code.
func (c *client) closed() int {
	c.t.Helper()
	for {
		_, _, err := c.ws.ReadMessage()
		var ce *websocket.CloseError
		if errors.As(err, &ce) {
			return ce.Code
		}
		if err != nil {
			c.t.Fatalf("the connection ended without a close frame: %v", err)
		}
	}
}

func identity(s *discordtest.Server, intents int) map[string]any {
	return map[string]any{"token": s.Token(), "intents": intents, "properties": map[string]any{"os": "linux", "browser": "test", "device": "test"}}
}

// connect opens a session and reads up to READY.
func connect(t *testing.T, s *discordtest.Server, intents int) *client {
	t.Helper()
	c := dial(t, s, s.GatewayURL()+"/?v=10&encoding=json")
	c.op(10)
	c.send(2, identity(s, intents))
	c.ready()
	return c
}

func (c *client) ready() {
	c.t.Helper()
	var r struct {
		SessionID string `json:"session_id"`
		Resume    string `json:"resume_gateway_url"`
	}
	if err := json.Unmarshal(c.event("READY"), &r); err != nil {
		c.t.Fatal(err)
	}
	if r.Resume != c.s.ResumeURL() {
		c.t.Fatalf("resume_gateway_url %q", r.Resume)
	}
	c.id = r.SessionID
}

// call is one REST request as a well-behaved client makes it; the answer is decoded into an any.
func call(t *testing.T, s *discordtest.Server, method, path string, body any) (int, any) {
	t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/v10"+path, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+s.Token())
	req.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	status, _, b, err := do(s, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		return status, nil
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s %s: %v in %.200s", method, path, err, b)
	}
	return status, v
}

func do(s *discordtest.Server, req *http.Request) (int, http.Header, []byte, error) {
	resp, err := (&http.Client{Transport: s.Transport(), Timeout: patience}).Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, b, err
}

// get walks a decoded answer.
func get(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

type (
	obj  = map[string]any
	list = []any
)
