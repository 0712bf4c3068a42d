package discordtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Args are the options of a slash command by name: string, int, float64, bool, *User, *Channel, *Role or Upload.
type Args map[string]any

// Values are the fields of a form by custom id or label: a string, or []string for a select, radio group or checkboxes.
type Values map[string]any

// An Upload is a file that a member attaches.
type Upload struct {
	Name string
	Type string // a media type; guessed if empty
	Data []byte
}

// Say sends an ordinary message, as typed; a mention is written with User.Mention.
func (u *User) Say(c *Channel, text string, files ...Upload) (Message, error) {
	return u.send(c, "", text, false, files)
}

// DM says something to the bot in a direct message.
func (u *User) DM(text string, files ...Upload) (Message, error) {
	return u.send(u.DMChannel(), "", text, false, files)
}

// Reply answers a message; ping says whether its author is notified, which Discord's client does unless told otherwise.
func (u *User) Reply(to Message, text string, ping bool, files ...Upload) (Message, error) {
	return u.send(to.Channel, to.ID, text, ping, files)
}

// Forward forwards a message into a channel: what it says then goes along, whoever may see the original.
func (u *User) Forward(msg Message, to *Channel) (Message, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	from, err := u.visible(msg)
	if err != nil {
		return Message{}, err
	}
	was := *from
	return u.put(&message{ch: to, author: u, forward: &was})
}

// Poll begins a poll in a channel.
func (u *User) Poll(c *Channel, question string, answers ...string) (Message, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return u.put(&message{ch: c, author: u, poll: &poll{question, answers}})
}

// Embed sends a message that is nothing but an embed, as bots and webhooks do.
func (u *User) Embed(c *Channel, title, description string) (Message, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return u.put(&message{ch: c, author: u, embeds: list{obj{"type": "rich", "title": title, "description": description}}})
}

// put posts a message that has no text of its own. The lock is held.
func (u *User) put(m *message) (Message, error) {
	if !m.ch.permissions(u).Has(ViewChannel | SendMessages) {
		return Message{}, fmt.Errorf("discordtest: %s may not send messages in %s", u.Name, m.ch.title())
	}
	m.post()
	return m.view(), nil
}

func (u *User) send(c *Channel, to, text string, ping bool, files []Upload) (Message, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	p := c.permissions(u)
	if !p.Has(ViewChannel | SendMessages) {
		return Message{}, fmt.Errorf("discordtest: %s may not send messages in %s", u.Name, c.title())
	}
	if len([]rune(text)) > 2000 {
		return Message{}, fmt.Errorf("discordtest: %s may not send %d characters; Discord's limit is 2000", u.Name, len([]rune(text)))
	}
	if strings.TrimSpace(text) == "" && len(files) == 0 {
		return Message{}, errors.New("discordtest: an empty message cannot be sent")
	}
	m := &message{ch: c, author: u, content: text}
	var replied *User
	if to != "" {
		m.ref = c.byID[to]
		if m.ref == nil || m.ref.only != nil {
			return Message{}, fmt.Errorf("discordtest: no message %s to reply to in %s (an ephemeral message has no replies)", to, c.title())
		}
		m.kind, m.refID = 19, to
		if ping {
			replied = m.ref.author
		}
	}
	for _, f := range files {
		m.files = append(m.files, s.newFile(c, f.Name, f.Type, f.Data))
	}
	m.parseMentions(nil, false, everything, replied)
	m.post()
	return m.view(), nil
}

// Edit changes a message of the user's own.
func (u *User) Edit(msg Message, text string) (Message, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	m := msg.Channel.byID[msg.ID]
	if m == nil || m.author != u {
		return Message{}, fmt.Errorf("discordtest: %s has no message %s", u.Name, msg.ID)
	}
	m.content = text
	m.parseMentions(nil, false, nil, nil) // an edit pings nobody
	m.update(false)
	return m.view(), nil
}

// Delete deletes a message: the user's own, or any with ManageMessages. An ephemeral message is dismissed.
func (u *User) Delete(msg Message) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	m := msg.Channel.byID[msg.ID]
	if m == nil || m.only != nil && m.only != u {
		return fmt.Errorf("discordtest: no message %s for %s", msg.ID, u.Name)
	}
	if m.author != u && m.only != u && !m.ch.permissions(u).Has(ManageMessages) {
		return fmt.Errorf("discordtest: %s may not delete messages of others in %s", u.Name, m.ch.title())
	}
	m.remove()
	return nil
}

