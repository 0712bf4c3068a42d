package bot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics counts what the bot does. Nothing in it tells who asked or what.
type metrics struct {
	registry   *prometheus.Registry
	asked      *prometheus.CounterVec
	outcomes   *prometheus.CounterVec
	latency    *prometheus.HistogramVec
	events     *prometheus.CounterVec
	panics     prometheus.Counter
	shed       prometheus.Counter
	running    prometheus.Gauge
	shards     *prometheus.GaugeVec
	reconnects *prometheus.CounterVec
	rest       *prometheus.CounterVec
	gaps       *prometheus.CounterVec
	journal    *prometheus.CounterVec
	living     *prometheus.CounterVec
	facts      prometheus.Gauge
	problems   *prometheus.GaugeVec
	reloads    *prometheus.CounterVec
}

// newMetrics makes counters in a registry of their own.
func newMetrics() *metrics {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "footnote", Name: name, Help: help}, labels)
	}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "footnote", Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		asked:    counters("questions_total", "Questions asked, by the way they were asked.", "way"),
		outcomes: counters("answers_total", "Questions by what became of them: answered, offers (not sure: members choose), declined, refused (too fast, too long), failed.", "outcome"),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "footnote", Name: "response_seconds",
			Help:    "From reading an event to Discord's having taken the whole response, by kind of event.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10, 30}}, []string{"kind"}),
		events:     counters("events_total", "Events read from the gateway, by what was done: handled, ignored, repeated, undecodable, late.", "what"),
		panics:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footnote", Name: "panics_total", Help: "Handlers that panicked. Each cost one answer."}),
		shed:       prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footnote", Name: "shed_total", Help: "Events dropped because too many were waiting."}),
		running:    prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "footnote", Name: "events_running", Help: "Events being handled or waiting for it."}),
		shards:     gauges("gateway_ready", "1 while the shard's connection to the gateway is ready, else 0.", "shard"),
		reconnects: counters("gateway_reconnects_total", "Connections to the gateway that ended, by why.", "why"),
		rest:       counters("rest_errors_total", "Requests that Discord refused, by HTTP status; none where there was no answer.", "status"),
		gaps:       counters("gaps_total", "What became of questions the facts could not answer: asked (kept for the moderators), refused (of a member who opened too many that day), waits (a member wants to be told), filled (answered now), told.", "what"),
		journal:    counters("journal_errors_total", "What the journal could not keep or read, by what it was for. Members are answered all the same.", "at"),
		living:     counters("corrections_total", "Posted answers whose facts have changed, by what was done: edited, same (it stood there already), lost (deleted, or no permission), failed (tried again later).", "what"),
		facts:      prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "footnote", Name: "facts", Help: "Facts in use."}),
		problems:   gauges("fact_problems", "Problems the last load of the fact files found, by level. With errors the earlier facts go on serving.", "level"),
		reloads:    counters("fact_reloads_total", "Reloads of the fact files, by how they went: changed, refused, failed.", "how"),
	}
	m.registry.MustRegister(m.asked, m.outcomes, m.latency, m.events, m.panics, m.shed, m.running, m.shards, m.reconnects, m.rest,
		m.gaps, m.journal, m.living, m.facts, m.problems, m.reloads, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// keeping shows whether the journal takes writes.
func (m *metrics) keeping(takes func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "footnote", Name: "journal_writable", Help: "1 while the journal takes writes, else 0."}, func() float64 {
		if takes() {
			return 1
		}
		return 0
	}))
}

// ask counts a question, by the way it was asked: slash, mention, direct, reply, command, form, button.
func (m *metrics) ask(way string) { m.asked.WithLabelValues(way).Inc() }

// outcome counts what became of a question: answered, offers, declined, refused, failed.
func (m *metrics) outcome(what string) { m.outcomes.WithLabelValues(what).Inc() }

// gap counts what became of a gap: asked, refused, waits, filled, told.
func (m *metrics) gap(what string) { m.gaps.WithLabelValues(what).Inc() }

// journalFailed counts what the journal could not do.
func (m *metrics) journalFailed(at string) { m.journal.WithLabelValues(at).Inc() }

// correction counts what became of an answer whose facts have changed: edited, same, lost, failed.
func (m *metrics) correction(what string) { m.living.WithLabelValues(what).Inc() }

func (m *metrics) event(what string) { m.events.WithLabelValues(what).Inc() }

func (m *metrics) took(kind string, d time.Duration) {
	m.latency.WithLabelValues(kind).Observe(d.Seconds())
}

func (m *metrics) restError(status string) { m.rest.WithLabelValues(status).Inc() }
