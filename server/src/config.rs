//! Every setting: its unit, its default, its variable. Each is a flag as well; the flag wins.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::http::listen::ConnectionLimits;
use crate::persistence::rights::Roles;

mod addresses;

pub use addresses::Addresses;

/// How many connections there may be besides those of sessions and strangers.
const HTTP_CONNECTIONS: u32 = 128;

/// What every command needs to find its world.
#[derive(Args, Clone)]
pub struct StoreConfig {
    /// The PostgreSQL database that holds the world. A Unix socket (`?host=/run/postgresql`) is faster than TCP.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_parser = postgres_url)]
    pub database_url: String,

    /// The world's name within the database.
    #[arg(long, env = "HOLDFAST_WORLD", default_value = "main", value_parser = world_name)]
    pub world: String,
}

/// Whom `migrate` grants what a world needs.
#[derive(Args, Clone, Debug)]
pub struct RolesConfig {
    /// The role of servers: it reads tables and calls the engine's functions. A server's login is this role, or a member
    /// of it. Made, without a login, where it is missing and this login may make roles.
    #[arg(long, env = "HOLDFAST_WRITER_ROLE", default_value = "holdfast_writer", value_parser = role_name)]
    pub writer_role: String,

    /// The role of people and tools that look: it reads tables.
    #[arg(long, env = "HOLDFAST_READER_ROLE", default_value = "holdfast_reader", value_parser = role_name)]
    pub reader_role: String,
}

/// What a serving world needs besides.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Where players connect: address and port.
    #[arg(long, env = "HOLDFAST_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// How many ticks the world runs a second, 10 to 60. What a game counts in ticks (the pause between two moves, how
    /// long a line of chat stays) passes faster or slower with it.
    #[arg(long, env = "HOLDFAST_TICK_HZ", default_value_t = 20, value_parser = clap::value_parser!(u32).range(10..=60))]
    pub tick_hz: u32,

    /// How many sessions may play at once, 1 to 100000.
    #[arg(long, env = "HOLDFAST_SESSIONS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub sessions: u32,

    /// Why a PostgreSQL without `fsync` or `full_page_writes` is taken all the same: what below it keeps what was
    /// written, in words that are logged at each start. Without a reason such a server is refused.
    #[arg(long, env = "HOLDFAST_DURABILITY_ELSEWHERE", value_name = "REASON", value_parser = not_empty)]
    pub durability_elsewhere: Option<String>,

    /// Where players reach this world's servers, separated by commas: WebSocket addresses, as in
    /// `wss://a.example.org/ws`, at most 8. The same ones at every server of the world, best with the server's own
    /// first. Players that lose one server try the others by themselves; without this they keep to the address that
    /// they know. Each server's HOLDFAST_ORIGINS must then name the pages of all of them.
    #[arg(long, env = "HOLDFAST_ADDRESSES", default_value = "", hide_default_value = true, value_parser = Addresses::parse)]
    pub addresses: Addresses,

    /// What operators are given.
    #[command(flatten)]
    pub staff: StaffConfig,

    /// Whose access tokens are accepted.
    #[command(flatten)]
    pub auth: AuthConfig,

    /// Who may connect.
    #[command(flatten)]
    pub door: DoorConfig,

    /// What browsers are given.
    #[command(flatten)]
    pub page: PageConfig,
}

/// What operators are given: metrics, histograms and their page.
#[derive(Args, Clone, Debug)]
pub struct StaffConfig {
    /// Where operators read metrics and histograms: address and port, or `off`. Whoever reaches it may read it: leave it
    /// on the loopback, or behind something that knows your staff. It is reached by address or as `localhost`, by no other
    /// name.
    #[arg(id = "staff_listen", long = "staff-listen", env = "HOLDFAST_STAFF_LISTEN", default_value = "127.0.0.1:8081", value_parser = StaffListen::parse)]
    pub listen: StaffListen,

