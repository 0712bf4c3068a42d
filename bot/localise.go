package bot

import (
	"fmt"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// Phrases are the bot's own words in one language. What comes from the facts stays in the facts' language.
//
// A phrase with %s or %d takes the same ones, in the same order, in every language.
type phrases struct {
	// Buttons, at most 80 characters.
	InContext, Why, FollowUp, Share, None, Back, More string

	// Lines about an answer.
	ReadAs       string // %s: the question as it was read
	Disputed     string // above facts that disagree, two or more
	Superseded   string // %s: by which fact
	SupersededOn string // %s: the day, %s: by which fact
	SupersededIn string // %s: the month or year, %s: by which fact
	MoreSources  string // %d: how many more, %s: the command that shows them
	Corrected    string // below a sentence that was put right. %s: the day, %s: what it said before
	CorrectedOn  string // the same where what it said before can't be told. %s: the day
	Amended      string // below a sentence whose words are the same, but not its source, date or status. %s: the day
	WithdrawnOn  string // below a sentence that is struck out. %s: the day
	DidYouMean   string
	Nearest      string // above the nearest questions

	// Instead of an answer.
	Declined      string
	DeclinedWord  string // %s: the word or words that no fact covers, in quotation marks
	StillOpen     string // above an answer to several questions: those that have none; %s
	DeclinedNone  string // after "None of these"
	Greeting      string
	Thanks        string
	Unreadable    string
	TooLong       string // %d: characters
	TooFast       string // %s: when to try again, as "in 5 seconds"
	TooFastHere   string // the same for a whole channel
	TookTooLong   string
	CantRead      string // another member's message whose text Discord keeps back
	RoleMentioned string // the bot's role was mentioned, and Discord keeps the text back. %s: the mention of the bot
	NothingToAsk  string // a message command on a message without text
	NotYours      string // somebody else's 🗑
	NotYourChoice string // somebody else's "None of these"
	Gone          string // the fact is no longer there
	QuestionGone  string
	Shared        string // on the private message once it was shared
	CantShare     string // the server lets no app of a member's own write for all
	NoSuchFact    string // %s: the id
	OldButton     string // of a footnote that was, or not on this message
	OldForm       string
	OldCommand    string

	// In context, and why.
	ContextTitle string // %s: the source's title
	ContextNone  string
	WhyTitle     string
	WhyAsked     string // %s: the question
	WhyMatched   string // %s: words
	WhyUncovered string // %s: words
	WhyOverview  string
	WhyPicked    string // it was picked by hand, or the facts have changed since
	WhyRunnerUp  string
	WhyAlone     string // nothing else came near

	// Votes.
	VotedUp, VotedDown string
	DownTitle          string // at most 45 characters
	DownReason         string // at most 45 characters
	DownNote           string // at most 45 characters
	Reasons            [4]string

	// The form for a follow-up.
	FollowTitle, FollowLabel string // at most 45 characters
	FollowHint               string // at most 100 characters

	// Browsing.
	TopicsTitle string    // %s: FactCount, %s: TopicCount
	TopicsPick  string    // placeholder, at most 150 characters
	TopicTitle  string    // %s: the topic, %s: FactCount
	FactPick    string    // placeholder
	FactCount   [2]string // %d: how many; of one, and of any other number; at most 100 characters
	TopicCount  [2]string // the same
	Sources     string    // %d: sources
	CitedBy     string    // %s: FactCount
	Page        string    // %d of %d
	NoFacts     string
	AllTopics   string // button
	Answers     string // %s: questions that a fact answers
	Help        string // %s: the mention of the bot

	// Gaps.
	TellMe       string // button
	TellHere     string // the wish is kept: here, or in a direct message
	TellDirectly string
	TellAlready  string
	TellFull     string
	ToldNow      string // %s: a mention of the member who waited
	OutOfScope   string
	NotKept      string // the journal takes no writes
	NotDeleted   string // the same, of what a member wants deleted

	// Where moderators have switched the bot off.
	OffHere, OffServer string

	// Privacy.
	Privacy                                string // %d: days
	PrivacyKept                            string // %d: answers, questions, votes, wishes, direct message channels
	PrivacyNothing, PrivacyDone            string
	PrivacyDelete, PrivacySure, PrivacyYes string // button, question, button
}

// count says how many there are, in the form of the language for the number.
func count(forms [2]string, n int) string {
	if n == 1 {
		return fmt.Sprintf(forms[0], n)
	}
	return fmt.Sprintf(forms[1], n)
}

// speak returns the phrases for one of Discord's locales, English where it has none of its own.
func speak(locale string) *phrases {
	language, _, _ := strings.Cut(locale, "-")
	if p := languages[language]; p != nil {
		return p
	}
	return languages["en"]
}

// language gives the key of the phrases in languages.
func (p *phrases) language() string {
	for l, q := range languages {
		if p == q {
			return l
		}
	}
	return ""
}

// languages are by the first part of Discord's locales. They are never changed.
var languages = map[string]*phrases{
	"en": {
		InContext: "In context", Why: "Why this?", FollowUp: "Follow up", Share: "Share in channel", None: "None of these", Back: "Back", More: "More",
		ReadAs:        "Read as: “%s”",
		Disputed:      "This is disputed; here is each side with its date:",
		Superseded:    "Out of date: superseded by %s",
		SupersededOn:  "Out of date: superseded on %s by %s",
		SupersededIn:  "Out of date: superseded in %s by %s",
		MoreSources:   "and %d more: %s",
		Corrected:     "Corrected on %s; it said before: “%s”",
		CorrectedOn:   "Corrected on %s",
		Amended:       "Its source, date or status was corrected on %s",
		WithdrawnOn:   "Withdrawn on %s: the facts no longer say this",
		DidYouMean:    "Which of these do you mean?",
		Nearest:       "The nearest questions that they do answer:",
		Declined:      "The facts don't say.",
		DeclinedWord:  "The facts don't say: none of them covers %s.",
		StillOpen:     "I have no sure answer to “%s”.",
		DeclinedNone:  "Then the facts don't say.",
		Greeting:      "Hello! Ask me a question, and I answer with sentences from the facts, each with its source.",
		Thanks:        "You're welcome!",
		Unreadable:    "I can't read a question in that. Ask me in words, like: what is this about?",
		TooLong:       "That is too long for me: I read questions of at most %d characters.",
		TooFast:       "That is a lot of questions. Please ask again %s.",
		TooFastHere:   "There are a lot of questions in this channel just now. Please ask again %s.",
		TookTooLong:   "That took me too long. Please ask again.",
		CantRead:      "Discord doesn't let me read that message. Right-click it (or hold it) and choose Apps, then “Ask the facts”.",
		RoleMentioned: "You mentioned my role, and then Discord doesn't show me your words. Mention me myself, %s, with your question, or use `/ask`.",
		NothingToAsk:  "There is no text in that message that I could look up.",
		NotYours:      "Only who asked, or a moderator, can remove this.",
		NotYourChoice: "Only who asked can choose that. Ask me yourself with `/ask`.",
		Gone:          "That fact is no longer among the facts.",
		QuestionGone:  "The question is no longer there, so I can't tell how it was read.",
		Shared:        "Shared in the channel.",
		CantShare:     "This server doesn't let apps that members bring along write for everybody. You can copy the answer.",
		OldCommand:    "I don't have that command any more. `/help` says what I do.",
		OldForm:       "This form is no longer taken. Please ask anew.",
		OldButton:     "This button no longer does anything. Please ask anew.",
		NoSuchFact:    "There is no fact called %s. Begin to type, and I suggest some.",
		ContextTitle:  "Around it in %s:",
		ContextNone:   "The facts hold nothing else from this source.",
		WhyTitle:      "Why this answer",
		WhyAsked:      "The question: “%s”",
		WhyMatched:    "Words of it that the sentence, or a question it is known to answer, covers: %s",
		WhyUncovered:  "Words of it that this sentence doesn't cover: %s",
		WhyOverview:   "It asks what this is about; these are the facts that the moderators chose to say so.",
		WhyPicked:     "Asked today, this question would not bring this sentence first: it was picked by hand, or the facts have changed.",
		WhyRunnerUp:   "Next best would have been:",
		WhyAlone:      "No other fact came near.",
		VotedUp:       "Thank you!", VotedDown: "Thank you. The moderators will look at it; it changes nothing by itself.",
		DownTitle: "What is wrong with this answer?", DownReason: "What is wrong?", DownNote: "Anything the moderators should know?",
		Reasons:     [4]string{"It is wrong", "It is off-topic", "It is outdated", "The source does not say this"},
		FollowTitle: "Follow up", FollowLabel: "Your question", FollowHint: "For example: and when?",
		TopicsTitle: "%s on %s.", TopicsPick: "Choose a topic", TopicTitle: "%s: %s", FactPick: "Choose a fact to read it with its sources",
		FactCount: [2]string{"%d fact", "%d facts"}, TopicCount: [2]string{"%d topic", "%d topics"}, Sources: "Sources: %d", CitedBy: "cited by %s", Page: "page %d of %d", NoFacts: "There are no facts yet.",
		AllTopics: "All topics", Answers: "Answers: %s",
		Help: "**I answer questions with sentences from the facts that the moderators keep, and cite every one.** I make nothing up: when the facts don't say, I tell you so.\n" +
			"• `/ask` asks me, in public or just for yourself. Or mention me: %s and your question. Or write to me directly.\n" +
			"• Reply to my answer, or press **Follow up**, to ask on: “and when?”\n" +
			"• On anybody's message: Apps, then **Ask the facts**.\n" +
			"• `/topics` shows what there is, `/fact` one fact, `/sources` where it all comes from.\n" +
			"-# 👍 and 👎 go to the moderators. 🗑 removes an answer of mine to you. I ping nobody.",
		TellMe:       "Tell me when known",
		TellHere:     "I'll tell you here as soon as the facts say.",
		TellDirectly: "I'll write to you as soon as the facts say.",
		TellAlready:  "You are on the list for that already.",
		TellFull:     "You wait for as many answers already as I keep for one member.",
		ToldNow:      "%s, you asked to be told. Now the facts say:",
		NotDeleted:   "I can't delete that just now, or not all of it: my storage takes no changes. My operator can see it; please try again later.",
		NotKept:      "I can't keep that just now: my storage takes nothing. My operator can see it; please try again later.",
		OutOfScope:   "That is outside what these facts are about.",
		OffHere:      "I don't answer in this channel. Where I do is for the moderators of this server to choose.",
		OffServer:    "The moderators of this server have switched me off.",
		Privacy: "**What I keep of you**\n" +
			"• Of answers I post for you: the ids of the message, of the facts in it, and yours, so that corrections reach it.\n" +
			"• Questions that the facts could not answer: their text, where and when you asked. Moderators see them, without your name.\n" +
			"• Your 👍 and 👎 with what you wrote beside; and a question of yours that was misunderstood: where you picked another, or said off-topic.\n" +
			"• What you asked to be told, till you are.\n" +
			"• Where you write to me directly: the ids of that channel and of its last message, to answer after a restart what you asked meanwhile. Of other channels the last message's id, not whose it is.\n" +
			"All that is deleted after %d days. For two days I keep how many new such questions you asked. Of all else you write I keep nothing. If you edit facts, the log of edits names you.",
		PrivacyKept:    "Of yours I keep now: %d answers, %d questions, %d votes, %d wishes to be told, %d direct message channels.",
		PrivacyNothing: "Of yours I keep nothing.",
		PrivacyDelete:  "Delete mine",
		PrivacySure:    "Shall I delete all that? It can't be taken back, and you won't be told what you asked to be told.",
		PrivacyYes:     "Yes, delete it",
		PrivacyDone:    "Done. I have deleted your questions, votes and wishes, and forgotten that those answers were for you and where you write to me.",
	},
	"de": {
		InContext: "Im Zusammenhang", Why: "Warum das?", FollowUp: "Nachfragen", Share: "Im Kanal teilen", None: "Nichts davon", Back: "Zurück", More: "Weiter",
		ReadAs:        "Gelesen als: „%s“",
		Disputed:      "Das ist umstritten; hier jede Seite mit ihrem Datum:",
		Superseded:    "Veraltet: ersetzt durch %s",
		SupersededOn:  "Veraltet: ersetzt am %s durch %s",
		SupersededIn:  "Veraltet: ersetzt (%s) durch %s",
		MoreSources:   "und %d weitere: %s",
		Corrected:     "Berichtigt am %s; vorher stand hier: „%s“",
		CorrectedOn:   "Berichtigt am %s",
		Amended:       "Quelle, Datum oder Stand berichtigt am %s",
		WithdrawnOn:   "Zurückgezogen am %s: Die Fakten sagen das nicht mehr",
		DidYouMean:    "Welche dieser Fragen meinst du?",
		Nearest:       "Die nächsten Fragen, die sie beantworten:",
		Declined:      "Das sagen die Fakten nicht.",
		DeclinedWord:  "Das sagen die Fakten nicht: keiner behandelt %s.",
		StillOpen:     "Auf „%s“ habe ich keine sichere Antwort.",
		DeclinedNone:  "Dann sagen die Fakten es nicht.",
		Greeting:      "Hallo! Stell mir eine Frage, und ich antworte mit Sätzen aus den Fakten, jeder mit seiner Quelle.",
		Thanks:        "Gern geschehen!",
		Unreadable:    "Darin kann ich keine Frage lesen. Frag mich in Worten, etwa: worum geht es?",
		TooLong:       "Das ist zu lang für mich: Ich lese Fragen bis zu %d Zeichen.",
		TooFast:       "Das sind viele Fragen. Bitte frag %s noch einmal.",
		TooFastHere:   "In diesem Kanal gibt es gerade viele Fragen. Bitte frag %s noch einmal.",
		TookTooLong:   "Das hat mir zu lange gedauert. Bitte frag noch einmal.",
		CantRead:      "Discord lässt mich diese Nachricht nicht lesen. Klicke sie rechts an (oder halte sie gedrückt) und wähle Apps, dann „Fakten fragen“.",
		RoleMentioned: "Du hast meine Rolle erwähnt, und dann zeigt Discord mir deine Worte nicht. Erwähne mich selbst, %s, mit deiner Frage, oder nimm `/ask`.",
		NothingToAsk:  "In dieser Nachricht steht kein Text, den ich nachschlagen könnte.",
		NotYours:      "Nur wer gefragt hat oder die Moderation kann das entfernen.",
		NotYourChoice: "Das kann nur wählen, wer gefragt hat. Frag mich selbst mit `/ask`.",
		Gone:          "Diesen Fakt gibt es nicht mehr.",
		QuestionGone:  "Die Frage ist nicht mehr da, also kann ich nicht sagen, wie sie gelesen wurde.",
		Shared:        "Im Kanal geteilt.",
		CantShare:     "Auf diesem Server dürfen Apps, die Mitglieder mitbringen, nicht für alle schreiben. Du kannst die Antwort kopieren.",
		OldCommand:    "Diesen Befehl habe ich nicht mehr. `/help` sagt, was ich tue.",
		OldForm:       "Dieses Formular wird nicht mehr angenommen. Bitte frag neu.",
		OldButton:     "Dieser Knopf bewirkt nichts mehr. Bitte frag neu.",
		NoSuchFact:    "Es gibt keinen Fakt namens %s. Fang an zu tippen, und ich schlage welche vor.",
		ContextTitle:  "Ringsum in %s:",
		ContextNone:   "Aus dieser Quelle enthalten die Fakten sonst nichts.",
		WhyTitle:      "Warum diese Antwort",
		WhyAsked:      "Die Frage: „%s“",
		WhyMatched:    "Wörter daraus, die der Satz oder eine Frage, die er bekanntlich beantwortet, abdeckt: %s",
		WhyUncovered:  "Wörter daraus, die dieser Satz nicht abdeckt: %s",
		WhyOverview:   "Gefragt ist, worum es geht; das sagen diese Fakten, die die Moderation dafür gewählt hat.",
		WhyPicked:     "Heute gestellt, brächte diese Frage nicht diesen Satz zuerst: Er wurde von Hand gewählt, oder die Fakten haben sich geändert.",
		WhyRunnerUp:   "Das Nächstbeste wäre gewesen:",
		WhyAlone:      "Kein anderer Fakt kam in die Nähe.",
		VotedUp:       "Danke!", VotedDown: "Danke. Die Moderation sieht es sich an; von selbst ändert sich nichts.",
		DownTitle: "Was stimmt an dieser Antwort nicht?", DownReason: "Was stimmt nicht?", DownNote: "Was sollte die Moderation wissen?",
		Reasons:     [4]string{"Sie ist falsch", "Sie passt nicht zur Frage", "Sie ist veraltet", "Die Quelle sagt das nicht"},
		FollowTitle: "Nachfragen", FollowLabel: "Deine Frage", FollowHint: "Zum Beispiel: und wann?",
		TopicsTitle: "%s zu %s.", TopicsPick: "Wähle ein Thema", TopicTitle: "%s: %s", FactPick: "Wähle einen Fakt, um ihn mit seinen Quellen zu lesen",
		FactCount: [2]string{"%d Fakt", "%d Fakten"}, TopicCount: [2]string{"%d Thema", "%d Themen"}, Sources: "Quellen: %d", CitedBy: "von %s zitiert", Page: "Seite %d von %d", NoFacts: "Es gibt noch keine Fakten.",
		AllTopics: "Alle Themen", Answers: "Beantwortet: %s",
		Help: "**Ich beantworte Fragen mit Sätzen aus den Fakten, die die Moderation pflegt, und belege jeden.** Ich erfinde nichts: Wenn die Fakten etwas nicht sagen, sage ich das.\n" +
			"• `/ask` fragt mich, öffentlich oder nur für dich. Oder erwähne mich: %s und deine Frage. Oder schreib mir direkt.\n" +
			"• Antworte auf meine Antwort oder drücke **Nachfragen**, um weiterzufragen: „und wann?“\n" +
			"• An jeder Nachricht: Apps, dann **Fakten fragen**.\n" +
			"• `/topics` zeigt, was es gibt, `/fact` einen Fakt, `/sources`, woher alles kommt.\n" +
			"-# 👍 und 👎 gehen an die Moderation. 🗑 entfernt eine Antwort von mir an dich. Ich pinge niemanden.",
		TellMe:       "Sag mir, wenn es bekannt ist",
		TellHere:     "Ich sage es dir hier, sobald die Fakten es sagen.",
		TellDirectly: "Ich schreibe dir, sobald die Fakten es sagen.",
		TellAlready:  "Dafür stehst du schon auf der Liste.",
		TellFull:     "Du wartest schon auf so viele Antworten, wie ich für ein Mitglied aufhebe.",
		ToldNow:      "%s, du wolltest es erfahren. Jetzt sagen die Fakten:",
		NotDeleted:   "Das kann ich gerade nicht löschen, oder nicht alles: Mein Speicher nimmt keine Änderung an. Wer mich betreibt, sieht es; bitte versuch es später noch einmal.",
		NotKept:      "Das kann ich gerade nicht aufheben: Mein Speicher nimmt nichts an. Wer mich betreibt, sieht es; bitte versuch es später noch einmal.",
		OutOfScope:   "Davon handeln diese Fakten nicht.",
		OffHere:      "In diesem Kanal antworte ich nicht. Wo ich antworte, bestimmt die Moderation dieses Servers.",
		OffServer:    "Die Moderation dieses Servers hat mich abgeschaltet.",
		Privacy: "**Was ich von dir aufhebe**\n" +
			"• Von Antworten, die ich für dich schreibe: die Kennungen der Nachricht, der Fakten darin und deine, damit Berichtigungen sie erreichen.\n" +
			"• Fragen, die die Fakten nicht beantworten konnten: ihren Text, wo und wann du gefragt hast. Die Moderation sieht sie, ohne deinen Namen.\n" +
			"• Deine 👍 und 👎 mit dem, was du dazu geschrieben hast; und deine Frage, wo sie missverstanden wurde: wo du eine andere gewählt oder „passt nicht“ gesagt hast.\n" +
			"• Was du erfahren wolltest, bis du es erfährst.\n" +
			"• Wo du mir direkt schreibst: die Kennungen dieses Kanals und seiner letzten Nachricht, um nach einem Neustart zu beantworten, was du inzwischen gefragt hast. Von anderen Kanälen die Kennung der letzten Nachricht, nicht, von wem sie ist.\n" +
			"All das wird nach %d Tagen gelöscht. Zwei Tage lang hebe ich auf, wie viele neue solche Fragen du gestellt hast. Von allem anderen, was du schreibst, hebe ich nichts auf. Bearbeitest du Fakten, nennt dich das Protokoll.",
		PrivacyKept:    "Von dir habe ich jetzt: %d Antworten, %d Fragen, %d Stimmen, %d Wünsche, etwas zu erfahren, %d Direktnachrichten-Kanäle.",
		PrivacyNothing: "Von dir habe ich nichts.",
		PrivacyDelete:  "Meines löschen",
		PrivacySure:    "Soll ich all das löschen? Es lässt sich nicht zurücknehmen, und was du erfahren wolltest, erfährst du dann nicht.",
		PrivacyYes:     "Ja, löschen",
		PrivacyDone:    "Erledigt. Deine Fragen, Stimmen und Wünsche sind gelöscht, und für wen jene Antworten waren und wo du mir schreibst, ist vergessen.",
	},
	"fr": {
		InContext: "En contexte", Why: "Pourquoi ?", FollowUp: "Poursuivre", Share: "Partager dans le salon", None: "Aucune de celles-ci", Back: "Retour", More: "Suite",
		ReadAs:        "Lue ainsi : « %s »",
		Disputed:      "C'est contesté ; voici chaque version avec sa date :",
		Superseded:    "Dépassé : remplacé par %s",
		SupersededOn:  "Dépassé : remplacé (%s) par %s",
		SupersededIn:  "Dépassé : remplacé (%s) par %s",
		MoreSources:   "et %d autres : %s",
		Corrected:     "Corrigé (%s) ; auparavant : « %s »",
		CorrectedOn:   "Corrigé (%s)",
		Amended:       "Source, date ou statut corrigés (%s)",
		WithdrawnOn:   "Retiré (%s) : les faits ne le disent plus",
		DidYouMean:    "Laquelle de ces questions voulez-vous poser ?",
		Nearest:       "Les questions les plus proches auxquelles ils répondent :",
		Declined:      "Les faits n'en disent rien.",
		DeclinedWord:  "Les faits n'en disent rien : aucun ne porte sur %s.",
		StillOpen:     "Je n'ai pas de réponse sûre à « %s ».",
		DeclinedNone:  "Alors les faits n'en disent rien.",
		Greeting:      "Bonjour ! Posez-moi une question : je réponds par des phrases tirées des faits, chacune avec sa source.",
		Thanks:        "Je vous en prie !",
		Unreadable:    "Je n'y trouve pas de question. Posez-la avec des mots, par exemple : de quoi s'agit-il ?",
		TooLong:       "C'est trop long pour moi : je lis des questions d'au plus %d caractères.",
		TooFast:       "Cela fait beaucoup de questions. Réessayez %s.",
		TooFastHere:   "Il y a beaucoup de questions dans ce salon en ce moment. Réessayez %s.",
		TookTooLong:   "Cela m'a pris trop de temps. Veuillez reposer la question.",
		CantRead:      "Discord ne me laisse pas lire ce message. Faites un clic droit (ou un appui long) dessus, puis Applications et « Interroger les faits ».",
		RoleMentioned: "Vous avez mentionné mon rôle, et Discord ne me montre alors pas vos mots. Mentionnez-moi directement, %s, avec votre question, ou utilisez `/ask`.",
		NothingToAsk:  "Ce message ne contient pas de texte que je puisse chercher.",
		NotYours:      "Seuls l'auteur de la question et la modération peuvent supprimer ceci.",
		NotYourChoice: "Seul l'auteur de la question peut choisir cela. Interrogez-moi avec `/ask`.",
		Gone:          "Ce fait ne figure plus parmi les faits.",
		QuestionGone:  "La question n'est plus là : je ne peux pas dire comment elle a été lue.",
		Shared:        "Partagé dans le salon.",
		CantShare:     "Sur ce serveur, les applications que les membres apportent ne peuvent pas écrire pour tous. Vous pouvez copier la réponse.",
		OldCommand:    "Je n'ai plus cette commande. `/help` dit ce que je fais.",
		OldForm:       "Ce formulaire n'est plus accepté. Veuillez reposer la question.",
		OldButton:     "Ce bouton ne fait plus rien. Veuillez reposer la question.",
		NoSuchFact:    "Il n'y a pas de fait nommé %s. Commencez à taper, et j'en propose.",
		ContextTitle:  "Autour, dans %s :",
		ContextNone:   "Les faits ne contiennent rien d'autre de cette source.",
		WhyTitle:      "Pourquoi cette réponse",
		WhyAsked:      "La question : « %s »",
		WhyMatched:    "Ses mots que couvre la phrase, ou une question à laquelle elle répond : %s",
		WhyUncovered:  "Ses mots que cette phrase ne couvre pas : %s",
		WhyOverview:   "On demande de quoi il s'agit ; ce sont les faits que la modération a choisis pour le dire.",
		WhyPicked:     "Posée aujourd'hui, cette question ne donnerait pas cette phrase en premier : elle a été choisie à la main, ou les faits ont changé.",
		WhyRunnerUp:   "Venait ensuite :",
		WhyAlone:      "Aucun autre fait ne s'en approchait.",
		VotedUp:       "Merci !", VotedDown: "Merci. La modération va regarder ; rien ne change tout seul.",
		DownTitle: "Qu'est-ce qui ne va pas dans la réponse ?", DownReason: "Qu'est-ce qui ne va pas ?", DownNote: "Une précision pour la modération ?",
		Reasons:     [4]string{"Elle est fausse", "Elle est hors sujet", "Elle est dépassée", "La source ne dit pas cela"},
		FollowTitle: "Poursuivre", FollowLabel: "Votre question", FollowHint: "Par exemple : et quand ?",
		TopicsTitle: "%s sur %s.", TopicsPick: "Choisissez un sujet", TopicTitle: "%s : %s", FactPick: "Choisissez un fait pour le lire avec ses sources",
		FactCount: [2]string{"%d fait", "%d faits"}, TopicCount: [2]string{"%d sujet", "%d sujets"}, Sources: "Sources : %d", CitedBy: "citée par %s", Page: "page %d sur %d", NoFacts: "Il n'y a pas encore de faits.",
		AllTopics: "Tous les sujets", Answers: "Répond à : %s",
		Help: "**Je réponds aux questions par des phrases tirées des faits que tient la modération, et je cite chacune.** Je n'invente rien : quand les faits ne disent rien, je le dis.\n" +
			"• `/ask` m'interroge, en public ou pour vous seul. Ou mentionnez-moi : %s et votre question. Ou écrivez-moi en privé.\n" +
			"• Répondez à ma réponse, ou appuyez sur **Poursuivre**, pour continuer : « et quand ? »\n" +
			"• Sur n'importe quel message : Applications, puis **Interroger les faits**.\n" +
			"• `/topics` montre ce qu'il y a, `/fact` un fait, `/sources` d'où tout vient.\n" +
			"-# 👍 et 👎 vont à la modération. 🗑 supprime une réponse que je vous ai faite. Je ne notifie personne.",
		TellMe:       "Me prévenir quand on saura",
		TellHere:     "Je vous préviendrai ici dès que les faits le diront.",
		TellDirectly: "Je vous écrirai dès que les faits le diront.",
		TellAlready:  "Vous êtes déjà sur la liste pour cela.",
		TellFull:     "Vous attendez déjà autant de réponses que j'en garde pour un membre.",
		ToldNow:      "%s, vous vouliez le savoir. Voici ce que disent maintenant les faits :",
		NotDeleted:   "Je ne peux pas supprimer cela en ce moment, ou pas tout : mon stockage n'accepte aucun changement. Mon opérateur le voit ; réessayez plus tard.",
		NotKept:      "Je ne peux pas garder cela en ce moment : mon stockage n'accepte rien. Mon opérateur le voit ; réessayez plus tard.",
		OutOfScope:   "Ce n'est pas le sujet de ces faits.",
		OffHere:      "Je ne réponds pas dans ce salon. C'est la modération de ce serveur qui choisit où je réponds.",
		OffServer:    "La modération de ce serveur m'a désactivé.",
		Privacy: "**Ce que je garde de vous**\n" +
			"• Des réponses que je poste pour vous : les identifiants du message, des faits qu'il contient et le vôtre, pour que les corrections l'atteignent.\n" +
			"• Les questions auxquelles les faits n'ont pas pu répondre : leur texte, où et quand vous les avez posées. La modération les voit, sans votre nom.\n" +
			"• Vos 👍 et 👎 avec ce que vous avez écrit à côté ; et votre question, là où elle a été mal comprise : quand vous en avez choisi une autre, ou dit hors sujet.\n" +
			"• Ce dont vous voulez être prévenu, jusqu'à ce que ce soit fait.\n" +
			"• Là où vous m'écrivez en privé : les identifiants de ce salon et de son dernier message, pour répondre après un redémarrage à ce que vous avez demandé entre-temps. Des autres salons, l'identifiant du dernier message, mais pas son auteur.\n" +
			"Tout cela est supprimé après %d jours. Pendant deux jours, je garde combien de nouvelles questions de ce genre vous avez posées. De tout le reste, je ne garde rien. Si vous modifiez des faits, le journal des modifications vous nomme.",
		PrivacyKept:    "De vous, je garde en ce moment : %d réponses, %d questions, %d votes, %d demandes d'être prévenu, %d salons de messages privés.",
		PrivacyNothing: "De vous, je ne garde rien.",
		PrivacyDelete:  "Supprimer ce qui est à moi",
		PrivacySure:    "Dois-je supprimer tout cela ? C'est irréversible, et vous ne serez pas prévenu de ce que vous vouliez savoir.",
		PrivacyYes:     "Oui, supprimer",
		PrivacyDone:    "C'est fait. Vos questions, votes et demandes sont supprimés, et j'ai oublié que ces réponses étaient pour vous et où vous m'écrivez.",
	},
	"es": {
		InContext: "En contexto", Why: "¿Por qué?", FollowUp: "Seguir preguntando", Share: "Compartir en el canal", None: "Ninguna de estas", Back: "Atrás", More: "Más",
		ReadAs:        "Leída como: «%s»",
		Disputed:      "Esto se discute; aquí está cada versión con su fecha:",
		Superseded:    "Desactualizado: sustituido por %s",
		SupersededOn:  "Desactualizado: sustituido (%s) por %s",
		SupersededIn:  "Desactualizado: sustituido (%s) por %s",
		MoreSources:   "y %d más: %s",
		Corrected:     "Corregido (%s); antes decía: «%s»",
		CorrectedOn:   "Corregido (%s)",
		Amended:       "Fuente, fecha o estado corregidos (%s)",
		WithdrawnOn:   "Retirado (%s): los hechos ya no lo dicen",
		DidYouMean:    "¿Cuál de estas preguntas quieres hacer?",
		Nearest:       "Las preguntas más cercanas que sí responden:",
		Declined:      "Los hechos no lo dicen.",
		DeclinedWord:  "Los hechos no lo dicen: ninguno trata de %s.",
		StillOpen:     "No tengo una respuesta segura a «%s».",
		DeclinedNone:  "Entonces los hechos no lo dicen.",
		Greeting:      "¡Hola! Hazme una pregunta y respondo con frases de los hechos, cada una con su fuente.",
		Thanks:        "¡De nada!",
		Unreadable:    "Ahí no leo ninguna pregunta. Pregúntame con palabras, por ejemplo: ¿de qué trata esto?",
		TooLong:       "Es demasiado largo para mí: leo preguntas de hasta %d caracteres.",
		TooFast:       "Son muchas preguntas. Vuelve a preguntar %s.",
		TooFastHere:   "Ahora mismo hay muchas preguntas en este canal. Vuelve a preguntar %s.",
		TookTooLong:   "He tardado demasiado. Vuelve a preguntar, por favor.",
		CantRead:      "Discord no me deja leer ese mensaje. Haz clic derecho en él (o mantenlo pulsado) y elige Aplicaciones y «Consultar los hechos».",
		RoleMentioned: "Has mencionado mi rol, y entonces Discord no me muestra tus palabras. Mencióname a mí, %s, con tu pregunta, o usa `/ask`.",
		NothingToAsk:  "En ese mensaje no hay texto que pueda buscar.",
		NotYours:      "Solo quien preguntó, o la moderación, puede quitar esto.",
		NotYourChoice: "Solo quien preguntó puede elegir eso. Pregúntame con `/ask`.",
		Gone:          "Ese hecho ya no está entre los hechos.",
		QuestionGone:  "La pregunta ya no está, así que no puedo decir cómo se leyó.",
		Shared:        "Compartido en el canal.",
		CantShare:     "En este servidor, las aplicaciones que traen los miembros no pueden escribir para todos. Puedes copiar la respuesta.",
		OldCommand:    "Ya no tengo ese comando. `/help` dice lo que hago.",
		OldForm:       "Este formulario ya no se acepta. Vuelve a preguntar, por favor.",
		OldButton:     "Este botón ya no hace nada. Vuelve a preguntar, por favor.",
		NoSuchFact:    "No hay ningún hecho llamado %s. Empieza a escribir y te propongo algunos.",
		ContextTitle:  "Alrededor, en %s:",
		ContextNone:   "Los hechos no contienen nada más de esta fuente.",
		WhyTitle:      "Por qué esta respuesta",
		WhyAsked:      "La pregunta: «%s»",
		WhyMatched:    "Palabras suyas que cubre la frase, o una pregunta que responde: %s",
		WhyUncovered:  "Palabras suyas que esta frase no cubre: %s",
		WhyOverview:   "Se pregunta de qué trata esto; estos son los hechos que la moderación eligió para decirlo.",
		WhyPicked:     "Hecha hoy, esta pregunta no daría primero esta frase: se eligió a mano, o los hechos han cambiado.",
		WhyRunnerUp:   "Lo siguiente mejor habría sido:",
		WhyAlone:      "Ningún otro hecho se acercaba.",
		VotedUp:       "¡Gracias!", VotedDown: "Gracias. La moderación lo mirará; nada cambia por sí solo.",
		DownTitle: "¿Qué falla en esta respuesta?", DownReason: "¿Qué falla?", DownNote: "¿Algo que deba saber la moderación?",
		Reasons:     [4]string{"Es falsa", "No viene al caso", "Está desactualizada", "La fuente no dice eso"},
		FollowTitle: "Seguir preguntando", FollowLabel: "Tu pregunta", FollowHint: "Por ejemplo: ¿y cuándo?",
		TopicsTitle: "%s sobre %s.", TopicsPick: "Elige un tema", TopicTitle: "%s: %s", FactPick: "Elige un hecho para leerlo con sus fuentes",
		FactCount: [2]string{"%d hecho", "%d hechos"}, TopicCount: [2]string{"%d tema", "%d temas"}, Sources: "Fuentes: %d", CitedBy: "citada por %s", Page: "página %d de %d", NoFacts: "Todavía no hay hechos.",
		AllTopics: "Todos los temas", Answers: "Responde a: %s",
		Help: "**Respondo preguntas con frases de los hechos que mantiene la moderación, y cito cada una.** No invento nada: cuando los hechos no lo dicen, te lo digo.\n" +
			"• `/ask` me pregunta, en público o solo para ti. O mencióname: %s y tu pregunta. O escríbeme directamente.\n" +
			"• Responde a mi respuesta, o pulsa **Seguir preguntando**: «¿y cuándo?»\n" +
			"• En cualquier mensaje: Aplicaciones, y **Consultar los hechos**.\n" +
			"• `/topics` muestra lo que hay, `/fact` un hecho, `/sources` de dónde viene todo.\n" +
			"-# 👍 y 👎 van a la moderación. 🗑 quita una respuesta que te di. No notifico a nadie.",
		TellMe:       "Avísame cuando se sepa",
		TellHere:     "Te avisaré aquí en cuanto los hechos lo digan.",
		TellDirectly: "Te escribiré en cuanto los hechos lo digan.",
		TellAlready:  "Ya estás en la lista para eso.",
		TellFull:     "Ya esperas tantas respuestas como guardo para un miembro.",
		ToldNow:      "%s, querías saberlo. Ahora los hechos dicen:",
		NotDeleted:   "Ahora mismo no puedo borrar eso, o no todo: mi almacenamiento no acepta cambios. Mi operador lo ve; inténtalo más tarde.",
		NotKept:      "Ahora mismo no puedo guardar eso: mi almacenamiento no acepta nada. Mi operador lo ve; inténtalo más tarde.",
		OutOfScope:   "De eso no tratan estos hechos.",
		OffHere:      "En este canal no respondo. Dónde respondo lo decide la moderación de este servidor.",
		OffServer:    "La moderación de este servidor me ha desactivado.",
		Privacy: "**Lo que guardo de ti**\n" +
			"• De las respuestas que publico para ti: los identificadores del mensaje, de sus hechos y el tuyo, para que les lleguen las correcciones.\n" +
			"• Las preguntas que los hechos no pudieron responder: su texto, dónde y cuándo preguntaste. La moderación las ve, sin tu nombre.\n" +
			"• Tus 👍 y 👎 con lo que escribiste al lado; y tu pregunta, cuando no se entendió: si elegiste otra, o dijiste que no venía al caso.\n" +
			"• De qué quieres que te avise, hasta que lo haga.\n" +
			"• Dónde me escribes en privado: los identificadores de ese canal y de su último mensaje, para responder tras un reinicio lo que preguntaste mientras tanto. De otros canales, el identificador del último mensaje, no de quién es.\n" +
			"Todo eso se borra a los %d días. Durante dos días guardo cuántas preguntas nuevas de esas hiciste. De lo demás que escribes no guardo nada. Si editas hechos, el registro de cambios te nombra.",
		PrivacyKept:    "De ti guardo ahora: %d respuestas, %d preguntas, %d votos, %d peticiones de aviso, %d canales de mensajes directos.",
		PrivacyNothing: "De ti no guardo nada.",
		PrivacyDelete:  "Borrar lo mío",
		PrivacySure:    "¿Borro todo eso? No se puede deshacer, y no te avisaré de lo que querías saber.",
		PrivacyYes:     "Sí, bórralo",
		PrivacyDone:    "Hecho. He borrado tus preguntas, votos y peticiones, y olvidado que esas respuestas eran para ti y dónde me escribes.",
	},
	"ja": {
		InContext: "前後を見る", Why: "なぜこの答え？", FollowUp: "続けて質問", Share: "チャンネルで共有", None: "どれでもない", Back: "戻る", More: "次へ",
		ReadAs:        "質問の解釈：「%s」",
		Disputed:      "見解が分かれています。それぞれを日付とともに示します：",
		Superseded:    "古い情報です。%s に置き換えられました",
		SupersededOn:  "古い情報です。%s に %s に置き換えられました",
		SupersededIn:  "古い情報です。%s に %s に置き換えられました",
		MoreSources:   "ほか %d 件：%s",
		Corrected:     "%s に訂正しました。訂正前：「%s」",
		CorrectedOn:   "%s に訂正しました",
		Amended:       "%s に出典・日付・状態を訂正しました",
		WithdrawnOn:   "%s に撤回しました。ファクトにはもう書かれていません",
		DidYouMean:    "どの質問のことですか？",
		Nearest:       "答えられる近い質問：",
		Declined:      "ファクトには書かれていません。",
		DeclinedWord:  "ファクトには書かれていません。%s に触れたものがありません。",
		StillOpen:     "「%s」には確かな答えがありません。",
		DeclinedNone:  "それでは、ファクトには書かれていません。",
		Greeting:      "こんにちは！質問してください。ファクトの文をそのまま、出典つきでお答えします。",
		Thanks:        "どういたしまして！",
		Unreadable:    "質問として読み取れませんでした。たとえば「これは何についてですか？」のように言葉で質問してください。",
		TooLong:       "長すぎて読めません。質問は %d 文字までにしてください。",
		TooFast:       "質問が続いています。%s にもう一度質問してください。",
		TooFastHere:   "このチャンネルでは今、質問が多くなっています。%s にもう一度質問してください。",
		TookTooLong:   "時間がかかりすぎました。もう一度質問してください。",
		CantRead:      "Discord の制限でそのメッセージを読めません。メッセージを右クリック（または長押し）して「アプリ」から「ファクトに質問」を選んでください。",
		RoleMentioned: "私のロールへのメンションだと、Discordは文面を私に見せてくれません。%s へ直接メンションして質問するか、`/ask` を使ってください。",
		NothingToAsk:  "そのメッセージには調べられる文章がありません。",
		NotYours:      "削除できるのは質問した人とモデレーターだけです。",
		NotYourChoice: "選べるのは質問した人だけです。`/ask` でご自分の質問をどうぞ。",
		Gone:          "そのファクトはもうありません。",
		QuestionGone:  "質問がもうないため、どう読まれたかをお見せできません。",
		Shared:        "チャンネルで共有しました。",
		CantShare:     "このサーバーでは、メンバーが持ち込んだアプリは全員に向けて書けません。答えをコピーしてお使いください。",
		OldCommand:    "そのコマンドはもうありません。できることは `/help` で見られます。",
		OldForm:       "このフォームはもう受け付けていません。もう一度質問してください。",
		OldButton:     "このボタンはもう使えません。もう一度質問してください。",
		NoSuchFact:    "%s というファクトはありません。入力を始めると候補を出します。",
		ContextTitle:  "%s での前後：",
		ContextNone:   "この出典からのファクトはほかにありません。",
		WhyTitle:      "この答えになった理由",
		WhyAsked:      "質問：「%s」",
		WhyMatched:    "この文、またはこの文が答える質問に含まれる語：%s",
		WhyUncovered:  "この文に含まれない語：%s",
		WhyOverview:   "何についてかという質問には、モデレーターが選んだこれらのファクトで答えます。",
		WhyPicked:     "いま同じ質問をしても、この文は一番には出ません。手で選ばれたか、ファクトが変わりました。",
		WhyRunnerUp:   "次の候補：",
		WhyAlone:      "ほかに近いファクトはありませんでした。",
		VotedUp:       "ありがとうございます！", VotedDown: "ありがとうございます。モデレーターが確認します。自動で何かが変わることはありません。",
		DownTitle: "この答えのどこが問題ですか？", DownReason: "問題の種類", DownNote: "モデレーターに伝えたいこと",
		Reasons:     [4]string{"間違っている", "質問と関係がない", "情報が古い", "出典にそう書かれていない"},
		FollowTitle: "続けて質問", FollowLabel: "質問", FollowHint: "例：それはいつですか？",
		TopicsTitle: "%s、%s。", TopicsPick: "トピックを選ぶ", TopicTitle: "%s：%s", FactPick: "ファクトを選ぶと出典つきで読めます",
		FactCount: [2]string{"ファクト %d 件", "ファクト %d 件"}, TopicCount: [2]string{"トピック %d 件", "トピック %d 件"}, Sources: "出典：%d 件", CitedBy: "%s が引用", Page: "%d / %d ページ", NoFacts: "ファクトはまだありません。",
		AllTopics: "すべてのトピック", Answers: "答えられる質問：%s",
		Help: "**モデレーターが管理するファクトの文で質問に答え、必ず出典を示します。** 作り話はしません。ファクトにないときは、そうお伝えします。\n" +
			"• `/ask` で質問できます（全員に見せる、または自分だけ）。%s へのメンションやダイレクトメッセージでもどうぞ。\n" +
			"• 答えに返信するか **続けて質問** を押すと、「それはいつ？」のように続けられます。\n" +
			"• どのメッセージでも：アプリ → **ファクトに質問**。\n" +
			"• `/topics` で一覧、`/fact` で一つのファクト、`/sources` で出典を見られます。\n" +
			"-# 👍 と 👎 はモデレーターに届きます。🗑 であなたへの答えを消せます。誰にも通知は送りません。",
		TellMe:       "わかったら教えて",
		TellHere:     "ファクトに載りしだい、ここでお知らせします。",
		TellDirectly: "ファクトに載りしだい、ダイレクトメッセージでお知らせします。",
		TellAlready:  "すでにお知らせの一覧に入っています。",
		TellFull:     "お待ちの質問が、一人あたりの上限に達しています。",
		ToldNow:      "%s さん、お待たせしました。ファクトに載りました：",
		NotDeleted:   "いまは削除できないか、すべては削除できません。記憶領域が変更を受け付けないためです。運営者には見えています。あとでもう一度お試しください。",
		NotKept:      "いまは保存できません。記憶領域が書き込みを受け付けないためです。運営者には見えています。あとでもう一度お試しください。",
		OutOfScope:   "それは、これらのファクトが扱う範囲の外です。",
		OffHere:      "このチャンネルでは答えません。どこで答えるかは、このサーバーのモデレーターが決めています。",
		OffServer:    "このサーバーのモデレーターにより、停止されています。",
		Privacy: "**あなたについて保存しているもの**\n" +
			"• あなたへの答え：メッセージ、ファクト、あなたの ID。訂正を届けるためです。\n" +
			"• ファクトで答えられなかった質問：その文章と、質問した場所と時刻。モデレーターには、あなたの名前なしで見えます。\n" +
			"• 👍 と 👎、そこに書かれたこと。また、うまく伝わらなかった質問の文章（候補から選んだとき、関係がないと答えたとき）。\n" +
			"• 直接メッセージをくださった場合：そのチャンネルと最後のメッセージの ID。再起動のあいだの質問に答えるためです。ほかのチャンネルは最後のメッセージの ID だけで、誰のものかは保存しません。\n" +
			"• お知らせの希望（お知らせするまで）。\n" +
			"これらは %d 日後に消えます。新しくそのような質問をした回数だけを 2 日間保存します。そのほかに書かれたことは何も保存しません。ファクトを編集した場合は、編集の記録に名前が残ります。",
		PrivacyKept:    "現在の保存：答え %d 件、質問 %d 件、投票 %d 件、お知らせの希望 %d 件、ダイレクトメッセージのチャンネル %d 件。",
		PrivacyNothing: "あなたについて保存しているものはありません。",
		PrivacyDelete:  "自分の分を削除",
		PrivacySure:    "すべて削除しますか？元には戻せず、希望されたお知らせも届かなくなります。",
		PrivacyYes:     "はい、削除します",
		PrivacyDone:    "質問、投票、お知らせの希望を削除し、答えがあなたへのものだったことと、どこで書いてくださるかも忘れました。",
	},
}

// locales gives Discord's localisations out of one text for each of the other languages: German, French, Spanish, Japanese.
func locales(de, fr, es, ja string) map[discordgo.Locale]string {
	return map[discordgo.Locale]string{
		discordgo.German: de, discordgo.French: fr, discordgo.SpanishES: es, discordgo.SpanishLATAM: es, discordgo.Japanese: ja,
	}
}
