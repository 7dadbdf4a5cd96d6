// Package manifests checks the files with which Recado is deployed, by the tools that
// will read them.
package manifests
