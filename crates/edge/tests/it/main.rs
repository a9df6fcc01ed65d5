//! The visitors' side through the front door of the whole product.

mod floods;
mod identity_tokens;
mod page_calls;
mod switched_off;
mod talks;
