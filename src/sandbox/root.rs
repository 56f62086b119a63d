//! The file system of a lane: a small read-only root that holds what snippets may read (`mount_namespaces(7)`).

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::model::policy::{Network, Tier};
use crate::sandbox::directories::{SESSION, SHARED_MEMORY, STASH, WORKING};
use crate::sandbox::namespaces::USER;
use crate::sandbox::{HOME, SandboxError, Step, TEMPORARY, landlock};
use crate::wire::LaneSetup;

const NOTHING: Option<&str> = None;

/// Every existing one of these is readable in a sandbox, at its own path.
pub(super) const SYSTEM: [&str; 17] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/mime.types",
    "/etc/pki",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl",
    "/nix/store",
];

/// Where the new root is built: a folder of every Linux system that nobody may read in a sandbox.
const BASES: [&str; 3] = ["/sys", "/run", "/mnt"];

pub(super) const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
const LINKS: [(&str, &str); 6] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
    ("/var/tmp", TEMPORARY),
];

/// What every sandbox of a tier may read of this machine, whatever its settings.
pub(crate) fn system(tier: Tier) -> impl Iterator<Item = PathBuf> {
    // With namespaces the rest is the sandbox's own.
    let shared = if tier == Tier::B { landlock::of_machine() } else { Vec::new() };
    SYSTEM.iter().copied().chain(shared).map(PathBuf::from).filter(|path| path.exists())
}

/// Builds the new root on top of a folder that exists everywhere and moves into it. Returns where this program stands
/// in for the interpreter.
pub(super) fn replace(setup: &LaneSetup) -> Result<Option<PathBuf>, SandboxError> {
    let base = BASES
        .iter()
        .map(Path::new)
        .find(|base| base.is_dir() && !setup.readable.iter().any(|path| path.starts_with(base)));
    let base =
        base.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)).step("find a place for a root")?;
    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)
        .step("detach mounts from the host")?;
    mount(
        Some("tmpfs"),
        base,
        Some("tmpfs"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        Some("size=4m,mode=0755"),
    )
    .step("mount a root")?;
    let mut root = Root { base: base.to_path_buf(), bound: BTreeSet::new() };
    for path in SYSTEM.iter().map(Path::new).chain(setup.readable.iter().map(PathBuf::as_path)) {
        root.provide(path, 0)?;
    }
    for path in &setup.hidden {
        root.hide(path)?;
    }
    root.stash(&setup.readable)?;
    root.populate(setup.network)?;
    let interpreter = root.stand_in(setup);
    root.enter()?;
    Ok(interpreter)
}

struct Root {
    base: PathBuf,
    /// Paths of the host that are there, whole trees.
    bound: BTreeSet<PathBuf>,
}

