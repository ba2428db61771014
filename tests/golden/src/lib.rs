//! Golden vectors: what each message looks like, byte for byte, and what it says, in a form that every language reads.
//!
//! A file of vectors is a JSON object from a vector's name to its bytes (`hex`) and its value in plain JSON
//! (described in `plain.rs`). A difference between the file and what the code writes is a difference on the wire, and so another
//! build. Where it is meant, the file is written anew by running its test with `HOLDFAST_BLESS=1`.

mod plain;

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use postcard_schema::Schema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use plain::{hex, plain};

/// The vectors of one file, in the making.
#[derive(Debug)]
pub struct Vectors {
    path: PathBuf,
    vectors: Map<String, Value>,
}

impl Vectors {
    /// None yet; they belong into `file`, beside this crate.
    #[must_use]
    pub fn of(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        Self { path, vectors: Map::new() }
    }

    /// Adds `value`, which must read back as the same.
    ///
    /// # Panics
    /// Where it does not, or the name is taken.
    pub fn add<T>(&mut self, name: &str, value: &T)
    where
        T: Serialize + DeserializeOwned + Schema + PartialEq + Debug,
    {
        let as_json = serde_json::to_value(value).expect("wire types are values of JSON");
        self.add_as(name, value, plain(T::SCHEMA, &as_json));
    }

    /// Adds a verb, whose tag is not in any schema: `payload` is what follows the tag.
    ///
    /// # Panics
    /// As [`Self::add`].
    pub fn add_verb<V, P>(&mut self, name: &str, verb: &V, (verb_name, payload): (&str, &P))
    where
        V: Serialize + DeserializeOwned + PartialEq + Debug,
        P: Serialize + Schema,
    {
        let as_json = serde_json::to_value(payload).expect("wire types are values of JSON");
        let value = json!({ "type": verb_name, "value": plain(P::SCHEMA, &as_json) });
        self.add_as(name, verb, value);
    }

    fn add_as<T>(&mut self, name: &str, value: &T, plain: Value)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let bytes = postcard::to_stdvec(value).expect("wire types have sequences of known length");
        let read: T = postcard::from_bytes(&bytes).expect(name);
        assert_eq!(&read, value, "{name} reads back as itself");
        let vector = Map::from_iter([("hex".to_owned(), hex(&bytes).into()), ("value".to_owned(), plain)]);
        assert!(self.vectors.insert(name.to_owned(), vector.into()).is_none(), "{name} is there twice");
    }

    /// Compares with the file; writes it instead where `HOLDFAST_BLESS` is set.
    ///
    /// # Panics
    /// Where the file says something else.
    pub fn check(self) {
        if std::env::var_os("HOLDFAST_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&self.vectors).expect("it is JSON") + "\n";
            std::fs::write(&self.path, text).expect("the vectors' folder can be written to");
        }
        let text = std::fs::read_to_string(&self.path).expect("there is such a file of vectors");
        let golden: Map<String, Value> = serde_json::from_str(&text).expect("it is JSON");
        for (name, vector) in &self.vectors {
            assert_eq!(golden.get(name), Some(vector), "{name}");
        }
        assert_eq!(golden.len(), self.vectors.len(), "a message has gone from the wire");
    }
}
