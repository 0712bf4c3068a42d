package bot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
)

// Events are decoded here from their raw bytes into just what the bot uses. Discordgo's own structs fail as a
// whole when one component is of a type it does not know, and then hand over an event without author or data; here
// whatever is not needed is never looked at, and a field of an unexpected type costs that field alone.

// A User is whoever asks, wrote a message, or is mentioned in one.
type User struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
	System     bool   `json:"system"`
}

// A Member is a user's part in one server.
type Member struct {
	User  *User    `json:"user"`
	Nick  string   `json:"nick"`
	Roles []string `json:"roles"`
	// Permissions are the member's in the channel of the interaction, discordgo.Permission bits; interactions only.
	Permissions Bits `json:"permissions"`
}

// Bits is a set of permission bits, which Discord writes as a string of decimal digits.
type Bits int64

// UnmarshalJSON takes a string of digits or a number. Anything else is no permission at all.
func (b *Bits) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil {
		n = 0
	}
	*b = Bits(n)
	return nil
}

// Has reports whether all of the bits are set.
func (b Bits) Has(bits int64) bool { return int64(b)&bits == bits }

// A Reference says which message another one replies to, or forwards.
type Reference struct {
	Type      int    `json:"type"` // 0 a reply, 1 a forward
	MessageID string `json:"message_id"`
	ChannelID string `json:"channel_id"`
	GuildID   string `json:"guild_id"`
}

// A Message is what somebody wrote, or what the bot posted.
type Message struct {
	ID        string `json:"id"`
	Type      int    `json:"type"` // discordgo.MessageType; 0 is ordinary, 19 a reply
	ChannelID string `json:"channel_id"`
	GuildID   string `json:"guild_id"` // empty in a direct message, and in messages fetched over REST
	WebhookID string `json:"webhook_id"`
	// ApplicationID is set where an application posted it as the answer to an interaction.
	ApplicationID string          `json:"application_id"`
	Content       string          `json:"content"` // empty where Discord keeps it from the bot
	Author        User            `json:"author"`
	Member        *Member         `json:"member"` // events in servers only
	Mentions      []User          `json:"mentions"`
	MentionRoles  []string        `json:"mention_roles"`
	Flags         int             `json:"flags"` // discordgo.MessageFlags; 64 is ephemeral
	Timestamp     string          `json:"timestamp"`
	Reference     *Reference      `json:"message_reference"`
	Referenced    *Message        `json:"referenced_message"` // nil where it was deleted or Discord left it out
	Snapshots     []Snapshot      `json:"message_snapshots"`  // what it forwards
	Embeds        []Embed         `json:"embeds"`
	Poll          *Poll           `json:"poll"`
	Components    json.RawMessage `json:"components"` // read with CustomIDs
	// Caused says which interaction the message answers, where it answers one.
	Caused *struct {
		ID   string `json:"id"`
		User User   `json:"user"`
	} `json:"interaction_metadata"`
}

// FromMachine reports whether a bot, a webhook or Discord itself wrote the message. None of these is ever answered.
func (m *Message) FromMachine() bool {
	return m.Author.Bot || m.Author.System || m.WebhookID != "" || m.Author.ID == ""
}

// Mentioned reports whether the message mentions the user by name.
func (m *Message) Mentioned(userID string) bool {
	for _, u := range m.Mentions {
		if u.ID == userID {
			return true
		}
	}
	// Some servers that speak the protocol leave the list out, so the text counts as well.
	return strings.Contains(m.Content, "<@"+userID+">") || strings.Contains(m.Content, "<@!"+userID+">")
}

// MentionedRole reports whether the message mentions the role.
func (m *Message) MentionedRole(roleID string) bool {
	return roleID != "" && (slices.Contains(m.MentionRoles, roleID) || strings.Contains(m.Content, "<@&"+roleID+">"))
}

// Ephemeral reports whether only one member sees the message.
func (m *Message) Ephemeral() bool { return m.Flags&int(discordgo.MessageFlagsEphemeral) != 0 }

// CustomIDs lists the custom_id of every component of the message, at any depth, in order, whatever else it holds.
func (m *Message) CustomIDs() []string {
	var ids []string
	walkComponents(m.Components, func(c component) {
		if c.CustomID != "" {
			ids = append(ids, c.CustomID)
		}
	})
	return ids
}

