//! What tests share: projects in folders of their own, containers, and reports in short.

pub(crate) mod container;
pub(crate) mod project;
pub(crate) mod pythons;
pub(crate) mod story;
