// Parameters are values that a run is given: here a list, a duration and a struct. Each is a flag with the type, the
// default and the help that its declaration says.
package main

import (
	"context"
	"fmt"
	"math"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// Limits are the temperatures between which all is well.
type Limits struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Reading is a temperature that a sensor has measured.
type Reading struct {
	Sensor  string
	Time    time.Duration // since midnight
	Celsius float64
}

func read(_ context.Context, sensors []string, every time.Duration) (day []Reading, _ error) {
	if every < time.Minute {
		return nil, pipeline.Permanent(fmt.Errorf("the sensors give one reading per minute, and not one every %s", every))
	}
	for i, sensor := range sensors {
		for at := time.Duration(0); at < 24*time.Hour; at += every {
			sun := math.Sin((at.Hours() - 9) / 24 * 2 * math.Pi)
			day = append(day, Reading{sensor, at, 18 - 4*float64(i) + 8*sun})
		}
	}
	return day, nil
}

func check(_ context.Context, day []Reading, limits Limits) (alarms map[string]int, _ error) {
	alarms = map[string]int{}
	for _, r := range day {
		if r.Celsius < limits.Low || r.Celsius > limits.High {
			alarms[r.Sensor]++
		}
	}
	return alarms, nil
}

func sensors() (*pipeline.Pipeline, *pipeline.Step[map[string]int]) {
	names := pipeline.Param("sensors", []string{"attic", "cellar"}).Usage("read these sensors")
	every := pipeline.Param("every", 15*time.Minute).Usage("take a reading after each such time")
	limits := pipeline.Param("limits", Limits{Low: 10, High: 25}).Usage("the temperatures between which all is well")
	alarms := pipeline.Func2("check", check, pipeline.Func2("read", read, names, every), limits)
	return pipeline.New("sensors").Step(alarms), alarms
}

func main() {
	p, alarms := sensors()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		found, err := alarms.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println("readings out of limits:", found) // in the order of the names
		return nil
	}))
}
