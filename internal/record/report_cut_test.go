package record_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/org/k8sorch/internal/record"
)

// Some characters take more room in a report than in a message. What does fit must be there all the same.
func TestAsMuchOfAMessageIsKeptAsFits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		character string
		// size is what the character takes in a report.
		size int
	}{
		"letters": {"a", 1}, "quotes": {`"`, 2}, "lines": {"\n", 2}, "HTML": {"<", 1}, "control characters": {"\x01", 6},
		"umlauts": {"ü", 2}, "pictures": {"🔥", 4}, "no characters at all": {"\xff", 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := failure(strings.Repeat(tt.character, 100_000)).Encode()
			if err != nil {
				t.Fatal(err)
			}
			r, err := record.DecodeReport(b)
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.ValidString(r.End.Message) {
				t.Error("the message is not UTF-8")
			}
			if room := record.MaxReport - len(b); room > 20 && utf8.ValidString(tt.character) {
				t.Errorf("the report has %d bytes: %d more would have had room", len(b), room)
			}
		})
	}
}

func TestMessageThatFitsIsLeftAlone(t *testing.T) {
	t.Parallel()
	empty, err := failure("").Encode()
	if err != nil {
		t.Fatal(err)
	}
	message := strings.Repeat("a", record.MaxReport-len(empty)-len(`,"message":""`))
	for extra, want := range map[string]bool{"": true, "a": false} {
		b, err := failure(message + extra).Encode()
		if err != nil || len(b) > record.MaxReport {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		r, err := record.DecodeReport(b)
		if err != nil {
			t.Fatal(err)
		}
		if whole := r.End.Message == message+extra; whole != want {
			t.Errorf("a message of %d bytes is whole: %t, want %t", len(message+extra), whole, want)
		}
	}
}

func TestReportThatCannotBeCutIsAnError(t *testing.T) {
	t.Parallel()
	r := failure("short")
	r.End.Reason = strings.Repeat("R", record.MaxReport)
	if b, err := r.Encode(); err == nil || !strings.Contains(err.Error(), "more than the 4096 that a termination message holds") {
		t.Errorf("%d bytes, error %v", len(b), err)
	}
}

func TestDecodeReportRefuses(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"", "panic: oh", "null", "{}", `{"end":null}`, `{"result":{},"end":{"outcome":"Failed"}}`, `{"end":{"outcome":"Failed"}} and more`, `{"end":{`,
	} {
		if r, err := record.DecodeReport([]byte(message)); err == nil {
			t.Errorf("%q was taken for the report %+v", message, r)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		record.ResultFile("load"): "load.result.json", record.ValueFile("load"): "load.value", record.AttemptFile("load", 12): "load.attempt-12.json",
	} {
		if got != want {
			t.Errorf("name = %s, want %s", got, want)
		}
	}
}
