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

// A process is a program that is measured.
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
		_ = p.cmd.Wait() // its log tells
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
		p.stop()
		return nil, fmt.Errorf("%w; its log: %s", err, p.lastWords())
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends it and waits for that. Its log goes too.
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

// lastWords is the end of the log.
func (p *process) lastWords() string {
	text, _ := os.ReadFile(p.log.Name()) // without it there are none
	return string(text[max(0, len(text)-2<<10):])
}

// until asks again and again until it is so.
func until(ctx context.Context, what string, is func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
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
			return fmt.Errorf("after %v it is not so that %s", patience, what)
		}
	}
}

// freeAddress is one of this machine where nobody listens.
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
	answer, err := http.Get("http://" + address + "/metrics") // #nosec G107 -- an address of our own
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
