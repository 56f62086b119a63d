//! Work whose panic ends the work and not the run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// A defect of ours. What it is has been printed when it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// The caller drops what the work may have left half done.
pub(super) async fn catching_panics<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{Panicked, catching_panics};

    #[test]
    fn panics_end_at_the_border() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            assert_eq!(catching_panics(async { 3 }).await, Ok(3));
            let broken = catching_panics(async {
                tokio::task::yield_now().await;
                assert_eq!(std::process::id(), 0, "a defect, which this test makes");
                3
            });
            assert_eq!(broken.await, Err(Panicked));
        });
    }
}
