package discordtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Request is one call the bot made over REST.
type Request struct {
	N      int // counted from 1
	At     time.Time
	Took   time.Duration // real time
	Method string
	Path   string // without /api and version, with the query
	Route  string // as the description has it, such as /channels/{channel_id}/messages; empty if there is none
	Header http.Header
	Body   []byte // the JSON, also of a multipart request
	Files  []string
	Status int // 0 while it runs or if the connection was cut
	Fault  bool
}

// A Refusal is a request that the server refused by Discord's rules; scripted faults are none.
type Refusal struct {
	Method, Path string
	Status, Code int
	Message      string
	Problems     []Violation // what was wrong with the body
	Body         []byte
}

// String is the refusal on one line.
func (r Refusal) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d (code %d) %s", r.Method, r.Path, r.Status, r.Code, r.Message)
	for _, v := range r.Problems {
		fmt.Fprintf(&b, "; %s", v)
	}
	if len(r.Problems) > 0 {
		body := r.Body
		if len(body) > 400 {
			body = append(append([]byte{}, body[:400]...), "..."...)
		}
		fmt.Fprintf(&b, "; body %s", body)
	}
	return b.String()
}

// maxBody is the size of the largest request (docs: reference, "Uploading Files": 25 MiB).
const maxBody = 25 << 20

// maxFile is the size of the largest attachment without boosts (docs: reference, "Uploading Files": 10 MiB).
const maxFile = 10 << 20

// apiError is how a handler refuses.
type apiError struct {
	status, code int
	msg          string
	problems     []Violation
}

func fail(status, code int, msg string) *apiError {
	return &apiError{status: status, code: code, msg: msg}
}

func unknown(code int, what string) *apiError { return fail(404, code, "Unknown "+what) }

func noAccess() *apiError { return fail(403, 50001, "Missing Access") }

func noPermission() *apiError { return fail(403, 50013, "Missing Permissions") }

// A call is one request on its way through the server.
type call struct {
	r     *http.Request
	vals  map[string]string
	raw   []byte
	body  any // the JSON decoded; nil if there is none
	files []upload
}

func (c *call) obj() obj { o, _ := c.body.(obj); return o }

type upload struct {
	field, name, kind string
	data              []byte
}

// A route answers one method of one path of the description.
type route struct {
	method, path string
	seg          []string
	open         bool // needs no token: the path holds one
	body         bodyKind
	handle       func(*Server, *call) (int, any, *apiError) // with the lock held
}

