package knowledge

// A form is what the value of a field must look like.
type form int

const (
	formLine     form = iota // text of one line
	formProse                // text, of several lines if need be
	formID                   // lower-case-with-dashes
	formSourceID             // short id of a source
	formDate                 // YYYY, YYYY-MM or YYYY-MM-DD
	formDay                  // YYYY-MM-DD
	formNumber               // whole number from 1
	formYesNo                // true or false
	formStatus               // one of Statuses
	formURL                  // http or https
	formLanguage             // as in BCP 47
	formLines                // list of formLine
	formAny                  // any text at all, also what could not be a question
	formAsked                // list of formAny: what was asked before
	formGroups               // list of lists of formLine
	formSources              // mapping of ids to sources
	formFacts                // list of facts
	formCites                // list of cites
	formTrials               // list of trials
	formWant                 // none, or list of fact ids
)

// A field is one key of a mapping in a fact file or trial file. The tables below are the format: the reader, the JSON
// Schema and facts/README.md all follow them, and tests hold them to it.
type field struct {
	name     string
	form     form
	required bool
	max      int    // characters of each text; 0: as the form has it
	means    string // for the JSON Schema, so for whoever points at the key in an editor
}

// Limits of what is written in a file, in characters (Unicode code points).
const (
	// MaxText is the most a fact's text may have: it fits into a Discord message of 2,000 with its sources.
	MaxText = 1000
	// MaxAsk is the most a wording of a question may have.
	MaxAsk = 500
	// MaxID is the most an id may have: the custom id of a Discord button has room for 100, some of it for
	// what the button does.
	MaxID = 64
	// MaxLine is the most any other text of one line may have: titles, names, sections, quotes.
	MaxLine = 300
	// MaxNote is the most a note to moderators may have.
	MaxNote = 4000
	// MaxURL is the most an address may have.
	MaxURL = 2000
)

var fileFields = []field{
	{"sources", formSources, true, 0, "Where a reader can verify the facts of this file: short id, then the source."},
	{"language", formLanguage, false, 0, "Language of the facts, such as en or pt-BR; en if left out."},
	{"synonyms", formGroups, false, 100, "Lists of words that mean the same in this file."},
	{"facts", formFacts, true, 0, "The facts, one sentence each."},
}

var sourceFields = []field{
	{"title", formLine, true, MaxLine, "Title of the source, as its publisher writes it."},
	{"publisher", formLine, false, MaxLine, "Who published it."},
	{"url", formURL, false, MaxURL, "Where it can be read."},
	{"published", formDate, false, 0, "When it was published: YYYY, YYYY-MM or YYYY-MM-DD."},
	{"note", formProse, false, MaxNote, "For moderators, never shown."},
}

var factFields = []field{
	{"id", formID, true, MaxID, "The fact's address: lower-case-with-dashes, unique over all files. Never change it."},
	{"text", formLine, true, MaxText, "What members see, word for word: one sentence that can stand alone."},
	{"cite", formCites, true, 0, "Where the sources say so; at least one place."},
	{"said_by", formLine, false, MaxLine, "Who says so."},
	{"as_of", formDate, false, 0, "When it was so: YYYY, YYYY-MM or YYYY-MM-DD."},
	{"status", formStatus, false, 0, "How far it is settled; stated if left out."},
	{"superseded_by", formID, false, MaxID, "The id of the fact that took its place."},
	{"review_by", formDay, false, 0, "After this day moderators are reminded to look at the fact again: YYYY-MM-DD."},
	{"topics", formLines, false, 100, "What it is about; members browse by these."},
	{"overview", formYesNo, false, 0, "Whether it is part of the answer to \"what is this about?\"."},
	{"asks", formLines, false, MaxAsk, "Questions this fact answers, as members would put them."},
	{"not_asks", formLines, false, MaxAsk, "Questions that must not bring this fact."},
	{"note", formProse, false, MaxNote, "For moderators, never shown."},
}

var citeFields = []field{
	{"source", formSourceID, false, MaxID, "The short id of a source of this file; may be left out where the file has just one."},
	{"paragraph", formNumber, false, 0, "Paragraph, counted from 1 over the body text; the title and section headings don't count."},
	{"section", formLine, false, MaxLine, "Heading of the section it stands in."},
	{"quote", formLine, false, MaxLine, "A short quotation."},
	{"url", formURL, false, MaxURL, "Address of the very place; the source's if left out."},
}

var trialFileFields = []field{
	{"trials", formTrials, true, 0, "Questions, each with the fact that must come first."},
}

var trialFields = []field{
	{"ask", formAny, true, MaxTrial, "The question, as a member would put it."},
	{"want", formWant, true, MaxID, "Ids of facts, any of which must come first: answered, or quoted as the closest; or none: the question must not be answered."},
	{"sure", formYesNo, false, 0, "Whether only an answer will do, and with none, not even an offer."},
	{"after", formAsked, false, MaxTrial, "Earlier questions of the same dialogue, oldest first."},
	{"voice", formLine, false, 100, "How the question is put (slang, keywords, ...); only for the table of results."},
}

// MaxTrial is the most a trial's question may have, in characters: more than a member can send, so that can be tried too.
const MaxTrial = 10_000

// names returns the fields' names, in order.
func names(fields []field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
	}
	return all
}
