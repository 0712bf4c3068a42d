package language

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A Date is a day of the year that a text names, or a span of them up to it or from it on. Years and times are not looked at: members leave them out.
type Date struct {
	Day  int // 1 is January 1, 31 days a month: only the order counts
	Span Span
}

// A Span says which days a date stands for.
type Span int8

// The spans.
const (
	On    Span = iota
	Until      // that day and all before it: "until 31 July", "by 1 May"
	From       // that day and all after it: "from 1 August"
)

// monthNames are the names of the months, folded, in the languages that have a word list, with the endings that a date gives them and those short
// forms that mean nothing else.
var monthNames = monthTable(
	"january januar janner janvier janeiro enero gennaio stycznia styczen styczniu januari jan",
	"february februar fevrier fevereiro febrero febbraio lutego luty lutym februari feb fev",
	"march marzo maerz marz marco marca marzec marcu maart mrz",
	"april avril abril aprile kwietnia kwiecien kwietniu apr avr abr",
	"mayo maio maggio maja",
	"june juni juin junio junho giugno czerwca czerwiec czerwcu jun",
	"july juli juillet julio julho luglio lipca lipiec lipcu jul juil",
	"august aout agosto sierpnia sierpien sierpniu augustus aug",
	"september septembre septiembre setiembre setembro settembre wrzesnia wrzesien wrzesniu sept sep",
	"october oktober octobre octubre outubro ottobre pazdziernika pazdziernik pazdzierniku oct okt",
	"november novembre noviembre novembro listopada listopad listopadzie nov",
	"december dezember decembre diciembre dezembro dicembre grudnia grudzien grudniu dec dez dic",
)

// ownMonthNames are names that are another word in some other language ("out", "set", "may", "mai"), by language.
var ownMonthNames = map[string]map[string]int{
	"en": {"mar": 3, "may": 5},
	"de": {"mar": 3, "mai": 5},
	"es": {"ene": 1, "mar": 3, "ago": 8, "set": 9},
	"fr": {"mars": 3, "mai": 5},
	"it": {"gen": 1, "mar": 3, "mag": 5, "giu": 6, "lug": 7, "ago": 8, "set": 9, "ott": 10},
	"nl": {"mrt": 3, "mei": 5},
	"pl": {"sty": 1, "lut": 2, "mar": 3, "kwi": 4, "maj": 5, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "paz": 10, "lis": 11, "gru": 12},
	"pt": {"mar": 3, "mai": 5, "ago": 8, "set": 9, "out": 10},
}

func monthTable(names ...string) map[string]int {
	out := map[string]int{}
	for i, list := range names {
		for _, name := range strings.Fields(list) {
			out[name] = i + 1
		}
	}
	return out
}

// month gives the number of a month by its folded name; 0 for any other word.
func (l *Language) month(word string) int {
	if m := monthNames[word]; m > 0 {
		return m
	}
	return ownMonthNames[l.Tag][word]
}

// untilWords and fromWords make a span of the date after them, by language, since most are something else elsewhere ("do", "da", "des"); folded.
var (
	untilWords = map[string]map[string]bool{
		"en": wordSet("until untill till til before by to through thru"),
		"de": wordSet("bis vor spaetestens spatestens"),
		"es": wordSet("hasta antes"),
		"fr": wordSet("jusqu jusque jusquau avant"),
		"it": wordSet("fino entro prima"),
		"nl": wordSet("tot voor uiterlijk"),
		"pl": wordSet("do przed"),
		"pt": wordSet("ate antes"),
	}
	fromWords = map[string]map[string]bool{
		"en": wordSet("from after since starting"),
		"de": wordSet("ab nach seit"),
		"es": wordSet("desde partir despues"),
		"fr": wordSet("depuis partir apres"),
		"it": wordSet("dal partire dopo"),
		"nl": wordSet("vanaf na sinds"),
		"pl": wordSet("od po"),
		"pt": wordSet("partir desde depois apos"),
	}
)

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

var japaneseDate = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(\d{1,2})月(\d{1,2})日(まで|以前|から|以降)?`)
})

// Dates lists the days that a text names: a day of the month beside a month's name, before it or after it, and 7月31日.
func (l *Language) Dates(text string) []Date {
	var out []Date
	if strings.Contains(text, "月") {
		for _, m := range japaneseDate().FindAllStringSubmatch(text, -1) {
			mo, _ := strconv.Atoi(m[1])
			d, _ := strconv.Atoi(m[2])
			if mo >= 1 && mo <= 12 && d >= 1 && d <= 31 {
				span := On
				switch m[3] {
				case "まで", "以前":
					span = Until
				case "から", "以降":
					span = From
				}
				out = append(out, Date{(mo-1)*31 + d, span})
			}
		}
		return out
	}
	if l.pairs {
		return nil
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !IsWordRune(r) })
	for i := range words {
		words[i] = Fold(words[i])
	}
	day := func(i int) int {
		if i < 0 || i >= len(words) {
			return 0
		}
		n, err := strconv.Atoi(strings.TrimRight(words[i], "stndrheo"))
		if err != nil || n < 1 || n > 31 {
			return 0
		}
		return n
	}
	last := -1 // the last word of the date before
	for i, w := range words {
		mo := l.month(w)
		if mo == 0 {
			continue
		}
		first, end, d := i, i, 0
		switch {
		case day(i-1) > 0:
			first, d = i-1, day(i-1)
		case i > 1 && (words[i-1] == "de" || words[i-1] == "of") && day(i-2) > 0:
			first, d = i-2, day(i-2)
		case day(i+1) > 0:
			end, d = i+1, day(i+1)
		default:
			continue
		}
		span := On
		for k := first - 1; k > last && k >= first-3; k-- {
			if untilWords[l.Tag][words[k]] {
				span = Until
				// What the span begins with stands before it: "1 May (2025) until 5 June", "3 to 5 July".
				if last >= 0 && k-last <= 2 && out[len(out)-1].Span == On {
					out[len(out)-1].Span = From
				} else if k-1 > last && day(k-1) > 0 {
					out = append(out, Date{(mo-1)*31 + day(k-1), From})
				}
				break
			}
			if fromWords[l.Tag][words[k]] {
				span = From
				break
			}
		}
		out, last = append(out, Date{(mo-1)*31 + d, span}), end
	}
	return out
}

// Covers tells how a fact's dates take a date of a question: 1 when one of them covers it, -1 when those that are spans all leave it out, 0 when
// there is no telling. A day from which on and then one up to which make one span.
func Covers(fact []Date, asked []Date) int {
	verdict := 0
	for _, q := range asked {
		if q.Span != On {
			continue
		}
		for i := 0; i < len(fact); i++ {
			f := fact[i]
			in := f.Day == q.Day || f.Span == Until && q.Day <= f.Day || f.Span == From && q.Day >= f.Day
			if f.Span == From && i+1 < len(fact) && fact[i+1].Span == Until {
				i++
				last := fact[i].Day
				in = f.Day <= q.Day && q.Day <= last
				if last < f.Day { // over the turn of the year
					in = f.Day <= q.Day || q.Day <= last
				}
			}
			if in {
				return 1
			}
			if f.Span != On {
				verdict = -1
			}
		}
	}
	return verdict
}
