package discordtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The flags of messages that this server knows (docs: resources/message, "Message Flags").
const (
	FlagSuppressEmbeds        = 1 << 2
	FlagEphemeral             = 1 << 6
	FlagLoading               = 1 << 7
	FlagSuppressNotifications = 1 << 12
	FlagComponentsV2          = 1 << 15
)

// message is a message on the server. It is guarded by Server.mu.
type message struct {
	id       string
	ch       *Channel
	author   *User
	kind     int // 0 ordinary, 19 reply, 20 answer to a slash command, 23 to a message or user command
	content  string
	embeds   list
	comps    list // as sent, with ids and without nulls
	files    []*file
	flags    int
	sent     time.Time
	edited   time.Time
	deleted  bool
	ref      *message // of a reply
	refID    string
	forward  *message // what a forward showed when it was forwarded
	poll     *poll
	nonce    any
	mentions []*User
	roles    []*Role
	everyone bool
	pinged   []string
	only     *User // who sees an ephemeral message
	in       *interaction
	reacts   []reaction
}

type poll struct {
	question string
	answers  []string
}

type reaction struct {
	user  *User
	emoji string
}

type file struct {
	id, name, kind, path string
	data                 []byte
}

type nonce struct {
	m  *message
	at time.Time
}

// A Message as members see it, at one moment.
type Message struct {
	ID         string
	Channel    *Channel
	Author     *User
	Content    string
	Embeds     []Embed
	Components []Component
	Files      []File
	Flags      int
	Kind       int    // 0 ordinary, 19 reply, 20 answer to a slash command, 23 to a message command
	ReplyTo    string // the id of the message it replies to
	Forwarded  string // the text that it forwards
	Poll       string // the question of its poll
	Reactions  []string
	Pinged     []string
	VisibleTo  *User // the only one who sees an ephemeral message; nil: everybody
	Loading    bool  // "is thinking..."
	Edited     bool
	Deleted    bool
	SentAt     time.Time
}

// An Embed is the part of an embed that tests look at.
type Embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Fields      []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
	Footer struct {
		Text string `json:"text"`
	} `json:"footer"`
}

// A File is an attachment, with what is in it.
type File struct {
	ID, Name, Type, URL string
	Data                []byte
}

// A Component is a part of a message or modal; which fields are set depends on its type (docs: components/reference).
type Component struct {
	Type        int         `json:"type"`
	CustomID    string      `json:"custom_id"`
	Label       string      `json:"label"`
	Description string      `json:"description"`
	Style       int         `json:"style"`
	URL         string      `json:"url"`
	Disabled    bool        `json:"disabled"`
	Emoji       *Emoji      `json:"emoji"`
	Content     string      `json:"content"`
	Placeholder string      `json:"placeholder"`
	Value       string      `json:"value"`
	Options     []Option    `json:"options"`
	MinValues   *int        `json:"min_values"`
	MaxValues   *int        `json:"max_values"`
	MinLength   *int        `json:"min_length"`
	MaxLength   *int        `json:"max_length"`
	Required    *bool       `json:"required"`
	Components  []Component `json:"components"`
	Component   *Component  `json:"component"`
	Accessory   *Component  `json:"accessory"`
}

// An Emoji on a button.
type Emoji struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An Option of a select menu.
type Option struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description"`
	Default     bool   `json:"default"`
}

// The types of components (docs: components/reference, "What is a Component").
const (
	compRow               = 1
	compButton            = 2
	compStringSelect      = 3
	compTextInput         = 4
	compUserSelect        = 5
	compRoleSelect        = 6
	compMentionableSelect = 7
	compChannelSelect     = 8
	compSection           = 9
	compText              = 10
	compLabel             = 18
	compFileUpload        = 19
	compRadio             = 21
	compCheckboxes        = 22
	compCheckbox          = 23
)

