package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Whole fact files, as attachments.

const (
	// maxUpload is the largest file that is taken, in bytes: some 2,000 facts, as many as a person looks over.
	maxUpload = 1 << 20
	// uploadWithin bounds the fetching of one.
	uploadWithin = 10 * time.Second
	// maxDownload is how much is attached at once: Discord's limit for servers without boosts.
	maxDownload = 10 << 20
	maxFiles    = 10 // of a message
)

// fileHosts are Discord's own servers for attachments.
var fileHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

// upload answers /facts upload: a fact file in place of the one of its name, or a new one. It is checked and previewed as any edit.
func (m *moderation) upload(ctx context.Context, i *Interaction) Response {
	if m.folder == nil {
		return tell(builtIn)
	}
	a, ok := i.Attachments[i.Options[optionFile]]
	if !ok {
		return tell(uploadFailed)
	}
	name := a.Filename
	if _, err := m.read(name); err != nil {
		why, ok := cantEdit(err)
		if !ok {
			return m.failed("a fact file can't be read", err)
		}
		return tell("⛔ %s: %s", code(name), why)
	}
	if knowledge.HoldsTrials(name) {
		return tell("⛔ "+uploadTrials, code(name))
	}
	if a.Size > maxUpload {
		return tell("⛔ "+uploadTooLarge, code(name))
	}
	data, err := m.rest.Attachment(ctx, a.URL, maxUpload)
	switch {
	case errors.Is(err, errElsewhere):
		r := tell("⛔ " + uploadElsewhere)
		r.Then = func(ctx context.Context) {
			m.refused(ctx, i, journal.Edit{Kind: journal.Uploaded, Path: name}, uploadElsewhere)
		}
		return r
	case errors.Is(err, errTooLarge):
		return tell("⛔ "+uploadTooLarge, code(name))
	case err != nil:
		m.log.Warn("an attachment could not be fetched", "err", err)
		return tell("⛔ " + uploadFailed)
	case !utf8.Valid(data):
		return tell("⛔ "+uploadNotText, code(name))
	}
	blob, err := m.journal.Keep(ctx, data)
	if err != nil {
		return m.failed("an upload can't be kept", err)
	}
	return m.preview(ctx, i, operation{Kind: journal.Uploaded, Path: name, Blob: blob, Why: oneLine(i.Options[optionWhy])})
}

// download answers /facts download: one file, or all fact files where they fit into a message.
func (m *moderation) download(_ context.Context, i *Interaction) Response {
	if m.folder == nil {
		return tell(builtIn)
	}
	var names []string
	if name := strings.TrimSpace(i.Options[optionFile]); name != "" {
		names = append(names, name)
	} else {
		for _, f := range m.base.Set().Files {
			names = append(names, f.Path)
		}
	}
	if len(names) == 0 || len(names) > maxFiles {
		return tell("⛔ " + downloadWhich)
	}
	var files []File
	var lines []string
	size := 0
	for _, name := range names {
		data, err := m.read(name)
		if err != nil {
			return m.unreadable(name, err)
		}
		if data == nil {
			return tell("⛔ "+downloadNone, code(name))
		}
		if size += len(data); size > maxDownload {
			return tell("⛔ "+downloadTooLarge, code(name))
		}
		files = append(files, File{Name: path.Base(name), Data: data})
		lines = append(lines, code(name)+", "+plural(len(data), "byte"))
	}
	r := tell("%s", strings.Join(lines, "\n"))
	r.Files = files
	return r
}

// The errors of fetching an attachment.
var (
	errElsewhere = errors.New("the address is not of Discord's own servers for attachments")
	errTooLarge  = errors.New("the attachment is too large")
)

// Attachment fetches a file that a member attached, of at most so many bytes. It asks nobody but Discord's own servers, sends no token, and
// follows no redirection. The error is errElsewhere or errTooLarge, or says why it could not be had.
func (r *rest) Attachment(ctx context.Context, address string, most int) ([]byte, error) {
	if !r.hasFile(address) {
		return nil, errElsewhere
	}
	ctx, cancel := context.WithTimeout(ctx, uploadWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errElsewhere
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := r.client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the address, which is signed
		}
		return nil, fmt.Errorf("fetch an attachment: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch an attachment: HTTP %d", resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch an attachment: %w", err)
	case len(data) > most:
		return nil, errTooLarge
	}
	return data, nil
}

// hasFile reports whether an address is of Discord's own servers for attachments; or, where the API is another's, such as a test server's, of that one.
func (r *rest) hasFile(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "https" && u.Port() == "" && slices.Contains(fileHosts, u.Hostname()) {
		return true
	}
	api, err := url.Parse(r.base)
	return err == nil && r.base != DefaultDiscord && u.Scheme == api.Scheme && u.Host == api.Host
}
