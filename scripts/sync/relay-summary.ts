/** What a drain did, by outcome. */
export interface RelaySummary {
  delivered: number;
  not_sent: number;
  unknown: number;
  lost: number;
}
