//go:build tools

// Package tools names the program that plays the nodes, so that go.mod pins it.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
