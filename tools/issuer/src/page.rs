//! What people see: plain pages without a script, in the game's coarse pixels, for a phone's width and up.

mod portrait;

use std::fmt::Write as _;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::config::origin_of;
use crate::people::{NAME_CHARS_MAX, Person, Role};

/// How every page looks. It stands in the page itself, allowed by its hash.
const STYLE: &str = include_str!("page/style.css");

/// On every page: what this is.
const NOTICE: &str = "Development sign-in. There are no passwords: whoever opens this page can be anybody. \
                      Nothing of it belongs in front of a world that matters.";

/// Makes the pages of an issuer.
#[derive(Debug)]
pub(crate) struct Pages {
    path: String,
    style_hash: String,
}

/// What the sign-in page says.
#[derive(Debug)]
pub(crate) struct SignInPage<'a> {
    /// Who can be chosen.
    pub(crate) people: &'a [Person],
    /// The client's request, which the forms carry along.
    pub(crate) request: &'a str,
    /// Where the answer will lead.
    pub(crate) redirect_uri: &'a str,
    /// Who the client thinks it is, or what was typed.
    pub(crate) typed: &'a str,
    /// Whether the typed name will not do.
    pub(crate) refused: bool,
}

impl Pages {
    /// Pages whose forms lead to below `path`.
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), style_hash: STANDARD.encode(Sha256::digest(STYLE)) }
    }

    /// The page on which somebody says who they are.
    pub(crate) fn sign_in(&self, status: StatusCode, page: &SignInPage<'_>) -> Response {
        let SignInPage { people, request, redirect_uri, typed, refused } = page;
        let wanted = typed.trim().to_lowercase();
        let meant = people.iter().find(|person| person.subject == wanted && !refused);
        let mut players = String::new();
        for (number, person) in people.iter().enumerate() {
            let focus = if meant == Some(person) { " autofocus" } else { "" };
            let role = person.roles.iter().find(|role| **role != Role::Player);
            let note = match role {
                Some(Role::Designer) => " <small>designer: edits the world</small>",
                Some(Role::Operator) => " <small>operator: runs the server</small>",
                _ => "",
            };
            let _ = write!(
                players,
                "<li><button name=\"subject\" value=\"{}\"{focus}>{}<span>{}{note}</span></button></li>",
                escaped(&person.subject),
                portrait::svg(number),
                escaped(&person.name),
            );
        }
        let hidden = format!("<input type=\"hidden\" name=\"request\" value=\"{}\">", escaped(request));
        let (error, invalid) = if *refused {
            (
                format!(
                    "<p class=\"error\" id=\"error\" role=\"alert\">That name will not do. Take up to {NAME_CHARS_MAX} \
                     letters and digits; single spaces, hyphens, dots and apostrophes may stand between them.</p>"
                ),
                " aria-invalid=\"true\" aria-describedby=\"error\" autofocus",
            )
        } else {
            (String::new(), "")
        };
        let typed = if meant.is_some() { String::new() } else { escaped(typed) };
        let action = format!("{}/sign-in", self.path);
        let body = format!(
            "<h1>Who plays?</h1><p>Choose somebody, or type a name. Whoever you are today you can be again tomorrow.</p>\
             <form method=\"post\" action=\"{action}\">{hidden}<ul>{players}</ul></form>\
             <form method=\"post\" action=\"{action}\">{hidden}\
             <h2>Someone new</h2>{error}\
             <label for=\"name\">Name</label>\
             <div class=\"row\"><input id=\"name\" name=\"name\" value=\"{typed}\" required maxlength=\"{NAME_CHARS_MAX}\" \
             autocomplete=\"off\" autocapitalize=\"words\" spellcheck=\"false\"{invalid}>\
             <button>Sign in</button></div></form>"
        );
        self.page(status, "Who plays?", &body, Some(redirect_uri))
    }

    /// The page on which somebody confirms that they want to sign out.
    pub(crate) fn confirm_log_out(&self, request: &str, next: Option<&str>) -> Response {
        let body = format!(
            "<h1>Sign out?</h1>\
             <form method=\"post\" action=\"{}/logout/confirmed\">\
             <input type=\"hidden\" name=\"request\" value=\"{}\"><button>Sign out</button></form>",
            self.path,
            escaped(request),
        );
        self.page(StatusCode::OK, "Sign out?", &body, next)
    }

    /// A page that only says something.
    pub(crate) fn message(&self, status: StatusCode, title: &str, text: &str) -> Response {
        let body = format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(text));
        self.page(status, title, &body, None)
    }

    /// `next`: an address of the client that a form of this page leads to in the end. Browsers hold each step of a
    /// form's way against the policy.
    fn page(&self, status: StatusCode, title: &str, body: &str, next: Option<&str>) -> Response {
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{} - Holdfast development sign-in</title><style>{STYLE}</style></head>\
             <body><main>{body}<p class=\"notice\">{NOTICE}</p></main></body></html>",
            escaped(title)
        );
        let next = next.and_then(origin_of).map(|origin| source_of(&origin)).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; form-action 'self' {next}; base-uri 'none'; \
             frame-ancestors 'none'",
            self.style_hash
        );
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        // An origin, as a parsed address writes it, has only characters that a header may have.
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// An origin as a policy names it. A policy has no word for an IPv6 address, so there the scheme has to do.
fn source_of(origin: &str) -> String {
    match origin.split_once("://[") {
        Some((scheme, _)) => format!("{scheme}:"),
        None if origin == "null" => String::new(),
        None => origin.to_owned(),
    }
}

/// Text as it may stand in a page, between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
