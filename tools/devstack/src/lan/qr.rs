//! A QR code in a terminal: two rows of squares in a line of half blocks, with the quiet margin that cameras need.

use anyhow::{Context as _, Result};
use qrcodegen::{QrCode, QrCodeEcc};

/// The margin, in squares: four, as the standard asks.
const MARGIN: i32 = 4;
/// Black on white, whatever the terminal's own colours are, and however its theme has mixed the first sixteen.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The code for `text`, as lines.
///
/// # Errors
/// Where the text is longer than a code can hold.
pub(super) fn code(text: &str) -> Result<String> {
    let code =
        QrCode::encode_text(text, QrCodeEcc::Medium).context("the address is too long for a QR code")?;
    let edge = code.size() + MARGIN;
    let mut lines = String::new();
    let mut y = -MARGIN;
    while y < edge {
        lines.push_str(BLACK_ON_WHITE);
        for x in -MARGIN..edge {
            // Outside of the code everything is white.
            lines.push(match (code.get_module(x, y), code.get_module(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        lines.push_str(PLAIN);
        lines.push('\n');
        y += 2;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_square_is_there_with_a_margin_around() {
        let url = "https://192.168.1.5:8443/";
        let drawn = code(url).unwrap();
        let rows: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| {
                line.strip_prefix(BLACK_ON_WHITE).unwrap().strip_suffix(PLAIN).unwrap().chars().collect()
            })
            .collect();
        let expected = QrCode::encode_text(url, QrCodeEcc::Medium).unwrap();
        let width = usize::try_from(expected.size() + 2 * MARGIN).unwrap();
        assert!(rows.iter().all(|row| row.len() == width) && rows.len() == width.div_ceil(2));
        let black = |x: i32, y: i32| {
            let (column, line) = (usize::try_from(x + MARGIN).unwrap(), usize::try_from(y + MARGIN).unwrap());
            match rows[line / 2][column] {
                '█' => true,
                '▀' => line % 2 == 0,
                '▄' => line % 2 == 1,
                _ => false,
            }
        };
        for (x, y) in (-MARGIN..expected.size() + MARGIN)
            .flat_map(|y| (-MARGIN..expected.size() + MARGIN).map(move |x| (x, y)))
        {
            assert_eq!(black(x, y), expected.get_module(x, y), "{x} {y}");
        }
    }

    #[test]
    fn an_endless_address_is_refused() {
        assert!(code(&"x".repeat(5_000)).is_err());
    }
}
