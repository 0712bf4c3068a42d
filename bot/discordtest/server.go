package discordtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Options says how a Server differs from a plain one; the zero value works.
type Options struct {
	Clock Clock  // a FakeClock if nil
	Token string // the bot's; DefaultToken if empty
	Name  string // the bot's; "Footnote" if empty

	// Spec is Discord's OpenAPI description, to check bodies against. If nil, the file that the environment's DISCORD_OPENAPI names
	// is loaded, and without that only the Rules are checked.
	Spec *Spec
	// RulesAlone leaves the description out, even if the environment names one.
	RulesAlone bool

	// The privileged intents switched on in the developer portal; asking for one that is off closes the gateway with 4014.
	MessageContent, GuildMembers, Presences bool

	// BotPermissions is what the bot's own role allows in its guilds, besides DefaultPermissions that @everyone has.
	BotPermissions Permissions

	HeartbeatInterval time.Duration // told in HELLO; 41.25 s if zero
	ResumeRing        int           // dispatches kept for a RESUME; 1000 if zero
	SessionStarts     int           // IDENTIFYs a day; 1000 if zero
	MaxConcurrency    int           // IDENTIFYs per 5 s; 0 says 1 to the bot and does not hold it to that, as a test may start faster
	LogLimit          int           // requests, gateway events and transcript entries kept, newest; 100,000 if zero
	InvalidLimit      int           // 401, 403 and 429 answers in 10 minutes before Cloudflare bans the address; 10,000 if zero

	// Logf, if set, hears of each request and gateway event.
	Logf func(format string, args ...any)
}

// DefaultToken is the bot's token where Options give none.
const DefaultToken = "MTIzNDU2Nzg5MDEyMzQ1Njc4.discordtest.not-a-real-token"

// Start is when a server's FakeClock begins.
var Start = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// A Server is one Discord. All its methods may be called by many goroutines.
type Server struct {
	opt   Options
	clock Clock
	http  *httptest.Server
	rt    *http.Transport
	base  *url.URL
	spec  *Spec
	table []route
	ctx   context.Context // ends when the server closes
	stop  context.CancelFunc
	wg    sync.WaitGroup // gateway connections' goroutines

	home    *Guild
	general *Channel
	bot     *User

	mu     sync.Mutex
	closed bool
	lastID uint64

	users       []*User
	userByID    map[string]*User
	guilds      []*Guild
	guildByID   map[string]*Guild
	channelByID map[string]*Channel
	dms         []*Channel
	files       map[string]*file // attachments by path
	nonces      map[string]nonce

	commands []*Command
	created  map[string]*budget // commands created a day, by scope

	interactions map[string]*interaction // by token
	log          []entry                 // what happened to messages, oldest first
	logBase      int                     // entries dropped before log[0]
	changed      notifier                // the log grew

	requests    []Request
	reqBase     int
	reqChanged  notifier
	refusals    []Refusal
	faults      []*Fault
	buckets     []*bucket
	invalid     []time.Time
	invalidN    int
	global      window
	globalLimit int

	conns      map[*conn]bool
	connN      int
	sessions   map[string]*session
	identifies []time.Time
	onHello    []Action
	onIdentify []Action
	onResume   []Action
	downFor    int
	events     []GatewayEvent
	evBase     int
	evChanged  notifier
	typing     map[string]int
}

