package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
)

// service begins and shows runs of one pipeline. It keeps nothing: what it says of runs, it reads from the cluster.
type service struct {
	orchestrator *pipeline.Orchestrator
	scoring      scoring
	logger       *zap.Logger
}

func newService(o *pipeline.Orchestrator, p scoring, logger *zap.Logger) *service {
	return &service{orchestrator: o, scoring: p, logger: logger}
}

// handler returns the service's routes. Streams of events end with ctx.
func (s *service) handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /runs", s.begin)
	mux.HandleFunc("GET /runs", s.list)
	mux.HandleFunc("GET /runs/{id}", s.show)
	mux.HandleFunc("GET /runs/{id}/events", func(w http.ResponseWriter, r *http.Request) { s.stream(ctx, w, r) })
	mux.HandleFunc("POST /runs/{id}/stop", s.stop)
	return mux
}

// order is the body of a request for a run.
type order struct {
	// Rows is the parameter of the pipeline; without it the default holds.
	Rows *int `json:"rows"`
}

// maxOrder is the most bytes that an order may have.
const maxOrder = 64 << 10

func (s *service) begin(w http.ResponseWriter, r *http.Request) {
	var given order
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		http.Error(w, "reading the order: "+err.Error(), http.StatusBadRequest)
		return
	}
	var opts []pipeline.RunOption
	if given.Rows != nil {
		opts = append(opts, s.scoring.rows.Set(*given.Rows))
	}
	h, err := s.orchestrator.Submit(r.Context(), s.scoring.Pipeline, opts...)
	if err != nil {
		s.refuse(w, err)
		return
	}
	w.Header().Set("Location", "/runs/"+h.ID)
	s.answer(w, http.StatusCreated, map[string]string{"id": h.ID})
}

func (s *service) list(w http.ResponseWriter, r *http.Request) {
	runs, err := s.orchestrator.List(r.Context(), s.scoring.Pipeline)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answer(w, http.StatusOK, map[string][]pipeline.RunInfo{"runs": runs})
}

// outcome is what came of a run, or is known of it so far.
type outcome struct {
	*pipeline.Run
	// Score is there when the run has succeeded.
	Score *float64 `json:"score,omitempty"`
}

// show tells how a run is doing. With the query ?wait it waits for the end, as long as the request does.
func (s *service) show(w http.ResponseWriter, r *http.Request) {
	h, err := s.open(r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	look := h.Status
	if r.URL.Query().Has("wait") {
		look = h.Wait
	}
	run, err := look(r.Context())
	if _, ended := errors.AsType[*pipeline.RunError](err); err != nil && !ended {
		s.refuse(w, err)
		return
	}
	shown := outcome{Run: run}
	if run.Outcome == pipeline.Succeeded {
		score, err := s.scoring.score.Result(r.Context(), run)
		if err != nil {
			s.refuse(w, err)
			return
		}
		shown.Score = &score
	}
	s.answer(w, http.StatusOK, shown)
}

func (s *service) stop(w http.ResponseWriter, r *http.Request) {
	h, err := s.open(r)
	if err == nil {
		err = h.Stop(r.Context(), "stopped over HTTP")
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// open returns the run that a request is about, whichever process submitted it.
func (s *service) open(r *http.Request) (*pipeline.Handle, error) {
	return s.orchestrator.Open(r.Context(), s.scoring.Pipeline, r.PathValue("id"))
}

// refuse answers with an error.
func (s *service) refuse(w http.ResponseWriter, err error) {
	code := http.StatusBadGateway
	if _, invalid := errors.AsType[*pipeline.ValidationError](err); invalid {
		code = http.StatusBadRequest
	}
	if errors.Is(err, pipeline.ErrNoRun) {
		code = http.StatusNotFound
	}
	s.logger.Warn("a request was refused", zap.Int("status", code), zap.Error(err))
	http.Error(w, err.Error(), code)
}

func (s *service) answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.logger.Info("an answer did not arrive", zap.Error(err))
	}
}
