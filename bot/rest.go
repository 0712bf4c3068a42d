package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/cenkalti/backoff/v5"
)

// The version of Discord's API that is spoken, over HTTP and over the gateway. Discordgo's HTTP side is fixed to 9,
// sleeps without regard to a context, drops the Retry-After of Cloudflare's answers, hides the status of a 502, and holds
// all edits of all interactions in one queue; so requests are made here, and discordgo gives the types and constants.
const apiVersion = "10"

// DefaultDiscord is where Discord's own API is.
const DefaultDiscord = "https://discord.com/api/v" + apiVersion

// userAgent is of the form Discord asks for; without it requests are refused (40333).
const userAgent = "DiscordBot (https://github.com/footnote, 1)"

// How requests are repeated. The whole of a request is bounded by its context; these bound one try.
const (
	tryTimeout      = 10 * time.Second        // for one try; Discord answers within one second
	callbackTimeout = 1400 * time.Millisecond // for one try of a first response: there is time for two
	maxTries        = 6
	maxReply        = 8 << 20 // bytes of an answer that are read
	// maxConns is how many connections are open at once where HTTP/2, which needs one, isn't spoken. A burst would otherwise open one
	// for each answer, at more cost than the answer's.
	maxConns = 64
)

// Codes of Discord's that are acted upon.
const (
	codeUnknownMessage     = 10008
	codeUnknownInteraction = 10062
	codeAlreadyAnswered    = 40060
	codeMissingAccess      = 50001
	codeCannotMessageUser  = 50007
	codeMissingPermissions = 50013
	codeInvalidForm        = 50035
	codeNoHistory          = 160002 // a reply, where the bot may not read what was written before
)

// rest speaks to Discord over HTTP. Every method may be called from many goroutines.
type rest struct {
	base    string // such as https://discord.com/api/v10
	token   string
	client  *http.Client
	log     *slog.Logger
	limits  *limits
	metrics *metrics
	plain   *denials // channels that take messages, but no replies
}

// A restError is Discord's refusal, or the lack of an answer. It names the route, never the address: addresses of
// interactions hold their secret token.
type restError struct {
	Method, Route string
	Status        int           // 0 when there was no answer
	Code          int           // Discord's own, 0 when it gave none
	Message       string        // Discord's own
	RetryAfter    time.Duration // with status 429
	err           error         // why there was no answer
}

func (e *restError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Method, e.Route)
	if e.err != nil {
		b.WriteString(e.err.Error())
		return b.String()
	}
	fmt.Fprintf(&b, "HTTP %d", e.Status)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %d", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Status == http.StatusTooManyRequests {
		fmt.Fprintf(&b, " (retry after %v)", e.RetryAfter)
	}
	return b.String()
}

func (e *restError) Unwrap() error { return e.err }

// restCode gives Discord's code of an error, or 0.
func restCode(err error) int {
	var re *restError
	if errors.As(err, &re) {
		return re.Code
	}
	return 0
}

// restStatus gives the HTTP status of an error, or 0.
func restStatus(err error) int {
	var re *restError
	if errors.As(err, &re) {
		return re.Status
	}
	return 0
}

