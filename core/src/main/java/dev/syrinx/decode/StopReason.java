package dev.syrinx.decode;

/** Why a generation ended. */
public enum StopReason {
  /** The model ended it. */
  STOP_TOKEN,
  /** The limit of codes was reached: the speech may be cut off. */
  MAX_TOKENS,
  /** The listener wanted no more. */
  CANCELLED
}
