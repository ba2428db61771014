//! Files that are kept in memory, by their address, and how a request for one is answered.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use holdfast_protocol::Code;

use super::file::{Keep, SiteFile};
use super::page::Page;
use super::{accept, document};
use crate::http::error::ApiError;

/// All files of a port, and the headers that go with those that a browser shows as documents.
#[derive(Debug)]
pub struct Files {
    files: HashMap<String, SiteFile>,
    document_headers: HeaderMap,
}

impl Files {
    pub(super) fn new(files: HashMap<String, SiteFile>, document_headers: HeaderMap) -> Self {
        Self { files, document_headers }
    }

    /// The staff's page; where there is none, a plain one that says how to come by it.
    #[must_use]
    pub fn of_staff(page: Option<Page>) -> Self {
        let files = match page {
            Some(page) => page.into_files().into_iter().collect(),
            None => {
                let html = document::without_staff_page();
                HashMap::from([("/".to_owned(), SiteFile::new("index.html", Keep::Ask, html.into()))])
            }
        };
        Self::new(files, document::headers(&[], &[], &[]).expect("nothing in them is from outside"))
    }

    /// The answer to a request for anything but the routes of the API. A HEAD is answered like a GET: hyper sends no
    /// body with it.
    pub(in crate::http) fn answer(&self, method: &Method, path: &str, request: &HeaderMap) -> Response {
        let is_read = method == Method::GET || method == Method::HEAD;
        match self.files.get(path) {
            Some(file) if is_read => {
                let response = file.answer(request);
                if file.is_document() { self.as_document(response) } else { response }
            }
            Some(_) => {
                let mut response =
                    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, Code::NOT_FOUND, 0).into_response();
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
            None if is_read && !path.starts_with("/api/") && accept::wants_html(request) => {
                let headers = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                ];
                let body = Bytes::from(document::nothing_here());
                self.as_document((StatusCode::NOT_FOUND, headers, body).into_response())
            }
            None => ApiError::new(StatusCode::NOT_FOUND, Code::NOT_FOUND, 0).into_response(),
        }
    }

    fn as_document(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        for (name, value) in &self.document_headers {
            headers.insert(name, value.clone());
        }
        response
    }
}
