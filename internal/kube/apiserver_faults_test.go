package kube

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// faults are what goes wrong between clients and an API server, by a seed.
type faults struct {
	server *apiServer
	// rate is the part of the calls that something goes wrong with.
	rate float64
	// begins and ends are the times between which the server is out of reach.
	begins, ends time.Time

	mu     sync.Mutex
	random *rand.Rand
	// requests counts all that were made, and those during the outage; injected the faults by their names.
	requests, inVain int
	injected         map[string]int
	// asked counts the requests by what was to be done.
	asked map[string]int
	// early are the requests that came before a Retry-After had passed.
	early []string
}

func newFaults(server *apiServer, seed uint64, rate float64) *faults {
	return &faults{server: server, rate: rate, random: rand.New(rand.NewPCG(seed, 0)), injected: map[string]int{}, asked: map[string]int{}}
}

// line returns the transport of one client.
func (f *faults) line() http.RoundTripper { return &line{faults: f, waits: map[string]waitTime{}} }

// between returns a time by chance.
func (f *faults) between(least, most time.Duration) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return least + time.Duration(f.random.Int64N(int64(most-least)))
}

// total is the number of faults.
func (f *faults) total() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, times := range f.injected {
		n += times
	}
	return n
}

// pick returns the fault of a call, empty for none.
func (f *faults) pick(r *http.Request) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	f.asked[doing(r)]++
	if now := time.Now(); !now.Before(f.begins) && now.Before(f.ends) {
		f.inVain++
		f.injected["outage"]++
		return "outage"
	}
	if f.random.Float64() >= f.rate {
		return ""
	}
	all := []string{"429", "500", "503", "503 with Retry-After", "reset before", "reset after"}
	switch {
	case watches(r):
		all = []string{"429", "500", "503", "reset before", "cut", "410", "410 later", "stall", "cut"}
	case r.Method == http.MethodGet:
		all = append(all, "slow")
	}
	fault := all[f.random.IntN(len(all))]
	f.injected[fault]++
	return fault
}

// doing says what a request is to do, as in "create pods".
func doing(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/namespaces/team/")
	resource, name, _ := strings.Cut(path, "/")
	switch {
	case watches(r):
		return "watch " + resource
	case r.Method == http.MethodPost:
		return "create " + resource
	case r.Method == http.MethodDelete:
		return "delete " + resource
	case name != "":
		return "get " + resource
	}
	return "list " + resource
}

// line is the transport of one client.
type line struct {
	*faults

	// waits are the times during which requests of a kind must not come.
	waits map[string]waitTime
}

// waitTime is a time for which a client was asked for patience.
type waitTime struct{ from, until time.Time }

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.check(r)
	sleep(r.Context(), nil, l.between(time.Millisecond, 50*time.Millisecond))
	switch fault := l.pick(r); fault {
	case "outage":
		return nil, syscall.ECONNREFUSED
	case "429":
		return l.later(r, http.StatusTooManyRequests), nil
	case "503 with Retry-After":
		return l.later(r, http.StatusServiceUnavailable), nil
	case "500":
		return refuseWith(r, apierrors.NewInternalError(io.ErrClosedPipe)), nil
	case "503":
		return refuseWith(r, apierrors.NewServiceUnavailable("starting")), nil
	case "reset before":
		return nil, syscall.ECONNRESET
	case "reset after":
		resp, err := l.server.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("reading the answer: %w", firstError(resp.Body.Close(), syscall.ECONNRESET))
	case "slow":
		sleep(r.Context(), nil, l.between(time.Second, 30*time.Second))
		return l.server.RoundTrip(r)
	case "410":
		return refuseWith(r, apierrors.NewResourceExpired("too old resource version")), nil
	default:
		if watches(r) {
			return l.watch(r, fault)
		}
		return l.server.RoundTrip(r)
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// check notes a request that comes too early. One that was sent in the moment of the answer could not know.
func (l *line) check(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := l.waits[kindOf(r)]
	if left := time.Until(asked.until); left > 0 && time.Now().After(asked.from) {
		l.early = append(l.early, fmt.Sprintf("%s came %s too early", kindOf(r), left))
	}
}

// later asks the client for patience, as priority and fairness does: by a plain text and a header.
func (l *line) later(r *http.Request, code int) *http.Response {
	after := l.between(time.Second, 9*time.Second).Truncate(time.Second)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits[kindOf(r)] = waitTime{time.Now(), time.Now().Add(after)}
	refusal := apierrors.NewGenericServerResponse(code, r.Method, schema.GroupResource{}, "", "too many requests, please try again later", int(after.Seconds()), true)
	resp := refuseWith(r, refusal)
	resp.Header.Set("Retry-After", strconv.Itoa(int(after.Seconds())))
	return resp
}
