package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxArticle is the largest article that is drafted, in bytes; a long book has 1 MB.
const MaxArticle = 8 << 20

// Draft makes a fact file out of an article in plain text, to be reworded by a person: one sentence a fact, numbered, with
// the paragraph it stands in, the section, who says so and when it was so where the sentence tells. The name is
// that of the article's file.
//
// Paragraphs stand between blank lines and are counted from 1; the title, which is the first line, and section headings, which are short
// lines without a full stop, are not counted.
func Draft(article []byte, name string) ([]byte, error) {
	article = bytes.TrimPrefix(article, []byte("\ufeff"))
	switch {
	case len(article) > MaxArticle:
		return nil, fmt.Errorf("draft %s: it has %s, limit %s", name, size(len(article)), size(MaxArticle))
	case bytes.HasPrefix(article, []byte("\xff\xfe")) || bytes.HasPrefix(article, []byte("\xfe\xff")):
		return nil, fmt.Errorf("draft %s: it is UTF-16; save it as UTF-8", name)
	case !utf8.Valid(article):
		return nil, fmt.Errorf("draft %s: it is not UTF-8 text", name)
	}
	d := readArticle(string(article))
	if d.title == "" {
		d.title = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	facts := d.facts()
	if len(facts) == 0 {
		return nil, fmt.Errorf("draft %s: %w", name, errors.New("there are no sentences in it"))
	}
	return d.write(facts, name), nil
}

// An articleText is an article taken apart.
type articleText struct {
	title      string
	published  Date
	paragraphs []paragraph
}

type paragraph struct {
	text    string
	section string
}

var (
	headingMark = regexp.MustCompile(`^#{1,6}\s+`)
	bullet      = regexp.MustCompile(`^[-*•–]\s+`)
	byline      = regexp.MustCompile(`(?i)^(by|from|published|updated|last updated|posted)\b`)
)

// readArticle finds the title, the paragraphs and their sections.
func readArticle(text string) (d articleText) {
	blocks := blocksOf(text)
	if len(blocks) > 1 && isTitle(blocks[0]) {
		d.title = headingMark.ReplaceAllString(blocks[0], "")
		blocks = blocks[1:]
	}
	section := ""
	for i, b := range blocks {
		if isHeading(b) && i+1 < len(blocks) {
			b = headingMark.ReplaceAllString(b, "")
			if len(d.paragraphs) == 0 {
				if on, _ := datesIn(b, 0); len(on) == 1 {
					d.published = on[0]
					continue
				}
				if byline.MatchString(b) {
					continue
				}
			}
			section = cutRunes(b, MaxLine)
			continue
		}
		d.paragraphs = append(d.paragraphs, paragraph{text: bullet.ReplaceAllString(b, ""), section: section})
	}
	d.title = cutRunes(d.title, MaxLine)
	return d
}

// blocksOf returns what stands between blank lines, each on one line. Lines that are far too long to be lines of one wrapped
// paragraph are paragraphs themselves, as are those that begin like items of a list.
func blocksOf(text string) (blocks []string) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	var block []string
	flush := func() {
		if len(block) > 0 {
			blocks = append(blocks, strings.Join(block, " "))
		}
		block = nil
	}
	const wrapped = 200 // characters; nobody wraps text as wide
	for i, line := range lines {
		// Control characters have no place in a fact, and runs of spaces none in a sentence.
		line = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' }), " ")
		switch {
		case line == "":
			flush()
		case headingMark.MatchString(line), i < 5 && isByline(line), utf8.RuneCountInString(line) > wrapped:
			flush()
			blocks = append(blocks, line)
		case bullet.MatchString(line):
			flush()
			block = []string{line}
		default:
			block = append(block, line)
		}
	}
	flush()
	return blocks
}

// isByline reports whether a line at the top names the author or the day.
func isByline(line string) bool {
	return byline.MatchString(line) && isHeading(line) && utf8.RuneCountInString(line) <= 60
}

// isTitle reports whether the first block is a title, not a sentence.
func isTitle(s string) bool {
	return headingMark.MatchString(s) || utf8.RuneCountInString(s) <= 200 && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "。")
}

