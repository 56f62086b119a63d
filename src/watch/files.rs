//! The files of a project as they were when they were last looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::document::unignored;
use crate::watch::inbox::Dirty;
use crate::watch::stamp::Stamp;

/// Folders that programs fill and nobody writes in, also where git does not ignore them.
const MADE: [&str; 3] = ["__pycache__", "node_modules", "target"];
/// What programs leave in folders that can be thrown away.
const CACHE_MARK: &str = "CACHEDIR.TAG";
const RULES: &str = ".gitignore";

/// What there is to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// Files that count wherever they are, and whether or not git ignores them.
    pub(crate) named: BTreeSet<PathBuf>,
}

/// The files of a folder, those in its folders apart.
type Listing = BTreeMap<PathBuf, Stamp>;

/// Files by folder.
#[derive(Debug, Default)]
pub(crate) struct Files {
    tree: Tree,
    folders: BTreeMap<PathBuf, Listing>,
    named: BTreeMap<PathBuf, Stamp>,
}

impl Files {
    /// Takes another tree. Files that are named for the first time are as they should be.
    pub(crate) fn of(&mut self, tree: Tree) {
        self.named.retain(|file, _| tree.named.contains(file));
        for file in &tree.named {
            if let Some(stamp) = self.listed(file).or_else(|| Stamp::of(file)) {
                self.named.entry(file.clone()).or_insert(stamp);
            }
        }
        self.tree = tree;
    }

    fn listed(&self, file: &Path) -> Option<Stamp> {
        self.folders.get(file.parent()?)?.get(file).copied()
    }

    /// The folders whose files count.
    pub(crate) fn folders(&self) -> BTreeSet<PathBuf> {
        let named = self.tree.named.iter().filter_map(|file| file.parent()).map(Path::to_owned);
        self.folders.keys().cloned().chain(named).collect()
    }

    /// Looks again where something may have happened. Returns the files that are not as they were.
    pub(crate) fn look(&mut self, dirty: &Dirty) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        match dirty {
            Dirty::Everything => self.all_anew(&mut changed),
            Dirty::Places(places) => {
                for folder in self.dirty(places) {
                    self.one_anew(&folder, &mut changed);
                }
            }
        }
        // Other rules, other files.
        if matches!(dirty, Dirty::Places(_)) && changed.iter().any(|file| file.ends_with(RULES)) {
            self.all_anew(&mut changed);
        }

        let named =
            self.tree.named.iter().filter_map(|file| Some((file.clone(), Stamp::of(file)?))).collect();
        differences(&self.named, &named, &mut changed);
        self.named = named;
        changed
    }

    /// The folders that places are in, and those that they are.
    fn dirty(&self, places: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let above = places.iter().filter_map(|place| place.parent());
        let themselves = places.iter().map(PathBuf::as_path);
        above
            .chain(themselves)
            .filter(|folder| self.folders.contains_key(*folder))
            .map(Path::to_owned)
            .collect()
    }

    fn below(&self, folder: &Path, depth: Option<usize>) -> BTreeMap<PathBuf, Listing> {
        listings(folder, &self.tree.root, depth)
    }

    fn all_anew(&mut self, changed: &mut BTreeSet<PathBuf>) {
        let mut fresh = self.below(&self.tree.root, None);
        for folder in self.tree.outside() {
            fresh.extend(self.below(folder, Some(1)).remove_entry(folder));
        }
        let none = Listing::new();
        for folder in self.folders.keys().chain(fresh.keys()).collect::<BTreeSet<_>>() {
            let [before, after] = [&self.folders, &fresh].map(|folders| folders.get(folder).unwrap_or(&none));
            differences(before, after, changed);
        }
        self.folders = fresh;
    }

    /// The files of one folder, with all that is in folders which were not there before, or are there no longer.
    fn one_anew(&mut self, folder: &Path, changed: &mut BTreeSet<PathBuf>) {
        let mut fresh = self.below(folder, Some(1));
        let after = fresh.remove(folder);
        if !folder.starts_with(&self.tree.root) {
            fresh.clear();
        }
        let inside: BTreeSet<PathBuf> = fresh.into_keys().collect();
        let below = self.folders.range(folder.to_owned()..).map(|(known, _)| known);
        let below = below.take_while(|known| known.starts_with(folder));
        let gone: Vec<PathBuf> = below
            .filter(|known| *known != folder && !inside.iter().any(|folder| known.starts_with(folder)))
            .cloned()
            .collect();

        for gone in gone {
            changed.extend(self.folders.remove(&gone).unwrap_or_default().into_keys());
        }
        for new in inside.into_iter().filter(|inside| !self.folders.contains_key(inside)).collect::<Vec<_>>()
        {
            for (folder, listing) in self.below(&new, None) {
                changed.extend(listing.keys().cloned());
                self.folders.insert(folder, listing);
            }
        }

        let before = self.folders.remove(folder).unwrap_or_default();
        differences(&before, after.as_ref().unwrap_or(&Listing::new()), changed);
        self.folders.extend(after.map(|after| (folder.to_owned(), after)));
    }
}

impl Tree {
    /// Folders of named files that the root is not above of.
    fn outside(&self) -> BTreeSet<&Path> {
        let folders = self.named.iter().filter_map(|file| file.parent());
        // What is above the root is there for its settings.
        folders.filter(|folder| !folder.starts_with(&self.root) && !self.root.starts_with(folder)).collect()
    }
}

/// The files below a folder of the project, by folder.
fn listings(folder: &Path, root: &Path, depth: Option<usize>) -> BTreeMap<PathBuf, Listing> {
    let found = unignored(folder, root, depth);
    let mut listings: BTreeMap<PathBuf, Listing> = BTreeMap::new();
    let mut made: Option<PathBuf> = None;
    // Whatever is in a folder comes after it.
    for inside in found.folders {
        if made.as_ref().is_some_and(|made| inside.starts_with(made)) {
            continue;
        }
        if inside != root && is_made(&inside) {
            made = Some(inside);
            continue;
        }
        let rules = inside.join(RULES);
        let stamp = Stamp::of(&rules);
        listings.insert(inside, stamp.map(|stamp| (rules, stamp)).into_iter().collect());
    }
    for file in found.files {
        if let Some(listing) = file.parent().and_then(|parent| listings.get_mut(parent))
            && let Some(stamp) = Stamp::of(&file)
        {
            listing.insert(file, stamp);
        }
    }
    listings
}

fn is_made(folder: &Path) -> bool {
    let is_named = folder.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made));
    is_named || folder.join(CACHE_MARK).exists()
}

fn differences(before: &Listing, after: &Listing, changed: &mut BTreeSet<PathBuf>) {
    let other = |(file, stamp): &(&PathBuf, &Stamp)| before.get(*file) != Some(*stamp);
    changed.extend(after.iter().filter(other).map(|(file, _)| file.clone()));
    changed.extend(before.keys().filter(|file| !after.contains_key(*file)).cloned());
}
