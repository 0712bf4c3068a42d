package knowledge

import "errors"

// Block returns the very lines of one fact, from its dash to its end, with the comments inside it. Comments and blank lines between two
// facts belong to neither. The last line has no line end where the file has none there.
func Block(file []byte, id string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

// ReplaceBlock returns the file with the lines of one fact replaced, as undo needs it: old must be what is there, else the error is
// [ErrConflict]. With a nil old the fact must not be there; then the new lines are inserted after the fact with the id after, or at the end of the
// facts where that is empty or is not there. With a nil new the fact is removed.
func ReplaceBlock(file []byte, id string, old, new []byte, after string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