// newREST makes a client of the API at base, in any of the forms [apiBase] takes.
func newREST(base, token string, transport http.RoundTripper, log *slog.Logger, m *metrics) (*rest, error) {
	base, err := apiBase(base)
	if err != nil {
		return nil, err
	}
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxConnsPerHost, t.MaxIdleConnsPerHost = maxConns, maxConns
		transport = t
	}
	return &rest{
		base: base, token: token, log: log, metrics: m, limits: newLimits(), plain: newDenials(),
		client: &http.Client{
			Transport: transport,
			// Discord's API does not redirect; following one could carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

var versionEnd = regexp.MustCompile(`/v\d+$`)

// apiBase brings the ways to write an API's base to one: http://host, http://host/api, http://host/api/v9 and a bare
// host:port all give .../api/v10.
func apiBase(s string) (string, error) {
	if s == "" {
		return DefaultDiscord, nil
	}
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("%q is no address of an API: it should be like http://127.0.0.1:8080/api", s)
	}
	p := versionEnd.ReplaceAllString(strings.TrimRight(u.Path, "/"), "")
	if !strings.HasSuffix(p, "/api") {
		p += "/api"
	}
	u.Path, u.RawQuery, u.Fragment = path.Clean(p)+"/v"+apiVersion, "", ""
	return u.String(), nil
}

// A call is one request to make.
type call struct {
	method string
	route  string   // with {} for what varies but is no major parameter; for errors, limits and counters
	major  string   // the guild, channel, or webhook that Discord counts it under
	parts  []string // what stands for each {}, escaped here
	query  string
	body   any
	files  []File // sent beside the body
	// again says that a repeat can't do the thing twice, so that it may be repeated when it is not known whether it arrived.
	again bool
	// interaction says that it does not count towards the limit over all requests.
	interaction bool
	timeout     time.Duration // of one try
}

// do makes the request, waiting for limits and repeating where that is safe, and decodes the answer into out unless nil.
func (r *rest) do(ctx context.Context, c call, out any) error {
	addr := r.base
	rest := c.route
	for _, p := range c.parts {
		before, after, _ := strings.Cut(rest, "{}")
		addr += before + url.PathEscape(p)
		rest = after
	}
	addr += rest
	if c.query != "" {
		addr += "?" + c.query
	}
	body, kind, err := c.encode()
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.method, c.route, err)
	}
	if c.timeout == 0 {
		c.timeout = tryTimeout
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 250*time.Millisecond, 10*time.Second
	unsure := false // whether an earlier try may have arrived
	for try := 1; ; try++ {
		data, err := r.once(ctx, c, addr, body, kind)
		if err == nil {
			if out != nil && len(bytes.TrimSpace(data)) > 0 {
				if err := lenient(data, out); err != nil {
					return &restError{Method: c.method, Route: c.route, err: fmt.Errorf("read the answer: %w", err)}
				}
			}
			return nil
		}
		var re *restError
		if !errors.As(err, &re) {
			return err
		}
		if unsure && (re.Code == codeAlreadyAnswered || c.method == http.MethodDelete && re.Status == http.StatusNotFound) {
			return nil // the earlier try did arrive
		}
		var pause time.Duration
		switch {
		case re.Status == http.StatusTooManyRequests: // nothing was done, whatever the method
			pause = re.RetryAfter
		case re.Status >= 500 || re.Status == 0 && ctx.Err() == nil && !errors.Is(err, errHalted) && !errors.Is(err, errLate):
			if !c.again && !neverSent(err) {
				return err
			}
			unsure = unsure || !neverSent(err)
			pause = wait.NextBackOff()
		default:
			return err
		}
		if try >= maxTries {
			return err
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < pause {
			return err // it would only be given up while waiting
		}
		r.log.Debug("request is repeated", "method", c.method, "route", c.route, "status", re.Status, "code", re.Code, "in", pause, "try", try)
		if !sleep(ctx, pause) {
			return err
		}
	}
}

// encode writes the body as JSON, or, where there are files, as a form with the JSON in payload_json.
func (c call) encode() (body []byte, kind string, err error) {
	if c.body == nil {
		return nil, "", nil
	}
	if body, err = json.Marshal(c.body); err != nil || len(c.files) == 0 {
		return body, "application/json", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("payload_json", string(body)); err != nil {
		return nil, "", err
	}
	for n, f := range c.files {
		part, err := w.CreateFormFile("files["+strconv.Itoa(n)+"]", f.Name)
		if err == nil {
			_, err = part.Write(f.Data)
		}
		if err != nil {
			return nil, "", err
		}
	}
	err = w.Close() // which writes the last boundary
	return b.Bytes(), w.FormDataContentType(), err
}

// once makes one try.
func (r *rest) once(ctx context.Context, c call, addr string, body []byte, kind string) ([]byte, error) {
	done, err := r.limits.take(ctx, c)
	if err != nil {
		return nil, &restError{Method: c.method, Route: c.route, err: err}
	}
	try, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var status int
	var header http.Header
	var answer []byte
	began := time.Now()
	err = func() error {
		var rd io.Reader
		if body != nil {
			rd = bytes.NewReader(body)
		}
		req, err := http.NewRequestWithContext(try, c.method, addr, rd)
		if err != nil {
			return errors.New("the address can't be built")
		}
		req.Header.Set("Authorization", "Bot "+r.token)
		req.Header.Set("User-Agent", userAgent)
		if body != nil {
			req.Header.Set("Content-Type", kind)
		}
		resp, err := r.client.Do(req)
		if err != nil {
			var ue *url.Error
			if errors.As(err, &ue) {
				err = ue.Err // without the address, which may hold an interaction's token
			}
			return err
		}
		defer resp.Body.Close()
		status, header = resp.StatusCode, resp.Header
		answer, err = io.ReadAll(io.LimitReader(resp.Body, maxReply))
		return err
	}()
	r.log.Debug("request", "method", c.method, "route", c.route, "status", status, "took", time.Since(began))
	if err != nil {
		done(0, nil, nil)
		r.metrics.restError("none")
		return nil, &restError{Method: c.method, Route: c.route, err: err}
	}
	if status >= 200 && status < 300 {
		done(status, header, nil)
		return answer, nil
	}
	re := &restError{Method: c.method, Route: c.route, Status: status}
	var said struct {
		Code       int             `json:"code"`
		Message    string          `json:"message"`
		Errors     json.RawMessage `json:"errors"`
		RetryAfter float64         `json:"retry_after"`
		Global     bool            `json:"global"`
	}
	isJSON := lenient(answer, &said) == nil
	if isJSON {
		re.Code, re.Message = said.Code, said.Message
		if len(said.Errors) > 0 && len(said.Errors) < 2000 {
			re.Message += " " + string(said.Errors)
		}
	}
	if status == http.StatusTooManyRequests {
		secs := said.RetryAfter
		if s, err := strconv.ParseFloat(header.Get("Retry-After"), 64); err == nil && s > secs {
			secs = s
		}
		re.RetryAfter = max(time.Duration(secs*float64(time.Second)), 100*time.Millisecond)
		if !isJSON {
			re.Message = "not Discord's but its network's answer: this address is blocked for a while"
		}
	}
	done(status, header, &refusal{retryAfter: re.RetryAfter, global: said.Global || header.Get("X-RateLimit-Global") != "", network: !isJSON,
		shared: header.Get("X-RateLimit-Scope") == "shared"})
	r.metrics.restError(strconv.Itoa(status))
	return nil, re
}

// neverSent reports whether the request can't have reached the other side: no connection was made.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// sleep waits, and reports false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// A post is the body of a message that is created or changed. Nothing in it may ping anybody but who is named in Mentions.
type post struct {
	Content    string                       `json:"content"`
	Components []discordgo.MessageComponent `json:"components"`
	Flags      discordgo.MessageFlags       `json:"flags,omitempty"`
	Mentions   mentions                     `json:"allowed_mentions"`
	Reference  *postReference               `json:"message_reference,omitempty"`
	Nonce      string                       `json:"nonce,omitempty"`
	Enforce    bool                         `json:"enforce_nonce,omitempty"`
	Attached   []attached                   `json:"attachments,omitempty"` // what is to be said of the files
	files      []File                       // sent beside it
	alone      func() string                // gives the content where it can't be a reply; nil: the same
}

// attached is what is said of a file that is sent beside a post.
type attached struct {
	ID          string `json:"id"` // which of the files, from 0
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"`
}

// postReference is what a posted message replies to. It is posted without, should that have been deleted meanwhile.
type postReference struct {
	MessageID string `json:"message_id"`
	FailIfNot bool   `json:"fail_if_not_exists"`
}

// mentions is the allowed_mentions: the users that may be pinged, most often none. It is written out, since leaving it away, or
// a null as discordgo writes, means something else.
type mentions []string

// MarshalJSON gives the list of who may be pinged.
func (m mentions) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Parse   []string `json:"parse"`
		Users   []string `json:"users,omitempty"`
		Replied bool     `json:"replied_user"`
	}{[]string{}, m, false})
}