// all lists the components and those inside, in reading order.
func all(cs []Component) []Component {
	var out []Component
	for _, c := range cs {
		out = append(out, c)
		out = append(out, all(c.Components)...)
		if c.Component != nil {
			out = append(out, all([]Component{*c.Component})...)
		}
		if c.Accessory != nil {
			out = append(out, all([]Component{*c.Accessory})...)
		}
	}
	return out
}

// face is what a member sees of a button: emoji and label.
func (c Component) face() string {
	if c.Emoji != nil && c.Emoji.Name != "" {
		return strings.TrimSpace(c.Emoji.Name + " " + c.Label)
	}
	return c.Label
}

// is reports whether a test that says name means this component: its custom id, label, emoji, emoji with label, or placeholder.
func (c Component) is(name string) bool {
	return name != "" && (c.CustomID == name || c.Label == name || c.face() == name || c.Placeholder == name || c.Emoji != nil && c.Emoji.Name == name)
}

// Find returns the button or select whose custom id, label, emoji or placeholder is name.
func (m Message) Find(name string) (Component, bool) {
	for _, c := range all(m.Components) {
		if c.Type != compRow && c.is(name) {
			return c, true
		}
	}
	return Component{}, false
}

// Buttons are the faces of the message's buttons, in reading order.
func (m Message) Buttons() []string {
	var out []string
	for _, c := range all(m.Components) {
		if c.Type == compButton {
			out = append(out, c.face())
		}
	}
	return out
}

// Text is what the message says: its content, or the text of its components.
func (m Message) Text() string {
	parts := []string{}
	if m.Content != "" {
		parts = append(parts, m.Content)
	}
	for _, c := range all(m.Components) {
		if c.Type == compText {
			parts = append(parts, c.Content)
		}
	}
	return strings.Join(parts, "\n")
}

// view is the message for tests. The lock is held.
func (m *message) view() Message {
	v := Message{ID: m.id, Channel: m.ch, Author: m.author, Content: m.content, Flags: m.flags, Kind: m.kind, ReplyTo: m.refID, Pinged: slices.Clone(m.pinged),
		VisibleTo: m.only, Loading: m.flags&FlagLoading != 0, Edited: !m.edited.IsZero(), Deleted: m.deleted, SentAt: m.sent}
	for _, r := range m.reacts {
		v.Reactions = append(v.Reactions, r.emoji)
	}
	if m.forward != nil {
		v.Forwarded = m.forward.content
	}
	if m.poll != nil {
		v.Poll = m.poll.question
	}
	recode(m.embeds, &v.Embeds)
	recode(m.comps, &v.Components)
	for _, f := range m.files {
		v.Files = append(v.Files, File{f.id, f.name, f.kind, m.ch.s.http.URL + f.path, f.data})
	}
	return v
}

// recode turns decoded JSON into a struct; what does not fit stays zero, as the check has judged it before.
func recode(from, to any) {
	b, err := json.Marshal(from)
	if err == nil {
		_ = json.Unmarshal(b, to)
	}
}

// clean makes a component as Discord gives it back: no nulls, and with an id of its own.
func clean(v any, id *int) any {
	switch v := v.(type) {
	case list:
		out := list{}
		for _, e := range v {
			out = append(out, clean(e, id))
		}
		return out
	case obj:
		out := obj{}
		if _, ok := v["type"]; ok {
			*id++
			out["id"] = *id
			switch number(v["type"]) {
			case compStringSelect, compUserSelect, compRoleSelect, compMentionableSelect, compChannelSelect:
				out["min_values"], out["max_values"] = 1, 1
			}
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if v[k] != nil {
				out[k] = clean(v[k], id)
			}
		}
		return out
	}
	return v
}

var (
	userMention = regexp.MustCompile(`<@!?(\d+)>`)
	roleMention = regexp.MustCompile(`<@&(\d+)>`)
	allMention  = regexp.MustCompile(`@(everyone|here)`)
)

