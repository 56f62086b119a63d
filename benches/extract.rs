//! How fast documents are split into fences: megabytes a second on one thread, the median of some rounds.

use std::hint::black_box;
use std::time::Instant;

use snipcheck::document::{Options, parse};
use snipcheck::model::snippet::DocumentPath;

const ROUNDS: usize = 15;

/// What a page of documentation holds, over and over.
fn page(number: usize) -> String {
    let line = format!("    total = sum(value * {number} for value in range(100))\n");
    let code = line.repeat(24);
    let prose = "Measure first, and keep the numbers beside the code that they speak of: a claim without a number is a \
                 guess, and a guess without a *date* is noise.\nSee `timeit` and [the notes](notes.md) on warm caches.\n";
    format!(
        "## Part {number}: sums\n\n{prose}\n- one **point**\n- another, with `code`\n\n```python id=part-{number}\n\
         def measure():\n{code}    return total\n\nprint(measure())\n```\n\n> {prose}\n```bash\npython sums.py\n```\n\n{prose}\n"
    )
}

#[expect(clippy::print_stdout, reason = "its result is for people")]
fn main() {
    let source = (0..8000).map(page).collect::<Vec<_>>().concat();
    let (path, options) = (DocumentPath("pages.md".to_owned()), Options::default());
    let mut speeds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let document = black_box(parse(&path, black_box(&source), &options));
            let seconds = started.elapsed().as_secs_f64();
            assert_eq!(document.blocks.len(), 16_000);
            f64::from(u32::try_from(source.len()).expect("the document is small")) / 1e6 / seconds
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    println!("extract: {:.0} MB/s ({} MB)", speeds[ROUNDS / 2], source.len() / 1_000_000);
}
