package cli

import (
	"strings"
	"testing"
	"unicode"
)

func TestLog(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":      "",
		"plain": "plain",
		"a\tb":  "a\tb",
		"\x1b[2J\x1b[1;31mred\x1b[0m\x1b]0;title\x07 text\x1b(B": "red text",
		"10%\r50%\r100%\r\n":  "100%",
		"bell\a, \u0085 é 日本": "bell,  é 日本",
		`{"level":"info","ts":1,"msg":"loaded","run":"r","pipeline":"p","step":"s","attempt":1,"rows":3,"of":"two words","in":{"a":[1,"b"]}}`: `loaded rows=3 of="two words" in={"a":[1,"b"]}`,
		`{"level":"error","msg":"broken","error":"x=1\ny"}`: `ERROR broken error="x=1\ny"`,
		`{"level":"info","msg":"\u001b[2Jcleared"}`:         "cleared",
		`{"rows":3}`:                 `{"rows":3}`,
		`{"level":"info"}`:           `{"level":"info"}`,
		`{"level":"info","msg":"cut`: `{"level":"info","msg":"cut`,
		`{"level":"info","msg":"one"} {"level":"info"}`:                                `{"level":"info","msg":"one"} {"level":"info"}`,
		`{"level":"warn","msg":"stacked","stacktrace":"main.main\n\t/src/main.go:12"}`: `WARN stacked stacktrace="main.main\n\t/src/main.go:12"`,
	} {
		if got := newCleaner().log(in); got != want {
			t.Errorf("log(%q)\n = %q, want\n   %q", in, got, want)
		}
	}
}

func FuzzLog(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\r\n")
	f.Add(`{"level":"info","msg":"loaded","rows":3}`)
	f.Add(`{"level":"info","msg":"\u001b[2J","k":"\u0007"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := newCleaner().log(text); strings.ContainsFunc(got, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) {
			t.Errorf("log(%q) = %q, which has control characters", text, got)
		}
	})
}