// An Attachment is a file that came with an interaction.
type Attachment struct {
	ID       string `json:"id"`
	Filename string `json:"filename"`
	Size     int    `json:"size"` // bytes
	URL      string `json:"url"`
}

// An Interaction is a command, a pressed button, a submitted form, or a request for completions.
type Interaction struct {
	ID            string
	ApplicationID string
	Type          discordgo.InteractionType
	Token         string // good for 15 minutes; secret
	GuildID       string // empty in direct messages
	ChannelID     string
	Context       int    // discordgo.InteractionContextType: 0 server, 1 direct message with the bot, 2 other private channel
	Locale        string // of the member, such as "de" or "en-US"
	GuildLocale   string // of the server; empty elsewhere
	User          User   // who did it
	Member        *Member
	// AppPermissions are the bot's own in the channel.
	AppPermissions Bits
	// Owners says by whom the app was installed: "0" a server's id, "1" a user's id.
	Owners map[string]string

	// Of commands and of requests for completions.
	Command     string                           // its name
	CommandType discordgo.ApplicationCommandType // slash, user, message
	Sub         []string                         // subcommand group and subcommand, where there are
	Options     map[string]string                // by name; numbers and booleans as JSON writes them
	Focused     string                           // the option that is being typed
	Target      *Message                         // what a message command was used on
	TargetID    string

	// Of buttons, select menus and forms.
	CustomID string
	Values   []string            // what was selected in a menu
	Fields   map[string][]string // what was entered in a form, by custom_id: one value for a text, any number for a menu
	Message  *Message            // the message the button is on; may be nil for a form

	Attachments map[string]Attachment // uploaded files, by id

	Received time.Time // when the bot read it
}

