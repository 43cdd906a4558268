// Package given gives the programs of the tests the configuration that a test wants them to have.
package given

import (
	"os"

	"sigs.k8s.io/yaml"

	pipeline "github.com/org/k8sorch"
)

// SettingsVariable names the variable with the settings, in YAML. It is there in the process that a test starts; pods
// have no need of it, since settings travel in the plan.
const SettingsVariable = "E2E_SETTINGS"

// StepSettingsVariable names the variable with the settings of one step, which of them is up to the program.
const StepSettingsVariable = "E2E_STEP_SETTINGS"

// Config returns the program's configuration.
func Config() pipeline.Config {
	return pipeline.Config{Settings: read(SettingsVariable)}
}

// StepSettings returns the settings of one step.
func StepSettings() pipeline.KubernetesOrchestratorSettings { return read(StepSettingsVariable) }

func read(variable string) (settings pipeline.KubernetesOrchestratorSettings) {
	if err := yaml.UnmarshalStrict([]byte(os.Getenv(variable)), &settings); err != nil {
		panic(err)
	}
	return settings
}
