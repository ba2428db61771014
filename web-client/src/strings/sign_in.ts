// What people read about signing in. A translation is another table like this one.

/** Why a sign-in did not come to its end. */
export type SignInFault =
  /** The person said no. */
  | "denied"
  /** The provider cannot be reached, or has trouble of its own. */
  | "provider_down"
  /** The answer belongs to no sign-in that this page has begun, or to an older one. */
  | "not_ours"
  /** The code was used or is too old. */
  | "too_late"
  /** The token is from another time than this device's. */
  | "wrong_clock"
  /** The browser keeps nothing, not even for a moment. */
  | "keeps_nothing"
  /** The provider refuses, and a person can do nothing about it. */
  | "refused";

export const SIGN_IN_SAYS: Readonly<Record<SignInFault, string>> = {
  denied: "You did not sign in. Nothing is lost: sign in whenever you like.",
  provider_down: "Signing in is not possible right now. What was saved is safe; try again in a moment.",
  not_ours: "That sign-in was not begun here, or was begun long ago. Sign in again.",
  too_late: "That sign-in took too long. Sign in again.",
  wrong_clock: "The clock of this device is wrong, so your sign-in could not be checked. Set the clock, then sign in again.",
  keeps_nothing: "This browser keeps nothing for this page, and signing in needs that for a moment. Allow it to store site data.",
  refused: "Signing in was refused. If it happens again, tell whoever runs this world.",
};