// Form returns the text that was entered in the form's field.
func (i *Interaction) Form(customID string) string {
	if v := i.Fields[customID]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// KeptPrivate reports whether Discord shows whatever answers the interaction to the member alone: the app is only the member's own, and the
// server does not let members use such apps for all to see.
func (i *Interaction) KeptPrivate() bool {
	_, installed := i.Owners["0"]
	return i.GuildID != "" && len(i.Owners) > 0 && !installed && i.Member != nil &&
		!i.Member.Permissions.Has(discordgo.PermissionUseExternalApps) && !i.Member.Permissions.Has(discordgo.PermissionAdministrator)
}

// wireInteraction is an interaction as Discord writes it.
type wireInteraction struct {
	ID             string            `json:"id"`
	ApplicationID  string            `json:"application_id"`
	Type           int               `json:"type"`
	Token          string            `json:"token"`
	GuildID        string            `json:"guild_id"`
	ChannelID      string            `json:"channel_id"`
	Context        int               `json:"context"`
	Locale         string            `json:"locale"`
	GuildLocale    string            `json:"guild_locale"`
	User           *User             `json:"user"`
	Member         *Member           `json:"member"`
	AppPermissions Bits              `json:"app_permissions"`
	Owners         map[string]string `json:"authorizing_integration_owners"`
	Message        json.RawMessage   `json:"message"`
	Channel        struct {
		ID string `json:"id"`
	} `json:"channel"`
	Data struct {
		Name       string          `json:"name"`
		Type       int             `json:"type"`
		Options    []wireOption    `json:"options"`
		TargetID   string          `json:"target_id"`
		CustomID   string          `json:"custom_id"`
		Values     []string        `json:"values"`
		Components json.RawMessage `json:"components"`
		Resolved   struct {
			Messages    map[string]json.RawMessage `json:"messages"`
			Attachments map[string]Attachment      `json:"attachments"`
		} `json:"resolved"`
	} `json:"data"`
}

type wireOption struct {
	Name    string          `json:"name"`
	Type    int             `json:"type"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
	Options []wireOption    `json:"options"`
}

// decodeMessage reads a message. An error means that it lacks what every message has.
func decodeMessage(data []byte) (*Message, error) {
	var m Message
	if err := lenient(data, &m); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	if m.ID == "" || m.ChannelID == "" {
		return nil, errors.New("decode message: it has no id or no channel")
	}
	return &m, nil
}

// decodeInteraction reads an interaction. An error means that it can't be answered: it has no id, type or token.
func decodeInteraction(data []byte) (*Interaction, error) {
	var w wireInteraction
	if err := lenient(data, &w); err != nil {
		return nil, fmt.Errorf("decode interaction: %w", err)
	}
	if w.ID == "" || w.Token == "" || w.Type == 0 {
		return nil, errors.New("decode interaction: it has no id, type or token")
	}
	i := &Interaction{
		ID: w.ID, ApplicationID: w.ApplicationID, Type: discordgo.InteractionType(w.Type), Token: w.Token,
		GuildID: w.GuildID, ChannelID: w.ChannelID, Context: w.Context, Locale: w.Locale, GuildLocale: w.GuildLocale,
		Member: w.Member, AppPermissions: w.AppPermissions, Owners: w.Owners,
		Command: w.Data.Name, CommandType: discordgo.ApplicationCommandType(w.Data.Type), TargetID: w.Data.TargetID,
		CustomID: w.Data.CustomID, Values: w.Data.Values, Attachments: w.Data.Resolved.Attachments,
		Options: map[string]string{}, Fields: map[string][]string{},
	}
	if i.ChannelID == "" {
		i.ChannelID = w.Channel.ID
	}
	if i.GuildID == "" && w.User != nil && i.Context == 0 {
		i.Context = int(discordgo.InteractionContextBotDM)
	}
	switch {
	case w.User != nil:
		i.User = *w.User
	case w.Member != nil && w.Member.User != nil:
		i.User = *w.Member.User
	}
	i.options(w.Data.Options)
	walkComponents(w.Data.Components, func(c component) {
		if c.CustomID == "" {
			return
		}
		switch {
		case c.Values != nil:
			i.Fields[c.CustomID] = c.Values
		case len(c.Value) > 0:
			i.Fields[c.CustomID] = []string{plain(c.Value)}
		}
	})
	// The messages within are worth having, but their absence or oddity must not cost the interaction.
	if len(w.Message) > 0 {
		if m, err := decodeMessage(w.Message); err == nil {
			i.Message = m
		}
	}
	if raw, ok := w.Data.Resolved.Messages[w.Data.TargetID]; ok {
		if m, err := decodeMessage(raw); err == nil {
			i.Target = m
		}
	}
	return i, nil
}

// options gathers the options of a command, following subcommands.
func (i *Interaction) options(opts []wireOption) {
	for _, o := range opts {
		switch discordgo.ApplicationCommandOptionType(o.Type) {
		case discordgo.ApplicationCommandOptionSubCommand, discordgo.ApplicationCommandOptionSubCommandGroup:
			i.Sub = append(i.Sub, o.Name)
			i.options(o.Options)
		default:
			i.Options[o.Name] = plain(o.Value)
			if o.Focused {
				i.Focused = o.Name
			}
		}
	}
}

// component is the little the bot reads of one.
type component struct {
	CustomID string
	Value    json.RawMessage
	Values   []string
}

// walkComponents calls f for every object of a tree of components, whatever its type and whatever holds it.
func walkComponents(raw json.RawMessage, f func(component)) {
	walkDepth(raw, f, 0)
}

// Discord nests components four deep at most.
const maxComponentDepth = 16

func walkDepth(raw json.RawMessage, f func(component), depth int) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || depth > maxComponentDepth {
		return
	}
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, r := range list {
				walkDepth(r, f, depth+1)
			}
		}
	case '{':
		var c struct {
			CustomID   string          `json:"custom_id"`
			Value      json.RawMessage `json:"value"`
			Values     []string        `json:"values"`
			Components json.RawMessage `json:"components"`
			Component  json.RawMessage `json:"component"`
			Accessory  json.RawMessage `json:"accessory"`
		}
		if lenient(raw, &c) != nil {
			return
		}
		f(component{c.CustomID, c.Value, c.Values})
		walkDepth(c.Components, f, depth+1)
		walkDepth(c.Component, f, depth+1)
		walkDepth(c.Accessory, f, depth+1)
	}
}

// lenient decodes JSON. A field whose type is not the expected one is left empty; only bytes that are no JSON, or not
// an object at all, are an error.
func lenient(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return nil // encoding/json goes on after such a field and reports the first of them at the end
	}
	return err
}

// plain gives a JSON string's text, and any other value as it is written.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
