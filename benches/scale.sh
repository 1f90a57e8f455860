#!/usr/bin/env bash
# Large suites against a server on loopback: how long they take, how much memory, how many at once.
#
#   benches/scale.sh [BINARY]
#
# The server is Python's, so that a machine needs nothing else; it shares the processor with what is
# measured. Compare the lines of one run with each other, not with another machine's.
set -euo pipefail
source "$(dirname "$0")/loopback.sh"

suite() { # NAME: an empty suite
  mkdir -p "$work/$1/requests/environments"
  echo "host: $host" > "$work/$1/requests/environments/local.yaml"
  echo 'defaults: {snapshot: false}' > "$work/$1/requests/suite.yaml"
}
request() { # SUITE NAME: the request on standard input
  cat > "$work/$1/requests/$2.yaml"
}
measure() { # SUITE COUNT [ARGUMENT…]
  local name=$1 count=$2; shift 2
  curl -s "$host/reset" > "$work/before"
  (cd "$work/$name" && /usr/bin/time -f '%e %M' -o "$work/time" "$binary" run --quiet "$@") || { echo "$name failed"; exit 1; }
  curl -s "$host/reset" > "$work/after"
  read -r seconds kilobytes < "$work/time"
  printf '%-34s %7s requests %8s s %6s MB  %s\n' "$name $*" "$count" "$seconds" "$((kilobytes / 1024))" "$(cat "$work/after")"
}

suite independent
for n in $(seq 1000); do
  printf 'method: GET\nendpoint: /r%s\nexpect: {status: 200, body: {$.ok: true}}\n' "$n" | request independent "r$n"
done

suite rows
mkdir "$work/rows/data"
(echo 'number,name'; for n in $(seq 10000); do echo "$n,name $n"; done) > "$work/rows/data/rows.csv"
printf 'method: POST\nendpoint: /row\nbody: {json: {n: "{{ number }}", name: "{{ name }}"}}\nexpect: {status: 200}\ncases: {file: data/rows.csv}\n' | request rows row

suite chain
printf 'method: GET\nendpoint: /c1\ncapture: {n: $.n}\n' | request chain c1
for n in $(seq 2 200); do
  printf 'method: GET\nendpoint: /c%s?after={{ c%s.n }}\ncapture: {n: $.n}\n' "$n" "$((n - 1))" | request chain "c$n"
done

suite wide
printf 'method: GET\nendpoint: /root\ncapture: {n: $.n}\n' | request wide root
for n in $(seq 5000); do
  printf 'method: GET\nendpoint: /w%s?root={{ root.n }}\n' "$n" | request wide "w$n"
done

suite slow
for n in $(seq 200); do printf 'method: GET\nendpoint: /slow\n' | request slow "s$n"; done

measure independent 1000 --jobs 1
measure independent 1000 --jobs 8
measure rows 10000 --jobs 8
measure chain 200
measure wide 5001 --jobs 8
measure wide 5001 --jobs 32
measure slow 200 --jobs 8
measure slow 200 --jobs 32
