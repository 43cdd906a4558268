// Package recurrence says when a cron expression fires, in a time zone, as Kubernetes would have it.
package recurrence

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Recurrence is a cron expression in a time zone.
type Recurrence struct {
	spec *cron.SpecSchedule
	zone *time.Location
}

// Parse reads an expression with the parser that Kubernetes itself uses, and a zone of the IANA time zone database. What is wrong
// with the expression is told with its place.
func Parse(expression, zone string) (*Recurrence, error) {
	location, err := loadZone(zone)
	if err != nil {
		return nil, err
	}
	spec, err := parse(expression)
	if err != nil {
		return nil, fmt.Errorf("reading cron expression %q: %w", expression, err)
	}
	r := &Recurrence{spec, location}
	if len(r.Next(time.Now(), 1)) == 0 {
		return nil, fmt.Errorf("reading cron expression %q: it never fires: there is no such date in the next five years", expression)
	}
	return r, nil
}

// loadZone returns the zone of a name. The API server refuses an empty name and Local as well, because they mean whatever zone the
// controller manager is in (k8s.io/kubernetes/pkg/apis/batch/validation).
func loadZone(name string) (*time.Location, error) {
	location, err := time.LoadLocation(name)
	if err != nil || name == "" || strings.EqualFold(name, "Local") {
		return nil, fmt.Errorf("reading time zone %q: there is no such zone: give a name of the IANA time zone database, such as Europe/Zurich or UTC", name)
	}
	return location, nil
}

func parse(expression string) (*cron.SpecSchedule, error) {
	switch {
	case strings.TrimSpace(expression) == "":
		return nil, fmt.Errorf("it is empty: give %s", fiveFields)
	case strings.Contains(expression, "TZ"):
		return nil, errors.New("it names a time zone, which the API server refuses: give the zone by itself")
	case strings.HasPrefix(expression, "@every"):
		return nil, errors.New("@every has no times of its own, only times since the last firing: give five fields, such as */10 * * * * for every ten minutes")
	}
	parsed, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, locate(expression, err)
	}
	// @every alone is of another type.
	return parsed.(*cron.SpecSchedule), nil
}

// Next returns the first n firings after a time, in the zone. There are fewer where the next one is more than five years away.
func (r *Recurrence) Next(after time.Time, n int) []time.Time {
	var firings []time.Time
	for at := after.In(r.zone); len(firings) < n; {
		at = r.spec.Next(at)
		if at.IsZero() {
			break
		}
		firings = append(firings, at)
	}
	return firings
}

// Between returns the firings from one time to another, both included, in the zone; at most limit of them.
func (r *Recurrence) Between(from, to time.Time, limit int) []time.Time {
	var firings []time.Time
	at := from.In(r.zone).Add(-time.Nanosecond)
	for len(firings) < limit {
		at = r.spec.Next(at)
		if at.IsZero() || at.After(to) {
			break
		}
		firings = append(firings, at)
	}
	return firings
}

// sampled is how many firings the shortest interval is looked for among.
const sampled = 50

// Interval returns the shortest time between firings that follow on a time.
func (r *Recurrence) Interval(after time.Time) time.Duration {
	const yearly = 365 * 24 * time.Hour
	shortest, firings := yearly, r.Next(after, sampled)
	for i := 1; i < len(firings); i++ {
		shortest = min(shortest, firings[i].Sub(firings[i-1]))
	}
	return shortest
}