// isHeading reports whether a block is the heading of a section: short, and not ending as sentences end.
func isHeading(s string) bool {
	if headingMark.MatchString(s) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	return utf8.RuneCountInString(s) <= 100 && len(strings.Fields(s)) <= 14 && !bullet.MatchString(s) &&
		(unicode.IsLetter(last) || unicode.IsDigit(last) || last == ')')
}

// A draftFact is a fact as far as can be told.
type draftFact struct {
	id, text, saidBy string
	asOf             Date
	status           Status
	paragraph        int
	section          string
	note             string
}

// facts makes a fact of each sentence.
func (d articleText) facts() (all []draftFact) {
	ids := map[string]bool{}
	year := 0
	if d.published != "" {
		year, _ = strconv.Atoi(string(d.published[:4]))
	}
	var said speakers
	for i, p := range d.paragraphs {
		from := len(all)
		sentences := splitSentences(p.text)
		for _, s := range sentences {
			for _, text := range fit(s.text) {
				f := draftFact{text: text, paragraph: i + 1, section: p.section, note: "Draft: put it in your own words, so that it can stand alone."}
				f.saidBy = said.of(text)
				if reportedly.MatchString(text) {
					f.status = Reported
				}
				on, unclear := datesIn(text, year)
				switch {
				case len(on) == 1:
					f.asOf = on[0]
				case len(on) == 0 && unclear != "":
					f.note += fmt.Sprintf(" In which year is %q?", unclear)
				case len(on) > 1:
					f.note += " Which of the dates is its as_of?"
				}
				f.id = NewID(text, func(id string) bool { return ids[id] })
				ids[f.id] = true
				all = append(all, f)
			}
		}
		said.spread(all[from:], sentences)
	}
	return all
}

// fit cuts a text into pieces that a fact may have, at spaces.
func fit(text string) (pieces []string) {
	for utf8.RuneCountInString(text) > MaxText {
		head := cutRunes(text, MaxText)
		at := strings.LastIndexByte(head, ' ')
		if at <= 0 {
			at = len(head)
		}
		pieces = append(pieces, strings.TrimSpace(text[:at]))
		text = strings.TrimSpace(text[at:])
	}
	if text != "" {
		pieces = append(pieces, text)
	}
	return pieces
}

// cutRunes returns the first n characters of s.
func cutRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// saying are the verbs by which news tells who says so.
const saying = `said|says|told|tells|announced|announces|stated|states|added|adds|noted|notes|warned|warns|wrote|writes|argued|argues|claimed|claims|explained|explains|declared|declares|confirmed|confirms|stressed|insisted|replied|suggested|revealed|acknowledged|admitted|denied`

// A name is capitalised words, with what stands inside names: de la Cruz, Secretary-General of NATO.
const properName = `(?:\p{Lu}[\p{L}\p{M}\d'’.-]*)(?: (?:(?:of|de|del|la|van|von|der|den|bin|al|the) )*\p{Lu}[\p{L}\p{M}\d'’.-]*)*`

var (
	reportedly  = regexp.MustCompile(`(?i)\breportedly\b|\b(is|are|was|were) reported to\b|\breported that\b`)
	nameSaid    = regexp.MustCompile(`(` + properName + `),? (?:\p{L}+ly |also |later |had |has |have )?(?:` + saying + `|reported that|reports that)\b`)
	saidName    = regexp.MustCompile(`[,”"?!] (?:` + saying + `) (` + properName + `)`)
	thingSaid   = regexp.MustCompile(`(?i)\b(the (?:[\p{L}-]+ )?(?:statement|document|report|paper|study|communiqué|communique|newspaper|letter|agency|ministry|government|company|spokesperson|spokesman|spokeswoman)) (?:` + saying + `)\b`)
	accordingTo = regexp.MustCompile(`(?i)\baccording to ((?:the |a |an )?[^,.;:“”"]{2,80})`)
	pronounSaid = regexp.MustCompile(`(?i)\b(?:he|she|they) (?:also |later |has |had )?(?:` + saying + `)\b`)
	notNames    = wordSet(`in on at by from with for after before during since while when where why how what who but and or however although if as there here then also
		meanwhile the a an this that these those it he she they we i you january february march april may june july august september october november december
		monday tuesday wednesday thursday friday saturday sunday`)
)