// React puts an emoji on a message, or takes it away again.
func (u *User) React(msg Message, emoji string, on bool) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	m, err := u.visible(msg)
	if err != nil {
		return err
	}
	m.react(u, emoji, on)
	return nil
}

// visible finds a message as it is now, if the user sees it.
func (u *User) visible(msg Message) (*message, error) {
	if msg.Channel == nil {
		return nil, errors.New("discordtest: the zero Message")
	}
	m := msg.Channel.byID[msg.ID]
	switch {
	case m == nil:
		return nil, fmt.Errorf("discordtest: message %s is gone", msg.ID)
	case m.only != nil && m.only != u:
		return nil, fmt.Errorf("discordtest: only %s sees message %s", m.only.Name, msg.ID)
	case !m.ch.sees(u):
		return nil, fmt.Errorf("discordtest: %s does not see %s", u.Name, m.ch.title())
	}
	return m, nil
}

// Slash uses a slash command; a subcommand is named after its command, as in "facts add". It returns once the event is sent.
func (u *User) Slash(c *Channel, command string, args Args) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("discordtest: a command without a name")
	}
	cmd, byUser, err := s.command(u, c, words[0], 1)
	if err != nil {
		return nil, err
	}
	data, err := s.commandData(cmd, c, words[1:], args, "", "")
	if err != nil {
		return nil, fmt.Errorf("discordtest: /%s: %w", command, err)
	}
	s.noteText(c, u.Name+" uses /"+command+argsText(args))
	return s.begin(&interaction{kind: kindCommand, user: u, ch: c, cmd: cmd, byUser: byUser}, data)
}

// Type types partial into an option with autocomplete, others being filled in already, and waits for the suggestions.
func (u *User) Type(ctx context.Context, c *Channel, command, option, partial string, others Args) ([]Choice, error) {
	in, err := u.BeginTyping(c, command, option, partial, others)
	if err != nil {
		return nil, err
	}
	r, err := in.Response(ctx)
	return r.Choices, err
}

// BeginTyping is Type that does not wait; the suggestions are in the Response.
func (u *User) BeginTyping(c *Channel, command, option, partial string, others Args) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("discordtest: a command without a name")
	}
	cmd, byUser, err := s.command(u, c, words[0], 1)
	if err != nil {
		return nil, err
	}
	data, err := s.commandData(cmd, c, words[1:], others, option, partial)
	if err != nil {
		return nil, fmt.Errorf("discordtest: /%s: %w", command, err)
	}
	s.noteText(c, fmt.Sprintf("%s types /%s %s: %s", u.Name, command, option, partial))
	return s.begin(&interaction{kind: kindAutocomplete, user: u, ch: c, cmd: cmd, byUser: byUser}, data)
}

// MessageCommand uses a command of a message's menu, "Apps", on it.
func (u *User) MessageCommand(msg Message, command string) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := u.visible(msg)
	if err != nil {
		return nil, err
	}
	cmd, byUser, err := s.command(u, m.ch, command, 3)
	if err != nil {
		return nil, err
	}
	data := obj{"id": cmd.ID, "name": cmd.Name, "type": 3, "target_id": m.id, "resolved": obj{"messages": obj{m.id: m.wire(true, 0)}}}
	if cmd.GuildID != "" {
		data["guild_id"] = cmd.GuildID
	}
	s.noteText(m.ch, fmt.Sprintf("%s uses %q on %s's message: %s", u.Name, command, m.author.Name, short(m.content)))
	return s.begin(&interaction{kind: kindCommand, user: u, ch: m.ch, cmd: cmd, byUser: byUser, target: m}, data)
}

// Click presses a button, named by its custom id, label or emoji.
func (u *User) Click(msg Message, button string) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	m, c, err := u.component(msg, button)
	if err != nil {
		return nil, err
	}
	if c.Type != compButton {
		return nil, fmt.Errorf("discordtest: %q is no button", button)
	}
	if c.CustomID == "" {
		return nil, fmt.Errorf("discordtest: button %q opens %s and tells the bot nothing", button, c.URL)
	}
	s.noteText(m.ch, fmt.Sprintf("%s clicks [%s]", u.Name, c.face()))
	return s.begin(&interaction{kind: kindComponent, user: u, ch: m.ch, from: m}, obj{"component_type": c.Type, "custom_id": c.CustomID, "id": 1})
}

