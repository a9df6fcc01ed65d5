//! The description of the live sockets, as committed (`asyncapi.json`) and served: every frame of both sides, by schema.

use edge::VisitorCall;
use inbox::OperatorCall;
use model::live::{OperatorFrame, VisitorFrame};
use serde_json::{Value, json};
use utoipa::OpenApi;

/// The frames with everything they are made of.
#[derive(OpenApi)]
#[openapi(components(schemas(OperatorCall, OperatorFrame<'static>, VisitorCall, VisitorFrame<'static>)))]
struct Frames;

/// AsyncAPI 3.0: two sockets, what is sent and what is received on each.
pub fn asyncapi_json() -> String {
    let described = serde_json::to_value(Frames::openapi()).unwrap_or_default();
    let schemas = described.pointer("/components/schemas").cloned().unwrap_or_default();
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Otklik, live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON text frames, told apart by `type`. Unknown fields are ignored, unknown types are answered with `error`. The server pings every 25 s; a side that is silent for 60 s is gone.",
        },
        "channels": {
            "operators": channel("/api/v1/live", "Operators", ("OperatorCall", "OperatorFrame")),
            "visitors": channel("/w/v1/live", "Visitors of a site", ("VisitorCall", "VisitorFrame")),
        },
        "operations": {
            "receive_operator_call": operation("receive", "operators", "OperatorCall"),
            "send_operator_frame": operation("send", "operators", "OperatorFrame"),
            "receive_visitor_call": operation("receive", "visitors", "VisitorCall"),
            "send_visitor_frame": operation("send", "visitors", "VisitorFrame"),
        },
        "components": { "schemas": schemas },
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn channel(address: &str, title: &str, (call, frame): (&str, &str)) -> Value {
    let message = |schema: &str| json!({ "payload": { "$ref": format!("#/components/schemas/{schema}") } });
    json!({ "address": address, "title": title, "messages": { (call): message(call), (frame): message(frame) } })
}

fn operation(action: &str, channel: &str, message: &str) -> Value {
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{message}") }],
    })
}
