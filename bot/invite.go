package bot

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// permissions are the least the bot can do with: seeing where it is asked, answering there and in threads, and replying, for
// which Discord wants that it may read what it replies to. Slash commands need none of them.
const permissions = discordgo.PermissionViewChannel | discordgo.PermissionSendMessages | discordgo.PermissionSendMessagesInThreads |
	discordgo.PermissionReadMessageHistory

// InviteLink is where a member with Manage Server adds the application to a server.
func InviteLink(appID string) string {
	q := url.Values{"client_id": {appID}, "scope": {"bot applications.commands"}, "permissions": {strconv.FormatInt(permissions, 10)}}
	return "https://discord.com/oauth2/authorize?" + q.Encode()
}

// InstallLink is where a member adds the application to their own account, to use its commands wherever they are. The
// application must allow that in the developer portal, under Installation.
func InstallLink(appID string) string {
	q := url.Values{"client_id": {appID}, "scope": {"applications.commands"}, "integration_type": {"1"}}
	return "https://discord.com/oauth2/authorize?" + q.Encode()
}

// AppID gives the id of a token's application: from the token itself, which begins with it, or else by asking the API at base.
func AppID(ctx context.Context, base, token string) (string, error) {
	if err := CheckToken(token); err != nil {
		return "", err
	}
	if id := tokenID(token); id != "" {
		return id, nil
	}
	b, err := New(nil, token, Options{Discord: base})
	if err != nil {
		return "", err
	}
	id, err := b.rest.ApplicationID(ctx)
	if restStatus(err) == 401 {
		return "", wrongToken(401)
	}
	if err == nil && id == "" {
		err = fmt.Errorf("the answer holds no id")
	}
	if err != nil {
		return "", fmt.Errorf("ask Discord for the application's id: %w", err)
	}
	return id, nil
}

// tokenID decodes the id that a token begins with; empty where it doesn't.
func tokenID(token string) string {
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(first, "="))
	if err != nil || len(raw) < 15 || len(raw) > 20 {
		return ""
	}
	if _, err := strconv.ParseUint(string(raw), 10, 64); err != nil {
		return ""
	}
	return string(raw)
}