// Select chooses options of a select menu, named by its custom id or placeholder; options are named by value or label, or are the ids of users, roles or channels.
func (u *User) Select(msg Message, menu string, options ...string) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	m, c, err := u.component(msg, menu)
	if err != nil {
		return nil, err
	}
	values, err := c.choose(options)
	if err != nil {
		return nil, err
	}
	data := obj{"component_type": c.Type, "custom_id": c.CustomID, "values": values, "id": 1}
	if c.Type != compStringSelect {
		r := resolved{s: s, g: m.ch.guild}
		for _, v := range values {
			r.add(fmt.Sprint(v))
		}
		data["resolved"] = r.wire()
	}
	said := slices.Clone(options)
	for i, o := range said { // ids as members see them
		for _, mention := range []string{"<#" + o + ">", "<@&" + o + ">", "<@" + o + ">"} {
			if name := s.named(mention); name != mention {
				said[i] = name
			}
		}
	}
	s.noteText(m.ch, fmt.Sprintf("%s selects %q", u.Name, said))
	return s.begin(&interaction{kind: kindComponent, user: u, ch: m.ch, from: m}, data)
}

// Forge sends the bot an interaction of a kind (2 a command, 3 a component, 5 a form) that the user made up, on a message or on none (the zero
// Message). Discord's own server lets little of it through; a bot that holds its own against it needs no faith in that.
func (u *User) Forge(c *Channel, on Message, kind int, data map[string]any) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	in := &interaction{kind: kind, user: u, ch: c}
	if on.Channel != nil {
		in.from = on.Channel.byID[on.ID]
	}
	if c.guild != nil && c.guild.members[u.ID] == nil {
		return nil, fmt.Errorf("discordtest: %s is no member of %s", u.Name, c.guild.Name)
	}
	what, _ := data["custom_id"].(string)
	if what == "" {
		what = fmt.Sprint(data["name"])
	}
	s.noteText(c, fmt.Sprintf("%s forges an interaction: %s", u.Name, short(what)))
	return s.begin(in, data)
}

// component finds a component that the user can use now.
func (u *User) component(msg Message, name string) (*message, Component, error) {
	m, err := u.visible(msg)
	if err != nil {
		return nil, Component{}, err
	}
	v := m.view()
	c, ok := v.Find(name)
	if !ok {
		return nil, Component{}, fmt.Errorf("discordtest: message %s has no component %q; it has %q", m.id, name, v.Buttons())
	}
	if c.Disabled {
		return nil, Component{}, fmt.Errorf("discordtest: component %q is disabled", name)
	}
	return m, c, nil
}

// choose checks a member's choice against a select and returns the values.
func (c Component) choose(options []string) (list, error) {
	least, most := 1, 1
	if c.MinValues != nil {
		least = *c.MinValues
	}
	if c.MaxValues != nil {
		most = *c.MaxValues
	}
	if len(options) < least || len(options) > most {
		return nil, fmt.Errorf("discordtest: %d chosen of select %q, which takes %d to %d", len(options), c.CustomID, least, most)
	}
	values := list{}
	for _, want := range options {
		if len(c.Options) == 0 {
			values = append(values, want)
			continue
		}
		at := slices.IndexFunc(c.Options, func(o Option) bool { return o.Value == want || o.Label == want })
		if at < 0 {
			return nil, fmt.Errorf("discordtest: select %q has no option %q", c.CustomID, want)
		}
		values = append(values, c.Options[at].Value)
	}
	return values, nil
}

