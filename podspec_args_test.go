package pipeline

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

func TestArgsInAnySpelling(t *testing.T) {
	t.Parallel()
	want := map[string]any{
		"activeDeadlineSeconds": int64(30),
		"hostPID":               true,
		"nodeSelector":          map[string]any{"keep_this": "as_it_is"},
		"volumes":               []any{map[string]any{"name": "v", "persistentVolumeClaim": map[string]any{"claimName": "c"}}},
	}
	for _, args := range []map[string]any{
		{
			"active_deadline_seconds": 30, "host_pid": true, "node_selector": map[string]string{"keep_this": "as_it_is"},
			"volumes": []any{map[string]any{"name": "v", "persistent_volume_claim": map[string]any{"claim_name": "c"}}},
		},
		{
			"activeDeadlineSeconds": int64(30), "hostPID": true, "nodeSelector": map[string]any{"keep_this": "as_it_is"},
			"volumes": []corev1.Volume{volumeOf("v", "c")},
		},
		{
			"ActiveDeadlineSeconds": 30.0, "HostPID": true, "NodeSelector": map[string]any{"keep_this": "as_it_is"},
			"Volumes": []any{volumeOf("v", "c")},
		},
	} {
		got, problems := readArgs(nil, args)
		if len(problems) > 0 {
			t.Errorf("%v: %v", args, problems)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", args, d)
		}
	}
}

// TestMistakesInArgs has additional arguments with one mistake each.
func TestMistakesInArgs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, args string
		say        []string
	}{
		{"misspelt", `activ_deadline_seconds: 30`, []string{"AdditionalPodSpecArgs.activ_deadline_seconds", `"activeDeadlineSeconds"`}},
		{"misspelt inside", `volumes: [{name: v, empty_dri: {}}]`, []string{"volumes[0].empty_dri", `"emptyDir"`}},
		{"two spellings", `host_pid: true, hostPID: false`, []string{"host_pid", "another spelling"}},
		{"null", `priority: null`, []string{"priority", "null"}},
		{"wrong type", `activeDeadlineSeconds: soon`, []string{"activeDeadlineSeconds", "string"}},
		{"wrong quantity", `containers: [{name: x, resources: {limits: {cpu: much}}}]`, []string{"AdditionalPodSpecArgs", "quantit"}},
		{"restart", `restart_policy: Always`, []string{"restartPolicy", "Never"}},
		{"account", `service_account_name: root`, []string{"serviceAccountName", "StepPodServiceAccountName"}},
		{"deprecated account", `serviceAccount: root`, []string{"serviceAccountName", "StepPodServiceAccountName"}},
		{"ephemeral", `ephemeralContainers: [{name: x}]`, []string{"ephemeralContainers"}},
		{"library volume", `volumes: [{name: k8sorch-x}]`, []string{"volumes[0].name", "library"}},
		{"library variable", `containers: [{name: main, env: [{name: K8SORCH_TASK}]}]`, []string{"containers[0].env[0].name"}},
		{
			"library mount",
			`init_containers: [{name: x, volume_mounts: [{name: v, mount_path: /var/run/k8sorch}]}]`,
			[]string{"initContainers[0].volumeMounts[0].mountPath"},
		},
		{"main's command", `containers: [{name: main, command: [sh]}]`, []string{"containers[0].command", "main"}},
		{"main's report", `containers: [{name: main, terminationMessagePath: /tmp/x}]`, []string{"containers[0].terminationMessagePath"}},
		{"container twice", `containers: [{name: x}, {name: x}]`, []string{"containers[1].name", "Duplicate"}},
		{"client in a pod", `init_containers: [{name: x, image: "{{ image }}"}]`, []string{"initContainers[0].args", "as a client"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pod := KubernetesPodSettings{AdditionalPodSpecArgs: yamlTree(t, test.args)}
			checkOneProblem(t, KubernetesOrchestratorSettings{PodSettings: &pod}, test.say)
		})
	}
}

func TestArgsWithoutJSONForm(t *testing.T) {
	t.Parallel()
	s := KubernetesOrchestratorSettings{PodSettings: &KubernetesPodSettings{AdditionalPodSpecArgs: map[string]any{
		"priority": make(chan int),
		"containers": []corev1.Container{{Name: "x", LivenessProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.IntOrString{Type: 7}}},
		}}},
	}}}
	checkOneProblem(t, s, []string{"AdditionalPodSpecArgs"})
}

