package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/stats"
)

// Endpoint is the environment variable that names the collector, as
// http://127.0.0.1:4317, or https:// where it speaks TLS.
const Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"

// stopTime is how long the last spans may take when the program ends.
const stopTime = time.Second

// Tracing sends spans. Nil: nobody wants any.
type Tracing struct {
	spans *sdk.TracerProvider
}

// Check says what is wrong with the address of a collector. None is right.
func Check(endpoint string) error {
	u, err := url.Parse(endpoint)
	if endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return errors.New(Endpoint + " is not an address of a collector, such as http://127.0.0.1:4317")
	}
	return nil
}

// Start prepares to send spans to the collector that the environment names, by the
// variables of OpenTelemetry; nil where it names none. The collector need not be
// there. The log hears when it can't be reached, and when it can again.
func Start(ctx context.Context, getenv func(string) string, log *slog.Logger) (*Tracing, error) {
	endpoint := getenv(Endpoint)
	if endpoint == "" {
		return nil, nil
	}
	if err := Check(endpoint); err != nil {
		return nil, err
	}
	// It retries by itself for a minute, in which others would be lost.
	out, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Endpoint, err)
	}
	// The later ones count: the environment may name the program otherwise.
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "undring")), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("reading OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return &Tracing{sdk.NewTracerProvider(sdk.WithBatcher(&discreet{SpanExporter: out, log: log}), sdk.WithResource(about))}, nil
}

// Calls makes a span of each call that wanted names, by its full method.
func (t *Tracing) Calls(wanted func(method string) bool) stats.Handler {
	return otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(t.spans), otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelgrpc.WithFilter(func(i *stats.RPCTagInfo) bool { return wanted(i.FullMethodName) }))
}

// Statements makes a span of each statement within a call, without what it is about;
// nil where nobody wants any.
func (t *Tracing) Statements() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.spans), otelpgx.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelpgx.WithDisableConnectionDetailsInAttributes())
}

// Stop sends what is left, for a bounded time.
func (t *Tracing) Stop() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	_ = t.spans.Shutdown(ctx) // a collector that does not answer has been told of
}
