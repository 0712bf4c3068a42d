package discordtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// A Fault is something that goes wrong with requests. The zero value but for its match does nothing wrong.
type Fault struct {
	Method string // empty: any
	Path   string // a pattern of path.Match over the path without /api/vN, such as "/channels/*/messages"; empty: any
	Times  int    // how many requests it strikes; 0: one, negative: all

	Status    int               // answered in place of the server's own answer, if not 0
	Header    map[string]string // sent along
	Body      string            // sent as it is
	CutBefore bool              // the connection is cut and nothing is done
	CutAfter  bool              // the request is processed, then the connection is cut: to repeat it blindly would do it twice
	Slow      time.Duration     // real time before anything else happens

	valid bool // counts among the invalid requests
	hold  *Hold
}

// Fault adds a fault; of several that match a request the one added first strikes.
func (s *Server) Fault(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults takes back every fault that has not struck yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// The scopes of a rate limit (docs: topics/rate-limits, X-RateLimit-Scope).
const (
	ScopeUser   = "user"
	ScopeGlobal = "global"
	ScopeShared = "shared"
)

// TooMany makes f a 429 as Discord's API answers it.
func (f Fault) TooMany(retryAfter time.Duration, scope string) Fault {
	f.Status = 429
	f.Header = rateHeader(retryAfter, scope)
	f.Body = rateBody(retryAfter, scope == ScopeGlobal)
	f.valid = scope != ScopeShared
	return f
}

// Cloudflare makes f a 429 as Cloudflare answers an address that it bans: HTML.
func (f Fault) Cloudflare(retryAfter time.Duration) Fault {
	a := cloudflare(retryAfter)
	f.Status, f.Header, f.Body = 429, a.header, a.body
	f.valid = true
	return f
}

// Forbidden makes f the answer to who lacks a permission.
func (f Fault) Forbidden() Fault {
	f.Status = 403
	f.Header = map[string]string{"Content-Type": "application/json"}
	f.Body = `{"message":"Missing Permissions","code":50013}`
	f.valid = true
	return f
}

// ServerError makes f a 5xx such as Discord's proxies answer.
func (f Fault) ServerError(status int) Fault {
	f.Status = status
	f.Header = map[string]string{"Content-Type": "text/html"}
	f.Body = fmt.Sprintf("<html><head><title>%d %s</title></head><body></body></html>", status, http.StatusText(status))
	return f
}

func rateHeader(after time.Duration, scope string) map[string]string {
	h := map[string]string{"Content-Type": "application/json", "Retry-After": strconv.Itoa(int((after + time.Second - 1) / time.Second)), "X-RateLimit-Scope": scope}
	if scope == ScopeGlobal {
		h["X-RateLimit-Global"] = "true"
		return h
	}
	h["X-RateLimit-Limit"], h["X-RateLimit-Remaining"], h["X-RateLimit-Bucket"] = "5", "0", "d7c1e8a2b1f0"
	h["X-RateLimit-Reset-After"] = seconds(after)
	h["X-RateLimit-Reset"] = seconds(time.Duration(time.Now().Add(after).UnixMilli()) * time.Millisecond)
	return h
}

func rateBody(after time.Duration, global bool) string {
	return fmt.Sprintf(`{"message":"You are being rate limited.","retry_after":%s,"global":%t}`, seconds(after), global)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func cloudflare(after time.Duration) rawAnswer {
	return rawAnswer{map[string]string{"Content-Type": "text/html; charset=UTF-8", "Retry-After": strconv.Itoa(int(after / time.Second)), "Server": "cloudflare", "CF-RAY": "8d0f0f0f0f0f0f0f-AMS"},
		"<!DOCTYPE html><html><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head><body>Error 1015: You are being rate limited</body></html>"}
}

// A Hold keeps requests waiting before they are processed, until the test lets them go.
type Hold struct {
	s       *Server
	release chan struct{}
	waiting int // guarded by Server.mu
	fault   *Fault
}

// Hold makes all requests that match wait. Method and pattern are as in Fault.
func (s *Server) Hold(method, pattern string) *Hold {
	h := &Hold{s: s, release: make(chan struct{})}
	h.fault = &Fault{Method: method, Path: pattern, Times: -1, hold: h}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, h.fault)
	return h
}

// Wait waits until n requests are held.
func (h *Hold) Wait(ctx context.Context, n int) error {
	return h.s.await(ctx, &h.s.reqChanged, fmt.Sprintf("%d held requests", n), func() bool { return h.waiting >= n })
}

// Release lets the held requests go, and later ones pass. Call it once.
func (h *Hold) Release() {
	h.s.mu.Lock()
	for i, f := range h.s.faults {
		if f == h.fault {
			h.s.faults = append(h.s.faults[:i:i], h.s.faults[i+1:]...)
			break
		}
	}
	h.s.mu.Unlock()
	close(h.release)
}

// takeFault finds the fault that strikes this request. The lock is held.
func (s *Server) takeFault(method, p string) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method {
			continue
		}
		if ok, _ := path.Match(f.Path, p); f.Path != "" && !ok {
			continue
		}
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// before does what the fault does before the request is processed, and reports whether it is to be processed at all.
func (f *Fault) before(s *Server, w http.ResponseWriter, r *http.Request, finish func(int)) bool {
	if f.hold != nil {
		s.mu.Lock()
		f.hold.waiting++
		s.reqChanged.tell()
		s.mu.Unlock()
		select {
		case <-f.hold.release:
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		s.mu.Lock()
		f.hold.waiting--
		s.mu.Unlock()
	}
	if f.Slow > 0 {
		t := time.NewTimer(f.Slow)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	}
	switch {
	case f.CutBefore:
		finish(0)
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		if f.valid {
			s.mu.Lock()
			s.countInvalid()
			s.mu.Unlock()
		}
		for k, v := range f.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
		finish(f.Status)
		return false
	}
	return true
}

// A bucket is a rate limit on a route, counted apart for each channel, guild or webhook.
type bucket struct {
	method, path string
	limit        int
	per          time.Duration
	used         map[string]*window
}

type window struct {
	start time.Time
	n     int
}

// Limit puts a rate limit on a route of the description, such as "POST", "/channels/{channel_id}/messages". It is counted on the server's clock, so
// it wants a RealClock, or a test that moves the clock while the bot waits.
func (s *Server) Limit(method, route string, n int, per time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets = append(s.buckets, &bucket{method, route, n, per, map[string]*window{}})
}

// LimitGlobal limits all requests a second, but those to interaction endpoints (Discord: 50).
func (s *Server) LimitGlobal(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.globalLimit = n
}

// limit counts the request against its limits and sets the headers. The lock is held.
func (s *Server) limit(w http.ResponseWriter, rt *route, c *call) (int, any, bool) {
	now := s.clock.Now()
	if s.globalLimit > 0 && !rt.open { // docs: topics/rate-limits: interaction endpoints are not bound to the global limit
		if now.Sub(s.global.start) >= time.Second {
			s.global = window{start: now}
		}
		s.global.n++
		if s.global.n > s.globalLimit {
			s.countInvalid()
			left := time.Second - now.Sub(s.global.start)
			return 429, rawAnswer{rateHeader(left, ScopeGlobal), rateBody(left, true)}, true
		}
	}
	for _, b := range s.buckets {
		if b.method != rt.method || b.path != rt.path {
			continue
		}
		key := c.vals["channel_id"] + c.vals["guild_id"] + c.vals["webhook_token"]
		u := b.used[key]
		if u == nil || now.Sub(u.start) >= b.per {
			u = &window{start: now}
			b.used[key] = u
		}
		u.n++
		left := b.per - now.Sub(u.start)
		name := fmt.Sprintf("%x", strings.ToLower(b.method+b.path))
		if u.n > b.limit {
			s.countInvalid()
			h := rateHeader(left, ScopeUser)
			h["X-RateLimit-Limit"], h["X-RateLimit-Bucket"] = strconv.Itoa(b.limit), name
			return 429, rawAnswer{h, rateBody(left, false)}, true
		}
		h := w.Header()
		h.Set("X-RateLimit-Limit", strconv.Itoa(b.limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(b.limit-u.n))
		h.Set("X-RateLimit-Reset", seconds(time.Duration(time.Now().Add(left).UnixMilli())*time.Millisecond))
		h.Set("X-RateLimit-Reset-After", seconds(left))
		h.Set("X-RateLimit-Bucket", name)
		return 0, nil, false
	}
	return 0, nil, false
}
