//! How often each session runs, and what changes from one run to the next.

use crate::model::policy::{Chance, Entropy, Layout};
use crate::run::jobs::Pass;
use crate::variation::VariationCause;

/// Between the dates of two runs: another month, weekday, hour, minute and second.
const STEP: u64 = 40 * 86_400 + 3 * 3600 + 17 * 60 + 11;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repetition {
    /// How often each session runs.
    pub(crate) times: usize,
    pub(crate) conditions: Conditions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conditions {
    /// A difference is a defect.
    Same,
    /// A difference is reported, with its cause.
    Varied,
}

impl Repetition {
    pub(crate) const ONCE: Self = Self { times: 1, conditions: Conditions::Same };

    /// The first run, and those that are compared with it.
    pub(super) fn passes(self, usual: Chance) -> Vec<(Pass, Chance)> {
        let repeated = (1..self.times).map(|run| (Pass::Repeated(run), self.chance(run, usual)));
        std::iter::once((Pass::First, usual)).chain(repeated).collect()
    }

    /// What a run after the first changes, counted from 1.
    ///
    /// One condition each, where there are runs enough. Then one that changes nothing: what differs there differs by itself.
    pub(super) fn varied(self, run: usize) -> Vec<VariationCause> {
        let all = VariationCause::CONDITIONS;
        let others = self.times - 1;
        match self.conditions {
            Conditions::Same => Vec::new(),
            Conditions::Varied if run == all.len() + 1 => Vec::new(),
            Conditions::Varied if run > all.len() => all.to_vec(),
            Conditions::Varied => all.into_iter().skip(run - 1).step_by(others.min(all.len())).collect(),
        }
    }

    fn chance(self, run: usize, usual: Chance) -> Chance {
        let mut chance = usual;
        let number = u32::try_from(run).unwrap_or(u32::MAX);
        for cause in self.varied(run) {
            match cause {
                VariationCause::Order => chance.launch.hash_seed = number,
                VariationCause::Random => {
                    if let Entropy::Seeded(seed) = &mut chance.entropy {
                        *seed += u64::from(number);
                    }
                }
                VariationCause::Time => chance.start += STEP * u64::from(number),
                VariationCause::Address => chance.launch.layout = Layout::Random,
                VariationCause::Pid
                | VariationCause::Path
                | VariationCause::PythonVersion
                | VariationCause::Unknown => {}
            }
        }
        chance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: usize, expected: &[&str]) {
        let repetition = Repetition { times, conditions: Conditions::Varied };
        let varied =
            |run| repetition.varied(run).iter().map(|cause| cause.word()).collect::<Vec<_>>().join(" ");
        assert_eq!((1..times).map(varied).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_run_changes_as_little_as_possible() {
        check(1, &[]);
        check(2, &["order random time address"]);
        check(3, &["order time", "random address"]);
        check(4, &["order address", "random", "time"]);
        check(5, &["order", "random", "time", "address"]);
        check(7, &["order", "random", "time", "address", "", "order random time address"]);
    }

    #[test]
    fn the_same_conditions_stay_the_same() {
        let repetition = Repetition { times: 3, conditions: Conditions::Same };
        assert!(repetition.passes(Chance::USUAL).iter().all(|(_, chance)| *chance == Chance::USUAL));
    }

    #[test]
    fn real_entropy_stays_real() {
        let usual = Chance { entropy: Entropy::Real, ..Chance::USUAL };
        let repetition = Repetition { times: 2, conditions: Conditions::Varied };
        assert!(repetition.passes(usual).iter().all(|(_, chance)| chance.entropy == Entropy::Real));
    }
}
