package kube

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

// object is a thing of step "load" unless another one is named.
func object(name, uid, version, means string) *item[string] {
	return &item[string]{
		name: name, uid: types.UID(uid), version: version,
		step: "load", size: int64(len(means)), means: means,
	}
}

// scene is a mirror and what it has told.
type scene struct {
	*mirror[string]
	t     *testing.T
	steps []string
}

func newScene(t *testing.T) *scene {
	s := &scene{mirror: newMirror(func(it *item[string]) *item[string] { return it }), t: t}
	s.begin(func(step string) { s.steps = append(s.steps, step) })
	return s
}

func (s *scene) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// want checks what is seen of step load, leaving objects with a dash.
func (s *scene) want(want ...string) {
	s.t.Helper()
	var got []string
	for _, g := range s.of("load") {
		if g.leaving {
			g.means = "-" + g.means
		}
		got = append(got, g.means)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("seen (-want +got):\n%s", diff)
	}
}

func TestMirrorShowsWhatIsWatched(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.do(s.Replace([]any{object("a", "1", "5", "one"), object("b", "2", "6", "two")}, "10"))
	s.want("one", "two")
	s.do(s.Update(object("a", "1", "11", "one more")))
	s.do(s.Delete(object("b", "2", "12", "two")))
	s.want("one more")
	s.do(s.Add(object("b", "3", "13", "three")))
	s.want("one more", "three")
	if got := s.size(); got != int64(len("one more")+len("three")) {
		t.Errorf("size %d", got)
	}
	s.do(s.Replace([]any{object("b", "3", "13", "three")}, "20"))
	s.want("three")
	if got := s.size(); got != int64(len("three")) {
		t.Errorf("size %d after a relist", got)
	}
}

func TestMirrorIgnoresWhatIsOfNoStep(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	foreign := object("a", "1", "5", "foreign")
	foreign.step = ""
	s.do(s.Replace([]any{foreign}, "5"))
	s.want()
	s.do(s.Add(object("a", "1", "6", "ours")))
	s.want("ours")
	foreign.version = "7"
	s.do(s.Update(foreign))
	s.want()
	if diff := cmp.Diff([]string{"load", "load"}, s.steps); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestMirrorTellsWhatChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.do(s.Replace([]any{object("a", "1", "5", "one")}, "5"))
	s.do(s.Update(object("a", "1", "6", "one")))
	s.do(s.Resync())
	s.wrote(object("b", "2", "7", "two"))
	s.leave("a", "1")
	s.vanish("a", "1")
	s.vanish("a", "1")
	s.do(s.Delete(object("b", "2", "9", "two")))
	if diff := cmp.Diff(slices.Repeat([]string{"load"}, 7), s.steps); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestMirrorIsSyncedByEachWatchAnew(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for range 2 {
		synced := s.begin(func(string) {})
		select {
		case <-synced:
			t.Fatal("synced before anything was shown")
		default:
		}
		s.do(s.Replace(nil, "5"))
		s.do(s.Replace(nil, "6"))
		<-synced
	}
}

func TestMirrorOwnWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(s *scene)
		want []string
	}{
		{"not shown yet", func(*scene) {}, []string{"mine"}},
		{"shown", func(s *scene) { s.do(s.Add(object("a", "1", "15", "theirs"))) }, []string{"theirs"}},
		{"shown as newer", func(s *scene) { s.do(s.Update(object("a", "1", "16", "theirs"))) }, []string{"theirs"}},
		{"shown as older", func(s *scene) { s.do(s.Update(object("a", "1", "14", "theirs"))) }, []string{"mine"}},
		{"its predecessor is shown", func(s *scene) { s.do(s.Add(object("a", "0", "14", "theirs"))) }, []string{"mine"}},
		{"its predecessor is shown to go", func(s *scene) { s.do(s.Delete(object("a", "0", "14", "theirs"))) }, []string{"mine"}},
		{"shown to go", func(s *scene) { s.do(s.Delete(object("a", "1", "16", "theirs"))) }, nil},
		{"other objects are shown, older ones", func(s *scene) { s.UpdateResourceVersion("14") }, []string{"mine"}},
		{"other objects are shown, newer ones, but never this one", func(s *scene) { s.UpdateResourceVersion("16") }, nil},
		{"missing from an older list", func(s *scene) { s.do(s.Replace(nil, "14")) }, []string{"mine"}},
		{"missing from a newer list", func(s *scene) { s.do(s.Replace(nil, "16")) }, nil},
		{"found to be gone", func(s *scene) { s.vanish("a", "1") }, nil},
		{"its predecessor found to be gone", func(s *scene) { s.vanish("a", "0") }, []string{"mine"}},
		{"deleted", func(s *scene) { s.leave("a", "1") }, []string{"-mine"}},
		{"its predecessor deleted", func(s *scene) { s.leave("a", "0") }, []string{"mine"}},
		{"written again", func(s *scene) { s.wrote(object("a", "1", "15", "mine")) }, []string{"mine"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.do(s.Replace(nil, "10"))
			s.wrote(object("a", "1", "15", "mine"))
			tt.do(s)
			s.want(tt.want...)
		})
	}
}

func TestMirrorKnewBeforeTheCallReturned(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.do(s.Replace(nil, "10"))
	s.do(s.Add(object("a", "1", "15", "theirs")))
	s.UpdateResourceVersion("15")
	s.do(s.Delete(object("a", "1", "16", "theirs")))
	s.UpdateResourceVersion("16")
	s.wrote(object("a", "1", "15", "mine"))
	s.want()
}

func TestMirrorOfAServerWithoutComparableVersions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.do(s.Replace(nil, "x"))
	s.wrote(object("a", "1", "y", "mine"))
	s.want("mine")
	s.UpdateResourceVersion("z")
	s.want("mine")
	s.do(s.Add(object("a", "1", "z", "theirs")))
	s.want("theirs")
	s.wrote(object("a", "1", "y", "mine"))
	s.want("theirs")
	s.do(s.Delete(object("a", "1", "z", "theirs")))
	s.want()
}

func TestMirrorLeaving(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.do(s.Replace([]any{object("a", "1", "5", "one")}, "10"))
	s.leave("a", "1")
	s.want("-one")
	s.do(s.Update(object("a", "1", "11", "stale")))
	s.want("-stale")
	s.do(s.Replace([]any{object("a", "1", "11", "relisted")}, "12"))
	s.want("-relisted")
	s.do(s.Replace([]any{object("a", "2", "13", "next")}, "14"))
	s.want("next")
	if len(s.leaving) != 0 {
		t.Errorf("remembers %v for ever", s.leaving)
	}
}
