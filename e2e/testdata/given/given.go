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

// Config returns the program's configuration.
func Config() pipeline.Config {
	var config pipeline.Config
	if err := yaml.UnmarshalStrict([]byte(os.Getenv(SettingsVariable)), &config.Settings); err != nil {
		panic(err)
	}
	return config
}
