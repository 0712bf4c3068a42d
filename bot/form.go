package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// A factForm is the form of one fact, as it was filled in. Discord's forms have at most five fields, so what is rarely said shares one.
type factForm struct {
	Text    string `json:"text"`
	Sources string `json:"sources"` // places, one a line
	Asks    string `json:"asks"`    // wordings, one a line
	Details string `json:"details"` // "key: value", one a line
	Why     string `json:"why"`
}

// The fields of the form.
const (
	fieldText    = "text"
	fieldSources = "sources"
	fieldAsks    = "asks"
	fieldDetails = "details"
	fieldWhy     = "why"

	maxField = 4000 // Discord's limit of what is entered, and of what is there before
	maxWhy   = 300
)

// open is the form with what is in it, as the answer to a command or button.
func (f factForm) open(key, title string, fresh bool) Response {
	asks := "More questions it answers, one a line"
	if fresh {
		asks = "Questions it answers, one a line"
	}
	field := func(label, description, id, value string, style discordgo.TextInputStyle, required bool, most int) discordgo.MessageComponent {
		return labelled{Label: label, Description: description, Component: textField{CustomID: id, Style: style, Value: clip(value, most), Required: required, MaxLength: most}}
	}
	return Response{Action: Form, CustomID: customID(routeForm, key), Title: clip(title, 45), Components: []discordgo.MessageComponent{
		field("The fact, as members will read it", "One sentence that can stand alone, of at most 1,000 characters.", fieldText, f.Text, discordgo.TextInputParagraph, true, knowledge.MaxText),
		field("Where it is written, one place a line", "A source and paragraph: article ¶3. A new source: Title | https://… | 2024-05-01 | ¶3", fieldSources, f.Sources, discordgo.TextInputParagraph, true, maxField),
		field(asks, "In other words than the fact's own.", fieldAsks, f.Asks, discordgo.TextInputParagraph, false, maxField),
		field("Who says so, as of when, how settled", "Also: superseded by, review by, topics, note. Nothing after the colon: not said.", fieldDetails, f.Details, discordgo.TextInputParagraph, false, maxField),
		field("Why, for the log", "", fieldWhy, f.Why, discordgo.TextInputShort, false, maxWhy),
	}}
}

// submitted is the form as it was submitted.
func submitted(i *Interaction) factForm {
	return factForm{Text: i.Form(fieldText), Sources: i.Form(fieldSources), Asks: i.Form(fieldAsks), Details: i.Form(fieldDetails), Why: i.Form(fieldWhy)}
}

// blankDetails are the details of a new fact.
const blankDetails = "said by: \nas of: \nstatus: "

// formOf is the form that says what a fact says.
func formOf(f *knowledge.Fact) factForm {
	var places []string
	for _, c := range f.Cites {
		places = append(places, placeOf(c))
	}
	lines := []string{"said by: " + f.SaidBy, "as of: " + string(f.AsOf), "status: " + string(f.Status)}
	for _, d := range []struct{ key, value string }{
		{"superseded by", f.SupersededBy}, {"review by", string(f.ReviewBy)}, {"topics", strings.Join(f.Topics, ", ")}, {"note", f.Note},
	} {
		if d.value != "" {
			lines = append(lines, d.key+": "+oneLine(d.value))
		}
	}
	return factForm{Text: f.Text, Sources: strings.Join(places, "\n"), Details: strings.Join(lines, "\n")}
}

// placeOf is a place as the form has it.
func placeOf(c knowledge.Cite) string {
	line := c.Source.ID
	if c.Paragraph > 0 {
		line += " ¶" + strconv.Itoa(c.Paragraph)
	}
	if c.Section != "" {
		line += " §" + oneLine(c.Section)
	}
	return line
}

// read turns the form into what is to be changed. f is the fact as it is, nil for a new one; sources are those of its file. wrong says what can't be
// read, line by line.
func (x factForm) read(f *knowledge.Fact, sources []*knowledge.Source) (p knowledge.Patch, added []knowledge.NewSource, wrong []string) {
	var was factForm
	if f != nil {
		was = formOf(f)
	}
	if text := oneLine(x.Text); f == nil || text != f.Text {
		p.Text = &text
	}
	p.AddAsks = lines(x.Asks)
	if f == nil || strings.Join(lines(x.Sources), "\n") != strings.Join(lines(was.Sources), "\n") {
		p.Cites, added, wrong = readPlaces(lines(x.Sources), f, sources)
	}
	details, bad := readDetails(x.Details)
	wrong = append(wrong, bad...)
	before, _ := readDetails(was.Details)
	for key, to := range map[string]**string{"said by": &p.SaidBy, "as of": &p.AsOf, "status": &p.Status, "superseded by": &p.SupersededBy, "review by": &p.ReviewBy, "note": &p.Note} {
		v, given := details[key]
		if !given || v == before[key] {
			continue
		}
		*to = &v
	}
	if v, given := details["topics"]; given && v != before["topics"] {
		p.Topics = []string{}
		for topic := range strings.SplitSeq(v, ",") {
			if topic = strings.TrimSpace(topic); topic != "" {
				p.Topics = append(p.Topics, topic)
			}
		}
	}
	if f == nil && p.Status != nil && *p.Status == string(knowledge.Stated) {
		p.Status = nil // what holds where nothing is said
	}
	return p, added, wrong
}

