package pipeline

// The default image is this program and nothing else, so what a base image would bring is part of the program: the
// certificates of public authorities, used where the system has none, and the time zones.
import (
	_ "time/tzdata"

	_ "golang.org/x/crypto/x509roots/fallback"
)
