/** The scripted partner; it lives with the conformance suite, which uses it too. */
export {
  HttpPartner,
  reply,
  type Answer,
  type ReceivedRequest,
} from "../../scripts/certify/http-partner.ts";