// parseMentions finds whom the message names and whom it pings. allowed is the body's allowed_mentions, nil if there are none; byDefault says what a message
// without them pings. replied is the author of the message replied to, if the reply pings.
func (m *message) parseMentions(allowed obj, given bool, byDefault []string, replied *User) {
	g := m.ch.guild
	parse := byDefault
	var users, roles []string
	if given {
		parse = texts(allowed["parse"])
		users, roles = texts(allowed["users"]), texts(allowed["roles"])
	}
	m.mentions, m.roles, m.everyone, m.pinged = nil, nil, false, nil
	text := m.content
	for _, c := range all(m.view().Components) {
		if c.Type == compText {
			text += "\n" + c.Content
		}
	}
	ping := func(name string) {
		if !slices.Contains(m.pinged, name) {
			m.pinged = append(m.pinged, name)
		}
	}
	add := func(u *User) {
		if !slices.Contains(m.mentions, u) {
			m.mentions = append(m.mentions, u)
		}
	}
	for _, x := range userMention.FindAllStringSubmatch(text, -1) {
		u := m.ch.s.userByID[x[1]]
		if u == nil {
			continue
		}
		add(u)
		if slices.Contains(parse, "users") || slices.Contains(users, u.ID) {
			ping("@" + u.Name)
		}
	}
	if replied != nil {
		add(replied)
		ping("@" + replied.Name)
	}
	if g == nil {
		return
	}
	may := m.ch.permissions(m.author).Has(MentionEveryone)
	for _, x := range roleMention.FindAllStringSubmatch(text, -1) {
		for _, r := range g.roles {
			if r.ID == x[1] {
				m.roles = append(m.roles, r)
				if may && (slices.Contains(parse, "roles") || slices.Contains(roles, r.ID)) {
					ping("@" + r.Name)
				}
			}
		}
	}
	if x := allMention.FindString(text); x != "" && may && slices.Contains(parse, "everyone") {
		m.everyone = true
		ping(x)
	}
}

func texts(v any) []string {
	var out []string
	l, _ := v.(list)
	for _, e := range l {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case json.Number:
			out = append(out, e.String())
		}
	}
	return out
}

// masked reports whether the bot sees the message without its content: it lacks the privileged intent, and the message is none of the exceptions
// (docs: events/gateway, "Message Content Intent"; gateway/you-might-not-need-a-privileged-intent).
func (m *message) masked(privileged bool) bool {
	s := m.ch.s
	if privileged || m.author == s.bot || m.ch.guild == nil {
		return false
	}
	if userMention.MatchString(m.content) && strings.Contains(strings.ReplaceAll(m.content, "<@!", "<@"), s.bot.Mention()) {
		return false
	}
	if slices.Contains(m.mentions, s.bot) && m.ref != nil && m.ref.author == s.bot && m.ref.in == nil {
		return false // a reply with ping to an ordinary message of the bot's; an answer to an interaction is no such message
	}
	return true
}