// routes is the table of all that the server answers. The paths are those of the OpenAPI description.
func routes() []route {
	rs := []route{
		{method: "GET", path: "/gateway", open: true, handle: (*Server).getGateway},
		{method: "GET", path: "/gateway/bot", handle: (*Server).getGatewayBot},
		{method: "GET", path: "/users/@me", handle: (*Server).getMe},
		{method: "GET", path: "/users/@me/guilds", handle: (*Server).getMyGuilds},
		{method: "POST", path: "/users/@me/channels", handle: (*Server).postDM, body: plainBody},
		{method: "GET", path: "/users/{user_id}", handle: (*Server).getUser},
		{method: "GET", path: "/applications/@me", handle: (*Server).getApplication},
		{method: "GET", path: "/oauth2/applications/@me", handle: (*Server).getApplication},
		{method: "GET", path: "/oauth2/@me", handle: (*Server).getAuthorization},
		{method: "GET", path: "/guilds/{guild_id}", handle: (*Server).getGuild},
		{method: "GET", path: "/guilds/{guild_id}/channels", handle: (*Server).getGuildChannels},
		{method: "GET", path: "/guilds/{guild_id}/roles", handle: (*Server).getGuildRoles},
		{method: "GET", path: "/guilds/{guild_id}/members/{user_id}", handle: (*Server).getMember},
		{method: "GET", path: "/channels/{channel_id}", handle: (*Server).getChannel},
		{method: "POST", path: "/channels/{channel_id}/typing", handle: (*Server).postTyping},
		{method: "GET", path: "/channels/{channel_id}/messages", handle: (*Server).getMessages},
		{method: "POST", path: "/channels/{channel_id}/messages", handle: (*Server).postMessage, body: messageBody},
		{method: "GET", path: "/channels/{channel_id}/messages/{message_id}", handle: (*Server).getMessage},
		{method: "PATCH", path: "/channels/{channel_id}/messages/{message_id}", handle: (*Server).patchMessage, body: messageEditBody},
		{method: "DELETE", path: "/channels/{channel_id}/messages/{message_id}", handle: (*Server).deleteMessage},
		{method: "PUT", path: "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", handle: (*Server).putReaction},
		{method: "DELETE", path: "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", handle: (*Server).deleteReaction},
		{method: "POST", path: "/channels/{channel_id}/messages/{message_id}/threads", handle: (*Server).postThread, body: plainBody},
		{method: "POST", path: "/interactions/{interaction_id}/{interaction_token}/callback", open: true, handle: (*Server).postCallback, body: callbackBody},
		{method: "POST", path: "/webhooks/{webhook_id}/{webhook_token}", open: true, handle: (*Server).postFollowup, body: followupBody},
		{method: "GET", path: "/webhooks/{webhook_id}/{webhook_token}/messages/@original", open: true, handle: (*Server).getFollowup},
		{method: "PATCH", path: "/webhooks/{webhook_id}/{webhook_token}/messages/@original", open: true, handle: (*Server).patchFollowup, body: webhookEditBody},
		{method: "DELETE", path: "/webhooks/{webhook_id}/{webhook_token}/messages/@original", open: true, handle: (*Server).deleteFollowup},
		{method: "GET", path: "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", open: true, handle: (*Server).getFollowup},
		{method: "PATCH", path: "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", open: true, handle: (*Server).patchFollowup, body: webhookEditBody},
		{method: "DELETE", path: "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", open: true, handle: (*Server).deleteFollowup},
	}
	for _, scope := range []string{"/applications/{application_id}/commands", "/applications/{application_id}/guilds/{guild_id}/commands"} {
		rs = append(rs,
			route{method: "GET", path: scope, handle: (*Server).getCommands},
			route{method: "PUT", path: scope, handle: (*Server).putCommands, body: commandsBody},
			route{method: "POST", path: scope, handle: (*Server).postCommand, body: commandBody},
			route{method: "GET", path: scope + "/{command_id}", handle: (*Server).getCommand},
			route{method: "PATCH", path: scope + "/{command_id}", handle: (*Server).patchCommand, body: commandEditBody},
			route{method: "DELETE", path: scope + "/{command_id}", handle: (*Server).deleteCommand})
	}
	for i := range rs {
		rs[i].seg = strings.Split(rs[i].path[1:], "/")
	}
	return rs
}

// match finds the route of a path and the values of its {names}.
func match(rs []route, method, path string) (*route, map[string]string, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := range parts { // after the split: an emoji or name may hold a slash. discord.js escapes the @ of @original
		p, err := url.PathUnescape(parts[i])
		if err != nil {
			return nil, nil, false
		}
		parts[i] = p
	}
	known := false
next:
	for i := range rs {
		r := &rs[i]
		if len(r.seg) != len(parts) {
			continue
		}
		var vals map[string]string
		for j, seg := range r.seg {
			if seg[0] == '{' {
				if vals == nil {
					vals = map[string]string{}
				}
				vals[seg[1:len(seg)-1]] = parts[j]
			} else if seg != parts[j] {
				continue next
			}
		}
		known = true
		if r.method == method {
			return r, vals, true
		}
	}
	return nil, nil, known
}

var (
	versioned = regexp.MustCompile(`^/api(?:/v(\d+))?(/.*)$`)
	userAgent = regexp.MustCompile(`^DiscordBot \(\S+, \S+\)`)
)

