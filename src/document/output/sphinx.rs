//! Which `testcode` a `testoutput` belongs to: the last one of its group (`sphinx.ext.doctest`, `TestGroup.add_code`).

use std::collections::HashMap;

use crate::document::code_block::CodeBlock;

const USUAL: &str = "default";
const EVERY: &str = "*";

/// A directive that Sphinx tests, and its groups.
enum TestedDirective<'a> {
    Code(Vec<&'a str>),
    Output(Vec<&'a str>),
    /// Output below prompts belongs to nothing.
    Prompts(Vec<&'a str>),
}

/// Whether Sphinx pairs a block by its group, not by its place.
pub(super) fn is_grouped(block: &CodeBlock) -> bool {
    tested(&block.info).is_some()
}

/// Pairs of indices, of code and its output, ascending by the output.
pub(super) fn pairs(blocks: &[CodeBlock]) -> Vec<(usize, usize)> {
    if !blocks.iter().any(|block| block.language.contains("testoutput")) {
        return Vec::new();
    }

    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut pairs = Vec::new();

    for (index, block) in blocks.iter().enumerate() {
        match tested(&block.info) {
            Some(TestedDirective::Code(groups)) => {
                last.extend(groups.into_iter().map(|group| (group, index)));
            }
            Some(TestedDirective::Prompts(groups)) => last.retain(|group, _| !groups.contains(group)),
            Some(TestedDirective::Output(groups)) => {
                let any = || last.iter().max_by_key(|(_, code)| **code).map(|(group, _)| *group);
                let of = |group: &&str| last.contains_key(group);
                let group =
                    groups.iter().copied().find(of).or_else(|| any().filter(|_| groups.contains(&EVERY)));
                pairs.extend(group.and_then(|group| last.remove(group)).map(|code| (code, index)));
            }
            None => {}
        }
    }
    pairs
}

/// From `testcode:: one, two` or `{testcode} one`.
fn tested(info: &str) -> Option<TestedDirective<'_>> {
    let (name, argument) = match info.strip_prefix('{') {
        Some(info) => info.split_once('}')?,
        None => info.split_once("::")?,
    };
    let mut names: Vec<&str> = argument.split([',', ' ', '\t']).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        names.push(USUAL);
    }
    match name.trim() {
        "testcode" => Some(TestedDirective::Code(names)),
        "testoutput" => Some(TestedDirective::Output(names)),
        "doctest" => Some(TestedDirective::Prompts(names)),
        _ => None,
    }
}
