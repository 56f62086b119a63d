//! The restrictions of Linux, one a file. [`enter`] applies those of a lane, `init` adds those of a session.

pub(super) mod confinement;
mod copies;
mod directories;
mod executable;
mod filter;
mod init;
mod init_loop;
pub(super) mod init_stack;
mod landlock;
mod layout;
mod limits;
mod mounts;
mod namespaces;
mod orphans;
mod overlay_layers;
mod paths;
mod peer_credentials;
mod privileges;
mod processes;
mod remedy;
mod root;
mod stacks;
mod syscall_lists;
mod system_calls;
mod system_paths;
mod tasks;

pub use self::confinement::Confinement;
pub use self::copies::CopyFilter;
pub use self::executable::read_only;
pub use self::init::start;
pub use self::init_stack::InitStack;
pub use self::layout::lay_out;
pub use self::orphans::{adopt_orphans, end_orphans};
pub use self::peer_credentials::{executable, has_ended, name_senders, receive_vouched, started_here};
pub use self::privileges::{lose_inherited, may_become};
pub use self::remedy::remedy;
pub use self::system_paths::system;
pub use self::tasks::session_tasks;
use crate::error::SandboxError;
use snipcheck_model::policy::{Layer, Network, Tier};
use snipcheck_wire::LaneSetup;

/// Confines this process, a lane with one thread. Afterwards only what `setup` names can be read.
///
/// Every layer of a tier is set up or nothing runs. Only where namespaces do the same already may Landlock be missing.
///
/// `library` is the shared library that programs of its sessions load before all others.
pub fn enter(setup: &LaneSetup, library: &[u8]) -> Result<Confinement, SandboxError> {
    privileges::leave_terminal()?;
    privileges::leave_keyring()?;
    limits::raise_descriptors()?;
    limits::shrink_thread_stacks()?;

    let limits = limits::prepare(&setup.limits, setup.tier)?;
    let mut confinement = Confinement { limits, ..Confinement::default() };
    match setup.tier {
        Tier::A => enter_namespaces(setup, library, &mut confinement)?,
        Tier::B => leave_privileges(setup, &mut confinement)?,
        Tier::Off => {
            privileges::forbid_gaining()?;
            return Ok(confinement);
        }
    }
    privileges::forbid_gaining()?;
    confinement.layers.extend([Layer::NoNewPrivileges, Layer::NoCapabilities]);

    match setup.tier {
        Tier::A if landlock::is_supported() => confinement.layers.push(Layer::Landlock),
        Tier::A | Tier::Off => {}
        Tier::B => {
            confinement.readable = landlock::confine_lane(setup)?;
            confinement.layers.push(Layer::Landlock);
        }
    }

    let filters = system_calls::restrict(setup.tier)?;
    confinement.filter = Some(filters.sessions);
    confinement.copies = Some(filters.copies);
    confinement.layers.push(Layer::SystemCalls);
    Ok(confinement)
}

/// Tier A: namespaces, a root of its own, and a user who owns nothing.
fn enter_namespaces(
    setup: &LaneSetup,
    library: &[u8],
    confinement: &mut Confinement,
) -> Result<(), SandboxError> {
    let privileged = privileges::may_become(setup.user);
    namespaces::separate(privileged, setup.network)?;
    if !privileged {
        executable::require_read_only()?;
    }
    namespaces::name_host()?;
    confinement.layers.push(Layer::Namespaces);

    if setup.network == Network::Loopback {
        namespaces::raise_loopback()?;
        confinement.layers.push(Layer::Loopback);
    }

    root::replace(setup, library)?;
    confinement.layers.push(Layer::Root);

    if privileged {
        namespaces::become_separate_user(setup.user)?;
        confinement.layers.push(Layer::User);
    } else {
        namespaces::lock_mounts()?;
    }
    namespaces::forbid_user_namespaces();
    namespaces::bound_watchers();
    if setup.libpython.is_none() {
        privileges::pass_capabilities_on()?;
    }
    privileges::lock_capabilities()
}

/// Tier B: no capabilities, and from root to a user who owns nothing.
fn leave_privileges(setup: &LaneSetup, confinement: &mut Confinement) -> Result<(), SandboxError> {
    if privileges::may_become(setup.user) {
        privileges::lock_capabilities()?;
        privileges::become_user(setup.user)?;
        confinement.layers.push(Layer::User);
    }
    privileges::drop_capabilities()
}
