package kube

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
)

// read passes on the lines of one request that were not passed on before.
func (l *podLog) read(ctx context.Context, options *corev1.PodLogOptions) error {
	options.Container, options.Timestamps = l.container, true
	body, err := l.client.CoreV1().Pods(l.namespace).GetLogs(l.pod, options).Stream(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	l.cursor.reopen()
	return l.passOn(body)
}

func (l *podLog) passOn(body io.Reader) error {
	lines := newLineReader(body)
	for {
		line, err := lines.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if stamped := parseLine(line); !stamped.isComplaint() && l.cursor.take(stamped.at) {
			l.sink(stamped.text)
		}
	}
}
