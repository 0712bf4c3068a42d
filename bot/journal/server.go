package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startWithin is how long the embedded server may take to read its files. It took 6 ms with none.
const startWithin = time.Minute

// embed starts a server in the process and connects to it, without a port.
func (j *Journal) embed(o Options) (err error) {
	if o.Dir == "" {
		return errors.New("no folder was given")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil { // members' words are in it
		return err
	}
	if j.lock, err = lockDir(o.Dir); err != nil {
		return err
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "footnote", DontListen: true, NoSigs: true,
		JetStream: true, StoreDir: o.Dir, SyncAlways: true,
	})
	if err != nil {
		return fmt.Errorf("nats-server: %w", err)
	}
	s.SetLogger(serverLog{o.Log, &j.words}, false, false)
	j.embedded = s
	go s.Start() // ends with Shutdown, which Close waits for
	if !s.ReadyForConnections(startWithin) {
		return fmt.Errorf("nats-server did not start within %s; what it has logged says why", startWithin)
	}
	j.conn, err = nats.Connect("", nats.InProcessServer(s), nats.Name("footnote"))
	return err
}

// serverLog passes on what the embedded server has to say: that it is well is only of interest in debugging.
type serverLog struct {
	log   *slog.Logger
	words *complaint
}

// A complaint is the last error that the embedded server told of. It may be used from many goroutines.
type complaint struct {
	mu   sync.Mutex
	text string
	at   time.Time
}

// complaintLasts is how long a complaint may be why something is not answered.
const complaintLasts = 30 * time.Second

func (c *complaint) take(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text, c.at = text, time.Now()
}

// lately gives the complaint, or "" where it is old or there is none.
func (c *complaint) lately() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) > complaintLasts {
		return ""
	}
	return c.text
}

func (l serverLog) Noticef(f string, v ...any) { l.log.Debug("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Warnf(f string, v ...any)   { l.log.Warn("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Fatalf(f string, v ...any)  { l.log.Error("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Errorf(f string, v ...any) {
	l.words.take(fmt.Sprintf(f, v...))
	l.log.Error("nats-server: " + fmt.Sprintf(f, v...))
}
func (l serverLog) Debugf(string, ...any) {}
func (l serverLog) Tracef(string, ...any) {}
