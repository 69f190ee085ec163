//! Answers in the XML of the Query protocol.

/// `<name>text</name>`, escaped.
pub(crate) fn text(name: &str, text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<{name}>{escaped}</{name}>")
}

/// As [`text`], or nothing.
pub(crate) fn optional(name: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| text(name, value))
}

/// `<name>…</name>` around what is XML already.
pub(crate) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// `<name><member>…</member>…</name>`.
pub(crate) fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: String = members
        .into_iter()
        .map(|member| element("member", &member))
        .collect();
    element(name, &members)
}

/// The answer to `action`.
pub(crate) fn answer(action: &str, result: &str) -> String {
    let result = element(&format!("{action}Result"), result);
    element(
        &format!("{action}Response"),
        &(result + "<ResponseMetadata><RequestId>scripted</RequestId></ResponseMetadata>"),
    )
}

/// A refusal.
pub(crate) fn error(code: &str, message: &str) -> String {
    let inner = text("Type", "Sender") + &text("Code", code) + &text("Message", message);
    element(
        "ErrorResponse",
        &(element("Error", &inner) + "<RequestId>scripted</RequestId>"),
    )
}
