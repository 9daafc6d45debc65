// Package pyroscope is only the type that the runtime compares exports with: this build ships no profiles.
package pyroscope

// Appendable is what a component that takes profiles exports; nothing in this build does.
type Appendable interface{ Appender() any }
