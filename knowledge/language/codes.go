package language

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What must be matched to the letter: a misspelling of E403 is not E404.
var (
	codePattern = regexp.MustCompile(`[\p{L}\p{N}_./\-+#:]*[\p{L}\p{N}_]`)
	quantity    = regexp.MustCompile(`^\d+([.,:\-]\d+)*-?(st|nd|rd|th|am|pm|h|hr|hrs|k|m|km|kg|g|mg|l|ml|cm|mm|s|sec|min|mins|ms|x|px|gb|mb|kb|tb|ghz|mhz|hz|w|kw|v|mah|eur|usd|uhr|er|ers|a|e|d|ft|lb|lbs|oz|mph|kmh|kph|p|fps|years?|days?|weeks?|months?|hours?|minutes?|xp|pts?|euros?|zl|º|ª|°c?|o|ème|eme|ième|er|de|te|ten|ter|ste)$`)
	// A day with its year, which facts write in many ways; and a number before a word: "5-star", "20-minute".
	dottedDate     = regexp.MustCompile(`^[0-3]?\d\.[01]?\d\.(19|20)\d\d$`)
	compound       = regexp.MustCompile(`^\d+([.,]\d+)*(st|nd|rd|th)?(-\p{Ll}{3,})+$`)
	plainNumber    = regexp.MustCompile(`^\d+([.,:/\-]\d+)*$`)
	versionPattern = regexp.MustCompile(`^v\d+(\.\d+)*([a-z]\d*)?$|^\d+\.\d+\.\d+(\.\d+)*([a-z-]+\d*)?$|^v?\d+(\.(\d+|x))+$`)
)

// Codes lists the codes of a text, each once, in the form of [Code]: error codes, versions, commands, options, file and setting names. A plain
// number or an amount with its unit is none.
func Codes(text string) []string {
	var out []string
	for _, raw := range codePattern.FindAllString(text, -1) {
		if c := Code(raw); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// Code gives a written word as a code, so that two ways to write the same code are equal: in lower case, without a leading v before digits, a slash or
// dashes at its ends, and dashes inside ("E-403" is "e403"). It is empty for what is no code.
func Code(raw string) string {
	s := strings.Trim(raw, ".:#+")
	command := strings.HasPrefix(s, "/") && len(s) > 2 && !strings.Contains(s[1:], "/") || strings.HasPrefix(s, "--")
	s = strings.Trim(s, "/-")
	lower := strings.ToLower(s)
	if lower == "" {
		return ""
	}
	letters, digits, under := 0, 0, false
	for _, r := range lower {
		switch {
		case r == '_':
			under = true
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
			if r > unicode.MaxLatin1 {
				return "" // scripts that write no spaces
			}
		}
	}
	if strings.Count(lower, "/") > 0 && !command {
		return "" // and/or, 24/7, dates
	}
	switch {
	case command && letters > 1:
	case dottedDate.MatchString(lower):
		return ""
	case under && letters > 0:
	case versionPattern.MatchString(lower) && (lower[0] == 'v' || strings.Count(lower, ".") > 1):
		return strings.TrimPrefix(lower, "v")
	case plainNumber.MatchString(lower) || quantity.MatchString(lower) || compound.MatchString(s):
		return ""
	case digits > 0 && letters > 0 && letters+digits <= 14 && mixed(lower):
	case fileName.MatchString(lower):
		return lower
	default:
		return ""
	}
	return strings.ReplaceAll(lower, "-", "")
}

// fileName is a name with an ending that people use: config.yml, levels.json.
var fileName = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.(ya?ml|json|toml|ini|cfg|conf|txt|md|log|exe|jar|zip|py|go|js|ts|lua|sh|bat|csv|xml|html?|pdf|png|jpe?g|docx?|xlsx?|db|sql|env|lock)$`)

// mixed reports whether a word mixes letters and digits as codes do: the digits stand together, and it is no ordinal or word with a year.
func mixed(s string) bool {
	runs, digit := 0, false
	for _, r := range s {
		if d := unicode.IsDigit(r); d != digit {
			runs++
			digit = d
		}
	}
	return runs <= 4 && !strings.ContainsAny(s, ".:,")
}

// Shape is a code with its digits made one 0 and its letters one a after the first: codes that may be taken for each other (E403, E404) have the same.
func Shape(code string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range code {
		k := r
		if unicode.IsDigit(r) {
			k = '0'
		}
		if k == '0' && last == '0' {
			continue
		}
		b.WriteRune(k)
		last = k
	}
	return b.String()
}