// wire is the message as Discord sends it, at depth 0 with the message it replies to.
func (m *message) wire(privileged bool, depth int) obj {
	content, embeds, comps, files := m.content, m.embeds, m.comps, list{}
	for _, f := range m.files {
		files = append(files, f.wire(m.ch.s))
	}
	masked := m.masked(privileged)
	if masked {
		content, embeds, comps, files = "", nil, nil, list{}
	}
	if embeds == nil {
		embeds = list{}
	}
	if comps == nil {
		comps = list{}
	}
	mentions := list{}
	for _, u := range m.mentions {
		mentions = append(mentions, u.wire())
	}
	roles := list{}
	for _, r := range m.roles {
		roles = append(roles, r.ID)
	}
	o := obj{"id": m.id, "channel_id": m.ch.ID, "author": m.author.wire(), "content": content, "timestamp": stamp(m.sent), "edited_timestamp": nil, "tts": false,
		"mention_everyone": m.everyone, "mentions": mentions, "mention_roles": roles, "attachments": files, "embeds": embeds, "components": comps, "pinned": false,
		"type": m.kind, "flags": m.flags}
	if !m.edited.IsZero() {
		o["edited_timestamp"] = stamp(m.edited)
	}
	if m.nonce != nil {
		o["nonce"] = m.nonce
	}
	if len(m.reacts) > 0 {
		rs := list{}
		seen := map[string]obj{}
		for _, r := range m.reacts {
			e := seen[r.emoji]
			if e == nil {
				e = obj{"emoji": obj{"id": nil, "name": r.emoji}, "count": 0, "count_details": obj{"burst": 0, "normal": 0}, "burst_colors": list{}, "me": false, "me_burst": false}
				seen[r.emoji] = e
				rs = append(rs, e)
			}
			e["count"] = e["count"].(int) + 1
			if r.user == m.ch.s.bot {
				e["me"] = true
			}
		}
		o["reactions"] = rs
	}
	if m.refID != "" {
		r := obj{"type": 0, "channel_id": m.ch.ID, "message_id": m.refID}
		if m.ch.guild != nil {
			r["guild_id"] = m.ch.guild.ID
		}
		o["message_reference"] = r
		if depth == 0 {
			o["referenced_message"] = nil
			if m.ref != nil && !m.ref.deleted {
				o["referenced_message"] = m.ref.wire(privileged, 1)
			}
		}
	}
	if f := m.forward; f != nil { // docs: resources/message, "Message Reference Types" and "Message Snapshot Object"
		o["message_reference"] = obj{"type": 1, "channel_id": f.ch.ID, "message_id": f.id}
		if f.ch.guild != nil {
			o["message_reference"].(obj)["guild_id"] = f.ch.guild.ID
		}
		w := f.wire(true, 1)
		snap := obj{}
		for _, k := range []string{"content", "embeds", "attachments", "components", "mentions", "mention_roles", "timestamp", "edited_timestamp", "type", "flags"} {
			snap[k] = w[k]
		}
		if masked {
			snap["content"], snap["embeds"], snap["attachments"], snap["components"] = "", list{}, list{}, list{}
		}
		o["message_snapshots"] = list{obj{"message": snap}}
	}
	if m.poll != nil && !masked {
		answers := list{}
		for n, a := range m.poll.answers {
			answers = append(answers, obj{"answer_id": n + 1, "poll_media": obj{"text": a}})
		}
		o["poll"] = obj{"question": obj{"text": m.poll.question}, "answers": answers, "expiry": nil, "allow_multiselect": false, "layout_type": 1}
	}
	if m.author.webhook {
		o["webhook_id"] = m.author.ID
	}
	if m.in != nil {
		o["application_id"], o["webhook_id"] = m.ch.s.bot.ID, m.ch.s.bot.ID
		meta := obj{"id": m.in.id, "type": m.in.kind, "user": m.in.user.wire(), "authorizing_integration_owners": m.in.owners()}
		if m.in.cmd != nil {
			meta["name"], meta["command_type"] = m.in.cmd.Name, m.in.cmd.Type
			if m.in.target != nil {
				meta["target_message_id"] = m.in.target.id
			}
			o["interaction"] = obj{"id": m.in.id, "type": m.in.kind, "name": m.in.cmd.Name, "user": m.in.user.wire()}
		}
		if m.in.from != nil {
			meta["interacted_message_id"] = m.in.from.id
		}
		o["interaction_metadata"] = meta
	}
	return o
}

// event is the message as the gateway's MESSAGE_CREATE has it.
func (m *message) event(se *session) obj {
	o := m.wire(se.intents&intentContent != 0, 0)
	o["channel_type"] = m.ch.Kind
	if g := m.ch.guild; g != nil {
		o["guild_id"] = g.ID
		if mem := g.members[m.author.ID]; mem != nil && m.in == nil && !m.author.webhook {
			o["member"] = mem.wire()
		}
		for _, u := range o["mentions"].(list) {
			if mem := g.members[u.(obj)["id"].(string)]; mem != nil {
				u.(obj)["member"] = mem.wire()
			}
		}
	}
	return o
}

