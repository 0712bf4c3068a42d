package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// A moderation is where moderators keep the facts from chat. It holds nothing between two interactions: the state of a form or a button is in its
// custom_id, or in a proposal of the journal that the custom_id names, so both go on working after a restart.
type moderation struct {
	base    *knowledge.Base
	folder  *knowledge.Folder // nil: the facts in use are built in, and can't be edited
	journal *journal.Journal  // nil: nothing is kept, and nothing can be moderated
	homes   []string          // ids of the servers whose moderators may
	rest    *rest
	log     *slog.Logger
	metrics *metrics
	health  *health
	reload  func(ctx context.Context) ([]knowledge.Problem, error)
	now     func() time.Time
	at      func(step string) // see Bot.at

	scopes *journal.Mirror[journal.Scope] // nil without a journal
	tally  *tally                         // likewise

	presses  *pace // shared with the members' desk
	refusals *pace // how often one member's refusals are told
}

// How many refusals of one member are told to moderators: so many at once, and then one in every refusalEvery. The operator's log has all.
const (
	refusalBurst = 3
	refusalEvery = time.Minute
)

// moderation makes the bot's moderation, with the clock and the limits of the members' desk.
func (b *Bot) moderation(d *desk) *moderation {
	m := &moderation{
		base: b.base, folder: b.opts.Folder, journal: b.opts.Journal, homes: b.opts.Homes, rest: b.rest, log: b.log, metrics: b.metrics,
		health: b.health, reload: b.reload, now: d.now, at: b.at,
		presses: d.presses, refusals: newPace(refusalBurst, refusalEvery, paceSize),
	}
	if b.gaps != nil {
		m.scopes, m.tally = b.gaps.scopes, b.tally
	}
	return m
}

// The moderators' commands.
const (
	factsCommand = "facts"
	makeFact     = "Make a fact"
)

// A doer handles one thing that a moderator does: a subcommand, a button, a form.
type doer = func(ctx context.Context, i *Interaction) Response

// subcommands are those of /facts.
func (m *moderation) subcommands() map[string]doer {
	return map[string]doer{
		"add": m.add, "edit": m.edit, "withdraw": m.withdraw, "restore": m.restore, "history": m.history, "undo": m.undo,
		"gaps": m.gaps, "upload": m.upload, "download": m.download, "status": m.status, "stats": m.stats,
	}
}

// routes puts the moderators' routes beside those of members.
func (m *moderation) routes(h Handlers) {
	always := func(*Interaction) bool { return true }
	subs := m.subcommands()
	h.Commands[factsCommand] = Route{Private: always, Opens: true, Complete: m.complete, Handle: m.guard(func(ctx context.Context, i *Interaction) Response {
		if len(i.Sub) == 1 && subs[i.Sub[0]] != nil {
			return subs[i.Sub[0]](ctx, i)
		}
		return tell(speak(i.Locale).OldCommand)
	})}
	h.Commands[makeFact] = Route{Private: always, Opens: true, Handle: m.guard(m.makeFact)}
	h.Forms[routeForm] = Route{Private: always, Handle: m.guard(m.submitForm)}
	h.Buttons[routeChange] = Route{Private: always, Opens: true, Handle: m.guard(m.change)}
	h.Buttons[routeUndo] = Route{Private: always, Handle: m.guard(m.undoButton)}
	for route, handle := range map[string]doer{routeConfirm: m.confirm, routeCancel: m.cancel, routeHistory: m.turnHistory} {
		h.Buttons[route] = Route{Private: always, Updates: true, Handle: m.guard(handle)}
	}
	m.gapRoutes(h)
}

// tell is a word for whoever did something, and nobody else.
func tell(format string, args ...any) Response {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return Response{Action: Reply, Private: true, Content: clip(format, maxContent)}
}

