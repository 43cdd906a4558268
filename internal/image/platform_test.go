package image

import (
	"strings"
	"testing"
)

func TestParsePlatform(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"linux/amd64":    "linux/amd64",
		"linux/arm64":    "linux/arm64",
		"linux/arm64/v8": "linux/arm64",
		"linux/aarch64":  "linux/arm64",
		"arm64":          "linux/arm64",
		"x86_64":         "linux/amd64",
		"riscv64":        "linux/riscv64",
	} {
		got, err := ParsePlatform(in)
		if err != nil || got.String() != want {
			t.Errorf("ParsePlatform(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestParsePlatformRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":               `unknown architecture ""`,
		"linux":          `unknown architecture "linux"`,
		"linux/":         `unknown architecture ""`,
		"linux/amd46":    `unknown architecture "amd46", want one of amd64,`,
		"linux/arm64/v9": `unknown architecture "arm64/v9"`,
		"darwin/arm64":   "only linux nodes",
		"windows/amd64":  "only linux nodes",
	} {
		if got, err := ParsePlatform(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePlatform(%q) = %s, %v; want an error with %q", in, got, err, want)
		}
	}
}
