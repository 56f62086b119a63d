//! Sessions with the prompts of `IPython`, written as those of the interpreter: line for line, so that places stay.

/// The lines with `>>>` for `In [1]:`, `...` for `...:`, and results without `Out[1]:`. Lines without prompts stay.
pub(super) fn as_prompts(lines: Vec<String>) -> Vec<String> {
    if lines.iter().all(|line| margin(line).is_empty()) {
        return lines;
    }
    lines.iter().map(|line| as_prompt(line)).collect()
}

/// What stands before the code of a first prompt; empty on other lines.
pub(super) fn margin(line: &str) -> &str {
    numbered(line, "In [").map_or("", |code| &line[..line.len() - code.len()])
}

fn as_prompt(line: &str) -> String {
    if let Some(code) = numbered(line, "In [") {
        return format!(">>> {code}");
    }
    if let Some(code) = line.trim_start().strip_prefix("...:") {
        return format!("... {}", code.strip_prefix(' ').unwrap_or(code));
    }
    match numbered(line, "Out[") {
        // The result begins on the next line.
        Some("") => "...".to_owned(),
        Some(result) => result.to_owned(),
        None => line.to_owned(),
    }
}

/// What follows `In [1]: ` or `Out[1]: `.
fn numbered<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (number, rest) = line.trim_start().strip_prefix(word)?.split_once("]:")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.strip_prefix(' ').unwrap_or(rest))
}

/// Whether `IPython` alone understands the code: magics, commands of the shell, questions.
pub(super) fn is_only_for_ipython(code: &str) -> bool {
    let code = code.trim();
    code.starts_with(['%', '!', '?']) || code.ends_with('?') && !code.contains('#')
}

#[cfg(test)]
mod tests {
    use super::{as_prompts, is_only_for_ipython, margin};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(as_prompts(lines).join("\n"), expected, "{text}");
    }

    #[test]
    fn sessions_of_ipython() {
        check("In [1]: x = 5\nIn [2]: x\nOut[2]: 5", ">>> x = 5\n>>> x\n5");
        check("In [1]: for x in y:\n   ...:     x\n   ...:\n1", ">>> for x in y:\n...     x\n... \n1");
        check("In [10]: a\nOut[10]:\narray([1,\n       2])", ">>> a\n...\narray([1,\n       2])");
        check("In [1]:", ">>> ");
        check("Out[1]: 5", "Out[1]: 5");
        check("In [x]: 5", "In [x]: 5");
        assert_eq!(margin("  In [12]: x"), "  In [12]: ");
    }

    #[test]
    fn what_only_ipython_understands() {
        for code in ["%timeit f()", "!ls", "f?", "?f", "%%time\nf()"] {
            assert!(is_only_for_ipython(code), "{code}");
        }
        for code in ["f()  # really?", "x % y", "x"] {
            assert!(!is_only_for_ipython(code), "{code}");
        }
    }
}
