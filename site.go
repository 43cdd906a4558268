package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// site is the place in the user's program where something was declared.
type site struct {
	file string
	line int
}

// callerSite returns the place that called the function which called callerSite.
func callerSite() site {
	_, file, line, _ := runtime.Caller(2)
	return site{file: file, line: line}
}

// String returns the place as file:line, relative to the working directory where the file is below it.
func (s site) String() string {
	file := s.file
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, file); err == nil && !strings.HasPrefix(rel, "..") {
			file = rel
		}
	}
	return fmt.Sprintf("%s:%d", file, s.line)
}