// guard lets only moderators of a home server do something, and asks at the moment they do it: whatever a command's default permission says,
// whoever a button was shown to, and whatever they were when it was. A refusal is told to them, and to the moderators.
func (m *moderation) guard(handle doer) doer {
	return func(ctx context.Context, i *Interaction) Response {
		if ok, again, _ := m.presses.take(i.User.ID, m.now()); !ok {
			return tell(speak(i.Locale).TooFast, soon(again))
		}
		why, err := m.may(ctx, i)
		switch {
		case err != nil:
			m.log.Error("whether a member may moderate can't be told", "err", err)
			return tell(wentWrong)
		case why != "":
			r := tell(why)
			r.Then = func(ctx context.Context) { m.refused(ctx, i, journal.Edit{}, why) }
			return r
		}
		return handle(ctx, i)
	}
}

// may returns why a member may not edit facts, or nothing: they must be in a home server, and there have Manage Server, Administrator, or the
// role set with /setup. Discord says which roles and permissions a member has with each interaction, as they are then.
func (m *moderation) may(ctx context.Context, i *Interaction) (why string, err error) {
	switch {
	case m.journal == nil:
		return nothingKept, nil
	case i.GuildID == "" || i.Member == nil || !slices.Contains(m.homes, i.GuildID):
		return notHome, nil
	case i.Member.Permissions.Has(discordgo.PermissionManageGuild) || i.Member.Permissions.Has(discordgo.PermissionAdministrator):
		return "", nil
	}
	s, err := m.journal.Settings(ctx, i.GuildID)
	if err == nil && (s.Role == "" || !slices.Contains(i.Member.Roles, s.Role)) {
		why = notModerator
	}
	return why, err
}

// refused tells of a refusal: in the operator's log, in the journal, and in the log channels. The edit says what was refused, as far as that
// is known. One member's refusals are told so often and no oftener: they must not fill the journal by pressing buttons.
func (m *moderation) refused(ctx context.Context, i *Interaction, e journal.Edit, why string) {
	did := doing(i)
	m.log.Warn("a moderator's doing was refused", "did", did, "user", i.User.ID, "guild", i.GuildID, "why", why)
	if ok, _, _ := m.refusals.take(i.User.ID, m.now()); !ok || m.journal == nil {
		return
	}
	e.By, e.GuildID, e.State, e.Refusal, e.At = i.User.ID, i.GuildID, journal.Refused, why, m.now()
	if _, err := m.journal.Record(ctx, e); err != nil {
		m.log.Error("a refusal could not be written down", "err", err)
	}
	where := ""
	if i.GuildID != "" && !slices.Contains(m.homes, i.GuildID) {
		where = " in another server"
	}
	if e.Path != "" {
		did += " of what would have " + editWords[e.Kind] + " "
		if e.Fact != "" {
			did += code(e.Fact) + " in "
		}
		did += code(e.Path)
	}
	m.announce(ctx, fmt.Sprintf("⛔ Refused: <@%s>%s, %s. %s", i.User.ID, where, did, why))
}

// doing names what an interaction is, for the log: the command, the button or the form.
func doing(i *Interaction) string {
	if i.Command != "" {
		return "`/" + strings.Join(append([]string{i.Command}, i.Sub...), " ") + "`"
	}
	route, _, _ := strings.Cut(i.CustomID, ":")
	if name := pressed[route]; name != "" {
		return name
	}
	return "button " + code(clip(route, 20))
}

// pressed names what moderators press and submit. It is never changed.
var pressed = map[string]string{routeConfirm: "**Confirm**", routeChange: "**Change**", routeCancel: "**Cancel**", routeForm: "the form", routeUndo: "**Undo**"}

