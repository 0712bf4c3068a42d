// Package discordtest is a Discord to test bots against: REST and gateway on loopback, speaking Discord's real protocol to a real client
// library, with members that a test drives.
//
// A [Server] belongs to one test. It knows one application (the bot), any number of members, guilds and channels, and keeps the rules that
// Discord keeps: permissions, intents, the single callback of an interaction and its clocks of 3 seconds and 15 minutes, who sees an
// ephemeral message, the limits of every body. What the bot sends wrong is refused as Discord refuses it and kept in [Server.Refusals].
//
//	s := discordtest.New(t, discordtest.Options{})
//	bot := start(s.URL(), s.Token())                  // or hand s.Transport() and s.Dialer() to a client library
//	s.WaitReady(ctx, 1)                               // the bot is connected
//
//	alice := s.User("alice")
//	in, err := alice.Slash(s.General(), "ask", discordtest.Args{"question": "where is the office?"})
//	answer, err := in.Answer(ctx)                     // waits for the response, deferred or not
//	in, err = alice.Click(answer, "Why this?")
//	fmt.Print(s.Transcript())                         // what members saw
//
// # Time
//
// By default time stands still: the server's clock is a [FakeClock] that moves only when the test moves it, so an interaction stays open
// until the test says that 3 seconds have passed. [RealClock] is there for load tests. Waiting is always on conditions, never by sleeping;
// what may have to wait takes a context and returns its error.
//
// # Faults
//
// [Server.Fault] scripts what REST does wrong (429 as JSON or as Cloudflare's HTML, 5xx, slow answers, a connection cut after the request
// was processed); the gateway's faults are at [Server.OnIdentify], [Server.OnResume] and [Server.Reconnect] and their neighbours.
//
// # What is checked
//
// Each body is checked against Discord's own OpenAPI description where one is given ([Options.Spec]), and always against the limits that
// the description does not hold, each a rule with its source in the documentation ([Rules]).
//
// The source of all behaviour is Discord's documentation (docs.discord.com/developers) as of August 2026 and its OpenAPI description of
// API v10; nothing here was measured on the real service. The package depends on no client library.
package discordtest
