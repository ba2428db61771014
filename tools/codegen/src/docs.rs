//! What types, fields and variants mean: the documentation that stands beside them in the sources.
//!
//! Every public item has one, which a lint sees to; so there is no second text that could say something else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Texts by `Type`, `Type.field` and `Type::Variant`.
#[derive(Debug, Default)]
pub(crate) struct Docs {
    texts: BTreeMap<String, String>,
}

impl Docs {
    /// The documentation in all Rust files below `folders`. A name that several types share is nobody's.
    pub(crate) fn read(root: &Path, folders: &[&str]) -> Result<Self> {
        let mut docs = Self::default();
        for folder in folders {
            docs.read_folder(&root.join(folder))?;
        }
        Ok(docs)
    }

    fn read_folder(&mut self, folder: &Path) -> Result<()> {
        let entries =
            fs::read_dir(folder).with_context(|| format!("read the folder {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                self.read_folder(&path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
                self.read_source(&text).with_context(|| format!("parse {}", path.display()))?;
            }
        }
        Ok(())
    }

    fn read_source(&mut self, source: &str) -> Result<()> {
        for item in syn::parse_file(source)?.items {
            match item {
                syn::Item::Struct(item) => {
                    let name = item.ident.to_string();
                    for field in &item.fields {
                        if let Some(ident) = &field.ident {
                            self.note(format!("{name}.{ident}"), &field.attrs);
                        }
                    }
                    self.note(name, &item.attrs);
                }
                syn::Item::Enum(item) => {
                    let name = item.ident.to_string();
                    for variant in &item.variants {
                        self.note(format!("{name}::{}", variant.ident), &variant.attrs);
                    }
                    self.note(name, &item.attrs);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, name: String, attributes: &[syn::Attribute]) {
        let text = text_of(attributes);
        if text.is_empty() {
            return;
        }
        self.texts
            .entry(name)
            .and_modify(|known| {
                if *known != text {
                    known.clear();
                }
            })
            .or_insert(text);
    }

    /// What `name` means.
    pub(crate) fn of(&self, name: &str) -> Result<&str> {
        let text = self.texts.get(name).filter(|text| !text.is_empty()).map(String::as_str);
        text.with_context(|| format!("{name} has no documentation that is its alone"))
    }
}

/// The paragraphs of a documentation comment, each on one line, without the links of Rust's own documentation.
fn text_of(attributes: &[syn::Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let syn::Meta::NameValue(meta) = &attribute.meta else { continue };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &meta.value else { continue };
        let line = line.value();
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.trim().replace("[`", "`").replace("`]", "`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
        /// What lies
        /// here ([`Thing`]).
        ///
        /// More.
        pub struct Place { /** Wide. */ pub width: u8 }
        /// Either.
        pub enum Choice { /// One.
            First }
        mod tests {}
    ";

    #[test]
    fn comments_become_paragraphs_without_links() {
        let mut docs = Docs::default();
        docs.read_source(SOURCE).unwrap();
        assert_eq!(docs.of("Place").unwrap(), "What lies here (`Thing`).\n\nMore.");
        assert_eq!(docs.of("Place.width").unwrap(), "Wide.");
        assert_eq!(docs.of("Choice::First").unwrap(), "One.");
        assert!(docs.of("Choice::Second").is_err());
    }

    #[test]
    fn a_name_that_two_types_share_means_neither() {
        let mut docs = Docs::default();
        docs.read_source(SOURCE).unwrap();
        docs.read_source("/// Something else.\npub struct Place;").unwrap();
        assert!(docs.of("Place").is_err());
    }
}
