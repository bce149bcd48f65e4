package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Seconds, as OpenTelemetry's semantic conventions advise.
var buckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

var (
	rpcServerDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rpc_server_call_duration_seconds",
		Help:    "Duration of RPCs answered.",
		Buckets: buckets,
	}, []string{"rpc_method", "rpc_response_status_code"})
	redisDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "db_client_operation_duration_seconds",
		Help:    "Duration of Redis commands.",
		Buckets: buckets,
	}, []string{"db_system_name", "db_operation_name", "error_type"})
	faultSetting = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Name: "shop_fault_setting",
		Help: "The faults switched on in this process, as in faults.json.",
	}, []string{"fault"})
)

// startTracing sets up OpenTelemetry and returns what flushes it. Nothing is exported unless an
// endpoint is set; the context still goes through.
func startTracing(ctx context.Context, version, pod string) (func(context.Context) error, error) {
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", env("OTEL_SERVICE_NAME", "cart")),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", pod),
	))}
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		options = append(options, sdktrace.WithBatcher(exporter))
	}
	provider := sdktrace.NewTracerProvider(options...)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
}

// newLogger writes JSON lines, with the trace they belong to when there is one.
func newLogger() *slog.Logger {
	return slog.New(traceHandler{slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			// The same names as the shop's other services write.
			if a.Key == slog.MessageKey {
				a.Key = "message"
			}
			return a
		},
	})})
}

type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// redisMetrics measures each command sent to Redis.
type redisMetrics struct{}

func (redisMetrics) DialHook(next redis.DialHook) redis.DialHook { return next }

func (redisMetrics) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		started := time.Now()
		err := next(ctx, command)
		kind := ""
		if err != nil && !errors.Is(err, redis.Nil) {
			kind = "error"
		}
		redisDuration.WithLabelValues("redis", command.Name(), kind).Observe(time.Since(started).Seconds())
		return err
	}
}

func (redisMetrics) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
