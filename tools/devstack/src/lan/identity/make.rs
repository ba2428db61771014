//! Makes an authority, has it sign one certificate, and forgets its key.
//!
//! So whoever tells a phone to trust the authority trusts this one certificate and nothing else: nobody can sign
//! another one any more, and what the authority may vouch for is written into it besides (name constraints).

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt as _;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};

use super::Kept;

/// For how long a certificate is made out from now: with the day before now, less than the 398 days after which
/// phones do not believe it.
pub(super) const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How far a phone's clock may be behind ours.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// A new certificate for these addresses and names, by an authority of its own.
pub(super) fn make(names: &[String], now_s: u64) -> Result<Kept, rcgen::Error> {
    let until_unix = now_s.saturating_add(LIFE.as_secs());

    let authority_key = KeyPair::generate()?;
    let mut authority = params(Vec::new(), "Holdfast on a local network", now_s)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let permitted_subtrees = names.iter().map(|name| subtree(name)).collect();
    authority.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    let authority_certificate = authority.self_signed(&authority_key)?;

    let key = KeyPair::generate()?;
    let mut own = params(names.to_vec(), "Holdfast world", now_s)?;
    own.is_ca = IsCa::ExplicitNoCa;
    own.use_authority_key_identifier_extension = true;
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = own.signed_by(&key, &Issuer::new(authority, authority_key))?;

    Ok(Kept {
        names: names.to_vec(),
        until_unix,
        authority_pem: pem("CERTIFICATE", authority_certificate.der()),
        certificate_pem: pem("CERTIFICATE", certificate.der()),
        key_pem: pem("PRIVATE KEY", key.serialized_der()),
    })
}

/// What both certificates have in common. The number in the name keeps the authorities of two machines, or of two
/// days, apart in a list of them.
fn params(names: Vec<String>, called: &str, now_s: u64) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    let number: [u8; 16] = rand::rng().random();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let mark = u16::from_be_bytes([number[1], number[2]]);
    params.distinguished_name.push(DnType::CommonName, format!("{called} ({mark:04x})"));
    // A serial number is positive: its first bit is not set.
    let mut serial = number;
    serial[0] = (serial[0] & 0x7f) | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now_s);
    params.not_before = now - BEFORE;
    params.not_after = now + LIFE;
    Ok(params)
}

/// This address or name alone (and, of a name, what would be below it).
fn subtree(name: &str) -> GeneralSubtree {
    match name.parse::<IpAddr>() {
        Ok(ip) => {
            let whole = if ip.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(ip, whole))
        }
        Err(_) => GeneralSubtree::DnsName(name.to_owned()),
    }
}

/// The textual form of RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    lines + &format!("-----END {label}-----\n")
}
