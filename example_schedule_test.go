package pipeline_test

import (
	"fmt"
	"time"

	pipeline "github.com/org/k8sorch"
)

// The firings of a schedule can be looked at before there is one: the clocks of its zone decide.
func ExampleSchedule_Next() {
	s := pipeline.Schedule{Cron: "30 2 * * sun", TimeZone: "America/New_York"}
	after := time.Date(2027, 3, 6, 0, 0, 0, 0, time.UTC)
	firings, err := s.Next(after, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, at := range firings {
		fmt.Println(at)
	}
	warnings, err := s.Warnings(after)
	fmt.Println(warnings, err)
	// Output:
	// 2027-03-07 02:30:00 -0500 EST
	// 2027-03-21 02:30:00 -0400 EDT
	// [there is no 02:30 on Sunday, 14 March 2027 in America/New_York, where clocks are put forward then: nothing fires] <nil>
}

// A mistake in an expression is told with its place, before anything is done.
func ExampleSchedule_Next_mistake() {
	_, err := pipeline.Schedule{Cron: "0 25 * * *"}.Next(time.Now(), 1)
	fmt.Println(err)
	// Output:
	// reading cron expression "0 25 * * *": field 2, the hour, at column 3: end of range (25) above maximum (23): 25: "25" is not allowed there, but 0 to 23, *, lists with ",", ranges with "-" and steps with "/" are
}
