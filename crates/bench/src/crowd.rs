//! Visitors whose conversations have begun.

use crate::load::{Dialect, Socket, TEXT, Target, message, until, visitor};
use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Visitors who begin at once: enough to keep the server busy, few enough to answer all in time.
const AT_ONCE: usize = 256;

/// So many visitors, each with a first message in its conversation.
pub async fn gather(target: &Target<'_>, count: usize) -> Fallible<Vec<Socket>> {
    stream::iter(0..count).map(|_| begun(target)).buffer_unordered(AT_ONCE).try_collect().await
}

async fn begun(target: &Target<'_>) -> Fallible<Socket> {
    let mut socket = visitor(target.dialect, target.address, target.site_key).await?;
    socket.send(message(target.dialect, TEXT)).await?;
    until(&mut socket, if target.dialect == Dialect::Otklik { "\"ack\"" } else { "ack" }).await?;
    Ok(socket)
}
