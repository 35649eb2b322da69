#!/bin/sh
# Runs what has to run regularly (docs/commands.md): reminders twice a minute, the rest every night at 03:30 UTC.
set -u
trap 'trap "" TERM; kill 0; wait; exit 0' TERM INT

while :; do
  flask calendar remind --every 30
  sleep 30
done &

while :; do
  now=$(date +%s)
  sleep $(((12600 + 86400 - now % 86400) % 86400 + 1)) &
  wait $!
  flask sessions prune
  flask messages prune
  flask notifications prune
  flask idempotency prune
  flask stream prune
  flask counts prune
  flask files gc
done
