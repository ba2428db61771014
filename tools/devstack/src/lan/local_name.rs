//! The name that this machine announces to its network, where it does.

/// The name by which others find this machine where names are announced (`….local`); none where it has none that fits.
pub(super) fn own() -> Option<String> {
    local_name(&rustix::system::uname().nodename().to_string_lossy())
}

/// The name that a machine called `host` announces.
fn local_name(host: &str) -> Option<String> {
    let label = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=63).contains(&label.len())
        && label.bytes().all(plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label != "localhost";
    fits.then(|| format!("{label}.local"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_announced_only_where_it_is_one() {
        assert_eq!(local_name("Laptop.example.org").as_deref(), Some("laptop.local"));
        for bad in ["", "localhost", "-a", "my_host", "späti"] {
            assert_eq!(local_name(bad), None, "{bad}");
        }
    }
}
