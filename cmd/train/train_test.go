package main

import (
	"math"
	"strings"
	"testing"
)

func TestThin(t *testing.T) {
	const text = "facts:\n  - id: a\n    text: A\n    asks: [x, y]\n  - id: b\n    text: B\n    asks:\n      - one\n      - two\n    not_asks: [z]\n  - id: c\n    asks: [w]\n"
	if got := thin(text, func(int) bool { return true }); got != text {
		t.Errorf("all kept, and yet:\n%s", got)
	}
	if got := thin(text, func(int) bool { return false }); strings.Contains(got, "asks") || strings.Contains(got, "one") || !strings.Contains(got, "- id: c") {
		t.Errorf("none kept, and yet:\n%s", got)
	}
	if got := thin(text, func(n int) bool { return n == 1 }); strings.Contains(got, "[x") || !strings.Contains(got, "- two") || strings.Contains(got, "[w]") {
		t.Errorf("the second kept:\n%s", got)
	}
}

func TestAUROC(t *testing.T) {
	for _, tt := range []struct {
		pos, neg []float64
		want     float64
	}{{[]float64{2, 3}, []float64{0, 1}, 1}, {[]float64{1}, []float64{1}, .5}, {[]float64{0, 2}, []float64{1}, .5}} {
		if got := auroc(tt.pos, tt.neg); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%v, %v: %v, want %v", tt.pos, tt.neg, got, tt.want)
		}
	}
}
