package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Patch says how one fact is to be changed or made. A nil field leaves what is there as it is.
type Patch struct {
	// A pointer to "" removes the key, but not that of Text, which every fact needs.
	Text, SaidBy, AsOf, Status, SupersededBy, ReviewBy, Note *string

	Cites               []NewCite // nil: as they are; else these take the place of all, with the comments among them
	AddAsks, AddNotAsks []string  // put after those there are; what is there already is not written twice
	Topics              []string  // nil: as they are; empty but not nil: none
}

// A NewCite is a place that a changed or added fact cites; the source is named by its id in the file.
type NewCite struct {
	Source    string // may be empty where the file has just one
	Paragraph int    // from 1; 0: not given
	Section   string
	Quote     string
	URL       string
}

// A NewSource is a source that an added fact cites and its file does not have yet. ID and Title are required.
type NewSource struct {
	ID, Title, Publisher, URL, Published string
}

// The errors of changing a file's bytes. They come wrapped, with a word on what and where.
var (
	// ErrNoFact is the error for an id that no fact of the file has.
	ErrNoFact = errors.New("the file has no such fact")
	// ErrConflict is the error for a fact that is not there as it is said to be: another change came between.
	ErrConflict = errors.New("the fact has changed meanwhile")
	// ErrForm is the error for a file that is written in a form whose lines can't be changed safely.
	ErrForm = errors.New("the file is written in a form that can only be edited by hand")
)

// AddFact returns the file with one more fact, at the end of its facts; and with the sources, at the end of its sources. Lines are inserted and
// none is changed, but for what [AddSources] says. An empty file gets all that a fact file needs.
//
// It writes what the patch says, good or bad: [Base.Propose] tells the problems. The error is [ErrConflict] when there is such a fact or source
// already, and [ErrForm] when the file can't be changed safely.
func AddFact(file []byte, id string, p Patch, sources ...NewSource) ([]byte, error) {
	if err := p.valid(id, sources); err != nil {
		return nil, err
	}
	s, err := newSheet(file)
	if err != nil {
		return nil, err
	}
	switch _, err := s.find(id); {
	case err == nil:
		return nil, fmt.Errorf("%w: there is a fact %s already", ErrConflict, show(id))
	case errors.Is(err, ErrForm):
		return nil, err
	}
	s = s.addSources(sources).addFactsKey()
	fact := mapOf()
	fact.put("id", nameOf(id))
	for _, c := range p.changes() {
		if c.more != nil {
			c.value = listOf(c.more)
		}
		if c.value != nil {
			fact.put(c.key, c.value)
		}
	}
	added := s.add(fact, style{})
	if added.err != nil {
		added = s.add(fact, style{quoted: true})
	}
	return added.bytes()
}

// EditFact returns the file with one fact changed. Only lines of that fact differ; comments, order, line ends and all else stay byte
// for byte.
//
// It writes what the patch says, good or bad: [Base.Propose] tells the problems. The error is [ErrNoFact] when the file has no such fact, and
// [ErrForm] when it can't be changed safely.
func EditFact(file []byte, id string, p Patch) ([]byte, error) {
	if err := p.valid(id, nil); err != nil {
		return nil, err
	}
	s, err := newSheet(file)
	if err != nil {
		return nil, err
	}
	i, err := s.find(id)
	if err != nil {
		return nil, err
	}
	fact, err := newPassage(s.text(i), s.eolAt(i), true)
	if err != nil {
		return nil, err
	}
	order := names(factFields)
	for _, c := range p.changes() {
		m, before := fact.mapping(), len(fact.lines)+1
		if c.more == nil {
			err = fact.set(m, order, c.key, c.value, before)
		} else {
			err = fact.extend(m, order, c.key, unlike(m.get(c.key), c.more), before)
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", c.key, id, err)
		}
	}
	span, want := s.items[i], fact.mapping()
	return s.become(change{span.from, span.to, string(fact.text)}, s.root, i, 0, want.like).bytes()
}

// valid tells what can't be written at all.
func (p Patch) valid(id string, sources []NewSource) error {
	texts := slices.Concat([]string{id}, p.AddAsks, p.AddNotAsks, p.Topics)
	for _, s := range []*string{p.Text, p.SaidBy, p.AsOf, p.Status, p.SupersededBy, p.ReviewBy, p.Note} {
		if s != nil {
			texts = append(texts, *s)
		}
	}
	for _, c := range p.Cites {
		texts = append(texts, c.Source, c.Section, c.Quote, c.URL)
	}
	for _, s := range sources {
		texts = append(texts, s.ID, s.Title, s.Publisher, s.URL, s.Published)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%s is not UTF-8 text", show(s))
		}
	}
	return nil
}

// A keyChange is what a patch does to one key of a fact.
type keyChange struct {
	key   string
	value *value   // nil removes it
	more  []string // not nil: items to be added to the list instead
}

