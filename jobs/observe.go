package jobs

import (
	"context"
	"log/slog"

	"recado/domain"
)

// signalLevels are the levels of the log for those of signals.
var signalLevels = map[domain.SignalLevel]slog.Level{
	domain.LevelInfo: slog.LevelInfo, domain.LevelWarning: slog.LevelWarn, domain.LevelCritical: slog.LevelError,
}

// observe counts and logs what an update made known of its connection and its price.
func (w *Worker) observe(r domain.Result) {
	for _, s := range r.Signals {
		w.cfg.Metrics.Signal(r.Kind, s.Signal)
		w.cfg.Log.Log(context.Background(), signalLevels[s.Level], "the messenger signals",
			"connection", s.Connection, "kind", s.Kind, "level", s.Level, "title", s.Title, "details", s.Details)
	}
	if r.Price != nil {
		w.cfg.Metrics.Priced(*r.Price)
	}
}
