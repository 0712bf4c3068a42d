package bot

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// Handlers are functions from an event to a Response. They never talk to Discord to answer; [Bot.send] alone does,
// which is why deferring, limits of time and failures are thought of in one place.

// An Action says what a response does.
type Action int

// The things a response may do.
const (
	// Silent says nothing. An interaction is then only acknowledged: a button that changes nothing. A command
	// must not be answered so.
	Silent Action = iota
	// Reply posts a message: a reply to the message that was received, or the answer to the interaction.
	Reply
	// Update changes the message that the pressed button is on.
	Update
	// Form opens a form (a modal). Only as the answer to a command or a button, and never deferred.
	Form
	// Complete gives the completions of what is being typed.
	Complete
	// Remove deletes the message that the pressed button is on.
	Remove
)

// A Response is what a handler wants said. The zero value says nothing.
type Response struct {
	Action Action
	// Private shows a Reply to the asker alone: an ephemeral message for an interaction, a direct message for a
	// message, or, where the member takes none, a reaction on theirs.
	Private bool
	// Sign is the emoji of that reaction; signFailed where it is empty.
	Sign string
	// Content is the text, at most 2,000 characters; already escaped.
	Content string
	// Alone, where given, makes the text for a reply that has to stand by itself, since the channel takes none: it shows what was asked.
	Alone func() string
	// Components are rows of buttons, at most five; nil removes those there are on Update. For a Form: its fields.
	Components []discordgo.MessageComponent
	// CustomID and Title are a Form's, of at most 100 and 45 characters.
	CustomID, Title string
	// Choices are a Complete's, at most 25.
	Choices []Choice
	// Also are further Replies, sent after the first response to an interaction, in order.
	Also []Response
	// Shows are the facts that Content says, in that order, and Language the language of the words around them, a key of languages: what an
	// answer is kept by, so that it can be corrected when they change. Responses that say no fact have none.
	Shows    []*knowledge.Fact
	Language string
	// Sent, where given, is told of the message as posted, with its id and channel. It runs before the event counts
	// as done, and must not wait long. With a Remove it is told of the message that is gone now.
	Sent func(ctx context.Context, posted *Message)
	// Files are attached to a Reply or an Update, at most ten, of 10 MiB in all.
	Files []File
	// Then, where given, runs once the response was sent, or could not be, before the event counts as done.
	Then func(ctx context.Context)
}

// What a member who takes no direct messages sees on theirs instead of a private word.
const (
	signTooFast = "⏳"
	signTooLong = "📏"
	signFailed  = "⚠️"
)

// A File is attached to a message.
type File struct {
	Name string // shown; its ending says what it is
	Data []byte
	Alt  string // what an image shows, for who can't see it; at most 1,024 characters
}

// A Choice is one completion.
type Choice struct {
	Name  string `json:"name"`  // shown, 1 to 100 characters
	Value string `json:"value"` // given to the command, at most 100 characters
}

// A Route is how interactions of one name are handled.
type Route struct {
	// Handle answers. Its context ends when the answer would come too late, or the bot can't wait any longer.
	Handle func(ctx context.Context, i *Interaction) Response
	// Complete gives completions for a command's option; nil where it has none.
	Complete func(ctx context.Context, i *Interaction) Response
	// Private reports whether the Reply will be private, before it is known. Only a deferral asks: the first response
	// fixes who sees an answer. Nil means public. Where the Reply turns out otherwise it is still shown rightly,
	// at the cost of two more requests.
	Private func(i *Interaction) bool
	// Updates says that a button's response is an Update, a Remove or Silent, so that a deferral leaves the message as
	// it is instead of posting "thinking...".
	Updates bool
	// Opens says that the response is most often a Form, which can't come after a deferral, so that it is deferred as late as can be.
	Opens bool
}

// Handlers are all the routes of a bot.
type Handlers struct {
	// Message answers a message that some person wrote where the bot reads: with a mention of the bot, as a direct
	// message, or as a reply to one of the bot's. All others get here as well, with empty content, and are to
	// be left alone.
	Message func(ctx context.Context, m *Message) Response
	// Commands are by name: slash commands and message commands.
	Commands map[string]Route
	// Buttons (and menus) and Forms are by the part of their custom_id before the first colon.
	Buttons map[string]Route
	Forms   map[string]Route
}