func (f *file) wire(s *Server) obj {
	return obj{"id": f.id, "filename": f.name, "size": len(f.data), "url": s.http.URL + f.path, "proxy_url": s.http.URL + f.path, "content_type": f.kind}
}

// privileged reports whether REST shows the bot all content: the application has the flag, whatever a session's intents are.
func (s *Server) privileged() bool { return s.opt.MessageContent }

// post puts a message into its channel and tells everybody. The lock is held.
func (m *message) post() {
	s := m.ch.s
	m.id, m.sent = s.newID(), s.clock.Now()
	m.ch.messages = append(m.ch.messages, m)
	m.ch.byID[m.id] = m
	s.note(m, "")
	if m.only == nil {
		s.dispatch("MESSAGE_CREATE", m.intent(), m.ch.guild, m.ch, func(se *session) any { return m.event(se) })
	}
}

func (m *message) intent() int {
	if m.ch.guild == nil {
		return intentDirectMessages
	}
	return intentGuildMessages
}

// update tells that the message was edited; first says that it was only "thinking" before, which members do not see as an edit. The lock is held.
func (m *message) update(first bool) {
	s := m.ch.s
	if first {
		s.note(m, "")
	} else {
		m.edited = s.clock.Now()
		s.note(m, "edited")
	}
	if m.only == nil {
		s.dispatch("MESSAGE_UPDATE", m.intent(), m.ch.guild, m.ch, func(se *session) any { return m.event(se) })
	}
}

// remove deletes the message. The lock is held.
func (m *message) remove() {
	s := m.ch.s
	m.deleted = true
	delete(m.ch.byID, m.id)
	m.ch.messages = slices.DeleteFunc(m.ch.messages, func(o *message) bool { return o == m })
	s.note(m, "deleted")
	if m.only == nil {
		s.dispatch("MESSAGE_DELETE", m.intent(), m.ch.guild, m.ch, func(*session) any {
			o := obj{"id": m.id, "channel_id": m.ch.ID}
			if m.ch.guild != nil {
				o["guild_id"] = m.ch.guild.ID
			}
			return o
		})
	}
}

// fill sets what a body says of a message: all of it for a new one, only what it names for an edit. The check has judged the body.
func (m *message) fill(c *call, body obj, byDefault []string, replied *User) *apiError {
	if v, ok := body["content"]; ok {
		m.content, _ = v.(string)
	}
	if v, ok := body["embeds"]; ok {
		l, _ := v.(list)
		m.embeds = nil
		for _, e := range l {
			rich := obj{"type": "rich"}
			for k, x := range e.(obj) {
				if x != nil {
					rich[k] = x
				}
			}
			m.embeds = append(m.embeds, rich)
		}
	}
	if v, ok := body["components"]; ok {
		id := 0
		m.comps, _ = clean(v, &id).(list)
	}
	if v, ok := body["flags"]; ok && v != nil {
		keep := m.flags & (FlagEphemeral | FlagLoading)
		m.flags = number(v)&^(FlagEphemeral|FlagLoading) | keep | m.flags&FlagComponentsV2 // the flag can never be removed
	}
	if v, ok := body["nonce"]; ok {
		m.nonce = v
	}
	if ae := m.attach(c, body); ae != nil {
		return ae
	}
	allowed, given := body["allowed_mentions"].(obj)
	m.parseMentions(allowed, given, byDefault, replied)
	return nil
}

