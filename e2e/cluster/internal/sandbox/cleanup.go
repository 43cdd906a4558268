package sandbox

import "errors"

// cleanup undoes steps in reverse order, every one of them, whatever the others say.
type cleanup struct {
	steps []func() error
}

func (c *cleanup) add(step func() error) { c.steps = append(c.steps, step) }

func (c *cleanup) run() error {
	var errs []error
	for i := len(c.steps) - 1; i >= 0; i-- {
		errs = append(errs, c.steps[i]())
	}
	return errors.Join(errs...)
}
