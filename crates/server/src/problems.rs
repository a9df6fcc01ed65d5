//! The errors of every operation in the API description, derived from what is known of it. A handler declares only what is its own:
//! a conflict, a limit, or better words for one of these.

use crate::policy;
use http_kit::{Problem, ProblemPlace};
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{OpenApi, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Status, name among the components, words.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "BadRequest", "The body cannot be read"),
    (401, "Unauthorized", "No session or API key, or one that is over"),
    (403, "Forbidden", "The role or the key's scopes do not allow it, or the `X-Otklik-CSRF` header is missing"),
    (404, "NotFound", "Absent or hidden"),
    (408, "BodyTimeout", "The body did not come in time"),
    (409, "Conflict", "The first request with this `Idempotency-Key` still runs"),
    (413, "TooLarge", "The body is too long"),
    (415, "WrongType", "The body is of another type, or compressed"),
    (422, "Invalid", "Something in the request makes no sense: `errors` says what and where"),
    (429, "TooMany", "Too many requests: wait as long as `Retry-After` says"),
    (500, "Internal", "A fault of the server; `request_id` names it"),
    (503, "Unavailable", "The database does not answer: try again in a moment"),
    (507, "DiskFull", "The server's disk is full"),
];

/// Gives every operation the errors it can answer.
pub(crate) fn describe(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        for (method, operation) in operations(item) {
            let is_public =
                policy::rules().get(&(method.to_owned(), path.clone())).is_some_and(|rule| rule.role.is_none());
            describe_one(operation, method, is_public);
        }
    }
    let components = openapi.components.get_or_insert_default();
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(ProblemPlace::name().into_owned(), ProblemPlace::schema());
    for (_, name, words) in PROBLEMS {
        let response = ResponseBuilder::new().description(words).content("application/problem+json", problem()).build();
        components.responses.insert(name.to_owned(), response.into());
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn describe_one(operation: &mut Operation, method: &str, is_public: bool) {
    // Those the handler declares: the words are its own, the form is everybody's.
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) {
            response.content.insert("application/problem+json".to_owned(), problem().into());
        }
    }
    for status in statuses(operation, method, is_public) {
        let Some((_, name, _)) = PROBLEMS.iter().find(|(known, ..)| *known == status) else { continue };
        let response: RefOr<Response> = Ref::from_response_name(*name).into();
        operation.responses.responses.entry(status.to_string()).or_insert(response);
    }
}

fn statuses(operation: &Operation, method: &str, is_public: bool) -> Vec<u16> {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |wanted: fn(&ParameterIn) -> bool| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if wanted(&parameter.parameter_in)))
    };
    let has_path = has(|place| matches!(place, ParameterIn::Path));
    let has_query = has(|place| matches!(place, ParameterIn::Query));
    let body = operation.request_body.as_ref();
    // A table is read as it comes, as long as it is.
    let is_stream = body.is_some_and(|body| matches!(body, RefOr::T(body) if body.content.contains_key("text/csv")));
    let mut found = vec![500, 503];
    let mut add = |applies: bool, statuses: &[u16]| {
        if applies {
            found.extend_from_slice(statuses);
        }
    };
    add(!is_public, &[401, 403]);
    add(has_path, &[404]);
    add(!is_public && method == "POST", &[409]);
    add(body.is_some(), &[408, 415]);
    add(body.is_some() && !is_stream, &[400, 413]);
    add(body.is_some() || has_query || has_path, &[422]);
    add(method != "GET", &[507]);
    found
}

fn problem() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build()
}
