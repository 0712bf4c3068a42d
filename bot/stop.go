package bot

import "fmt"

// A StopError ends a bot that can't go on without its operator: Discord refuses it, and would go on refusing. Starting it
// again does not help, so a supervisor should not.
type StopError struct {
	Code int    // Discord's code for closing the gateway, or the HTTP status; 0 for neither
	Msg  string // one line: what is wrong, and what to do
}

// Error is the one line to print.
func (e *StopError) Error() string { return e.Msg }

// ExitStopped is what the process exits with after a [StopError]. A systemd unit says RestartPreventExitStatus=4.
const ExitStopped = 4

// developerPortal is where the operator finds the application.
const developerPortal = "https://discord.com/developers/applications"

// wrongToken is the end of a bot with a token that is none of Discord's.
func wrongToken(code int) *StopError {
	return &StopError{Code: code, Msg: "Discord does not know this token: set DISCORD_TOKEN to the one from " + developerPortal +
		" (your application, Bot, Reset Token)"}
}

// finalClose is what a close code means that Discord will repeat for ever.
func finalClose(code int) *StopError {
	if code == 4004 {
		return wrongToken(code)
	}
	why := map[int]string{
		4010: "Discord refuses the number of this shard (4010); this is a fault of footnote, please report it",
		4011: "the bot is in so many servers that Discord wants more shards (4011): start footnote again, it asks how many when it starts",
		4012: "Discord no longer takes version " + apiVersion + " of its API (4012): install a newer footnote",
		4013: "Discord does not know an intent that was asked for (4013): install a newer footnote",
		4014: "Discord denies the bot an intent (4014): switch it on under " + developerPortal + " (your application, Bot, Privileged Gateway Intents), or install a footnote that does not ask for it",
	}[code]
	if why == "" {
		why = fmt.Sprintf("Discord closed the gateway for good (%d)", code)
	}
	return &StopError{Code: code, Msg: why}
}