// serve is the whole server: gateway, CDN and REST.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/gateway"), strings.HasPrefix(r.URL.Path, "/resume"):
		s.serveGateway(w, r)
		return
	case strings.HasPrefix(r.URL.Path, "/attachments/"):
		s.serveFile(w, r)
		return
	}
	m := versioned.FindStringSubmatch(r.URL.EscapedPath())
	if m == nil {
		http.NotFound(w, r)
		return
	}
	began := time.Now()
	path := m[2]
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return // the bot hung up
	}
	rt, vals, known := match(s.table, r.Method, m[2])
	c := &call{r: r, vals: vals, raw: raw}
	formErr := c.decode()

	s.mu.Lock()
	req := Request{At: s.clock.Now(), Method: r.Method, Path: path, Header: r.Header.Clone(), Body: c.raw}
	if rt != nil {
		req.Route = rt.path
	}
	for _, f := range c.files {
		req.Files = append(req.Files, f.name)
	}
	s.requests = append(s.requests, req)
	s.reqBase += keep(&s.requests, s.opt.LogLimit)
	n := s.reqBase + len(s.requests)
	s.requests[len(s.requests)-1].N = n
	s.reqChanged.tell()
	fault := s.takeFault(r.Method, m[2])
	s.mu.Unlock()
	finish := func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if i := n - 1 - s.reqBase; i >= 0 {
			s.requests[i].Status, s.requests[i].Took, s.requests[i].Fault = status, time.Since(began), fault != nil
		}
		s.reqChanged.tell()
		s.opt.Logf("%s %s -> %d", r.Method, path, status)
	}
	if fault != nil && !fault.before(s, w, r, finish) {
		return
	}

	status, v, ae := s.answer(w, c, rt, known, m[1], formErr, len(raw))
	if fault != nil && fault.CutAfter {
		finish(0)
		panic(http.ErrAbortHandler) // the documented way to cut a connection without an answer
	}
	if ae != nil {
		status, v = ae.status, ae.wire()
		s.mu.Lock()
		s.refusals = append(s.refusals, Refusal{r.Method, path, ae.status, ae.code, ae.msg, ae.problems, c.raw})
		s.mu.Unlock()
		s.opt.Logf("refused: %s", Refusal{r.Method, path, ae.status, ae.code, ae.msg, ae.problems, c.raw})
	}
	if status == 204 || v == nil {
		w.WriteHeader(status)
		finish(status)
		return
	}
	if h, ok := v.(rawAnswer); ok { // a rate limit
		for k, val := range h.header {
			w.Header().Set(k, val)
		}
		w.WriteHeader(status)
		io.WriteString(w, h.body)
		finish(status)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("discordtest: answer of %s %s: %v", r.Method, path, err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b)
	finish(status)
}

type rawAnswer struct {
	header map[string]string
	body   string
}

