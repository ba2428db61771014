//! How names are written in different languages.

/// `ServerMessage` as `server_message`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `server_message` as `ServerMessage`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split('_').map(capital).collect()
}

/// `last_seq` as `lastSeq`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_case_and_nothing_else() {
        assert_eq!(snake_case("SnapshotUnknownEpoch"), "snapshot_unknown_epoch");
        assert_eq!(pascal_case("pick_up"), "PickUp");
        assert_eq!(camel_case("retry_after_ms"), "retryAfterMs");
    }
}
