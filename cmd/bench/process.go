package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a program under measurement.
type process struct {
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
}

// start starts a program and waits until it is ready.
func start(ctx context.Context, environment []string, ready func() bool, program string, args ...string) (*process, error) {
	log, err := os.CreateTemp("", "bench-*.log")
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(program, args...), log: log, ended: make(chan struct{})} // #nosec G204 -- the developer's own program
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // its log says why
		close(p.ended)
	}()
	err = until(ctx, program+" is ready", func() (bool, error) {
		select {
		case <-p.ended:
			return false, errors.New("it ended")
		default:
			return ready(), nil
		}
	})
	if err != nil {
		log := p.logTail() // before stop removes it
		p.stop()
		return nil, fmt.Errorf("%w; its log: %s", err, log)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop stops the process, waits for its end, and removes its log.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	_ = p.log.Close()
	_ = os.Remove(p.log.Name())
}

// logTail returns the end of the log.
func (p *process) logTail() string {
	text, _ := os.ReadFile(p.log.Name()) // without a log: nothing
	return string(text[max(0, len(text)-2<<10):])
}

// until polls until a condition holds.
func until(ctx context.Context, what string, is func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(waitTimeout)
	for {
		switch ok, err := is(); {
		case err != nil:
			return fmt.Errorf("%s: %w", what, err)
		case ok:
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("after %v, not yet true: %s", waitTimeout, what)
		}
	}
}

// freeAddress returns an address of this machine where nothing listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func answers(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// scrape reads metrics without labels.
func scrape(address string, names ...string) ([]float64, error) {
	answer, err := http.Get("http://" + address + "/metrics") // #nosec G107 -- a local address
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	defer answer.Body.Close()
	found := map[string]string{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		found[name] = value
	}
	values := make([]float64, len(names))
	for i, name := range names {
		if values[i], err = strconv.ParseFloat(found[name], 64); err != nil {
			return nil, fmt.Errorf("metric %s: %w", name, err)
		}
	}
	return values, nil
}
