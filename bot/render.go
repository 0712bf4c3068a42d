package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"footnote/knowledge"
)

// maxContent is how long a message's content may be: Discord's limit for bots.
const maxContent = 2000

// A head is what stands above an answer, in small print. It is for members, and it is how the bot finds a question again,
// which it keeps nowhere: see [readHead].
type head struct {
	told     string // the id of the member who asked to be told; empty elsewhere
	question string // echoed where the answer is no reply to the question's own message
	reading  string // how it was read, where that differs
	open     string // of several questions in it, those that have no sure answer
}

// The signs that begin the lines of a head. No escaped text begins a line with small print, so nobody can forge them.
const (
	signTold     = "-# 🔔 "
	signQuestion = "-# ❓ "
	signReading  = "-# ↪ "
	signOpen     = "-# ✂ "
)

// How much of a question is echoed, from ample to scarce.
var echoes = []int{300, 80}

// alone is the head of the same message where it can't be a reply: it shows the question.
func (h head) alone(question string) head {
	if h.question == "" {
		h.question = question
	}
	return h
}

// lines renders the head.
func (h head) lines(p *phrases, room int) []string {
	var lines []string
	if h.told != "" {
		lines = append(lines, signTold+fmt.Sprintf(p.ToldNow, "<@"+h.told+">"))
	}
	if room == 0 {
		return lines
	}
	// A reading that begins with the question shows it already.
	if q := clip(visible(h.question), room); q != "" && !strings.HasPrefix(visible(h.reading), visible(h.question)) {
		lines = append(lines, signQuestion+quoteSaid(h.question, room))
	}
	if r := clip(visible(h.reading), room); r != "" {
		lines = append(lines, signReading+fmt.Sprintf(p.ReadAs, quoteSaid(h.reading, room)))
	}
	if o := clip(visible(h.open), room); o != "" {
		lines = append(lines, signOpen+fmt.Sprintf(p.StillOpen, escapeSaid(o)))
	}
	return lines
}

// readHead gives back the head of a message that the bot posted, as far as it was not clipped.
func readHead(content string) head {
	var h head
	for _, line := range strings.Split(content, "\n") {
		switch {
		case strings.HasPrefix(line, signTold):
			if found := userMention.FindStringSubmatch(line); found != nil {
				h.told = found[1]
			}
		case strings.HasPrefix(line, signQuestion):
			h.question = unescape(strings.TrimPrefix(line, signQuestion))
		case strings.HasPrefix(line, signReading):
			h.reading = unescape(slotOf(strings.TrimPrefix(line, signReading), func(p *phrases) string { return p.ReadAs }))
		case strings.HasPrefix(line, signOpen):
			h.open = unescape(slotOf(strings.TrimPrefix(line, signOpen), func(p *phrases) string { return p.StillOpen }))
		default:
			return h // a head stands first
		}
	}
	return h
}

// turns are the questions of a head, oldest first: of a follow-up's reading, "and when? — after “where will it be?”", the earlier one and
// the later one. They may be none.
func (h head) turns() []string {
	switch before, after, both := strings.Cut(h.reading, " — after “"); {
	case both:
		return []string{strings.TrimSuffix(after, "”"), before}
	case h.reading != "":
		return []string{h.reading}
	case h.question != "":
		return []string{h.question}
	}
	return nil
}

// slotOf returns what a phrase was filled with, whatever language it was in.
func slotOf(line string, phrase func(p *phrases) string) string {
	for _, p := range languages {
		before, after, _ := strings.Cut(phrase(p), "%s")
		if in, ok := strings.CutPrefix(line, before); ok {
			if in, ok = strings.CutSuffix(in, after); ok {
				return in
			}
		}
	}
	return line
}

// How much is told of a source, from all to little.
const (
	wholeSource = iota
	noLinks
	shortTitles
	firstSource // of the sentence, and how many more there are
	leastDetail = firstSource
)

// renderAnswer is the content of an answer: the head, each sentence with its [n], and in small print what each [n] cites. Where
// it grows too long, first the later sentences are left out, then details of the sources, then of the head. A
// sentence is never cut and never apart from its citation.
func renderAnswer(p *phrases, h head, a knowledge.Answer) string {
	var facts []*knowledge.Fact
	for _, s := range a.Sentences() {
		facts = append(facts, s.Fact)
	}
	for n := len(facts); n > 0; n-- {
		if s := renderFacts(p, h.lines(p, echoes[0]), facts[:n], nil, wholeSource, false); units(s) <= maxContent {
			return s
		}
	}
	if len(facts) == 0 {
		return strings.Join(h.lines(p, echoes[0]), "\n")
	}
	return squeeze(p, h, facts[:1])
}

