package language

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// spoken is a message and what it is read as.
type spoken struct {
	text string
	kind Kind
	ask  AnswerType
}

var messages = map[string][]spoken{
	"en": {
		{"hi there!", Greeting, 0}, {"hey, thanks a lot", Thanks, 0}, {"what can you do?", Help, 0}, {"help pls", Help, 0}, {"tl;dr", Overview, 0},
		{"what is this about?", Overview, 0}, {"when does the tournament start?", Asks, AskWhen}, {"where is the office", Asks, AskWhere},
		{"how much does the ticket cost?", Asks, AskMoney}, {"is the server down", Asks, AskYesNo}, {"who won the race?", Asks, AskWho},
	},
	"de": {
		{"moin leute", Greeting, 0}, {"Hallo, wie geht's?", Greeting, 0}, {"vielen Dank!", Thanks, 0}, {"ok danke", Thanks, 0},
		{"Was kannst du alles?", Help, 0}, {"wer bist du?", Help, 0}, {"wie stelle ich eine Frage?", Help, 0}, {"Worum geht es hier?", Overview, 0},
		{"worum gehts", Overview, 0}, {"tl;dr", Overview, 0}, {"weiß jemand wann das Turnier anfängt?", Asks, AskWhen},
		{"wo finde ich die regeln", Asks, AskWhere}, {"was kostet der Eintritt", Asks, AskMoney}, {"wie lange dauert das Turnier", Asks, AskHowLong},
		{"wie viele Spieler passen ins Team?", Asks, AskHowMany}, {"wie werde ich Moderator?", Asks, AskHow}, {"warum ist der Kanal gesperrt", Asks, AskWhy},
		{"darf ich meinen Hund mitbringen?", Asks, AskYesNo}, {"von wem ist das Logo", Asks, AskWho}, {"Wie heißt der Bürgermeister?", Asks, AskWhat},
	},
	"es": {
		{"hola a todos", Greeting, 0}, {"¡Buenos días!", Greeting, 0}, {"muchas gracias", Thanks, 0}, {"vale gracias", Thanks, 0},
		{"¿Qué puedes hacer?", Help, 0}, {"quien eres", Help, 0}, {"como hago una pregunta?", Help, 0}, {"¿De qué trata esto?", Overview, 0},
		{"de que va", Overview, 0}, {"alguien sabe cuando empieza el torneo?", Asks, AskWhen}, {"dnd esta el canal de musica", Asks, AskWhere},
		{"cuanto cuesta la entrada", Asks, AskMoney}, {"¿cuánto dura el torneo?", Asks, AskHowLong}, {"¿cuántos jugadores hay por equipo?", Asks, AskHowMany},
		{"como consigo el rol de moderador", Asks, AskHow}, {"por qué está cerrado el canal", Asks, AskWhy}, {"¿puedo llevar a mi perro?", Asks, AskYesNo},
		{"quién diseñó el logo?", Asks, AskWho},
	},
	"fr": {
		{"salut tout le monde", Greeting, 0}, {"Bonjour, ça va ?", Greeting, 0}, {"slt", Greeting, 0}, {"merci beaucoup", Thanks, 0}, {"ok merci", Thanks, 0},
		{"tu sais faire quoi ?", Help, 0}, {"t'es qui", Help, 0}, {"comment poser une question ?", Help, 0}, {"De quoi ça parle ?", Overview, 0},
		{"c'est quoi le sujet", Overview, 0}, {"quelqu'un sait quand commence le tournoi ?", Asks, AskWhen}, {"c où le salon musique", Asks, AskWhere},
		{"Où est la salle ?", Asks, AskWhere}, {"combien coûte l'entrée", Asks, AskMoney}, {"combien de temps dure le tournoi", Asks, AskHowLong},
		{"combien de joueurs par équipe ?", Asks, AskHowMany}, {"comment devenir modérateur", Asks, AskHow}, {"pk le salon est fermé", Asks, AskWhy},
		{"est-ce que je peux amener mon chien ?", Asks, AskYesNo}, {"qui a dessiné le logo", Asks, AskWho}, {"qu'est-ce qui change demain ?", Asks, AskWhat},
		{"le lundi ou le mardi ?", Asks, AskWhat},
	},
	"it": {
		{"ciao a tutti", Greeting, 0}, {"Buongiorno!", Greeting, 0}, {"grazie mille", Thanks, 0}, {"ok grazie", Thanks, 0}, {"cosa sai fare?", Help, 0},
		{"chi sei?", Help, 0}, {"come faccio una domanda?", Help, 0}, {"di cosa si tratta?", Overview, 0}, {"qualcuno sa quando inizia il torneo?", Asks, AskWhen},
		{"dov'è il canale musica", Asks, AskWhere}, {"quanto costa il biglietto", Asks, AskMoney}, {"quanto dura il torneo?", Asks, AskHowLong},
		{"quanti giocatori per squadra", Asks, AskHowMany}, {"come si diventa moderatore", Asks, AskHow}, {"xke il canale è chiuso", Asks, AskWhy},
		{"posso portare il cane?", Asks, AskYesNo}, {"chi ha disegnato il logo?", Asks, AskWho}, {"è vietato fumare nel locale?", Asks, AskYesNo},
	},
	"nl": {
		{"hoi allemaal", Greeting, 0}, {"Goedemorgen!", Greeting, 0}, {"dankjewel", Thanks, 0}, {"oké bedankt", Thanks, 0}, {"wat kan je allemaal?", Help, 0},
		{"wie ben jij", Help, 0}, {"hoe stel ik een vraag?", Help, 0}, {"waar gaat dit over?", Overview, 0}, {"weet iemand wanneer het toernooi begint?", Asks, AskWhen},
		{"hoe laat gaat de winkel open", Asks, AskWhen}, {"waar vind ik de regels", Asks, AskWhere}, {"wat kost een kaartje", Asks, AskMoney},
		{"hoe lang duurt het toernooi", Asks, AskHowLong}, {"hoeveel spelers per team?", Asks, AskHowMany}, {"hoe word ik moderator", Asks, AskHow},
		{"wrm is het kanaal dicht", Asks, AskWhy}, {"mag ik mijn hond meenemen?", Asks, AskYesNo}, {"is het waar dat de winkel dicht is", Asks, AskYesNo}, {"wie heeft het logo ontworpen", Asks, AskWho},
	},
	"pl": {
		{"siema wszystkim", Greeting, 0}, {"Dzień dobry!", Greeting, 0}, {"dzieki wielkie", Thanks, 0}, {"ok dzięki", Thanks, 0}, {"co potrafisz?", Help, 0},
		{"kim jesteś", Help, 0}, {"jak zadać pytanie?", Help, 0}, {"o co tu chodzi?", Overview, 0}, {"ocb", Overview, 0},
		{"wie ktoś kiedy zaczyna się turniej?", Asks, AskWhen}, {"o której otwarcie sklepu", Asks, AskWhen}, {"gdzie znajdę regulamin", Asks, AskWhere},
		{"ile kosztuje bilet", Asks, AskMoney}, {"jak długo trwa turniej", Asks, AskHowLong}, {"ilu graczy w drużynie?", Asks, AskHowMany},
		{"jak zostać moderatorem", Asks, AskHow}, {"czemu kanał jest zamknięty", Asks, AskWhy}, {"czy mogę zabrać psa?", Asks, AskYesNo},
		{"kto zaprojektował logo", Asks, AskWho},
	},
	"pt": {
		{"oi gente", Greeting, 0}, {"Bom dia!", Greeting, 0}, {"muito obrigado", Thanks, 0}, {"vlw", Thanks, 0}, {"o que vc faz?", Help, 0},
		{"quem é você?", Help, 0}, {"como faço uma pergunta?", Help, 0}, {"do que se trata?", Overview, 0}, {"alguém sabe quando começa o torneio?", Asks, AskWhen},
		{"onde fica o canal de música", Asks, AskWhere}, {"kd o canal de regras", Asks, AskWhere}, {"quanto custa o ingresso", Asks, AskMoney},
		{"quanto tempo dura o torneio?", Asks, AskHowLong}, {"quantos jogadores por time", Asks, AskHowMany}, {"como viro moderador", Asks, AskHow},
		{"pq o canal tá fechado", Asks, AskWhy}, {"posso levar meu cachorro?", Asks, AskYesNo}, {"quem desenhou o logo", Asks, AskWho},
	},
	"ja": {
		{"こんにちは！", Greeting, 0}, {"皆さん、こんにちは", Greeting, 0}, {"ありがとうございます！", Thanks, 0}, {"なるほど、ありがとう。", Thanks, 0},
		{"何ができますか？", Help, 0}, {"こんにちは！何ができますか？", Help, 0}, {"あなたは誰ですか", Help, 0}, {"使い方を教えて", Help, 0}, {"これは何ですか？", Overview, 0},
		{"要約して", Overview, 0}, {"大会はいつ始まりますか？", Asks, AskWhen}, {"会場はどこですか", Asks, AskWhere}, {"入場料はいくらですか？", Asks, AskMoney},
		{"大会は何時間かかりますか", Asks, AskHowLong}, {"1チームは何人ですか？", Asks, AskHowMany}, {"どうやってモデレーターになれますか", Asks, AskHow},
		{"なぜチャンネルが閉鎖されたのですか", Asks, AskWhy}, {"犬を連れて行ってもいいですか？", Asks, AskYesNo}, {"誰がロゴを作りましたか", Asks, AskWho},
		{"パスワードはいつも必要ですか", Asks, AskYesNo}, {"誰か大会の日程を知ってる人いますか", Asks, AskWhen},
	},
}