// answer checks the request as Discord does, in its order, and lets the route's handler work.
func (s *Server) answer(w http.ResponseWriter, c *call, rt *route, known bool, version string, formErr error, size int) (int, any, *apiError) {
	if status, v, ae := s.admit(w, c, rt, known, version); status != 0 || ae != nil {
		return status, v, ae
	}
	if size > maxBody {
		return 0, nil, fail(413, 40005, "Request entity too large")
	}
	if formErr != nil {
		return 0, nil, fail(400, 50109, "The request body contains invalid JSON.")
	}
	for _, f := range c.files {
		if len(f.data) > maxFile {
			return 0, nil, fail(413, 40005, "Request entity too large")
		}
	}
	if rt.body != noBody {
		if vs := s.check(rt, c); len(vs) > 0 { // without the lock, as it takes the longest
			for _, v := range vs {
				if v.code != 0 {
					return 0, nil, &apiError{400, v.code, v.Message, vs}
				}
			}
			return 0, nil, &apiError{400, 50035, "Invalid Form Body", vs}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status, v, ae := rt.handle(s, c)
	if ae != nil && (ae.status == 401 || ae.status == 403) {
		s.countInvalid()
	}
	return status, v, ae
}

// admit checks all that does not depend on the body. A status or an error is the answer.
func (s *Server) admit(w http.ResponseWriter, c *call, rt *route, known bool, version string) (int, any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isBanned() {
		return 429, cloudflare(600 * time.Second), nil
	}
	if !userAgent.MatchString(c.r.UserAgent()) {
		s.countInvalid()
		return 0, nil, fail(403, 40333, "internal network error") // docs: reference, "User Agent"
	}
	if version != "" && version != "9" && version != "10" {
		return 0, nil, fail(400, 50041, "Invalid API version provided")
	}
	if rt == nil {
		if known {
			return 0, nil, fail(405, 0, "405: Method Not Allowed")
		}
		return 0, nil, fail(404, 0, "404: Not Found")
	}
	if !rt.open && c.r.Header.Get("Authorization") != "Bot "+s.opt.Token {
		s.countInvalid()
		return 0, nil, fail(401, 0, "401: Unauthorized")
	}
	status, v, _ := s.limit(w, rt, c)
	return status, v, nil
}

// wire is the error as Discord writes it (docs: reference, "Error Messages"): the problems nested by the keys of the body.
func (e *apiError) wire() obj {
	o := obj{"code": e.code, "message": e.msg}
	if len(e.problems) == 0 {
		return o
	}
	root := obj{}
	for _, v := range e.problems {
		at := root
		for _, k := range v.Path {
			next, ok := at[k].(obj)
			if !ok {
				next = obj{}
				at[k] = next
			}
			at = next
		}
		l, _ := at["_errors"].(list)
		at["_errors"] = append(l, obj{"code": v.Code, "message": v.Message})
	}
	o["errors"] = root
	return o
}

// decode reads the body: JSON, or a form with payload_json and files[n] (docs: reference, "Uploading Files").
func (c *call) decode() error {
	if len(c.raw) == 0 {
		return nil
	}
	kind, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		mr := multipart.NewReader(bytes.NewReader(c.raw), params["boundary"])
		c.raw = nil
		for {
			p, err := mr.NextPart()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			b, err := io.ReadAll(p)
			if err != nil {
				return err
			}
			if p.FormName() == "payload_json" {
				c.raw = b
				continue
			}
			c.files = append(c.files, upload{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), b})
		}
		if c.raw == nil {
			c.body = obj{}
			return nil
		}
	}
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.UseNumber() // snowflakes sent as numbers must not lose digits
	if err := d.Decode(&c.body); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}

// Requests returns every REST call so far, the newest LogLimit of them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// WaitRequest waits for a finished call that ok likes, past or future.
func (s *Server) WaitRequest(ctx context.Context, ok func(Request) bool) (Request, error) {
	var got Request
	err := s.await(ctx, &s.reqChanged, "a request", func() bool {
		for _, r := range s.requests { // a request may finish after a later one, so all are looked at
			if (r.Status != 0 || r.Fault) && ok(r) {
				got = r
				return true
			}
		}
		return false
	})
	return got, err
}

// Refusals returns what the server refused because of what the bot did wrong. A test of a well-behaved bot wants none.
func (s *Server) Refusals() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Refusal(nil), s.refusals...)
}

// ClearRefusals forgets the refusals so far, for a test that meant them.
func (s *Server) ClearRefusals() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = nil
}

// InvalidRequests counts the answers 401, 403 and 429 (but not of shared scope), of which Discord allows 10,000 in 10 minutes.
func (s *Server) InvalidRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.invalidN
}

func (s *Server) countInvalid() {
	s.invalidN++
	s.invalid = append(s.invalid, s.clock.Now())
}

func (s *Server) isBanned() bool {
	cut := s.clock.Now().Add(-10 * time.Minute)
	for len(s.invalid) > 0 && s.invalid[0].Before(cut) {
		s.invalid = s.invalid[1:]
	}
	return len(s.invalid) >= s.opt.InvalidLimit
}

// query reads a number of the query string.
func query(c *call, name string, or int) int {
	n, err := strconv.Atoi(c.r.URL.Query().Get(name))
	if err != nil {
		return or
	}
	return n
}