// newPost makes the body that shows a response.
func newPost(r Response) post {
	p := post{Content: r.Content, Components: r.Components, files: r.Files, alone: r.Alone}
	if p.Components == nil {
		p.Components = []discordgo.MessageComponent{}
	}
	for n, f := range r.Files {
		p.Attached = append(p.Attached, attached{itoa(n), f.Name, f.Alt})
	}
	if r.Private {
		p.Flags |= discordgo.MessageFlagsEphemeral
	}
	return p
}

// answer is the body of a first response to an interaction.
type answer struct {
	Type discordgo.InteractionResponseType `json:"type"`
	Data any                               `json:"data,omitempty"`

	files []File // sent beside it
}

// modal is the data of an answer that opens a form.
type modal struct {
	CustomID   string                       `json:"custom_id"`
	Title      string                       `json:"title"`
	Components []discordgo.MessageComponent `json:"components"`
}

// completions is the data of an answer to a request for completions. Without any it is an empty list, never left out.
type completions struct {
	Choices []Choice `json:"choices"`
}

// Respond gives the first response to an interaction, and the message it made where it made one. It may be repeated:
// Discord takes only one and then says so.
func (r *rest) Respond(ctx context.Context, i *Interaction, a answer) (*Message, error) {
	var out struct {
		Resource struct {
			Message *Message `json:"message"`
		} `json:"resource"`
	}
	err := r.do(ctx, call{method: "POST", route: "/interactions/{}/{}/callback", parts: []string{i.ID, i.Token}, major: i.ID,
		query: "with_response=true", body: a, files: a.files, again: true, interaction: true, timeout: callbackTimeout}, &out)
	return out.Resource.Message, err
}