func TestMergeArgs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, base, top, want string }{
		{"spellings meet", `active_deadline_seconds: 1, priority: 2`, `activeDeadlineSeconds: 3`, `activeDeadlineSeconds: 3, priority: 2`},
		{
			"containers by name",
			`containers: [{name: a, image: x, tty: true}, {name: b}]`,
			`containers: [{name: a, image: y}, {name: c}]`,
			`containers: [{name: a, image: y, tty: true}, {name: b}, {name: c}]`,
		},
		{
			"ports by number",
			`containers: [{name: a, ports: [{containerPort: 80, name: x}]}]`,
			`containers: [{name: a, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 81}]}]`,
			`containers: [{name: a, ports: [{containerPort: 80, name: x, protocol: TCP}, {containerPort: 81}]}]`,
		},
		{
			"one source of a volume",
			`volumes: [{name: v, emptyDir: {}}]`, `volumes: [{name: v, hostPath: {path: /}}]`, `volumes: [{name: v, hostPath: {path: /}}]`,
		},
		{
			"one source of a variable",
			`containers: [{name: a, env: [{name: X, value: "1"}]}]`,
			`containers: [{name: a, env: [{name: X, valueFrom: {}}]}]`,
			`containers: [{name: a, env: [{name: X, valueFrom: {}}]}]`,
		},
		{
			"one handler of a probe",
			`containers: [{name: a, livenessProbe: {exec: {}}}]`,
			`containers: [{name: a, livenessProbe: {tcpSocket: {port: 1}}}]`,
			`containers: [{name: a, livenessProbe: {tcpSocket: {port: 1}}}]`,
		},
		{"lists without a key", `tolerations: [{key: a}]`, `tolerations: [{key: b}]`, `tolerations: [{key: b}]`},
		{"objects by field", `dnsConfig: {searches: [a]}`, `dns_config: {nameservers: [b]}`, `dnsConfig: {searches: [a], nameservers: [b]}`},
		{"a list over an object", `volumes: {name: v}`, `volumes: [{name: v}]`, `volumes: [{name: v}]`},
		{"items without a key", `volumes: [v, {name: {}}]`, `volumes: [v, {name: {}}]`, `volumes: [v, {name: {}}, v, {name: {}}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := mergeArgs(yamlTree(t, test.base), yamlTree(t, test.top))
			want, problems := readArgs(nil, yamlTree(t, test.want))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// yamlTree reads the inside of an object.
func yamlTree(t *testing.T, text string) (tree map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte("{"+text+"}"), &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// FuzzSettings merges and renders settings from anywhere. Valid ones must render, each alone and merged; nothing may
// panic.
func FuzzSettings(f *testing.F) {
	for _, row := range settingRows() {
		for _, value := range row.values {
			text, err := json.Marshal(value)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text), string(text))
		}
	}
	f.Add(`{"pod_settings":{"additional_pod_spec_args":{"volumes":["x"],"containers":[{"name":{}}]}}}`,
		`{"pod_settings":{"additional_pod_spec_args":{"volumes":{},"containers":[{"name":{}},{"name":1}]}}}`)
	f.Fuzz(func(t *testing.T, base, top string) {
		var a, b KubernetesOrchestratorSettings
		if json.Unmarshal([]byte(base), &a) != nil || json.Unmarshal([]byte(top), &b) != nil {
			t.Skip()
		}
		valid := a.problems(pipelineScope) == nil && b.problems(pipelineScope) == nil
		for _, s := range []KubernetesOrchestratorSettings{a, b, mergeSettings(a, b)} {
			_, stepErr := s.stepTemplate(builtImage())
			_, orchestratorErr := s.orchestratorTemplate(builtImage())
			if valid && (stepErr != nil || orchestratorErr != nil) {
				t.Errorf("valid settings do not render: %v, %v", stepErr, orchestratorErr)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"activeDeadlineSeconds", "affinity", "hostAliases", "hostIPC", "hostname"}
	for typed, want := range map[string]string{
		"active_deadline": "activeDeadlineSeconds", "host_ip": "hostIPC", "Afinity": "affinity", "host-name": "hostname", "": "hostIPC",
	} {
		if got := nearest(typed, names); got != want {
			t.Errorf("nearest to %q: got %q, want %q", typed, got, want)
		}
	}
	if got := edits(strings.Repeat("a", 3), "sitting"); got != 7 {
		t.Errorf("edits from aaa to sitting: got %d, want 7", got)
	}
}
