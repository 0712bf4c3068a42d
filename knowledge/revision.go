package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Revision names what a fact says: a hash of all of it that members see, which is its text, the places it cites with their
// sources, who says so, when it was so, its status and what superseded it. The same revision, the same showing; asks, topics, the
// order of facts and the ids of sources make no difference. It is 64 bits of SHA-256, in hexadecimal digits.
func (f *Fact) Revision() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q\n", f.Text, f.SaidBy, f.AsOf, f.Status, f.SupersededBy)
	for _, c := range f.Cites {
		fmt.Fprintf(h, "%d %q %q %q", c.Paragraph, c.Section, c.Quote, c.URL)
		if s := c.Source; s != nil {
			fmt.Fprintf(h, " %q %q %q %q", s.Title, s.Publisher, s.URL, s.Published)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
