package rank

import (
	"math"
	"slices"
	"strings"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// An Entry is one fact as the ranker sees it.
type Entry struct {
	Text    string
	Asks    []string
	NotAsks []string
	Around  []string // title, section and topics, and who says so: words that a question may hold and the text may lack
	Place   string   // facts of one paragraph have the same; empty where there is none
	Beside  []string // places next to it, which count after a question that was answered from there
	Twins   string   // facts with the same, unless it is empty, are no rivals of each other
}

// Meanings gives the vectors of texts, each by the English encoder and by the multilingual one. Where english is false the first is not asked for and nil.
type Meanings func(texts []string, role encoder.Role, english bool) (en, multi []encoder.Vector, err error)

// An Index is the facts of one language, made ready for matching. It never changes.
type Index struct {
	lang     *language.Language
	english  bool // both encoders read its facts
	rarity   func(word string) float64
	synonyms map[string][]uint32 // term, or terms joined by a space -> terms that a moderator says mean the same
	instead  map[string]string   // the same, where no text holds it -> what texts hold that means the same, as the moderator writes it

	docs  []doc
	asks  []wording // of all docs, in their order
	nots  []wording
	texts meaning // of the docs' texts
	asked meaning // of the asks
	noted meaning // of the not_asks

	vocab map[string]uint32
	words []string  // number -> a word with that term, folded: see name
	forms []string  // number -> a written word, folded
	terms []string  // number -> term
	df    []uint32  // in how many texts the term stands
	worth []float32 // see weigh

	byTerm [][]posting     // term -> where it stands
	codes  map[string]bool // of all texts
	places map[string][]int32
	mender *language.Mender
	said   [][2]uint32 // while it is made: terms and forms of what is around
}

// A meaning is the vectors of texts.
type meaning struct{ en, multi []encoder.Vector }

// A posting says that a term stands in a wording: of the doc's text, or of one of the asks.
type posting struct {
	doc int32
	ask int32 // -1: the text
}

// A doc is one fact, as terms.
type doc struct {
	entry    *Entry
	text     wording
	around   []uint32
	ask, not [2]int32 // its wordings in the index: from, to
	place    int32    // number of its place; -1 for none
}

// A wording is a text, as terms.
type wording struct {
	doc     int32
	terms   []uint32 // without grammar words, in order
	forms   []uint32 // and how each is written
	weight  float64  // of its different terms
	codes   []string
	dates   []language.Date
	kinds   kinds
	neg     bool
	typ     language.AnswerType
	plain   string // its words, folded, grammar words too, joined by a space: two texts with the same are the same question
	content string // its different terms, sorted and joined
}

// kinds says what a text holds that may be the answer asked for.
type kinds uint16

const (
	hasNumber kinds = 1 << iota
	hasYear
	hasDate // a month or a day of the week
	hasTime // 19:00, 7 pm
	hasMoney
	hasName
	hasReason
	hasLink // an address, a channel, a command
	hasSays
)

// Options are what an index needs to know beside its facts.
type Options struct {
	Language *language.Language
	Synonyms [][]string
	Meanings Meanings
	Rarity   func(word string) float64 // how much a word tells in the language at large, 0 (in every sentence) to 1 (hardly ever seen)
	Words    *language.Dictionary      // of the language, to repair spelling with; nil: it is not repaired
	Was      *Index                    // an index of earlier facts, which may be nil: what is in both is not read anew
}

// New makes an index of the entries. The error is that of Meanings.
func New(entries []Entry, o Options) (*Index, error) {
	x := &Index{
		lang: o.Language, english: o.Language.Tag == "en", rarity: o.Rarity, vocab: map[string]uint32{}, synonyms: map[string][]uint32{}, instead: map[string]string{},
		docs: make([]doc, len(entries)), codes: map[string]bool{}, places: map[string][]int32{},
	}
	was := newKnown(o.Was)
	formed := map[string]uint32{}
	form := func(word string) uint32 {
		n, ok := formed[word]
		if !ok {
			n = uint32(len(x.forms))
			word = strings.Clone(word)
			formed[word] = n
			x.forms = append(x.forms, word)
		}
		return n
	}
	placed := map[string]int32{}
	var texts, asks, nots []string
	for i := range entries {
		e := &entries[i]
		d := &x.docs[i]
		d.entry, d.place = e, -1
		d.text = x.wording(e.Text, int32(i), form, was)
		d.around = x.around(e.Around, form)
		if e.Place != "" {
			n, ok := placed[e.Place]
			if !ok {
				n = int32(len(placed))
				placed[e.Place] = n
			}
			d.place = n
			x.places[e.Place] = append(x.places[e.Place], int32(i))
		}
		texts = append(texts, e.Text)
		d.ask[0], d.not[0] = int32(len(x.asks)), int32(len(x.nots))
		for _, a := range e.Asks {
			x.asks = append(x.asks, x.wording(a, int32(i), form, was))
			asks = append(asks, a)
		}
		for _, a := range e.NotAsks {
			x.nots = append(x.nots, x.wording(a, int32(i), form, was))
			nots = append(nots, a)
		}
		d.ask[1], d.not[1] = int32(len(x.asks)), int32(len(x.nots))
	}
	x.name()
	x.count()
	x.link(o.Synonyms)
	if o.Words != nil {
		var texts []string // not those of asks: an added ask must not change how questions for other facts are read
		for i := range x.docs {
			for _, f := range x.docs[i].text.forms {
				texts = append(texts, x.forms[f])
			}
		}
		slices.Sort(texts) // of two that are as near, the first is taken
		texts = slices.Compact(texts)
		x.mender = language.NewMender(texts, o.Words)
	}
	for _, m := range []struct {
		into  *meaning
		texts []string
		role  encoder.Role
	}{{&x.texts, texts, encoder.Passage}, {&x.asked, asks, encoder.Question}, {&x.noted, nots, encoder.Question}} {
		en, multi, err := o.Meanings(m.texts, m.role, x.english)
		if err != nil {
			return nil, err
		}
		*m.into = meaning{en, multi}
	}
	return x, nil
}

// Len is the number of entries.
func (x *Index) Len() int { return len(x.docs) }

// Language is that of the facts.
func (x *Index) Language() *language.Language { return x.lang }

// id returns the number of a term, a new one where it has none.
func (x *Index) id(term string) uint32 {
	n, ok := x.vocab[term]
	if !ok {
		n = uint32(len(x.terms))
		term = strings.Clone(term)
		x.vocab[term] = n
		x.terms = append(x.terms, term)
	}
	return n
}

// A known finds wordings that an earlier index has read.
type known struct {
	was *Index
	by  map[string]*wording // by the text
}

func newKnown(was *Index) *known {
	if was == nil {
		return nil
	}
	k := &known{was: was, by: make(map[string]*wording, len(was.docs)+len(was.asks))}
	for i := range was.docs {
		d := &was.docs[i]
		k.by[d.entry.Text] = &d.text
		for n, a := range d.entry.Asks {
			k.by[a] = &was.asks[int(d.ask[0])+n]
		}
		for n, a := range d.entry.NotAsks {
			k.by[a] = &was.nots[int(d.not[0])+n]
		}
	}
	return k
}

// wording reads a text.
func (x *Index) wording(text string, doc int32, form func(string) uint32, was *known) wording {
	if was != nil && was.was.lang.Tag == x.lang.Tag {
		if w := was.by[text]; w != nil {
			again := *w
			again.doc = doc
			again.terms, again.forms = make([]uint32, len(w.terms)), make([]uint32, len(w.forms))
			for i, t := range w.terms {
				again.terms[i] = x.id(was.was.terms[t])
				again.forms[i] = form(was.was.forms[w.forms[i]])
			}
			return again
		}
	}
	r := x.lang.Read(text, nil)
	w := wording{doc: doc, codes: r.Codes, dates: r.Dates, neg: r.Neg, typ: r.Type, kinds: kindsOf(r)}
	var plain strings.Builder
	w.terms, w.forms = make([]uint32, 0, len(r.Tokens)), make([]uint32, 0, len(r.Tokens))
	for i, t := range r.Tokens {
		if i > 0 {
			plain.WriteByte(' ')
		}
		plain.WriteString(t.Word)
		if !t.Stop {
			w.terms, w.forms = append(w.terms, x.id(t.Term)), append(w.forms, form(t.Word))
		}
	}
	w.plain = plain.String()
	w.content = content(r)
	return w
}

// content gives the different telling terms of a reading, sorted: what is left of a question but for grammar words and their order.
func content(r language.Reading) string {
	terms := make([]string, len(r.Units))
	for i, u := range r.Units {
		terms[i] = u.Term
	}
	slices.Sort(terms)
	return strings.Join(terms, " ")
}

func (x *Index) around(said []string, form func(string) uint32) (terms []uint32) {
	for _, s := range said {
		for _, t := range x.lang.Tokens(s) {
			if !t.Stop {
				terms = append(terms, x.id(t.Term))
				x.said = append(x.said, [2]uint32{terms[len(terms)-1], form(t.Word)})
			}
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// name gives each term the word that stands for it: the shortest that texts have, of them the first by the alphabet; else that of asks, else of what is around.
// So it depends neither on the order of facts nor on what earlier facts had, nor on asks where a text has the term.
func (x *Index) name() {
	x.words = make([]string, len(x.terms))
	from := make([]uint8, len(x.terms))
	try := func(term, form uint32, level uint8) {
		word, was := x.forms[form], x.words[term]
		if was == "" || level == from[term] && (len(word) < len(was) || len(word) == len(was) && word < was) {
			x.words[term], from[term] = word, level
		}
	}
	all := func(w *wording, level uint8) {
		for i, t := range w.terms {
			try(t, w.forms[i], level)
		}
	}
	for i := range x.docs {
		all(&x.docs[i].text, 0)
	}
	for _, list := range [][]wording{x.asks, x.nots} {
		for i := range list {
			all(&list[i], 1)
		}
	}
	for _, s := range x.said {
		try(s[0], s[1], 2)
	}
	x.said = nil
}

// count counts in how many texts each term stands, and notes where.
func (x *Index) count() {
	x.df = make([]uint32, len(x.terms))
	x.byTerm = make([][]posting, len(x.terms))
	last := make([]posting, len(x.terms))
	for i := range last {
		last[i] = posting{-1, -1}
	}
	add := func(w *wording, ask int32) {
		for _, t := range w.terms {
			if p := (posting{w.doc, ask}); last[t] != p {
				last[t] = p
				x.byTerm[t] = append(x.byTerm[t], p)
				if ask < 0 {
					x.df[t]++
				}
			}
		}
	}
	for i := range x.docs {
		add(&x.docs[i].text, -1)
		for _, c := range x.docs[i].text.codes {
			x.codes[c] = true
		}
	}
	for i := range x.asks {
		add(&x.asks[i], int32(i))
	}
	x.worth = make([]float32, len(x.terms))
	for t := range x.terms {
		x.worth[t] = float32(x.weigh(x.words[t], x.df[t]))
	}
	sum := func(w *wording) {
		w.weight = 0
		for i, t := range w.terms {
			if !slices.Contains(w.terms[:i], t) {
				w.weight += float64(x.worth[t])
			}
		}
	}
	for i := range x.docs {
		sum(&x.docs[i].text)
	}
	for i := range x.asks {
		sum(&x.asks[i])
	}
	for i := range x.nots {
		sum(&x.nots[i])
	}
}

// weigh is how much a word tells: its rarity in the language, less the more texts hold it. The number of all facts has no part in it, so that a fact that
// lacks the word doesn't change what it is worth.
func (x *Index) weigh(word string, df uint32) float64 {
	if df < 1 {
		df = 1
	}
	return x.rarity(word) / (1 + float64(.25*math.Sqrt(float64(df-1))))
}

// link lets the words of each list of synonyms stand for one another. A phrase is found by its words one after another. What stands for a word in the encoders' eyes is
// the first of its list that the texts hold.
func (x *Index) link(lists [][]string) {
	for _, list := range lists {
		var all [][]string
		for _, s := range list {
			all = append(all, x.lang.Terms(s))
		}
		held := func(terms []string) bool {
			return len(terms) > 0 && !slices.ContainsFunc(terms, func(t string) bool { n, ok := x.vocab[t]; return !ok || x.df[n] == 0 })
		}
		best := slices.IndexFunc(all, held)
		for i, from := range all {
			key := strings.Join(from, " ")
			if best >= 0 && !held(from) && x.instead[key] == "" {
				x.instead[key] = list[best]
			}
			for k, to := range all {
				if i == k {
					continue
				}
				for _, term := range to {
					if n, ok := x.vocab[term]; ok && !slices.Contains(x.synonyms[key], n) {
						x.synonyms[key] = append(x.synonyms[key], n)
					}
				}
			}
		}
	}
}

// kindsOf notes what a text holds that may be asked for.
func kindsOf(r language.Reading) kinds {
	var k kinds
	if len(r.Dates) > 0 {
		k |= hasDate
	}
	if len(r.Codes) > 0 {
		k |= hasLink
	}
	for i, t := range r.Tokens {
		switch {
		case t.Num && len(t.Term) == 4 && t.Term >= "1000" && t.Term < "2100":
			k |= hasYear
		case t.Num:
			k |= hasNumber
		}
		switch {
		case dayWords[t.Word]:
			k |= hasDate
		case moneyWords[t.Word]:
			k |= hasMoney
		case reasonWords[t.Word]:
			k |= hasReason
		case sayWords[t.Word]:
			k |= hasSays
		case t.Name && i > 0:
			k |= hasName
		}
	}
	if strings.ContainsAny(r.Text, "€$£¥円") {
		k |= hasMoney
	}
	if strings.ContainsAny(r.Text, "@#/") {
		k |= hasLink
	}
	for i := 1; i+1 < len(r.Text); i++ {
		if r.Text[i] == ':' && isDigit(r.Text[i-1]) && isDigit(r.Text[i+1]) {
			k |= hasTime
		}
	}
	return k
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func set(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// Words by which a text shows that it holds a kind of answer, folded, in the languages that have a word list.
var (
	dayWords = set(`january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday
		januar februar marz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
		janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche
		enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes miercoles jueves viernes sabado domingo
		gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre lunedi martedi mercoledi giovedi venerdi domenica
		januari februari maart mei juni juli augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
		janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro segunda terca quarta quinta sexta
		stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia poniedzialek wtorek sroda czwartek piatek sobota niedziela`)
	moneyWords = set(`dollar dollars euro euros pound pounds yen cents usd eur million billion cost costs price fee fees paid free zl zlotych zlote reais real
		kostet kosten preis gebuhr kostenlos prix gratuit cuesta precio gratis costa prezzo gratuito custa preco bezplatnie kosztuje cena`)
	reasonWords = set(`because due since so reason result therefore order thus cause caused amid concerns weil da wegen damit parce car afin porque debido perche poiche
		omdat want wegens bo poniewaz`)
	sayWords = set(`said says told according reported announced stated claimed warned wrote reports`)
)