// New starts a Server that ends with the test.
func New(tb testing.TB, opt Options) *Server {
	tb.Helper()
	s, err := Run(opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Run starts a Server outside of a test; the caller closes it.
func Run(opt Options) (*Server, error) {
	if opt.Clock == nil {
		opt.Clock = NewClock(Start)
	}
	if opt.Token == "" {
		opt.Token = DefaultToken
	}
	if opt.Name == "" {
		opt.Name = "Footnote"
	}
	if opt.HeartbeatInterval == 0 {
		opt.HeartbeatInterval = 41250 * time.Millisecond
	}
	if opt.ResumeRing == 0 {
		opt.ResumeRing = 1000
	}
	if opt.SessionStarts == 0 {
		opt.SessionStarts = 1000
	}
	if opt.LogLimit == 0 {
		opt.LogLimit = 100_000
	}
	if opt.InvalidLimit == 0 {
		opt.InvalidLimit = 10_000
	}
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	if opt.Spec == nil && !opt.RulesAlone {
		if p := os.Getenv("DISCORD_OPENAPI"); p != "" {
			sp, err := LoadSpec(p)
			if err != nil {
				return nil, fmt.Errorf("DISCORD_OPENAPI: %w", err)
			}
			opt.Spec = sp
		}
	}
	s := &Server{opt: opt, clock: opt.Clock, spec: opt.Spec, table: routes(),
		userByID: map[string]*User{}, guildByID: map[string]*Guild{}, channelByID: map[string]*Channel{},
		files: map[string]*file{}, nonces: map[string]nonce{}, created: map[string]*budget{}, interactions: map[string]*interaction{},
		conns: map[*conn]bool{}, sessions: map[string]*session{}, typing: map[string]int{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.bot = s.newUser(opt.Name, true)
	s.home = s.newGuild("Home", true)
	s.general = s.home.newChannel("general", ChannelText, nil)
	s.rt = &http.Transport{MaxIdleConnsPerHost: 64}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.base = &url.URL{Scheme: "http", Host: s.http.Listener.Addr().String()}
	s.http.Start() // last, as requests may come from now on
	return s, nil
}

// Close ends every connection and waits for the server's goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	s.stop()
	for c := range s.conns {
		c.cut()
	}
	s.mu.Unlock()
	s.rt.CloseIdleConnections()
	s.http.CloseClientConnections()
	s.http.Close()
	s.wg.Wait()
}

// URL is the API's base, without a version: a client adds /v9 or /v10 (discord.js takes it as the option rest.api).
func (s *Server) URL() string { return s.http.URL + "/api" }

// GatewayURL is what GET /gateway answers.
func (s *Server) GatewayURL() string {
	return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/gateway"
}

// ResumeURL is the resume_gateway_url of READY.
func (s *Server) ResumeURL() string { return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/resume" }

// Token is the bot's, without "Bot ".
func (s *Server) Token() string { return s.opt.Token }

// Clock is the server's clock.
func (s *Server) Clock() Clock { return s.clock }

// Advance moves the server's FakeClock; it does nothing on another clock.
func (s *Server) Advance(d time.Duration) {
	if c, ok := s.clock.(*FakeClock); ok {
		c.Advance(d)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.tell()
		for _, in := range s.interactions {
			in.changed.tell()
		}
	}
}

// Transport sends what is meant for discord.com, its CDN or this server to this server, and refuses every other host. It is for client libraries
// with the addresses built in: for discordgo, Session.Client = &http.Client{Transport: s.Transport()}.
func (s *Server) Transport() http.RoundTripper { return redirect{s} }

type redirect struct{ s *Server }

func (t redirect) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Hostname() {
	case "discord.com", "cdn.discordapp.com", "media.discordapp.net", t.s.base.Hostname():
	default:
		return nil, fmt.Errorf("discordtest: %s is not Discord", r.URL)
	}
	q := r.Clone(r.Context())
	q.URL.Scheme, q.URL.Host, q.Host = t.s.base.Scheme, t.s.base.Host, ""
	return t.s.rt.RoundTrip(q)
}

// Dialer dials only this server's gateway; for discordgo, Session.Dialer.
func (s *Server) Dialer() *websocket.Dialer {
	return &websocket.Dialer{HandshakeTimeout: 10 * time.Second, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr != s.base.Host {
			return nil, fmt.Errorf("discordtest: %s is not this server's gateway", addr)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}}
}

// A notifier wakes everybody who waits for a change. It is guarded by Server.mu.
type notifier struct{ ch chan struct{} }

func (n *notifier) wait() <-chan struct{} {
	if n.ch == nil {
		n.ch = make(chan struct{})
	}
	return n.ch
}

func (n *notifier) tell() {
	if n.ch != nil {
		close(n.ch)
		n.ch = nil
	}
}

// await runs ok under the lock until it is true, each time n tells.
func (s *Server) await(ctx context.Context, n *notifier, what string, ok func() bool) error {
	for {
		s.mu.Lock()
		if ok() {
			s.mu.Unlock()
			return nil
		}
		ch := n.wait()
		s.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
			return fmt.Errorf("discordtest: waiting for %s: %w", what, context.Cause(ctx))
		case <-s.ctx.Done():
			return fmt.Errorf("discordtest: waiting for %s: the server closed", what)
		}
	}
}

// keep drops the oldest of a log that is over the limit by a fifth, and returns how many.
func keep[T any](log *[]T, limit int) int {
	if len(*log) <= limit+limit/5 {
		return 0
	}
	n := len(*log) - limit
	*log = append([]T(nil), (*log)[n:]...)
	return n
}
