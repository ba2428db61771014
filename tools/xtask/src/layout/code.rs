//! What a Rust file names, as far as it can be told without a compiler, and what a manifest depends on.

/// The lines of a file that hold code, with their numbers from one: comments are blanked out.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut in_block = false;
    text.lines().enumerate().map(move |(index, line)| {
        let mut code = String::new();
        let mut rest = line;
        loop {
            if in_block {
                let Some((_, after)) = rest.split_once("*/") else { break };
                in_block = false;
                rest = after;
            }
            let Some(start) = comment_start(rest) else {
                code.push_str(rest);
                break;
            };
            let (before, comment) = rest.split_at(start);
            code.push_str(before);
            let Some(block) = comment.strip_prefix("/*") else { break };
            in_block = true;
            rest = block;
        }
        (index + 1, code)
    })
}

/// Where the first comment of a line begins, outside of text in quotes.
fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut in_text = false;
    let mut index = 0;
    while let (Some(byte), next) = (bytes.get(index), bytes.get(index + 1)) {
        match byte {
            b'\\' if in_text => index += 1,
            b'"' => in_text = !in_text,
            b'/' if !in_text && matches!(next, Some(b'/' | b'*')) => return Some(index),
            _ => {}
        }
        index += 1;
    }
    None
}

/// The lines on which a file names one of `words` in its code: `word` and the line's number. A word stands by itself
/// (`sqlx` is not in `sqlx_like`); it may hold `::`.
pub(super) fn names<'a>(text: &str, words: &'a [&'a str]) -> Vec<(&'a str, usize)> {
    let mut found = Vec::new();
    for (number, line) in code_lines(text) {
        found.extend(words.iter().filter(|word| stands_in(&line, word)).map(|word| (*word, number)));
    }
    found
}

fn stands_in(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let after = rest.get(word.len()..).unwrap_or_default();
        !before.ends_with(is_name) && !after.starts_with(is_name)
    })
}

/// What a manifest's dependencies are called, of the sections in `sections`, also those of single platforms.
///
/// A manifest that cannot be read is cargo's to refuse: it depends on nothing here.
pub(super) fn dependencies(manifest: &str, sections: &[&str]) -> Vec<String> {
    let Ok(manifest) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let mut tables = vec![&manifest];
    tables.extend(targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table));
    let mut names = Vec::new();
    for table in tables {
        for section in sections {
            let Some(entries) = table.get(*section).and_then(toml::Value::as_table) else { continue };
            for (name, entry) in entries {
                // A dependency can be given another name here; what it is called where it comes from is what counts.
                let package = entry.get("package").and_then(toml::Value::as_str);
                names.push(package.unwrap_or(name).to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_name_nothing_and_text_in_quotes_hides_no_code() {
        let text =
            "// sqlx\nlet url = \"http://x\"; use sqlx::Pool; /* tokio\n tokio */ use axum;\nmy_sqlx_like();";
        let found = names(text, &["sqlx", "tokio", "axum"]);
        assert_eq!(found, [("sqlx", 2), ("axum", 3)]);
    }

    #[test]
    fn a_renamed_dependency_is_still_that_dependency() {
        let manifest = "[dependencies]\nsql = { package = \"sqlx\", version = \"1\" }\n\
             [target.'cfg(unix)'.dependencies]\nbevy_ecs = \"1\"\n[dev-dependencies]\nproptest = \"1\"";
        assert_eq!(dependencies(manifest, &["dependencies"]), ["sqlx", "bevy_ecs"]);
    }
}
