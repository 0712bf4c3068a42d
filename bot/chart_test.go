package bot

import (
	"bytes"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
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

// share is how much of the sum a is.
func share(a, b int) float64 {
	if a+b == 0 {
		return 0
	}
	return float64(a) / float64(a+b)
}
