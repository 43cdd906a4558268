package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestReportGolden(t *testing.T) {
	t.Parallel()
	report := mustCompare(t, 344, 1)
	var table bytes.Buffer
	if err := report.print(&table); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", table.String())
	golden(t, "penguins.svg", report.Plot)
}

func TestReportRanksTheModels(t *testing.T) {
	t.Parallel()
	score := func(model string, predicted ...Species) Score {
		s := Score{Model: model}
		for _, p := range predicted {
			s.Answers = append(s.Answers, Answer{Penguin{Species: Adelie}, p})
		}
		return s
	}
	report, err := compare(t.Context(),
		score("one wrong", Adelie, Gentoo),
		score("none wrong", Adelie, Adelie),
		score("one wrong too", Gentoo, Adelie))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range report.Results {
		got = append(got, r.Model)
	}
	if diff := cmp.Diff([]string{"none wrong", "one wrong", "one wrong too"}, got); diff != "" {
		t.Errorf("order of the models (-want +got):\n%s", diff)
	}
}

func TestPlotMarksEveryPenguinSomeModelGotWrong(t *testing.T) {
	t.Parallel()
	p := func(s Species, length float64) Penguin {
		return Penguin{s, Features{BillLength: length, BillDepth: 15}}
	}
	scores := []Score{
		{"a", []Answer{{p(Adelie, 40), Adelie}, {p(Gentoo, 50), Adelie}, {p(Gentoo, 51), Gentoo}}},
		{"b", []Answer{{p(Adelie, 40), Gentoo}, {p(Gentoo, 50), Adelie}, {p(Gentoo, 51), Gentoo}}},
	}
	const legend = 1
	if got, want := strings.Count(plot(scores), `href="#wrong"`), 2+legend; got != want {
		t.Errorf("%d rings, want %d", got, want)
	}
}

func TestPlotIsWellFormedWhateverTheNames(t *testing.T) {
	t.Parallel()
	decoder := xml.NewDecoder(strings.NewReader(plot([]Score{
		{`<"k" & co>`, []Answer{{Penguin{Species: Adelie}, Gentoo}}},
	})))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), run with -update if this is meant:\n%s", path, diff)
	}
}

func mustCompare(t *testing.T, limit int, seed int64) Report {
	t.Helper()
	split := mustSplit(t, limit, seed)
	report, err := compare(t.Context(), mustEvaluate(t, trainKNN, split), mustEvaluate(t, trainBayes, split),
		mustEvaluate(t, trainSoftmax, split))
	if err != nil {
		t.Fatal(err)
	}
	return report
}
