package bot

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/bwmarrin/discordgo"
)

// The commands, and who handles what. Contexts and integration types let every command be used in servers, in direct messages with the
// bot, and, where a member installed the bot for themselves, everywhere.

var (
	everywhere = []discordgo.InteractionContextType{discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM, discordgo.InteractionContextPrivateChannel}
	bothKinds  = []discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall, discordgo.ApplicationIntegrationUserInstall}
)

// askFacts is the name of the message command.
const askFacts = "Ask the facts"

// commands are what is registered with Discord.
func (b *Bot) commands() []Command {
	private := CommandOption{
		Type: discordgo.ApplicationCommandOptionBoolean,
		Name: "private", NameLocalizations: locales("privat", "prive", "privado", "自分だけ"),
		Description:              "Show the answer to you alone; you can share it afterwards",
		DescriptionLocalizations: locales("Die Antwort nur dir zeigen; teilen kannst du sie danach", "Ne montrer la réponse qu'à vous ; vous pourrez la partager ensuite", "Mostrar la respuesta solo a ti; después puedes compartirla", "答えを自分だけに表示します（あとで共有できます）"),
	}
	one := 1
	cs := []Command{
		{
			Type: discordgo.ChatApplicationCommand, Name: "ask", NameLocalizations: locales("fragen", "demander", "preguntar", "質問"),
			Description:              "Ask a question and get sentences from the facts, each with its source",
			DescriptionLocalizations: locales("Eine Frage stellen; die Antwort sind Sätze aus den Fakten, jeder mit seiner Quelle", "Poser une question et obtenir des phrases tirées des faits, avec leur source", "Hacer una pregunta y recibir frases de los hechos, cada una con su fuente", "質問すると、ファクトの文が出典つきで返ってきます"),
			Options: []CommandOption{
				{
					Type: discordgo.ApplicationCommandOptionString, Name: "question", NameLocalizations: locales("frage", "question", "pregunta", "質問"),
					Description:              "What you want to know, in your own words",
					DescriptionLocalizations: locales("Was du wissen willst, in deinen Worten", "Ce que vous voulez savoir, avec vos mots", "Lo que quieres saber, con tus palabras", "知りたいことを自分の言葉で"),
					Required:                 true, Autocomplete: true, MinLength: &one, MaxLength: maxQuestion,
				},
				private,
			},
		},
		{
			Type: discordgo.ChatApplicationCommand, Name: "topics", NameLocalizations: locales("themen", "sujets", "temas", "トピック"),
			Description:              "Browse what the facts are about",
			DescriptionLocalizations: locales("Durchblättern, wovon die Fakten handeln", "Parcourir les sujets des faits", "Ver de qué tratan los hechos", "ファクトのトピックを見る"),
		},
		{
			Type: discordgo.ChatApplicationCommand, Name: "fact", NameLocalizations: locales("fakt", "fait", "hecho", "ファクト"),
			Description:              "Show one fact with all that it cites",
			DescriptionLocalizations: locales("Einen Fakt mit allen seinen Belegen zeigen", "Montrer un fait avec tout ce qu'il cite", "Mostrar un hecho con todo lo que cita", "一つのファクトをすべての出典とともに見る"),
			Options: []CommandOption{
				{
					Type: discordgo.ApplicationCommandOptionString, Name: "id", NameLocalizations: locales("kennung", "id", "id", "識別名"),
					Description:              "Its name, or words of it",
					DescriptionLocalizations: locales("Sein Name oder Wörter daraus", "Son nom, ou des mots du fait", "Su nombre, o palabras suyas", "名前、またはその中の言葉"),
					Required:                 true, Autocomplete: true, MinLength: &one, MaxLength: maxQuestion,
				},
				private,
			},
		},
		{
			Type: discordgo.ChatApplicationCommand, Name: "sources", NameLocalizations: locales("quellen", "sources", "fuentes", "出典"),
			Description:              "Show where the facts come from",
			DescriptionLocalizations: locales("Zeigen, woher die Fakten kommen", "Montrer d'où viennent les faits", "Mostrar de dónde vienen los hechos", "ファクトの出典を見る"),
		},
		{
			Type: discordgo.ChatApplicationCommand, Name: "help", NameLocalizations: locales("hilfe", "aide", "ayuda", "ヘルプ"),
			Description:              "How to ask me, and what I do",
			DescriptionLocalizations: locales("Wie man mich fragt und was ich tue", "Comment m'interroger, et ce que je fais", "Cómo preguntarme y qué hago", "質問のしかたと、できること"),
		},
		{
			Type: discordgo.ChatApplicationCommand, Name: "privacy", NameLocalizations: locales("datenschutz", "confidentialite", "privacidad", "プライバシー"),
			Description:              "What I keep of you, and a button to delete it",
			DescriptionLocalizations: locales("Was ich von dir aufhebe, und ein Knopf, es zu löschen", "Ce que je garde de vous, et un bouton pour le supprimer", "Lo que guardo de ti, y un botón para borrarlo", "あなたについて保存しているものと、その削除"),
		},
		{
			Type: discordgo.MessageApplicationCommand, Name: askFacts,
			NameLocalizations: locales("Fakten fragen", "Interroger les faits", "Consultar los hechos", "ファクトに質問"),
		},
	}
	for n := range cs {
		cs[n].Contexts, cs[n].IntegrationTypes = everywhere, bothKinds
	}
	return append(cs, Command{
		Type: discordgo.ChatApplicationCommand, Name: "setup", NameLocalizations: locales("einrichten", "configurer", "configurar", "設定"),
		Description:              "Where I answer on this server, and what: for who manages it",
		DescriptionLocalizations: locales("Wo ich auf diesem Server antworte und was: für die, die ihn verwalten", "Où je réponds sur ce serveur, et à quoi : pour qui le gère", "Dónde respondo en este servidor, y a qué: para quien lo administra", "このサーバーのどこで何に答えるか（管理者向け）"),
		DefaultMemberPermissions: itoa(discordgo.PermissionManageGuild),
		Contexts:                 everywhere[:1], IntegrationTypes: bothKinds[:1],
	})
}

