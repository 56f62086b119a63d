//! The file system of a lane: a small read-only root that holds what snippets may read (`mount_namespaces(7)`).

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::error::{SandboxError, StepContext};
use crate::linux::mounts::{
    NOTHING, bind, bind_read_only, bind_tree, inside, make_place, make_read_only, make_tree_read_only,
};
use crate::linux::namespaces::USER;
use crate::linux::overlay_layers;
use crate::linux::paths::{EMPTY, LIBRARY, PRELOADED, SESSION, SHARED_MEMORY, STASH, WORKING};
use crate::linux::system_paths::{DEVICES, SYSTEM};
use crate::paths::{HOME, TEMPORARY};
use snipcheck_model::policy::Network;
use snipcheck_wire::LaneSetup;

/// Where the new root is built: a folder of every Linux system that no sandbox makes readable.
const BASES: [&str; 3] = ["/sys", "/run", "/mnt"];

/// Bytes of a root beside the library in it.
const ROOM: usize = 4 << 20;

const LINKS: [(&str, &str); 6] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
    ("/var/tmp", TEMPORARY),
];

/// Builds the new root on top of a folder that exists everywhere and moves into it. Every program in it loads `library`.
pub(super) fn replace(setup: &LaneSetup, library: &[u8]) -> Result<(), SandboxError> {
    let base = BASES
        .iter()
        .map(Path::new)
        .find(|base| base.is_dir() && !setup.readable.iter().any(|path| path.starts_with(base)));
    let base =
        base.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)).step("find a place for a root")?;

    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)
        .step("detach mounts from the host")?;
    let size = format!("size={},mode=0755", ROOM + library.len());
    mount(Some("tmpfs"), base, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some(size.as_str()))
        .step("mount a root")?;

    let mut root = NewRoot { base: base.to_path_buf(), bound: BTreeSet::new() };
    for path in SYSTEM.iter().map(Path::new).chain(setup.readable.iter().map(PathBuf::as_path)) {
        root.provide(path, 0)?;
    }

    root.make_covers()?;
    overlay_layers::make(&root.base, setup)?;
    for path in &setup.hidden {
        root.hide(path)?;
    }

    root.stash(&setup.readable)?;
    root.populate(setup.network)?;
    root.preload(library)?;
    root.enter()
}

/// A root while it is built.
struct NewRoot {
    base: PathBuf,
    /// Paths of the host that are there, whole trees.
    bound: BTreeSet<PathBuf>,
}

impl NewRoot {
    fn inside(&self, path: &Path) -> PathBuf {
        inside(&self.base, path)
    }

    /// Makes a path of the host readable, with the symbolic links on the way to it.
    fn provide(&mut self, path: &Path, depth: usize) -> Result<(), SandboxError> {
        /// As many links as the kernel follows (`path_resolution(7)`).
        const MAX_LINKS: usize = 40;

        let mut reached = PathBuf::from("/");
        let mut rest = path.strip_prefix("/").unwrap_or(path).components();
        while let Some(component) = rest.next() {
            reached.push(component);
            if self.bound.contains(&reached) {
                return Ok(());
            }

            let Ok(target) = fs::read_link(&reached) else { continue };
            if depth == MAX_LINKS {
                return Ok(());
            }

            let place = self.inside(&reached);
            make_parent(&place)?;
            if fs::symlink_metadata(&place).is_err() {
                symlink(&target, &place).step_with(|| format!("link `{}`", reached.display()))?;
            }

            // The link is followed as the kernel would follow it.
            let parent = reached.parent().unwrap_or(Path::new("/"));
            let target = normal(&parent.join(target));
            return self.provide(&target.join(rest.as_path()), depth + 1);
        }
        self.bind(&reached)
    }

    fn bind(&mut self, path: &Path) -> Result<(), SandboxError> {
        let Ok(metadata) = fs::metadata(path) else { return Ok(()) };

        let place = self.inside(path);
        make_place(&place, &metadata).step_with(|| format!("make `{}`", path.display()))?;
        bind_tree(path, &place).step_with(|| format!("bind `{}`", path.display()))?;
        make_tree_read_only(&place).step_with(|| format!("make `{}` read-only", path.display()))?;
        self.bound.insert(path.to_path_buf());
        Ok(())
    }

    /// Has every program that is linked dynamically load the library before all others.
    fn preload(&self, library: &[u8]) -> Result<(), SandboxError> {
        for (path, content) in [(LIBRARY, library), (PRELOADED, LIBRARY.as_bytes())] {
            let place = self.inside(Path::new(path));
            fs::write(&place, content).step_with(|| format!("write `{path}`"))?;
            // Whatever the umask is.
            fs::set_permissions(&place, Permissions::from_mode(0o444))
                .step_with(|| format!("open `{path}`"))?;
        }
        Ok(())
    }

    /// Provides devices, and an empty folder to cover others with, all read-only. Their owner, or a user who may write
    /// to them, could change their times and modes for later sessions and for the machine; a device can be written to
    /// where it is mounted read-only.
    fn make_covers(&self) -> Result<(), SandboxError> {
        let device = fs::metadata("/dev/null").step("look at `/dev/null`")?;
        for path in DEVICES.map(|name| Path::new("/dev").join(name)) {
            let place = self.inside(&path);
            make_place(&place, &device).step_with(|| format!("make `{}`", path.display()))?;
            bind_read_only(&path, &place).step_with(|| format!("bind `{}`", path.display()))?;
        }

        let empty = self.inside(Path::new(EMPTY));
        fs::create_dir(&empty).step_with(|| format!("make `{EMPTY}`"))?;
        bind_read_only(&empty, &empty).step_with(|| format!("bind `{EMPTY}`"))
    }