// lines are those of a field, without blank ones.
func lines(s string) []string {
	var all []string
	for line := range strings.Lines(s) {
		if line = oneLine(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// oneLine is a text with every run of white space as one space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// detailKeys are what the details may say.
var detailKeys = []string{"said by", "as of", "status", "superseded by", "review by", "topics", "note"}

// readDetails reads "key: value" lines. A key may be written as in the files.
func readDetails(s string) (details map[string]string, wrong []string) {
	details = map[string]string{}
	for _, line := range lines(s) {
		key, value, ok := strings.Cut(line, ":")
		key = oneLine(strings.ReplaceAll(strings.ToLower(key), "_", " "))
		if !ok || !slices.Contains(detailKeys, key) {
			wrong = append(wrong, fmt.Sprintf("“%s”: a line must be one of these, with a colon: %s", clip(line, 80), strings.Join(detailKeys, ", ")))
			continue
		}
		details[key] = strings.TrimSpace(value)
	}
	return details, wrong
}

var (
	place   = regexp.MustCompile(`^(\S*?)[,;:]?\s*(?:(?:¶|#|paragraph|par\.?|p\.?)?\s*(\d{1,6}))?\s*(?:§\s*(.+))?$`)
	isDate  = regexp.MustCompile(`^\d{4}(-\d\d){0,2}$`)
	isPlace = regexp.MustCompile(`^(?:¶|#|paragraph|par\.?|p\.?)\s*(\d{1,6})$`)
)

// readPlaces reads places and new sources, one a line. A place that the fact cites already keeps what the form doesn't show of it.
func readPlaces(all []string, f *knowledge.Fact, sources []*knowledge.Source) (cites []knowledge.NewCite, added []knowledge.NewSource, wrong []string) {
	cites = []knowledge.NewCite{}
	taken := map[string]bool{}
	for _, s := range sources {
		taken[s.ID] = true
	}
next:
	for _, line := range all {
		if f != nil {
			for _, c := range f.Cites {
				if placeOf(c) == line {
					cites = append(cites, knowledge.NewCite{Source: c.Source.ID, Paragraph: c.Paragraph, Section: c.Section, Quote: c.Quote, URL: c.URL})
					continue next
				}
			}
		}
		if strings.Contains(line, "|") {
			c, s := readSource(line)
			if s.Title == "" {
				wrong = append(wrong, fmt.Sprintf("“%s”: a new source needs a title first: Title | https://… | 2024-05-01", clip(line, 80)))
				continue
			}
			for _, have := range sources { // named before, perhaps by another moderator
				if have.Title == s.Title && (s.URL == "" || have.URL == s.URL) {
					c.Source = have.ID
				}
			}
			if c.Source == "" {
				c.Source = knowledge.NewID(s.Title, func(id string) bool { return taken[id] })
				taken[c.Source], s.ID = true, c.Source
				added = append(added, s)
			}
			cites = append(cites, c)
			continue
		}
		if m := place.FindStringSubmatch(line); m != nil {
			c := knowledge.NewCite{Source: m[1], Section: m[3]}
			c.Paragraph, _ = strconv.Atoi(m[2])
			if c.Source == "" && len(sources) == 1 {
				c.Source = sources[0].ID
			}
			if slices.ContainsFunc(sources, func(s *knowledge.Source) bool { return s.ID == c.Source }) {
				cites = append(cites, c)
				continue
			}
		}
		wrong = append(wrong, fmt.Sprintf("“%s”: not a source of the file (%s) with a paragraph, as in “article ¶3”; a new source is written Title | https://… | 2024-05-01", clip(line, 80), sourceIDs(sources)))
	}
	return cites, added, wrong
}

// readSource reads a new source: its title, then in any order its address, its date, the paragraph, and whoever published it.
func readSource(line string) (c knowledge.NewCite, s knowledge.NewSource) {
	parts := strings.Split(line, "|")
	s.Title = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		part = strings.TrimSpace(part)
		switch m := isPlace.FindStringSubmatch(part); {
		case m != nil:
			c.Paragraph, _ = strconv.Atoi(m[1])
		case strings.HasPrefix(part, "https://"), strings.HasPrefix(part, "http://"):
			s.URL = part
		case isDate.MatchString(part):
			s.Published = part
		default:
			s.Publisher = part
		}
	}
	return c, s
}

// sourceIDs names the sources of a file.
func sourceIDs(sources []*knowledge.Source) string {
	var ids []string
	for _, s := range sources[:min(len(sources), 10)] {
		ids = append(ids, s.ID)
	}
	if len(ids) == 0 {
		return "it has none yet"
	}
	return strings.Join(ids, ", ")
}
