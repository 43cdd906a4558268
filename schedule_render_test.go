package pipeline

import (
	"context"
	"errors"
	"regexp"
	"testing"
)

// TestRenderSchedule leaves the digest of the plan and what is in it to other tests.
func TestRenderSchedule(t *testing.T) {
	t.Parallel()
	rows := Param("rows", 1)
	p := New("train").Step(Func("load", func(_ context.Context, n int) (int, error) { return n, nil }, rows))
	o := NewOrchestrator(Config{
		Namespace: "ml", Args: []string{}, Settings: KubernetesOrchestratorSettings{Image: new("example.com/train:1")},
		Token: func(context.Context) (string, error) { return "", errors.New("the token was asked for") }, PassTokenAsSecret: new(true),
	})
	objects, err := o.RenderSchedule(t.Context(), p, Schedule{Suffix: "nightly", Cron: "@daily", TimeZone: "Europe/Zurich"}, rows.Set(7))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, shown := range map[string]string{
		`plan\.json\.gz: \S+`:   "plan.json.gz: PLAN",
		`nightly-[0-9a-f]{12}-`: "nightly-DIGEST-",
		`sha256:[0-9a-f]{64}`:   "sha256:DIGEST",
	} {
		objects = regexp.MustCompile(pattern).ReplaceAll(objects, []byte(shown))
	}
	checkGolden(t, "../schedule.golden.yaml", objects)
}

func TestRenderScheduleRefusesWhatScheduleDoes(t *testing.T) {
	t.Parallel()
	var invalid *ValidationError
	if _, err := NewOrchestrator(Config{}).RenderSchedule(t.Context(), oneStep(), Schedule{}); !errors.As(err, &invalid) {
		t.Errorf("error %v, want a %T", err, invalid)
	}
	_, err := NewOrchestrator(Config{}).RenderSchedule(t.Context(), oneStep(), Schedule{Cron: "@daily"})
	if !errors.Is(err, errNoRegistry) {
		t.Errorf("error %v, want %v", err, errNoRegistry)
	}
}
