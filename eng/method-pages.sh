#!/usr/bin/env bash
# Writes what the pages of methods take from the program: the JSON Schema of each method's parameters, and the pictures and the answer of its example. Noised pictures are drawn anew; the rest is kept in step by
# tests/Unit/Cli/Examples. Run from the repository's root after 'dotnet build src/Cli -c Release'; names of methods restrict it to them.
set -euo pipefail
program=src/Cli/bin/Release/net10.0/consilience
mkdir -p docs/schemas/methods
for method in ${@:-$("$program" methods --json | sed -n 's/^ *"name": "\(.*\)",$/\1/p')}; do
  "$program" methods "$method" --schema > "docs/schemas/methods/$method.schema.json"
  "$program" methods "$method" --page docs/methods
done
