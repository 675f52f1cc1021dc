#!/usr/bin/env bash
# Runs the CUDA compiler that the arguments name, and keeps what it says of registers and memory beside the object file.
set -uo pipefail
object=
previous=
for argument in "$@"; do
  [[ $previous == -o ]] && object=$argument
  previous=$argument
done
[[ -n $object ]] || exec "$@"
"$@" 2>"$object.resources"
status=$?
# The report is for check_resources.py, everything else for whoever builds.
grep -vE '^ptxas info|bytes stack frame' "$object.resources" >&2
exit $status
