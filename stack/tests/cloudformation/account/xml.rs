//! Responses in the XML of the Query protocol.

/// Returns `<name>text</name>`, escaped.
pub(crate) fn text(name: &str, text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<{name}>{escaped}</{name}>")
}

/// Returns [`text`], or an empty string.
pub(crate) fn optional(name: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| text(name, value))
}

/// Returns `<name>inner</name>`; `inner` is XML already.
pub(crate) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// Returns `<name><member>…</member>…</name>`.
pub(crate) fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: String = members
        .into_iter()
        .map(|member| element("member", &member))
        .collect();
    element(name, &members)
}

/// Returns the response to `action`.
pub(crate) fn answer(action: &str, result: &str) -> String {
    let result = element(&format!("{action}Result"), result);
    element(
        &format!("{action}Response"),
        &(result + "<ResponseMetadata><RequestId>scripted</RequestId></ResponseMetadata>"),
    )
}

/// Returns an error response.
pub(crate) fn error(code: &str, message: &str) -> String {
    let inner = text("Type", "Sender") + &text("Code", code) + &text("Message", message);
    element(
        "ErrorResponse",
        &(element("Error", &inner) + "<RequestId>scripted</RequestId>"),
    )
}
