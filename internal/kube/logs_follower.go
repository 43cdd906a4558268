package kube

import (
	"context"
	"sync"

	"k8s.io/client-go/kubernetes"
)

// LogFollower follows the logs of a run's pods, a few at a time: each follow keeps a stream open through the API server
// to a kubelet. The others wait their turn, and are then read from their first line.
type LogFollower struct {
	// Tail is how many of the last lines of each log come first; 0 for all. It is set before the first pod is added.
	Tail int64

	client    kubernetes.Interface
	namespace string
	// turns has room for as many as may be followed at once.
	turns chan struct{}

	mu sync.Mutex
	// over has a channel for each pod, closed when its container has ended.
	over map[string]chan struct{}
	out  LogSink
	// writing makes the calls of out come one after another.
	writing sync.Mutex
	// reading counts the pods that are not read to the end.
	reading sync.WaitGroup
}

// LogSink takes what a [LogFollower] reads. Its functions are called by one goroutine at a time.
type LogSink struct {
	// Line takes each line.
	Line func(pod, line string)
	// Unreadable, if set, is told of each log that may not be read.
	Unreadable func(pod string, err error)
}

// NewLogFollower returns a follower of at most so many logs at once.
func NewLogFollower(client kubernetes.Interface, namespace string, most int, out LogSink) *LogFollower {
	return &LogFollower{
		client: client, namespace: namespace, turns: make(chan struct{}, most), over: map[string]chan struct{}{}, out: out,
	}
}

// Running says that a pod's main container runs; the log is followed until ctx ends. Saying so again changes nothing.
func (f *LogFollower) Running(ctx context.Context, pod string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over[pod] != nil {
		return
	}
	over := make(chan struct{})
	f.over[pod] = over
	f.reading.Go(func() { f.follow(ctx, pod, over) })
}

// Ended says that a pod's main container has ended, or is about to. What is left of its log is read; that of a pod which was
// never seen running, too.
func (f *LogFollower) Ended(ctx context.Context, pod string) {
	f.Running(ctx, pod)
	f.mu.Lock()
	defer f.mu.Unlock()
	if over := f.over[pod]; !closed(over) {
		close(over)
	}
}

// Wait returns when the logs of all pods are read to their ends, or their contexts have ended. No pod may be added
// meanwhile.
func (f *LogFollower) Wait() { f.reading.Wait() }

func (f *LogFollower) follow(ctx context.Context, pod string, over <-chan struct{}) {
	select {
	case f.turns <- struct{}{}:
		defer func() { <-f.turns }()
	case <-ctx.Done():
		return
	}
	l := &podLog{client: f.client, namespace: f.namespace, pod: pod, container: MainContainer, tail: f.Tail, sink: func(line string) {
		f.writing.Lock()
		defer f.writing.Unlock()
		f.out.Line(pod, line)
	}}
	if err := l.follow(ctx, over); err != nil && ctx.Err() == nil && f.out.Unreadable != nil {
		f.writing.Lock()
		defer f.writing.Unlock()
		f.out.Unreadable(pod, err)
	}
}
