package bot

import (
	"bytes"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"footnote/bot/journal"
)

// TestDrawCounts holds that a chart is drawn of any counts, and shows each colour as much as there is of it. With -update the images are written
// where a person can look at them.
func TestDrawCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name           string
		days, up, down int // at most, a day
	}{{"week", 7, 40, 12}, {"month", 30, 60, 25}, {"quarter", 90, 200, 80}, {"year", 365, 20, 90}, {"nothing", 30, 0, 0}, {"one day", 1, 3, 0}, {"few", 7, 3, 1}, {"many", 30, 250_000, 9000}} {
		var days []journal.Count
		var answered, declined int
		for n := range c.days {
			one := journal.Count{Day: journal.Day(time.Date(2026, 1, 5+n, 0, 0, 0, 0, time.UTC)), Answered: random.IntN(c.up + 1), Declined: random.IntN(c.down + 1)}
			days = append(days, one)
			answered, declined = answered+one.Answered, declined+one.Declined
		}
		data, err := drawCounts(days)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if *update {
			if err := os.WriteFile(filepath.Join(os.TempDir(), "chart-"+c.name+".png"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds().Dx() != chartWidth || img.Bounds().Dy() != chartHeight {
			t.Errorf("%s: %v, %v", c.name, img.Bounds(), err)
			continue
		}
		if len(data) > 200<<10 {
			t.Errorf("%s: %d bytes", c.name, len(data))
		}
		// Below the legend, the bars' areas are to one another as the numbers.
		var blue, orange int
		for y := 50; y < chartHeight; y++ {
			for x := range chartWidth {
				r, g, b, _ := img.At(x, y).RGBA()
				switch [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)} {
				case [3]uint8{colourAnswered.R, colourAnswered.G, colourAnswered.B}:
					blue++
				case [3]uint8{colourDeclined.R, colourDeclined.G, colourDeclined.B}:
					orange++
				}
			}
		}
		want, got := share(answered, declined), share(blue, orange)
		if want-got > 0.06 || got-want > 0.06 || (blue == 0) != (answered == 0) {
			t.Errorf("%s: %.2f of the bars are answered, want %.2f", c.name, got, want)
		}
	}
}

// TestDrawDays holds that each day that is named below a chart stands below the middle of its bar, and none near another.
func TestDrawDays(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 14, 29, 30, 31, 45, 90, 365} {
		var days []journal.Count
		for d := range n {
			days = append(days, journal.Count{Day: journal.Day(time.Date(2026, 1, 5+d, 0, 0, 0, 0, time.UTC)), Answered: 10})
		}
		data, err := drawCounts(days)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		// The middles of what stands side by side in some lines of the image, with more than so many pixels between them.
		middles := func(from, to, gap int, is func(r, g, b uint32) bool) (all []float64) {
			first, last := -1, -1
			for x := range chartWidth + gap + 1 {
				there := false
				for y := from; y < to && x < chartWidth; y++ {
					r, g, b, _ := img.At(x, y).RGBA()
					there = there || is(r>>8, g>>8, b>>8)
				}
				switch {
				case there && first < 0:
					first, last = x, x
				case there:
					last = x
				case first >= 0 && x-last > gap:
					all = append(all, float64(first+last)/2)
					first = -1
				}
			}
			return all
		}
		bars := middles(300, 301, 0, func(r, g, b uint32) bool { return r == uint32(colourAnswered.R) && g == uint32(colourAnswered.G) })
		names := middles(388, chartHeight, 9, func(r, g, b uint32) bool { return r < 140 })
		if len(bars) == 0 || len(names) < min(len(bars), 5) || len(names) > maxLabels {
			t.Errorf("%d days: %d bars, %d are named", n, len(bars), len(names))
			continue
		}
		for _, name := range names {
			if !slices.ContainsFunc(bars, func(bar float64) bool { return math.Abs(bar-name) <= 4 }) {
				t.Errorf("%d days: a day is named at %v, between the bars at %v", n, name, bars)
			}
		}
		if last := names[len(names)-1]; math.Abs(last-bars[len(bars)-1]) > 4 {
			t.Errorf("%d days: the last one is not named", n)
		}
	}
}

// share is how much of the sum a is.
func share(a, b int) float64 {
	if a+b == 0 {
		return 0
	}
	return float64(a) / float64(a+b)
}
