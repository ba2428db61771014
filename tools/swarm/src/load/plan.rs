//! Who plays which part, where, and in which generator.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use holdfast_protocol::Hello;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use village::tile::Tile;

use super::LoadOptions;
use super::generator::job::{BotJob, Job, Part};
use crate::world::World;

/// What part the bot with this number plays: first all sessions, then those beside them.
pub(super) fn part(options: &LoadOptions, number: usize) -> Part {
    let beside = number.checked_sub(options.sessions);
    match beside {
        Some(beside) if beside < options.closed_beside => Part::Closed,
        Some(_) => Part::Slow,
        // What there is to do in the ledger, one only sees in a whole copy.
        None if options.world == World::Ledger => Part::Watcher,
        None => {
            // Spread among the others, since they stand in the order of their numbers.
            let stride = options.sessions.div_ceil(options.watchers.max(1)).max(1);
            if number.is_multiple_of(stride) { Part::Watcher } else { Part::Light }
        }
    }
}

/// How many bots play which part, in words.
pub(super) fn behaviours(options: &LoadOptions) -> BTreeMap<String, usize> {
    let mut behaviours = BTreeMap::new();
    for number in 0..options.bots() {
        let name = match (part(options, number), options.world) {
            (Part::Closed, _) => "closed loop",
            (Part::Slow, _) => "slow reader",
            (_, World::Ledger) => "ledger",
            (Part::Watcher | Part::Light, World::Village | World::Meadow) => options.behaviour.name(),
        };
        *behaviours.entry(name.to_owned()).or_default() += 1;
    }
    behaviours
}

/// A job for each generator. Each part is dealt out evenly.
pub(super) fn jobs(
    options: &LoadOptions,
    address: &str,
    hellos: Vec<Hello>,
    patches: &[Vec<Tile>],
) -> Vec<Job> {
    let Some(build) = hellos.first().map(|hello| hello.build) else { return Vec::new() };
    let mut bots: Vec<BotJob> = hellos
        .into_iter()
        .enumerate()
        .map(|(number, hello)| BotJob {
            character: hello.character,
            token: hello.access_token,
            part: part(options, number),
            patch: patches.get(number).cloned().unwrap_or_default(),
            cuts: VecDeque::new(),
        })
        .collect();
    plan_cuts(options, &mut bots);
    bots.sort_by_key(|bot| bot.part);
    let mut jobs: Vec<Job> = (0..options.generators.max(1))
        .map(|_| Job {
            world: options.world,
            address: address.to_owned(),
            build,
            behaviour: options.behaviour,
            seed: options.seed,
            rate: options.rate,
            ramp: options.ramp,
            warmup: options.warmup,
            duration: options.duration,
            bots: Vec::new(),
        })
        .collect();
    let count = jobs.len();
    for (place, bot) in bots.into_iter().enumerate() {
        jobs[place % count].bots.push(bot);
    }
    jobs
}

/// Evenly over the load, each from a light bot that the dice choose.
fn plan_cuts(options: &LoadOptions, bots: &mut [BotJob]) {
    let mut rng = StdRng::seed_from_u64(options.seed);
    let mut light: Vec<_> = bots.iter_mut().filter(|bot| bot.part == Part::Light).collect();
    if options.reconnects == 0 || light.is_empty() {
        return;
    }
    let every = Duration::from_secs(60) / options.reconnects;
    let mut at = every.mul_f64(rng.random_range(0.0..1.0));
    while at < options.warmup + options.duration {
        let chosen = rng.random_range(0..light.len());
        light[chosen].cuts.push_back(at);
        at += every;
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{BuildId, EntityId};

    use super::super::Behaviour;
    use super::*;

    fn options() -> LoadOptions {
        LoadOptions {
            world: World::Village,
            sessions: 100,
            closed_beside: 5,
            slow_readers: 4,
            watchers: 10,
            reconnects: 60,
            generators: 3,
            rate: 2.0,
            behaviour: Behaviour::Spread,
            ramp: Duration::ZERO,
            warmup: Duration::from_secs(10),
            duration: Duration::from_secs(20),
            tick_hz: None,
            database_delay: Duration::ZERO,
            stall: Duration::ZERO,
            seed: 1,
            foreign: None,
        }
    }

    fn planned(options: &LoadOptions) -> Vec<Job> {
        let hello = |number: u64| Hello {
            build: BuildId([1; 16]),
            access_token: String::new(),
            character: EntityId(2 * number + 1),
            resume: None,
            held: None,
            oldest_unanswered: None,
        };
        jobs(options, "127.0.0.1:1", (0..109_u64).map(hello).collect(), &[])
    }

    #[test]
    fn every_generator_gets_its_share_of_each_part() {
        let jobs = planned(&options());
        let count = |job: &Job, part| job.bots.iter().filter(|bot| bot.part == part).count();
        for (part, all) in [(Part::Watcher, 10), (Part::Light, 90), (Part::Closed, 5), (Part::Slow, 4)] {
            let counts: Vec<_> = jobs.iter().map(|job| count(job, part)).collect();
            assert_eq!(counts.iter().sum::<usize>(), all);
            assert!(counts.iter().all(|count| count.abs_diff(all / 3) <= 1), "{part:?}: {counts:?}");
        }
    }

    #[test]
    fn so_many_connections_are_cut_each_minute_and_the_same_ones_each_time() {
        let cuts = || {
            let jobs = planned(&options());
            let bots = jobs.into_iter().flat_map(|job| job.bots);
            bots.map(|bot| (bot.part, bot.cuts)).filter(|(_, cuts)| !cuts.is_empty()).collect::<Vec<_>>()
        };
        let first = cuts();
        assert_eq!(first.iter().map(|(_, cuts)| cuts.len()).sum::<usize>(), 30);
        assert!(first.iter().all(|(part, _)| *part == Part::Light));
        assert_eq!(first, cuts());
    }

    #[test]
    fn in_the_ledger_everybody_has_a_whole_client() {
        let options = LoadOptions { world: World::Ledger, ..options() };
        assert!((0..100).all(|number| part(&options, number) == Part::Watcher));
    }
}
