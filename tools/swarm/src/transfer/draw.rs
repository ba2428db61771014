//! Between which two purses a transfer goes: by lot, all alike, or a few of them most of the time.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Zipf};
use serde::{Serialize, Serializer};

/// How transfers are spread over the purses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Every purse as often as any other.
    Uniform,
    /// The purse of rank *k* in proportion to *k* to the power of minus this.
    Zipf(f64),
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::Zipf(exponent) => write!(f, "Zipf {exponent}"),
        }
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            _ if text == "uniform" => Ok(Self::Uniform),
            // Below and above, pgbench draws none.
            Ok(exponent) if (1.001..=1_000.0).contains(&exponent) => Ok(Self::Zipf(exponent)),
            _ => Err("a spread is `uniform`, or Zipf's exponent from 1.001 to 1000".to_owned()),
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Draws pairs of purses. The same seed draws the same ones.
#[derive(Debug)]
pub(super) struct Pairs {
    rng: StdRng,
    count: usize,
    zipf: Option<Zipf<f64>>,
}

impl Pairs {
    /// Of so many purses.
    pub(super) fn new(shape: Shape, count: usize, seed: u64) -> Result<Self> {
        ensure!(count >= 2, "a transfer is between two purses");
        let zipf = match shape {
            Shape::Uniform => None,
            Shape::Zipf(exponent) => Some(Zipf::new(f64::from(u32::try_from(count)?), exponent)?),
        };
        Ok(Self { rng: StdRng::seed_from_u64(seed), count, zipf })
    }

    /// From which and to which: two different places below the count.
    pub(super) fn next(&mut self) -> (usize, usize) {
        let from = self.one();
        loop {
            let to = self.one();
            if to != from {
                return (from, to);
            }
        }
    }

    fn one(&mut self) -> usize {
        match self.zipf {
            None => self.rng.random_range(0..self.count),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rank is a whole number from one to the count"
            )]
            Some(zipf) => (zipf.sample(&mut self.rng) as usize).clamp(1, self.count) - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 50_000;

    /// How often each of the first ten of a thousand purses takes part, as shares of all draws.
    fn shares(shape: Shape) -> Vec<f64> {
        let mut pairs = Pairs::new(shape, 1_000, 7).unwrap();
        let mut counts = vec![0_u32; 1_000];
        for _ in 0..DRAWS {
            let (from, to) = pairs.next();
            assert_ne!(from, to);
            counts[from] += 1;
        }
        counts[..10].iter().map(|count| f64::from(*count) / 50_000.0).collect()
    }

    #[test]
    fn the_first_draw_of_a_pair_follows_zipfs_law() {
        let ranks = || (1..=1_000).map(f64::from);
        let total: f64 = ranks().map(|rank| rank.powf(-1.5)).sum();
        for (share, rank) in shares(Shape::Zipf(1.5)).into_iter().zip(ranks()) {
            let wanted = rank.powf(-1.5) / total;
            assert!((share - wanted).abs() < 0.01, "rank {rank}: {share} instead of {wanted}");
        }
    }

    #[test]
    fn uniform_draws_have_no_favourite() {
        assert!(shares(Shape::Uniform).into_iter().all(|share| share < 0.002));
    }

    #[test]
    fn the_same_seed_draws_the_same_pairs() {
        let pairs = |seed| {
            let mut pairs = Pairs::new(Shape::Zipf(1.5), 100, seed).unwrap();
            (0..20).map(|_| pairs.next()).collect::<Vec<_>>()
        };
        assert_eq!(pairs(3), pairs(3));
        assert_ne!(pairs(3), pairs(4));
    }

    #[test]
    fn a_spread_is_said_by_a_word_or_a_number() {
        assert_eq!("uniform".parse(), Ok(Shape::Uniform));
        assert_eq!("1.5".parse(), Ok(Shape::Zipf(1.5)));
        for wrong in ["", "1", "NaN", "zipf"] {
            assert!(wrong.parse::<Shape>().is_err(), "{wrong}");
        }
    }
}
