// What went wrong with a sign-in, from whatever was thrown.
import * as oauth from "oauth4webapi";

import type { SignInFault } from "../strings/sign_in.ts";

/** A sign-in that did not come to its end. */
export class SignInFailure extends Error {
  override readonly name = "SignInFailure";
  readonly fault: SignInFault;

  constructor(fault: SignInFault, options?: ErrorOptions) {
    super(fault, options);
    this.fault = fault;
  }
}

/** The fault behind an error of any kind. What cannot be told apart from a lost connection is taken for one. */
export function faultOf(error: unknown): SignInFault {
  if (error instanceof SignInFailure) return error.fault;
  if (error instanceof oauth.AuthorizationResponseError) return faultOfCode(error.error);
  if (error instanceof oauth.ResponseBodyError) return error.status >= 500 ? "provider_down" : faultOfCode(error.error);
  if (error instanceof oauth.OperationProcessingError) {
    return error.code === oauth.JWT_TIMESTAMP_CHECK ? "wrong_clock" : "refused";
  }
  return error instanceof oauth.UnsupportedOperationError ? "refused" : "provider_down";
}

/** The fault that a provider names. */
function faultOfCode(code: string): SignInFault {
  switch (code) {
    case "access_denied":
      return "denied";
    case "invalid_grant":
      return "too_late";
    case "server_error":
    case "temporarily_unavailable":
      return "provider_down";
    default:
      return "refused";
  }
}
