package enginetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/org/k8sorch/internal/attempt"
)

// Behaviour is what a step of a conformance test does.
type Behaviour string

// The behaviours. Those that end the process cannot be had in memory, where their end is made up.
const (
	// Succeed returns [Value] of the step.
	Succeed Behaviour = "succeed"
	// Fail returns an error.
	Fail Behaviour = "fail"
	// FailForGood returns a permanent error.
	FailForGood Behaviour = "fail-for-good"
	// Panic panics.
	Panic Behaviour = "panic"
	// Exit3 ends the process with code 3.
	Exit3 Behaviour = "exit-3"
	// Exit0 ends the process with code 0 before there is a result.
	Exit0 Behaviour = "exit-0"
	// Killed ends by SIGKILL, as by somebody else's hand.
	Killed Behaviour = "killed"
	// Hang goes on until it is told to end.
	Hang Behaviour = "hang"
)

// Behaviours returns all of them.
func Behaviours() []Behaviour {
	return []Behaviour{Succeed, Fail, FailForGood, Panic, Exit3, Exit0, Killed, Hang}
}

// Value is the encoded value of a step that succeeds.
func Value(step string) []byte { return []byte("the value of " + step) }

// Failure is the message of the error of a step that fails.
const Failure = "no rows in table sales"

// Func returns the function of a step that behaves so.
func (b Behaviour) Func(step string) attempt.Func {
	return func(ctx context.Context, _ []attempt.Input) (attempt.Encode, error) {
		switch b {
		case Succeed:
			return encode(Value(step)), nil
		case Fail:
			return nil, errors.New(Failure)
		case FailForGood:
			return nil, attempt.Permanent{Err: errors.New(Failure)}
		case Panic:
			panic(Failure)
		case Exit3:
			os.Exit(3)
		case Exit0:
			os.Exit(0)
		case Killed:
			return nil, die()
		case Hang:
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, attempt.Permanent{Err: fmt.Errorf("%q is not a behaviour", b)}
	}
}

// die kills this process, which may take a moment.
func die() error {
	if os.Getpid() == 1 {
		// The first process of a container is immune to its own signals. This code says the same to the kubelet.
		os.Exit(exitKilled)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {}
}

// exitKilled is 128 and the number of SIGKILL, which is how container runtimes put it.
const exitKilled = 137

func encode(value []byte) attempt.Encode {
	return func(_ context.Context, w io.Writer) error {
		_, err := w.Write(value)
		return err
	}
}
