//! Whoever has the authority's file knows the machine; nobody else does.

use super::*;

async fn shown(front: &LanFront) -> Vec<u8> {
    tls(front).await.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn it_is_verified_by_the_authority_and_by_nothing_else() {
    let setup = setup().await;
    let front = &setup.front;
    assert!(tls_as(front, "127.0.0.1").await.is_ok() && tls_as(front, "localhost").await.is_ok());
    assert!(tls_as(front, "example.org").await.is_err(), "it is nobody else's");
    let stranger = Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(front.url()).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn it_is_the_same_after_a_restart_and_another_in_another_folder() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = shown(&front_in(folder.path()).await).await;
    assert_eq!(shown(&front_in(folder.path()).await).await, first);
    assert_ne!(shown(&front_in(other.path()).await).await, first);
}

#[tokio::test]
async fn a_phone_can_fetch_the_authority() {
    let setup = setup().await;
    let front = &setup.front;
    let answer = phone(front).get(format!("{}/certificate.crt", front.origin())).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-x509-ca-cert");
    let expected = CertificateDer::from_pem_file(front.authority_file()).unwrap();
    assert_eq!(answer.bytes().await.unwrap(), expected.as_ref());
}
