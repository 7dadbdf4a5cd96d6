package main

import (
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"recado/adapters/blob/s3/s3test"
)

// A container is what a file of deploy says about how the program runs.
type container struct {
	command []string
	env     map[string]string
	mounts  []string // folders that can be written
}

// composed reads deploy/compose.yml.
func composed(t *testing.T) container {
	t.Helper()
	var file struct {
		Services map[string]struct {
			Command     []string          `yaml:"command"`
			Environment map[string]string `yaml:"environment"`
			Volumes     []string          `yaml:"volumes"`
		} `yaml:"services"`
	}
	readYAML(t, "compose.yml", &file)
	recado := file.Services["recado"]
	c := container{command: recado.Command, env: recado.Environment}
	for _, volume := range recado.Volumes {
		_, folder, _ := strings.Cut(volume, ":")
		c.mounts = append(c.mounts, folder)
	}
	return c
}

// deployed reads the deployment of a role in deploy/kubernetes, and the ConfigMap.
func deployed(t *testing.T, role string) container {
	t.Helper()
	var config struct {
		ConfigMaps []struct {
			Literals []string `yaml:"literals"`
		} `yaml:"configMapGenerator"`
	}
	readYAML(t, "kubernetes/kustomization.yaml", &config)
	var file struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Args         []string `yaml:"args"`
						VolumeMounts []struct {
							MountPath string `yaml:"mountPath"`
						} `yaml:"volumeMounts"`
					} `yaml:"containers"`
				} `yaml:"spec"`
			} `yaml:"template"`
		} `yaml:"spec"`
	}
	readYAML(t, "kubernetes/"+role+".yaml", &file)
	program := file.Spec.Template.Spec.Containers[0]
	c := container{command: program.Args, env: map[string]string{}}
	for _, literal := range config.ConfigMaps[0].Literals {
		name, value, _ := strings.Cut(literal, "=")
		c.env[name] = value
	}
	for _, m := range program.VolumeMounts {
		c.mounts = append(c.mounts, m.MountPath)
	}
	return c
}

// readYAML reads the first document of a file of deploy.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n---\n")
	if err := yaml.Unmarshal([]byte(first), into); err != nil {
		t.Fatal(err)
	}
}

// imageUser is the user of the image.
const imageUser = 65532

// root makes the root of the container: the program and certificates, which nobody can
// change, and the folders that are mounted.
func (c container) root(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	mountDisk(t, root, "500m")
	certificates := filepath.Join(root, "etc/ssl/certs/ca-certificates.crt")
	if err := os.MkdirAll(filepath.Dir(certificates), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(certificates, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(build(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "recado"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, folder := range c.mounts {
		folder = filepath.Join(root, folder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		mountDisk(t, folder, "50m")
		if err := os.Chown(folder, imageUser, imageUser); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", root, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	return root
}

// start starts the program in the container, with the stores and the addresses of w.
func (c container) start(w *world) {
	w.t.Helper()
	env := maps.Clone(c.env)
	maps.Copy(env, w.env)
	w.process = exec.Command("/recado", c.command...)
	for name, value := range env {
		if strings.HasPrefix(value, "${") { // of the operator, who sets nothing else
			continue
		}
		w.process.Env = append(w.process.Env, name+"="+value)
	}
	w.process.SysProcAttr = &syscall.SysProcAttr{
		Chroot: c.root(w.t), Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser},
	}
	w.process.Dir, w.process.Stderr = "/", w.log
	w.begin()
	w.awaitReady()
}

// The program works in the containers that deploy documents: with a root that is
// read-only and holds only itself and certificates, as a user without rights.
func TestTheDocumentedContainersWork(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start a program with another root and another user")
	}
	for name, read := range map[string]func(*testing.T) container{
		"compose":            composed,
		"kubernetes api":     func(t *testing.T) container { return deployed(t, "api") },
		"kubernetes worker":  func(t *testing.T) container { return deployed(t, "worker") },
		"kubernetes ingress": func(t *testing.T) container { return deployed(t, "ingress") },
	} {
		t.Run(name, func(t *testing.T) {
			c := read(t)
			w := newWorld(t, "postgres and redis")
			delete(w.env, "RECADO_DATA_DIR") // no container has one
			w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
			if strings.HasPrefix(c.env["RECADO_MEDIA_URL"], "s3://") {
				bucket, keys := s3test.Start(t)
				c.env["RECADO_MEDIA_URL"] = bucket
				maps.Copy(c.env, keys)
			}
			c.start(w)
			w.answers(http.StatusOK, "files: ok")
			if strings.Contains(name, "worker") || strings.Contains(name, "ingress") {
				return // they take no uploads
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.public+"/v1/media", strings.NewReader("a file"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+anaKey)
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusCreated {
				t.Errorf("an upload is answered %s", answer.Status)
			}
		})
	}
}