// squeeze renders one sentence in as little room as it takes. Shown as code, with the least detail and no head, any sentence
// fits: it has at most 1,000 characters.
func squeeze(p *phrases, h head, facts []*knowledge.Fact) string {
	for _, room := range append(slices.Clone(echoes), 0) {
		for _, code := range []bool{false, true} {
			for detail := wholeSource; detail <= leastDetail; detail++ {
				if s := renderFacts(p, h.lines(p, room), facts, nil, detail, code); units(s) <= maxContent {
					return s
				}
			}
		}
	}
	return renderFacts(p, h.lines(p, 0), facts, nil, leastDetail, true)
}

// renderFacts lays out the sentences and sources. The bold fact, which may be nil, stands out; with code, the
// sentences are shown as code.
func renderFacts(p *phrases, top []string, facts []*knowledge.Fact, bold *knowledge.Fact, detail int, code bool) string {
	var said []saying
	for _, f := range facts {
		said = append(said, saying{fact: f})
	}
	return renderSayings(p, top, said, bold, detail, code)
}

// A saying is one fact's part of a message.
type saying struct {
	fact    *knowledge.Fact // nil: it is gone
	instead string          // stands where the sentence of a fact that is gone stood; may be empty
	below   []string        // lines below it
}

// renderSayings is renderFacts with what is to be said of each fact besides.
func renderSayings(p *phrases, top []string, said []saying, bold *knowledge.Fact, detail int, code bool) string {
	var facts []*knowledge.Fact
	for _, one := range said {
		if one.fact != nil {
			facts = append(facts, one.fact)
		}
	}
	a := knowledge.Tell(facts...)
	lines := slices.Clone(top)
	numbers := map[*knowledge.Fact]int{} // of each fact's first citation
	disputed := 0
	for _, s := range a.Sentences() {
		numbers[s.Fact] = s.Cites[0]
		if s.Fact.Status == knowledge.Disputed {
			disputed++
		}
	}
	if disputed > 1 && bold == nil {
		lines = append(lines, "-# ⚖️ "+p.Disputed)
	}
	told := map[int]bool{}
	var more []string
	sentences := a.Sentences()
	for _, one := range said {
		if one.fact == nil {
			if one.instead != "" {
				lines = append(lines, one.instead)
			}
			lines = append(lines, one.below...)
			continue
		}
		if len(sentences) == 0 || sentences[0].Fact != one.fact {
			continue // withdrawn
		}
		s := sentences[0]
		sentences = sentences[1:]
		text := escapeFact(s.Fact.Text)
		if code {
			text = fence(s.Fact.Text)
		}
		if s.Fact == bold {
			text = "**" + text + "**"
		}
		cites := s.Cites
		if detail >= firstSource && len(cites) > 1 {
			more = append(more, "-# "+fmt.Sprintf(p.MoreSources, len(cites)-1, "`/fact "+clip(s.Fact.ID, 60)+"`"))
			cites = cites[:1]
		}
		text += " "
		for _, n := range cites {
			text += "[" + strconv.Itoa(n) + "]"
			told[n] = true
		}
		lines = append(lines, text)
		if s.Fact.Status == knowledge.Superseded && s.Fact.SupersededBy != "" {
			lines = append(lines, "-# ⚠️ "+superseded(p, s.Fact, a, numbers))
		}
		lines = append(lines, one.below...)
	}
	// Where a sentence is told with fewer citations, the numbers left are those of the first ones, so gaps can't confuse:
	// each number still stands before its own source.
	for _, c := range a.Citations() {
		if told[c.N] {
			lines = append(lines, "-# "+renderCitation(c, detail))
		}
	}
	return strings.Join(append(lines, more...), "\n")
}

// superseded says by which fact another one was superseded, and when: by its number where the answer holds it, else by its id.
func superseded(p *phrases, f *knowledge.Fact, a knowledge.Answer, numbers map[*knowledge.Fact]int) string {
	by, when := "`/fact "+clip(f.SupersededBy, 60)+"`", knowledge.Date("")
	for _, s := range a.Sentences() {
		if s.Fact.ID == f.SupersededBy {
			by, when = "["+strconv.Itoa(numbers[s.Fact])+"]", s.Fact.AsOf
		}
	}
	switch {
	case when == "":
		return fmt.Sprintf(p.Superseded, by)
	case len(when) < len(time.DateOnly):
		return fmt.Sprintf(p.SupersededIn, escapeFact(when.Words()), by)
	}
	return fmt.Sprintf(p.SupersededOn, escapeFact(when.Words()), by)
}

