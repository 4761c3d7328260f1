/**
 * Byte-level byte-pair encoding from a {@code tokenizer.json}, without native code. Only what Qwen's tokenizers use is understood;
 * everything else in such a file is refused by name.
 */
package dev.syrinx.text.bytelevel;
