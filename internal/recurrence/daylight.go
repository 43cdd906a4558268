package recurrence

import (
	"fmt"
	"time"
)

// hours are the bits of every hour of the day, as [cron.SpecSchedule] has them.
const everyHour = 1<<24 - 1

// Warnings says which firings between two times fall on a change of the zone's clocks: those in the hour that is left out never
// happen, those in the hour that is repeated happen twice. An expression that fires in every hour of the day goes on at its pace all
// the same, and there is nothing to warn of.
func (r *Recurrence) Warnings(from, to time.Time) []string {
	if r.spec.Hour&everyHour == everyHour {
		return nil
	}
	var warnings []string
	for _, c := range r.changes(from, to) {
		warnings = append(warnings, r.skipped(c)...)
		warnings = append(warnings, r.repeated(c)...)
	}
	return warnings
}

// change is an instant at which the zone's clocks are put forward by a time, or back if that is negative.
type change struct {
	at      time.Time
	before  *time.Location
	forward time.Duration
}

func (r *Recurrence) changes(from, to time.Time) []change {
	var all []change
	for at := from.In(r.zone); ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(to) {
			return all
		}
		_, before := end.Add(-time.Second).Zone()
		_, after := end.Zone()
		all = append(all, change{
			at: end, before: time.FixedZone("", before), forward: time.Duration(after-before) * time.Second,
		})
		at = end
	}
}

const wallClock = "15:04 on Monday, 2 January 2006"

// skipped warns of the firings that the clocks would have come to, had they not been put forward.
func (r *Recurrence) skipped(c change) []string {
	var warnings []string
	for at := c.at.In(c.before).Add(-time.Second); ; {
		at = r.spec.Next(at)
		if at.IsZero() || at.Sub(c.at) >= c.forward {
			return warnings
		}
		warnings = append(warnings, fmt.Sprintf("there is no %s in %s, where clocks are put forward then: nothing fires", at.Format(wallClock), r.zone))
	}
}

// repeated warns of the firings that the clocks come to twice.
func (r *Recurrence) repeated(c change) []string {
	var warnings []string
	for _, again := range r.Between(c.at, c.at.Add(-c.forward-time.Second), sampled) {
		first := again.Add(c.forward)
		if r.fires(first) {
			warnings = append(warnings, fmt.Sprintf("it is %s twice in %s, where clocks are put back then: it fires twice", again.Format(wallClock), r.zone))
		}
	}
	return warnings
}

// fires tells whether there is a firing at this very time.
func (r *Recurrence) fires(at time.Time) bool {
	return r.spec.Next(at.Add(-time.Second)).Equal(at)
}
