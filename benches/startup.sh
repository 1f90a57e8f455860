#!/usr/bin/env bash
# How long two signed requests over mutual TLS take as a whole process, beside curl doing two
# unsigned ones to the same server. Times are medians in ms; only their ratio means anything.
#
#   cargo build --release && benches/startup.sh [ROUNDS]
set -euo pipefail
rounds=${1:-41}
here=$(cd "$(dirname "$0")/.." && pwd)
countersign=$here/target/release/countersign
folder=$(mktemp -d)
trap 'exec 3>&-; wait; rm -rf "$folder"' EXIT
cp -r "$here/requests" "$here/snapshots" "$folder"
cd "$folder"

mkfifo stop
"$countersign" sandbox --json --stop-with-stdin < stop > facts 2> log &
exec 3> stop
until [ -s facts ]; do sleep 0.05; done
fact() { sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/" facts; }
host=$(fact host) ca=$(fact ca) certificate=$(fact tls_certificate) key=$(fact tls_key)
sed -e "s|^host: embedded|host: $host|" -e "s|^tls:|tls:\n  ca: $ca\n  ca_only: true|" \
  requests/environments/embedded.yaml > requests/environments/served.yaml

# The median time of a command, in microseconds.
median() {
  for _ in $(seq "$rounds"); do
    local began=${EPOCHREALTIME/./}
    "$@" > /dev/null 2>&1 || true
    echo $((${EPOCHREALTIME/./} - began))
  done | sort -n | sed -n "$((rounds / 2 + 1))p"
}
curl_options=(--silent --cacert "$ca" --cert "$certificate" --key "$key")
show() { printf '%-52s %6.1f ms\n' "$1" "$(echo "$2" | sed -E 's/(...)$/.\1/')"; }

"$countersign" run --env served > /dev/null
ours=$(median "$countersign" run --env served)
theirs=$(median curl "${curl_options[@]}" "$host/one" "$host/two")
embedded=$(median "$countersign" run)
nothing=$(median "$countersign" --version)
show 'countersign, token and greeting, signed and checked' "$ours"
show 'curl, two unsigned requests in one process' "$theirs"
show 'countersign with the bank in the same process' "$embedded"
show 'countersign --version' "$nothing"
echo "ratio to curl: $((ours * 100 / theirs)) %"
