package knowledge

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A rule is a name that problems are told under. Names never change: moderators look them up in facts/README.md.
type rule struct {
	name  string
	level Level
	means string
}

// rules lists every rule there is.
var rules = []rule{
	// The folder and its files.
	{"facts-none", Error, "The folder has no fact files."},
	{"folder-large", Error, "The folder has too many files, or they are too large together."},
	{"folder-linked", Warning, "A link to another folder is not followed."},
	{"link-broken", Error, "A link named like a fact file leads nowhere."},
	{"file-large", Error, "A file is too large."},
	{"file-empty", Error, "A file has nothing in it."},
	{"encoding", Error, "A file is not UTF-8 text."},
	{"control-character", Error, "A character that can't be seen, such as a bell or a line separator."},
	{"problems-many", Error, "A file has more problems than are listed."},

	// YAML.
	{"yaml-syntax", Error, "Something can't be read as YAML."},
	{"document-second", Error, "A file is one YAML document."},
	{"anchor", Error, "YAML's anchors (&name) are not used."},
	{"alias", Error, "YAML's aliases (*name) are not used."},
	{"tag", Error, "YAML's tags (!name) are not used."},
	{"nested-deep", Error, "Lists and mappings are nested too deep."},
	{"piece-large", Error, "One item, or what is outside the lists, is too large."},

	// Keys and their values.
	{"key-duplicate", Error, "A key is written twice."},
	{"field-unknown", Error, "There is no such key."},
	{"field-missing", Error, "A required key is missing."},
	{"field-empty", Error, "A value is empty."},
	{"wrong-type", Error, "A list, a mapping or a single value is wanted, and another was found."},
	{"text-blank", Warning, "A fact's text has nothing in it, so the fact is left out."},
	{"text-long", Error, "A text has too many characters."},
	{"text-lines", Error, "A text has more than one line."},
	{"text-spaces", Warning, "A text begins or ends with a space."},
	{"text-comment", Warning, "A text ends before a # with a space before it and none after, which begins a comment."},
	{"id-bad", Error, "An id is not lower-case-with-dashes, or is reserved."},
	{"date-bad", Error, "A date is not YYYY, YYYY-MM or YYYY-MM-DD, or there is no such day."},
	{"number-bad", Error, "A paragraph is not a whole number from 1."},
	{"yes-no-bad", Error, "Neither true nor false."},
	{"status-bad", Error, "There is no such status."},
	{"url-bad", Error, "An address doesn't begin with http:// or https://."},
	{"language-bad", Error, "Not a language tag such as en or pt-BR."},

	// What a fact says of other things.
	{"source-missing", Error, "A cite leaves out its source where the file has more than one."},
	{"source-unknown", Error, "A cite names a source the file doesn't have."},
	{"source-unused", Warning, "No fact cites a source."},
	{"synonyms-short", Error, "A list of synonyms needs two words."},
	{"ask-duplicate", Error, "A question is written twice in one fact."},
	{"ask-contradicted", Error, "A question is among a fact's asks and its not_asks."},
	{ruleAskNotSure, Warning, "A fact does not surely answer one of its own asks, word for word: another fact has nearly the same, a not_ask means the same, or it names a code that the fact's text lacks. Only `footnote check` tells."},
	{"topic-duplicate", Warning, "A topic is written twice in one fact."},
	{"id-duplicate", Error, "Two facts have one id."},
	{"superseded-unknown", Error, "superseded_by names no fact."},
	{"superseded-circle", Error, "Facts supersede each other in a circle."},
	{"superseded-status", Warning, "superseded_by is given, and the status says otherwise."},
	{"trial-unknown", Error, "A trial names no fact."},
	{"trial-withdrawn", Warning, "A trial wants a withdrawn fact, which is never an answer."},
	{"trial-duplicate", Warning, "A trial is written twice."},
}

// levelOf returns the level of a rule.
func levelOf(name string) Level {
	for _, r := range rules {
		if r.name == name {
			return r.level
		}
	}
	return Error
}

// A valueRule holds for every single value of its forms.
type valueRule struct {
	rule  string
	forms []form
	check func(s string, f field) (msg, hint string) // an empty msg: all is well
}

var (
	oneLine = []form{formLine, formLines, formGroups}
	written = []form{formLine, formLines, formGroups, formProse}
	hasMax  = []form{formLine, formLines, formGroups, formProse, formID, formSourceID, formURL, formAny, formAsked, formWant}
)

