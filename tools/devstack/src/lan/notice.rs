//! What the terminal says to whoever let others in.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::Result;

use super::CERTIFICATE_PATH;

/// The whole block: the address, the same as a QR code, and what to know about it.
pub(super) fn text(url: &str, others: &[SocketAddr], qr: &str) -> Result<String> {
    let certificate = format!("{}{CERTIFICATE_PATH}", url.trim_end_matches('/'));
    let mut text = format!("\n  Friends on this network open  {url}\n\n");
    for line in qr.lines() {
        writeln!(text, "  {line}")?;
    }
    writeln!(
        text,
        "\n  You play there, too: it is the one address at which people sign in.\n\n\
         \x20 The browser will warn that it does not know who made the certificate. That was this machine: only public\n\
         \x20 sites get one that browsers know. What is sent is encrypted all the same; choose to go on.\n\
         \x20 If an iPhone or iPad shows the page but never reaches the world, it wants more: open there\n\
         \x20 {certificate}, install the profile in Settings, and trust it under\n\
         \x20 General > About > Certificate Trust Settings. It vouches for this machine alone: the key that could sign\n\
         \x20 for anything else was thrown away.\n\n\
         \x20 Anybody on this network can come in and sign in as anybody. Use it among friends, and stop it afterwards."
    )?;
    if !others.is_empty() {
        let listed: Vec<String> = others.iter().map(|address| address.ip().to_string()).collect();
        writeln!(
            text,
            "\n  This machine has other addresses, too: {}. If friends are on one of those networks, start again\n\
             \x20 with --lan-address and that one.",
            listed.join(", ")
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_what_to_expect_and_who_can_come() {
        let others = ["10.0.0.7:8443".parse().unwrap()];
        let said = text("https://192.168.1.5:8443/", &others, "##\n##\n").unwrap();
        for part in [
            "https://192.168.1.5:8443/\n",
            "  ##\n  ##\n",
            "will warn",
            "https://192.168.1.5:8443/certificate.crt",
            "as anybody",
            "10.0.0.7",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!text("https://192.168.1.5:8443/", &[], "").unwrap().contains("other addresses"));
    }
}