func TestEveryListReads(t *testing.T) {
	for _, tag := range Listed {
		w := listOf(tag)
		counts := map[string]int{
			"stop": len(w.stop), "asks": len(w.asks), "kinds": len(w.kinds), "filler": len(w.filler.byFirst), "pronoun": len(w.pronoun), "turn": len(w.turns),
			"lean": len(w.lean), "negation": len(w.negation), "soft": len(w.soft),
		}
		if !inPairs(tag) {
			counts["number"], counts["and"], counts["slang"] = len(w.number), len(w.and), len(w.slang)
		}
		for section, n := range counts {
			if n == 0 {
				t.Errorf("%s: nothing is listed as %s", tag, section)
			}
		}
		for x, digits := range w.number {
			if digits == "1" {
				t.Errorf("%s: %s is an article, too", tag, x)
			}
		}
		for x, forms := range w.slang {
			if len(forms) == 1 && forms[0] == x {
				t.Errorf("%s: %s is written out as itself", tag, x)
			}
		}
	}
}

func TestKindsAndAnswerTypes(t *testing.T) {
	for tag, list := range messages {
		l := Of(tag)
		for _, m := range list {
			r := l.Read(m.text, nil)
			if r.Kind != m.kind || m.kind == Asks && r.Type != m.ask {
				t.Errorf("%s: %q is %q, asks %s; want %q, %s", tag, m.text, r.Kind, r.Type, m.kind, m.ask)
			}
			if m.kind == Asks && len(r.Units) == 0 {
				t.Errorf("%s: %q has no topic", tag, m.text)
			}
		}
	}
}

