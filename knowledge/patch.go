package knowledge

import "errors"

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
// none is changed. An empty file gets all that a fact file needs.
//
// It writes what the patch says, good or bad: [Base.Propose] tells the problems.
func AddFact(file []byte, id string, p Patch, sources ...NewSource) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

// EditFact returns the file with one fact changed. Only lines of that fact differ; comments, order, line ends and all else stay byte
// for byte.
//
// It writes what the patch says, good or bad: [Base.Propose] tells the problems.
func EditFact(file []byte, id string, p Patch) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
