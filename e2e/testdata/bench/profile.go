package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// profileVariable names the file that takes the profile of this process's CPU time, from its start to the signal SIGUSR1: the
// process has no end of its own at which it could be written. One beside it takes the profile of the heap as it is then.
const profileVariable = "BENCH_PROFILE"

func profile() error {
	path := os.Getenv(profileVariable)
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	heap, err := os.Create(path + ".heap")
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	enough := make(chan os.Signal, 1)
	signal.Notify(enough, syscall.SIGUSR1)
	go func() {
		<-enough
		pprof.StopCPUProfile()
		_ = pprof.WriteHeapProfile(heap)
	}()
	return nil
}
