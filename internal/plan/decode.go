package plan

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/org/k8sorch/internal/graph"
)

// maxDecoded bounds what a plan may unpack to: a ConfigMap's 1 MiB could otherwise fill a pod's memory.
const maxDecoded = 64 << 20

// Decode reads a plan that Encode wrote, and checks that it is whole and of a version this binary understands.
func Decode(b []byte) (*Plan, error) { return DecodeFor(graph.Graph{}, "", b) }

// DecodeFor is Decode for a process that has built a graph itself, of which the fingerprint is given. Where that is the plan's
// graph, the plan gets the process's own, and what is encoded is not read: that would take as much memory again.
func DecodeFor(own graph.Graph, fingerprint string, b []byte) (*Plan, error) {
	// Its graph takes the place of the plan's, which is then decoded apart.
	var p struct {
		rest
		Graph json.RawMessage `json:"graph"`
	}
	if err := decode(b, &p, &p.rest, &p.Graph, own, fingerprint); err != nil {
		return nil, fmt.Errorf("decoding plan: %w", err)
	}
	whole := Plan(p.rest)
	if err := whole.checkTemplates(); err != nil {
		return nil, fmt.Errorf("decoding plan: %w", err)
	}
	return &whole, nil
}

// DecodeForStep is DecodeFor for the process of a step, which starts the sooner the less it reads: its plan has nothing of how steps
// are run, which is what Engine and Hooks say, and of Kubernetes only SkipOwners. To learn how a pod template is decoded takes as
// long as all else that is done here.
func DecodeForStep(own graph.Graph, fingerprint string, b []byte) (*Plan, error) {
	var p struct {
		rest
		Graph      json.RawMessage `json:"graph"`
		Engine     unread          `json:"engine"`
		Hooks      unread          `json:"hooks"`
		Kubernetes *struct {
			SkipOwners bool `json:"skipOwners"`
		} `json:"kubernetes"`
	}
	if err := decode(b, &p, &p.rest, &p.Graph, own, fingerprint); err != nil {
		return nil, fmt.Errorf("decoding plan: %w", err)
	}
	if p.Kubernetes != nil {
		p.rest.Kubernetes = &Kubernetes{SkipOwners: p.Kubernetes.SkipOwners}
	}
	part := Plan(p.rest)
	return &part, nil
}

// rest is a plan in a struct whose own fields take the place of the plan's.
type rest Plan

// unread takes the place of what is not decoded.
type unread struct{}

// UnmarshalJSON implements [json.Unmarshaler].
func (unread) UnmarshalJSON([]byte) error { return nil }

// decode fills all, which has the plan and the encoded graph in it.
func decode(b []byte, all any, p *rest, encodedGraph *json.RawMessage, own graph.Graph, fingerprint string) error {
	encoded, err := unpack(b)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(encoded, all); err != nil {
		return cmp.Or(otherVersion(encoded), err)
	}
	if err := checkVersion(p.Version); err != nil {
		return err
	}
	if fingerprint != "" && p.Fingerprint == fingerprint {
		p.Graph = own
		return nil
	}
	return (*Plan)(p).decodeGraph(*encodedGraph)
}

func unpack(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	// To the very end, where the checksum is.
	return io.ReadAll(io.LimitReader(z, maxDecoded))
}

// otherVersion is the error of a plan of another version, which may not be decodable at all; nil of one of this version or of none.
func otherVersion(encoded []byte) error {
	var p struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(encoded, &p); err == nil && p.Version != 0 {
		return checkVersion(p.Version)
	}
	return nil
}

func checkVersion(version int) error {
	if version != Version {
		return fmt.Errorf("it has version %d, this binary reads version %d", version, Version)
	}
	return nil
}

// decodeGraph decodes the plan's graph, which has to be the one that its fingerprint is of.
func (p *Plan) decodeGraph(encoded json.RawMessage) error {
	if len(encoded) > 0 {
		if err := json.Unmarshal(encoded, &p.Graph); err != nil {
			return err
		}
	}
	if got := p.Graph.Fingerprint(); got != p.Fingerprint {
		return fmt.Errorf("its graph has fingerprint %s, it says %s", got, p.Fingerprint)
	}
	return nil
}

func (p *Plan) checkTemplates() error {
	if p.Kubernetes == nil {
		return nil
	}
	for _, s := range p.Graph.Steps() {
		if i, ok := p.Kubernetes.StepTemplates[s.Name]; !ok || i < 0 || i >= len(p.Kubernetes.Templates) {
			return fmt.Errorf("step %q has no pod template", s.Name)
		}
	}
	return nil
}