    /// The folder of the operators' page, as `npm run build` in web-client left it in dist-staff. It must be of this
    /// server's build. Without it the figures are there, but no page that draws them.
    #[arg(id = "staff_page", long = "staff-page", env = "HOLDFAST_STAFF_PAGE")]
    pub page: Option<PathBuf>,

    /// A folder for interval logs: every histogram of every five seconds, in HdrHistogram's format, a file a day, seven of
    /// them. Without it none are written.
    #[arg(long, env = "HOLDFAST_HISTOGRAM_LOG", value_name = "FOLDER")]
    pub histogram_log: Option<PathBuf>,
}

/// Where operators are served, if anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffListen {
    /// Nowhere.
    Off,
    /// At this address.
    At(SocketAddr),
}

impl StaffListen {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let address = text.parse().map(Self::At);
        address.map_err(|_| "it is an address and a port, as in 127.0.0.1:8081, or `off`".to_owned())
    }
}

/// What browsers are given: the page, and how it signs people in.
#[derive(Args, Clone, Debug)]
pub struct PageConfig {
    /// The folder of the page to serve at `/`, as `npm run build` in web-client left it. It must be of this server's
    /// build (`build-id` prints that), and the Origins must be set. It is read once, at the start: at most 256 files and
    /// folders, 32 MiB in all. Without it no page is served.
    #[arg(long, env = "HOLDFAST_PAGE")]
    pub page: Option<PathBuf>,

    /// What the page is called at the issuer: a public client that may come back to the page's Origin and `/`.
    #[arg(long, env = "HOLDFAST_CLIENT_ID", default_value = "holdfast-web", value_parser = not_empty)]
    pub client_id: String,

    /// What the page asks the issuer for. The default is `openid` and the scope that tokens must carry.
    #[arg(long, env = "HOLDFAST_SIGN_IN_SCOPE", value_parser = not_empty)]
    pub sign_in_scope: Option<String>,

    /// Further Origins that the page must reach in order to sign in, separated by commas: those of the issuer's token
    /// endpoint and keys, where they are not the issuer's own.
    #[arg(long, env = "HOLDFAST_SIGN_IN_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub sign_in_origins: Vec<String>,
}

/// Whose access tokens are accepted, and which.
#[derive(Args, Clone, Debug)]
pub struct AuthConfig {
    /// The identity provider whose access tokens are accepted, exactly as its tokens name it in `iss`: an https
    /// address (http only on the loopback).
    #[arg(long, env = "HOLDFAST_ISSUER")]
    pub issuer: String,

    /// A file of further authorities (PEM) that may vouch for the identity provider's certificate, beside those that
    /// this machine trusts anyway: for a provider with a certificate of your own.
    #[arg(long, env = "HOLDFAST_ISSUER_CA", value_name = "FILE")]
    pub issuer_ca: Option<PathBuf>,

    /// The audience for which tokens must be made out (`aud`).
    #[arg(long, env = "HOLDFAST_AUDIENCE", default_value = "holdfast", value_parser = not_empty)]
    pub audience: String,

    /// The scope that a token must carry.
    #[arg(long, env = "HOLDFAST_SCOPE", default_value = "play", value_parser = not_empty)]
    pub scope: String,

    /// The type that a token's header must name (`typ`); `any` for providers that do not say `at+jwt`.
    #[arg(long, env = "HOLDFAST_TOKEN_TYPE", default_value = "at+jwt", value_parser = not_empty)]
    pub token_type: String,
}

/// Who may connect, and how many before anybody knows who they are.
#[derive(Args, Clone, Debug)]
pub struct DoorConfig {
    /// The Origins whose pages may connect, separated by commas, as in `https://play.example.org`.
    #[arg(long, env = "HOLDFAST_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub origins: Vec<String>,

    /// Whether clients that are no browsers (they send no Origin) may connect.
    #[arg(long, env = "HOLDFAST_NATIVE_CLIENTS", default_value_t = true, action = clap::ArgAction::Set)]
    pub native_clients: bool,

