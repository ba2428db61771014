//! Parameters of a request, in a query or in a form.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The most bytes of a query or a form that are looked at.
pub(crate) const BYTES_MAX: usize = 8 * 1024;

/// Parameters by name, each there once.
#[derive(Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

/// Why parameters cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    #[error("the parameters are longer than {BYTES_MAX} bytes")]
    TooLong,
    #[error("a parameter is there twice")]
    Repeated,
}

impl Params {
    /// Reads `text`.
    ///
    /// # Errors
    /// Where it is too long, or says something twice.
    pub(crate) fn read(text: &str) -> Result<Self, ParamsError> {
        if text.len() > BYTES_MAX {
            return Err(ParamsError::TooLong);
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
        let params = Params::read("a=&b=1%20+2").unwrap();
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (None, Some("1  2"), None));
        assert_eq!(Params::read("a=1&a=1").unwrap_err(), ParamsError::Repeated);
        assert_eq!(Params::read(&"a".repeat(BYTES_MAX + 1)).unwrap_err(), ParamsError::TooLong);
    }
}
