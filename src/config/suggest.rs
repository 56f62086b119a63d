//! The word that was meant by a misspelt one.

/// The known word that is most similar, if it is similar enough.
pub(super) fn suggest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let word = word.replace('_', "-");
    let similarity = |key: &str| strsim::jaro_winkler(key, &word);
    let best = known.iter().copied().max_by(|left, right| similarity(left).total_cmp(&similarity(right)))?;
    (similarity(best) > 0.75).then_some(best)
}
