package image

import "testing"

func TestOnLoopback(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]bool{
		"localhost":                     true,
		"localhost:5000":                true,
		"localhost:5000/me/p@sha256:12": true,
		"127.0.0.1:5000":                true,
		"127.1.2.3":                     true,
		"[::1]:5000/me":                 true,
		"[::1]/me":                      true,
		"registry.localhost:5000":       true,
		"10.0.0.5:5000":                 false,
		"registry.example.com/me":       false,
		"localhost.example.com:5000":    false,
		"library/localhost":             false,
		"busybox":                       false,
		"":                              false,
	} {
		if got := OnLoopback(ref); got != want {
			t.Errorf("OnLoopback(%q) = %t, want %t", ref, got, want)
		}
	}
}
