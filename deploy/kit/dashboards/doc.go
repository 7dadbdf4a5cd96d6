// Package dashboards draws the dashboards of deploy/grafana. Each is a table of
// panels, and each panel a question with the queries that answer it.
//
// `make generate` writes the files.
package dashboards
