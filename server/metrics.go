package server

import (
	"errors"
	"net/http"
	"strings"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"

	"undring/culture"
	"undring/culture/guard"
	pb "undring/gen/undring/v1"
	"undring/offline"
	"undring/postgres"
	"undring/tracing"
)

// metrics are what can be counted of a server without knowing anybody: no label
// names a person, a school or a word.
type metrics struct {
	registry *prometheus.Registry
	calls    *grpcprom.ServerMetrics
	// One observation for each owner and round; no label says which owner it was.
	jobs       *prometheus.HistogramVec // by owner
	jobDone    *prometheus.GaugeVec
	databaseUp prometheus.Gauge
	messages   *prometheus.CounterVec
}

// newMetrics makes what is counted. It names calls, jobs and connections, never people
// or schools: whoever reads metrics learns nothing about anybody. The registry is this
// server's own, so that two servers in a test do not share one.
func newMetrics(db *postgres.DB) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram(
			grpcprom.WithHistogramBuckets([]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}))),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "undring_job_seconds", Help: "Time that a job took for one school owner, by its name and by how it ended.",
			Buckets: []float64{.01, .1, 1, 10, 60, 600}}, []string{"job", "result"}),
		jobDone: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "undring_job_last_success_timestamp_seconds", Help: "When a job last succeeded for every school owner, by its name."}, []string{"job"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undring_messages_total", Help: "Messages to people that were taken in hand, by channel and by what became of them: WAITING ones are tried again."}, []string{"channel", "state"}),
		databaseUp: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "undring_database_up", Help: "1 when the database answered the last time that it was asked."}),
	}
	number := func(name, help string, of func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, of)
	}
	counted := func(name, help string, of func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, of)
	}
	all := []prometheus.Collector{
		m.calls, m.jobs, m.jobDone, m.databaseUp, m.messages,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		number("undring_pool_connections", "Connections to the database that are open.", func() float64 { return float64(db.Stat().TotalConns()) }),
		number("undring_pool_in_use", "Connections to the database that are taken.", func() float64 { return float64(db.Stat().AcquiredConns()) }),
		number("undring_pool_size", "Connections to the database that there may be.", func() float64 { return float64(db.Stat().MaxConns()) }),
		number("undring_gate_waiting", "Calls that wait for a connection.", func() float64 { return float64(db.Waiting()) }),
		counted("undring_gate_refused_total", "Calls that were asked to come back later.", func() float64 { return float64(db.Refused()) }),
	}
	var errs []error
	for _, c := range all {
		errs = append(errs, m.registry.Register(c))
	}
	return m, errors.Join(errs...)
}

// countMessage counts what became of a message.
func (m *metrics) countMessage(channel, state string) {
	m.messages.WithLabelValues(channel, state).Inc()
}

// tell adds what the rooms count of themselves.
func (m *metrics) tell(phones *offline.Service, figures *culture.Service) error {
	errs := []error{
		m.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "undring_phones_watching",
			Help: "Phones that wait for hints."}, func() float64 { return float64(phones.Watching()) })),
		m.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "undring_sync_lag_seconds",
			Help: "Age of the newest change that phones may not have heard about."}, func() float64 { return phones.Lag().Seconds() })),
	}
	for _, kind := range guard.Kinds() {
		errs = append(errs, m.registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "undring_figures_total",
			Help:        "Figures of groups that were published, by what is told of each: TOO_FEW and TOO_FEW_AMONG are held back.",
			ConstLabels: prometheus.Labels{"told": string(kind)}}, func() float64 { return float64(figures.Published()[kind]) })))
	}
	return errors.Join(errs...)
}

// handler serves the metrics to whoever scrapes the admin port. Five seconds, as a scrape
// that takes longer is given up by the one who asked.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, Timeout: 5 * time.Second})
}

// traces lets every call be traced that the contract knows and that ends: a phone
// watches for hours. Health checks are left out as well: they come each second and say
// nothing.
func traces(t *tracing.Tracing) []grpc.ServerOption {
	if t == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.StatsHandler(t.Calls(func(method string) bool {
		return access[method] != 0 && strings.HasPrefix(method, "/undring.v1.") && method != pb.SyncService_Watch_FullMethodName
	}))}
}