// Submit sends a form that the bot showed to this user.
func (u *User) Submit(m *Modal, values Values) (*Interaction, error) {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.in.user != u {
		return nil, fmt.Errorf("discordtest: the form %q is shown to %s, not %s", m.Title, m.in.user.Name, u.Name)
	}
	for k := range values {
		if !slices.ContainsFunc(m.Fields, func(f Field) bool { return f.CustomID == k || f.Title == k }) {
			return nil, fmt.Errorf("discordtest: the form %q has no field %q", m.Title, k)
		}
	}
	var said []string
	n := 0
	field := func(title string, c Component) (obj, error) {
		n++
		v, given := values[c.CustomID]
		if !given {
			v, given = values[title]
		}
		out := obj{"type": c.Type, "id": n, "custom_id": c.CustomID}
		required := c.Required == nil || *c.Required
		if c.Type == compTextInput {
			text, _ := v.(string)
			if !given {
				text = c.Value
			}
			size := len([]rune(text))
			if required && size == 0 {
				return nil, fmt.Errorf("discordtest: field %q of form %q must be filled in", title, m.Title)
			}
			if most := 4000; c.MaxLength != nil && size > *c.MaxLength || size > most {
				return nil, fmt.Errorf("discordtest: field %q takes no %d characters", title, size)
			}
			if c.MinLength != nil && size > 0 && size < *c.MinLength {
				return nil, fmt.Errorf("discordtest: field %q wants at least %d characters", title, *c.MinLength)
			}
			out["value"] = text
			said = append(said, title+": "+text)
			return out, nil
		}
		if c.Type == compCheckbox {
			on, _ := v.(bool)
			out["value"] = on
			said = append(said, fmt.Sprintf("%s: %v", title, on))
			return out, nil
		}
		var chosen []string
		switch v := v.(type) {
		case string:
			chosen = []string{v}
		case []string:
			chosen = v
		}
		if len(chosen) == 0 {
			if required {
				return nil, fmt.Errorf("discordtest: field %q of form %q must be chosen", title, m.Title)
			}
			out["values"] = list{}
			if c.Type == compRadio {
				delete(out, "values")
				out["value"] = nil
			}
			return out, nil
		}
		if c.Type == compCheckboxes && c.MaxValues == nil {
			all := len(c.Options)
			c.MaxValues = &all
		}
		vs, err := c.choose(chosen)
		if err != nil {
			return nil, err
		}
		said = append(said, title+": "+strings.Join(chosen, ", "))
		if c.Type == compRadio {
			out["value"] = vs[0]
		} else {
			out["values"] = vs
		}
		return out, nil
	}
	rows := list{}
	var cs []Component
	recode(m.rows, &cs)
	for _, c := range cs {
		n++
		row := obj{"type": c.Type, "id": n}
		switch c.Type {
		case compRow:
			inner := list{}
			for _, f := range c.Components {
				o, err := field(f.Label, f)
				if err != nil {
					return nil, err
				}
				inner = append(inner, o)
			}
			row["components"] = inner
		case compLabel:
			o, err := field(c.Label, *c.Component)
			if err != nil {
				return nil, err
			}
			row["component"] = o
		}
		rows = append(rows, row)
	}
	s.noteText(m.in.ch, fmt.Sprintf("%s submits %q: %s", u.Name, m.Title, strings.Join(said, "; ")))
	return s.begin(&interaction{kind: kindModalSubmit, user: u, ch: m.in.ch, from: m.in.from, byUser: m.in.byUser}, obj{"custom_id": m.CustomID, "components": rows})
}

// commandData builds the data of a slash command's interaction: the options as the definition orders and types them. focused is the option that is being
// typed into, if any; then nothing is required yet.
func (s *Server) commandData(cmd *Command, c *Channel, path []string, args Args, focused, partial string) (obj, error) {
	data := obj{"id": cmd.ID, "name": cmd.Name, "type": 1}
	if cmd.GuildID != "" {
		data["guild_id"] = cmd.GuildID
	}
	defs, _ := cmd.def["options"].(list)
	inner := data
	for _, word := range path {
		at := slices.IndexFunc(defs, func(d any) bool { return d.(obj)["name"] == word && number(d.(obj)["type"]) <= 2 })
		if at < 0 {
			return nil, fmt.Errorf("no subcommand %q", word)
		}
		d := defs[at].(obj)
		next := obj{"name": word, "type": d["type"]}
		inner["options"] = list{next}
		inner = next
		defs, _ = d["options"].(list)
	}
	r := resolved{s: s, g: c.guild, ch: c}
	opts := list{}
	left := len(args)
	for _, d := range defs {
		d := d.(obj)
		name, kind := d["name"].(string), number(d["type"])
		if kind <= 2 {
			return nil, errors.New("a subcommand must be named")
		}
		if focused != "" && name == focused {
			if on, _ := d["autocomplete"].(bool); !on {
				return nil, fmt.Errorf("option %q has no autocomplete", name)
			}
			opts = append(opts, obj{"name": name, "type": kind, "value": partial, "focused": true})
			continue
		}
		v, given := args[name]
		if !given {
			if on, _ := d["required"].(bool); on && focused == "" {
				return nil, fmt.Errorf("option %q is required", name)
			}
			continue
		}
		left--
		w, err := r.value(kind, v)
		if err != nil {
			return nil, fmt.Errorf("option %q: %w", name, err)
		}
		if err := fits(d, w); err != nil {
			return nil, fmt.Errorf("option %q: %w", name, err)
		}
		opts = append(opts, obj{"name": name, "type": kind, "value": w})
	}
	if left > 0 {
		return nil, fmt.Errorf("it has not all of the options %s", strings.TrimSpace(argsText(args)))
	}
	if focused != "" && !slices.ContainsFunc(opts, func(o any) bool { return o.(obj)["focused"] == true }) {
		return nil, fmt.Errorf("it has no option %q", focused)
	}
	if len(opts) > 0 {
		inner["options"] = opts
	}
	if w := r.wire(); len(w) > 0 {
		data["resolved"] = w
	}
	return data, nil
}

