//! The restrictions of Linux, one a file. [`enter`] applies those of a lane, `init` adds those of a session.

pub(super) mod confinement;
mod copies;
mod directories;
mod executable;
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

use std::sync::Arc;

pub(crate) use self::confinement::Confinement;
pub(crate) use self::copies::CopyFilter;
pub(crate) use self::executable::read_only;
pub(crate) use self::init::start;
pub(crate) use self::init_stack::InitStack;
pub(crate) use self::layout::lay_out;
pub(crate) use self::orphans::{adopt_orphans, end_orphans};
pub(crate) use self::paths::{CHANCE, CLOCK};
pub(crate) use self::peer_credentials::{
    executable, has_ended, name_senders, program, receive_vouched, started_here,
};
pub(crate) use self::privileges::may_become;
pub(crate) use self::remedy::remedy;
pub(crate) use self::system_paths::system;
pub(crate) use self::tasks::session_tasks;
use crate::model::policy::{Layer, Network, Tier};
use crate::sandbox::error::SandboxError;
use crate::wire::LaneSetup;

/// Confines this process, a lane with one thread. Afterwards only what `setup` names can be read.
///
/// Every layer of a tier is set up or nothing runs. Only where namespaces do the same already may Landlock be missing.
pub(crate) fn enter(setup: &LaneSetup) -> Result<Confinement, SandboxError> {
    privileges::leave_terminal()?;
    privileges::leave_keyring()?;
    limits::raise_descriptors()?;
    limits::shrink_thread_stacks()?;

    let limits = limits::prepare(&setup.limits, setup.tier)?;
    let mut confinement = Confinement { limits, ..Confinement::default() };
    match setup.tier {
        Tier::A => enter_namespaces(setup, &mut confinement)?,
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
    confinement.copies = Some(Arc::new(filters.copies));
    confinement.layers.push(Layer::SystemCalls);
    Ok(confinement)
}

/// Tier A: namespaces, a root of its own, and a user who owns nothing.
fn enter_namespaces(setup: &LaneSetup, confinement: &mut Confinement) -> Result<(), SandboxError> {
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

    confinement.interpreter = root::replace(setup)?;
    confinement.layers.push(Layer::Root);

    if privileged {
        namespaces::become_separate_user(setup.user)?;
        confinement.layers.push(Layer::User);
    } else {
        namespaces::lock_mounts()?;
    }
    namespaces::forbid_user_namespaces();
    namespaces::bound_watchers();
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
