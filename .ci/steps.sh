# The steps of `.ci/run`, in the order of its table. Each fails by a command that fails.

# Seconds after which the tests are not begun for a further Python. They take some three minutes.
readonly PYTHONS_UNTIL=2000
# Tests that may fail, if they pass alone.
readonly MOST_FLAKY=3
# Results that must not fall. Of 281 snippets of the seeds, those that complete; of 20 hostile ones, those that pass.
readonly COMPLETED_FLOOR=180
readonly HOSTILE_FLOOR_ROOT=20
readonly HOSTILE_FLOOR_USER=20
# Without namespaces /dev/shm is the machine's and there are no listening sockets: three cases are open by design.
readonly HOSTILE_FLOOR_WITHOUT=17
# Without any sandbox the suite must not look better than this, or it proves nothing.
readonly HOSTILE_CEILING_OFF=14
# Cases that are right where no packages are installed.
readonly CASES_FLOOR=120
readonly RUFF=ruff==0.17.5
# Packages full of examples, and how many of them are compared.
readonly DOCTESTED=(more-itertools==11.2.1 toolz==1.2.0 boltons==26.2.0 sortedcontainers==2.4.0 jinja2==3.1.6 attrs==26.1.0)
readonly EXAMPLES_FLOOR=1000
# Builds wheels, installs them, and runs the tests of the plugin.
readonly WHEEL_TOOLS=(maturin==1.16.0 uv==0.13.9)
readonly PLUGIN_TOOLS=(pytest==8.4.2 pytest-xdist==3.8.0)
# What reads reports that knows nothing of them.
readonly READERS=(junitparser==5.0.3 tap.py[yaml]==3.2.1 jsonschema==4.26.0 sarif-pydantic==0.6.2)
# Rounds of each race, some sixty races each.
readonly RACES=100

# The release build. `run` makes it; a step that is named without it makes it itself, or takes `SNIPCHECK`.
snipcheck=""
need_release() {
  if [ -n "$snipcheck" ]; then return; fi
  if [ "${#named[@]}" != 0 ] && [ -n "${SNIPCHECK:-}" ]; then
    snipcheck=$(realpath "$SNIPCHECK")
    return
  fi
  cargo build --quiet --release
  snipcheck=$target/release/snipcheck
}

# The tree -------------------------------------------------------------------------------------------------------

step_format() {
  cargo fmt --check
}

step_lints() {
  # The worker is never linked here, and needs no Python to be looked at.
  PYO3_NO_PYTHON=1 PYO3_BUILD_EXTENSION_MODULE=1 cargo clippy --quiet --workspace --all-targets -- -D warnings
}

step_lints_macos() {
  local mac=x86_64-apple-darwin
  if command -v rustup >/dev/null && timeout 60 rustup --quiet target add "$mac" >/dev/null 2>&1; then
    # A dependency has a file of assembler, which nobody here could translate and a check does not link.
    env SNIPCHECK_CHECK_ONLY=1 PYO3_NO_PYTHON=1 CC_x86_64_apple_darwin=true AR_x86_64_apple_darwin=true \
      cargo clippy --quiet --target "$mac" -- -D warnings
  else
    skip "the standard library for $mac cannot be had here"
  fi
}

step_python_text() {
  if "$python" -m venv "$scratch/venv" && "$scratch/venv/bin/python" -m pip install -q "$RUFF"; then
    # What stands in fences of other tools' documents is theirs.
    local rules=(--isolated --line-length 120 --target-version py311 --extend-exclude "*.md")
    local folders=(src crates benches fixtures tests .ci)
    "$scratch/venv/bin/ruff" check "${rules[@]}" --select E,F,W,B,I "${folders[@]}"
    "$scratch/venv/bin/ruff" format "${rules[@]}" --check "${folders[@]}"
  else
    skip "ruff cannot be had here"
  fi
}

step_build() {
  cargo test --quiet --no-run
}

