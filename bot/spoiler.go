package bot

import (
	"regexp"
	"strings"
)

// What a member wrote between two pairs of bars stays closed until a reader opens it: also where the bot shows it again, as the question that it
// answers, as it was read, or in the moderators' lists.

// spoiler finds one. Empty ones are none.
var spoiler = regexp.MustCompile(`\|\|((?:\|?[^|])+)\|\|`)

// quoteSaid makes text from a member safe to post, in at most room characters before it is escaped, with its spoilers closed.
func quoteSaid(s string, room int) string {
	s = visible(s)
	cut := clip(s, room)
	kept := cut
	if cut != s {
		kept = strings.TrimSuffix(cut, "…")
	}
	var b strings.Builder
	at := 0
	for _, x := range spoiler.FindAllStringSubmatchIndex(s, -1) {
		from, inner, innerEnd, to := x[0], x[2], x[3], x[1]
		if inner >= len(kept) { // what is left of it are bars
			break
		}
		if strings.TrimSpace(s[inner:innerEnd]) == "" {
			continue
		}
		b.WriteString(escapePart(s[at:from]))
		if to > len(kept) {
			return b.String() + "||" + escapePart(strings.TrimRight(kept[inner:], "|")+"…") + "||"
		}
		b.WriteString("||" + escapePart(s[inner:innerEnd]) + "||")
		at = to
	}
	return b.String() + escapePart(cut[min(at, len(cut)):])
}

// escapePart is escapeSaid of a part of a line, which may begin or end with a space.
func escapePart(s string) string {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		return s
	}
	before, after, _ := strings.Cut(s, trimmed)
	return before + escapeSaid(trimmed) + after
}

// closed is a reading of questions with the spoilers that they had, which reading leaves away.
func closed(reading string, asked ...string) string {
	later, earlier, both := strings.Cut(reading, " — after “")
	later = closedAs(later, asked)
	if !both {
		return later
	}
	return later + " — after “" + closedAs(strings.TrimSuffix(earlier, "”"), asked) + "”"
}

// closedAs gives a text as it was read with the spoilers closed that it had as it was asked.
func closedAs(text string, asked []string) string {
	const mark = "‖" // which reading leaves as it is
	for _, q := range asked {
		if strings.Contains(q, mark) || !spoiler.MatchString(q) {
			continue
		}
		if unmarked(q) == text {
			return strings.ReplaceAll(unmarked(spoiler.ReplaceAllString(q, mark+"$1"+mark)), mark, "||")
		}
	}
	for _, q := range asked { // more was left away, such as a link: what was hidden stays so wherever it stands
		for _, x := range spoiler.FindAllStringSubmatch(q, -1) {
			if inner := unmarked(x[1]); inner != "" {
				text = hide(text, inner)
			}
		}
	}
	return text
}

// hide closes each place of a text where some words stand open.
func hide(text, words string) string {
	var b strings.Builder
	at := 0
	for _, x := range append(spoiler.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		b.WriteString(strings.ReplaceAll(text[at:x[0]], words, "||"+words+"||") + text[x[0]:x[1]])
		at = x[1]
	}
	return b.String()
}

// unmarked is a text without Discord's marks, as it is read.
func unmarked(s string) string {
	return visible(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*`|~", r) {
			return -1
		}
		return r
	}, s))
}

// hidden reports whether a word stands in the spoilers of a question, and nowhere else in it.
func hidden(word, question string) bool {
	word = strings.ToLower(word)
	for _, x := range spoiler.FindAllStringSubmatch(question, -1) {
		if strings.Contains(strings.ToLower(x[1]), word) {
			return !strings.Contains(strings.ToLower(spoiler.ReplaceAllString(question, " ")), word)
		}
	}
	return false
}
