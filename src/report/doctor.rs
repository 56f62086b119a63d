//! What keeps snippets away from this machine, for the person who wants to know.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::model::policy::{Layer, Limits, Tier};
use crate::model::python::RunningPython;
use crate::report::palette::{Color, Palette, paint};
use crate::report::{escape, python};

/// What was found out by trying.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosis {
    /// At least one.
    pub(crate) pythons: Vec<RunningPython>,
    pub(crate) tier: Tier,
    pub(crate) layers: Vec<Layer>,
    /// Why a stronger sandbox cannot be had, and what helps.
    pub(crate) missing: Option<(String, String)>,
    pub(crate) attacks: usize,
    /// The attacks of the self-test that got through.
    pub(crate) breaches: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) readable: Vec<PathBuf>,
}

impl Diagnosis {
    /// Adds what was found out with another Python: the weaker sandbox counts.
    pub(crate) fn add(&mut self, other: Self) {
        let strength = |tier| match tier {
            Tier::A => 2,
            Tier::B => 1,
            Tier::Off => 0,
        };
        if strength(other.tier) < strength(self.tier) {
            (self.tier, self.layers, self.missing) = (other.tier, other.layers, other.missing);
        }
        self.pythons.extend(other.pythons);
        self.attacks = self.attacks.min(other.attacks);

        let breaches: Vec<String> =
            other.breaches.into_iter().filter(|breach| !self.breaches.contains(breach)).collect();
        self.breaches.extend(breaches);
        self.readable.extend(other.readable);
        self.readable.sort_unstable();
        self.readable.dedup();
    }
}

pub(crate) fn doctor(
    version: &str,
    diagnosis: &Diagnosis,
    color: Color,
    out: &mut dyn Write,
) -> io::Result<()> {
    let palette = Palette::new(color);
    writeln!(out, "snipcheck {version}\n")?;
    for python in &diagnosis.pythons {
        writeln!(out, "python: {}", python::phrase(python))?;
        writeln!(out, "  {}", python::place(python))?;
    }
    let (style, tier) = match diagnosis.tier {
        Tier::A => (palette.good, "tier A, with namespaces"),
        Tier::B => (palette.attention, "tier B, without namespaces"),
        Tier::Off => (palette.bad, "none: snippets can do whatever you can"),
    };
    writeln!(out, "\nsandbox: {}", paint(style, tier))?;
    for layer in &diagnosis.layers {
        row(out, layer.name(), layer.promise(diagnosis.tier))?;
    }
    if diagnosis.tier == Tier::A && !diagnosis.layers.contains(&Layer::Landlock) {
        row(
            out,
            Layer::Landlock.name(),
            "missing: this kernel has none with scopes for signals (Linux 6.12)",
        )?;
    }
    let held = match diagnosis.breaches.as_slice() {
        [] => format!("{} attacks, none got through", diagnosis.attacks),
        breaches => paint(palette.bad, format!("snippets can {}", breaches.join(", "))),
    };
    row(out, "self-test", &held)?;
    if let Some((reason, remedy)) = &diagnosis.missing {
        writeln!(out, "\nno tier A: {}", escape::phrase(reason))?;
        writeln!(out, "hint: {}", escape::line(remedy))?;
    }
    limits(&diagnosis.limits, out)?;
    match diagnosis.tier {
        Tier::A | Tier::B => writeln!(out, "\nreadable in a session, nothing else of this machine is:")?,
        Tier::Off => writeln!(out, "\nreadable in a session is whatever you can read")?,
    }
    for path in &diagnosis.readable {
        writeln!(out, "  {}", escape::word(&path.to_string_lossy()))?;
    }
    Ok(())
}

fn limits(limits: &Limits, out: &mut dyn Write) -> io::Result<()> {
    let Limits { wall, cpu, output, kept, memory, tasks, disk, inodes, descriptors } = limits;
    let mebibytes = |bytes: &u64| format!("{} MiB", bytes >> 20);
    writeln!(out, "\na snippet may use")?;
    if cfg!(sandboxed) {
        let (wall, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64());
        row(out, "time", &format!("{wall} s of wall time, {cpu} s of CPU time"))?;
        row(out, "memory", &format!("{} in all processes together", mebibytes(memory)))?;
        row(out, "processes", &format!("{tasks}, threads included"))?;
    } else {
        row(out, "time", &format!("{} s of wall time", wall.as_secs_f64()))?;
        row(out, "memory", "without a limit, as processes and CPU time")?;
    }
    row(out, "files", &format!("{} in {inodes} files, {descriptors} open", mebibytes(disk)))?;
    row(out, "output", &format!("{} a stream, of which {} are kept", mebibytes(output), mebibytes(kept)))
}

fn row(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {name:<15}{text}")
}