# These call Python, so that their program has to be linked with one.
step_worker() {
  local shared="import sysconfig as s; print(s.get_config_var('LIBDIR') if s.get_config_var('Py_ENABLE_SHARED') else '')"
  shared=$("$python" -I -c "$shared")
  if [ -e "$shared/libpython${version%.*}.so" ]; then
    PYO3_PYTHON=$python LD_LIBRARY_PATH=$shared cargo test --quiet -p snipcheck-worker
  else
    skip "$python has no libpython that a program could be linked with"
  fi
}

# The first command of the README: once as a build server, once as a person. Neither may change a file.
tree() { git status --porcelain --ignored -- . ':!target'; }

remembered="" before=""
remember_tree() {
  if [ -z "$remembered" ]; then
    before=$(tree)
    remembered=yes
  fi
}

unchanged() {
  [ "$(tree)" = "$before" ] || die "the run changed the tree:" "$(diff <(echo "$before") <(tree) || true)"
}

step_run() {
  remember_tree
  CI=true CARGO_TERM_QUIET=true cargo run --release
  unchanged
  snipcheck=$target/release/snipcheck
}

step_run_again() {
  remember_tree
  env -u CI CARGO_TERM_QUIET=true cargo run --release
  unchanged
  snipcheck=$target/release/snipcheck
}

# Real documents and hostile ones --------------------------------------------------------------------------------

step_commonmark() {
  need_release
  if "$python" -m venv "$scratch/commonmark"; then
    "$scratch/commonmark/bin/python" .ci/commonmark.py "$snipcheck"
  else
    skip "no environment can be made here"
  fi
}

step_seeds() {
  if [ ! -d ../shared/seeds ]; then
    skip "../shared/seeds is not here"
    return
  fi
  need_release
  "$python" .ci/seeds.py "$snipcheck" ../shared/seeds "$COMPLETED_FLOOR"
}

step_science() {
  need_release
  if "$python" -m venv "$scratch/science" && "$scratch/science/bin/python" -m pip install -q numpy pandas; then
    cp .ci/science.md "$scratch/science.md"
    (cd "$scratch" && env -u CI "$snipcheck" run --python "$scratch/science" science.md)
  else
    skip "numpy and pandas cannot be had here"
  fi
}

step_doctests() {
  need_release
  if "$python" -m venv "$scratch/doctests" && "$scratch/doctests/bin/python" -m pip install -q "${DOCTESTED[@]}"; then
    "$scratch/doctests/bin/python" .ci/doctests.py "$snipcheck" "$EXAMPLES_FLOOR" more_itertools toolz boltons sortedcontainers jinja2 attr
  else
    skip "the packages cannot be had here"
  fi
}

step_cpython() {
  if "$python" -c "import test.test_sched, test.test_asyncio" 2>/dev/null; then
    need_release
    "$python" .ci/clock.py "$snipcheck" "$python"
  else
    skip "$python comes without them"
  fi
}

step_races() {
  need_release
  # What imports its neighbours must not leave their bytecode in the tree.
  "$python" -B .ci/races.py "$snipcheck" "$RACES"
}

hostile() { # label executable floor [more arguments]
  local label=$1 exe=$2 floor=$3
  shift 3
  RT_EXE=$exe "$python" .ci/hostile.py "$label" "$exe" "$floor" "$@"
}

step_hostile() {
  if [ ! -f ../shared/redteam/run_suite.py ]; then
    skip "../shared/redteam is not here"
    return
  fi
  need_release
  local floor=$HOSTILE_FLOOR_USER
  [ "$(id -u)" != 0 ] || floor=$HOSTILE_FLOOR_ROOT
  hostile "$(id -un)" "$snipcheck" "$floor"
}

step_attacks() {
  if [ ! -d ../shared/redteam/new ]; then
    skip "../shared/redteam/new is not here"
    return
  fi
  need_release
  "$python" -B .ci/attacks.py "$snipcheck" ../shared/redteam/new
}

step_cases() {
  if [ ! -f ../shared/cases/run.py ]; then
    skip "../shared/cases is not here"
    return
  fi
  need_release
  # Some cases need packages that are not here; they count neither way.
  local found right
  # `update` writes no file that its owner has made read-only.
  cp -r ../shared/cases "$scratch/cases"
  chmod -R u+w "$scratch/cases"
  found=$("$python" "$scratch/cases/run.py" "$snipcheck" | tail -1 || true)
  say "$found"
  right=${found%% *}
  [ "${right:-0}" -ge "$CASES_FLOOR" ] || die "$right cases are right, $CASES_FLOOR were before"
}