// EditOriginal changes the first response, or the message a button is on after that was acknowledged.
func (r *rest) EditOriginal(ctx context.Context, i *Interaction, p post) (*Message, error) {
	var m Message
	p.Flags &^= discordgo.MessageFlagsEphemeral // the first response has settled it
	return &m, r.do(ctx, call{method: "PATCH", route: "/webhooks/{}/{}/messages/@original", parts: []string{i.ApplicationID, i.Token}, major: i.ID,
		body: p, files: p.files, again: true, interaction: true}, &m)
}

// GetOriginal fetches what EditOriginal would change.
func (r *rest) GetOriginal(ctx context.Context, i *Interaction) (*Message, error) {
	var m Message
	return &m, r.do(ctx, call{method: "GET", route: "/webhooks/{}/{}/messages/@original", parts: []string{i.ApplicationID, i.Token}, major: i.ID,
		again: true, interaction: true}, &m)
}

// DeleteOriginal removes what EditOriginal would change.
func (r *rest) DeleteOriginal(ctx context.Context, i *Interaction) error {
	return r.do(ctx, call{method: "DELETE", route: "/webhooks/{}/{}/messages/@original", parts: []string{i.ApplicationID, i.Token}, major: i.ID,
		again: true, interaction: true}, nil)
}

// Followup posts one more message in answer to an interaction. It is not repeated when its arrival is in doubt, since
// Discord takes no nonce there.
func (r *rest) Followup(ctx context.Context, i *Interaction, p post) (*Message, error) {
	var m Message
	return &m, r.do(ctx, call{method: "POST", route: "/webhooks/{}/{}", parts: []string{i.ApplicationID, i.Token}, major: i.ID,
		query: "wait=true", body: p, files: p.files, interaction: true}, &m)
}

