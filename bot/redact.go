package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// redacting is a log handler through which the token can't get, whatever is logged: a last line, since nothing should try.
type redacting struct {
	slog.Handler
	token string
}

// redact wraps a handler so that the token never reaches it.
func redact(h slog.Handler, token string) slog.Handler {
	if token == "" {
		return h
	}
	return redacting{h, token}
}

// Handle passes the record on without the token.
func (h redacting) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, h.text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs cleans the attributes once for all records.
func (h redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for n, a := range attrs {
		clean[n] = h.attr(a)
	}
	return redacting{h.Handler.WithAttrs(clean), h.token}
}

// WithGroup keeps the wrapping.
func (h redacting) WithGroup(name string) slog.Handler {
	return redacting{h.Handler.WithGroup(name), h.token}
}

func (h redacting) text(s string) string { return strings.ReplaceAll(s, h.token, "[token]") }

func (h redacting) attr(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(h.text(a.Value.String()))
	case slog.KindGroup:
		var clean []slog.Attr
		for _, g := range a.Value.Group() {
			clean = append(clean, h.attr(g))
		}
		a.Value = slog.GroupValue(clean...)
	case slog.KindAny:
		if s := fmt.Sprint(a.Value.Any()); strings.Contains(s, h.token) {
			a.Value = slog.StringValue(h.text(s))
		}
	}
	return a
}
