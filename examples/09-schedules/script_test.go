package main

import (
	"testing"

	"github.com/org/k8sorch/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, "schedules", main) }

// TestProgram runs the program as its README says, every step a process of its own.
func TestProgram(t *testing.T) { exampletest.Run(t) }
