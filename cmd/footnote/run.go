package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"time"

	"footnote/bot"
	"footnote/bot/journal"
	"footnote/knowledge"

	"github.com/spf13/cobra"
)

// runCommand is the Discord bot.
func runCommand(t *term) *cobra.Command {
	var o struct {
		facts, cache, sure, discord, listen, data, nats string
		homes                                           []string
		retention                                       int
		debug                                           bool
	}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Answer on Discord",
		Long: `Run connects to Discord with the token in DISCORD_TOKEN and answers there until it is told to end (Ctrl-C, SIGTERM):
then it takes no more questions, finishes the answers it is at, and exits with 0.

It reconnects by itself. It exits with 4 when only its operator can help, such as with a token that Discord does not
know; its last line says what to do, and starting it again changes nothing.

With --facts it watches the folder, and takes new facts over when they have no problems. With --home as well, moderators of that
server edit the facts from chat.

What it must remember besides (answers it posted, questions the facts could not answer, votes, the log of edits) is kept in the folder
--data, or in a NATS cluster with --nats.`,
		Example: `  DISCORD_TOKEN=... footnote run
  footnote run --facts my-facts --home 1234567890123456789 --listen 127.0.0.1:9090`,
		Args: between(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			token := t.getenv("DISCORD_TOKEN")
			if err := bot.CheckToken(token); err != nil {
				return err
			}
			for _, home := range o.homes {
				if _, err := strconv.ParseUint(home, 10, 64); err != nil {
					return usagef(cmd, "--home needs the ID of a server, a number, and not %q: switch on Discord's developer mode, then Copy Server ID", home)
				}
			}
			if o.retention < 1 {
				return fmt.Errorf("--retention %d: it must be at least one day", o.retention)
			}
			base, problems, err := t.openFacts(cmd.Context(), o.facts, o.cache, o.sure)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, base.Close()) }()
			level := slog.LevelInfo
			if o.debug {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(t.stderr, &slog.HandlerOptions{Level: level}))
			o.data = cmp.Or(o.data, t.stateDir())
			if o.data == "" && o.nats == "" {
				return errors.New("there is no home folder to keep in what must be remembered: name one with --data")
			}
			kept, err := journal.Open(cmd.Context(), journal.Options{Dir: o.data, URL: o.nats, Retention: time.Duration(o.retention) * 24 * time.Hour, Log: log})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, kept.Close()) }()
			var folder *knowledge.Folder
			if o.facts != "" {
				if folder, err = knowledge.OpenFolder(o.facts); err != nil {
					return err
				}
			}
			b, err := bot.New(base, token, bot.Options{
				Discord:  o.discord,
				Facts:    o.facts,
				Folder:   folder,
				Journal:  kept,
				Homes:    o.homes,
				Problems: problems,
				Listen:   o.listen,
				Log:      log,
			})
			if err != nil {
				return err
			}
			return b.Run(cmd.Context())
		},
	}
	factsFlag(cmd, &o.facts)
	cacheFlag(cmd, &o.cache)
	sureFlag(cmd, &o.sure)
	discordFlag(cmd, &o.discord)
	cmd.Flags().StringVar(&o.listen, "listen", "", "serve /healthz, /readyz and /metrics on `ADDR`, such as 127.0.0.1:9090")
	cmd.Flags().StringSliceVar(&o.homes, "home", nil, "the `ID` of a server whose moderators may edit the facts; repeat it for more")
	cmd.Flags().StringVar(&o.data, "data", "", "keep what must be remembered in the folder `DIR` (default $XDG_STATE_HOME/footnote or ~/.local/state/footnote)")
	cmd.Flags().StringVar(&o.nats, "nats", "", "keep it in the NATS cluster at `URL` instead, with JetStream")
	cmd.Flags().IntVar(&o.retention, "retention", 30, "keep what members wrote for so many `DAYS`")
	cmd.Flags().BoolVar(&o.debug, "debug", false, "log each event and request")
	return cmd
}

// discordFlag gives the command --discord URL.
func discordFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "discord", "", "the base `URL` of the API where it isn't Discord's own: a proxy, a test server")
}

// stateDir is where programs keep what they must remember: the XDG Base Directory Specification, XDG_STATE_HOME. It is empty where the
// environment names no home.
func (t *term) stateDir() string { return t.userDir("XDG_STATE_HOME", ".local", "state") }

// userDir is the folder of this program below that which the variable names, or below the one in the user's home.
func (t *term) userDir(variable string, inHome ...string) string {
	dir, home := t.getenv(variable), t.getenv("HOME")
	switch {
	case dir != "":
	case home != "":
		dir = filepath.Join(append([]string{home}, inHome...)...)
	default:
		return ""
	}
	return filepath.Join(dir, "footnote")
}