    /// Covers a path. A link is left as it is: what it leads to has a path of its own, which is hidden too.
    fn hide(&self, path: &Path) -> Result<(), SandboxError> {
        let place = self.inside(path);
        let Ok(metadata) = fs::symlink_metadata(&place) else { return Ok(()) };
        let kind = metadata.file_type();
        if kind.is_symlink() {
            return Ok(());
        }

        let cover = self.inside(Path::new(if kind.is_dir() { EMPTY } else { "/dev/null" }));
        bind(&cover, &place).step_with(|| format!("hide `{}`", path.display()))
    }

    /// Keeps aside what is readable below places over which sessions mount their own directories.
    fn stash(&self, readable: &[PathBuf]) -> Result<(), SandboxError> {
        for (number, path) in readable.iter().filter(|path| covered(path)).enumerate() {
            let source = self.inside(path);
            let Ok(metadata) = fs::metadata(&source) else { continue };

            let place = self.inside(&Path::new(STASH).join(number.to_string()));
            make_place(&place, &metadata).step("make the stash")?;
            bind_tree(&source, &place).step("bind the stash")?;

            let note = place.with_extension("path");
            fs::write(note, path.as_os_str().as_bytes()).step("write the stash")?;
        }
        Ok(())
    }

    /// Makes what is the same in every sandbox.
    fn populate(&self, network: Network) -> Result<(), SandboxError> {
        for path in [SESSION, TEMPORARY, HOME, WORKING, "/proc", "/dev/pts", SHARED_MEMORY, "/etc", "/var"] {
            fs::create_dir_all(self.inside(Path::new(path))).step_with(|| format!("make `{path}`"))?;
        }
        for (name, target) in LINKS {
            let place = self.inside(Path::new(name));
            // A project or an interpreter may be below `/var/tmp`.
            if fs::symlink_metadata(&place).is_err() {
                symlink(target, place).step_with(|| format!("link `{name}`"))?;
            }
        }

        self.mount_terminals()?;
        // Without a whole proc in sight a session may not mount its own (`mnt_already_visible` in the kernel).
        bind_tree(Path::new("/proc"), &self.inside(Path::new("/proc"))).step("bind `/proc`")?;
        self.write_settings(network)
    }

    fn mount_terminals(&self) -> Result<(), SandboxError> {
        let place = self.inside(Path::new("/dev/pts"));
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        // Terminals have the mode that older versions of libc would give them.
        mount(Some("devpts"), &place, Some("devpts"), flags, Some("newinstance,ptmxmode=0666,mode=0620"))
            .step("mount `/dev/pts`")?;
        make_read_only(&place).step("make `/dev/pts` read-only")
    }

    /// Writes the files of `/etc` that libc reads to find users and hosts.
    fn write_settings(&self, network: Network) -> Result<(), SandboxError> {
        // No server is asked for names where none could be reached.
        let (resolver, servers) = match network {
            Network::Loopback => ("", String::new()),
            Network::Host => ("dns", fs::read_to_string("/etc/resolv.conf").unwrap_or_default()),
        };

        for (path, text) in [
            (
                "/etc/passwd",
                format!("root:x:0:0:root:/root:/bin/sh\nsnippet:x:{USER}:{USER}:snippet:{HOME}:/bin/sh\n"),
            ),
            ("/etc/group", format!("root:x:0:\nsnippet:x:{USER}:\n")),
            // Without it libc stops at the first address of a name in the file below.
            ("/etc/host.conf", "multi on\n".to_owned()),
            ("/etc/hosts", "127.0.0.1 localhost snipcheck\n::1 localhost\n".to_owned()),
            ("/etc/nsswitch.conf", format!("passwd: files\ngroup: files\nhosts: files {resolver}\n")),
            ("/etc/resolv.conf", servers),
        ] {
            fs::write(self.inside(Path::new(path)), text).step_with(|| format!("write `{path}`"))?;
        }
        Ok(())
    }

    /// Moves this process into the new root, which is read-only from then on.
    fn enter(self) -> Result<(), SandboxError> {
        std::env::set_current_dir(&self.base).step("enter the new root")?;

        // pivot_root(2), “pivot_root(".", ".")”: the old root ends up on top of the new one, and is taken off.
        nix::unistd::pivot_root(".", ".").step("change the root")?;
        umount2(".", MntFlags::MNT_DETACH).step("leave the old root")?;

        std::env::set_current_dir("/").step("enter the new root")?;
        make_read_only(Path::new("/")).step("make the root read-only")
    }
}

/// Whether the directories of sessions cover a path.
fn covered(path: &Path) -> bool {
    [TEMPORARY, SHARED_MEMORY].iter().any(|place| path.starts_with(place))
}

fn make_parent(place: &Path) -> Result<(), SandboxError> {
    let parent = place.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).step_with(|| format!("make `{}`", parent.display()))
}

/// Resolves `.` and `..` by name. That is right only for a path whose links are resolved.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            Component::RootDir | Component::Normal(_) | Component::Prefix(_) => normal.push(component),
        }
    }
    normal
}
