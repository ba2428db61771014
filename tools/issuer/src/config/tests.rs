//! Nothing makes it reachable by accident.

use super::*;

#[test]
fn it_listens_on_the_loopback_alone() {
    for bad in ["0.0.0.0:9400", "192.168.1.5:9400", "[::]:9400"] {
        let listen = bad.parse().unwrap();
        for behind_proxy in [false, true] {
            let config = IssuerConfig { listen, behind_proxy, ..IssuerConfig::default() };
            assert_eq!(config.check(), Err(ConfigError::Listen(listen)));
        }
    }
    let config = IssuerConfig { listen: "[::1]:0".parse().unwrap(), ..IssuerConfig::default() };
    assert_eq!(config.check(), Ok(()));
}

fn check_name(name: &str, behind_proxy: bool) -> Result<(), ConfigError> {
    IssuerConfig { issuer: Some(name.to_owned()), behind_proxy, ..IssuerConfig::default() }.check()
}

#[test]
fn a_foreign_name_needs_a_proxy_and_https() {
    let foreign = "https://192.168.1.5:8443/id";
    assert_eq!(check_name(foreign, false), Err(ConfigError::ForeignName));
    assert_eq!(check_name(foreign, true), Ok(()));
    assert_eq!(check_name("http://192.168.1.5", true), Err(ConfigError::ForeignName));
    assert_eq!(check_name("http://localhost.example:1", false), Err(ConfigError::ForeignName));
    for good in ["http://127.0.0.1:9400", "http://localhost:9400/id", "http://[::1]:1"] {
        assert_eq!(check_name(good, false), Ok(()), "{good}");
    }
}

#[test]
fn a_name_that_clients_could_read_differently_is_refused() {
    for bad in [
        "",
        "id",
        "ftp://localhost",
        "http://localhost/",
        "http://localhost?a",
        "http://localhost#a",
        "http://a@localhost",
        "http://localhost//id",
        "http://localhost/{id}",
    ] {
        assert_eq!(check_name(bad, true), Err(ConfigError::Name), "{bad}");
    }
}

#[test]
fn people_are_sent_only_to_where_nobody_listens_in() {
    let check = |address: &str| {
        let client = Client { redirect_uris: vec![address.to_owned()], ..Client::default() };
        client.check()
    };
    for good in ["http://127.0.0.1:8080/", "https://game.example/back?a=b", "http://localhost:1/x"] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for bad in ["http://game.example/", "https://game.example/#a", "javascript:alert(1)", "/back"] {
        assert_eq!(check(bad), Err(ConfigError::Redirect(bad.to_owned())), "{bad}");
    }
    let many =
        Client { redirect_uris: vec!["http://[::1]/".to_owned(); ADDRESSES_MAX + 1], ..Client::default() };
    assert_eq!(many.check(), Err(ConfigError::TooManyAddresses));
}

#[test]
fn lives_have_bounds() {
    for (access_life_s, refresh_life_s) in [(0, 1), (ACCESS_LIFE_S_MAX + 1, 1), (1, 0)] {
        let config = IssuerConfig { access_life_s, refresh_life_s, ..IssuerConfig::default() };
        assert_eq!(config.check(), Err(ConfigError::Life));
    }
}
