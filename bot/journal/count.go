package journal

import (
	"context"
	"time"
)

// A Count is how much was asked on one day (UTC), in one process.
type Count struct {
	Day      string         `json:"day"` // YYYY-MM-DD
	Asked    int            `json:"asked"`
	Answered int            `json:"answered"`
	Declined int            `json:"declined"`
	Facts    map[string]int `json:"facts"` // how often each fact was said first
}

// Day names the day of a moment.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Add adds to the count of a day. process tells several processes apart, so that they don't wait for one another.
func (j *Journal) Add(ctx context.Context, process string, c Count) error {
	_, err := j.counts.update(ctx, c.Day+"."+process, func(sum *Count, _ bool) bool {
		sum.Day = c.Day
		sum.Add(c)
		return true
	})
	return err
}

// Add adds another count to it.
func (c *Count) Add(d Count) {
	c.Asked += d.Asked
	c.Answered += d.Answered
	c.Declined += d.Declined
	if c.Facts == nil {
		c.Facts = map[string]int{}
	}
	for f, n := range d.Facts {
		c.Facts[f] += n
	}
}

// Counts gives the counts of the days from one to another, both included, of all processes together. Days on which nothing
// was asked are there, with zeros.
func (j *Journal) Counts(ctx context.Context, from, to time.Time) ([]Count, error) {
	all, err := j.counts.list(ctx, ">")
	if err != nil {
		return nil, err
	}
	byDay := map[string]*Count{}
	for _, c := range all {
		if byDay[c.Day] == nil {
			byDay[c.Day] = &Count{Day: c.Day}
		}
		byDay[c.Day].Add(c)
	}
	var out []Count
	for t := from.UTC(); Day(t) <= Day(to); t = t.AddDate(0, 0, 1) {
		c := Count{Day: Day(t)}
		if have := byDay[c.Day]; have != nil {
			c = *have
		}
		out = append(out, c)
	}
	return out, nil
}
