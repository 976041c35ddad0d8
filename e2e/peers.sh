#!/usr/bin/env bash
# Builds real OpenTelemetry programs from their Go modules, to test and measure against.
#   e2e/peers.sh telemetrygen|jaeger ...
# Binaries go to $AODE_PEERS (default $HOME/.cache/aode-peers). What is there already is not built again.
set -euo pipefail

out=${AODE_PEERS:-$HOME/.cache/aode-peers}
export CGO_ENABLED=0 GOBIN=$out
mkdir -p "$out"
command -v go >/dev/null || { echo "peers.sh: needs Go 1.24 or newer on PATH to build the peers" >&2; exit 1; }

# The OpenTelemetry SDK for Go as a sender of traces, metrics and logs. Under two minutes on two cores.
build_telemetrygen() {
  go install -trimpath github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0
}

# Jaeger v2.13.0 carries the Go module tag v1.76.0. Its go.mod has a replace directive, which `go install` refuses, so a
# wrapper module with the same go.mod and go.sum builds it with the versions that upstream locked. Minutes when cold.
build_jaeger() {
  local module=github.com/jaegertracing/jaeger version=v1.76.0 wrapper source
  wrapper=$(mktemp -d)
  source=$(go mod download -json "$module@$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  install -m 644 "$source/go.mod" "$source/go.sum" "$wrapper"
  (cd "$wrapper" && go mod edit -module=wrapper -require="$module@$version" &&
    go build -mod=mod -trimpath -ldflags "-s -w -X $module/internal/version.latestVersion=v2.13.0" \
      -o "$out/jaeger" "$module/cmd/jaeger")
  rm -rf "$wrapper"
}

[ $# -gt 0 ] || { echo "usage: e2e/peers.sh telemetrygen|jaeger ..." >&2; exit 2; }
for peer; do
  [ -x "$out/$peer" ] || "build_$peer"
  echo "$out/$peer"
done
