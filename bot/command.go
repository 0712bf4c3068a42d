package bot

import "github.com/bwmarrin/discordgo"

// A Command is one command as it is registered with Discord. Discordgo's own struct writes null where a key should
// be left out.
type Command struct {
	Type                     discordgo.ApplicationCommandType       `json:"type"`
	Name                     string                                 `json:"name"`
	NameLocalizations        map[discordgo.Locale]string            `json:"name_localizations,omitempty"`
	Description              string                                 `json:"description,omitempty"` // slash commands only
	DescriptionLocalizations map[discordgo.Locale]string            `json:"description_localizations,omitempty"`
	Options                  []CommandOption                        `json:"options,omitempty"`
	DefaultMemberPermissions string                                 `json:"default_member_permissions,omitempty"`
	Contexts                 []discordgo.InteractionContextType     `json:"contexts,omitempty"`
	IntegrationTypes         []discordgo.ApplicationIntegrationType `json:"integration_types,omitempty"`
}

// A CommandOption is one option, or a subcommand, of a command.
type CommandOption struct {
	Type                     discordgo.ApplicationCommandOptionType `json:"type"`
	Name                     string                                 `json:"name"`
	NameLocalizations        map[discordgo.Locale]string            `json:"name_localizations,omitempty"`
	Description              string                                 `json:"description"`
	DescriptionLocalizations map[discordgo.Locale]string            `json:"description_localizations,omitempty"`
	Required                 bool                                   `json:"required,omitempty"`
	Autocomplete             bool                                   `json:"autocomplete,omitempty"`
	MinLength                *int                                   `json:"min_length,omitempty"`
	MaxLength                int                                    `json:"max_length,omitempty"`
	Choices                  []CommandChoice                        `json:"choices,omitempty"`
	Options                  []CommandOption                        `json:"options,omitempty"`
}

// A CommandChoice is one of the fixed values an option may have.
type CommandChoice struct {
	Name              string                      `json:"name"`
	NameLocalizations map[discordgo.Locale]string `json:"name_localizations,omitempty"`
	Value             string                      `json:"value"`
}
