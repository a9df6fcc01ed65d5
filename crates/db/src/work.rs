//! Use cases without their types: the engines are compiled once, and not anew for each of the product's use cases, of which there are many
//! hundreds (ADR 49).

use crate::{BoxFuture, DbError, Tx};
use std::any::Any;
use std::future::ready;
use std::task::{Context, Poll, Waker};

/// What an engine runs in a transaction.
pub(crate) trait Work: Any + Send {
    /// Runs the use case, or runs it again after it was undone; false when it failed.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;

    /// The same where every call to the database is ready at once, so that one poll runs a use case to its end.
    fn run_through(&mut self, tx: &mut Tx) -> bool;
}

type Body<T, E> = Box<dyn for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send>;

/// A use case, and what came of it when it was run last.
pub(crate) struct UseCase<T, E> {
    body: Body<T, E>,
    outcome: Option<Result<T, E>>,
}

impl<T: Send + 'static, E: From<DbError> + Send + 'static> UseCase<T, E> {
    /// One that is run as often as it has to be.
    pub(crate) fn repeatable<F>(use_case: F) -> Self
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
    {
        Self::new(move |tx| use_case.clone()(tx))
    }

    /// One that is run once: nobody else's failure undoes it.
    pub(crate) fn once<F>(use_case: F) -> Self
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let mut left = Some(use_case);
        Self::new(move |tx| match left.take() {
            Some(use_case) => use_case(tx),
            None => failed("a use case that runs alone was to be run again"),
        })
    }

    fn new<F>(body: F) -> Self
    where
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        Self { body: Box::new(body), outcome: None }
    }

    /// What came of it, of what an engine gave back.
    pub(crate) fn outcome(done: Result<Box<dyn Work>, DbError>) -> Result<T, E> {
        let done: Box<dyn Any> = done?;
        let known = done.downcast::<Self>().ok().and_then(|own| own.outcome);
        known.unwrap_or_else(|| Err(DbError::other("the use case was never run").into()))
    }
}

impl<T: Send + 'static, E: From<DbError> + Send + 'static> Work for UseCase<T, E> {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move { self.outcome.insert((self.body)(tx).await).is_ok() })
    }

    fn run_through(&mut self, tx: &mut Tx) -> bool {
        let outcome = match (self.body)(tx).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(DbError::other("a use case waited for something other than its transaction").into()),
        };
        self.outcome.insert(outcome).is_ok()
    }
}

fn failed<'t, T: Send + 't, E: From<DbError> + Send + 't>(words: &str) -> BoxFuture<'t, Result<T, E>> {
    Box::pin(ready(Err(DbError::other(words).into())))
}
