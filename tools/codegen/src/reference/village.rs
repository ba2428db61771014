//! What a client must know of the village besides types: how often a verb may be used, and who sees a part.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use holdfast::{Action, Audience, Game, Pace, Replicate};
use village::Village;
use village::action::{Drop, Look, Move, PickUp, Say};
use village::component::{Asleep, Carried, Item, Looks, Position, Utterance, Vitals};

use super::tables::{cell, definition, shape};
use crate::model::{Kind, Shape};
use crate::wire::Wire;

/// A verb's name, how often a session may use it, and how many ticks lie between two.
type VerbPace = (&'static str, Pace, u64);

fn paces() -> [VerbPace; 5] {
    fn of<A: Action>() -> VerbPace {
        (A::NAME, A::PACE, A::COOLDOWN_TICKS)
    }
    [of::<Move>(), of::<Say>(), of::<Look>(), of::<PickUp>(), of::<Drop>()]
}

fn audiences() -> [(u16, Audience); 7] {
    fn of<C: Replicate>() -> (u16, Audience) {
        (C::TAG, C::AUDIENCE)
    }
    [
        of::<Position>(),
        of::<Looks>(),
        of::<Vitals>(),
        of::<Item>(),
        of::<Carried>(),
        of::<Utterance>(),
        of::<Asleep>(),
    ]
}

/// The verbs: a table, then each payload.
pub(super) fn verbs(wire: &Wire) -> Result<String> {
    let Kind::Enum(variants) = &wire.game.verb.kind else { return Ok(String::new()) };
    let mut text = "| tag | verb | payload | may be done | meaning |\n|---|---|---|---|---|\n".to_owned();
    for verb in variants {
        let pace = paces().into_iter().find(|(name, ..)| *name == verb.name);
        let (_, pace, cooldown) = pace.with_context(|| format!("how often is {} done?", verb.name))?;
        let pace = match pace {
            Pace::Move => "8 a second",
            Pace::Chat => "5 in 10 s",
            Pace::Other => "10 a second",
            Pace::Unpaced => "as often as answers come",
        };
        let cooldown = if cooldown > 0 { format!(", one in {cooldown} ticks") } else { String::new() };
        let content = verb.content.as_ref().map(shape).unwrap_or_default();
        let (tag, name) = (verb.tag, &verb.name);
        let _ = writeln!(text, "| {tag} | `{name}` | {content} | {pace}{cooldown} | {} |", cell(&verb.docs));
    }
    for verb in variants {
        payload(wire, &format!("Payload of `{}`", verb.name), verb.content.as_ref(), &mut text)?;
    }
    for (verb, reply) in &wire.game.replies {
        payload(wire, &format!("Reply to `{verb}`"), Some(reply), &mut text)?;
    }
    for name in ["Seen", "Tile"] {
        payload(wire, &format!("`{name}`"), Some(&Shape::Named(name.to_owned())), &mut text)?;
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// The parts: a table, then what each holds.
pub(super) fn parts(wire: &Wire) -> Result<String> {
    let Kind::Enum(variants) = &wire.game.part.kind else { return Ok(String::new()) };
    let mut text = "| tag | part | seen by | meaning |\n|---|---|---|---|\n".to_owned();
    for part in variants {
        let audience = audiences().into_iter().find(|(tag, _)| u32::from(*tag) == part.tag);
        let (_, audience) = audience.with_context(|| format!("who sees {}?", part.name))?;
        let audience = match audience {
            Audience::View => "all in view",
            Audience::Owner => "its owner",
        };
        let _ = writeln!(text, "| {} | `{}` | {audience} | {} |", part.tag, part.name, cell(&part.docs));
    }
    for part in variants {
        payload(wire, &format!("Part `{}`", part.name), part.content.as_ref(), &mut text)?;
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

fn payload(wire: &Wire, title: &str, of: Option<&Shape>, out: &mut String) -> Result<()> {
    let Some(Shape::Named(name)) = of else { return Ok(()) };
    let _ = write!(out, "\n#### {title}\n\n{}\n", definition(wire, name)?);
    Ok(())
}

/// The kinds of characters that can be made.
pub(super) fn archetypes() -> String {
    let names: Vec<String> = Village::ARCHETYPES.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
