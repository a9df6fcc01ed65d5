//! Why two contacts are, or are not, in one group (section 5 "Explain").

mod path;
mod why_not;

pub use path::{By, Step, why, why_by};
pub use why_not::{Held, HeldValues, Problem, Reason, Side, why_not};