// CreateMessage posts in a channel: a reply where replyTo is not empty. Two posts with one nonce within a few minutes are
// one message, so it may be repeated; without a nonce it is not. Where Discord refuses what is replied to, since the bot may not read the
// channel's history or the message is not there, it is posted as a message of its own: an answer is worth more than its place.
func (r *rest) CreateMessage(ctx context.Context, channelID, replyTo, nonce string, p post) (*Message, error) {
	p.Nonce, p.Enforce = nonce, nonce != ""
	p.Flags &^= discordgo.MessageFlagsEphemeral // there is no such thing outside interactions
	send := func() (*Message, error) {
		var m Message
		return &m, r.do(ctx, call{method: "POST", route: "/channels/{}/messages", parts: []string{channelID}, major: channelID,
			body: p, files: p.files, again: nonce != ""}, &m)
	}
	standAlone := func() {
		if p.Reference = nil; p.alone != nil {
			p.Content = p.alone()
		}
	}
	switch {
	case replyTo == "":
	case r.plain.is("", channelID):
		standAlone()
	default:
		p.Reference = &postReference{MessageID: replyTo}
	}
	m, err := send()
	if p.Reference == nil || !refusesReference(err) {
		return m, err
	}
	if restCode(err) == codeNoHistory {
		r.plain.add("", channelID) // Discord counts refusals
	}
	standAlone()
	m, again := send()
	switch {
	case again != nil:
		return m, again // so it was not the reference
	case restStatus(err) == http.StatusForbidden:
		r.plain.add("", channelID)
		r.log.Warn("the bot may not reply in a channel, and answers there in messages of their own: give it Read Message History", "channel", channelID, "err", err)
	default:
		r.log.Info("what an answer replies to is not there; it was posted all the same", "channel", channelID, "err", err)
	}
	return m, nil
}

// refusesReference reports whether a message was refused for what it replies to, or may have been: of a missing permission Discord does not
// always say which.
func refusesReference(err error) bool {
	var re *restError
	if !errors.As(err, &re) {
		return false
	}
	switch re.Code {
	case codeNoHistory, codeMissingPermissions, codeUnknownMessage:
		return true
	case codeInvalidForm:
		return strings.Contains(re.Message, "message_reference") || strings.Contains(re.Message, "REPLIES_")
	}
	return false
}

// An amendment is the body that changes what a message says, and its buttons only where there are some.
type amendment struct {
	Content    string                       `json:"content"`
	Components []discordgo.MessageComponent `json:"components,omitempty"`
	Mentions   mentions                     `json:"allowed_mentions"`
}

// EditMessage changes one of the bot's own messages.
func (r *rest) EditMessage(ctx context.Context, channelID, messageID string, p amendment) (*Message, error) {
	var m Message
	return &m, r.do(ctx, call{method: "PATCH", route: "/channels/{}/messages/{}", parts: []string{channelID, messageID}, major: channelID,
		body: p, again: true}, &m)
}

// OwnMessage gives one of the bot's own messages where it may not read the channel's history: by an edit that changes nothing, which Discord answers with the
// message.
func (r *rest) OwnMessage(ctx context.Context, channelID, messageID string) (*Message, error) {
	var m Message
	body := struct {
		Mentions mentions `json:"allowed_mentions"`
	}{}
	return &m, r.do(ctx, call{method: "PATCH", route: "/channels/{}/messages/{}", parts: []string{channelID, messageID}, major: channelID,
		body: body, again: true}, &m)
}

// DeleteMessage removes a message.
func (r *rest) DeleteMessage(ctx context.Context, channelID, messageID string) error {
	return r.do(ctx, call{method: "DELETE", route: "/channels/{}/messages/{}", parts: []string{channelID, messageID}, major: channelID,
		again: true}, nil)
}

// React puts an emoji on a message.
func (r *rest) React(ctx context.Context, channelID, messageID, emoji string) error {
	return r.do(ctx, call{method: "PUT", route: "/channels/{}/messages/{}/reactions/{}/@me", parts: []string{channelID, messageID, emoji}, major: channelID,
		again: true}, nil)
}

// GetMessage fetches a message. Its content may be empty, where Discord keeps it from the bot.
func (r *rest) GetMessage(ctx context.Context, channelID, messageID string) (*Message, error) {
	var m Message
	return &m, r.do(ctx, call{method: "GET", route: "/channels/{}/messages/{}", parts: []string{channelID, messageID}, major: channelID,
		again: true}, &m)
}

// MessagesAfter fetches the messages of a channel after the id, newest first, at most a hundred.
func (r *rest) MessagesAfter(ctx context.Context, channelID, after string) ([]*Message, error) {
	var raw []json.RawMessage
	err := r.do(ctx, call{method: "GET", route: "/channels/{}/messages", parts: []string{channelID}, major: channelID,
		query: url.Values{"after": {after}, "limit": {"100"}}.Encode(), again: true}, &raw)
	var list []*Message
	for _, data := range raw {
		if m, err := decodeMessage(data); err == nil {
			list = append(list, m)
		}
	}
	return list, err
}