// announce tells the moderators of every home server something in their log channel, where they have set one. It pings nobody.
func (m *moderation) announce(ctx context.Context, content string) {
	if m.journal == nil {
		return
	}
	for _, home := range m.homes {
		s, err := m.journal.Settings(ctx, home)
		if err != nil {
			m.log.Error("the log channel can't be told", "guild", home, "err", err)
			continue
		}
		if s.LogChannel == "" {
			continue
		}
		if _, err := m.rest.CreateMessage(ctx, s.LogChannel, "", "", newPost(Response{Content: clip(content, maxContent)})); err != nil {
			m.log.Warn("the log channel could not be written to: give the bot View Channel and Send Messages there, or set another with /setup", "guild", home, "channel", s.LogChannel, "err", err)
		}
	}
}

// moderatorCommands are what is registered in home servers, and nowhere else.
func moderatorCommands() []Command {
	manage := itoa(discordgo.PermissionManageGuild) // by default; a server may let others see them, and the handlers ask for themselves
	sub := func(name, description string, options ...CommandOption) CommandOption {
		return CommandOption{Type: discordgo.ApplicationCommandOptionSubCommand, Name: name, Description: description, Options: options}
	}
	text := func(name, description string, required, complete bool) CommandOption {
		return CommandOption{Type: discordgo.ApplicationCommandOptionString, Name: name, Description: description, Required: required, Autocomplete: complete, MaxLength: maxTyped}
	}
	fact := text(optionFact, "The fact's id, or words of it", true, true)
	anyFact := fact
	anyFact.Required = false
	file := text(optionFile, "The fact file; without it, the one with the most facts", false, true)
	return []Command{
		{Type: discordgo.ChatApplicationCommand, Name: factsCommand, Description: "Keep the facts: for moderators", DefaultMemberPermissions: manage,
			Options: []CommandOption{
				sub("add", "Add a fact; you see it, and what it changes, before it is in use", file),
				sub("edit", "Correct a fact; you see what it changes before it is in use", fact),
				sub("withdraw", "Take a fact out of the answers, and say so where it was given", fact, text(optionWhy, "Why: for the log", true, false)),
				sub("restore", "Put a withdrawn fact back", fact, text(optionWhy, "Why: for the log", false, false)),
				sub("history", "Who changed what, when and why", anyFact),
				sub("undo", "Take back an edit that still applies", text(optionEdit, "The edit; the latest come first", true, true)),
				sub("gaps", "What members asked and the facts don't answer"),
				sub("upload", "Put a whole fact file in place; you see what it changes first",
					CommandOption{Type: discordgo.ApplicationCommandOptionAttachment, Name: optionFile, Description: "The file, of at most 1 MiB; its name says which file it takes the place of", Required: true},
					text(optionWhy, "Why: for the log", false, false)),
				sub("download", "Get the fact files", text(optionFile, "One file; without it, all", false, true)),
				sub("status", "Which facts are in use, and what is wrong with the files"),
				sub("stats", "What was asked and answered",
					CommandOption{Type: discordgo.ApplicationCommandOptionInteger, Name: optionDays, Description: "Over how many days, up to 365; 30 without it"}),
			}},
		{Type: discordgo.MessageApplicationCommand, Name: makeFact, DefaultMemberPermissions: manage},
	}
}

// The options of /facts.
const (
	optionFact = "fact"
	optionFile = "file"
	optionWhy  = "why"
	optionEdit = "edit"
	optionDays = "days"
	maxTyped   = 300 // characters of any of them
)

// complete gives completions for what a moderator types into /facts; whoever is none gets nothing.
func (m *moderation) complete(ctx context.Context, i *Interaction) Response {
	r := Response{Action: Complete, Choices: []Choice{}}
	if why, err := m.may(ctx, i); why != "" || err != nil {
		return r
	}
	switch i.Focused {
	case optionFact:
		r.Choices = m.factChoices(i.Options[optionFact], len(i.Sub) == 1 && i.Sub[0] == "restore")
	case optionFile:
		r.Choices = m.fileChoices(i.Options[optionFile])
	case optionEdit:
		r.Choices = m.editChoices(ctx, i.Options[optionEdit])
	}
	return r
}
