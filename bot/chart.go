package bot

import (
	"fmt"
	"math"
	"time"

	"github.com/go-analyze/charts"

	"footnote/bot/journal"
)

// The size of a chart, in pixels: twice as wide as Discord shows it beside a list of members, so that it is sharp on fine screens.
const chartWidth, chartHeight = 1000, 420

// maxBars is how many bars a chart has. Of a longer time each stands for several days.
const maxBars = 45

var (
	// The colours can be told apart by who does not see red or green as others do, and also in grey.
	colourAnswered = charts.Color{R: 0x2f, G: 0x6d, B: 0xb5, A: 0xff}
	colourDeclined = charts.Color{R: 0xf0, G: 0xa2, B: 0x3a, A: 0xff}
)

// drawCounts draws how many questions were answered and declined on each day, as a PNG image.
func drawCounts(days []journal.Count) ([]byte, error) {
	step := (len(days) + maxBars - 1) / maxBars
	var answered, declined []float64
	var labels []string
	most := 0.0
	for at := 0; at < len(days); at += step {
		var sum journal.Count
		for _, c := range days[at:min(at+step, len(days))] {
			sum.Add(c)
		}
		answered, declined = append(answered, float64(sum.Answered)), append(declined, float64(sum.Declined))
		labels = append(labels, dayLabel(days[at].Day))
		most = max(most, float64(sum.Answered+sum.Declined))
	}
	labels = spaced(labels)
	if len(labels) == 1 { // one bar alone would fill the chart, and the library put its label beside it
		answered, declined, labels = []float64{0, answered[0], 0}, []float64{0, declined[0], 0}, []string{"", labels[0], ""}
	}
	o := charts.NewBarChartOptionWithData([][]float64{answered, declined})
	o.StackSeries = charts.Ptr(true)
	o.Theme = charts.GetTheme(charts.ThemeLight).WithSeriesColors([]charts.Color{colourAnswered, colourDeclined})
	o.Title.Text = "Questions a day"
	if step > 1 {
		o.Title.Text = fmt.Sprintf("Questions in %d days each", step)
	}
	o.Legend.SeriesNames = []string{" answered", " not in the facts"}
	o.Legend.Offset = charts.OffsetStr{Left: charts.PositionRight}
	// Each label is drawn, and stands below the middle of its bar: with fewer to draw than bars the library puts them beside others. Most say nothing.
	o.CategoryAxis.Labels = labels
	o.CategoryAxis.LabelCount = len(labels)
	o.CategoryAxis.BoundaryGap = charts.Ptr(true)
	o.ValueAxis[0].Min = charts.Ptr(0.0)
	if most < 10 { // so few that the axis would be marked in parts of a question
		o.ValueAxis[0].Max = charts.Ptr(math.Max(4, most))
		o.ValueAxis[0].Unit = 1
		o.ValueAxis[0].LabelCount = int(math.Max(4, most)) + 1
	}
	o.ValueFormatter = func(v float64) string { return fmt.Sprintf("%.0f", v) }
	o.Padding = charts.NewBox(24, 20, 32, 16)
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight})
	if err := p.BarChart(o); err != nil {
		return nil, fmt.Errorf("draw a chart: %w", err)
	}
	return p.Bytes()
}

// maxLabels is how many bars are named.
const maxLabels = 9

// spaced leaves so many labels as there is room for, always the last one's, and empties the others.
func spaced(labels []string) []string {
	every := (len(labels) + maxLabels - 1) / maxLabels
	out := make([]string, len(labels))
	for n := len(labels) - 1; n >= 0; n -= every {
		out[n] = labels[n]
	}
	return out
}

// dayLabel is a day in a few characters: "5 Dec".
func dayLabel(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 Jan")
}
