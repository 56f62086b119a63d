# What is on the machine, and what has to be installed: read by `.ci/run`.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

need() {
  command -v apt-get >/dev/null || die "missing: $* (install them by hand, this system has no apt-get)"
  say "installing $*"
  as_root apt-get -qq update >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "$@" >/dev/null 2>&1 || die "cannot install $*"
}

# Prints "VERSION EXECUTABLE" of a CPython that snippets can run in.
usable() {
  "$1" -I .ci/python.py 2>/dev/null
}

# Sets `version` and `python`: the Python of every step. Building needs none.
choose_python() {
  local chosen
  if ! chosen=$(usable python3); then
    need python3 python3-venv
    chosen=$(usable /usr/bin/python3) || die "\`/usr/bin/python3\` is no CPython 3.11 or newer"
  fi
  read -r version python <<<"$chosen"
  export SNIPCHECK_TEST_PYTHON=$python
}

what_is_here() {
  command -v cargo >/dev/null || die "no cargo: Rust 1.95 or newer has to be installed first"
  cargo fmt --version >/dev/null 2>&1 || die "cargo has no fmt: \`rustup component add rustfmt\`"
  cargo clippy --version >/dev/null 2>&1 || die "cargo has no clippy: \`rustup component add clippy\`"
  command -v cc >/dev/null || need gcc libc6-dev
  choose_python
  say "$(rustc --version), Python $version ($python), $(nproc) cores, $(id -un)"
}

# Every other Python that snippets can run in, as `usable` prints it: one of each minor version, and the system's own.
others() {
  local candidate found real seen=" $(readlink -f "$python") "
  # The system's own first: it is the one that other users can read.
  for candidate in /usr/bin/python3 /usr/bin/python3.1[1-9] "${HOME:-/root}"/.pyenv/versions/*/bin/python3.1[1-9]; do
    [ -x "$candidate" ] && found=$(usable "$candidate") || continue
    real=$(readlink -f "${found#* }")
    case "$seen" in *" $real "*) continue ;; esac
    seen="$seen$real "
    echo "$found"
  done
}

# An ordinary user -----------------------------------------------------------------------------------------------

user=sbx
place=$scratch/user
# The Python of an ordinary user, empty if there is none.
readable="" user_tried=""

# By way of env: setpriv itself still has the rights of root when it looks for a program.
as_user() { setpriv --reuid "$user" --regid "$user" --clear-groups env "$@" >/dev/null 2>&1; }

make_user() {
  if ! id -u "$user" >/dev/null 2>&1; then
    useradd --system --no-create-home "$user"
    made_user=$user
  fi
}

# Sandboxes of an ordinary user are made in another way than those of root, so root tries both, with the first Python
# that is in no private folder. Sets `readable`, or says why not.
ordinary_user() {
  local other_version other
  if [ -n "$user_tried" ]; then return; fi
  user_tried=yes
  if [ "$(id -u)" != 0 ]; then
    say "only root can be another user"
    return
  fi
  mkdir -p "$place"
  make_user
  while [ -z "$readable" ] && read -r -u 3 other_version other; do
    if as_user "$other" -c ""; then
      readable=$other
      say "Python $other_version, $other"
    fi
  done 3< <(echo "$version $python" && others)
  if [ -z "$readable" ]; then
    say "no Python here can be read by an ordinary user ($python is below a private folder)"
    return
  fi
  need_release
  install -m 755 "$snipcheck" "$place/snipcheck"
  as_user "$place/snipcheck" --version || die "an ordinary user cannot start the executable"
}
