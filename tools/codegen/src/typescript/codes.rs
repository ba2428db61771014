//! The registry of codes: every reason to refuse.

use std::fmt::Write as _;

use holdfast_protocol::CodeEntry;

use super::HEADER;
use crate::wire::Wire;

const DECLARATION: &str = r#"import type { Category } from "./wire.ts";

/** What is known of a code. */
export interface CodeEntry {
  /** The number on the wire. */
  readonly code: number;
  /** Its stable name. */
  readonly name: string;
  /** What kind of trouble it is. */
  readonly category: Category;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** One sentence for people. */
  readonly says: string;
}
"#;

/// The file.
pub(super) fn file(wire: &Wire) -> String {
    let mut text = format!("{HEADER}// Every reason to refuse, and what is known of it.\n\n{DECLARATION}\n");
    let game = &wire.game;
    list("The engine's codes.", "ENGINE_CODES", &wire.engine_codes, &mut text);
    let name = game.name.to_ascii_uppercase() + "_CODES";
    list(&format!("The codes of the {}'s rules.", game.name), &name, &game.codes, &mut text);
    numbers("The engine's codes by name.", "EngineCode", &wire.engine_codes, &mut text);
    let name = crate::names::pascal_case(game.name) + "Code";
    numbers(&format!("The codes of the {}'s rules by name.", game.name), &name, &game.codes, &mut text);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn list(docs: &str, name: &str, codes: &[CodeEntry], out: &mut String) {
    let _ = writeln!(out, "/** {docs} */\nexport const {name}: readonly CodeEntry[] = [");
    for CodeEntry { code, name, category, retryable, says } in codes {
        let category = crate::names::snake_case(&format!("{category:?}"));
        let (code, says) = (code.0, says.replace('"', "\\\""));
        let _ = writeln!(
            out,
            "  {{ code: {code}, name: \"{name}\", category: \"{category}\", retryable: {retryable}, says: \"{says}\" }},"
        );
    }
    out.push_str("];\n\n");
}

fn numbers(docs: &str, name: &str, codes: &[CodeEntry], out: &mut String) {
    let _ = writeln!(out, "/** {docs} */\nexport const {name} = {{");
    for entry in codes {
        let _ = writeln!(out, "  {}: {},", entry.name, entry.code.0);
    }
    out.push_str("} as const;\n\n");
}
