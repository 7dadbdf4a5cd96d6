package manifests

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const composeFile = "../../compose.yml"

func project(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{composeFile}, cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

// services loads the file with a key, and returns it with the service recado.
func services(t *testing.T) (*types.Project, types.ServiceConfig) {
	t.Helper()
	p, err := project(t, "RECADO_SECRET_KEY=a-key")
	if err != nil {
		t.Fatal(err)
	}
	recado, err := p.GetService("recado")
	if err != nil {
		t.Fatal(err)
	}
	return p, recado
}

func TestComposeFile(t *testing.T) {
	p, recado := services(t)
	if grace := recado.StopGracePeriod; grace == nil || time.Duration(*grace) < 27*time.Second {
		t.Errorf("recado gets %v to stop, and needs 27 s", grace)
	}
	if !recado.ReadOnly || recado.User != "65532:65532" || !slices.Equal(recado.CapDrop, []string{"ALL"}) {
		t.Errorf("recado has more rights than it needs: %+v", recado)
	}
	redis, err := p.GetService("redis")
	if err != nil || !slices.Contains(redis.Command, "noeviction") {
		t.Errorf("redis may evict: %v, %v", redis.Command, err)
	}
	for name, service := range p.Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s to everyone", name, port.Published)
			}
		}
	}
}

// Its root is read-only: without volumes it keeps no file, and fetches none.
func TestComposeFileGivesRecadoPlacesForFiles(t *testing.T) {
	_, recado := services(t)
	media, temporary := recado.Environment["RECADO_MEDIA_URL"], false
	if media == nil {
		t.Fatal("RECADO_MEDIA_URL is not set")
	}
	kept := false
	for _, v := range recado.Volumes {
		kept = kept || v.Type == types.VolumeTypeVolume && strings.HasPrefix(*media, v.Target+"/")
		temporary = temporary || v.Target == "/tmp"
	}
	if !kept || !temporary {
		t.Errorf("no volume holds %s, or none /tmp: %+v", *media, recado.Volumes)
	}
}

func TestComposeFileAsksForTheSecretKey(t *testing.T) {
	if _, err := project(t); err == nil {
		t.Error("it loads without RECADO_SECRET_KEY")
	}
}