// fits checks a value against the limits of its option, as Discord's client does before it sends.
func fits(d obj, v any) error {
	if choices, ok := d["choices"].(list); ok && len(choices) > 0 {
		if !slices.ContainsFunc(choices, func(c any) bool { return fmt.Sprint(c.(obj)["value"]) == fmt.Sprint(v) }) {
			return fmt.Errorf("%v is none of its choices", v)
		}
	}
	if text, ok := v.(string); ok {
		n := len([]rune(text))
		if most := d["max_length"]; most != nil && n > number(most) || n > 6000 {
			return fmt.Errorf("%d characters are too many", n)
		}
		if least := d["min_length"]; least != nil && n < number(least) {
			return fmt.Errorf("%d characters are too few", n)
		}
	}
	if n, ok := v.(int); ok {
		if most := d["max_value"]; most != nil && n > number(most) {
			return fmt.Errorf("%d is too much", n)
		}
		if least := d["min_value"]; least != nil && n < number(least) {
			return fmt.Errorf("%d is too little", n)
		}
	}
	return nil
}

// resolved gathers the objects that options and selects name by id (docs: receiving-and-responding, "Resolved Data Structure").
type resolved struct {
	s  *Server
	g  *Guild
	ch *Channel

	users, members, roles, channels, attachments obj
}

func put(o *obj, k string, v any) {
	if *o == nil {
		*o = obj{}
	}
	(*o)[k] = v
}

func (r *resolved) add(id string) {
	if u := r.s.userByID[id]; u != nil {
		put(&r.users, id, u.wire())
		if r.g != nil && r.g.members[id] != nil {
			m := r.g.members[id].wire()
			m["permissions"] = bits(r.g.permissions(u))
			put(&r.members, id, m)
		}
	}
	if c := r.s.channelByID[id]; c != nil {
		put(&r.channels, id, c.wire())
	}
	if r.g != nil {
		for _, role := range r.g.roles {
			if role.ID == id {
				put(&r.roles, id, role.wire())
			}
		}
	}
}

// value turns an argument into the value of an option of this type (docs: application-commands, "Application Command Option Type").
func (r *resolved) value(kind int, v any) (any, error) {
	ok := true
	var out any
	switch kind {
	case 3:
		out, ok = v.(string)
	case 4:
		out, ok = v.(int)
	case 5:
		out, ok = v.(bool)
	case 6, 7, 8, 9:
		switch v := v.(type) {
		case *User:
			out, ok = v.ID, kind == 6 || kind == 9
		case *Channel:
			out, ok = v.ID, kind == 7
		case *Role:
			out, ok = v.ID, kind == 8 || kind == 9
		default:
			ok = false
		}
		if ok {
			r.add(out.(string))
		}
	case 10:
		switch v := v.(type) {
		case int:
			out = float64(v)
		case float64:
			out = v
		default:
			ok = false
		}
	case 11:
		var up Upload
		if up, ok = v.(Upload); ok {
			f := r.s.newFile(r.ch, up.Name, up.Type, up.Data)
			put(&r.attachments, f.id, f.wire(r.s))
			out = f.id
		}
	}
	if !ok {
		return nil, fmt.Errorf("%T is no value for type %d", v, kind)
	}
	return out, nil
}

func (r *resolved) wire() obj {
	o := obj{}
	for k, v := range map[string]obj{"users": r.users, "members": r.members, "roles": r.roles, "channels": r.channels, "attachments": r.attachments} {
		if v != nil {
			o[k] = v
		}
	}
	return o
}

func argsText(args Args) string {
	keys := make([]string, 0, len(args))
	for k := range args {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		v := args[k]
		switch x := v.(type) {
		case *User:
			v = "@" + x.Name
		case *Channel:
			v = "#" + x.Name
		case *Role:
			v = "@" + x.Name
		case Upload:
			v = x.Name
		case json.Number:
			v = x.String()
		case float64:
			v = strconv.FormatFloat(x, 'g', -1, 64)
		}
		fmt.Fprintf(&b, " %s: %v", k, v)
	}
	return b.String()
}
