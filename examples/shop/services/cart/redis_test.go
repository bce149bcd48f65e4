package main

import (
	"context"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisProcess is a real redis-server of the test's own, in a folder and on a port of its own.
type redisProcess struct {
	t       *testing.T
	folder  string
	port    string
	command *exec.Cmd
}

// startRedis starts one that ends with the test; the test is skipped where there is no redis-server.
func startRedis(t *testing.T) *redisProcess {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed (Debian package redis-server)")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	process := &redisProcess{t: t, folder: t.TempDir(), port: strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)}
	listener.Close()
	t.Cleanup(process.stop)
	process.start()
	return process
}

func (p *redisProcess) address() string { return "127.0.0.1:" + p.port }

func (p *redisProcess) start() {
	p.t.Helper()
	p.command = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", p.port, "--dir", p.folder,
		"--requirepass", "secret", "--appendonly", "yes", "--save", "")
	// Ended with the test even when the test is killed.
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: p.address(), Password: "secret"})
	defer client.Close()
	eventually(p.t, "redis answers", func() bool { return client.Ping(context.Background()).Err() == nil })
}

func (p *redisProcess) stop() {
	if p.command == nil {
		return
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
	p.command = nil
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 10 s in vain: %s", what)
		}
	}
}
