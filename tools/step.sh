#!/bin/sh
# step.sh TITLE COMMAND...: one line while the command works, and all that it said only when it fails.
title=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

printf '%s ... ' "$title"
begun=$(date +%s)
if "$@" >"$log" 2>&1; then
    echo "$(($(date +%s) - begun)) s"
else
    code=$?
    echo failed
    cat "$log"
    exit "$code"
fi
