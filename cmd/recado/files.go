package main

import (
	"context"
	"fmt"
	"slices"

	"recado/adapters/blob"
	"recado/adapters/crm"
	"recado/adapters/store/shared"
	"recado/adapters/transfer"
	"recado/adapters/voice"
	"recado/domain"
	"recado/metrics"
)

// openFiles opens where files are kept, if a role needs it. It waits for no bucket.
func (s *service) openFiles() (err error) {
	if !slices.Contains(s.roles, roleWorker) && !slices.Contains(s.roles, roleAPI) {
		return nil
	}
	if s.files, err = blob.Open(s.cfg.Media); err != nil {
		return fmt.Errorf("files cannot be kept: %w; set RECADO_MEDIA_URL to a folder that can be written, or to a bucket", err)
	}
	if s.cfg.DatabaseURL != "" && s.cfg.Media.Folder != "" {
		s.log.Warn("files are kept in a folder: all processes must share it, or use a bucket; see RECADO_MEDIA_URL", "folder", s.cfg.Media.Folder)
	}
	return nil
}

// transfer serves files to employees.
func (s *service) transfer(catalog domain.MediaCatalog, count *metrics.Metrics) *transfer.Service {
	return transfer.New(transfer.Config{
		Catalog: catalog, Files: s.files, Max: s.cfg.MediaMax, Voice: voice.Converter{FFmpeg: s.cfg.FFmpeg},
		Guard: crm.Guard(s.cfg.CallbackAllowNetworks),
		NewID: shared.NewID, Metrics: count, Log: s.log,
	})
}

func (s *service) pingFiles(ctx context.Context) error {
	if s.files == nil {
		return nil
	}
	if err := checkTemporary(); err != nil {
		return err
	}
	return s.files.Ping(ctx)
}