    /// How many connections may be unidentified at once, in all.
    #[arg(long, env = "HOLDFAST_UNIDENTIFIED", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub unidentified: u32,

    /// How many connections of one address may be unidentified at once.
    #[arg(long, env = "HOLDFAST_UNIDENTIFIED_PER_ADDRESS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub unidentified_per_address: u32,

    /// How many connections one address may open a second, over time; twice as many at once. Requests for characters
    /// count as well, other requests do not.
    #[arg(long, env = "HOLDFAST_CONNECTS_PER_ADDRESS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connects_per_address: u32,
}

/// What is logged, and how.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// Which log lines are written, as in `info` or `holdfast=debug,info`.
    #[arg(long, env = "HOLDFAST_LOG", default_value = "info")]
    pub log: String,

    /// How log lines look.
    #[arg(long, env = "HOLDFAST_LOG_FORMAT", default_value = "human")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For programs: one JSON object a line.
    Json,
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("StoreConfig").field("world", &self.world).finish_non_exhaustive()
    }
}

impl RolesConfig {
    /// The roles.
    #[must_use]
    pub fn roles(&self) -> Roles {
        Roles { writer: self.writer_role.clone(), reader: self.reader_role.clone() }
    }
}

impl ServeConfig {
    /// How long a tick lasts.
    #[must_use]
    pub fn tick(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1) / self.tick_hz
    }

    /// How many connections may play, or wait to, at once.
    #[must_use]
    pub fn session_capacity(&self) -> usize {
        usize::try_from(self.sessions).unwrap_or(usize::MAX)
    }

    /// How many connections may be open at once: every session, every stranger, and some that only ask over HTTP. One
    /// address may ask with a quarter of them, which is enough for a school, and with no fewer than the strangers that
    /// it may be: behind a proxy, where all have one address, raising that number is enough.
    #[must_use]
    pub fn connection_limits(&self) -> ConnectionLimits {
        let DoorConfig { unidentified, unidentified_per_address, .. } = self.door;
        let total = self.sessions.saturating_add(unidentified).saturating_add(HTTP_CONNECTIONS);
        let asking = (total / 4).max(unidentified_per_address);
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        ConnectionLimits { total_max: count(total), asking_per_address_max: count(asking) }
    }
}

fn postgres_url(text: &str) -> Result<String, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        Ok(text.to_owned())
    } else {
        Err("a PostgreSQL address begins with postgres:// or postgresql://".to_owned())
    }
}

fn world_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if (1..=63).contains(&text.len()) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("a world's name is 1 to 63 small letters, digits, - or _".to_owned())
    }
}

