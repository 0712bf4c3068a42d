package language

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how much of a message is read, in bytes. Discord's longest is 4,000 characters; what comes after is more likely a paste than a
// question, and reading it would only make the answer slow.
const MaxText = 8 << 10

var (
	codeBlock   = regexp.MustCompile("(?s)```.*?(?:```|$)")
	discordTags = regexp.MustCompile(`<(?:@[!&]?|#|a?:\w+:|t:|/[^:>]+:|id:)[^<>]*>`)
	links       = regexp.MustCompile(`(?i)\b(?:https?|ftp)://[^\s<>]+`)
)

// Clean drops what is not words of a message: Discord's markup, links, code blocks, control and invisible characters, invalid UTF-8; and
// folds white space.
func Clean(s string) string {
	if len(s) > MaxText {
		s = s[:MaxText]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
			s = s[:len(s)-1]
		}
	}
	s = strings.ToValidUTF8(s, " ")
	if strings.Contains(s, "```") {
		s = codeBlock.ReplaceAllString(s, " ")
	}
	if strings.ContainsRune(s, '<') {
		s = discordTags.ReplaceAllString(s, " ")
	}
	if strings.Contains(s, "://") {
		s = links.ReplaceAllString(s, " ")
	}
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r < ' ' || r == 0x7f:
			if !space {
				b.WriteByte(' ')
				space = true
			}
			continue
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cc, r):
			continue // zero-width, direction marks, private use
		case r == '*' || r == '`' || r == '|' || r == '~':
			continue // Discord's bold, code, spoiler, strike-through
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimSpace(b.String())
}
