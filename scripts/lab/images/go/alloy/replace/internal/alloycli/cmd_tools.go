package alloycli

import "github.com/spf13/cobra"

// The tools of the real command belong to components that this build leaves out.
func toolsCommand() *cobra.Command {
	return &cobra.Command{Use: "tools", Short: "No tools in this build"}
}
