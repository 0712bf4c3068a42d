package main

import (
	"footnote/bot"

	"github.com/spf13/cobra"
)

// inviteCommand tells where the bot is added to a server.
func inviteCommand(t *term) *cobra.Command {
	var discord string
	var user bool
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Print the link that adds the bot to a server",
		Long: `Invite prints the link by which somebody with Manage Server adds the bot whose token is in DISCORD_TOKEN. It asks for no
more than the bot needs: to see channels, to send messages there and in threads, to read the history it replies in,
and to have slash commands.

With --user it is the link by which a member adds the bot's commands to their own account, to use them on any server.`,
		Example: `  DISCORD_TOKEN=... footnote invite
  DISCORD_TOKEN=... footnote invite --user`,
		Args: between(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := bot.AppID(cmd.Context(), discord, t.getenv("DISCORD_TOKEN"))
			if err != nil {
				return err
			}
			if user {
				return t.print(bot.InstallLink(id) + "\n")
			}
			return t.print(bot.InviteLink(id) + "\n")
		},
	}
	discordFlag(cmd, &discord)
	cmd.Flags().BoolVar(&user, "user", false, "the link for a member's own account, not for a server")
	return cmd
}