// attach sets the files: the kept ones that attachments lists, and the uploaded ones.
func (m *message) attach(c *call, body obj) *apiError {
	s := m.ch.s
	listed, given := body["attachments"].(list)
	var kept []*file
	names := map[string]string{}
	for _, a := range listed {
		id := fmt.Sprint(a.(obj)["id"])
		if n, ok := a.(obj)["filename"].(string); ok {
			names["files["+id+"]"] = n
		}
		for _, f := range m.files {
			if f.id == id {
				kept = append(kept, f)
			}
		}
	}
	if given {
		m.files = kept
	}
	for _, u := range c.files {
		name := u.name
		if n := names[u.field]; n != "" {
			name = n
		}
		m.files = append(m.files, s.newFile(m.ch, name, u.kind, u.data))
	}
	if len(m.files) > 10 {
		return &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"files"}, Code: "BASE_TYPE_MAX_LENGTH", Message: "Must be 10 or fewer in length."}}}
	}
	return nil
}

func (s *Server) newFile(ch *Channel, name, kind string, data []byte) *file {
	if kind == "" {
		kind = http.DetectContentType(data)
	}
	f := &file{id: s.newID(), name: name, kind: kind, data: data}
	f.path = "/attachments/" + ch.ID + "/" + f.id + "/" + pathName.ReplaceAllString(name, "_")
	s.files[f.path] = f
	return f
}

var pathName = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// serveFile is the CDN.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.URL.Path]
	fault := s.takeFault(r.Method, r.URL.Path)
	s.mu.Unlock()
	if fault != nil && !fault.before(s, w, r, func(int) {}) {
		return
	}
	if f == nil {
		http.Error(w, "This content is no longer available.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	w.Write(f.data)
}

func number(v any) int {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return int(n)
	case float64:
		return int(v)
	case int:
		return v
	case string:
		n, _ := strconv.Atoi(v)
		return n
	}
	return 0
}

func bits(p Permissions) string { return strconv.FormatUint(uint64(p), 10) }

// everything is what an ordinary message pings without allowed_mentions (docs: resources/message, "Allowed Mentions Object").
var everything = []string{"users", "roles", "everyone"}

// onlyUsers is what the answer to an interaction pings without allowed_mentions.
var onlyUsers = []string{"users"}

func (s *Server) postMessage(c *call) (int, any, *apiError) {
	ch, ae := s.channelOf(c, SendMessages)
	if ae != nil {
		return 0, nil, ae
	}
	body := c.obj()
	if len(c.files) > 0 && !ch.permissions(s.bot).Has(AttachFiles) {
		return 0, nil, noPermission()
	}
	if ch.guild == nil && (!slices.Contains(ch.recipients, s.bot) || slices.ContainsFunc(ch.recipients, func(u *User) bool { return u.closed })) {
		return 0, nil, fail(403, 50007, "Cannot send messages to this user")
	}
	key := ""
	if on, _ := body["enforce_nonce"].(bool); on && body["nonce"] != nil {
		key = ch.ID + " " + fmt.Sprint(body["nonce"])
		if n, ok := s.nonces[key]; ok && s.clock.Now().Sub(n.at) < 5*time.Minute {
			return 200, n.m.wire(s.privileged(), 0), nil // docs: resources/message: the earlier message is returned and no new one made
		}
	}
	m := &message{ch: ch, author: s.bot, flags: 0}
	var replied *User
	if r, ok := body["message_reference"].(obj); ok && number(r["type"]) == 0 {
		id := fmt.Sprint(r["message_id"])
		must, set := r["fail_if_not_exists"].(bool)
		m.ref = ch.byID[id]
		if m.ref != nil && m.ref.only != nil {
			m.ref = nil // nobody can reply to an ephemeral message
		}
		switch {
		case m.ref == nil && (must || !set):
			return 0, nil, &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"message_reference"}, Code: "REPLIES_UNKNOWN_MESSAGE", Message: "Unknown message"}}}
		case m.ref != nil:
			if !ch.permissions(s.bot).Has(ReadMessageHistory) {
				return 0, nil, fail(403, 160002, "Cannot reply without permission to read message history") // docs: topics/opcodes-and-status-codes
			}
			m.refID, m.kind = id, 19
			allowed, given := body["allowed_mentions"].(obj)
			if on, _ := allowed["replied_user"].(bool); on || !given {
				replied = m.ref.author
			}
		}
	}
	if ae := m.fill(c, body, everything, replied); ae != nil {
		return 0, nil, ae
	}
	m.flags &^= FlagEphemeral | FlagLoading
	m.post()
	if key != "" {
		s.nonces[key] = nonce{m, s.clock.Now()}
	}
	return 200, m.wire(s.privileged(), 0), nil
}

