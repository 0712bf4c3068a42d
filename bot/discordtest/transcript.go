package discordtest

import (
	"fmt"
	"regexp"
	"strings"
)

// An entry of the transcript: what happened to a message, or a line on what a member did.
type entry struct {
	ch   *Channel
	msg  Message // zero for a line
	what string  // "" sent, "edited", "deleted"; or the line
	to   string  // who and what the message replies to
}

// note logs that something happened to a message. The lock is held.
func (s *Server) note(m *message, what string) {
	e := entry{ch: m.ch, msg: m.view(), what: what}
	if m.ref != nil && what == "" {
		e.to = m.ref.author.Name
	}
	s.logEntry(e)
}

// noteText logs what a member did. The lock is held.
func (s *Server) noteText(c *Channel, text string) { s.logEntry(entry{ch: c, what: text}) }

func (s *Server) logEntry(e entry) {
	s.log = append(s.log, e)
	s.logBase += keep(&s.log, s.opt.LogLimit)
	s.changed.tell()
}

// Transcript is what members saw, in order, as text a person can read: channels, authors, texts, components as [Button] labels. Marks in parentheses say what a reader
// would see in other ways: a reply, who is pinged, that only one member sees it. Ids are written as names, so that a transcript can be a golden file.
func (s *Server) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	var at *Channel
	for _, e := range s.log {
		if e.ch != at {
			if at != nil {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "== %s\n", e.ch.title())
			at = e.ch
		}
		if e.msg.ID == "" {
			fmt.Fprintf(&b, "* %s\n", strings.ReplaceAll(s.named(e.what), "\n", "\n    "))
			continue
		}
		b.WriteString(s.described(e))
	}
	return b.String()
}

// described is one entry on a message.
func (s *Server) described(e entry) string {
	m := e.msg
	var marks []string
	if e.what == "edited" {
		marks = append(marks, "edited")
	}
	if e.to != "" {
		marks = append(marks, "reply to "+e.to)
	}
	if m.VisibleTo != nil {
		marks = append(marks, "only "+m.VisibleTo.Name+" sees this")
	}
	if len(m.Pinged) > 0 && e.what == "" {
		marks = append(marks, "pings "+strings.Join(m.Pinged, " "))
	}
	name := m.Author.Name
	if len(marks) > 0 {
		name += " (" + strings.Join(marks, ", ") + ")"
	}
	switch {
	case e.what == "deleted":
		return fmt.Sprintf("* deleted: %s's message: %s\n", m.Author.Name, s.named(short(m.Text())))
	case m.Loading:
		return name + " is thinking...\n"
	}
	var lines []string
	if m.Content != "" {
		lines = append(lines, strings.Split(s.named(m.Content), "\n")...)
	}
	if m.Forwarded != "" {
		lines = append(lines, "forwarded > "+s.named(m.Forwarded))
	}
	if m.Poll != "" {
		lines = append(lines, "poll: "+m.Poll)
	}
	for _, em := range m.Embeds {
		for _, t := range []string{em.Title, em.Description} {
			if t != "" {
				lines = append(lines, "| "+strings.ReplaceAll(s.named(t), "\n", "\n| "))
			}
		}
		for _, f := range em.Fields {
			lines = append(lines, "| "+f.Name+": "+s.named(f.Value))
		}
		if em.Footer.Text != "" {
			lines = append(lines, "| "+s.named(em.Footer.Text))
		}
	}
	for _, f := range m.Files {
		lines = append(lines, fmt.Sprintf("<file %s, %d bytes>", f.Name, len(f.Data)))
	}
	lines = append(lines, s.componentLines(m.Components)...)
	if len(lines) == 0 {
		return name + ":\n"
	}
	return name + ": " + strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n    ") + "\n"
}

// componentLines draws components: a row of buttons on one line.
func (s *Server) componentLines(cs []Component) []string {
	var out []string
	for _, c := range cs {
		switch c.Type {
		case compRow:
			var row []string
			for _, k := range c.Components {
				row = append(row, drawn(k))
			}
			out = append(out, strings.Join(row, " "))
		case compText:
			out = append(out, strings.Split(s.named(c.Content), "\n")...)
		default:
			out = append(out, s.componentLines(c.Components)...)
			if c.Accessory != nil {
				out = append(out, drawn(*c.Accessory))
			}
		}
	}
	return out
}

func drawn(c Component) string {
	face := c.face()
	switch c.Type {
	case compButton:
		if c.URL != "" {
			face += " -> " + c.URL
		}
	case compStringSelect:
		var opts []string
		for _, o := range c.Options {
			opts = append(opts, o.Label)
		}
		face = "v " + strings.TrimSpace(c.Placeholder+": "+strings.Join(opts, " | "))
	default:
		face = fmt.Sprintf("v %s (type %d)", c.Placeholder, c.Type)
	}
	if c.Disabled {
		return "(" + face + ")"
	}
	return "[" + face + "]"
}

// text is the form as its user sees it.
func (m *Modal) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is shown the form %q", m.in.user.Name, m.Title)
	for _, t := range m.Text {
		fmt.Fprintf(&b, "\n%s", t)
	}
	for _, f := range m.Fields {
		fmt.Fprintf(&b, "\n%s", f.Title)
		if f.Help != "" {
			fmt.Fprintf(&b, " (%s)", f.Help)
		}
		b.WriteString(": ")
		switch {
		case len(f.Options) > 0:
			b.WriteString(drawn(Component{Type: compStringSelect, Placeholder: f.Placeholder, Options: f.Options}))
		default:
			fmt.Fprintf(&b, "[%s]", strings.TrimSpace(f.Value+" "+f.Placeholder))
		}
	}
	return b.String()
}

func choicesText(in *interaction) string {
	if len(in.choices) == 0 {
		return in.user.Name + " is offered nothing"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s is offered:", in.user.Name)
	for _, c := range in.choices {
		fmt.Fprintf(&b, "\n%s", c.Name)
	}
	return b.String()
}

var (
	channelMention = regexp.MustCompile(`<#(\d+)>`)
	messageLink    = regexp.MustCompile(`https://discord\.com/channels/\d+/(\d+)/\d+`)
)

// named writes mentions as members see them.
func (s *Server) named(text string) string {
	text = userMention.ReplaceAllStringFunc(text, func(x string) string {
		if u := s.userByID[userMention.FindStringSubmatch(x)[1]]; u != nil {
			return "@" + u.Name
		}
		return x
	})
	text = channelMention.ReplaceAllStringFunc(text, func(x string) string {
		if c := s.channelByID[channelMention.FindStringSubmatch(x)[1]]; c != nil {
			return "#" + c.Name
		}
		return x
	})
	text = messageLink.ReplaceAllStringFunc(text, func(x string) string { // as Discord's client shows it
		if c := s.channelByID[messageLink.FindStringSubmatch(x)[1]]; c != nil {
			return "#" + c.Name + " › 💬"
		}
		return x
	})
	return roleMention.ReplaceAllStringFunc(text, func(x string) string {
		for _, g := range s.guilds {
			for _, r := range g.roles {
				if r.ID == roleMention.FindStringSubmatch(x)[1] {
					return "@" + r.Name
				}
			}
		}
		return x
	})
}

func short(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	if r := []rune(text); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return text
}
