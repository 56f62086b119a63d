//! Reads what `faulthandler` wrote of a session's threads. The text is untrusted, and may be cut anywhere.

use crate::model::outcome::{Frame, ThreadStack};
use crate::model::snippet::Line;

/// Where it is cut.
const MOST_TEXT: usize = 64 << 10;
const MOST_THREADS: usize = 200;
const MOST_FRAMES: usize = 40;
/// Letters of a name that `faulthandler` writes (`MAX_STRING_LENGTH` in `Python/traceback.c`).
const LONGEST_NAME: usize = 500;

/// The threads that have a line of the document on their stack.
pub(super) fn parse(text: &str, document: &str) -> Vec<ThreadStack> {
    let document = written(document);
    let is_whole = text.len() < MOST_TEXT;
    let mut threads: Vec<Thread> = Vec::new();
    let mut processes = 0;
    for line in text.lines() {
        if line.starts_with("Process ") {
            close(&mut threads);
            processes += 1;
        } else if line.ends_with("(most recent call first):") {
            if threads.len() == MOST_THREADS {
                break;
            }
            threads.push(Thread { process: processes, ..Thread::default() });
        } else if line == "..." {
            // There are more threads, the main one among them.
            threads.push(Thread { process: processes, ..Thread::default() });
        } else if let (Some(thread), Some(frame)) = (threads.last_mut(), frame(line, &document)) {
            thread.frames.push(frame);
        }
    }
    if is_whole {
        close(&mut threads);
    }
    threads.into_iter().filter_map(Thread::stack).collect()
}

/// As it was written: the newest thread first, and of each the innermost frame.
#[derive(Default)]
struct Thread {
    process: u32,
    main: bool,
    frames: Vec<Frame>,
}

/// The last thread of a process is its first.
fn close(threads: &mut [Thread]) {
    if let Some(last) = threads.last_mut() {
        last.main = true;
    }
}

impl Thread {
    fn stack(self) -> Option<ThreadStack> {
        let innermost = self.frames.iter().position(|frame| frame.document)?;
        let outermost = self.frames.iter().rposition(|frame| frame.document)?;
        let line = Line(self.frames[innermost].line);
        let call = called(&self.frames[..innermost]);
        let mut frames = self.frames;
        frames.truncate(outermost + 1);
        frames.truncate(MOST_FRAMES);
        frames.reverse();
        Some(ThreadStack { process: self.process.saturating_sub(1), main: self.main, line, call, frames })
    }
}

/// `  File "doc.md", line 12 in worker`. A name may hold anything but a line end.
fn frame(line: &str, document: &str) -> Option<Frame> {
    let (file, rest) = line.strip_prefix("  File \"")?.rsplit_once("\", line ")?;
    let (number, function) = rest.split_once(" in ")?;
    let line = number.parse().ok()?;
    Some(Frame { file: file.to_owned(), line, function: function.to_owned(), document: file == document })
}

/// A name as `faulthandler` spells it.
fn written(name: &str) -> String {
    let escaped = |letter: char| match u32::from(letter) {
        0x20..=0x7e => letter.to_string(),
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    };
    let more = if name.chars().nth(LONGEST_NAME).is_some() { "..." } else { "" };
    name.chars().take(LONGEST_NAME).map(escaped).chain([more.to_owned()]).collect()
}

/// Methods whose class a stack does not name: module, function, and what people write.
const METHODS: [(&str, &str, &str); 22] = [
    ("threading", "join", "Thread.join"),
    ("threading", "acquire", "Semaphore.acquire"),
    ("threading", "wait_for", "Condition.wait_for"),
    ("queue", "get", "Queue.get"),
    ("queue", "put", "Queue.put"),
    ("queue", "join", "Queue.join"),
    ("subprocess", "wait", "Popen.wait"),
    ("subprocess", "communicate", "Popen.communicate"),
    ("concurrent.futures._base", "result", "Future.result"),
    ("concurrent.futures._base", "exception", "Future.exception"),
    ("concurrent.futures._base", "wait", "futures.wait"),
    ("concurrent.futures._base", "__exit__", "Executor.shutdown"),
    ("concurrent.futures.thread", "shutdown", "Executor.shutdown"),
    ("concurrent.futures.process", "shutdown", "Executor.shutdown"),
    ("multiprocessing.process", "join", "Process.join"),
    ("multiprocessing.connection", "recv", "Connection.recv"),
    ("multiprocessing.queues", "get", "Queue.get"),
    ("multiprocessing.queues", "put", "Queue.put"),
    ("multiprocessing.pool", "get", "AsyncResult.get"),
    ("multiprocessing.pool", "join", "Pool.join"),
    ("asyncio.runners", "run", "asyncio.run"),
    ("selectors", "select", "select"),
];

