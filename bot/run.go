package bot

import (
	"context"
	"errors"
	"time"
)

const dialWithin = 10 * time.Second

// run is Run.
func (b *Bot) run(ctx context.Context) error { return errors.New("not built yet") }

func (b *Bot) checkGuild(data []byte) {}
