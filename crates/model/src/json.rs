//! Values as JSON on the path of a message.

use serde::Serialize;

/// A value as JSON, with room for so many bytes from the start: what does not fit grows. None where it is no JSON.
pub fn json_of(value: &impl Serialize, room: usize) -> Option<String> {
    let mut text = Vec::with_capacity(room);
    serde_json::to_writer(&mut text, value).ok()?;
    String::from_utf8(text).ok()
}
