package knowledge

import "testing"

func TestCitationString(t *testing.T) {
	const title = "NATO to Open First Asia-Pacific Office in Japan: Reports"
	for _, tt := range []struct {
		name string
		edit func(*Citation)
		want string
	}{
		{"as in the specification", func(*Citation) {},
			"[1] “" + title + "”, ¶1 · reported by Nikkei Asia · 2023"},
		{"section", func(c *Citation) { c.Cite.Section = "Reaction" },
			"[1] “" + title + "”, ¶1, Reaction · reported by Nikkei Asia · 2023"},
		{"no paragraph", func(c *Citation) { c.Cite.Paragraph = 0 },
			"[1] “" + title + "” · reported by Nikkei Asia · 2023"},
		{"nobody says so", func(c *Citation) { c.Fact.SaidBy = "" },
			"[1] “" + title + "”, ¶1 · reported · 2023"},
		{"stated by somebody", func(c *Citation) { c.Fact.Status = Stated },
			"[1] “" + title + "”, ¶1 · says Nikkei Asia · 2023"},
		{"stated by nobody", func(c *Citation) { c.Fact.Status, c.Fact.SaidBy = Stated, "" },
			"[1] “" + title + "”, ¶1 · 2023"},
		{"planned", func(c *Citation) { c.Fact.Status = Planned },
			"[1] “" + title + "”, ¶1 · planned, says Nikkei Asia · 2023"},
		{"confirmed", func(c *Citation) { c.Fact.Status = Confirmed },
			"[1] “" + title + "”, ¶1 · confirmed by Nikkei Asia · 2023"},
		{"disputed", func(c *Citation) { c.Fact.Status = Disputed },
			"[1] “" + title + "”, ¶1 · disputed; so says Nikkei Asia · 2023"},
		{"superseded", func(c *Citation) { c.Fact.Status, c.Fact.SupersededBy = Superseded, "office-dropped" },
			"[1] “" + title + "”, ¶1 · so said Nikkei Asia, superseded by office-dropped · 2023"},
		{"superseded, by nobody", func(c *Citation) { c.Fact.Status, c.Fact.SaidBy = Superseded, "" },
			"[1] “" + title + "”, ¶1 · superseded · 2023"},
		{"withdrawn", func(c *Citation) { c.Fact.Status = Withdrawn },
			"[1] “" + title + "”, ¶1 · withdrawn · 2023"},
		{"month", func(c *Citation) { c.Fact.AsOf = "2023-05" },
			"[1] “" + title + "”, ¶1 · reported by Nikkei Asia · May 2023"},
		{"day", func(c *Citation) { c.Fact.AsOf = "2023-05-03" },
			"[1] “" + title + "”, ¶1 · reported by Nikkei Asia · 3 May 2023"},
		{"no date anywhere", func(c *Citation) { c.Cite.Source.Published = "" },
			"[1] “" + title + "”, ¶1 · reported by Nikkei Asia"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Citation{
				N:    1,
				Cite: Cite{Source: &Source{ID: "article", Title: title, Published: "2023"}, Paragraph: 1},
				Fact: &Fact{ID: "tokyo-office", SaidBy: "Nikkei Asia", Status: Reported},
			}
			tt.edit(&c)
			if got := c.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCiteLink(t *testing.T) {
	c := Cite{Source: &Source{URL: "https://example.org/a"}}
	if got := c.Link(); got != "https://example.org/a" {
		t.Errorf("without an address of its own: %q", got)
	}
	c.URL = "https://example.org/a#p3"
	if got := c.Link(); got != "https://example.org/a#p3" {
		t.Errorf("with an address of its own: %q", got)
	}
}
