package attempt

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/org/k8sorch/internal/record"
)

// crash tells that code did not come back by returning.
type crash struct{ reason, message string }

func (c crash) end() *record.End {
	return &record.End{Outcome: record.Failed, Reason: c.reason, Message: c.message}
}

// guard calls f and returns nil once f has returned. It does so in a goroutine of its own, because runtime.Goexit (which
// the testing package's FailNow and SkipNow call) would end the caller's for good.
func guard(f func()) *crash {
	ended := make(chan *crash, 1)
	go func() {
		c := &crash{"Goexit", "the step's function ended its goroutine with runtime.Goexit instead of returning; " +
			"methods such as testing.T.FailNow do that"}
		defer func() {
			if value := recover(); value != nil {
				c = &crash{"Panic", fmt.Sprintf("panic: %v\n\n%s", value, panicStack())}
			}
			ended <- c
		}()
		f()
		c = nil
	}()
	return <-ended
}

// maxFrames bounds a stack in a message. What matters is at its top.
const maxFrames = 64

// panicStack describes the stack below the panic that the deferred caller has recovered from: the frames of the panic
// itself and those of this package, which every attempt has, are left out.
func panicStack() string {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	own := reflect.TypeFor[Work]().PkgPath() + "."
	var stack strings.Builder
	for below := false; ; {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			below = true
		case !below || strings.HasPrefix(frame.Function, "runtime."):
		case strings.HasPrefix(frame.Function, own):
			return stack.String()
		default:
			fmt.Fprintf(&stack, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		}
		if !more {
			return stack.String()
		}
	}
}
