package knowledge

import (
	"strings"
	"testing"
)

// Facts of other languages, each with a question: what separates them is " | ". The last questions have no answer.
var foreign = map[string]struct {
	facts   []string
	decline []string
}{
	"fr": {[]string{
		"Le port de Brévelle a été creusé en 1911. | Quand le port a-t-il été creusé ?",
		"La maire de Brévelle s'appelle Anne Le Goff. | Qui est la maire ?",
		"Le phare mesure quarante mètres de haut. | Quelle est la hauteur du phare ?",
		"Le marché aux poissons se tient chaque samedi. | Quel jour a lieu le marché aux poissons ?",
		"La bibliothèque possède trente mille livres. | Combien de livres la bibliothèque possède-t-elle ?",
		"L'école de voile accueille les enfants dès six ans. | À quel âge les enfants vont-ils à l'école de voile ?",
		"Le bac pour l'île aux Moines part du quai nord. | D'où part le bac pour l'île ?",
		"Une tempête a détruit l'ancien moulin en 1987. | Qu'est-ce qui a détruit le moulin ?",
		"Le musée est gratuit le premier dimanche du mois. | Quand le musée est-il gratuit ?",
		"La gare fut fermée parce que la ligne perdait de l'argent. | Pourquoi la gare fut-elle fermée ?",
		"Le festival de musique attire dix mille visiteurs. | Combien de visiteurs attire le festival ?",
		"Le restaurant de la jetée sert des huîtres. | Que sert le restaurant ?",
	}, []string{"Qui a gagné la coupe du monde ?", "Où se trouve le zoo ?"}},
	"de": {[]string{
		"Der Hafen von Brunsau wurde 1911 ausgehoben. | Wann wurde der Hafen ausgehoben?",
		"Die Bürgermeisterin heißt Anna Berg. | Wie heißt die Bürgermeisterin?",
		"Der Leuchtturm ist vierzig Meter hoch. | Wie hoch ist der Leuchtturm?",
		"Der Fischmarkt findet jeden Samstag statt. | An welchem Tag findet der Fischmarkt statt?",
		"Die Bücherei besitzt dreißigtausend Bücher. | Wie viele Bücher besitzt die Bücherei?",
		"Die Segelschule nimmt Kinder ab sechs Jahren auf. | Ab wann nimmt die Segelschule Kinder auf?",
		"Die Fähre zur Insel legt am Nordkai ab. | Wo legt die Fähre ab?",
		"Ein Sturm zerstörte die alte Mühle im Jahr 1987. | Was zerstörte die Mühle?",
		"Das Museum ist am ersten Sonntag kostenlos. | Wann ist das Museum kostenlos?",
		"Der Bahnhof wurde geschlossen, weil die Strecke Geld verlor. | Warum wurde der Bahnhof geschlossen?",
		"Das Musikfest zieht zehntausend Besucher an. | Wie viele Besucher hat das Musikfest?",
		"Das Gasthaus am Steg serviert Austern. | Was serviert das Gasthaus?",
	}, []string{"Wer gewann die Weltmeisterschaft?", "Welche Tiere leben im Zoo?"}},
	"ja": {[]string{
		"港は1911年に掘られた。 | 港はいつ掘られましたか?",
		"市長は山田花子です。 | 市長は誰ですか?",
		"灯台の高さは四十メートルです。 | 灯台の高さは?",
		"魚市場は毎週土曜日に開かれる。 | 魚市場は何曜日ですか?",
		"図書館には三万冊の本がある。 | 図書館に本は何冊ありますか?",
		"帆船学校は六歳から入学できる。 | 帆船学校は何歳から?",
		"島への連絡船は北の埠頭から出る。 | 連絡船はどこから出ますか?",
		"古い風車は1987年の嵐で壊れた。 | 風車はなぜ壊れましたか?",
		"博物館は第一日曜日に無料になる。 | 博物館はいつ無料ですか?",
		"鉄道の駅は赤字のため閉鎖された。 | 駅はなぜ閉鎖されましたか?",
		"音楽祭には一万人が訪れる。 | 音楽祭に何人が訪れますか?",
		"桟橋の食堂では牡蠣料理を出す。 | 食堂では何を出しますか?",
	}, []string{"ワールドカップで優勝したのは?", "動物園にパンダがいますか?"}},
}

// Other languages are ranked no worse than bleve's analyzer alone ranks them, and what no fact has a word of is not answered.
func TestForeign(t *testing.T) {
	for lang, f := range foreign {
		var facts, questions []string
		for _, pair := range f.facts {
			text, q, _ := strings.Cut(pair, " | ")
			facts = append(facts, "text: '"+strings.ReplaceAll(text, "'", "''")+"'")
			questions = append(questions, q)
		}
		b := base(t, "language: "+lang, facts...)
		plain, err := NewPlain(t.Context(), b.Set().Facts)
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		var right, plainRight, answered, wrong int
		for i, q := range questions {
			a, err := b.Ask(t.Context(), Question{Text: q, Candidates: 1})
			if err != nil {
				t.Fatal(err)
			}
			sound(t, b, a)
			if len(a.Candidates) > 0 && a.Candidates[0].Fact.ID == factName(i) {
				right++
			} else {
				t.Logf("%s: %s not first", lang, q)
			}
			if a.Answered() {
				answered++
				if a.Sentences()[0].Fact.ID != factName(i) {
					wrong++
				}
			}
			found, err := plain.Search(t.Context(), q, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 && found[0].Fact.ID == factName(i) {
				plainRight++
			}
		}
		t.Logf("%s: %d of %d first (bleve alone %d), %d answered, %d of them wrongly", lang, right, len(questions), plainRight, answered, wrong)
		if right < plainRight || right < len(questions)*3/4 || wrong > 1 {
			t.Errorf("%s: %d of %d facts come first, %d with bleve alone; %d answered wrongly", lang, right, len(questions), plainRight, wrong)
		}
		for _, q := range f.decline {
			if a := answer(t, b, Question{Text: q}); a.Answered() { // what is near may be shown as such
				t.Errorf("%s: %s: %s, which no fact answers", lang, q, spoken(a))
			}
		}
	}
}
