//! Routes with their description. Names of schemas are global: two shapes under one name would describe one answer by the other.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Routes of a feature, and every schema they brought.
pub struct ApiRouter<S> {
    routes: OpenApiRouter<S>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// Without routes.
    #[must_use]
    pub fn new() -> Self {
        Self { routes: OpenApiRouter::new(), schemas: Vec::new() }
    }

    /// Adds what `routes!` made.
    #[must_use]
    pub fn routes(mut self, routes: UtoipaMethodRouter<S>) -> Self {
        self.schemas.extend(routes.0.iter().cloned());
        Self { routes: self.routes.routes(routes), schemas: self.schemas }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.schemas.extend(other.schemas);
        Self { routes: self.routes.merge(other.routes), schemas: self.schemas }
    }

    /// Bodies of these routes may be as long as this.
    #[must_use]
    pub fn body_limit(self, limit: DefaultBodyLimit) -> Self {
        Self { routes: self.routes.layer(limit), schemas: self.schemas }
    }

    /// The routes, ready to answer.
    pub fn with_state(self, state: S) -> Router {
        self.routes.with_state(state).split_for_parts().0
    }

    /// What the routes say of themselves, and every schema they brought: a name may come twice.
    pub fn described(self) -> (OpenApi, Vec<(String, RefOr<Schema>)>) {
        (self.routes.into_openapi(), self.schemas)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// A name that two different schemas have.
pub fn ambiguous_schema(schemas: &[(String, RefOr<Schema>)]) -> Option<&str> {
    let mut known = std::collections::HashMap::new();
    let twice = schemas.iter().find(|(name, shape)| known.insert(name, shape).is_some_and(|other| other != shape));
    twice.map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::{PartialSchema, ToSchema};

    mod other {
        /// The same name, and something else.
        #[derive(utoipa::ToSchema)]
        #[allow(dead_code)] // Only its schema is used.
        pub(super) struct Shape {
            width: u32,
        }
    }

    #[derive(utoipa::ToSchema)]
    #[allow(dead_code)] // Only its schema is used.
    struct Shape {
        height: u32,
    }

    fn entry<T: ToSchema + PartialSchema>() -> (String, RefOr<Schema>) {
        (T::name().into_owned(), T::schema())
    }

    #[test]
    fn two_shapes_of_one_name_are_found() {
        assert_eq!(ambiguous_schema(&[entry::<Shape>(), entry::<Shape>()]), None);
        assert_eq!(ambiguous_schema(&[entry::<Shape>(), entry::<other::Shape>()]), Some("Shape"));
    }
}
