package discordtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The kinds of interaction (docs: interactions/receiving-and-responding, "Interaction Type").
const (
	kindCommand      = 2
	kindComponent    = 3
	kindAutocomplete = 4
	kindModalSubmit  = 5
)

// The types of response (same page, "Interaction Callback Type").
const (
	ResponsePong            = 1
	ResponseMessage         = 4
	ResponseDeferredMessage = 5
	ResponseDeferredUpdate  = 6
	ResponseUpdate          = 7
	ResponseChoices         = 8
	ResponseModal           = 9
)

// The clocks of an interaction (same page, "Interaction Callback").
const (
	RespondWithin = 3 * time.Second
	TokenLasts    = 15 * time.Minute
)

// ErrNoResponse is what a member sees when 3 seconds pass without a response.
var ErrNoResponse = errors.New("the application did not respond")

// interaction is one interaction on the server. It is guarded by Server.mu.
type interaction struct {
	s      *Server
	id     string
	token  string
	kind   int
	user   *User
	ch     *Channel
	cmd    *Command
	from   *message  // the message of the component, or the one the modal came from
	target *message  // of a message command
	began  time.Time // server's clock
	real   time.Time
	byUser bool // through a user's installation, not the guild's

	responded bool
	kindOf    int // of the response
	after     time.Duration
	original  *message
	hidden    bool
	choices   []Choice
	modal     *Modal
	followups []*message
	stopClock func()
	changed   notifier
}

// An Interaction is what a member did that the bot has to answer: a command, a click, a submitted form.
type Interaction struct {
	s    *Server
	in   *interaction
	ID   string
	User *User
}

// A Response is the bot's first response to an interaction.
type Response struct {
	Type      int // such as ResponseMessage
	Ephemeral bool
	Message   Message // as it is now, if the response makes or changes one
	Choices   []Choice
	Modal     *Modal
	After     time.Duration // real time from the event to the response
}

// A Choice is a suggestion of autocomplete.
type Choice struct {
	Name  string
	Value any // string, or json.Number
}

// A Modal is a form shown to a member.
type Modal struct {
	CustomID string
	Title    string
	Fields   []Field
	Text     []string // of text displays between the fields

	in   *interaction
	rows list // as sent
}

// A Field of a form.
type Field struct {
	Component
	Title string // the label above it
	Help  string // the description under that
}

func (in *interaction) expired() bool { return in.s.clock.Now().Sub(in.began) >= RespondWithin }
func (in *interaction) over() bool    { return in.s.clock.Now().Sub(in.began) >= TokenLasts }

// owners says who installed the application for this interaction (docs: receiving-and-responding, "Authorizing Integration Owners Object").
func (in *interaction) owners() obj {
	o := obj{}
	if in.ch.guild != nil && in.ch.guild.hasBot {
		o["0"] = in.ch.guild.ID
	} else if in.ch.guild == nil && !in.byUser {
		o["0"] = "0"
	}
	if in.user.installed {
		o["1"] = in.user.ID
	}
	return o
}

// context is where the interaction happened: 0 a guild, 1 the bot's direct messages, 2 other private channels.
func (in *interaction) context() int {
	switch {
	case in.ch.guild != nil:
		return 0
	case slices.Contains(in.ch.recipients, in.s.bot):
		return 1
	}
	return 2
}

