package knowledge

// A Fact is one checked statement, who says so, where a reader can verify it, and where it is written.
type Fact struct {
	ID     string // lower-case-with-dashes, unique over all files of a set, stable
	Text   string // one line of at most [MaxText] characters; what members see, word for word
	Cites  []Cite // at least one
	Pos    Pos    // where the fact begins
	SaidBy string // who says so; may be empty
	AsOf   Date   // when it was so; may be empty
	Status Status // Stated where the file says nothing

	SupersededBy string // the id of the fact that took its place; may be empty
	ReviewBy     Date   // moderators are reminded after this day; may be empty

	Topics   []string
	Overview bool     // part of the answer to "what is this about?"
	Asks     []string // other wordings of the questions it answers; indexed
	NotAsks  []string // questions that must not bring it
	Note     string   // for moderators, never shown

	File *File // the file it is written in
}

// A Cite points to the place in a source that says so.
type Cite struct {
	Source    *Source
	Paragraph int    // counted from 1 over the body text; 0 when not given
	Section   string // may be empty
	Quote     string // a short quotation; may be empty
	URL       string // of the very place; may be empty, then the source's holds
}

// A Source is something a reader can verify a fact in.
type Source struct {
	ID        string // unique in its file
	Title     string // required
	Publisher string
	URL       string
	Published Date
	Note      string // for moderators, never shown
	Pos       Pos
}

// A Date is a day, a month or a year, as written: YYYY-MM-DD, YYYY-MM or YYYY. Empty means not given.
type Date string

// Status says how far a fact is settled.
type Status string

// The statuses a fact may have.
const (
	Stated     Status = "stated" // the default
	Reported   Status = "reported"
	Planned    Status = "planned"
	Confirmed  Status = "confirmed"
	Disputed   Status = "disputed"
	Superseded Status = "superseded" // still citable, said to be out of date
	Withdrawn  Status = "withdrawn"  // never an answer
)

// Statuses lists every status, the default first.
var Statuses = [...]Status{Stated, Reported, Planned, Confirmed, Disputed, Superseded, Withdrawn}

// A File is one fact file: a topic.
type File struct {
	Path     string // slash-separated, relative to the folder
	Language string // of its facts, as in BCP 47; "en" where the file says nothing
	Sources  []*Source
	Synonyms [][]string // the words of one list mean the same in this file
	Facts    []*Fact    // in the order they are written
}

// A Trial is a question with the facts that must come first, or none. Trials are never indexed.
type Trial struct {
	Ask   string
	After []string // earlier questions of the same dialogue, oldest first
	Want  []string // ids, any of which must come first: answered, or quoted as the closest; empty: the question must not be answered
	Sure  bool     // only an answer will do; with nothing wanted, not even an offer
	Voice string   // how the question is put ("slang", "keywords"); only for the table; may be empty
	Pos   Pos
}

// A Set is every fact of one load. It never changes afterwards, so it may be read from many goroutines.
type Set struct {
	Facts   []*Fact // every file's, files by path
	Files   []*File // by path
	Trials  []Trial
	Version string // a hash of the bytes of all files: the same bytes, the same version

	byID map[string]*Fact
	read []*readFile // what it was made of, so that the next load can take over what has not changed
}

// Fact returns the fact with the id, or nil.
func (s *Set) Fact(id string) *Fact { return s.byID[id] }
