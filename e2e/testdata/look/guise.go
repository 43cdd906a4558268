package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// playGuise does what this program is for in containers beside the step's own, whose arguments name it: to write a file,
// or to stay. It returns false where the arguments are those of the pipeline.
func playGuise(args []string) bool {
	switch {
	case len(args) == 3 && args[0] == "write":
		if err := os.WriteFile(args[1], []byte(args[2]), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case len(args) == 1 && args[0] == "stay":
		stay()
	default:
		return false
	}
	return true
}

// stay runs until it is killed: like most first processes of containers, it does not hear a SIGTERM.
func stay() {
	signal.Ignore(syscall.SIGTERM)
	for {
		time.Sleep(time.Hour)
	}
}
