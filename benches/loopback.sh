# For the other scripts here: names `binary`, makes the folder `work`, and serves `host` until the end.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
binary=$(realpath "${1:-target/release/countersign}")
work=$(mktemp -d)
trap 'kill "${server:-0}" 2>/dev/null; rm -rf "$work"' EXIT

python3 benches/scale_server.py "$work/port" &
server=$!
until [ -s "$work/port" ]; do sleep 0.05; done
host="http://127.0.0.1:$(cat "$work/port")"
