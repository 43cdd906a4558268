package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"go.uber.org/zap"
)

// stream sends the events of a run as server-sent events, until the run ends, the browser leaves, or the service ends.
func (s *service) stream(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	h, err := s.open(r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	following, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	for e := range h.Events(following) {
		if err := send(w, string(e.Kind), e); err != nil {
			s.logger.Info("an event did not arrive", zap.String("run", h.ID), zap.Error(err))
			return
		}
	}
	if following.Err() == nil {
		_ = send(w, "end", map[string]string{"id": h.ID}) // Who has left misses nothing.
	}
}

// send writes one event at once.
func send(w http.ResponseWriter, name string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, encoded); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
