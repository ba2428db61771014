//! Small faces in coarse pixels, one for each who can be chosen. They mean nothing: who cannot see them misses
//! nothing.

use std::fmt::Write as _;

/// Hair, skin, eyes and coat, a letter each; a dot is nothing.
const FACES: [[&str; 12]; 3] = [
    [
        "............",
        "...hhhhhh...",
        "..hhhhhhhh..",
        "..hhsssshh..",
        "..hssssssh..",
        "..sesssses..",
        "..ssssssss..",
        "...sseess...",
        "....ssss....",
        "..cccccccc..",
        ".cccccccccc.",
        ".cccccccccc.",
    ],
    [
        "....hhhh....",
        "..hhhhhhhh..",
        ".hhhhhhhhhh.",
        ".hhsssssshh.",
        ".hssssssssh.",
        ".hsesssseshh",
        ".hsssssssshh",
        ".hhsseesshh.",
        ".hh.ssss.hh.",
        ".hccccccccc.",
        ".cccccccccc.",
        ".cccccccccc.",
    ],
    [
        "............",
        "....cccc....",
        "...cccccc...",
        "..cccccccc..",
        ".cccccccccc.",
        "..hsssssshh.",
        "..sesssses..",
        "..ssssssss..",
        "...sseess...",
        "....ssss....",
        "..cccccccc..",
        ".cccccccccc.",
    ],
];

/// The colours of hair, skin and coat.
const COLOURS: [(&str, &str, &str); 8] = [
    ("#5a3220", "#e8b88a", "#b5432f"),
    ("#1f1a17", "#8d5a3a", "#3c6fa8"),
    ("#c98a2b", "#f2cfa6", "#4a7d3a"),
    ("#3a2a4d", "#c98f63", "#c9a227"),
    ("#8f2f2a", "#f2cfa6", "#5d4a8a"),
    ("#d9d2c0", "#e8b88a", "#2f7f7a"),
    ("#2a2320", "#a8714a", "#8a3f6b"),
    ("#6b6257", "#f2cfa6", "#4d5663"),
];

/// The face of the person with this number, as a picture within a page.
pub(super) fn svg(number: usize) -> String {
    let face = FACES[number % FACES.len()];
    let (hair, skin, coat) = COLOURS[number % COLOURS.len()];
    let mut svg = String::from(
        "<svg viewBox=\"0 0 12 12\" width=\"48\" height=\"48\" shape-rendering=\"crispEdges\" \
         aria-hidden=\"true\" focusable=\"false\">",
    );
    for (y, row) in face.iter().enumerate() {
        let pixels = row.as_bytes();
        let mut x = 0;
        for run in pixels.chunk_by(|a, b| a == b) {
            let colour = match run.first() {
                Some(b'h') => Some(hair),
                Some(b's') => Some(skin),
                Some(b'e') => Some("#2b2118"),
                Some(b'c') => Some(coat),
                _ => None,
            };
            if let Some(colour) = colour {
                let width = run.len();
                let _ = write!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"1\" fill=\"{colour}\"/>"
                );
            }
            x += run.len();
        }
    }
    svg.push_str("</svg>");
    svg
}
