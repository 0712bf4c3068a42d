package bot

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Everything that somebody else wrote (a question, a fact, a title) passes through here before it is posted. It must
// be displayed word for word, and do nothing: no mention, no markup, no link that unfolds.
//
// Discord displays a backslash before any character that is neither letter, digit nor space as that character alone,
// so markup is taken out with backslashes. Mentions are recognised in the raw text as well, so they are
// broken with a zero-width space, which displays as nothing.

const zeroWidth = "\u200b"

// escapeFact makes text from the fact files safe to post. Its web addresses stay links, in angle brackets so that
// nothing unfolds.
func escapeFact(s string) string { return escape(s, true) }

// escapeSaid makes text from a member safe to post. Its web addresses are displayed and lead nowhere.
func escapeSaid(s string) string { return escape(s, false) }

// escapeTitle makes what stands within quotation marks, or beside them in a citation, safe to post, in at most room characters before it is escaped: a title, a
// section, who says so. It can't end the quotation, and holds no link and no angle brackets as links have: else a title could look like a whole citation.
func escapeTitle(s string, room int) string { return escapeSaid(tame.Replace(clip(visible(s), room))) }

// tame puts single quotation marks for those that citations are written in, and for angle brackets.
var tame = strings.NewReplacer("“", "‘", "”", "’", "„", "‚", "‟", "‛", "\"", "'", "″", "′", "＂", "'", "❝", "‘", "❞", "’", "<", "‹", ">", "›", "＜", "‹", "＞", "›")

func escape(s string, links bool) string {
	s = visible(s)
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i := 0; i < len(s); {
		if links && (s[i] == 'h' || s[i] == 'H') {
			if url := linkAt(s, i); url != "" {
				b.WriteString("<" + url + ">")
				i += len(url)
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		rest := s[i+n:]
		switch r {
		case '\\', '*', '_', '~', '|', '`', '[', ']':
			b.WriteByte('\\')
		case '#', '-', '+', '>':
			if i == 0 { // headings, small print, lists, quotations
				b.WriteByte('\\')
			}
		case '.', ')':
			if onlyDigits(s[:i]) { // numbered lists
				b.WriteByte('\\')
			}
		case '<':
			b.WriteByte('\\')
			if next, _ := utf8.DecodeRuneInString(rest); next != utf8.RuneError && !unicode.IsSpace(next) {
				b.WriteByte('<')
				b.WriteString(zeroWidth)
				i += n
				continue
			}
		case '@':
			if everyone.MatchString(rest) {
				b.WriteByte('@')
				b.WriteString(zeroWidth)
				i += n
				continue
			}
		case ':':
			if strings.HasPrefix(rest, "//") {
				b.WriteByte('\\')
			}
		case '/':
			if invite.MatchString(s[max(0, i-maxInviteHost):i]) {
				b.WriteByte('\\')
			}
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

var (
	everyone = regexp.MustCompile(`(?i)^(?:everyone|here)`)
	// Discord unfolds invitations that are written without https:// as well.
	invite     = regexp.MustCompile(`(?i)` + inviteHost + `$`)
	webAddress = regexp.MustCompile("(?i)^https?://[^\\s<>\"`|@\\\\“”„«»、。]+")
	// Angle brackets keep the address they hold from unfolding. Whether that goes for an invitation within another address, nobody says.
	inviteWithin = regexp.MustCompile(`(?i)[^/.\w](?:www\.)?` + inviteHost + `/`)
)

const (
	inviteHost    = `(?:discord\.(?:gg|com|new|me|li|io)|discordapp\.com|dsc\.gg|dis\.gd)`
	maxInviteHost = len("discordapp.com")
)

// linkAt returns the web address that begins at s[i], without the punctuation after it, or "".
func linkAt(s string, i int) string {
	if prev, _ := utf8.DecodeLastRuneInString(s[:i]); i > 0 && (unicode.IsLetter(prev) || unicode.IsDigit(prev)) {
		return ""
	}
	url := webAddress.FindString(s[i:])
	// An address cut short before one of these would lead elsewhere.
	if end := i + len(url); end < len(s) && strings.IndexByte("@|\\`", s[end]) >= 0 {
		return ""
	}
	for url != "" && strings.IndexByte(".,;:!?)]}'*_~", url[len(url)-1]) >= 0 {
		if url[len(url)-1] == ')' && strings.Count(url, "(") >= strings.Count(url, ")") {
			break // the address holds the pair
		}
		url = url[:len(url)-1]
	}
	if strings.HasSuffix(url, "/") && strings.Count(url, "/") == 2 {
		return "" // nothing but the scheme
	}
	if inviteWithin.MatchString(url) {
		return ""
	}
	return url
}

func onlyDigits(s string) bool {
	return s != "" && len(s) < 12 && strings.Trim(s, "0123456789") == ""
}

// maxMarks is how many combining marks one character may carry. Written languages need at most four or so; text that climbs over its
// neighbours' lines has dozens.
const maxMarks = 4

// visible returns the text as one line of what can be seen: white space folded, invalid bytes, control and invisible
// characters dropped. Joiners stay between letters and within emoji, where they matter.
func visible(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.Grow(len(s))
	space, marks := true, 0
	for i, r := range s {
		if ' ' < r && r < 0x7f {
			b.WriteByte(byte(r))
			space, marks = false, 0
			continue
		}
		if unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' || blank[r] {
			if !space {
				b.WriteByte(' ')
			}
			space, marks = true, 0
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > maxMarks || space {
				continue
			}
			b.WriteRune(r)
			continue
		}
		if r == '\u200c' || r == '\u200d' {
			next, _ := utf8.DecodeRuneInString(s[i+3:])
			if space || !joinable(next) {
				continue
			}
			b.WriteRune(r)
			continue
		}
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != '\u200e' && r != '\u200f' || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cs, r) {
			continue
		}
		b.WriteRune(r)
		space, marks = false, 0
	}
	return strings.TrimSpace(b.String())
}

// blank are letters that display as nothing.
var blank = map[rune]bool{'\u115f': true, '\u1160': true, '\u2800': true, '\u3164': true, '\uffa0': true}

// joinable reports whether a joiner before the character can matter.
func joinable(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.So, r) }

// unescape gives back what escapeSaid was given, as far as it was visible.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return strings.ReplaceAll(b.String(), zeroWidth, "")
}

// fence shows text as a block of code, in which nothing has a meaning but the end of the block. It is for text that
// is mostly markup, which would grow too long otherwise.
func fence(s string) string {
	s = mention.ReplaceAllStringFunc(visible(s), func(m string) string { return m[:1] + zeroWidth + m[1:] })
	return "```\n" + strings.ReplaceAll(s, "``", "`"+zeroWidth+"`") + "\n```"
}

// mention finds where a mention begins.
var mention = regexp.MustCompile(`(?i)@(?:everyone|here)|<[@#:/ati]`)

// units counts the text as Discord's own clients do, in UTF-16; its servers never count more.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// clip cuts the text to at most n characters, between two words where there are any, with … where something was cut.
func clip(s string, n int) string {
	if units(s) <= n {
		return s
	}
	end, room := 0, n-1
	for i, r := range s {
		if room -= units(string(r)); room < 0 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	cut := s[:end]
	if i := strings.LastIndexByte(cut, ' '); i > end*2/3 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " \u200d\u200c") + "…"
}
