// Alloy's own command and runtime, with the components that ship logs (replace/internal/component/all).
package main

import (
	"os"

	"github.com/grafana/alloy/internal/alloycli"
	_ "golang.org/x/crypto/x509roots/fallback"
)

func main() {
	if err := alloycli.Command().Execute(); err != nil {
		os.Exit(1)
	}
}