fn role_name(text: &str) -> Result<String, String> {
    if (1..=63).contains(&text.len()) && !text.contains('\0') {
        Ok(text.to_owned())
    } else {
        Err("a role's name has 1 to 63 bytes".to_owned())
    }
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it may not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// As browsers send it: in small letters, and without the port that goes without saying.
fn origin(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    let text = match text.strip_prefix("https:") {
        Some(_) => text.strip_suffix(":443"),
        None => text.strip_suffix(":80"),
    }
    .unwrap_or(&text);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    match rest {
        Some(host) if !host.is_empty() && host.chars().all(is_plain) => Ok(text.to_owned()),
        _ => Err("an Origin is scheme and host alone, as in https://play.example.org".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Runs a world.
    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        serve: ServeConfig,
        #[command(flatten)]
        log: LogConfig,
    }

    const NEEDED: [&str; 5] =
        ["world", "--database-url", "postgres:///w", "--issuer", "https://id.example.org"];

    fn parse(more: &[&str]) -> Result<Cli, String> {
        Cli::try_parse_from(NEEDED.iter().chain(more)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let cli = parse(&[]).unwrap();
        assert_eq!(cli.store.world, "main");
        assert_eq!(cli.serve.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(cli.serve.tick().as_millis(), 50);
        assert_eq!(cli.serve.addresses, Addresses::default());
        assert_eq!((cli.serve.sessions, cli.serve.door.unidentified), (600, 256));
        assert_eq!(cli.serve.auth.token_type, "at+jwt");
        assert_eq!(cli.serve.auth.issuer_ca, None);
        let page = cli.serve.page;
        assert_eq!((page.page, page.client_id.as_str(), page.sign_in_scope), (None, "holdfast-web", None));
        assert!(cli.serve.door.native_clients && cli.serve.door.origins.is_empty());
        let staff = cli.serve.staff;
        assert_eq!(staff.listen, StaffListen::At("127.0.0.1:8081".parse().unwrap()));
        assert_eq!((staff.page, staff.histogram_log), (None, None));
        assert_eq!((cli.log.log.as_str(), cli.log.log_format), ("info", LogFormat::Human));
    }

    #[test]
    fn bad_settings_are_refused_with_a_sentence() {
        let sentence = |args: &[&str]| parse(args).err().expect("it is bad");
        assert!(sentence(&["--tick-hz", "61"]).contains("10..=60"));
        assert!(sentence(&["--world", "My World"]).contains("small letters"));
        assert!(sentence(&["--origins", "play.example.org"]).contains("scheme and host"));
        assert!(sentence(&["--origins", "https://a.example/path"]).contains("scheme and host"));
        assert!(sentence(&["--origins", "https://a.example;b"]).contains("scheme and host"));
        assert!(sentence(&["--addresses", "https://a.example/ws"]).contains("ws:// or wss://"));
        assert!(sentence(&["--sign-in-origins", "id.example.org"]).contains("scheme and host"));
        assert!(sentence(&["--audience", ""]).contains("empty"));
        assert!(sentence(&["--staff-listen", "loopback"]).contains("or `off`"));
        let error = Cli::try_parse_from(["world", "--database-url", "mysql://x"]).err().unwrap();
        assert!(error.to_string().contains("postgres://"));
    }

    #[test]
    fn help_speaks_of_the_command_and_names_each_variable() {
        use clap::CommandFactory;
        let help = Cli::command().render_help().to_string();
        assert!(help.starts_with("Runs a world\n"), "{help}");
        for variable in
            ["DATABASE_URL", "HOLDFAST_ISSUER", "HOLDFAST_TICK_HZ", "HOLDFAST_ADDRESSES", "HOLDFAST_LOG"]
        {
            assert!(help.contains(variable), "{variable}");
        }
    }

    #[test]
    fn addresses_are_a_list() {
        let cli = parse(&["--addresses", "wss://a.example/ws,wss://b.example/ws"]).unwrap();
        assert_eq!(cli.serve.addresses.all(), ["wss://a.example/ws", "wss://b.example/ws"]);
    }

    #[test]
    fn origins_are_a_list() {
        let cli = parse(&["--origins", "https://A.example,http://localhost:5173"]).unwrap();
        assert_eq!(cli.serve.door.origins, ["https://a.example", "http://localhost:5173"]);
        // No browser sends such a port, so with it nobody could connect.
        let cli = parse(&["--origins", "https://a.example:443,http://a.example:80,http://[::1]:80"]).unwrap();
        assert_eq!(cli.serve.door.origins, ["https://a.example", "http://a.example", "http://[::1]"]);
        let cli = parse(&["--origins", "https://a.example:80,http://a.example:443"]).unwrap();
        assert_eq!(cli.serve.door.origins, ["https://a.example:80", "http://a.example:443"]);
    }

    #[test]
    fn a_password_is_not_in_the_debug_output() {
        let cli = Cli::try_parse_from([
            "world",
            "--database-url",
            "postgres://u:secret@h/w",
            "--issuer",
            "https://id.example.org",
        ]);
        assert!(!format!("{:?}", cli.unwrap().store).contains("secret"));
    }
}
