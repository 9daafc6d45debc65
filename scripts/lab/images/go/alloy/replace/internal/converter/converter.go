// Package converter converts nothing: this build reads Alloy's own configuration only.
package converter

import "github.com/grafana/alloy/internal/converter/diag"

type Input string

var SupportedFormats = []string{}

// Convert refuses what it cannot do instead of ignoring it.
func Convert(_ []byte, kind Input, _ []string) ([]byte, diag.Diagnostics) {
	var diags diag.Diagnostics
	diags.Add(diag.SeverityLevelCritical, "this build of Alloy converts no configuration of the format "+string(kind))
	return nil, diags
}