// begin sends the interaction to the bot. The lock is held.
func (s *Server) begin(in *interaction, data obj) (*Interaction, error) {
	if len(s.sessions) == 0 {
		return nil, errors.New("discordtest: the bot is not connected to the gateway")
	}
	in.s, in.id, in.began, in.real = s, s.newID(), s.clock.Now(), time.Now()
	in.token = "itok." + in.id + "." + strings.Repeat("x", 40)
	s.interactions[in.token] = in
	in.stopClock = s.clock.AfterFunc(RespondWithin, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		in.changed.tell()
	})
	ch := in.ch.wire()
	ch["permissions"] = bits(in.ch.permissions(in.user))
	o := obj{"id": in.id, "application_id": s.bot.ID, "type": in.kind, "token": in.token, "version": 1, "data": data, "channel_id": in.ch.ID, "channel": ch, "locale": in.user.locale,
		"entitlements": list{}, "authorizing_integration_owners": in.owners(), "context": in.context(), "attachment_size_limit": maxFile}
	app := in.ch.permissions(s.bot)
	if g := in.ch.guild; g != nil {
		o["guild_id"], o["guild_locale"] = g.ID, g.locale
		o["guild"] = obj{"id": g.ID, "locale": g.locale, "features": list{}}
		mem := g.members[in.user.ID].wireFull()
		mem["permissions"] = bits(in.ch.permissions(in.user))
		o["member"] = mem
		if !g.hasBot {
			app = DefaultPermissions
		}
	} else {
		o["user"] = in.user.wire()
		app = dmPermissions
	}
	o["app_permissions"] = bits(app)
	if in.from != nil {
		o["message"] = in.from.wire(true, 0) // the target of an interaction is never masked
	}
	s.dispatch("INTERACTION_CREATE", 0, in.ch.guild, nil, func(*session) any { return o })
	return &Interaction{s: s, in: in, ID: in.id, User: in.user}, nil
}

func (s *Server) postCallback(c *call) (int, any, *apiError) {
	in := s.interactions[c.vals["interaction_token"]]
	if in == nil || in.id != c.vals["interaction_id"] {
		return 0, nil, unknown(10062, "interaction")
	}
	if in.responded {
		return 0, nil, fail(400, 40060, "Interaction has already been acknowledged.")
	}
	if in.expired() {
		return 0, nil, unknown(10062, "interaction")
	}
	body := c.obj()
	data, _ := body["data"].(obj)
	kind := number(body["type"])
	if !in.mayRespond(kind) {
		return 0, nil, &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"type"}, Code: "INTERACTION_RESPONSE_TYPE_INVALID",
			Message: fmt.Sprintf("Response type %d does not answer an interaction of type %d", kind, in.kind), Source: docRespond}}}
	}
	var m *message
	switch kind {
	case ResponseMessage, ResponseDeferredMessage:
		m = &message{ch: in.ch, author: s.bot, in: in, kind: 0}
		if in.cmd != nil {
			m.kind = 20
			if in.cmd.Type != 1 {
				m.kind = 23
			}
		}
		flags := in.visibility(number(data["flags"]))
		if flags&FlagEphemeral != 0 {
			m.only = in.user
		}
		if in.from != nil {
			m.ref, m.refID = nil, ""
		}
		if kind == ResponseDeferredMessage {
			m.flags = flags&FlagEphemeral | FlagLoading
		} else {
			if ae := m.fill(c, data, onlyUsers, nil); ae != nil {
				return 0, nil, ae
			}
			m.flags = flags &^ FlagLoading
		}
		in.hidden = m.only != nil
		in.original = m
		m.post()
	case ResponseDeferredUpdate:
		in.original = in.from
	case ResponseUpdate:
		in.original, m = in.from, in.from
		if in.from.deleted {
			return 0, nil, unknown(10008, "Message")
		}
		if ae := in.from.edit(c, data, onlyUsers); ae != nil {
			return 0, nil, ae
		}
	case ResponseChoices:
		for _, x := range data["choices"].(list) {
			o := x.(obj)
			in.choices = append(in.choices, Choice{fmt.Sprint(o["name"]), o["value"]})
		}
		s.noteText(in.ch, choicesText(in))
	case ResponseModal:
		in.modal = newModal(in, data)
		s.noteText(in.ch, in.modal.text())
	}
	in.responded, in.kindOf, in.after = true, kind, time.Since(in.real)
	in.stopClock()
	in.changed.tell()
	if c.r.URL.Query().Get("with_response") != "true" {
		return 204, nil, nil
	}
	cb := obj{"id": in.id, "type": in.kind}
	answer := obj{"interaction": cb}
	if m != nil {
		cb["response_message_id"], cb["response_message_loading"], cb["response_message_ephemeral"] = m.id, m.flags&FlagLoading != 0, m.only != nil
	}
	if kind == ResponseMessage || kind == ResponseUpdate { // the description has a resource for these alone
		answer["resource"] = obj{"type": kind, "message": m.wire(true, 0)}
	}
	return 200, answer, nil
}

