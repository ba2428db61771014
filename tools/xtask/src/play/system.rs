//! Which system this is, and how people get programs there.

use std::fs;

use holdfast_machine::user;

/// How programs are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Debian, Ubuntu and what descends from them.
    Debian,
    /// Fedora and what descends from it.
    Fedora,
    /// macOS, with Homebrew.
    Mac,
    /// Any other.
    Other,
}

/// A program that may be missing, by the commands that install it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Package {
    pub(super) debian: &'static str,
    pub(super) fedora: &'static str,
    pub(super) brew: &'static str,
}

impl System {
    /// This one.
    pub(super) fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self::Mac;
        }
        Self::of(&fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// From what a system says of itself in os-release: its name first, then those that it descends from.
    fn of(release: &str) -> Self {
        let value = |name| release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let names = [value("ID"), value("ID_LIKE")].into_iter().flatten();
        let mut words = names.flat_map(|value| value.trim_matches('"').split_whitespace());
        words
            .find_map(|word| match word {
                "debian" | "ubuntu" => Some(Self::Debian),
                "fedora" | "rhel" | "centos" => Some(Self::Fedora),
                _ => None,
            })
            .unwrap_or(Self::Other)
    }

    /// The end of a sentence that says how to get something here; everywhere, where we do not know where we are.
    pub(super) fn how_to_get(self, package: Package) -> String {
        // Root needs no `sudo`, and often has none.
        let plain = |command: &'static str| {
            let stripped = command.strip_prefix("sudo ").filter(|_| user::is_root());
            stripped.unwrap_or(command)
        };
        let [debian, fedora, brew] = [package.debian, package.fedora, package.brew].map(plain);
        match self {
            Self::Debian => format!("`{debian}` gets it"),
            Self::Fedora => format!("`{fedora}` gets it"),
            Self::Mac => format!("`{brew}` gets it"),
            Self::Other => {
                format!("get it with `{debian}` (Debian, Ubuntu), `{fedora}` (Fedora) or `{brew}` (macOS)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_and_their_descendants_are_known() {
        for (release, expected) in [
            ("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n", System::Debian),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", System::Debian),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", System::Fedora),
            ("ID=arch\n", System::Other),
            ("", System::Other),
        ] {
            assert_eq!(System::of(release), expected, "{release}");
        }
    }

    #[test]
    fn an_unknown_system_is_told_of_all() {
        let package = Package { debian: "apt a", fedora: "dnf b", brew: "brew c" };
        let sentence = System::Other.how_to_get(package);
        assert!(["apt a", "dnf b", "brew c"].iter().all(|command| sentence.contains(command)), "{sentence}");
        assert_eq!(System::Fedora.how_to_get(package), "`dnf b` gets it");
    }
}
