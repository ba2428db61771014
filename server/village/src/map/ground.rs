//! What a tile's ground is: how it looks, and whether one can stand on it.

/// The ground of one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// What it is made of.
    pub kind: GroundKind,
    /// Whether one can stand on it.
    pub is_walkable: bool,
}

/// What ground is made of. A kind keeps its number for ever: pages draw by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroundKind {
    /// Number 1.
    Grass,
    /// Number 2.
    Path,
    /// Number 3.
    Water,
    /// Number 4.
    Sand,
    /// Number 5.
    Rock,
    /// Number 6.
    Wall,
}

impl GroundKind {
    /// The kind that the tileset calls so.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "grass" => Self::Grass,
            "path" => Self::Path,
            "water" => Self::Water,
            "sand" => Self::Sand,
            "rock" => Self::Rock,
            "wall" => Self::Wall,
            _ => return None,
        })
    }

    /// Its number, 1 to 127.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Grass => 1,
            Self::Path => 2,
            Self::Water => 3,
            Self::Sand => 4,
            Self::Rock => 5,
            Self::Wall => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_keep_the_numbers_that_the_protocol_names() {
        let names = ["grass", "path", "water", "sand", "rock", "wall"];
        let numbers = names.map(|name| GroundKind::of_name(name).unwrap().number());
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
        assert_eq!(GroundKind::of_name("Grass"), None);
    }
}