var valueRules = []valueRule{
	{"text-long", hasMax, tooLong},
	{"text-lines", oneLine, severalLines},
	{"text-spaces", oneLine, spacesAround},
	{"control-character", written, unseen},
	{"id-bad", []form{formID, formWant}, badID},
	{"id-bad", []form{formSourceID}, badSourceID},
	{"date-bad", []form{formDate, formDay}, badDate},
	{"status-bad", []form{formStatus}, badStatus},
	{"url-bad", []form{formURL}, badURL},
	{"language-bad", []form{formLanguage}, badLanguage},
}

func tooLong(s string, f field) (msg, hint string) {
	n := len(s)
	if n > f.max {
		n = utf8.RuneCountInString(s)
	}
	if n <= f.max {
		return "", ""
	}
	hint = "shorten it"
	if f.name == "text" {
		hint = "make several facts of it, one claim each"
	}
	return fmt.Sprintf("%q has %d characters, limit %d", f.name, n, f.max), hint
}

// isLineBreak reports whether some program begins a new line at r.
func isLineBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func severalLines(s string, f field) (msg, hint string) {
	i := strings.IndexFunc(s, isLineBreak)
	switch {
	case i < 0:
		return "", ""
	case strings.IndexFunc(s[i:], func(r rune) bool { return !isLineBreak(r) }) < 0:
		return fmt.Sprintf("%q ends with a line break", f.name), `write ">-" instead of ">" or "|"`
	}
	return fmt.Sprintf("%q has more than one line", f.name), `write it on one line, or fold it with ">-"`
}

func spacesAround(s string, f field) (msg, hint string) {
	if t := strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) && !isLineBreak(r) }); t != s {
		return fmt.Sprintf("%q begins or ends with a space", f.name), "remove it"
	}
	return "", ""
}

func unseen(s string, f field) (msg, hint string) {
	for _, r := range s {
		if unicode.IsControl(r) && !isLineBreak(r) && !(r == '\t' && f.form == formProse) {
			return fmt.Sprintf("%q holds the control character %U", f.name, r), "remove it"
		}
	}
	return "", ""
}

var (
	idPattern       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	sourceIDPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	languagePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)
	datePattern     = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
)

// wantNone is how a trial says that a question must be declined.
const wantNone = "none"

func badID(s string, f field) (msg, hint string) {
	if s == wantNone {
		return fmt.Sprintf("%q can't be the id of a fact", wantNone), "in a trial, want: none means that the question must be declined"
	}
	if idPattern.MatchString(s) {
		return "", ""
	}
	hint = "lower-case letters, digits and single dashes between them"
	if id := strings.Trim(cutRunes(slug(cutRunes(s, 10*MaxID)), MaxID), "-"); id != "" && id != wantNone {
		hint += fmt.Sprintf(", such as %q", id)
	}
	return fmt.Sprintf("%s is not an id", show(s)), hint
}

