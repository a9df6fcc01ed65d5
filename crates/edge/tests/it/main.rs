//! The visitors' side through the front door of the whole product.

mod identity_tokens;
