package knowledge

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

const readmePath = "../facts/README.md"

// TestReadme holds what moderators read to what the code does: the keys, which of them are required, the rules, and
// the examples.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)

	const head = "| rule | level | what is wrong |\n|---|---|---|\n"
	before, table, ok := strings.Cut(text, head)
	if !ok {
		t.Fatal("no table of rules")
	}
	var want strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", r.name, r.level, r.means)
	}
	if *update {
		if err := os.WriteFile(readmePath, []byte(before+head+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != want.String() {
		t.Error("the table of rules is not that of check.go; run the test with -update")
	}

	rest := text
	for _, c := range []struct {
		heading string
		fields  []field
	}{
		{"## A file has", fileFields}, {"## A source has", sourceFields}, {"## A fact has", factFields}, {"## A cite has", citeFields},
		{"## Trials", append(append([]field{}, trialFileFields...), trialFields...)},
	} {
		_, part, ok := strings.Cut(rest, c.heading+"\n")
		if !ok {
			t.Fatalf("no %q", c.heading)
		}
		part, _, _ = strings.Cut(part, "\n## ")
		rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([^|]*) \\| (yes|no|where the file has several) \\|").FindAllStringSubmatch(part, -1)
		if len(rows) != len(c.fields) {
			t.Errorf("%s: %d rows, %d fields", c.heading, len(rows), len(c.fields))
			continue
		}
		for i, f := range c.fields {
			if rows[i][1] != f.name || (rows[i][3] == "yes") != f.required {
				t.Errorf("%s: the row of %s says %s, required: %s", c.heading, f.name, rows[i][1], rows[i][3])
			}
			limit := regexp.MustCompile(`([\d,]+) characters`).FindStringSubmatch(rows[i][2])
			if limit != nil && strings.ReplaceAll(limit[1], ",", "") != fmt.Sprint(f.max) {
				t.Errorf("%s: %s has %d characters at most, the row says %s", c.heading, f.name, f.max, limit[1])
			}
		}
	}
	for _, s := range Statuses {
		if !strings.Contains(text, fmt.Sprintf("\n| `%s` | ", s)) {
			t.Errorf("nothing on the status %s", s)
		}
	}

	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(examples) != 2 {
		t.Fatalf("%d examples", len(examples))
	}
	if _, problems := loadFiles(t, map[string]string{"bridge.yaml": examples[0][1], "bridge_test.yaml": examples[1][1]}); len(problems) > 0 {
		t.Error(printed(problems))
	}
}
