//! The real executable, real Python, a folder of its own for every test. Start reading at `endings`.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails the test")]

mod again;
mod architecture;
mod attacks;
mod claims;
mod container;
mod directives;
mod docstrings;
mod doctest;
mod doctor;
mod endings;
mod expectations;
mod expected;
mod facts;
mod files;
mod hostile_text;
mod interpreter;
mod legitimate;
mod limits;
mod manner;
mod markers;
mod mkdocs;
mod output;
mod own_tests;
mod processes;
mod project;
mod regression;
mod repeat;
mod replay;
mod reports;
mod sandbox;
mod scratch;
mod selection;
mod settings;
mod sharing;
mod shown;
mod signals;
mod sources;
mod story;
mod stubborn;
mod switch;
mod tier_b;
mod trust;
mod update;
mod widening;
