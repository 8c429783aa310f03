//! `/manage`: a member is led to the processor's own page. What it holds only it can show, and who they
//! are, only it may ask.

use super::language::Here;
use super::problem::Trouble;
use axum::Extension;
use axum::response::{IntoResponse as _, Redirect, Response};

/// `GET /manage`. Whatever the browser brings is not looked at, so there is nowhere else that it could
/// be sent (security.md, F-3).
pub(super) async fn go(Extension(site): Extension<Here>) -> Response {
    let Some(page) = &site.self_service else { return Trouble::NotFound.into_response() };
    match site.hand_offs.processor.self_service(page, site.clock.now()) {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => Trouble::NotFound.into_response(),
    }
}
