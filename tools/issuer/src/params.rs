//! Parameters of a request, in a query or in a form.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The most bytes of a client's request, in a query or a form.
pub(crate) const REQUEST_BYTES_MAX: usize = 8 * 1024;
/// The most bytes of a form of ours: it carries a request along, which may be three times as long when it is encoded
/// once more.
pub(crate) const FORM_BYTES_MAX: usize = 4 * REQUEST_BYTES_MAX;

/// Parameters by name, each there once.
#[derive(Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

/// Why parameters cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    #[error("the parameters are longer than {0} bytes")]
    TooLong(usize),
    #[error("a parameter is there twice")]
    Repeated,
}

impl Params {
    /// Reads `text`, of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// Where it is too long, or says something twice.
    pub(crate) fn read(text: &str, bytes_max: usize) -> Result<Self, ParamsError> {
        if text.len() > bytes_max {
            return Err(ParamsError::TooLong(bytes_max));
        }
        let mut params = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if params.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(ParamsError::Repeated);
            }
        }
        Ok(Self(params))
    }

    /// A parameter. One without a value is as if it were not there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The same as a text of its own.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_parameter_is_not_there_and_a_repeated_one_is_refused() {
        let params = Params::read("a=&b=1%20+2", 11).unwrap();
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (None, Some("1  2"), None));
        assert_eq!(Params::read("a=1&a=1", 7).unwrap_err(), ParamsError::Repeated);
        assert_eq!(Params::read("a=12", 3).unwrap_err(), ParamsError::TooLong(3));
    }
}
