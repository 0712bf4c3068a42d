package knowledge

import (
	"fmt"
	"strings"
	"time"
)

// String is the citation in one line, as it stands below an answer:
//
//	[1] “NATO to Open First Asia-Pacific Office in Japan: Reports”, ¶1 · reported by Nikkei Asia · 2023
//
// Nothing in it is escaped: where it is shown with markup, that is the caller's to do.
func (c Citation) String() string {
	line := fmt.Sprintf("[%d] %s", c.N, c.Cite)
	for _, part := range []string{c.Standing(), c.Date().Words()} {
		if part != "" {
			line += " · " + part
		}
	}
	return line
}

// String is the place in words: the title in quotation marks, the paragraph, the section.
func (c Cite) String() string {
	place := "“" + c.Source.Title + "”"
	if c.Paragraph > 0 {
		place += fmt.Sprintf(", ¶%d", c.Paragraph)
	}
	if c.Section != "" {
		place += ", " + c.Section
	}
	return place
}

// Link is where the place can be read: its own address, or else its source's. It may be empty.
func (c Cite) Link() string {
	if c.URL != "" {
		return c.URL
	}
	return c.Source.URL
}

// Date is when it was so, or else when the source was published. It may be empty.
func (c Citation) Date() Date {
	if c.Fact.AsOf != "" {
		return c.Fact.AsOf
	}
	return c.Cite.Source.Published
}

// Standing says in a few words how far the fact is settled and who says so: "reported by Nikkei Asia". It is
// empty for a fact that is simply stated, by nobody in particular.
func (c Citation) Standing() string {
	f := c.Fact
	by := func(with, without string) string {
		if f.SaidBy == "" {
			return without
		}
		return with + " " + f.SaidBy
	}
	switch f.Status {
	case Reported:
		return by("reported by", "reported")
	case Planned:
		return by("planned, says", "planned")
	case Confirmed:
		return by("confirmed by", "confirmed")
	case Disputed:
		// Not "disputed by": who says so is not who disputes it.
		return by("disputed; so says", "disputed")
	case Superseded:
		words := by("so said", "")
		if words != "" {
			words += ", "
		}
		words += "superseded"
		if f.SupersededBy != "" {
			words += " by " + f.SupersededBy
		}
		return words
	case Withdrawn:
		return "withdrawn"
	}
	return by("says", "")
}

// Words is the date as one says it: "5 January 2023", "January 2023", "2023". What is no date stays as it is.
func (d Date) Words() string {
	for _, form := range []struct{ written, said string }{{time.DateOnly, "2 January 2006"}, {"2006-01", "January 2006"}} {
		if t, err := time.Parse(form.written, string(d)); err == nil {
			return t.Format(form.said)
		}
	}
	return strings.TrimSpace(string(d))
}
