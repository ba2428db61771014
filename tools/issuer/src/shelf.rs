//! A shelf: things that are kept for a while, with room for so many.
//!
//! Everything on one shelf is kept for the same time, so what was put there first also runs out first. Where a shelf
//! is full, the oldest thing goes to make room: nobody can fill the memory, and who is pushed out signs in again.

use std::collections::{BTreeMap, HashMap};

/// Things by their secret names.
#[derive(Debug)]
pub(crate) struct Shelf<V> {
    life_s: u64,
    capacity: usize,
    things: HashMap<String, Thing<V>>,
    /// The names in the order in which they were put here.
    order: BTreeMap<u64, String>,
    put_count: u64,
}

#[derive(Debug)]
struct Thing<V> {
    value: V,
    until_s: u64,
    place: u64,
}

impl<V> Shelf<V> {
    /// An empty shelf, for `capacity` things (at least one) that are kept for `life_s` seconds.
    pub(crate) fn new(life_s: u64, capacity: usize) -> Self {
        Self {
            life_s,
            capacity: capacity.max(1),
            things: HashMap::new(),
            order: BTreeMap::new(),
            put_count: 0,
        }
    }

    /// Puts something here; its time begins now. Where the shelf is full, the oldest thing goes.
    pub(crate) fn put(&mut self, name: String, value: V, now_s: u64) {
        self.take(&name, now_s);
        while let Some((_, oldest)) = self.order.first_key_value() {
            let ran_out = self.things.get(oldest).is_none_or(|thing| thing.until_s <= now_s);
            if !ran_out && self.things.len() < self.capacity {
                break;
            }
            if let Some((_, oldest)) = self.order.pop_first() {
                self.things.remove(&oldest);
            }
        }
        let place = self.put_count;
        self.put_count += 1;
        self.order.insert(place, name.clone());
        self.things.insert(name, Thing { value, until_s: now_s.saturating_add(self.life_s), place });
    }

    /// What has this name and has not run out.
    pub(crate) fn get(&self, name: &str, now_s: u64) -> Option<&V> {
        self.things.get(name).filter(|thing| thing.until_s > now_s).map(|thing| &thing.value)
    }

    /// The same, to be changed. Its time does not begin anew.
    pub(crate) fn get_mut(&mut self, name: &str, now_s: u64) -> Option<&mut V> {
        self.things.get_mut(name).filter(|thing| thing.until_s > now_s).map(|thing| &mut thing.value)
    }

    /// Takes what has this name away; none where it had run out.
    pub(crate) fn take(&mut self, name: &str, now_s: u64) -> Option<V> {
        let thing = self.things.remove(name)?;
        self.order.remove(&thing.place);
        (thing.until_s > now_s).then_some(thing.value)
    }

    /// Takes everything away that `is_kept` does not hold for.
    pub(crate) fn keep(&mut self, is_kept: impl Fn(&V) -> bool) {
        self.things.retain(|_, thing| is_kept(&thing.value));
        self.order.retain(|_, name| self.things.contains_key(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shelf_gives_up_the_oldest() {
        let mut shelf = Shelf::new(10, 2);
        for name in ["a", "b", "c"] {
            shelf.put(name.to_owned(), name, 0);
        }
        assert_eq!(["a", "b", "c"].map(|name| shelf.get(name, 0).is_some()), [false, true, true]);
        shelf.put("b".to_owned(), "again", 1);
        shelf.put("d".to_owned(), "d", 1);
        assert_eq!(["b", "c", "d"].map(|name| shelf.get(name, 1).is_some()), [true, false, true]);
        assert_eq!((shelf.things.len(), shelf.order.len()), (2, 2));
    }

    #[test]
    fn what_ran_out_is_not_there_and_makes_room() {
        let mut shelf = Shelf::new(10, 8);
        shelf.put("a".to_owned(), 1, 0);
        assert_eq!((shelf.get("a", 9), shelf.get("a", 10)), (Some(&1), None));
        shelf.put("b".to_owned(), 2, 10);
        assert_eq!(shelf.things.len(), 1);
        assert_eq!(shelf.take("b", 20), None);
    }

    #[test]
    fn what_is_not_kept_is_gone() {
        let mut shelf = Shelf::new(10, 8);
        shelf.put("a".to_owned(), 1, 0);
        shelf.put("b".to_owned(), 2, 0);
        shelf.keep(|value| *value == 2);
        assert_eq!((shelf.get("a", 0), shelf.get("b", 0), shelf.order.len()), (None, Some(&2), 1));
    }
}