// visibility gives a message's flags as they come out: ephemeral, whatever the bot wants, where the app is only the member's own and the member may not use
// such apps for all to see (docs: topics/permissions, USE_EXTERNAL_APPS).
func (in *interaction) visibility(flags int) int {
	if in.byUser && in.ch.guild != nil && !in.ch.permissions(in.user).Has(UseExternalApps) {
		flags |= FlagEphemeral
	}
	return flags
}

// mayRespond reports whether a response type answers this kind of interaction.
func (in *interaction) mayRespond(kind int) bool {
	switch kind {
	case ResponseMessage, ResponseDeferredMessage:
		return in.kind != kindAutocomplete
	case ResponseDeferredUpdate, ResponseUpdate:
		return in.from != nil && in.kind != kindAutocomplete
	case ResponseChoices:
		return in.kind == kindAutocomplete
	case ResponseModal:
		return in.kind == kindCommand || in.kind == kindComponent
	}
	return false
}

// webhookOf finds the interaction of a webhook path, if its token is good.
func (s *Server) webhookOf(c *call) (*interaction, *apiError) {
	in := s.interactions[c.vals["webhook_token"]]
	if in == nil || c.vals["webhook_id"] != s.bot.ID || !in.responded {
		return nil, unknown(10015, "Webhook")
	}
	if in.over() {
		return nil, fail(401, 50027, "Invalid Webhook Token")
	}
	return in, nil
}

func (s *Server) postFollowup(c *call) (int, any, *apiError) {
	in, ae := s.webhookOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	body := c.obj()
	if o := in.original; o != nil && in.kindOf == ResponseDeferredMessage && o.flags&FlagLoading != 0 && !o.deleted {
		// Deprecated but still so: the first follow-up to a deferred message is that message, ephemeral or not as the deferral was.
		if ae := o.edit(c, body, onlyUsers); ae != nil {
			return 0, nil, ae
		}
		in.changed.tell()
		return 200, o.wire(true, 0), nil
	}
	if in.byUser && len(in.followups) >= 5 {
		return 0, nil, fail(400, 40094, "This interaction has reached the maximum number of follow-up messages")
	}
	m := &message{ch: in.ch, author: s.bot, in: in}
	if o := in.original; o != nil { // a follow-up is shown as a reply to the response
		m.ref, m.refID, m.kind = o, o.id, 19
	}
	flags := in.visibility(number(body["flags"]))
	if flags&FlagEphemeral != 0 {
		m.only = in.user
	}
	if ae := m.fill(c, body, onlyUsers, nil); ae != nil {
		return 0, nil, ae
	}
	m.flags = flags &^ FlagLoading
	in.followups = append(in.followups, m)
	m.post()
	in.changed.tell()
	return 200, m.wire(true, 0), nil
}

// followupOf finds the message of a webhook path.
func (s *Server) followupOf(c *call) (*interaction, *message, *apiError) {
	in, ae := s.webhookOf(c)
	if ae != nil {
		return nil, nil, ae
	}
	id := c.vals["message_id"]
	m := in.original
	if id != "" && (m == nil || m.id != id) {
		m = nil
		for _, f := range in.followups {
			if f.id == id {
				m = f
			}
		}
	}
	if m == nil || m.deleted {
		return nil, nil, unknown(10008, "Message")
	}
	return in, m, nil
}

func (s *Server) getFollowup(c *call) (int, any, *apiError) {
	_, m, ae := s.followupOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	return 200, m.wire(true, 0), nil
}

