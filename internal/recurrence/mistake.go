package recurrence

import (
	"fmt"
	"strings"

	"github.com/robfig/cron/v3"
)

const (
	fiveFields = "minute, hour, day of month, month and day of week, such as 0 6 * * 1-5, or @hourly, @daily, @weekly, @monthly or @yearly"
	anyField   = `, *, lists with ",", ranges with "-" and steps with "/"`
)

// field is one of the five of an expression.
type field struct{ name, allowed string }

func fields() []field {
	return []field{
		{"minute", "0 to 59" + anyField},
		{"hour", "0 to 23" + anyField},
		{"day of month", "1 to 31" + anyField},
		{"month", "1 to 12, jan to dec" + anyField},
		{"day of week", "0 to 6 or sun to sat, of which 0 is Sunday" + anyField},
	}
}

// locate says where the mistake is that the parser has found. The parser does not, so each field is tried by itself.
func locate(expression string, mistake error) error {
	if strings.HasPrefix(expression, "@") {
		return fmt.Errorf("there is no %s: give %s", expression, fiveFields)
	}
	given, known := strings.Fields(expression), fields()
	if len(given) != len(known) {
		return fmt.Errorf("it has %d fields instead of five: give %s", len(given), fiveFields)
	}
	for i, text := range given {
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = text
		if _, err := cron.ParseStandard(strings.Join(alone, " ")); err != nil {
			return fmt.Errorf("field %d, the %s, at column %d: %w: %q is not allowed there, but %s are",
				i+1, known[i].name, column(expression, i), err, text, known[i].allowed)
		}
	}
	return mistake
}

// column returns where a field begins, counted in bytes from 1.
func column(expression string, index int) int {
	rest, at := expression, 0
	for {
		trimmed := strings.TrimLeft(rest, " \t\n\v\f\r")
		at += len(rest) - len(trimmed)
		if index == 0 {
			return at + 1
		}
		index--
		end := strings.IndexAny(trimmed, " \t\n\v\f\r")
		at += end
		rest = trimmed[end:]
	}
}
