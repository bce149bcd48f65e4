// Cart keeps the shop's carts in Redis and answers for them over gRPC.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

func main() {
	log := newLogger()
	if err := run(log); err != nil {
		log.Error("stopped", "error", err.Error())
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	version := env("APP_VERSION", "dev")
	pod := env("POD_NAME", env("HOSTNAME", "cart"))

	flushTraces, err := startTracing(ctx, version, pod)
	if err != nil {
		return err
	}
	faults := NewFaultSwitch(env("CONFIG_DIR", "/etc/landfall/config"), func(now Faults) {
		faultSetting.WithLabelValues("latencyMs").Set(now.LatencyMs)
		faultSetting.WithLabelValues("errorRate").Set(now.ErrorRate)
		faultSetting.WithLabelValues("memoryMbPerMinute").Set(now.MemoryMbPerMinute)
		faultSetting.WithLabelValues("cpuBurnPercent").Set(now.CPUBurnPercent)
		log.Info("faults", "now", now)
	}, func(err error) {
		log.Error("faults.json is damaged, the last good one is kept", "reason", err.Error())
	})
	go faults.Follow(ctx)

	ttl, err := time.ParseDuration(env("CART_TTL", "24h"))
	if err != nil {
		return fmt.Errorf("CART_TTL: %w", err)
	}
	store, err := openStore(env("REDIS_ADDR", "localhost:6379"), os.Getenv("REDIS_PASSWORD"), ttl)
	if err != nil {
		return err
	}
	server := NewServer(store, faults, version, pod)
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go server.WatchStore(watching, log)

	calls, err := net.Listen("tcp", ":"+env("GRPC_PORT", "50051"))
	if err != nil {
		return err
	}
	metrics, err := net.Listen("tcp", ":"+env("METRICS_PORT", "9464"))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	failed := make(chan error, 2)
	go func() { failed <- http.Serve(metrics, mux) }()
	go func() { failed <- server.grpc.Serve(calls) }()
	log.Info("listening", "grpc", port(calls), "metrics", port(metrics), "version", version)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-failed:
		return err
	case <-stop:
	}
	stopWatching()
	drain(log, server)
	flushing, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	_ = flushTraces(flushing)
	return nil
}

// openStore makes the client; it connects when first used and by itself again after every loss.
func openStore(address, password string, ttl time.Duration) (*Store, error) {
	client := redis.NewClient(&redis.Options{
		Addr:         address,
		Password:     password,
		DialTimeout:  500 * time.Millisecond,
		ReadTimeout:  time.Second,
		WriteTimeout: time.Second,
		MaxRetries:   1,
		// A managed cloud's handshake, which a plain Redis answers with an error.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		DisableIdentity:          true,
	})
	client.AddHook(redisMetrics{})
	if err := redisotel.InstrumentTracing(client, redisotel.WithDBStatement(false)); err != nil {
		return nil, err
	}
	return &Store{client: client, ttl: ttl}, nil
}

// drain says not ready, waits until callers know it, then lets the calls under way finish.
func drain(log *slog.Logger, server *Server) {
	log.Info("draining")
	server.health.Shutdown()
	delay, err := strconv.Atoi(env("DRAIN_DELAY_MS", "2000"))
	if err != nil {
		delay = 2000
	}
	time.Sleep(time.Duration(delay) * time.Millisecond)
	finished := make(chan struct{})
	go func() {
		server.grpc.GracefulStop()
		close(finished)
	}()
	select {
	case <-finished:
	case <-time.After(6 * time.Second):
		server.grpc.Stop()
	}
}

func port(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }
