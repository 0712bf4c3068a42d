package main

import (
	"errors"
	"log/slog"

	"footnote/bot"

	"github.com/spf13/cobra"
)

// runCommand is the Discord bot.
func runCommand(t *term) *cobra.Command {
	var o struct {
		facts, discord, listen string
		debug                  bool
	}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Answer on Discord",
		Long: `Run connects to Discord with the token in DISCORD_TOKEN and answers there until it is told to end (Ctrl-C, SIGTERM):
then it takes no more questions, finishes the answers it is at, and exits with 0.

It reconnects by itself. It exits with 4 when only its operator can help, such as with a token that Discord does not
know; its last line says what to do, and starting it again changes nothing.

With --facts it watches the folder, and takes new facts over when they have no problems.`,
		Example: `  DISCORD_TOKEN=... footnote run
  footnote run --facts my-facts --listen 127.0.0.1:9090`,
		Args: between(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			token := t.getenv("DISCORD_TOKEN")
			if err := bot.CheckToken(token); err != nil {
				return err
			}
			base, problems, err := openFacts(cmd.Context(), o.facts)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, base.Close()) }()
			level := slog.LevelInfo
			if o.debug {
				level = slog.LevelDebug
			}
			b, err := bot.New(base, token, bot.Options{
				Discord:  o.discord,
				Facts:    o.facts,
				Problems: problems,
				Listen:   o.listen,
				Log:      slog.New(slog.NewTextHandler(t.stderr, &slog.HandlerOptions{Level: level})),
			})
			if err != nil {
				return err
			}
			return b.Run(cmd.Context())
		},
	}
	factsFlag(cmd, &o.facts)
	discordFlag(cmd, &o.discord)
	cmd.Flags().StringVar(&o.listen, "listen", "", "serve /healthz, /readyz and /metrics on `ADDR`, such as 127.0.0.1:9090")
	cmd.Flags().BoolVar(&o.debug, "debug", false, "log each event and request")
	return cmd
}

// discordFlag gives the command --discord URL.
func discordFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "discord", "", "the base `URL` of the API where it isn't Discord's own: a proxy, a test server")
}
