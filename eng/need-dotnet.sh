# Sourced: makes sure a .NET SDK that global.json accepts is on PATH, or says how to get one.
if ! command -v dotnet >/dev/null 2>&1; then
  [ -x "$HOME/.dotnet/dotnet" ] && export PATH="$HOME/.dotnet:$PATH"
fi
if ! dotnet --version >/dev/null 2>&1; then
  echo "The .NET SDK 10.0 is needed and was not found. Install it from https://dot.net (or your distribution's dotnet-sdk-10.0), then run this again." >&2
  exit 2
fi
