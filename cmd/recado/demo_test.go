package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/porttest"
)

// A screen collects what a program prints and can be searched meanwhile.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) shows(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), text)
}

// The demonstration shows what it promises, and continues after it was killed.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeWide(t, filepath.Join(dir, "demo.log"), "")
	writeWide(t, filepath.Join(dir, "secret.key"), aKey)
	env := append(os.Environ(), "RECADO_TEST_IS_PROGRAM=1", "RECADO_DATA_DIR="+dir,
		"RECADO_LISTEN="+porttest.Address(t), "RECADO_INTERNAL_LISTEN="+porttest.Address(t))
	play := func(wants ...string) {
		shown := &screen{}
		demo := exec.Command(os.Args[0], "demo", "--pace=400ms")
		demo.Env, demo.Stdout, demo.Stderr = env, shown, shown
		if err := demo.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = demo.Process.Kill()
			_ = demo.Wait() // it was killed
			if t.Failed() {
				t.Log(shown.text.String())
			}
		}()
		for _, want := range wants {
			eventually(t, "the screen shows "+want, 3*time.Minute, func() bool { return shown.shows(want) })
		}
	}
	play("It starts with no chats.", "/chat/login#demo-key-of-ana-clinica",
		"message.created (inbound, 1 unanswered)",
		"«No se encontró la cuenta de mensajero» — waba 131026",
		"«No hay diálogos Waba pagados» — waba 131042",
		"— recado waba_window_closed", "— waba 132001", "until Meta's price is known",
		"waba.balance empty: 0 paid WABA dialogs left", "«No hay diálogos Waba pagados» — recado",
		"connection.status tienda-bot is unpaid", "Hay que mejorar la tarifa.", "refused with 403 tariff_not_allowed",
		"«Error desconocido. Póngase en contacto con el soporte técnico.» — telegram_bot 403",
		"«Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción» — recado",
		"limit.dialogs 2 of 2 outgoing dialogs (100 %)",
		"«Suscripción no pagada» — recado",
		"refused with 403 voice_not_available_on_tariff: Los mensajes de voz",
		"refused with 403 forbidden",
		"chat.blocked", "refused with 409 chat_blocked", "messages of blocked peers dropped so far",
		"statuses are the evidence",
		"chat.peer_refuses takes messages again", "chat.peer_refuses takes no messages",
		"chat.peer_changed 34600110011 is 34600110019 now",
		"connection.signal critical: ACCOUNT_RESTRICTION", "connection.status clinica-whatsapp is suspended", "connection.status clinica-whatsapp is ok",
		"number_not_exists", "connection.status clinica-phone is disconnected", "connection.status clinica-phone is ok",
		"— telegram_personal 400", "connection.status clinica-telegram is suspended", "connection.status clinica-telegram is ok",
		"message.media kept image/png,", "message.media kept audio/ogg", ": GET /v1/media/med_", "(file instrucciones.txt) text/plain", "(document)",
		"every signature valid")
	play("It continues with the", "message.status read", "every signature valid")
	private(t, dir)
}

// writeWide writes a file that everybody may read and change.
func writeWide(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
}

// private checks that only the owner may read what is in a directory.
func private(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, want %v", path, info.Mode(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
