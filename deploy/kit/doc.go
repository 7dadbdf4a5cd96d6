// Package kit checks what operators get: alerts, dashboards and manifests. It is a
// module of its own, so that what it needs, such as the parser of PromQL, is no part
// of the program.
package kit
