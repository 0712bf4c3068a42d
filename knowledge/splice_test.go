package knowledge

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

func ptr(s string) *string { return &s }

// TestTry is a scratch.
func TestTry(t *testing.T) {
	data, _ := os.ReadFile("../facts/nato-tokyo-office.yaml")
	out, err := EditFact(data, "tokyo-office", Patch{Text: ptr("New: text # x"), Note: ptr("a\nb\n"), AddAsks: []string{"Is it: so?"}, Topics: []string{"office", "a, b"}, Status: ptr("")})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Block(out, "tokyo-office")
	fmt.Println(string(b), err)
	out, err = AddFact(nil, "x", Patch{Text: ptr("Foo bar"), Cites: []NewCite{{Source: "a", Paragraph: 3}}}, NewSource{ID: "a", Title: "T: x"})
	fmt.Println(string(out), err)
	out, err = AddFact(out, "y", Patch{Text: ptr("Foo bar"), Cites: []NewCite{{Source: "b", Paragraph: 3}}, AddAsks: []string{"foo?"}}, NewSource{ID: "b", Title: "T: x"})
	fmt.Println(string(out), err)
	_ = rand.IntN
	_ = slices.Clone[[]int]
	_ = strings.Fields
	_ = bytes.Equal
}
