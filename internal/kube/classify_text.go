package kube

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/org/k8sorch/internal/record"
)

// Bounds, in bytes, of text that comes from a cluster. The ends of attempts are kept in records.
const (
	maxEndMessage     = record.MaxReport
	maxWaitingMessage = 1024
	maxReason         = 64
)

// Exit codes of a process that a signal ended: 128 and the signal's number on Linux.
const (
	exitSIGABRT = 134
	exitSIGKILL = 137
	exitSIGSEGV = 139
	exitSIGTERM = 143
)

// exitDeaf is the exit code of a Go program that is the first process of its container when SIGTERM comes before it listens for
// it. Linux spares a container's first process the usual effect of a signal, so that the runtime ends it by itself (dieFromSignal in
// the Go runtime's signal_unix.go). A crash has the same code.
const exitDeaf = 2

func codeInWords(code int32) string {
	text := fmt.Sprintf("exit code %d", code)
	switch code {
	case exitSIGABRT:
		return text + " (SIGABRT)"
	case exitSIGKILL:
		return text + " (SIGKILL)"
	case exitSIGSEGV:
		return text + " (SIGSEGV)"
	case exitSIGTERM:
		return text + " (SIGTERM)"
	}
	return text
}

// plain returns at most so many bytes of text that is safe to print: no control characters but newlines and tabs, which
// leaves a terminal as it is.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// word returns a reason if it is one: short, of letters, digits, dashes and dots, as those of Kubernetes are.
func word(reason, otherwise string) string {
	strange := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.'
	}
	if reason == "" || len(reason) > maxReason || strings.ContainsFunc(reason, strange) {
		return otherwise
	}
	return reason
}
