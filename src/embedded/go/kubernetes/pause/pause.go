// Package pause is the first process of a pod's sandbox: it holds the pod's namespaces open,
// reaps the children that a shared process namespace hands to it, and leaves on a signal.
package pause

import (
	"os"
	"os/signal"
	"syscall"
)

// Run waits for SIGINT or SIGTERM and returns the exit code 0.
func Run() int {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return 0
		}
		reap()
	}
	return 0
}

// reap collects every child that has ended: one SIGCHLD can stand for several of them.
func reap() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
	}
}
