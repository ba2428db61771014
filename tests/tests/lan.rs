//! A world that others on the network can join: a village's server that knows the sign-in by a name whose certificate
//! no machine trusts by itself.

use holdfast_devstack::stack::DATABASE;
use holdfast_devstack::{LanFront, LanOptions, Postgres, PostgresOptions, Server, ServerOptions, migrate};
use reqwest::{Certificate, Client};
use serde_json::Value;

#[tokio::test]
async fn a_server_that_knows_the_authority_verifies_who_signed_in_and_one_that_does_not_says_so() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let folder = postgres.folder().path().to_owned();
    postgres.create_database(DATABASE, None).await.unwrap();
    migrate("village", &postgres.owner_url(DATABASE), &folder).await.unwrap();
    let certificate = folder.join("certificate");
    let options = LanOptions { port: 0, folder: certificate, address: Some("127.0.0.1".parse().unwrap()) };
    let front = LanFront::start(options).await.unwrap();
    let sign_in = front.start_sign_in().await.unwrap();

    let authority = Certificate::from_pem(&std::fs::read(front.authority_file()).unwrap()).unwrap();
    let phone = Client::builder().tls_certs_only([authority]).no_proxy().build().unwrap();
    let ask = async || {
        let url = format!("{}/api/characters", front.origin());
        let answer = phone.get(url).bearer_auth(sign_in.token("ada")).send().await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };

    let mut environment = front.server_environment();
    for is_told in [true, false] {
        if !is_told {
            environment.retain(|(name, _)| name != "HOLDFAST_ISSUER_CA");
        }
        let server = Server::start(ServerOptions {
            game: "village".to_owned(),
            world: "main".to_owned(),
            database_url: postgres.writer_url(DATABASE),
            issuer_url: front.issuer_url(),
            environment: environment.clone(),
            folder: folder.clone(),
        })
        .await
        .unwrap();
        front.set_world(server.url().strip_prefix("http://").unwrap().parse().unwrap());
        let (status, said) = ask().await;
        if is_told {
            assert_eq!(status, 200, "{said}");
        } else {
            assert_eq!((status, &said["error"]["code"]), (503, &Value::from("issuer_unavailable")), "{said}");
        }
    }
}
