// Footnote answers questions with sentences from fact files, and cites every one.
//
// It exits with 0 when all is well, also when it declines a question; with 1 when fact files have problems or trials
// fail; with 2 when it could not run; with 4 when Discord refuses the bot and only its operator can help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"footnote/bot"
	"footnote/knowledge"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes.
const (
	exitGood        = 0
	exitProblems    = 1   // of fact files, or failed trials
	exitCouldNotRun = 2   // wrong usage, or an error
	exitInterrupted = 130 // as a shell gives for Ctrl-C
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C kills, should the first not be enough
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program but for the process: what it is given instead of reading globals, and the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := newTerm(getenv, stdin, stdout, stderr)
	root := rootCommand(t)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetErr(stderr)
	return t.exitCode(ctx, root.ExecuteContext(ctx))
}

// rootCommand is the table of commands.
func rootCommand(t *term) *cobra.Command {
	root := &cobra.Command{
		Use:   "footnote",
		Short: "Answers questions with sentences from fact files, and cites every one",
		Example: `  footnote ask "Who are the AP4?"
  footnote check facts
  footnote draft article.txt > facts/topic.yaml`,
		Version: programVersion(),
		Args:    knownCommand,
		RunE:    showHelp,
		// Both would repeat, or bury, what exitCode says.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("footnote {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		askCommand(t),
		checkCommand(t),
		evalCommand(t),
		runCommand(t),
		inviteCommand(t),
		draftCommand(t),
		schemaCommand(t),
		versionCommand(t),
	)
	root.SetOut(t.stdout)
	root.InitDefaultCompletionCmd() // which remembers where to write
	for _, cmd := range root.Commands() {
		if cmd.HasSubCommands() { // cobra would print its help, as though nothing were wrong
			cmd.Args, cmd.RunE = knownCommand, showHelp
			cmd.SuggestionsMinimumDistance = 2
		}
	}
	return root
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// helpCommand is cobra's, but for a command there isn't.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show how to use a command",
		Example: `  footnote help ask`,
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, c := range cmd.Root().Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || of.HasSubCommands() && len(rest) > 0 {
				if len(rest) == 0 {
					of, rest = cmd.Root(), args
				}
				return knownCommand(of, rest)
			}
			return of.Help()
		},
	}
}

// errReported stands for a failure of which all was said already.
var errReported = errors.New("problems were reported")

// exitCode says what went wrong, once, and gives the code that means it.
func (t *term) exitCode(ctx context.Context, err error) int {
	var usage *usageError
	var problems *knowledge.ProblemsError
	var stopped *bot.StopError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errReported):
		return exitProblems
	case errors.Is(err, syscall.EPIPE): // whoever read the output has enough of it
		return exitCouldNotRun
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return exitInterrupted
	case errors.As(err, &problems):
		t.problems(problems.Dir, problems.Problems)
		fmt.Fprintf(t.stderr, "footnote: the facts in %s can't be used until that is mended\n", folderName(problems.Dir))
		return exitProblems
	case errors.As(err, &stopped): // on one line, whatever else failed in its wake
		fmt.Fprintf(t.stderr, "footnote: %s\n", printable(stopped.Error()))
		return bot.ExitStopped
	case errors.As(err, &usage):
		fmt.Fprintf(t.stderr, "footnote: %s\nRun '%s --help' for how to use it.\n", printable(usage.msg), usage.command)
	default:
		fmt.Fprintf(t.stderr, "footnote: %s\n", printable(err.Error()))
	}
	return exitCouldNotRun
}

// A usageError is a command line that says nothing this program knows.
type usageError struct {
	command string // to ask for help
	msg     string
}

func (e *usageError) Error() string { return e.msg }

func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{command: cmd.CommandPath(), msg: fmt.Sprintf(format, args...)}
}

// knownCommand refuses what is left over when no command was recognised.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if strings.ContainsAny(args[0], " ?") {
		return usagef(cmd, "unknown command %q; to ask it: footnote ask %q", args[0], args[0])
	}
	return usagef(cmd, "unknown command %q%s", args[0], didYouMean("", cmd.SuggestionsFor(args[0])))
}

// flagError adds the flags that a mistyped one is near to.
func flagError(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		if takes := map[string]string{"int": "a whole number", "bool": "true or false"}[invalid.GetFlag().Value.Type()]; takes != "" {
			return usagef(cmd, "--%s takes %s, not %q", invalid.GetFlag().Name, takes, invalid.GetValue())
		}
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return usagef(cmd, "%s", err)
	}
	// Cobra measures how near names are for commands only, so the flags stand as commands here.
	flags := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return usagef(cmd, "%s%s", err, didYouMean("--", flags.SuggestionsFor(unknown.GetSpecifiedName())))
}

func didYouMean(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(names, " or "+prefix) + "?"
}

// between refuses fewer arguments than a command needs and more than it takes (-1: any number); what names them.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usagef(cmd, "%s needs %s", cmd.Name(), what)
		case most >= 0 && len(args) > most:
			if most == 0 {
				return usagef(cmd, "%s takes no argument, not %q", cmd.Name(), args[0])
			}
			return usagef(cmd, "%s takes %s, not also %q", cmd.Name(), what, args[most])
		}
		return nil
	}
}