// DirectChannel gives the channel for direct messages with a user.
func (r *rest) DirectChannel(ctx context.Context, userID string) (channelID string, err error) {
	var c struct {
		ID string `json:"id"`
	}
	err = r.do(ctx, call{method: "POST", route: "/users/@me/channels", body: map[string]string{"recipient_id": userID}, again: true}, &c)
	return c.ID, err
}

// ChannelParent gives the channel that a thread hangs on, or "" where the channel is no thread.
func (r *rest) ChannelParent(ctx context.Context, channelID string) (string, error) {
	var c struct {
		Type   discordgo.ChannelType `json:"type"`
		Parent string                `json:"parent_id"`
	}
	err := r.do(ctx, call{method: "GET", route: "/channels/{}", parts: []string{channelID}, major: channelID, again: true}, &c)
	switch c.Type {
	case discordgo.ChannelTypeGuildNewsThread, discordgo.ChannelTypeGuildPublicThread, discordgo.ChannelTypeGuildPrivateThread:
		return c.Parent, err
	}
	return "", err // a channel's own parent is its category
}

// Commands gives the commands registered in a server, or the global ones where guildID is empty, with all their localisations.
func (r *rest) Commands(ctx context.Context, appID, guildID string) ([]Command, error) {
	c := commandsCall("GET", appID, guildID)
	c.query = "with_localizations=true"
	var cs []Command
	return cs, r.do(ctx, c, &cs)
}

// PutCommands makes these the registered commands of a server, or the global ones, removing all others there.
func (r *rest) PutCommands(ctx context.Context, appID, guildID string, cs []Command) error {
	c := commandsCall("PUT", appID, guildID)
	c.body = cs
	return r.do(ctx, c, nil)
}

func commandsCall(method, appID, guildID string) call {
	if guildID == "" {
		return call{method: method, route: "/applications/{}/commands", parts: []string{appID}, again: true}
	}
	return call{method: method, route: "/applications/{}/guilds/{}/commands", parts: []string{appID, guildID}, major: guildID, again: true}
}

// ApplicationID gives the id of the token's application.
func (r *rest) ApplicationID(ctx context.Context) (string, error) {
	var a struct {
		ID string `json:"id"`
	}
	err := r.do(ctx, call{method: "GET", route: "/applications/@me", again: true}, &a)
	return a.ID, err
}

// gatewayInfo is where the gateway is, and how it wants to be used.
type gatewayInfo struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"`
	Start  struct {
		Total          int   `json:"total"`
		Remaining      int   `json:"remaining"`
		ResetAfter     int64 `json:"reset_after"` // milliseconds
		MaxConcurrency int   `json:"max_concurrency"`
	} `json:"session_start_limit"`
}

// Gateway asks where the gateway is. The address is what GET /gateway says; the shards and the budget of sessions are
// what GET /gateway/bot says. Where a server has only one of the two, that one serves.
func (r *rest) Gateway(ctx context.Context) (gatewayInfo, error) {
	var info, plain gatewayInfo
	err := r.do(ctx, call{method: "GET", route: "/gateway/bot", again: true}, &info)
	if err != nil && restStatus(err) != http.StatusNotFound {
		return info, err
	}
	if perr := r.do(ctx, call{method: "GET", route: "/gateway", again: true}, &plain); perr == nil && plain.URL != "" {
		info.URL = plain.URL
	} else if perr != nil && restStatus(perr) != http.StatusNotFound {
		return info, perr
	}
	if info.URL == "" {
		return info, &restError{Method: "GET", Route: "/gateway", err: errors.New("it does not say where the gateway is")}
	}
	info.Shards = max(info.Shards, 1)
	info.Start.MaxConcurrency = max(info.Start.MaxConcurrency, 1)
	if info.Start.Total == 0 { // it said nothing of a budget
		info.Start.Total, info.Start.Remaining = 1000, 1000
	}
	return info, nil
}
