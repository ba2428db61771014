# What stands before the commands of a page when they are run as a test. The commands themselves stay as they are;
# `cargo` runs what is built already, since a release build of everything would take longer than all other tests.
set -euo pipefail

cargo() {
  case "$1" in
    # These two have tests of their own.
    play | verify) return 0 ;;
    swarm)
      shift
      # As the page says, but with fewer bots, for a shorter time.
      local said status=0
      said=$(command "$BINARIES/swarm" $(sed -E 's/--sessions [0-9]+/--sessions 10/; s/--seconds [0-9]+/--seconds 3/; s/--count [0-9]+/--count 1/' <<<"$*")) || status=$?
      echo "$said"
      # On a machine that is busy with other tests bots come late, which the command says, and refuses to report.
      grep --quiet 'The generator itself was' <<<"$said" && return 0
      return "$status"
      ;;
    run) shift ;;
    *)
      echo "the test of the pages does not know \`cargo $*\`" >&2
      return 1
      ;;
  esac
  local package=
  while [[ $1 != -- ]]; do
    case "$1" in
      --package) package=$2 && shift ;;
      --release | --quiet) ;;
      *) echo "the test of the pages does not know \`cargo run $1\`" >&2 && return 1 ;;
    esac
    shift
  done
  shift
  local binary=${package#holdfast-}
  if [[ $1 != serve || ${2-} == --help ]]; then
    command "$BINARIES/$binary" "$@"
    return
  fi
  # A server runs until it is told to stop; the commands that follow want it there.
  setpriv --pdeathsig KILL "$BINARIES/$binary" "$@" &
  local server=$!
  until curl --silent --fail --output /dev/null "http://$HOLDFAST_LISTEN/api/health/ready"; do
    kill -0 "$server" || return 1
    sleep 0.1
  done
}

npm() {
  local installed_from=web-client/node_modules/.installed-from
  if [[ $* == "--prefix web-client ci" ]]; then
    # What is there already is not installed once more.
    cmp --silent web-client/package-lock.json "$installed_from" && return 0
    command npm "$@" --no-audit --no-fund --loglevel=error
    cp web-client/package-lock.json "$installed_from"
  else
    command npm "$@"
  fi
}
