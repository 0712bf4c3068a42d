package bot

import (
	"regexp"
	"strings"
)

// What a message says, as far as Discord shows it to the bot: what its author wrote, what was forwarded with it, or else its poll or embed.

// A Snapshot is what a forwarded message said when it was forwarded. Who wrote it Discord does not tell.
type Snapshot struct {
	Message struct {
		Content string  `json:"content"`
		Embeds  []Embed `json:"embeds"`
		Poll    *Poll   `json:"poll"`
		// Mentions are the members that the text names.
		Mentions []User `json:"mentions"`
	} `json:"message"`
}

// An Embed is the box below a message, of which the bot reads the words.
type Embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// A Poll is a vote among members.
type Poll struct {
	Question struct {
		Text string `json:"text"`
	} `json:"question"`
}

// referenceForward is the type of reference that a forward has; a reply's is 0.
const referenceForward = 1

// Forwards reports whether the message forwards another, which has its own author and perhaps its own place.
func (m *Message) Forwards() bool {
	return m.Reference != nil && m.Reference.Type == referenceForward || len(m.Snapshots) > 0
}

// RepliesTo gives the id of the message it replies to, or "". What a forward refers to it does not reply to: that may stand where its reader may not
// look, so it is never fetched.
func (m *Message) RepliesTo() string {
	if m.Reference == nil || m.Forwards() {
		return ""
	}
	return m.Reference.MessageID
}

// said is the text of a message as it was written: that of what it forwards where it has none of its own, and of its poll or embeds where
// it has neither.
func (m *Message) said() (text string, named []User) {
	if strings.TrimSpace(m.Content) != "" {
		return m.Content, m.Mentions
	}
	for _, s := range m.Snapshots {
		if strings.TrimSpace(s.Message.Content) != "" {
			return s.Message.Content, append(s.Message.Mentions, m.Mentions...)
		}
	}
	if text := beside(m.Poll, m.Embeds); text != "" {
		return text, nil
	}
	for _, s := range m.Snapshots {
		if text := beside(s.Message.Poll, s.Message.Embeds); text != "" {
			return text, nil
		}
	}
	return "", nil
}

// beside is the text of a poll, or of the embeds that say something.
func beside(p *Poll, embeds []Embed) string {
	if p != nil && strings.TrimSpace(p.Question.Text) != "" {
		return p.Question.Text
	}
	var lines []string
	for _, e := range embeds {
		for _, line := range []string{e.Title, e.Description} {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "\n")
}

var (
	userMention = regexp.MustCompile(`<@!?(\d+)>`)
	customEmoji = regexp.MustCompile(`<a?(:\w+:)\d+>`)
	// idTag finds what stands in a message for something of Discord's: members, roles, channels, commands, moments, custom emoji.
	idTag = regexp.MustCompile(`<(?:@[!&]?\d+|#\d+|/[^<>:]+:\d+|id:\w+|t:-?\d+(?::\w)?|a?:\w+:\d+)>`)
)

// questionIn is what a message asks.
func questionIn(m *Message) string {
	text, _ := m.said()
	return asked(text)
}

// asked is the question in a text. Whom it is addressed to or points at (members, roles, channels), and the pictures in it, are no words of the
// question: no fact could cover them.
func asked(text string) string { return strings.TrimSpace(idTag.ReplaceAllString(text, " ")) }

// plainText is what a message says to a reader, with members' names in place of their ids.
func plainText(m *Message) string {
	text, named := m.said()
	names := map[string]string{}
	for _, u := range named {
		if names[u.ID] = u.GlobalName; u.GlobalName == "" {
			names[u.ID] = u.Username
		}
	}
	s := userMention.ReplaceAllStringFunc(text, func(tag string) string {
		if name := names[userMention.FindStringSubmatch(tag)[1]]; name != "" {
			return "@" + name
		}
		return tag
	})
	return strings.TrimSpace(customEmoji.ReplaceAllString(s, "$1"))
}
