package recurrence

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t *testing.T, expression, zone string) *Recurrence {
	t.Helper()
	r, err := Parse(expression, zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func texts(times []time.Time) []string {
	var all []string
	for _, one := range times {
		all = append(all, one.Format(time.RFC3339))
	}
	return all
}

func TestNext(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expression, zone, after string
		want                    []string
	}{
		"on the minute of a firing": {"0 6 * * *", "UTC", "2026-11-25T06:00:00Z", []string{"2026-11-26T06:00:00Z", "2026-11-27T06:00:00Z"}},
		"in a zone":                 {"0 6 * * *", "Europe/Zurich", "2026-11-25T06:00:00Z", []string{"2026-11-26T06:00:00+01:00", "2026-11-27T06:00:00+01:00"}},
		"by a name":                 {"@weekly", "UTC", "2026-11-25T06:00:00Z", []string{"2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"}},
		"over a leap day":           {"0 0 29 2 *", "UTC", "2026-11-25T06:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		"over the hour left out":    {"30 2 * * *", "America/New_York", "2027-03-13T12:00:00Z", []string{"2027-03-15T02:30:00-04:00", "2027-03-16T02:30:00-04:00"}},
		"over a midnight left out":  {"@daily", "Africa/Cairo", "2027-04-29T12:00:00Z", []string{"2027-05-01T00:00:00+03:00", "2027-05-02T00:00:00+03:00"}},
		"over the hour repeated":    {"30 1 * * *", "America/New_York", "2027-11-07T00:00:00Z", []string{"2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, test.expression, test.zone).Next(at(t, test.after), 2)
			if diff := cmp.Diff(test.want, texts(got)); diff != "" {
				t.Errorf("firings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBetweenIncludesBothEnds(t *testing.T) {
	t.Parallel()
	r := mustParse(t, "*/20 * * * *", "UTC")
	from, to := at(t, "2026-11-25T06:00:00Z"), at(t, "2026-11-25T06:40:00Z")
	want := []string{"2026-11-25T06:00:00Z", "2026-11-25T06:20:00Z", "2026-11-25T06:40:00Z"}
	if diff := cmp.Diff(want, texts(r.Between(from, to, 10))); diff != "" {
		t.Errorf("firings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:2], texts(r.Between(from, to, 2))); diff != "" {
		t.Errorf("firings up to the limit (-want +got):\n%s", diff)
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]time.Duration{
		"* * * * *": time.Minute, "0 6,7 * * *": time.Hour, "@daily": 24 * time.Hour, "0 0 29 2 *": 365 * 24 * time.Hour,
	} {
		if got := mustParse(t, expression, "UTC").Interval(at(t, "2026-11-25T06:00:00Z")); got != want {
			t.Errorf("interval of %q = %s, want %s", expression, got, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	const skipped = "there is no 02:30 on Sunday, 14 March 2027 in America/New_York, where clocks are put forward then: nothing fires"
	const repeated = "it is 01:30 on Sunday, 7 November 2027 twice in America/New_York, where clocks are put back then: it fires twice"
	tests := map[string]struct {
		expression, zone string
		want             []string
	}{
		"in the hour left out":   {"30 2 * * *", "America/New_York", []string{skipped}},
		"in the hour repeated":   {"30 1 * * *", "America/New_York", []string{repeated}},
		"in both":                {"30 1,2 * * *", "America/New_York", []string{skipped, repeated}},
		"in neither":             {"30 3 * * *", "America/New_York", nil},
		"on another day":         {"30 2 * * mon", "America/New_York", nil},
		"in every hour":          {"30 * * * *", "America/New_York", nil},
		"in every hour, in list": {"30 0-23 * * *", "America/New_York", nil},
		"where clocks stay":      {"30 2 * * *", "UTC", nil},
		"by half an hour": {"15 2 * * *", "Australia/Lord_Howe", []string{
			"there is no 02:15 on Sunday, 3 October 2027 in Australia/Lord_Howe, where clocks are put forward then: nothing fires",
		}},
		"at midnight": {"@daily", "Africa/Cairo", []string{
			"there is no 00:00 on Friday, 30 April 2027 in Africa/Cairo, where clocks are put forward then: nothing fires",
		}},
	}
	from := at(t, "2026-11-25T00:00:00Z")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, test.expression, test.zone).Warnings(from, from.AddDate(1, 0, 0))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseSaysWhereTheMistakeIs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ expression, want string }{
		"minute":           {"60 * * * *", `field 1, the minute, at column 1: end of range (60) above maximum (59): 60: "60" is not allowed there, but 0 to 59`},
		"hour":             {"0  25 * * *", `field 2, the hour, at column 4: end of range (25) above maximum (23)`},
		"day of month":     {"0 0 0 * *", `field 3, the day of month, at column 5: beginning of range (0) below minimum (1)`},
		"month":            {"0 0 1 foo *", `field 4, the month, at column 7: failed to parse int from foo`},
		"day of week":      {"0 0 * * 7", `field 5, the day of week, at column 9: end of range (7) above maximum (6)`},
		"the first of two": {"61 25 * * *", `field 1, the minute`},
		"four fields":      {"0 0 * *", "it has 4 fields instead of five"},
		"six fields":       {"0 0 0 * * *", "it has 6 fields instead of five"},
		"descriptor":       {"@fortnightly", "there is no @fortnightly: give minute, hour"},
		"every":            {"@every 10m", "@every has no times of its own"},
		"zone":             {"TZ=UTC 0 0 * * *", "it names a time zone, which the API server refuses"},
		"zone alone":       {"CRON_TZ=UTC", "it names a time zone, which the API server refuses"},
		"no such date":     {"0 0 31 2 *", "it never fires"},
		"an empty list":    {", * * * *", "it never fires"},
		"nothing":          {" ", "it is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse(test.expression, "UTC"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestParseRefusesZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Local", "local", "Mars/Base", "../etc/passwd"} {
		if _, err := Parse("@daily", zone); err == nil || !strings.Contains(err.Error(), "IANA") {
			t.Errorf("zone %q: error = %v, want one that says what zones there are", zone, err)
		}
	}
}

// FuzzParse looks for expressions that make the parser panic, and for some that are accepted and do not fire.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"* * * * *", "@daily", "TZ=UTC", "@every 1h", "0 0 31 2 *", "*/0 * * * *", "1-2-3 / , - *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		r, err := Parse(expression, "Europe/Zurich")
		if err != nil {
			return
		}
		if after := time.Unix(1_800_000_000, 0); !r.Next(after, 1)[0].After(after) {
			t.Errorf("the firing after a time is not after it")
		}
	})
}
