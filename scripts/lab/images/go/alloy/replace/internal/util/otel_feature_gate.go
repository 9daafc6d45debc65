package util

// SetupOtelFeatureGates has nothing to set: no OpenTelemetry component is in this build.
func SetupOtelFeatureGates() error { return nil }
