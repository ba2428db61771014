// What the address bar says when the page opens: nothing, or what a provider answers.

/** How somebody arrives. */
export type Arrival =
  /** By the address alone. */
  | { readonly type: "plain" }
  /** From the provider. The parameters are for whoever checks them, as they are. */
  | { readonly type: "answer"; readonly parameters: URLSearchParams; readonly state: string | null; readonly error: string | null };

/** Reads the part of the address behind the path. */
export function readArrival(search: string): Arrival {
  const parameters = new URLSearchParams(search);
  const error = parameters.get("error");
  if (!parameters.has("code") && error === null) return { type: "plain" };
  return { type: "answer", parameters, state: parameters.get("state"), error };
}

/** The errors by which a provider that was to show nothing says that it would have to: nothing went wrong. */
const NEEDS_A_PERSON = new Set([
  "login_required",
  "interaction_required",
  "consent_required",
  "account_selection_required",
]);

/** Whether this answer only means that the person has to sign in themselves. */
export function needsAPerson(error: string): boolean {
  return NEEDS_A_PERSON.has(error);
}
