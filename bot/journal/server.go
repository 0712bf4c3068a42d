package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
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
	j.embedded = &embedded{dir: o.Dir, log: serverLog{o.Log, &j.words, j.doubt}}
	if err := j.embedded.start(); err != nil {
		return err
	}
	// The connection outlasts the server: see heal.go.
	j.conn, err = nats.Connect("", nats.InProcessServer(j.embedded), nats.Name("footnote"), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			o.Log.Debug("the connection to the embedded server", "err", err)
		}))
	return err
}

// embedded is a server in the process, which may be followed by another on the same files.
type embedded struct {
	dir     string
	log     serverLog
	current atomic.Pointer[server.Server] // nil while there is none
}

// InProcessConn connects to it: [nats.InProcessConnProvider].
func (e *embedded) InProcessConn() (net.Conn, error) {
	s := e.current.Load()
	if s == nil {
		return nil, errors.New("the server is being started again")
	}
	return s.InProcessConn()
}

// start starts one.
func (e *embedded) start() error {
	s, err := server.NewServer(&server.Options{
		ServerName: "footnote", DontListen: true, NoSigs: true,
		JetStream: true, StoreDir: e.dir, SyncAlways: true,
	})
	if err != nil {
		return fmt.Errorf("nats-server: %w", err)
	}
	s.SetLogger(e.log, false, false)
	go s.Start() // ends with Shutdown, which end waits for
	if !s.ReadyForConnections(startWithin) {
		s.Shutdown()
		s.WaitForShutdown()
		return fmt.Errorf("nats-server did not start within %s; what it has logged says why", startWithin)
	}
	e.current.Store(s)
	return nil
}

// end ends it.
func (e *embedded) end() {
	if s := e.current.Swap(nil); s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// restart ends it and starts another.
func (e *embedded) restart() error {
	e.end()
	return e.start()
}

// serverLog passes on what the embedded server has to say: that it is well is only of interest in debugging.
type serverLog struct {
	log   *slog.Logger
	words *complaint
	doubt func() // told of each error: it may be that the disk takes no more
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
	l.doubt()
	l.log.Error("nats-server: " + fmt.Sprintf(f, v...))
}
func (l serverLog) Debugf(string, ...any) {}
func (l serverLog) Tracef(string, ...any) {}