// routes are the handlers of all that members and moderators do, with a clock.
func (b *Bot) routes(now func() time.Time) Handlers {
	d := b.desk(now)
	h := d.handlers()
	b.moderators = b.moderation(d)
	b.moderators.routes(h)
	return h
}

// desk makes the bot's desk, with a clock that says how long ago a member asked.
func (b *Bot) desk(now func() time.Time) *desk {
	return &desk{
		base: b.base, fetch: b.rest.GetMessage, self: func() string { return b.me().userID }, role: b.ownRole, locale: b.guildLocale,
		metrics: b.metrics, journal: b.opts.Journal, tally: b.tally, gaps: b.gaps, settings: b.settings, log: b.log, now: now,
		setup:   &setup{settings: b.settings, homes: b.opts.Homes, rest: b.rest, log: b.log, now: now},
		privacy: &privacy{journal: b.opts.Journal, heard: b.heard, metrics: b.metrics, log: b.log},
		members: newPace(askBurst, askEvery, paceSize), channels: newPace(channelBurst, channelEvery, paceSize), presses: newPace(pressBurst, pressEvery, paceSize),
		tellHere: newPace(1, tellHereEvery, paceSize),
		reading:  make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
}

// anywhere are the routes that work wherever the bot is, whatever is set there: help and its own setting up, what is a member's own, and an answer can be
// removed wherever it stands. It is never changed.
var anywhere = map[string]bool{"setup": true, routeSetup: true, "privacy": true, routePrivacy: true, "help": true, routeRemove: true}

// standing lets a button or form do only what the message it comes from offers: what it may do, and for whom, is in its custom_id, which whoever
// forges one makes up. The bot's own messages hold only what it put there.
func standing(r Route) Route {
	handle := r.Handle
	r.Handle = func(ctx context.Context, i *Interaction) Response {
		if i.Message == nil && i.Type == discordgo.InteractionMessageComponent || i.Message != nil && !slices.Contains(i.Message.CustomIDs(), i.CustomID) {
			return noLonger(i)
		}
		return handle(ctx, i)
	}
	return r
}

func (d *desk) handlers() Handlers {
	always := func(*Interaction) bool { return true }
	shows := func(handle func(context.Context, *Interaction) Response) Route { // privately, to whoever presses
		return Route{Handle: d.pressed(handle), Private: always}
	}
	opens := func(handle func(context.Context, *Interaction) Response) Route { // a form
		return Route{Handle: d.pressed(handle), Private: always, Opens: true}
	}
	changes := func(handle func(context.Context, *Interaction) Response) Route { // the message the button is on
		return Route{Handle: d.pressed(handle), Private: always, Updates: true}
	}
	h := Handlers{
		Message: d.message,
		Commands: map[string]Route{
			"ask":     {Handle: d.slash, Complete: d.complete, Private: askPrivately},
			"fact":    {Handle: d.fact, Complete: d.completeFact, Private: askPrivately},
			"topics":  shows(d.topics),
			"sources": shows(d.sources),
			"help":    shows(d.helpCommand),
			askFacts:  {Handle: d.askTarget, Private: always},
		},
		Buttons: map[string]Route{
			routeContext: shows(d.inContext),
			routeWhy:     shows(d.why),
			routeFollow:  opens(d.follow),
			routeUp:      shows(d.up),
			routeDown:    opens(d.down),
			routeTell:    shows(d.tellMe),
			routeOpen:    shows(d.open),
			routeRemove:  changes(d.remove),
			routeShare:   changes(d.share),
			routePick:    changes(d.pick),
			routeNone:    changes(d.none),
			routeTopics:  changes(d.turnTopics),
			routeTopic:   changes(d.topic),
			routeSources: changes(d.turnSources),
		},
		Forms: map[string]Route{
			routeFollow: {Handle: d.followed, Private: onPrivate},
			routeDown:   shows(d.downed),
		},
	}
	h.Commands["setup"], h.Buttons[routeSetup] = shows(d.setup.show), changes(d.setup.change)
	h.Commands["privacy"], h.Buttons[routePrivacy] = shows(d.privacy.show), changes(d.privacy.press)
	for _, routes := range []map[string]Route{h.Buttons, h.Forms} {
		for name, r := range routes {
			routes[name] = standing(r)
		}
	}
	for _, routes := range []map[string]Route{h.Commands, h.Buttons, h.Forms} {
		for name, r := range routes {
			if !anywhere[name] {
				routes[name] = d.obeying(r)
			}
		}
	}
	return h
}
