package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// Faults is the fault switch, as in faults.json; what is absent is 0.
type Faults struct {
	// Added to every call, 0 … 600000 ms.
	LatencyMs float64 `json:"latencyMs"`
	// The share of calls that fail, 0 … 1.
	ErrorRate float64 `json:"errorRate"`
	// How fast memory is held, 0 … 100000 MB a minute; freed when it is 0 again.
	MemoryMbPerMinute float64 `json:"memoryMbPerMinute"`
	// Of one core, 0 … 100.
	CPUBurnPercent float64 `json:"cpuBurnPercent"`
}

// ParseFaults reads the content of a faults.json; its error names the field when it is damaged.
func ParseFaults(content []byte) (Faults, error) {
	var faults Faults
	if !bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) {
		return Faults{}, errors.New("not an object")
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&faults); err != nil {
		return Faults{}, err
	}
	if decoder.More() {
		return Faults{}, errors.New("more than one value")
	}
	for _, field := range []struct {
		name         string
		value, limit float64
	}{
		{"latencyMs", faults.LatencyMs, 600_000},
		{"errorRate", faults.ErrorRate, 1},
		{"memoryMbPerMinute", faults.MemoryMbPerMinute, 100_000},
		{"cpuBurnPercent", faults.CPUBurnPercent, 100},
	} {
		if field.value < 0 || field.value > field.limit {
			return Faults{}, fmt.Errorf("%s: %v is not a number from 0 to %v", field.name, field.value, field.limit)
		}
	}
	return faults, nil
}

// FaultSwitch follows faults.json and lets its faults act on this process.
type FaultSwitch struct {
	path    string
	current atomic.Pointer[Faults]
	changed func(Faults)
	damaged func(error)
	seen    []byte
	held    [][]byte
}

// NewFaultSwitch reads the file once; Follow goes on with it.
func NewFaultSwitch(configDir string, changed func(Faults), damaged func(error)) *FaultSwitch {
	s := &FaultSwitch{path: filepath.Join(configDir, "faults.json"), changed: changed, damaged: damaged}
	s.current.Store(&Faults{})
	s.refresh()
	return s
}

// Follow reads the file once a second until the context ends, by content: a ConfigMap's files change
// by a swapped link, which file watchers miss.
func (s *FaultSwitch) Follow(ctx context.Context) {
	go s.burnCPU(ctx)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.refresh()
			s.holdMemory()
		}
	}
}

// Current is what is switched on now.
func (s *FaultSwitch) Current() Faults { return *s.current.Load() }

// Strike waits for the latency that is switched on, then tells whether this call is to fail.
func (s *FaultSwitch) Strike(ctx context.Context) bool {
	faults := s.Current()
	if faults.LatencyMs > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(faults.LatencyMs * float64(time.Millisecond))):
		}
	}
	return rand.Float64() < faults.ErrorRate
}

// refresh takes no file for no faults, and keeps the last good when the file is damaged.
func (s *FaultSwitch) refresh() {
	content, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		content = []byte("{}")
	} else if err != nil {
		content = []byte("unreadable: " + err.Error())
	}
	if s.seen != nil && bytes.Equal(content, s.seen) {
		return
	}
	s.seen = content
	faults, err := ParseFaults(content)
	if err != nil {
		s.damaged(fmt.Errorf("%s: %w", s.path, err))
		return
	}
	s.current.Store(&faults)
	s.changed(faults)
}

func (s *FaultSwitch) holdMemory() {
	size := int(s.Current().MemoryMbPerMinute * 1024 * 1024 / 60)
	if size == 0 {
		s.held = nil
		return
	}
	block := make([]byte, size)
	// Pages that are never written to are not resident.
	for at := 0; at < size; at += 4096 {
		block[at] = 1
	}
	s.held = append(s.held, block)
}

func (s *FaultSwitch) burnCPU(ctx context.Context) {
	const slice = 50 * time.Millisecond
	for ctx.Err() == nil {
		busy := time.Duration(float64(slice) * s.Current().CPUBurnPercent / 100)
		for end := time.Now().Add(busy); time.Now().Before(end); {
		}
		time.Sleep(slice - busy)
	}
}