func (s *Server) patchFollowup(c *call) (int, any, *apiError) {
	in, m, ae := s.followupOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	if ae := m.edit(c, c.obj(), onlyUsers); ae != nil {
		return 0, nil, ae
	}
	in.changed.tell()
	return 200, m.wire(true, 0), nil
}

func (s *Server) deleteFollowup(c *call) (int, any, *apiError) {
	in, m, ae := s.followupOf(c)
	if ae != nil {
		return 0, nil, ae
	}
	m.remove()
	in.changed.tell()
	return 204, nil, nil
}

// Response waits for the bot's first response. Its error is ErrNoResponse if 3 seconds pass on the server's clock, or the context's.
func (i *Interaction) Response(ctx context.Context) (Response, error) {
	var r Response
	dead := false
	err := i.s.await(ctx, &i.in.changed, "a response to interaction "+i.ID, func() bool {
		if !i.in.responded {
			dead = i.in.expired()
			return dead
		}
		r = i.in.response()
		return true
	})
	if err == nil && dead {
		err = ErrNoResponse
	}
	return r, err
}

func (in *interaction) response() Response {
	r := Response{Type: in.kindOf, Ephemeral: in.hidden, Choices: in.choices, Modal: in.modal, After: in.after}
	if in.original != nil {
		r.Message = in.original.view()
	}
	return r
}

// Answer waits until the bot has answered with a message: sent, or updated, or edited into a deferred response. The message is as it is then.
func (i *Interaction) Answer(ctx context.Context) (Message, error) {
	r, err := i.Response(ctx)
	if err != nil {
		return Message{}, err
	}
	if r.Type == ResponseModal || r.Type == ResponseChoices {
		return Message{}, fmt.Errorf("discordtest: interaction %s was answered with type %d, not a message", i.ID, r.Type)
	}
	err = i.s.await(ctx, &i.in.changed, "the deferred answer to interaction "+i.ID, func() bool {
		if i.in.original == nil {
			return true
		}
		r.Message = i.in.original.view()
		return !r.Message.Loading || r.Message.Deleted || i.in.over()
	})
	if err == nil && r.Message.Loading && !r.Message.Deleted {
		err = ErrNoResponse // 15 minutes are over and it is still thinking
	}
	return r.Message, err
}

// Form waits for the modal the bot answers with.
func (i *Interaction) Form(ctx context.Context) (*Modal, error) {
	r, err := i.Response(ctx)
	if err == nil && r.Modal == nil {
		err = fmt.Errorf("discordtest: interaction %s was answered with type %d, not a modal: %s", i.ID, r.Type, r.Message.Text())
	}
	return r.Modal, err
}

// Followups waits until there are n follow-up messages and returns all there are.
func (i *Interaction) Followups(ctx context.Context, n int) ([]Message, error) {
	var out []Message
	err := i.s.await(ctx, &i.in.changed, fmt.Sprintf("%d follow-ups to interaction %s", n, i.ID), func() bool {
		out = nil
		for _, m := range i.in.followups {
			out = append(out, m.view())
		}
		return len(out) >= n
	})
	return out, err
}

func newModal(in *interaction, data obj) *Modal {
	m := &Modal{in: in}
	m.CustomID, _ = data["custom_id"].(string)
	m.Title, _ = data["title"].(string)
	m.rows, _ = data["components"].(list)
	var cs []Component
	recode(m.rows, &cs)
	for _, c := range cs {
		switch c.Type {
		case compRow:
			for _, f := range c.Components {
				m.Fields = append(m.Fields, Field{Component: f, Title: f.Label})
			}
		case compLabel:
			if c.Component != nil {
				m.Fields = append(m.Fields, Field{Component: *c.Component, Title: c.Label, Help: c.Description})
			}
		case compText:
			m.Text = append(m.Text, c.Content)
		}
	}
	return m
}