step_updated() {
  need_release
  local cases=()
  [ ! -f ../shared/cases/manifest.json ] || cases=(../shared/cases)
  "$python" -B .ci/updated.py "$snipcheck" "${cases[@]}"
}

step_formats() {
  need_release
  if "$python" -m venv "$scratch/formats" && "$scratch/formats/bin/python" -m pip install -q "${READERS[@]}"; then
    "$scratch/formats/bin/python" -B .ci/formats.py "$snipcheck"
  else
    skip "the readers of reports cannot be had here"
  fi
}

step_switch() {
  need_release
  "$python" .ci/switch.py "$snipcheck"
}

# What an index gets: the archives, an installation of the wheel for every Python as this user and as an ordinary one, the
# tests of the plugin, and what the source distribution compiles to.
step_wheel() {
  local tools=$scratch/wheel-tools wheels=$scratch/wheels
  if ! "$python" -m venv "$tools" || ! "$tools/bin/python" -m pip install -q "${WHEEL_TOOLS[@]}"; then
    skip "maturin and uv cannot be had here"
    return
  fi
  # Another user reads them, too.
  mkdir -p "$wheels/tried"
  cp .ci/wheel.py README.md "$tools/bin/uv" "$wheels"
  # A wheel from the source distribution would be compiled anew, only because that lies in another folder.
  "$tools/bin/maturin" sdist --out "$wheels" 2>"$scratch/sdist.log" || die "$(<"$scratch/sdist.log")"
  PATH=$tools/bin:$PATH maturin build --quiet --release --locked --target-dir "$target" --out "$wheels"
  "$python" .ci/wheel.py look "$wheels"/*.whl "$wheels"/*.tar.gz

  local pythons=("$python") other
  while read -r -u 3 _ other; do pythons+=("$other"); done 3< <(others)
  export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
  (cd "$wheels" && UV_CACHE_DIR=$wheels/cache "$python" wheel.py try README.md ./*.whl ./uv "${pythons[@]}")
  wheel_for_user

  "$python" -m venv "$scratch/plugin"
  "$scratch/plugin/bin/python" -m pip install -q "${PLUGIN_TOOLS[@]}" "$wheels"/*.whl
  cp tests/python/test_*.py "$scratch/plugin"
  (cd "$scratch/plugin" && env -u CI bin/python -B -m pytest -q -p no:cacheprovider -n 2 test_*.py)

  mkdir "$scratch/sdist"
  tar -xzf "$wheels"/*.tar.gz -C "$scratch/sdist" --strip-components 1
  (cd "$scratch/sdist" && CARGO_TARGET_DIR=$target cargo check --quiet --locked)
}

# The part of the step that an ordinary user can do: with Pythons that are in no private folder.
wheel_for_user() {
  local readable_pythons=() each
  if [ "$(id -u)" != 0 ]; then return; fi
  make_user
  for each in "${pythons[@]}"; do
    if as_user "$each" -c ""; then readable_pythons+=("$each"); fi
  done
  if [ "${#readable_pythons[@]}" = 0 ]; then
    say "none of these Pythons can be read by an ordinary user"
    return
  fi
  chown "$user" "$wheels/tried"
  (cd "$wheels/tried" && setpriv --reuid "$user" --regid "$user" --clear-groups \
    env HOME="$wheels/tried" UV_CACHE_DIR="$wheels/tried/cache" \
    "${readable_pythons[0]}" ../wheel.py try ../README.md ../*.whl ../uv "${readable_pythons[@]}")
}

# An ordinary user -----------------------------------------------------------------------------------------------

# Sets `able` if a step for an ordinary user can do something: it needs a file or folder, and an executable.
for_user() { # file or folder
  able=""
  if [ ! -e "$1" ]; then
    skip "$1 is not here"
    return
  fi
  ordinary_user
  if [ -n "$readable" ]; then able=yes; else skip "there is no executable for an ordinary user"; fi
}

hostile_user() { # label floor [more arguments]
  local label=$1 floor=$2
  shift 2
  for_user ../shared/redteam/run_suite.py
  if [ -n "$able" ]; then hostile "$label" "$place/snipcheck" "$floor" "$@" --user "$user"; fi
}

attacks_user() { # [more arguments]
  for_user ../shared/redteam/new
  if [ -n "$able" ]; then "$python" -B .ci/attacks.py "$place/snipcheck" ../shared/redteam/new "$@"; fi
}

step_user() { for_user ../shared/redteam; }
step_hostile_user() { hostile_user user "$HOSTILE_FLOOR_USER"; }
step_hostile_user_without() { hostile_user without "$HOSTILE_FLOOR_WITHOUT" --without-namespaces; }
step_hostile_user_off() { hostile_user unprotected "$HOSTILE_CEILING_OFF" --unprotected; }
step_attacks_user() { attacks_user --user "$user"; }
# Root's sandboxes without namespaces need this executable, too: another user than root runs in them.
step_attacks_user_without() {
  attacks_user --user "$user" --without-namespaces
  attacks_user --without-namespaces
}

# Every other Python ---------------------------------------------------------------------------------------------

# The tests for one of each minor version, the documents for all.
step_pythons() {
  local other_version other minors=" ${version%.*} "
  need_release
  remember_tree
  while read -r -u 3 other_version other; do
    begin "Python $other_version ($other)"
    CI=true SNIPCHECK_PYTHON=$other "$snipcheck"
    case "$minors" in *" ${other_version%.*} "*) continue ;; esac
    minors="$minors${other_version%.*} "
    if [ "$SECONDS" -gt "$PYTHONS_UNTIL" ]; then
      say "tests skipped: $SECONDS s have passed"
    else
      # With the build that others get: the one of the tests has been tried with the first Python, or will be.
      SNIPCHECK_TEST_EXECUTABLE=$snipcheck SNIPCHECK_TEST_PYTHON=$other run_tests "$scratch/tests-$other_version" --test it 3<&-
    fi
  done 3< <(others)
  unchanged
}

# The second command of the README, last: its output ends this one's ---------------------------------------------

step_tests() {
  run_tests "$scratch/tests"
}

# Runs tests, and the few that fail once more, alone: another program may have taken the time or the processes that one
# needs. Those that pass then are named.
run_tests() { # file for the output, arguments of cargo test
  local output=$1 failed
  shift
  if cargo test --quiet --no-fail-fast "$@" 2>&1 | tee "$output"; then return; fi
  mapfile -t failed < <(awk '/^failures:$/ { list = 1 } list && /^    [a-z0-9_:]+$/ { print $1 }' "$output" | sort -u)
  [ "${#failed[@]}" = "$(counts "$output" | cut -d ' ' -f 2)" ] || die "not every test that failed has a name"
  [ "${#failed[@]}" -le "$MOST_FLAKY" ] || die "${#failed[@]} tests failed"

  say "once more, alone: ${failed[*]}"
  cargo test --quiet "$@" -- --exact --test-threads 1 "${failed[@]}" 2>&1 | tee "$output.again"
  [ "$(counts "$output.again" | cut -d ' ' -f 1)" = "${#failed[@]}" ] || die "not every test ran once more"
  say "FLAKY: ${failed[*]}"
}

# Prints how many tests passed, failed and were skipped.
counts() { # files
  awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 } END { print passed + 0, failed + 0, skipped + 0 }' "$@"
}

count_tests() {
  local passed_tests failed_tests skipped_tests again
  counted=yes
  say "everything: $SECONDS s"
  read -r passed_tests failed_tests skipped_tests < <(counts "$scratch/tests")
  if [ -e "$scratch/tests.again" ]; then
    read -r again failed_tests _ < <(counts "$scratch/tests.again")
    passed_tests=$((passed_tests + again))
  fi
  echo "$passed_tests passed, $failed_tests failed, $skipped_tests skipped"
  [ "$passed_tests" != 0 ] && [ "$failed_tests" = 0 ]
}