// speakers remembers who has spoken, so that "he" and a surname can be told.
type speakers struct {
	names []string // by first mention
	last  string
}

// of returns who says so in a sentence, where it tells.
func (s *speakers) of(text string) string {
	if m := accordingTo.FindStringSubmatch(text); m != nil {
		return s.spoke(strings.TrimSpace(m[1]))
	}
	for _, pattern := range []*regexp.Regexp{nameSaid, saidName} {
		if m := pattern.FindStringSubmatch(text); m != nil {
			if name := withoutStarters(m[1]); name != "" {
				return s.spoke(name)
			}
		}
	}
	if m := thingSaid.FindStringSubmatch(text); m != nil {
		return s.spoke(strings.ToUpper(m[1][:1]) + m[1][1:])
	}
	if pronounSaid.MatchString(text) {
		return s.last
	}
	return ""
}

// spoke notes the speaker; a surname alone becomes the name that was given before.
func (s *speakers) spoke(name string) string {
	name = strings.TrimSpace(cutRunes(strings.TrimRight(name, " .,'’"), MaxLine))
	if name == "" {
		return ""
	}
	for _, known := range s.names {
		if strings.HasSuffix(known, " "+name) {
			name = known
		}
	}
	if !slices.Contains(s.names, name) {
		s.names = append(s.names, name)
	}
	s.last = name
	return name
}

// withoutStarters removes the capitalised words at the front that begin a sentence, not a name.
func withoutStarters(name string) string {
	words := strings.Fields(name)
	for len(words) > 0 && notNames[strings.ToLower(strings.Trim(words[0], "."))] {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// spread gives all sentences of a quotation its speaker, and a paragraph that is one quotation and no more the last speaker.
func (s *speakers) spread(facts []draftFact, sentences []sentence) {
	if len(facts) != len(sentences) { // some sentence was too long: leave it
		return
	}
	by := map[int]string{}
	for i := range facts {
		// The sentence that closes a quotation says whose it is.
		if q := sentences[i].quote; q > 0 && facts[i].saidBy != "" {
			by[q] = facts[i].saidBy
		}
	}
	for i := range facts {
		if facts[i].saidBy != "" {
			continue
		}
		if name := by[sentences[i].quote]; name != "" {
			facts[i].saidBy = name
		} else if isQuotation(facts[i].text) {
			facts[i].saidBy = s.last
		}
	}
}

// isQuotation reports whether a sentence is in quotation marks from its beginning to its end, whichever of the two its full stop stands in.
func isQuotation(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, ".!?,"))
	return strings.ContainsRune(`“"«`, first) && strings.ContainsRune(`”"»`, last)
}

const monthWord = `Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?`

