package knowledge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

// A readFile is what was read of one file.
type readFile struct {
	path   string
	sum    [sha256.Size]byte // of its bytes
	file   *File             // of a fact file
	parts  []*part
	unread bool // whether it could not be read at all
	broken bool // whether some of it could not be read
	probs  problems
	asRead problems // probs without what the rules over all files add
}

// isTrials reports whether a path is that of a trial file.
func isTrials(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, "_test.yaml") || strings.HasSuffix(path, "_test.yml")
}

// readBytes reads one file, taking over what is known of it. Its error is only ever ctx's.
func readBytes(ctx context.Context, path string, data []byte, known *knownParts, step func(bytes int)) (*readFile, error) {
	r := &readFile{path: path, sum: sha256.Sum256(data), probs: problems{file: path}}
	if old := known.file(path, r.sum); old != nil {
		step(len(data))
		return old, nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !readable(data, &r.probs) {
		r.unread = true
		return r, nil // and is read again the next time
	}
	fields, key := fileFields, "facts"
	if isTrials(path) {
		fields, key = trialFileFields, "trials"
	} else {
		r.file = &File{Path: path, Language: "en"}
	}
	pieces := cut(data, key)
	root := parseHead(pieces.head, &r.probs)
	r.broken = len(r.probs.list) > 0
	from := origin{file: r.file, path: path, sources: map[string]*Source{}}
	switch {
	case root != nil:
		lists := r.readHead(root, fields, key, pieces, &from)
		from.settle()
		for i, list := range lists {
			p := readItems(list.items, from, problems{file: path})
			p.key = from.key(fmt.Appendf(r.sum[:], "list %d", i))
			r.add(p)
		}
	case !r.broken:
		r.probs.add(0, 0, "file-empty", "the file has nothing in it", fmt.Sprintf("it needs %q; or delete it", key))
		return r, nil
	}
	step(len(pieces.head))
	if err := r.readChunks(ctx, pieces, from, known, step); err != nil {
		return nil, err
	}
	r.unusedSources()
	r.asRead = r.probs
	return r, nil
}

// An origin is what the facts of one file share.
type origin struct {
	file      *File // nil for a trial file
	path      string
	sources   map[string]*Source
	sourcesOK bool   // whether the sources could be read
	shared    string // all that the facts take from it, see settle
}

// readHead reads all of a file but the items of its lists, and returns the lists that were not cut out, because they
// are written in one piece: [{...}, {...}].
func (r *readFile) readHead(root *value, fields []field, key string, p pieces, from *origin) (lists []*value) {
	if !r.probs.isMapping(root, "the file") {
		return nil
	}
	for i, k := range root.keys {
		if k.text == key && root.items[i].kind == nullKind && p.hasList(k.line) {
			root.items[i].kind = listKind
			root.items[i].cut = true
		}
	}
	r.probs.fields(root, fields, func(f field, v *value) {
		switch f.form {
		case formSources:
			from.sourcesOK = true
			r.file.Sources = readSources(v, r.path, &r.probs)
			for _, s := range r.file.Sources {
				from.sources[s.ID] = s
			}
		case formLanguage:
			r.file.Language = v.text
		case formGroups:
			r.file.Synonyms = readGroups(v, f, &r.probs)
		case formFacts, formTrials:
			lists = append(lists, v)
		}
	})
	return lists
}

// readChunks reads the items that were cut out, many at once.
func (r *readFile) readChunks(ctx context.Context, p pieces, from origin, known *knownParts, step func(bytes int)) error {
	var chunks []chunk
	for _, l := range p.lists {
		chunks = append(chunks, l.chunks...)
	}
	parts := make([]*part, len(chunks))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range chunks {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			defer step(len(c.text))
			key := from.key(c.text)
			if parts[i] = known.part(key, c.line, from); parts[i] != nil {
				return nil
			}
			probs := problems{file: r.path}
			items := parseChunk(c, &probs)
			broken := len(probs.list) > 0
			parts[i] = readItems(items, from, probs)
			parts[i].key, parts[i].line, parts[i].broken = key, c.line, broken
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, part := range parts {
		r.add(part)
	}
	return nil
}

// add takes over what a part of the file holds.
func (r *readFile) add(p *part) {
	if r.file != nil {
		r.file.Facts = append(r.file.Facts, p.facts...)
	}
	r.parts = append(r.parts, p)
	r.broken = r.broken || p.broken
	r.probs.join(p.probs)
}

// unusedSources tells the sources that no fact cites.
func (r *readFile) unusedSources() {
	if r.file == nil || len(r.file.Sources) < 2 || r.broken {
		return // one source is cited by leaving it out
	}
	used := map[*Source]bool{}
	for _, f := range r.file.Facts {
		for _, c := range f.Cites {
			used[c.Source] = true
		}
	}
	for _, s := range r.file.Sources {
		if !used[s] {
			r.probs.add(s.Pos.Line, s.Pos.Col, "source-unused", fmt.Sprintf("no fact cites the source %q", s.ID), "cite it or remove it")
		}
	}
}

// readItems reads facts, or trials where the origin has no fact file.
func readItems(items []*value, from origin, probs problems) *part {
	r := &part{path: from.path, probs: probs}
	for _, v := range items {
		if from.file != nil {
			r.readFact(v, from)
		} else {
			r.readTrial(v)
		}
	}
	return r
}

func (r *part) readFact(v *value, from origin) {
	if !r.probs.isMapping(v, "a fact") {
		return
	}
	w := writtenFact{
		Fact:      &Fact{Pos: Pos{r.path, v.line, v.col}, Status: Stated, File: from.file},
		at:        v,
		sources:   from.sources,
		sourcesOK: from.sourcesOK,
	}
	r.probs.fields(v, factFields, func(f field, v *value) {
		switch f.name {
		case "id":
			w.ID = v.text
			r.ids = append(r.ids, refTo(v))
		case "text":
			w.Text = v.text
		case "cite":
			r.readCites(v, from, &w)
		case "said_by":
			w.SaidBy = v.text
		case "as_of":
			w.AsOf = Date(v.text)
		case "status":
			w.Status = Status(v.text)
		case "superseded_by":
			w.SupersededBy = v.text
			r.supersedes = append(r.supersedes, refTo(v))
		case "review_by":
			w.ReviewBy = Date(v.text)
		case "topics":
			w.Topics = readLines(v, f, &r.probs)
		case "overview":
			w.Overview = strings.EqualFold(v.text, "true")
		case "asks":
			w.Asks = readLines(v, f, &r.probs)
		case "not_asks":
			w.NotAsks = readLines(v, f, &r.probs)
		case "note":
			w.Note = v.text
		}
	})
	for _, rule := range factRules {
		rule(w, &r.probs)
	}
	if isBlank(v.get("text")) {
		return
	}
	r.facts = append(r.facts, w.Fact)
}

func refTo(v *value) ref { return ref{id: v.text, line: int32(v.line), col: int32(v.col)} }

func (r *part) readCites(v *value, from origin, w *writtenFact) {
	for _, item := range v.items {
		if !r.probs.isMapping(item, "a cite") {
			continue
		}
		var c Cite
		named := item.get("source")
		if (named == nil || named.kind == nullKind) && len(from.sources) == 1 {
			c.Source = from.file.Sources[0]
		}
		r.probs.fields(item, citeFields, func(f field, v *value) {
			switch f.name {
			case "source":
				c.Source = from.sources[v.text]
			case "paragraph":
				c.Paragraph, _ = strconv.Atoi(v.text)
			case "section":
				c.Section = v.text
			case "quote":
				c.Quote = v.text
			case "url":
				c.URL = v.text
			}
		})
		w.Cites = append(w.Cites, c)
		w.cites = append(w.cites, item)
	}
}

func readSources(v *value, path string, probs *problems) (all []*Source) {
	seen := map[string]int{}
	for i, k := range v.keys {
		if k.kind != scalarKind {
			probs.at(k, "wrong-type", "the id of a source must be a single value", "write id: and below it the title")
			continue
		}
		if line := seen[k.text]; line > 0 {
			probs.at(k, "key-duplicate", fmt.Sprintf("the source %s is written twice", show(k.text)), fmt.Sprintf("the first is on line %d", line))
			continue
		}
		seen[k.text] = k.line
		probs.value(k, field{name: "source", form: formSourceID, max: MaxID})
		s := &Source{ID: k.text, Pos: Pos{path, k.line, k.col}}
		all = append(all, s)
		at := v.items[i]
		if at.kind == nullKind { // nothing after its colon: all is missing, and its place is the id's
			at = &value{kind: mapKind, line: k.line, col: k.col}
		}
		if !probs.isMapping(at, "a source") {
			continue
		}
		probs.fields(at, sourceFields, func(f field, v *value) {
			switch f.name {
			case "title":
				s.Title = v.text
			case "publisher":
				s.Publisher = v.text
			case "url":
				s.URL = v.text
			case "published":
				s.Published = Date(v.text)
			case "note":
				s.Note = v.text
			}
		})
	}
	return all
}

func readGroups(v *value, f field, probs *problems) (groups [][]string) {
	for _, item := range v.items {
		if item.kind != listKind {
			probs.at(item, "wrong-type", fmt.Sprintf("%q must be a list of lists, and this is %s", f.name, item.kind), "write - [word, other word]")
			continue
		}
		if len(item.items) < 2 {
			probs.at(item, "synonyms-short", fmt.Sprintf("a list of %d synonyms", len(item.items)), "write at least two words that mean the same, or remove the list")
			continue
		}
		groups = append(groups, readLines(item, f, probs))
	}
	return groups
}

// readLines reads a list of texts.
func readLines(v *value, f field, probs *problems) (lines []string) {
	for _, item := range v.items {
		switch item.kind {
		case scalarKind:
			if probs.value(item, f) {
				lines = append(lines, item.text)
			}
		case nullKind:
			probs.at(item, "field-empty", fmt.Sprintf("an item of %q is empty", f.name), "write it out or remove the dash")
		default:
			probs.at(item, "wrong-type", fmt.Sprintf("an item of %q must be a single value, and this is %s", f.name, item.kind), "put text that holds colons, commas or brackets in quotation marks")
		}
	}
	return lines
}

func (r *part) readTrial(v *value) {
	if !r.probs.isMapping(v, "a trial") {
		return
	}
	t := Trial{Pos: Pos{r.path, v.line, v.col}}
	r.probs.fields(v, trialFields, func(f field, v *value) {
		switch f.name {
		case "ask":
			t.Ask = v.text
		case "after":
			t.After = readLines(v, f, &r.probs)
		case "voice":
			t.Voice = v.text
		case "sure":
			t.Sure = v.text == "true"
		case "want":
			t.Want = readLines(v, f, &r.probs)
			for _, item := range v.items {
				if item.kind == scalarKind {
					r.wants = append(r.wants, refTo(item))
				}
			}
		}
	})
	r.trials = append(r.trials, t)
}

// isMapping reports whether v is a mapping, and tells it when not.
func (p *problems) isMapping(v *value, what string) bool {
	if v.kind != mapKind {
		p.at(v, "wrong-type", fmt.Sprintf("%s must be a mapping of keys, and this is %s", what, v.kind), `write "key: value", with a space after the colon`)
		return false
	}
	return true
}

// fields tells what is wrong with the keys of a mapping, and gives those values to each that can be used.
func (p *problems) fields(v *value, fields []field, each func(f field, v *value)) {
	for i, k := range v.keys {
		at := v.items[i]
		if k.kind != scalarKind {
			p.at(k, "wrong-type", fmt.Sprintf("a key must be a single value, and this is %s", k.kind), "put text in brackets in quotation marks")
			continue
		}
		n := -1
		for j, f := range fields {
			if f.name == k.text {
				n = j
			}
		}
		if n < 0 {
			hint := meant(k.text, names(fields))
			if k.text == "trials" && fields[0].name == fileFields[0].name { // in a file of facts
				hint = "trials stand in a file of their own, whose name ends in _test.yaml"
			}
			p.at(k, "field-unknown", fmt.Sprintf("there is no key %s here", show(k.text)), hint)
			continue
		}
		if first := v.keyLine(k.text, i); first > 0 {
			p.at(k, "key-duplicate", fmt.Sprintf("the key %q is written twice", k.text), fmt.Sprintf("the first is on line %d", first))
		}
		if f := fields[n]; p.usable(at, f) {
			each(f, at)
		}
	}
	for _, f := range fields {
		if f.required && v.get(f.name) == nil {
			p.at(v, "field-missing", fmt.Sprintf("the key %q is missing", f.name), f.means)
		}
	}
}

// keyLine returns the line of a key of a mapping among the first n, or 0.
func (v *value) keyLine(key string, n int) int {
	for _, k := range v.keys[:n] {
		if k.text == key {
			return k.line
		}
	}
	return 0
}

// kindOf says what kind of node a form wants.
func kindOf(f form) kind {
	switch f {
	case formLines, formAsked, formGroups, formFacts, formCites, formTrials:
		return listKind
	case formSources:
		return mapKind
	}
	return scalarKind
}

// usable reports whether the value of a field can be used, and tells why not. An optional field with nothing after
// its colon is not given, and that is fine.
func (p *problems) usable(v *value, f field) bool {
	if v.kind == nullKind {
		if f.required {
			p.at(v, "field-empty", fmt.Sprintf("%q is empty", f.name), f.means)
		}
		return false
	}
	if f.form == formWant {
		if v.kind == scalarKind && v.text == wantNone {
			return true
		}
		if v.kind != listKind {
			p.at(v, "wrong-type", fmt.Sprintf("%q must be none or a list, and this is %s", f.name, v.kind), "write [fact-id], or none where the question must be declined")
			return false
		}
	} else if want := kindOf(f.form); v.kind != want {
		hint := ""
		switch {
		case want == listKind && v.kind == scalarKind && f.form != formCites && f.form != formFacts && f.form != formTrials:
			hint = "write it in brackets: [...]"
		case want == listKind && v.kind == scalarKind:
			hint = "write it below, a dash before each item"
		case want == listKind && v.kind == mapKind:
			hint = "write a dash before each item"
		case want == scalarKind:
			hint = "put text that holds colons, commas or brackets in quotation marks"
		}
		p.at(v, "wrong-type", fmt.Sprintf("%q must be %s, and this is %s", f.name, want, v.kind), hint)
		return false
	}
	if v.kind != scalarKind {
		if len(v.items) == 0 && !v.cut && (f.required || f.form == formWant) {
			p.at(v, "field-empty", fmt.Sprintf("%q is empty", f.name), f.means)
			return false
		}
		return true
	}
	return p.value(v, f)
}

// isBlank reports whether v is a text of nothing but spaces.
func isBlank(v *value) bool {
	return v != nil && v.kind == scalarKind && strings.TrimSpace(v.text) == ""
}

// value tells what is wrong with a single value, and reports whether all is well.
func (p *problems) value(v *value, f field) bool {
	if isBlank(v) && f.name == "text" {
		// Sentence splitters leave such facts behind; that is no reason to refuse the others.
		p.at(v, "text-blank", "the text has nothing in it, so the fact is left out", "write the text or remove the fact")
		return false
	}
	if isBlank(v) {
		p.at(v, "field-empty", fmt.Sprintf("%q is empty", f.name), "write something or remove it")
		return false
	}
	switch {
	case f.form == formNumber:
		if n, err := strconv.Atoi(v.text); err != nil || n < 1 || v.tag != "!!int" {
			p.at(v, "number-bad", fmt.Sprintf("%s is not a whole number from 1", show(v.text)), "write it in digits, without quotation marks")
			return false
		}
		return true
	case f.form == formYesNo:
		if v.tag != "!!bool" {
			p.at(v, "yes-no-bad", fmt.Sprintf("%q must be true or false, and this is %s", f.name, show(v.text)), "write true or false, without quotation marks")
			return false
		}
		return true
	}
	ok := true
	for _, r := range valueRules {
		if !slices.Contains(r.forms, f.form) {
			continue
		}
		if msg, hint := r.check(v.text, f); msg != "" {
			p.at(v, r.rule, msg, hint)
			ok = ok && levelOf(r.rule) == Warning
		}
	}
	return ok
}

// readable tells what no YAML parser should see: bytes that are not UTF-8, and characters that can't be seen, which moreover
// make editors and YAML count lines differently.
func readable(data []byte, probs *problems) bool {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		probs.add(0, 0, "encoding", "the file is UTF-16", "save it as UTF-8")
		return false
	}
	if bytes.IndexByte(data[:min(len(data), 4096)], 0) >= 0 {
		probs.add(0, 0, "encoding", "the file is not text", "save it as UTF-8 text")
		return false
	}
	line, start := 1, 0
	for i := 0; i < len(data); {
		if i+8 <= len(data) && visible(binary.LittleEndian.Uint64(data[i:])) {
			i += 8
			continue
		}
		c := data[i]
		if c >= ' ' && c < 0x7f || c == '\t' {
			i++
			continue
		}
		if c == '\n' {
			i++
			line, start = line+1, i
			continue
		}
		if c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		col := func() int { return 1 + utf8.RuneCount(data[start:i]) }
		switch {
		case r == utf8.RuneError && n == 1:
			probs.add(line, col(), "encoding", fmt.Sprintf("the byte 0x%02x is not UTF-8", c), "save the file as UTF-8")
			return false // what follows is most likely not UTF-8 either
		case unicode.IsControl(r), isLineBreak(r), r == '\ufeff', unicode.Is(unicode.Noncharacter_Code_Point, r):
			probs.add(line, col(), "control-character", fmt.Sprintf("the character %U can't be seen and is not allowed", r), "remove it; save the file with usual line ends")
		}
		i += n
	}
	return len(probs.list) == 0
}

// visible reports whether all of eight bytes are ASCII and can be seen.
func visible(bytes uint64) bool {
	const one = 0x0101010101010101
	// The high bit of a byte shows in the first term, that it is below a space in the second, and that it is 0x7f in the third.
	return (bytes|(bytes-0x20*one)|(bytes+one))&(0x80*one) == 0
}
