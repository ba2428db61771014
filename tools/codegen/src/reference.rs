//! x
pub(crate) fn page(_: &std::path::Path, _: &crate::wire::Wire) -> anyhow::Result<String> {
    Ok(String::new())
}
