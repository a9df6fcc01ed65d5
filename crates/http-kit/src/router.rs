//! Routes with their description. Names of schemas are global: two shapes under one name would describe one answer by the other.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use std::collections::BTreeMap;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Routes of a feature with their description.
pub struct ApiRouter<S> {
    routes: OpenApiRouter<S>,
    /// A name that two different schemas have.
    ambiguous: Option<String>,
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// Without routes.
    #[must_use]
    pub fn new() -> Self {
        Self { routes: OpenApiRouter::new(), ambiguous: None }
    }

    /// Adds what `routes!` made.
    #[must_use]
    pub fn routes(self, routes: UtoipaMethodRouter<S>) -> Self {
        let mut known = BTreeMap::new();
        let twice = routes.0.iter().find(|(name, shape)| known.insert(name, shape).is_some_and(|other| other != shape));
        let ambiguous = twice
            .or_else(|| routes.0.iter().find(|(name, shape)| self.schema(name).is_some_and(|other| other != shape)))
            .map(|(name, _)| name.clone());
        Self { ambiguous: self.ambiguous.or(ambiguous), routes: self.routes.routes(routes) }
    }

    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let ambiguous = ambiguous_schema(self.routes.get_openapi(), other.routes.get_openapi());
        let ambiguous = self.ambiguous.or(other.ambiguous).or(ambiguous);
        Self { routes: self.routes.merge(other.routes), ambiguous }
    }

    /// Bodies of these routes may be as long as this.
    #[must_use]
    pub fn body_limit(self, limit: DefaultBodyLimit) -> Self {
        Self { routes: self.routes.layer(limit), ..self }
    }

    /// The routes, ready to answer.
    pub fn with_state(self, state: S) -> Router {
        self.routes.with_state(state).split_for_parts().0
    }

    /// What the routes say of themselves.
    ///
    /// # Errors
    /// When a name in it stands for two things.
    pub fn described(&self) -> Result<&OpenApi, String> {
        match &self.ambiguous {
            Some(name) => Err(two_of(name)),
            None => Ok(self.routes.get_openapi()),
        }
    }

    fn schema(&self, name: &str) -> Option<&RefOr<Schema>> {
        self.routes.get_openapi().components.as_ref()?.schemas.get(name)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// Two descriptions in one.
///
/// # Errors
/// When a name stands for one thing in the first and for another in the second.
pub fn merged(one: &OpenApi, other: &OpenApi) -> Result<OpenApi, String> {
    match ambiguous_schema(one, other) {
        Some(name) => Err(two_of(&name)),
        None => Ok(one.clone().merge_from(other.clone())),
    }
}

fn ambiguous_schema(one: &OpenApi, other: &OpenApi) -> Option<String> {
    let (one, other) = (one.components.as_ref()?, other.components.as_ref()?);
    let twice = one.schemas.iter().find(|(name, shape)| other.schemas.get(*name).is_some_and(|other| other != *shape));
    twice.map(|(name, _)| name.clone())
}

fn two_of(name: &str) -> String {
    format!("two different schemas are called {name}")
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

    fn routes<T: ToSchema + PartialSchema>() -> UtoipaMethodRouter<()> {
        (vec![(T::name().into_owned(), T::schema())], utoipa::openapi::Paths::new(), axum::routing::MethodRouter::new())
    }

    fn router<T: ToSchema + PartialSchema>() -> ApiRouter<()> {
        ApiRouter::new().routes(routes::<T>())
    }

    #[test]
    fn two_shapes_of_one_name_are_refused_wherever_they_meet() {
        let names_shape =
            |found: Result<&OpenApi, String>| assert!(found.is_err_and(|words| words.ends_with("called Shape")));
        assert!(router::<Shape>().routes(routes::<Shape>()).described().is_ok());
        names_shape(router::<Shape>().routes(routes::<other::Shape>()).described());
        let mut both = routes::<Shape>();
        both.0.extend(routes::<other::Shape>().0);
        names_shape(ApiRouter::new().routes(both).described());
        assert!(router::<Shape>().merge(router::<Shape>()).described().is_ok());
        names_shape(router::<Shape>().merge(router::<other::Shape>()).described());
        let (one, other) = (router::<Shape>(), router::<other::Shape>());
        assert!(merged(one.described().unwrap(), one.described().unwrap()).is_ok());
        assert!(merged(one.described().unwrap(), other.described().unwrap()).is_err());
    }
}
