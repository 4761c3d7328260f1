/**
 * From written text to segments of token ids: normaliser, glossary, tokenizer, splitter.
 *
 * <p>{@link dev.syrinx.text.TextFrontEnd} ties the steps together; each step is a class of its own, so that one of them can be replaced
 * or replayed alone. Everything here is pure Java: a damaged model file ends in an exception, never in a crash of the process.
 */
package dev.syrinx.text;
