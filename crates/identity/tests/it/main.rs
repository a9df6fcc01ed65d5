//! Behaviour of the multi-contact core through its public interface.

mod arrival;
mod engine_ops;
mod explain;
mod generate;
mod growing;
mod guards;
mod naive;
mod properties;
mod store;