// messageOf finds the message of a path, if the bot may do all of want in its channel.
func (s *Server) messageOf(c *call, want Permissions) (*message, *apiError) {
	ch, ae := s.channelOf(c, want)
	if ae != nil {
		return nil, ae
	}
	m := ch.byID[c.vals["message_id"]]
	if m == nil || m.only != nil {
		return nil, unknown(10008, "Message")
	}
	return m, nil
}

func (s *Server) getMessage(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, ReadMessageHistory)
	if ae != nil {
		return 0, nil, ae
	}
	return 200, m.wire(s.privileged(), 0), nil
}

func (s *Server) getMessages(c *call) (int, any, *apiError) {
	ch, ae := s.channelOf(c, ReadMessageHistory)
	if ae != nil {
		return 0, nil, ae
	}
	limit := query(c, "limit", 50)
	if limit < 1 || limit > 100 {
		return 0, nil, &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"limit"}, Code: "NUMBER_TYPE_MAX", Message: "int value should be less than or equal to 100."}}}
	}
	q := c.r.URL.Query()
	var pick []*message
	for _, m := range ch.messages { // oldest first
		if m.only != nil || q.Get("before") != "" && !less(m.id, q.Get("before")) || q.Get("after") != "" && !less(q.Get("after"), m.id) {
			continue
		}
		pick = append(pick, m)
	}
	if len(pick) > limit {
		if q.Get("after") != "" {
			pick = pick[:limit]
		} else {
			pick = pick[len(pick)-limit:]
		}
	}
	out := list{}
	for _, m := range slices.Backward(pick) {
		out = append(out, m.wire(s.privileged(), 0))
	}
	return 200, out, nil
}

// less compares snowflakes.
func less(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

func (s *Server) patchMessage(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, 0)
	if ae != nil {
		return 0, nil, ae
	}
	if m.author != s.bot {
		return 0, nil, fail(403, 50005, "Cannot edit a message authored by another user")
	}
	if ae := m.edit(c, c.obj(), everything); ae != nil {
		return 0, nil, ae
	}
	return 200, m.wire(s.privileged(), 0), nil
}

// edit changes the message as the body says, if that leaves something of it.
func (m *message) edit(c *call, body obj, byDefault []string) *apiError {
	was := *m
	loading := m.flags&FlagLoading != 0
	m.flags &^= FlagLoading
	if ae := m.fill(c, body, byDefault, nil); ae != nil {
		*m = was
		return ae
	}
	v2 := m.flags&FlagComponentsV2 != 0
	switch {
	case v2 && (m.content != "" || len(m.embeds) > 0):
		*m = was
		return &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"content"}, Code: "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
			Message: "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", Source: docComponents}}}
	case !v2 && hasV2(m.comps):
		*m = was
		return &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"components"}, Code: "UNION_TYPE_CHOICES",
			Message: "Value of field \"type\" must be one of (1,).", Source: docComponents, Rule: "v2-flag-missing"}}}
	case m.content == "" && len(m.embeds) == 0 && len(m.comps) == 0 && len(m.files) == 0:
		*m = was
		return fail(400, 50006, "Cannot send an empty message")
	}
	m.update(loading)
	return nil
}

func (s *Server) deleteMessage(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, 0)
	if ae != nil {
		return 0, nil, ae
	}
	if m.author != s.bot && !m.ch.permissions(s.bot).Has(ManageMessages) {
		return 0, nil, noPermission()
	}
	m.remove()
	return 204, nil, nil
}