// renderCitation is one citation in a line, as [knowledge.Citation.String] has it, with the address where it can be read.
func renderCitation(c knowledge.Citation, detail int) string {
	short := func(s string, ample, scarce int) string {
		if detail >= shortTitles {
			return escapeTitle(s, scarce)
		}
		return escapeTitle(s, ample)
	}
	line := fmt.Sprintf("[%d] “%s”", c.N, short(c.Cite.Source.Title, 200, 60))
	if c.Cite.Paragraph > 0 {
		line += fmt.Sprintf(", ¶%d", c.Cite.Paragraph)
	}
	if c.Cite.Section != "" && detail < shortTitles {
		line += ", " + short(c.Cite.Section, 100, 0)
	}
	for _, part := range []string{short(c.Standing(), 150, 60), escapeFact(clip(c.Date().Words(), 40))} {
		if part != "" {
			line += " · " + part
		}
	}
	if detail < noLinks {
		if link := renderLink(c.Cite.Link()); link != "" {
			line += " · " + link
		}
	}
	return line
}

// renderLink is an address in angle brackets, so that it does not unfold, or nothing where it is no web address.
func renderLink(url string) string {
	if url == "" || len(url) > maxLink || visible(url) != url || linkAt(url, 0) != url {
		return ""
	}
	return "<" + url + ">"
}

// maxLink is the longest address shown, in bytes. Longer ones are more noise than help.
const maxLink = 300

// renderContext shows a fact among those around it in a source. Those farthest from it are left out first.
func renderContext(p *phrases, source *knowledge.Source, around []*knowledge.Fact, target *knowledge.Fact) string {
	top := []string{"-# " + fmt.Sprintf(p.ContextTitle, "“"+escapeTitle(source.Title, 150)+"”")}
	if len(around) == 1 {
		top = append(top, "-# "+p.ContextNone)
	}
	facts := slices.Clone(around)
	for len(facts) > 1 {
		for _, detail := range []int{noLinks, shortTitles, firstSource} {
			if s := renderFacts(p, top, facts, target, detail, false); units(s) <= maxContent {
				return s
			}
		}
		if at := slices.Index(facts, target); at > len(facts)-1-at {
			facts = facts[1:]
		} else {
			facts = facts[:len(facts)-1]
		}
	}
	return squeeze(p, head{}, []*knowledge.Fact{target})
}

// renderFact shows one fact with all it cites, and some of the questions it answers.
func renderFact(p *phrases, f *knowledge.Fact) string {
	base := renderFacts(p, []string{pinned(f.ID)}, []*knowledge.Fact{f}, nil, wholeSource, false)
	if units(base) > maxContent {
		return squeeze(p, head{}, []*knowledge.Fact{f})
	}
	return addLines(base, furtherLines(p, f)...)
}

// signPinned begins the line above a fact that was asked for by its id.
const signPinned = "-# 📌 "

func pinned(id string) string {
	return signPinned + "`" + strings.ReplaceAll(clip(visible(id), 100), "`", "'") + "`"
}

// furtherLines are the quotations that a fact cites, and questions that it answers.
func furtherLines(p *phrases, f *knowledge.Fact) []string {
	var extra []string
	for _, c := range f.Cites {
		if c.Quote != "" {
			extra = append(extra, "-# ❝ "+escapeTitle(c.Quote, 300)+" ❞")
		}
	}
	if len(f.Asks) > 0 {
		var asks []string
		for _, ask := range f.Asks[:min(3, len(f.Asks))] {
			asks = append(asks, "“"+escapeTitle(ask, 150)+"”")
		}
		extra = append(extra, "-# "+fmt.Sprintf(p.Answers, strings.Join(asks, " ")))
	}
	return extra
}

// addLines adds the lines that still fit.
func addLines(content string, lines ...string) string {
	for _, line := range lines {
		if next := content + "\n" + line; units(next) <= maxContent {
			content = next
		}
	}
	return content
}

// quoteWords shows words that a member wrote in a question, in quotation marks: at most so many.
func quoteWords(words []string, question string, most int) string {
	var out []string
	for _, w := range words {
		if visible(w) == "" || len(out) == most { // letters that display as nothing are no word
			continue
		}
		quoted := "“" + escapeSaid(clip(visible(w), 40)) + "”"
		if hidden(w, question) {
			quoted = "||" + quoted + "||"
		}
		out = append(out, quoted)
	}
	return strings.Join(out, ", ")
}

// maxQuoted is how many words are named where many could be.
const maxQuoted = 8

func itoa(n int) string { return strconv.Itoa(n) }
