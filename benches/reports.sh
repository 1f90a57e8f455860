#!/usr/bin/env bash
# What reports cost: a suite of 1,000 requests without a report file, and with three, in turn.
#
#   benches/reports.sh [BINARY]
#
# The server is Python's and shares the processor with what is measured. The ratio of one run counts,
# not the seconds.
set -euo pipefail
source "$(dirname "$0")/loopback.sh"
mkdir -p "$work/suite/requests/environments"
echo "host: $host" > "$work/suite/requests/environments/local.yaml"
echo 'defaults: {snapshot: false}' > "$work/suite/requests/suite.yaml"
for n in $(seq 1000); do
  printf 'method: GET\nendpoint: /r%s\nexpect: {status: 200, body: {$.ok: true}}\n' "$n" > "$work/suite/requests/r$n.yaml"
done

cd "$work/suite"
seconds() { # ARGUMENT…
  local before after
  before=$(date +%s%N); "$binary" run --quiet "$@" > "$work/out"; after=$(date +%s%N)
  echo $(((after - before) / 1000000))
}
seconds > /dev/null
for _ in $(seq 9); do
  seconds >> "$work/without"
  seconds --report html=r.html --report junit=r.xml --report json=r.json >> "$work/with"
done
median() { sort -n "$1" | sed -n 5p; }
without=$(median "$work/without"); with=$(median "$work/with")
printf 'without reports %s ms, with html, junit and json %s ms: %s %% more (medians of 9)\n' \
  "$without" "$with" "$(((with - without) * 100 / without))"
ls -l r.html r.xml r.json | awk '{print $5, $9}'
