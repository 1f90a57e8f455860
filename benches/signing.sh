#!/usr/bin/env bash
# How many RSA-2048 signatures a second countersign makes, beside `openssl speed`, both on one
# thread: whole signed requests there, bare private-key operations here. Only the ratio means
# anything on another machine.
#
#   benches/signing.sh [CARGO_PROFILE]          the profile is `release` unless another is named
set -euo pipefail
profile=${1:-release}
here=$(cd "$(dirname "$0")/.." && pwd)
key=$(mktemp)
trap 'rm -f "$key"' EXIT
openssl genrsa -out "$key" 2048 2> /dev/null
cd "$here"
cargo build --quiet --profile "$profile" --example sign_speed
folder=$profile
[ "$profile" = dev ] && folder=debug
ours=$("${CARGO_TARGET_DIR:-target}/$folder/examples/sign_speed" "$key")
theirs=$(openssl speed -seconds 3 rsa2048 2> /dev/null | awk '/^rsa 2048/ { print $6 }')
echo "countersign $ours signed requests/s"
echo "openssl     $theirs signatures/s"
awk -v ours="$ours" -v theirs="$theirs" 'BEGIN { printf "ratio       %.2f\n", ours / theirs }'
