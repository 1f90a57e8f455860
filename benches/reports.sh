#!/usr/bin/env bash
# What reports cost: 1,000 requests without a report file, and with three, in turn.
#
#   benches/reports.sh [BINARY]
#
# Once signed and over mutual TLS, at the embedded bank, which is the same process; once plain, where
# nothing else takes time. That server is Python's. All share the processors with what is measured: the
# ratio of one run counts, not the milliseconds.
set -euo pipefail
source "$(dirname "$0")/loopback.sh"

mkdir -p "$work/signed" "$work/plain/requests/environments"
cp -r requests "$work/signed"
rm "$work/signed/requests/greeting.yaml"
for n in $(seq 1000); do
  sed '/^snapshot:/,$d' requests/greeting.yaml > "$work/signed/requests/r$n.yaml"
  printf 'method: GET\nendpoint: /r%s\nexpect: {status: 200, body: {$.ok: true}}\n' "$n" \
    > "$work/plain/requests/r$n.yaml"
done
echo "host: $host" > "$work/plain/requests/environments/local.yaml"
for suite in signed plain; do echo 'defaults: {snapshot: false}' >> "$work/$suite/requests/suite.yaml"; done
sed -i '/^snapshot:/,$d' "$work/signed/requests/token.yaml"

milliseconds() { # ARGUMENT…
  local before after
  before=$(date +%s%N); "$binary" run --quiet "$@" > "$work/out"; after=$(date +%s%N)
  echo $(((after - before) / 1000000))
}
median() { sort -n "$1" | sed -n 6p; }
for suite in signed plain; do
  cd "$work/$suite"
  milliseconds > /dev/null
  for _ in $(seq 11); do
    milliseconds >> without
    milliseconds --report html=r.html --report junit=r.xml --report json=r.json >> with
  done
  without=$(median without); with=$(median with)
  printf '%s: without reports %s ms, with html, junit and json %s ms: %s %% more (medians of 11)\n' \
    "$suite" "$without" "$with" "$(((with - without) * 100 / without))"
  ls -l r.html r.xml r.json | awk '{print "  " $5, $9}'
done
