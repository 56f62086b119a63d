//! What `--help` says below the flags, and the headings above them.

/// What `--version` says after the name.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) const CHOOSING: &str = "Choosing snippets";
pub(super) const RUNNING: &str = "Running";
pub(super) const REPEATING: &str = "Repeating";
pub(super) const JUDGING: &str = "Judging";
pub(super) const WRITING: &str = "Writing";
pub(super) const REPORTING: &str = "Reporting";

pub(super) const SNIPCHECK: &str = "\
Examples:
  snipcheck                        run README.md, README.rst and docs/, or what the settings name
  snipcheck README.md:40           run the snippet at line 40, and those it builds on
  snipcheck list --format json     see what would run
  snipcheck accept README.md       accept what the snippets of a document do now

Settings are the table [tool.snipcheck] of the nearest pyproject.toml, here or above.
`snipcheck <COMMAND> --help` says more about a command, its examples and exit codes.";

pub(super) const RUN: &str = "\
A snippet that builds on earlier ones is run after them; only the chosen ones are judged.

Examples:
  snipcheck run docs 'guide/**/*.md'        folders and globs
  snipcheck run README.md:40                the snippet at line 40
  snipcheck run -k install -k quickstart    ids with one of these texts in them
  snipcheck run --last-failed               what failed the last time
  snipcheck run --check --format json       for a build server
  snipcheck run --format junit=out.xml      a report as a file; docs/ci.md has the formats
  snipcheck run --repeat 5 --vary           what is unstable from run to run, and why

Environment (flags win):
  SNIPCHECK_PYTHON, SNIPCHECK_SANDBOX, SNIPCHECK_JOBS, SNIPCHECK_TIMEOUT
  SNIPCHECK_LIMITS=memory=1GiB,tasks=64, SNIPCHECK_TRUST=1, SNIPCHECK_UNTRUSTED=1
  CI    implies --check, unless it is empty, 0 or false
  NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE    whether to color, where --color does not say

Exit codes:
  0     every snippet did what its document promises
  1     a snippet failed or a document has a problem; with --check also unfinished reviews
  2     a flag or a setting is wrong
  4     there was no Python snippet to run, unless --no-tests says otherwise
  5     the sandbox cannot be had
  70    a defect of snipcheck
  130   interrupted";

pub(super) const LIST: &str = "\
Examples:
  snipcheck list                      every code block, and why it would not run
  snipcheck list docs --format json   the same for programs

Exit codes:
  0     listed, even if there was nothing
  1     a document has a problem
  2     a flag or a setting is wrong";

pub(super) const ACCEPT: &str = "\
Examples:
  snipcheck accept                    accept all that differs or is new
  snipcheck accept README.md:40       accept one snippet
  snipcheck accept README.md:10-40    accept those at these lines
  snipcheck accept docs --prune       and delete the snapshots of snippets that are gone
  snipcheck accept -k error --errors  accept exceptions too

Exit codes:
  0     everything chosen is accepted
  1     a snippet could not be accepted or a document has a problem
  2     a flag or a setting is wrong
  4     there was no Python snippet to run
  5     the sandbox cannot be had
  70    a defect of snipcheck
  130   interrupted";

pub(super) const UPDATE: &str = "\
Where a document says something else than its snippets do, its words are replaced in the form in
which it says them: in comments, below prompts, in blocks of output. Nothing else in it changes,
and snapshots stay as they are. What was accepted as false stays, too.

Each document is shown and asked about: y writes it, n leaves it, a writes all, q stops.
Without a terminal only --yes writes. A document that somebody else changes meanwhile is left alone.
`git diff` shows what was written, `git restore` takes it back.

Examples:
  snipcheck update                    ask for each document that is wrong
  snipcheck update README.md:40       correct what is said of one snippet
  snipcheck update docs --yes         write without asking

Exit codes:
  0     every document is right now
  1     something was not written, a snippet failed for other reasons, or a document has a problem
  2     a flag or a setting is wrong
  4     there was no Python snippet to run
  5     the sandbox cannot be had
  70    a defect of snipcheck
  130   interrupted";

pub(super) const REVIEW: &str = "\
Everything that waits is shown with the lines around it: outputs that differ from their snapshots or
have none yet, words of documents that are false, blocks that look like code and do not run. A key
accepts the output, corrects the document, rejects, skips, or opens $VISUAL or $EDITOR at the line;
`?` shows them all. Each decision is written at once, and `u` takes it back.

Examples:
  snipcheck review                    all of the project
  snipcheck review docs README.md:40  a folder, and the snippet at a line

Exit codes:
  0     nothing waits any more
  1     something still waits, a snippet failed for other reasons, or a document has a problem
  2     a flag or a setting is wrong, or this is no terminal
  5     the sandbox cannot be had
  70    a defect of snipcheck
  130   interrupted";

pub(super) const WATCH: &str = "\
Everything runs once. A document runs again when it changes, when a fixture that it uses changes, or
a file beside it; all of them do when modules or settings change. What git ignores does not count.
The last results of all documents are shown each time.

Keys at a terminal: Enter or r runs all, f what fails, a accepts the outputs that wait, u corrects
documents as `update` does, q quits. Without a terminal it goes on until its input ends.

Examples:
  snipcheck watch                     all of the project
  snipcheck watch docs README.md      a folder and a document

Exit codes, by the last results:
  0     every snippet did what its document promises
  1     a snippet failed or a document has a problem
  2     a flag or a setting is wrong
  4     there was no Python snippet to run
  5     the sandbox cannot be had
  70    a defect of snipcheck
  130   interrupted";

pub(super) const REJECT: &str = "\
Examples:
  snipcheck reject                    all of the project
  snipcheck reject README.md          those of one document
  snipcheck reject README.md:10-40    those of the snippets at these lines
  snipcheck reject -k install         those of ids with this text in them

Exit codes:
  0     nothing of what was named is pending any more
  1     a line or an id names no Python block
  2     a flag or a setting is wrong";

pub(super) const PENDING: &str = "\
Examples:
  snipcheck pending                   all of the project
  snipcheck pending docs              those of one folder
  snipcheck pending --format json     the same for programs

`snipcheck review` asks about each of them, `accept` and `reject` take ids and lines.

Exit codes:
  0     shown, even if there was nothing
  1     a snapshot cannot be read, or a line or an id names no Python block
  2     a flag or a setting is wrong";

pub(super) const DOCTOR: &str = "\
Examples:
  snipcheck doctor                        the sandbox that `run` would use
  snipcheck doctor --sandbox require-a    why there is no better one

Exit codes:
  0     there is a sandbox, and it holds
  2     a flag or a setting is wrong
  5     there is none, or it does not hold";

pub(super) const CACHE: &str = "\
With `snipcheck run --cache auto` a session does not run again if it passed and nothing has changed
since: what came out of it is judged anew. docs/cache.md says what counts as a change.

Exit codes:
  0     done, even if there was nothing to remove
  2     there is no cache folder, or it cannot be changed";