var (
	// Jan. 31, 2023; 31 January 2023; January 2023; Jan. 31; 2023-01-31; in 2023.
	monthDayYear = regexp.MustCompile(`\b(` + monthWord + `) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?\b`)
	dayMonthYear = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)? (` + monthWord + `)(?: (\d{4}))?\b`)
	monthYear    = regexp.MustCompile(`\b(` + monthWord + `),? (?:of )?(\d{4})\b`)
	isoDay       = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)
	inYear       = regexp.MustCompile(`(?i)\b(?:in|since|during|of) ((?:1[5-9]|20)\d{2})\b(?:[^\p{L}\d ’'-]|$| (?:and|to|the|a|an|at|when|as|by|with|it|he|she|they|\p{Ll}+ed)\b)`)
)

// datesIn returns the dates a sentence tells, each once. What it tells without a year is given the year, or is unclear when that is 0.
func datesIn(s string, year int) (on []Date, unclear string) {
	add := func(y, m, d int) {
		date := Date(fmt.Sprintf("%04d", y))
		if m > 0 {
			date = Date(fmt.Sprintf("%04d-%02d", y, m))
		}
		if d > 0 {
			date = Date(fmt.Sprintf("%04d-%02d-%02d", y, m, d))
		}
		if msg, _ := badDate(string(date), field{form: formDate}); msg == "" && !slices.Contains(on, date) {
			on = append(on, date)
		}
	}
	rest := s
	take := func(re *regexp.Regexp, use func(m []string)) {
		for _, m := range re.FindAllStringSubmatch(rest, -1) {
			use(m)
			rest = strings.Replace(rest, m[0], " | ", 1)
		}
	}
	withDay := func(whole, month, day, y string) {
		m, d := monthNumber(month), number(day)
		switch {
		case y != "":
			add(number(y), m, d)
		case year != 0:
			add(year, m, d)
		default:
			unclear = whole
		}
	}
	take(isoDay, func(m []string) { add(number(m[0][:4]), number(m[0][5:7]), number(m[0][8:])) })
	take(monthDayYear, func(m []string) { withDay(m[0], m[1], m[2], m[3]) })
	take(dayMonthYear, func(m []string) { withDay(m[0], m[2], m[1], m[3]) })
	take(monthYear, func(m []string) { add(number(m[2]), monthNumber(m[1]), 0) })
	take(inYear, func(m []string) { add(number(m[1]), 0, 0) })
	return on, unclear
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func monthNumber(s string) int {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(s, m.String()[:3]) {
			return int(m)
		}
	}
	return 0
}

// idWords is how many of a sentence's words an id is made of.
const idWords = 4

var idStops = wordSet(`the a an this that these those it its he she they we i you his her their our in on at by from with for of to and or but as is are was were be been
	being has have had will would could should may might can do does did not no if then than so such also which who whom whose what when where why how there here
	said says told according reportedly reported into over under about between among after before during while more most other some any each both all one us them him
		however similarly meanwhile although though since because same time year years`)

// NewID makes an id of the words of a sentence that say most, unlike those taken. It is never one that is reserved.
func NewID(text string, taken func(id string) bool) string {
	var words []string
	for _, w := range strings.Split(slug(text), "-") {
		if w != "" && !idStops[w] && len(words) < idWords {
			words = append(words, w)
		}
	}
	base := strings.Trim(cutRunes(strings.Join(words, "-"), MaxID-8), "-")
	if base == "" { // no Latin letters
		base = "fact"
	}
	id := base
	for n := 2; id == wantNone || taken(id); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

// write writes the fact file.
func (d articleText) write(facts []draftFact, name string) []byte {
	var b bytes.Buffer
	source := "article"
	fmt.Fprintf(&b, "# A draft made of %s (%s, %s), for you to make facts of.\n", strconv.Quote(path.Base(name)),
		count(len(d.paragraphs), "paragraph"), count(len(facts), "sentence"))
	b.WriteString("# Put each in your own words, so that it can stand alone: one claim, with names instead of \"he\" and dates instead of \"next year\".\n")
	b.WriteString("# Check who says so, when it was so and how settled it is. Delete what nobody will ask for, and each note when its fact is done.\n")
	b.WriteString("# Then run: footnote check FOLDER\n")
	fmt.Fprintf(&b, "sources:\n  %s:\n    title: %s\n    publisher:\n    url:\n", source, strconv.Quote(d.title))
	fmt.Fprintf(&b, "    published:%s\nfacts:\n", space(string(d.published)))
	for i, f := range facts {
		fmt.Fprintf(&b, "  # %d\n  - id: %s\n    text: %s\n    cite:\n", i+1, f.id, strconv.Quote(f.text))
		fmt.Fprintf(&b, "      - {source: %s, paragraph: %d", source, f.paragraph)
		if f.section != "" {
			fmt.Fprintf(&b, ", section: %s", strconv.Quote(f.section))
		}
		b.WriteString("}\n")
		if f.saidBy != "" {
			fmt.Fprintf(&b, "    said_by: %s\n", strconv.Quote(f.saidBy))
		}
		if f.asOf != "" {
			fmt.Fprintf(&b, "    as_of: %s\n", f.asOf)
		}
		if f.status != "" {
			fmt.Fprintf(&b, "    status: %s\n", f.status)
		}
		fmt.Fprintf(&b, "    note: %s\n", strconv.Quote(f.note))
	}
	return b.Bytes()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