// changes lists what a patch does, in the order of the keys.
func (p Patch) changes() []keyChange {
	var all []keyChange
	scalar := func(key string, s *string, of func(string) *value) {
		switch {
		case s == nil:
		case *s == "" && key != "text":
			all = append(all, keyChange{key: key})
		default:
			all = append(all, keyChange{key: key, value: of(*s)})
		}
	}
	scalar("text", p.Text, textOf)
	if p.Cites != nil {
		list := &value{kind: listKind}
		for _, c := range p.Cites {
			list.items = append(list.items, c.value())
		}
		all = append(all, keyChange{key: "cite", value: list})
	}
	scalar("said_by", p.SaidBy, textOf)
	scalar("as_of", p.AsOf, nameOf)
	scalar("status", p.Status, nameOf)
	scalar("superseded_by", p.SupersededBy, nameOf)
	scalar("review_by", p.ReviewBy, nameOf)
	if len(p.Topics) > 0 {
		all = append(all, keyChange{key: "topics", value: listOf(p.Topics)})
	} else if p.Topics != nil {
		all = append(all, keyChange{key: "topics"})
	}
	if len(p.AddAsks) > 0 {
		all = append(all, keyChange{key: "asks", more: unlike(nil, p.AddAsks)})
	}
	if len(p.AddNotAsks) > 0 {
		all = append(all, keyChange{key: "not_asks", more: unlike(nil, p.AddNotAsks)})
	}
	scalar("note", p.Note, textOf)
	return all
}

// unlike returns the wordings that are not among the items of a list yet, each once.
func unlike(list *value, wordings []string) []string {
	seen := map[string]bool{}
	if list != nil {
		for _, item := range list.items {
			seen[sameQuestion(item.text)] = true
		}
	}
	more := []string{}
	for _, w := range wordings {
		if key := sameQuestion(w); !seen[key] {
			seen[key] = true
			more = append(more, w)
		}
	}
	return more
}

// value is a cite as it is written.
func (c NewCite) value() *value {
	v := mapOf()
	if c.Source != "" {
		v.put("source", nameOf(c.Source))
	}
	if c.Paragraph != 0 {
		v.put("paragraph", numberOf(c.Paragraph))
	}
	for _, x := range []struct{ key, text string }{{"section", c.Section}, {"quote", c.Quote}, {"url", c.URL}} {
		if x.text != "" {
			v.put(x.key, textOf(x.text))
		}
	}
	return v
}

// value is a source as it is written.
func (s NewSource) value() *value {
	v := mapOf()
	v.put("title", textOf(s.Title))
	for _, x := range []struct{ key, text string }{{"publisher", s.Publisher}, {"url", s.URL}} {
		if x.text != "" {
			v.put(x.key, textOf(x.text))
		}
	}
	if s.Published != "" {
		v.put("published", nameOf(s.Published))
	}
	return v
}

// add adds a fact at the end of the facts.
func (s *sheet) add(fact *value, st style) *sheet {
	lines := fact.after("", 2, "\n", st) // a line break and two spaces, then its first key
	return s.insert([]byte("- "+strings.TrimPrefix(lines, "\n  ")), "", fact.like)
}

// addFactsKey adds the key of the facts where there is none.
func (s *sheet) addFactsKey() *sheet {
	if s.err != nil || s.key >= 0 {
		return s
	}
	return s.addKey(documentEnd(s.data), "facts", &value{kind: nullKind, tag: "!!null"})
}

// documentEnd is where a file ends for YAML: at a line of three dots.
func documentEnd(text []byte) int {
	if m := threeDots.FindIndex(text); m != nil {
		return m[0]
	}
	return len(text)
}

var threeDots = regexp.MustCompile(`(?m)^\.\.\.[ \t\r]*$`)

// addKey adds a key to the file, at the start of a line.
func (s *sheet) addKey(at int, key string, v *value) *sheet {
	root := mapOf()
	if s.root != nil {
		root.keys, root.items = slices.Clone(s.root.keys), slices.Clone(s.root.items)
	}
	root.put(key, v)
	text := key + ":"
	if v.kind != nullKind {
		text += v.after(key, 2, s.eol, style{})
	}
	text += s.eol
	if at > 0 && s.data[at-1] != '\n' {
		text = s.eol + text
	}
	return s.become(change{at, at, text}, root, -1, 0, nil)
}

// addSource adds a source at the end of the sources.
func (s *sheet) addSource(src NewSource) *sheet {
	if s.err != nil {
		return s
	}
	if s.root == nil {
		all := mapOf()
		all.put(src.ID, src.value())
		return s.addKey(len(s.data), "sources", all)
	}
	all := s.root.get("sources")
	if all == nil {
		all = mapOf()
		all.put(src.ID, src.value())
		return s.addKey(s.lineStart(s.root.keys[0].line), "sources", all)
	}
	if was := all.get(src.ID); was != nil {
		if src.value().like(was) {
			return s
		}
		return &sheet{err: fmt.Errorf("%w: there is a source %s already", ErrConflict, show(src.ID))}
	}
	head, err := newPassage(s.head, s.eol, false)
	if err == nil {
		err = head.addSource(src)
	}
	if err != nil {
		return &sheet{err: err}
	}
	c := head.last
	c.from, c.to = s.fromHead(c.from), s.fromHead(c.to)
	return s.become(c, head.top, -1, 0, nil)
}

// fromHead is the offset in the data of one in the head.
func (s *sheet) fromHead(at int) int {
	before := s.head[:at]
	return s.lineStart(1+bytes.Count(before, []byte("\n"))) + at - (1 + bytes.LastIndexByte(before, '\n'))
}

// addSource adds a source to those of a file, which has some, or at least the key.
func (p *passage) addSource(src NewSource) error {
	root, end := p.top, p.after(documentEnd(p.text))
	all := root.get("sources")
	if all.kind == mapKind && len(all.keys) > 0 {
		e, err := p.find(root, "sources", end)
		if err != nil {
			return err
		}
		return p.insert(all, nil, src.ID, src.value(), p.after(e.to))
	}
	first := mapOf()
	first.put(src.ID, src.value())
	return p.set(root, nil, "sources", first, end)
}
