package kube

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestReadLogReadsOnAfterABreak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const text = "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n"
		n := &node{logs: []func(*http.Request) *http.Response{broken(text[:30]), reply(200, text)}}
		var got []string
		if err := ReadLog(t.Context(), n.client(t), "team", "p", 0, func(line string) { got = append(got, line) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestReadLogOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]func(*http.Request) *http.Response{
		"reading the log of pod p: there is no log any more: the pod is gone":          reply(404, status(404, "NotFound", "gone")),
		"reading the log of pod p: there is no log yet: its container has not started": reply(400, status(400, "BadRequest", "container is waiting")),
	} {
		n := &node{logs: []func(*http.Request) *http.Response{answer}}
		err := ReadLog(t.Context(), n.client(t), "team", "p", 0, func(string) {})
		if !errors.Is(err, ErrNoLog) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestFollowBeginsWithTheTail(t *testing.T) {
	t.Parallel()
	l := &podLog{tail: 5}
	if first := l.onward(); first.TailLines == nil || *first.TailLines != 5 || first.SinceTime != nil {
		t.Errorf("the first stream is asked for with %+v, want the last 5 lines", first)
	}
	l.cursor.reopen()
	l.cursor.take(parseLine("2026-01-01T00:00:01Z one").at)
	if next := l.onward(); next.TailLines != nil || next.SinceTime == nil {
		t.Errorf("the next stream is asked for with %+v, want all since the last line", next)
	}
}