func (s *Server) putReaction(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, ReadMessageHistory|AddReactions)
	if ae != nil {
		return 0, nil, ae
	}
	m.react(s.bot, c.vals["emoji_name"], true)
	return 204, nil, nil
}

func (s *Server) deleteReaction(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, ReadMessageHistory)
	if ae != nil {
		return 0, nil, ae
	}
	m.react(s.bot, c.vals["emoji_name"], false)
	return 204, nil, nil
}

// react adds or takes away a reaction. The lock is held.
func (m *message) react(u *User, emoji string, on bool) {
	at := slices.Index(m.reacts, reaction{u, emoji})
	if on == (at >= 0) {
		return
	}
	event, intent := "MESSAGE_REACTION_ADD", intentReactions
	if on {
		m.reacts = append(m.reacts, reaction{u, emoji})
	} else {
		m.reacts = slices.Delete(m.reacts, at, at+1)
		event = "MESSAGE_REACTION_REMOVE"
	}
	if m.ch.guild == nil {
		intent = intentDMReactions
	}
	m.ch.s.dispatch(event, intent, m.ch.guild, m.ch, func(*session) any {
		o := obj{"user_id": u.ID, "channel_id": m.ch.ID, "message_id": m.id, "emoji": obj{"id": nil, "name": emoji}, "burst": false, "type": 0, "message_author_id": m.author.ID}
		if g := m.ch.guild; g != nil {
			o["guild_id"] = g.ID
			if mem := g.members[u.ID]; mem != nil && on {
				o["member"] = mem.wireFull()
			}
		}
		return o
	})
}

func (s *Server) postThread(c *call) (int, any, *apiError) {
	m, ae := s.messageOf(c, CreatePublicThreads)
	if ae != nil {
		return 0, nil, ae
	}
	name, _ := c.obj()["name"].(string)
	if name == "" || len([]rune(name)) > 100 {
		return 0, nil, &apiError{400, 50035, "Invalid Form Body", []Violation{{Path: []string{"name"}, Code: "BASE_TYPE_BAD_LENGTH", Message: "Must be between 1 and 100 in length."}}}
	}
	if m.ch.guild == nil {
		return 0, nil, fail(400, 50024, "Cannot execute action on this channel type")
	}
	return 201, m.ch.guild.newChannel(name, ChannelThread, m.ch).wire(), nil
}

// Messages returns the channel's messages, oldest first; ephemeral ones too.
func (c *Channel) Messages() []Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	var out []Message
	for _, m := range c.messages {
		out = append(out, m.view())
	}
	return out
}

// Message returns a message by its id as it is now; ok is false if there is none.
func (s *Server) Message(id string) (m Message, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.messageByID(id); found != nil {
		return found.view(), true
	}
	return Message{}, false
}

func (s *Server) messageByID(id string) *message {
	for _, c := range s.channelByID {
		if m := c.byID[id]; m != nil {
			return m
		}
	}
	return nil
}

// WaitMessage waits for a message that ok likes: one sent, edited or deleted, past or future, each as it was after that. A message that is still loading
// ("is thinking...") is shown too, with Loading set.
func (s *Server) WaitMessage(ctx context.Context, ok func(Message) bool) (Message, error) {
	var got Message
	at := 0
	err := s.await(ctx, &s.changed, "a message", func() bool {
		for at = max(at, s.logBase); at < s.logBase+len(s.log); at++ {
			if e := s.log[at-s.logBase]; e.msg.ID != "" && ok(e.msg) {
				got = e.msg
				at++
				return true
			}
		}
		return false
	})
	return got, err
}

// ByBot likes every message of the bot's that is there and not loading; for WaitMessage.
func (s *Server) ByBot(m Message) bool { return m.Author == s.bot && !m.Loading && !m.Deleted }

// ReplyTo likes the bot's replies to a message; for WaitMessage.
func (s *Server) ReplyTo(id string) func(Message) bool {
	return func(m Message) bool { return s.ByBot(m) && m.ReplyTo == id }
}