impl Root {
    fn inside(&self, path: &Path) -> PathBuf {
        self.base.join(path.strip_prefix("/").unwrap_or(path))
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
                symlink(&target, &place).step(format!("link `{}`", reached.display()))?;
            }
            let parent = reached.parent().unwrap_or(Path::new("/"));
            let target = normal(&parent.join(target));
            return self.provide(&target.join(rest.as_path()), depth + 1);
        }
        self.bind(&reached)
    }

    fn bind(&mut self, path: &Path) -> Result<(), SandboxError> {
        let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
        let place = self.inside(path);
        make_place(&place, &metadata).step(format!("make `{}`", path.display()))?;
        mount(Some(path), &place, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)
            .step(format!("bind `{}`", path.display()))?;
        restrict(&place, Restriction::ReadOnlyTree).step(format!("make `{}` read-only", path.display()))?;
        self.bound.insert(path.to_path_buf());
        Ok(())
    }

    /// Children that start the interpreter start this program, which is one: at the file's own path it keeps its
    /// prefix. Without it they have a clock of their own.
    fn stand_in(&self, setup: &LaneSetup) -> Option<PathBuf> {
        let interpreter = fs::canonicalize(&setup.python).ok()?;
        let place = self.inside(&interpreter);
        let program = setup.program.as_deref().filter(|_| place.is_file())?;
        mount(Some(program), &place, NOTHING, MsFlags::MS_BIND, NOTHING).ok()?;
        restrict(&place, Restriction::ReadOnlyTree).ok()?;
        Some(interpreter)
    }

    fn hide(&self, path: &Path) -> Result<(), SandboxError> {
        let place = self.inside(path);
        let hidden = if place.is_dir() {
            mount(Some("tmpfs"), &place, Some("tmpfs"), MsFlags::MS_RDONLY, Some("size=4k,mode=0555"))
        } else if place.exists() {
            mount(Some("/dev/null"), &place, NOTHING, MsFlags::MS_BIND, NOTHING)
        } else {
            Ok(())
        };
        hidden.step(format!("hide `{}`", path.display()))
    }

    /// Sessions mount their own directories over some places; what is readable below these is kept aside for them.
    fn stash(&self, readable: &[PathBuf]) -> Result<(), SandboxError> {
        for (number, path) in readable.iter().filter(|path| covered(path)).enumerate() {
            let source = self.inside(path);
            let Ok(metadata) = fs::metadata(&source) else { continue };
            let place = self.inside(&Path::new(STASH).join(number.to_string()));
            make_place(&place, &metadata).step("make the stash")?;
            mount(Some(&source), &place, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)
                .step("bind the stash")?;
            let note = place.with_extension("path");
            fs::write(note, path.as_os_str().as_bytes()).step("write the stash")?;
        }
        Ok(())
    }

    fn populate(&self, network: Network) -> Result<(), SandboxError> {
        for path in [SESSION, TEMPORARY, HOME, WORKING, "/proc", "/dev/pts", SHARED_MEMORY, "/etc", "/var"] {
            fs::create_dir_all(self.inside(Path::new(path))).step(format!("make `{path}`"))?;
        }
        for name in DEVICES {
            let path = Path::new("/dev").join(name);
            let place = self.inside(&path);
            fs::File::create(&place).step(format!("make `/dev/{name}`"))?;
            mount(Some(&path), &place, NOTHING, MsFlags::MS_BIND, NOTHING)
                .step(format!("bind `/dev/{name}`"))?;
        }
        for (name, target) in LINKS {
            let place = self.inside(Path::new(name));
            // A project or an interpreter may be below `/var/tmp`.
            if fs::symlink_metadata(&place).is_err() {
                symlink(target, place).step(format!("link `{name}`"))?;
            }
        }
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        mount(
            Some("devpts"),
            &self.inside(Path::new("/dev/pts")),
            Some("devpts"),
            flags,
            Some("newinstance,ptmxmode=0666"),
        )
        .step("mount `/dev/pts`")?;
        // Without a whole proc in sight a session may not mount its own (`mnt_already_visible` in the kernel).
        mount(
            Some("/proc"),
            &self.inside(Path::new("/proc")),
            NOTHING,
            MsFlags::MS_BIND | MsFlags::MS_REC,
            NOTHING,
        )
        .step("bind `/proc`")?;
        // Nobody is asked for names where nobody could be reached.
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
            fs::write(self.inside(Path::new(path)), text).step(format!("write `{path}`"))?;
        }
        Ok(())
    }

    fn enter(self) -> Result<(), SandboxError> {
        std::env::set_current_dir(&self.base).step("enter the new root")?;
        // pivot_root(2), “pivot_root(".", ".")”: the old root ends up on top of the new one, and is taken off.
        nix::unistd::pivot_root(".", ".").step("change the root")?;
        umount2(".", MntFlags::MNT_DETACH).step("leave the old root")?;
        std::env::set_current_dir("/").step("enter the new root")?;
        restrict(Path::new("/"), Restriction::ReadOnly).step("make the root read-only")
    }
}

fn covered(path: &Path) -> bool {
    [TEMPORARY, SHARED_MEMORY].iter().any(|place| path.starts_with(place))
}

/// Something of the same kind, for a mount to cover.
pub(super) fn make_place(place: &Path, original: &fs::Metadata) -> io::Result<()> {
    if original.is_dir() {
        return fs::create_dir_all(place);
    }
    fs::create_dir_all(place.parent().unwrap_or(Path::new("/")))?;
    fs::File::create(place).map(drop)
}

fn make_parent(place: &Path) -> Result<(), SandboxError> {
    let parent = place.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).step(format!("make `{}`", parent.display()))
}

/// Resolves `.` and `..` by name; links were resolved on the way.
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Restriction {
    ReadOnly,
    ReadOnlyTree,
}

/// `mount_setattr(2)`: keeps the flags that are locked, and reaches mounts below, which a remount does not.
fn restrict(place: &Path, restriction: Restriction) -> io::Result<()> {
    let path = CString::new(place.as_os_str().as_bytes())?;
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let flags = if restriction == Restriction::ReadOnlyTree { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path and the attributes live until the call returns, and their size is given.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
