package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	shopv1 "landfall.example/shop/proto/shop/v1"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/metric/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// readyNames say whether to send calls here; "liveness" says only that the process lives.
var readyNames = []string{"", "readiness", shopv1.CartService_ServiceDesc.ServiceName}

// Server is the cart's gRPC server and its health.
type Server struct {
	grpc   *grpc.Server
	health *health.Server
	store  *Store
}

// NewServer puts the service together; it is not ready before WatchStore found its store.
func NewServer(store *Store, faults *FaultSwitch, version, pod string) *Server {
	server := &Server{health: health.NewServer(), store: store}
	server.grpc = grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler(
			otelgrpc.WithMeterProvider(noop.NewMeterProvider()),
			otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool { return strings.HasPrefix(info.FullMethodName, "/shop.") }),
		)),
		grpc.UnaryInterceptor(intercept(faults, version, pod)),
		// Clients connect anew now and then, so that new pods get their share.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      30 * time.Second,
			MaxConnectionAgeGrace: 10 * time.Second,
		}),
	)
	shopv1.RegisterCartServiceServer(server.grpc, &Service{store: store})
	healthpb.RegisterHealthServer(server.grpc, server.health)
	server.health.SetServingStatus("liveness", healthpb.HealthCheckResponse_SERVING)
	server.setReady(false)
	return server
}

// WatchStore keeps readiness equal to whether Redis answers, until the context ends.
func (s *Server) WatchStore(ctx context.Context, log *slog.Logger) {
	wasReady := false
	for first := true; ctx.Err() == nil; first = false {
		asking, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		err := s.store.Ping(asking)
		cancel()
		if ctx.Err() != nil {
			return
		}
		ready := err == nil
		s.setReady(ready)
		if ready && !wasReady {
			log.Info("redis answers")
		} else if !ready && (wasReady || first) {
			log.Error("redis is away", "error", err.Error())
		}
		wasReady = ready
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (s *Server) setReady(ready bool) {
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if ready {
		state = healthpb.HealthCheckResponse_SERVING
	}
	for _, name := range readyNames {
		s.health.SetServingStatus(name, state)
	}
}

// intercept surrounds the cart's own methods with their measure, who answered, and the faults.
func intercept(faults *FaultSwitch, version, pod string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, in any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		if !strings.HasPrefix(info.FullMethod, "/shop.") {
			return handle(ctx, in)
		}
		started := time.Now()
		_ = grpc.SetHeader(ctx, metadata.Pairs("x-served-by", pod, "x-served-version", version))
		out, err := strikeOr(ctx, faults, in, handle)
		rpcServerDuration.
			WithLabelValues(strings.TrimPrefix(info.FullMethod, "/"), codeName(status.Code(err))).
			Observe(time.Since(started).Seconds())
		return out, err
	}
}

func strikeOr(ctx context.Context, faults *FaultSwitch, in any, handle grpc.UnaryHandler) (any, error) {
	if faults.Strike(ctx) {
		return nil, status.Error(codes.Unavailable, "injected fault")
	}
	return handle(ctx, in)
}

// codeName is the code as the gRPC specification spells it: Go's own String gives "NotFound".
func codeName(code codes.Code) string {
	names := [...]string{
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
		"UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	}
	if int(code) < len(names) {
		return names[code]
	}
	return "UNKNOWN"
}
