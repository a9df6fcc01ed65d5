//! What every HTTP feature shares: one error, who is asking, checked input, pages.

mod audit_words;
mod body;
mod budget;
mod client_address;
mod error;
mod frame_rate;
mod origin;
mod page;
mod plain_http;
mod principal;
mod router;
pub mod socket;

pub use audit_words::AuditWords;
pub use body::{ApiJson, ApiPath, ApiQuery, given, one_file};
pub use budget::{Allowance, Budget};
pub use client_address::{ClientAddress, TrustedProxies};
pub use error::{ApiError, Problem, ProblemPlace, REQUEST_ID};
pub use origin::Origin;
pub use page::{ItemList, PageQuery, ShortPageQuery};
pub use plain_http::is_exposed;
pub use principal::{Actor, Principal, Project, Role, Scope, sha256_hex};
pub use router::{ApiRouter, merged};