// slug makes an id of a text, as near as can be; empty where nothing is left.
func slug(s string) string {
	var b strings.Builder
	// Taken apart (NFKD), é is e and an accent, which goes.
	for _, r := range norm.NFKD.String(strings.ToLower(strings.NewReplacer("ø", "o", "Ø", "o", "ß", "ss", "æ", "ae", "Æ", "ae", "ł", "l", "Ł", "l", "đ", "d", "Đ", "d").Replace(s))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r): // it's, Peter's
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

func badSourceID(s string, f field) (msg, hint string) {
	if sourceIDPattern.MatchString(s) {
		return "", ""
	}
	return fmt.Sprintf("%s is not the id of a source", show(s)), "letters, digits, dots, dashes and underscores, such as article"
}

func badDate(s string, f field) (msg, hint string) {
	hint = "write 2023, 2023-05 or 2023-05-31"
	if f.form == formDay {
		hint = "write a day, such as 2027-01-31"
	}
	if !datePattern.MatchString(s) || f.form == formDay && len(s) != len("2006-01-02") {
		return fmt.Sprintf("%s is not a date", show(s)), hint
	}
	if _, err := time.Parse("2006-01-02"[:len(s)], s); err != nil {
		return fmt.Sprintf("there is no date %s", s), hint
	}
	return "", ""
}

func badStatus(s string, f field) (msg, hint string) {
	if slices.Contains(Statuses[:], Status(s)) {
		return "", ""
	}
	var all []string
	for _, st := range Statuses {
		all = append(all, string(st))
	}
	return fmt.Sprintf("there is no status %s", show(s)), meant(s, all)
}

func badURL(s string, f field) (msg, hint string) {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsFunc(s, unicode.IsSpace) {
		return "", ""
	}
	return fmt.Sprintf("%s is not an address", show(s)), "write it whole, such as https://example.org/page"
}

func badLanguage(s string, f field) (msg, hint string) {
	if languagePattern.MatchString(s) {
		return "", ""
	}
	return fmt.Sprintf("%s is not a language tag", show(s)), "write en, ja, pt-BR or the like"
}

// meant is the hint for a word that is not one of those allowed.
func meant(s string, allowed []string) string {
	if n := nearest(s, allowed); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return "one of " + strings.Join(allowed, ", ")
}

// A factRule holds for every fact by itself and its file's sources.
type factRule func(w writtenFact, probs *problems)

var factRules = []factRule{sourceOfCites, asksOnce, asksContradicted, topicsOnce, supersededStatus}

// A writtenFact is a fact with the values it was read from.
type writtenFact struct {
	*Fact
	at        *value
	cites     []*value           // beside Cites
	sources   map[string]*Source // of the file, by id
	sourcesOK bool               // whether they could be read
}

func sourceOfCites(w writtenFact, probs *problems) {
	for i, at := range w.cites {
		if !w.sourcesOK || w.Cites[i].Source != nil {
			continue
		}
		src := at.get("source")
		if src == nil || src.kind != scalarKind {
			if src == nil || src.kind == nullKind {
				probs.at(at, "source-missing", `a cite without "source", and the file has more than one`, "add source: with one of "+strings.Join(sorted(w.sources), ", "))
			}
			continue
		}
		probs.at(src, "source-unknown", fmt.Sprintf("the file has no source %s", show(src.text)), meant(src.text, sorted(w.sources)))
	}
}

// sorted returns at most ten of the keys, for a hint.
func sorted(set map[string]*Source) []string {
	var all []string
	for s := range set {
		all = append(all, s)
	}
	slices.Sort(all)
	return all[:min(10, len(all))]
}

// sameQuestion gives what two wordings have in common that differ in case, spaces and final punctuation only.
func sameQuestion(s string) string {
	return strings.TrimRight(strings.Join(strings.Fields(strings.ToLower(s)), " "), "?!. ")
}

// once tells the items of a list that are written twice, and returns the places of all.
func once(v *value, rule string, probs *problems) map[string]*value {
	if v == nil || v.kind != listKind {
		return nil
	}
	seen := map[string]*value{}
	for _, item := range v.items {
		key := sameQuestion(item.text)
		if first := seen[key]; first != nil && item.kind == scalarKind {
			probs.at(item, rule, fmt.Sprintf("%s is written twice", show(item.text)), fmt.Sprintf("remove it; the first is on line %d", first.line))
			continue
		}
		seen[key] = item
	}
	return seen
}

func asksOnce(w writtenFact, probs *problems) {
	once(w.at.get("asks"), "ask-duplicate", probs)
	once(w.at.get("not_asks"), "ask-duplicate", probs)
}

func asksContradicted(w writtenFact, probs *problems) {
	not := w.at.get("not_asks")
	if not == nil || len(w.Asks) == 0 {
		return
	}
	asked := make(map[string]bool, len(w.Asks))
	for _, ask := range w.Asks {
		asked[sameQuestion(ask)] = true
	}
	for _, item := range not.items {
		if asked[sameQuestion(item.text)] {
			probs.at(item, "ask-contradicted", fmt.Sprintf("%s is also among the asks", show(item.text)), "remove one of them")
		}
	}
}

func topicsOnce(w writtenFact, probs *problems) {
	once(w.at.get("topics"), "topic-duplicate", probs)
}

func supersededStatus(w writtenFact, probs *problems) {
	if w.SupersededBy != "" && w.Status != Superseded && w.Status != Withdrawn {
		probs.at(w.at.get("superseded_by"), "superseded-status", fmt.Sprintf("superseded_by is given, but the status is %s", w.Status), "write status: superseded")
	}
}

// A setRule holds for all files together.
type setRule func(l *loaded)

var setRules = []setRule{idsOnce, supersededKnown, supersededCircle, trialsKnown, trialsOnce}

// A ref is an id, and where it is written.
type ref struct {
	id        string
	file      int32 // index into loaded.files
	line, col int32
}

// loaded is what was read of all files, good or bad.
type loaded struct {
	files []*readFile
	facts map[string]*Fact // by id, the first one
}

// unknown reports whether no fact has the id, not even one that could not be read.
func (l *loaded) unknown(id string) bool {
	if l.facts[id] != nil {
		return false
	}
	for _, f := range l.files {
		if f.unread || slices.ContainsFunc(f.probs.unread, func(text []byte) bool { return bytes.Contains(text, []byte(id)) }) {
			return false
		}
	}
	return true
}

func (l *loaded) tell(r ref, rule, msg, hint string) {
	l.files[r.file].probs.add(int(r.line), int(r.col), rule, msg, hint)
}

func (l *loaded) each(refs func(*part) []ref, do func(ref)) {
	for i, f := range l.files {
		for _, p := range f.parts {
			for _, r := range refs(p) {
				r.file = int32(i)
				do(r)
			}
		}
	}
}

func idsOnce(l *loaded) {
	ids := 0
	l.each(func(p *part) []ref { ids += len(p.ids); return nil }, nil)
	if ids == len(l.facts) {
		return // as many facts as ids: no two are the same
	}
	first := make(map[string]ref, len(l.facts))
	l.each(func(p *part) []ref { return p.ids }, func(r ref) {
		if was, twice := first[r.id]; twice {
			l.tell(r, "id-duplicate", fmt.Sprintf("the id %q is taken", r.id), fmt.Sprintf("choose another one; the first is at %s:%d", l.files[was.file].path, was.line))
			return
		}
		first[r.id] = r
	})
}

// hintID is the hint for an id that no fact has.
func (l *loaded) hintID(id string) string {
	// Comparing with very many ids takes long, and a guess among so many means little.
	if len(l.facts) <= 2000 {
		var all []string
		for known := range l.facts {
			all = append(all, known)
		}
		slices.Sort(all)
		if n := nearest(id, all); n != "" {
			return fmt.Sprintf("did you mean %q?", n)
		}
	}
	return "write the id of a fact"
}

func supersededKnown(l *loaded) {
	l.each(func(p *part) []ref { return p.supersedes }, func(r ref) {
		if l.unknown(r.id) {
			l.tell(r, "superseded-unknown", fmt.Sprintf("no fact has the id %s", show(r.id)), l.hintID(r.id))
		}
	})
}

func supersededCircle(l *loaded) {
	l.each(func(p *part) []ref { return p.supersedes }, func(r ref) {
		// Brent's way of finding a circle would save the map, but chains are short.
		seen := map[*Fact]bool{}
		start := l.facts[r.id]
		for f := start; f != nil && f.SupersededBy != ""; f = l.facts[f.SupersededBy] {
			if seen[f] {
				if f == start {
					l.tell(r, "superseded-circle", fmt.Sprintf("following superseded_by from here leads back to %q", start.ID), "the newest fact has no superseded_by")
				}
				return
			}
			seen[f] = true
		}
	})
}

func trialsKnown(l *loaded) {
	l.each(func(p *part) []ref { return p.wants }, func(r ref) {
		switch f := l.facts[r.id]; {
		case l.unknown(r.id):
			l.tell(r, "trial-unknown", fmt.Sprintf("no fact has the id %s", show(r.id)), l.hintID(r.id))
		case f != nil && f.Status == Withdrawn:
			l.tell(r, "trial-withdrawn", fmt.Sprintf("the fact %q is withdrawn", r.id), "want another fact, or none")
		}
	})
}

func trialsOnce(l *loaded) {
	first := map[string]Pos{}
	for _, f := range l.files {
		for t := range f.trials() {
			key := strconv.Quote(strings.Join(strings.Fields(t.Ask), " ")) + fmt.Sprintf("%q", t.After)
			if was, twice := first[key]; twice {
				f.probs.add(t.Pos.Line, t.Pos.Col, "trial-duplicate", fmt.Sprintf("%s is tried twice", show(t.Ask)), fmt.Sprintf("remove it; the first is at %s:%d", was.File, was.Line))
				continue
			}
			first[key] = t.Pos
		}
	}
}
