package supervise

import "fmt"

// ExitError is the end of a component during boot.
type ExitError struct {
	// Component is its name.
	Component string
	// Err is how it ended; nil stands for exit code 0, which is no better: components are not meant to end.
	Err error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s ended", e.Component)
	}
	return fmt.Sprintf("%s ended: %v", e.Component, e.Err)
}

func (e *ExitError) Unwrap() error { return e.Err }

func ended(c Component, err error) error { return &ExitError{Component: c.Name, Err: err} }