func TestListedMessagesAreKnown(t *testing.T) {
	for _, tag := range Listed[1:] {
		l := Of(tag)
		for text, kind := range l.list.kinds {
			if got := l.Read(text, nil).Kind; got != kind {
				t.Errorf("%s: %q is %q, and listed as %q", tag, text, got, kind)
			}
		}
		for text := range l.list.turns {
			if r := l.Read(text, nil); !r.Leans() {
				t.Errorf("%s: %q does not lean", tag, text)
			}
		}
	}
}

func TestUnitsAreTheTopic(t *testing.T) {
	for _, c := range []struct{ tag, text, want string }{
		{"de", "kann mir jemand sagen wann das Turnier beginnt", "turnier beginnt"},
		{"de", "weiss jmd wo das turnier ist", "turnier"},
		{"es", "hola, alguien sabe xq cerraron el canal?", "cerraron canal"},
		{"fr", "bonjour, quelqu'un sait quand ouvre la boutique svp", "ouvre boutique"},
		{"it", "ciao, qualcuno sa quando apre il negozio", "apre negozio"},
		{"nl", "weet iemand wanneer de winkel opengaat", "winkel opengaat"},
		{"pl", "hej, wie ktoś kiedy otwierają sklep?", "otwieraja sklep"},
		{"pt", "oi, alguém sabe quando abre a loja?", "abre loja"},
		{"ja", "すみません、大会はいつですか？教えてください", "大会"},
	} {
		var got []string
		for _, u := range Of(c.tag).Read(c.text, nil).Units {
			if !u.Filler {
				got = append(got, u.Word)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q is about %q, want %q", c.tag, c.text, s, c.want)
		}
	}
}

func TestLeaning(t *testing.T) {
	for _, c := range []struct {
		tag, text string
		leans     bool
	}{
		{"en", "when?", true}, {"en", "and what about the finals?", true}, {"en", "does it cost anything extra", true}, {"en", "when does the shop open on sunday", false},
		{"de", "und wann?", true}, {"de", "und wie melde ich mein Team an", true}, {"de", "Wie melde ich ein Team zum Turnier an?", false}, {"de", "wann beginnt das Turnier", false},
		{"fr", "est-ce qu'il y a un tournoi dimanche", false}, {"nl", "is er een toernooi op zondag", false}, {"es", "quién está en el equipo de moderación", false},
		{"pt", "onde está a loja do servidor", false}, {"it", "là dove si gioca il torneo", false}, {"pt", "é de graça entrar no torneio", false},
		{"es", "¿por qué?", true}, {"es", "y para los equipos nuevos?", true}, {"es", "cuando abre la tienda el domingo", false},
		{"fr", "où ?", true}, {"fr", "et pour les équipes nouvelles ?", true}, {"fr", "quand ouvre la boutique le dimanche", false},
		{"it", "quando?", true}, {"it", "e se piove durante il torneo?", true}, {"it", "è aperto il negozio domenica?", false},
		{"nl", "waarom?", true}, {"nl", "en hoe zit het met de finale van zondag", true}, {"nl", "wanneer opent de winkel zondag", false},
		{"pl", "a kiedy?", true}, {"pl", "a co z finałem turnieju?", true}, {"pl", "kiedy otwierają sklep w niedzielę", false},
		{"pt", "quanto custa?", true}, {"pt", "e se chover durante o torneio?", true}, {"pt", "é obrigatório usar máscara na loja?", false},
		{"ja", "いつですか？", true}, {"ja", "じゃあ、大会の会場はどこ？", true}, {"ja", "その大会の賞品は何ですか", true}, {"ja", "大会の会場の住所はどこですか", false},
	} {
		r := Of(c.tag).Read(c.text, nil)
		if r.Leans() != c.leans {
			t.Errorf("%s: %q leans is %v (turn %v, opening %v, pronouns %d, %d units)", c.tag, c.text, r.Leans(), r.Turn, r.Opening, r.Pronouns, len(r.Units))
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		tag, text string
		parts     []string
	}{
		{"en", "where is the tournament and when does it start", []string{"where is the tournament", "when does it start"}},
		{"en", "when and where is the tournament", nil},
		{"de", "Wo ist das Turnier und wann beginnt es?", []string{"Wo ist das Turnier", "wann beginnt es?"}},
		{"de", "wann und wo ist das Turnier", nil},
		{"es", "donde es el torneo y cuando empieza", []string{"donde es el torneo", "cuando empieza"}},
		{"fr", "quand est le tournoi et combien ça coûte", []string{"quand est le tournoi", "combien ça coûte"}},
		{"it", "dove si gioca il torneo e quando inizia", []string{"dove si gioca il torneo", "quando inizia"}},
		{"nl", "waar is het toernooi en hoe laat begint het", []string{"waar is het toernooi", "hoe laat begint het"}},
		{"pl", "gdzie jest turniej i kiedy się zaczyna", []string{"gdzie jest turniej", "kiedy się zaczyna"}},
		{"pt", "onde é o torneio e quando começa", []string{"onde é o torneio", "quando começa"}},
		{"ja", "大会はいつですか？会場はどこですか？", []string{"大会はいつですか？", "会場はどこですか？"}},
	} {
		if got := Of(c.tag).Read(c.text, nil).Parts; !slices.Equal(got, c.parts) {
			t.Errorf("%s: %q has the parts %q, want %q", c.tag, c.text, got, c.parts)
		}
	}
}

func TestAsking(t *testing.T) {
	for _, c := range []struct{ tag, text, want string }{
		{"en", "I bought a ticket. How do I get in? Thanks.", "How do I get in?"},
		{"de", "Ich habe ein Ticket gekauft. Wo kann ich es abholen. Danke", "Wo kann ich es abholen."},
		{"ja", "昨日チケットを買いました。受け取りはどこでできますか。よろしくお願いします。", "受け取りはどこでできますか。"},
		{"en", "where is the office", ""},
	} {
		if got := Of(c.tag).Read(c.text, nil).Asking; got != c.want {
			t.Errorf("%s: of %q asks %q, want %q", c.tag, c.text, got, c.want)
		}
	}
}

func TestNegation(t *testing.T) {
	for tag, text := range map[string]string{
		"en": "why can't I post links", "de": "warum kann ich keine Links posten", "es": "por qué no puedo publicar enlaces", "fr": "pourquoi je peux pas poster de liens",
		"it": "perché non posso mandare link", "nl": "waarom kan ik geen links sturen", "pl": "czemu nie mogę wysyłać linków", "pt": "pq n consigo mandar links",
		"ja": "なぜリンクを送れないのですか",
	} {
		if r := Of(tag).Read(text, nil); !r.Neg {
			t.Errorf("%s: %q holds a negation", tag, text)
		}
	}
	if r := Of("ja").Read("知りませんか？大会の会場", nil); r.Neg {
		t.Error("a polite question is no negation")
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct{ text, likely, want string }{
		{"when does the shop open on sundays", "de", "en"}, {"wann macht der Laden am Sonntag auf", "en", "de"}, {"Wo finde ich die Regeln?", "en", "de"},
		{"cuando abre la tienda los domingos", "en", "es"}, {"cuando abre la tienda los domingos", "pt", "es"}, {"quand ouvre la boutique le dimanche", "en", "fr"},
		{"c'est où l'accueil ?", "en", "fr"}, {"quando è l'evento?", "en", "it"}, {"dov'è il canale della musica", "es", "it"}, {"wanneer gaat de winkel open", "en", "nl"},
		{"wanneer gaat de winkel open", "de", "nl"}, {"gdzie jest regulamin serwera", "en", "pl"}, {"onde fica o canal das regras do servidor", "es", "pt"},
		{"você sabe quando abre a loja", "en", "pt"}, {"大会はいつですか", "en", "ja"}, {"wifiのパスワードは？", "en", "ja"}, {"비밀번호가 뭐예요", "en", "ko"}, {"密码是多少", "en", "zh"},
		// These stay with the base's own.
		{"wifi password?", "de", "de"}, {"die event time?", "en", "en"}, {"die event time?", "de", "de"}, {"event?", "fr", "fr"}, {"no", "en", "en"}, {"", "pl", "pl"},
		{"was ist mit dem Update", "de", "de"}, {"minecraft server ip", "es", "es"}, {"who was the man in the video", "en", "en"}, {"営業時間", "ja", "ja"},
		{"idk ¯\\_(ツ)_/¯", "en", "en"}, {"what's the admin's name", "en", "en"}, {"how do i use the /claim command", "en", "en"}, {"does he have a plan", "en", "en"},
		{"is de Bruyne in the team", "en", "en"}, {"can I do a la carte", "en", "en"},
	} {
		if got := Detect(c.text, c.likely); got != c.want {
			t.Errorf("%q in a base of %s is %s, want %s", c.text, c.likely, got, c.want)
		}
	}
	for tag, list := range messages {
		for _, m := range list {
			if got := Detect(m.text, tag); got != tag {
				t.Errorf("%q in a base of %s is %s", m.text, tag, got)
			}
		}
	}
}

func TestCodes(t *testing.T) {
	for text, want := range map[string]string{
		"what does E403 mean": "e403", "error E-403": "e403", "since v2.3?": "2.3", "in 2.3.1 too": "2.3.1", "use /claim now": "claim", "pass --force": "force",
		"edit config.yml": "config.yml", "set MAX_USERS": "max_users", "E403 or E-403": "e403", "Fehler E403 in v2.3": "e403 2.3",
		"at 10am": "", "the 2nd of them": "", "5km away": "", "open 24/7": "", "costs 3.50": "", "and/or": "", "9-17": "", "1.200": "", "10-20km": "",
		"a 5-star hotel": "", "am 31.07.2024": "", "the 20th-century house": "", "18h": "", "20€": "", "is it up": "", "https and such": "", "大会は3回": "",
	} {
		if got := strings.Join(Codes(text), " "); got != want {
			t.Errorf("%q holds the codes %q, want %q", text, got, want)
		}
	}
	if Shape("e403") != Shape("e404") || Shape("e403") == Shape("x403") {
		t.Error("codes of one shape differ in their digits only")
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ tag, text, want string }{
		{"en", "open until 31 July", "7/31 until"}, {"en", "on July 31st", "7/31"}, {"en", "the 2nd of May", "5/2"}, {"en", "from 1 August on", "8/1 from"},
		{"en", "from 1 May until 5 June", "5/1 from, 6/5 until"}, {"en", "3 to 5 July", "7/3 from, 7/5 until"}, {"en", "5 out of 10", ""}, {"en", "set 5 alarms", ""},
		{"en", "what can I do on 3 May", "5/3"},
		{"de", "bis zum 31. Juli", "7/31 until"}, {"de", "ab 1. März", "3/1 from"}, {"de", "1. Mai bis 5. Juni", "5/1 from, 6/5 until"},
		{"es", "hasta el 31 de julio", "7/31 until"}, {"es", "la lista de los jugadores del 5 de mayo", "5/5"}, {"fr", "jusqu'au 31 juillet", "7/31 until"},
		{"fr", "à partir du 1er août", "8/1 from"}, {"fr", "la liste des joueurs le 5 mai", "5/5"}, {"it", "fino al 31 luglio", "7/31 until"}, {"nl", "vanaf 1 augustus", "8/1 from"},
		{"pl", "do 31 lipca", "7/31 until"}, {"pl", "od 5 lutego", "2/5 from"}, {"pl", "5 czerwonych", ""}, {"pt", "até 31 de julho", "7/31 until"},
		{"pt", "a data da festa 5 de maio", "5/5"}, {"ja", "7月31日まで", "7/31 until"}, {"ja", "8月1日から", "8/1 from"}, {"en", "in July 2024", ""},
	} {
		var got []string
		for _, d := range Of(c.tag).Dates(c.text) {
			s := fmt.Sprintf("%d/%d", (d.Day-1)/31+1, (d.Day-1)%31+1)
			got = append(got, s+map[Span]string{Until: " until", From: " from"}[d.Span])
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q names %q, want %q", c.tag, c.text, s, c.want)
		}
	}
}

func TestCovers(t *testing.T) {
	en := Of("en")
	for _, c := range []struct {
		fact, asked string
		want        int
	}{
		{"until 31 July", "on 3 July", 1}, {"until 31 July", "on 3 August", -1}, {"from 1 August", "on 3 August", 1}, {"from 1 August", "on 31 July", -1},
		{"on 3 July", "on 3 July", 1}, {"on 3 July", "on 4 July", 0}, {"on 3 July", "in July", 0}, {"no date", "on 3 July", 0},
		{"from 1 May until 5 June", "on 10 May", 1}, {"from 1 May until 5 June", "on 1 July", -1}, {"from 1 May until 5 June", "on 30 April", -1},
		{"from 20 December until 6 January", "on 2 January", 1}, {"from 20 December until 6 January", "on 2 July", -1},
	} {
		if got := Covers(en.Dates(c.fact), en.Dates(c.asked)); got != c.want {
			t.Errorf("%q covers %q: %d, want %d", c.fact, c.asked, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"<@123> when **is** it?": "when is it?", "see https://example.org/x?y  now": "see now", "a ```go\nx := 1\n``` b": "a b", "zero\u200bwidth": "zerowidth",
		"<:smile:12> hi <#99>": "hi", "a\n\n b\t c": "a b c", "bad \xff byte": "bad byte", "||spoiler||": "spoiler", "3 < 5": "3 < 5", "  ": "",
	} {
		if got := Clean(text); got != want {
			t.Errorf("%q is cleaned to %q, want %q", text, got, want)
		}
	}
	if got := Clean(strings.Repeat("ä", MaxText)); len(got) > MaxText || strings.ContainsRune(got, '\ufffd') {
		t.Errorf("a long text is cut to %d bytes, in a character", len(got))
	}
}

func TestFold(t *testing.T) {
	for raw, want := range map[string]string{
		"Über": "uber", "Straße": "strasse", "CAFÉ": "cafe", "Łódź": "lodz", "l’été": "lete", "Anna's": "anna", "U.S": "us", "don't": "dont", "3.5": "3.5", "ＡＢ１": "ab1",
		"が": "が", "ガ": "ガ", "ñandú": "nandu", "œuvre": "oeuvre", "": "",
	} {
		if got := Fold(raw); got != want {
			t.Errorf("%q is folded to %q, want %q", raw, got, want)
		}
	}
}

func TestMender(t *testing.T) {
	known := wordSet("tournament start open opening when form from does the shop cat")
	m := NewMender([]string{"tournament", "minecraft", "whitelist"}, NewDictionary([]string{"when", "from", "opening", "start"}, func(w string) bool { return known[w] }))
	for _, c := range []struct{ text, want string }{
		{"tournment", "tournament"}, {"tounrament", "tournament"}, {"whitelsit", "whitelist"}, {"whne", "when"}, {"strat", "start"}, {"openin", "opening"},
		{"form", ""}, {"shop", ""}, {"xyzzy", ""}, {"E403", ""}, {"TOURNMENT", ""}, {"cta", ""},
	} {
		if got := m.Mend(Of("en").Tokens(c.text)[0]); got != c.want {
			t.Errorf("%q is mended to %q, want %q", c.text, got, c.want)
		}
	}
	r := Of("en").Read("whne does the tournment strat?", m.Mend)
	if r.Mended != "when does the tournament start?" || r.Type != AskWhen {
		t.Errorf("the question is mended to %q, and asks %s", r.Mended, r.Type)
	}
}

func TestReadTakesAnything(t *testing.T) {
	for _, tag := range append([]string{"", "zh", "ko", "sv", "xx", "pt-BR"}, Listed...) {
		l := Of(tag)
		for _, text := range []string{"", "?", "\xff\xfe", "いつ", "'", "’s", "...", "/", "--", "1", strings.Repeat("when ", 500), "と\u3099", "🙂🙂", "a'b'c"} {
			l.Read(text, nil)
			Detect(text, tag)
		}
	}
}
