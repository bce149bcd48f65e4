package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	shopv1 "landfall.example/shop/proto/shop/v1"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const session = "0b6f5c1e-8a55-4a4e-9c55-3f6f4d1f2a10"

// cartUnderTest is the whole service over a real Redis, met by a real client.
type cartUnderTest struct {
	client    shopv1.CartServiceClient
	health    healthpb.HealthClient
	redis     *redisProcess
	store     *Store
	faults    *FaultSwitch
	configDir string
}

func startCart(t *testing.T) *cartUnderTest {
	t.Helper()
	process := startRedis(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	store, err := openStore(process.address(), "secret", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	configDir := t.TempDir()
	faults := NewFaultSwitch(configDir, func(Faults) {}, func(error) {})
	go faults.Follow(ctx)
	server := NewServer(store, faults, "1.2.3", "cart-abc")
	go server.WatchStore(ctx, slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.grpc.Serve(listener)
	t.Cleanup(server.grpc.Stop)
	connection, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	cart := &cartUnderTest{
		client: shopv1.NewCartServiceClient(connection), health: healthpb.NewHealthClient(connection),
		redis: process, store: store, faults: faults, configDir: configDir,
	}
	eventually(t, "ready", func() bool { return cart.state(t, "") == healthpb.HealthCheckResponse_SERVING })
	return cart
}

func (c *cartUnderTest) state(t *testing.T, name string) healthpb.HealthCheckResponse_ServingStatus {
	t.Helper()
	answer, err := c.health.Check(context.Background(), &healthpb.HealthCheckRequest{Service: name})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status
}

func (c *cartUnderTest) add(product string, cents int64, quantity int32) (*shopv1.Cart, error) {
	answer, err := c.client.AddItem(context.Background(), &shopv1.AddItemRequest{SessionId: session, Item: &shopv1.Item{
		ProductId: product, Name: "The " + product, Quantity: quantity,
		UnitPrice: &shopv1.Money{CurrencyCode: "EUR", MinorUnits: cents},
	}})
	return answer.GetCart(), err
}

func (c *cartUnderTest) get(t *testing.T) *shopv1.Cart {
	t.Helper()
	answer, err := c.client.GetCart(context.Background(), &shopv1.GetCartRequest{SessionId: session})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Cart
}

func (c *cartUnderTest) switchFaults(t *testing.T, content string, want Faults) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.configDir, "faults.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "faults "+content, func() bool { return c.faults.Current() == want })
}

func TestCartKeepsWhatIsAdded(t *testing.T) {
	cart := startCart(t)
	for _, step := range []struct {
		product  string
		cents    int64
		quantity int32
		total    int64
	}{{"mug", 1150, 2, 2300}, {"compass", 8900, 1, 11200}, {"mug", 1150, 1, 12350}} {
		got, err := cart.add(step.product, step.cents, step.quantity)
		if err != nil {
			t.Fatal(err)
		}
		if got.Total.MinorUnits != step.total || got.Total.CurrencyCode != "EUR" {
			t.Fatalf("after %v: total %v", step, got.Total)
		}
	}
	got := cart.get(t)
	if len(got.Items) != 2 || got.Items[0].Name != "The compass" || got.Items[1].Quantity != 3 {
		t.Fatalf("got %v", got.Items)
	}
	removed, err := cart.client.RemoveItem(context.Background(), &shopv1.RemoveItemRequest{SessionId: session, ProductId: "mug"})
	if err != nil || removed.Cart.Total.MinorUnits != 8900 || len(removed.Cart.Items) != 1 {
		t.Fatalf("after remove: %v, %v", removed, err)
	}
	cleared, err := cart.client.ClearCart(context.Background(), &shopv1.ClearCartRequest{SessionId: session})
	if err != nil || len(cleared.Cart.Items) != 0 || cleared.Cart.Total.MinorUnits != 0 {
		t.Fatalf("after clear: %v, %v", cleared, err)
	}
}

func TestAddsAtOnceAreAllCountedAndTheLimitHolds(t *testing.T) {
	cart := startCart(t)
	var group sync.WaitGroup
	refused := make(chan error, 120)
	for range 120 {
		group.Go(func() {
			if _, err := cart.add("mug", 100, 1); err != nil {
				refused <- err
			}
		})
	}
	group.Wait()
	close(refused)
	for err := range refused {
		if status.Code(err) != codes.ResourceExhausted {
			t.Fatal(err)
		}
	}
	if got := cart.get(t).Items[0].Quantity; got != 99 {
		t.Fatalf("%d in the cart", got)
	}
	for n := range 49 {
		if _, err := cart.add(fmt.Sprintf("p-%d", n), 1, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cart.add("one-too-many", 1, 1); status.Code(err) != codes.ResourceExhausted {
		t.Fatalf("a 51st product: %v", err)
	}
}

func TestCartIsForgottenInTime(t *testing.T) {
	cart := startCart(t)
	cart.store.ttl = 300 * time.Millisecond
	if _, err := cart.add("mug", 100, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the cart expires", func() bool { return len(cart.get(t).Items) == 0 })
}

func TestBadInputIsRefused(t *testing.T) {
	cart := startCart(t)
	for product, quantity := range map[string]int32{"": 1, "UPPER": 1, "a:b": 1, "zero": 0, "less": -1, "many": 100} {
		if _, err := cart.add(product, 100, quantity); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%q × %d: %v", product, quantity, err)
		}
	}
	if _, err := cart.add("mug", -1, 1); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a price below nothing: %v", err)
	}
	_, err := cart.client.GetCart(context.Background(), &shopv1.GetCartRequest{SessionId: "x y"})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("a bad session: %v", err)
	}
}

func TestRedisAwayAndBack(t *testing.T) {
	cart := startCart(t)
	if _, err := cart.add("mug", 100, 2); err != nil {
		t.Fatal(err)
	}
	cart.redis.stop()
	eventually(t, "not ready", func() bool { return cart.state(t, "readiness") == healthpb.HealthCheckResponse_NOT_SERVING })
	if cart.state(t, "liveness") != healthpb.HealthCheckResponse_SERVING {
		t.Error("a lost Redis must not restart the cart")
	}
	if _, err := cart.add("mug", 100, 1); status.Code(err) != codes.Unavailable {
		t.Errorf("without Redis: %v", err)
	}
	cart.redis.start()
	eventually(t, "ready again", func() bool { return cart.state(t, "readiness") == healthpb.HealthCheckResponse_SERVING })
	if got := cart.get(t); len(got.Items) != 1 || got.Items[0].Quantity != 2 {
		t.Errorf("after the restart: %v", got)
	}
}

func TestCallsAreMeasuredNamedAndTraced(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	cart := startCart(t)
	count := func() int { return testutil.CollectAndCount(rpcServerDuration) }
	rpcServerDuration.Reset()
	parent := "00-abababababababababababababababab-cdcdcdcdcdcdcdcd-01"
	ctx := metadata.AppendToOutgoingContext(context.Background(), "traceparent", parent)
	var header metadata.MD
	if _, err := cart.client.GetCart(ctx, &shopv1.GetCartRequest{SessionId: session}, grpc.Header(&header)); err != nil {
		t.Fatal(err)
	}
	if header.Get("x-served-by")[0] != "cart-abc" || header.Get("x-served-version")[0] != "1.2.3" {
		t.Errorf("header %v", header)
	}
	if count() != 1 {
		t.Errorf("%d series; health checks are not to be measured", count())
	}
	// The server's span and the one of its HGETALL.
	joined := func() (n int) {
		for _, span := range recorder.Ended() {
			if span.SpanContext().TraceID().String() == parent[3:35] {
				n++
			}
		}
		return n
	}
	eventually(t, "two spans of the caller's trace", func() bool { return joined() == 2 })
}

func TestFaultsActAndEnd(t *testing.T) {
	cart := startCart(t)
	cart.switchFaults(t, `{"errorRate": 1}`, Faults{ErrorRate: 1})
	if _, err := cart.add("mug", 100, 1); status.Code(err) != codes.Unavailable {
		t.Errorf("errorRate 1: %v", err)
	}
	if cart.state(t, "") != healthpb.HealthCheckResponse_SERVING {
		t.Error("faults must leave health alone")
	}
	cart.switchFaults(t, `{"latencyMs": 300}`, Faults{LatencyMs: 300})
	started := time.Now()
	cart.get(t)
	if took := time.Since(started); took < 300*time.Millisecond {
		t.Errorf("latencyMs 300: took %v", took)
	}
	// A damaged file keeps the last good.
	if err := os.WriteFile(filepath.Join(cart.configDir, "faults.json"), []byte(`{"latencyMs": `), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1300 * time.Millisecond)
	if cart.faults.Current().LatencyMs != 300 {
		t.Errorf("after damage: %v", cart.faults.Current())
	}
	cart.switchFaults(t, `{}`, Faults{})
}

func TestParseFaultsRefuses(t *testing.T) {
	for _, text := range []string{
		"", "[]", "null", `{"latency": 1}`, `{"errorRate": 1.1}`, `{"errorRate": true}`, `{"latencyMs": "5"}`,
		`{"cpuBurnPercent": -1}`, `{} {}`,
	} {
		if faults, err := ParseFaults([]byte(text)); err == nil {
			t.Errorf("%q gave %v", text, faults)
		}
	}
}
