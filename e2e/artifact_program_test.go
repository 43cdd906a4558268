package e2e

import (
	"fmt"
	"os/exec"
)

// output runs a program to its end and returns its standard output.
func output(program string, args ...string) (string, error) {
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		return "", fmt.Errorf("running %s: %w", program, err)
	}
	return string(out), nil
}
