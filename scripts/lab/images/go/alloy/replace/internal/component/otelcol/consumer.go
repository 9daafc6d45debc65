// Package otelcol is only the type that the runtime compares exports with: this build carries no OpenTelemetry components.
package otelcol

import "go.opentelemetry.io/collector/consumer"

// Consumer takes every signal; nothing in this build does.
type Consumer interface {
	consumer.Traces
	consumer.Metrics
	consumer.Logs
}