/// What the document called: the outermost of the frames inside its own.
fn called(inside: &[Frame]) -> Option<String> {
    let frame = inside.last()?;
    let module = module(&frame.file)?;
    let function = frame.function.as_str();
    if (module.as_str(), function) == ("threading", "wait") {
        // An event waits on a condition, a barrier on several layers of it.
        let deeper = inside.iter().filter(|frame| frame.file == inside[inside.len() - 1].file).count();
        let class = match deeper {
            1 => "Condition",
            2 => "Event",
            _ => "Barrier",
        };
        return Some(format!("{class}.wait"));
    }
    let method = METHODS.iter().find(|(home, name, _)| (*home, *name) == (module.as_str(), function));
    Some(method.map_or_else(|| format!("{module}.{function}"), |(_, _, words)| (*words).to_owned()))
}

/// `concurrent.futures._base` of `/usr/lib/python3.12/concurrent/futures/_base.py`; none of what is no file.
fn module(file: &str) -> Option<String> {
    let path = file.strip_suffix(".py")?;
    let parts: Vec<&str> = path.split('/').collect();
    let home = parts.iter().rposition(|part| part.ends_with("-packages") || part.starts_with("python3"));
    let inner = home.map_or(&parts[parts.len() - 1..], |home| &parts[home + 1..]);
    let inner = inner.strip_suffix(&["__init__"]).unwrap_or(inner);
    if inner.is_empty() { None } else { Some(inner.join(".")) }
}

#[cfg(test)]
mod tests {
    use super::{module, parse};
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, bool, u32, Option<&str>, usize)]) {
        let stacks = parse(text, "docs/é.md");
        let found: Vec<_> = stacks
            .iter()
            .map(|stack| {
                let Line(line) = stack.line;
                (stack.process, stack.main, line, stack.call.as_deref(), stack.frames.len())
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn threads_of_all_processes() {
        let text = r#"Process 7
Thread 0x00007f1 (most recent call first):
  File "/usr/lib/python3.12/threading.py", line 355 in wait
  File "/usr/lib/python3.12/queue.py", line 171 in get
  File "docs/\xe9.md", line 6 in worker
  File "/usr/lib/python3.12/threading.py", line 1012 in run

Thread 0x00007f2 (most recent call first):
  File "/usr/lib/python3.12/threading.py", line 355 in wait
  File "/usr/lib/python3.12/concurrent/futures/thread.py", line 81 in _worker

Current thread 0x00007f3 (most recent call first):
  File "/usr/lib/python3.12/threading.py", line 355 in wait
  File "/usr/lib/python3.12/threading.py", line 655 in wait
  File "docs/\xe9.md", line 11 in helper
  File "docs/\xe9.md", line 12 in <module>
Process 9
Current thread 0x00007f3 (most recent call first):
  File "docs/\xe9.md", line 26 in child
  File "docs/\xe9.md", line 30 in <module>
"#;
        check(
            text,
            &[
                (0, false, 6, Some("Queue.get"), 3),
                (0, true, 11, Some("Event.wait"), 4),
                (1, true, 26, None, 2),
            ],
        );
    }

    #[test]
    fn hostile_text() {
        check("", &[]);
        check("  File \"docs/\\xe9.md\", line 1 in f\n", &[]);
        let thread = "Thread 0x1 (most recent call first):\n";
        let frame = "  File \"docs/\\xe9.md\", line 1 in f\n";
        check(&format!("{thread}  File \"docs/\\xe9.md\", line 99999999999 in f\n"), &[]);
        check(&format!("{thread}  File \"docs/\\xe9.md\", line 1\n  <no Python frame>\n"), &[]);
        check(&format!("{thread}{frame}...\n"), &[(0, false, 1, None, 1)]);
        check(&format!("Process 1\n{thread}{}", frame.repeat(1000)), &[(0, true, 1, None, 40)]);
        assert_eq!(parse(&format!("{thread}{frame}").repeat(1000), "docs/é.md").len(), 200);
    }

    #[test]
    fn modules() {
        assert_eq!(
            module("/usr/lib/python3.12/concurrent/futures/_base.py").unwrap(),
            "concurrent.futures._base"
        );
        assert_eq!(module("/v/lib/python3.12/site-packages/trio/__init__.py").unwrap(), "trio");
        assert_eq!(module("/srv/tool.py").unwrap(), "tool");
        assert_eq!(module("<string>"), None);
    }
}
