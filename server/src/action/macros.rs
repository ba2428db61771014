//! The two lists that a game writes: its verbs, and the reasons for which a verb says no.

/// Joins a game's verbs into one type: `actions! { /// … pub enum Verb { 1: Move in r#move, 2: Say in say } }`.
///
/// Each is a type that is an [`Action`](crate::action::Action), named as it stands in the list; where the list says in
/// which module it is, it is made known beside the list. (The modules themselves are declared by hand: what a macro
/// declares, rustfmt does not find.) The tags (1 to 255) are the wire and the codes: a new verb gets a new one, and none
/// is used again.
#[macro_export]
macro_rules! actions {
    ($(#[$meta:meta])* $visibility:vis enum $verbs:ident {
        $($tag:literal: $action:ident $(in $module:ident)?),* $(,)?
    }) => {
        $($($visibility use self::$module::$action;)?)*

        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $verbs {
            $(#[doc = concat!("[`", stringify!($action), "`]")] $action($action)),*
        }

        const _: () = {
            use $crate::action::{Action, Actor, Outcome, Verbs};
            use $crate::macro_support as support;
            use support::serde::de::{Deserializer, EnumAccess, Error, VariantAccess, Visitor};
            use support::serde::{Deserialize, Serialize, Serializer};

            $(const _: () = assert!($tag > 0_u8, "tag 0 is the engine's");)*

            impl Serialize for $verbs {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        $(Self::$action(action) => serializer.serialize_newtype_variant(
                            stringify!($verbs), $tag, stringify!($action), action,
                        ),)*
                    }
                }
            }

            impl<'de> Deserialize<'de> for $verbs {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct ByTag;
                    impl<'de> Visitor<'de> for ByTag {
                        type Value = $verbs;

                        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                            f.write_str("a verb's tag and its payload")
                        }

                        fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<$verbs, A::Error> {
                            let (tag, payload) = data.variant::<u32>()?;
                            match tag {
                                $($tag => payload.newtype_variant().map($verbs::$action),)*
                                _ => Err(A::Error::custom("no verb has this tag")),
                            }
                        }
                    }
                    let names = &[$(stringify!($action)),*];
                    deserializer.deserialize_enum(stringify!($verbs), names, ByTag)
                }
            }

            impl Verbs for $verbs {
                fn pace(&self) -> support::Pace {
                    match self {
                        $(Self::$action(_) => <$action as Action>::PACE,)*
                    }
                }

                fn cooldown_ticks(&self) -> u64 {
                    match self {
                        $(Self::$action(_) => <$action as Action>::COOLDOWN_TICKS,)*
                    }
                }

                fn name(&self) -> &'static str {
                    match self {
                        $(Self::$action(_) => <$action as Action>::NAME,)*
                    }
                }

                fn is_in_history(&self) -> bool {
                    match self {
                        $(Self::$action(_) => <$action as Action>::IN_HISTORY,)*
                    }
                }

                fn journaled(&self) -> Vec<u8> {
                    let (tag, payload): (u32, _) = match self {
                        $(Self::$action(action) => ($tag, action.journaled()),)*
                    };
                    let mut bytes = support::encode(&tag);
                    bytes.extend(payload);
                    bytes
                }

                fn decide(&self, me: Actor, world: &mut support::World) -> Result<Outcome, support::Code> {
                    match self {
                        $(Self::$action(action) => $crate::action::attempt($tag, action, me, world),)*
                    }
                }

                fn wire() -> Vec<(u8, &'static str, &'static support::NamedType)> {
                    vec![$((
                        $tag,
                        <$action as Action>::NAME,
                        <$action as support::Schema>::SCHEMA,
                    )),*]
                }

                fn replies() -> Vec<(u8, &'static support::NamedType)> {
                    let replies = [$(($tag, <$action as Action>::REPLY)),*];
                    replies.into_iter().filter_map(|(tag, reply)| Some((tag, reply?))).collect()
                }

                fn codes() -> Vec<support::CodeEntry> {
                    let mut codes = Vec::new();
                    $(codes.extend($crate::action::codes_of::<$action>($tag));)*
                    codes
                }
            }
        };
    };
}

/// The reasons for which a verb says no: `rejections! { /// … pub enum CannotMove { 1 Blocked "blocked" "Something is in
/// the way."; } }`.
///
/// The numbers (1 to 255) are stable; the names are unique within the game; the sentences are for people.
#[macro_export]
macro_rules! rejections {
    ($(#[$meta:meta])* $visibility:vis enum $rejection:ident {
        $($number:literal $variant:ident $name:literal $says:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $rejection {
            $(#[doc = $says] $variant),*
        }

        impl $crate::action::Rejection for $rejection {
            const VARIANTS: &'static [$crate::action::RejectionVariant] = &[$(
                $crate::action::RejectionVariant { number: $number, name: $name, says: $says }
            ),*];

            fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }
        }
    };
}
